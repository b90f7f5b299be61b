#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each public header compiles alone, as C11 and as C++17: headers_test.sh SOURCE_ROOT.
set -eu
root=$1
for header in "$root"/include/vmmq/*.h; do
	name=vmmq/$(basename "$header")
	for compiler in "cc -std=c11 -x c" "c++ -std=c++17 -x c++"; do
		command -v "${compiler%% *}" >/dev/null || continue
		# shellcheck disable=SC2086 # a compiler and its options
		echo "#include <$name>" | $compiler -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$root/include" - || {
			echo "$name does not compile alone: $compiler" >&2
			exit 1
		}
	done
done
