#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Each public header is installed and compiles alone, as C11 and as C++17: headers_test.sh SOURCE_ROOT.
# What is marked "Layout: not ABI" in them is what docs/architecture.md lists as such.
set -eu
root=$1
marked=$(cat "$root"/include/vmmq/*.h | awk '/Layout: not ABI/ { marked = 1 } /^struct / && marked { print $2; marked = 0 }' | sort)
# shellcheck disable=SC2016 # markdown's quotes
listed=$(sed -n '/^## Layouts that are not ABI/,/^## /s/^- `struct \(vmmq_[a-z_]*\)`.*/\1/p' "$root/docs/architecture.md" | sort)
[ "$marked" = "$listed" ] || {
	printf 'not ABI by the headers: %s\nby docs/architecture.md: %s\n' "$marked" "$listed" >&2
	exit 1
}
for header in "$root"/include/vmmq/*.h; do
	name=vmmq/$(basename "$header")
	grep -q "'include/$name'" "$root/meson.build" || {
		echo "$name is not installed" >&2
		exit 1
	}
	for compiler in "cc -std=c11 -x c" "c++ -std=c++17 -x c++"; do
		command -v "${compiler%% *}" >/dev/null || continue
		# shellcheck disable=SC2086 # a compiler and its options
		echo "#include <$name>" | $compiler -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$root/include" - || {
			echo "$name does not compile alone: $compiler" >&2
			exit 1
		}
	done
done
