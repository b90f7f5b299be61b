#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A program that knows only the installed headers and the .pc file builds and runs, against the shared and the static
# library: install_test.sh BUILD SOURCE_ROOT.
set -eu
build=$1 root=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
DESTDIR="$folder/root" meson install -C "$build" --no-rebuild --quiet >/dev/null
pc=$(dirname "$(find "$folder/root" -name libvmmq-core.pc)")
lib=$(dirname "$(find "$folder/root" -name libvmmq-core.a)")
export PKG_CONFIG_PATH="$pc" PKG_CONFIG_SYSROOT_DIR="$folder/root"
[ "$(pkg-config --modversion libvmmq-core)" ]
# shellcheck disable=SC2046 # words
cc -o "$folder/shared" "$root/examples/classify.c" $(pkg-config --cflags --libs libvmmq-core)
LD_LIBRARY_PATH="$lib" "$folder/shared"
# shellcheck disable=SC2046
cc -o "$folder/static" "$root/examples/classify.c" $(pkg-config --cflags libvmmq-core) "$lib/libvmmq-core.a"
"$folder/static"
"$folder/root"/usr/local/bin/vmmq --version
! nm -D --defined-only "$lib/libvmmq-core.so" | grep -v -E ' (vmmq_|VMMQ_|_init|_fini)' | grep -E ' [TDBR] ' || {
	echo "symbols other than vmmq_* are exported" >&2
	exit 1
}
