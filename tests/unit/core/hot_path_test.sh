#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Nothing slow on the packet's path: what its objects call is on this list, and nothing in them divides by a variable.
#   hot_path_test.sh BUILD-DIRECTORY
set -eu
build=${1:?usage: hot_path_test.sh BUILD-DIRECTORY}
files='parse.c classify.c classify_burst.c hash_type.c parse_plain.c toeplitz.c toeplitz_portable.c toeplitz_clmul.c'
files="$files toeplitz_vpclmul.c toeplitz_gfni.c tunnel.c inner_filter.c"
allowed='memcpy|memset|vmmq_parse|vmmq_filter_match|vmmq_view_steering|vmmq_classify|classify_one|vmmq_hash_choose|vmmq_hash_input'
allowed="$allowed|vmmq_toeplitz|toeplitz_(ops|portable|clmul|vpclmul|gfni)|plain_(row|transport)"
allowed="$allowed|inner_filter_match|parse_network|vmmq_parse_tunnel|vmmq_hash_choose_tunnel"
allowed="$allowed|__cpu_(model|features2)|_GLOBAL_OFFSET_TABLE_"
failed=0

object() {
	find "$build" -path "*libvmmq-core*.p/$1.o" | head -n 1
}

complain() {
	echo "hot_path_test: $*" >&2
	failed=1
}

for file in $files filter_table.c; do
	o=$(object "$file")
	if [ -z "$o" ]; then
		complain "no object of $file under $build"
		exit 1
	fi
	if nm -u "$o" | grep -qE '__(asan|ubsan|tsan|msan|sanitizer|gcov|llvm)_'; then
		echo "hot_path_test: instrumented build, skipped"
		exit 77
	fi
done
for file in $files; do
	o=$(object "$file")
	for symbol in $(nm -u "$o" | awk '{ print $2 }' | grep -vxE "$allowed|__stack_chk_fail" || true); do
		complain "$file calls $symbol"
	done
	if objdump -d --no-show-raw-insn "$o" | grep -E '[[:space:]]i?div[bwlq]?[[:space:]]'; then
		complain "$file divides"
	fi
done
# The table's construction shares its file with the lookup, so the lookup is looked at alone: it calls nothing.
lookup=$(objdump -dr --no-show-raw-insn --disassemble=vmmq_filter_match "$(object filter_table.c)")
if ! echo "$lookup" | grep -q '<vmmq_filter_match>:'; then
	complain "filter_table.c has no vmmq_filter_match"
fi
if echo "$lookup" | grep -E '[[:space:]](call|i?div)[bwlq]?[[:space:]]'; then
	complain "vmmq_filter_match calls or divides"
fi
exit $failed
