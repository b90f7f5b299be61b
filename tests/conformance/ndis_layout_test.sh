#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Our NDIS layouts against Debian's mingw-w64-common, compiled for 64-bit Windows (no linking, no running), and the test of
# that test: ndis_layout_test.sh SOURCE_ROOT.  Needs the headers and clang only; exit status 77, skipped, without them.
set -eu
root=$1
headers=/usr/share/mingw-w64/include
if ! [ -f "$headers/ntddndis.h" ] || ! command -v clang >/dev/null; then
	echo "mingw-w64-common or clang is not installed"
	exit 77
fi

compile() {
	clang -target x86_64-w64-mingw32 -std=gnu11 -Wall -Werror -fsyntax-only -isystem "$headers" -I"$root/include" "$@" \
		"$root/tests/conformance/ndis_layout.c"
}

compile
if compile -DBREAK=1 2>/dev/null; then
	echo "an assertion that is wrong compiles" >&2
	exit 1
fi
