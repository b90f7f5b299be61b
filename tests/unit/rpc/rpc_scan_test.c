/* SPDX-License-Identifier: BSD-2-Clause */
/* What is counted is never less than what the JSON parser makes. */
#include "rpc/rpc_scan.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/rpc_budget.h"

struct expected {
	const char *line;
	size_t tokens;
};

static const struct expected lines[] = {
	{ "", 0 },
	{ " \t,:", 0 },
	{ "{}", 1 },
	{ "[1,2,3]", 4 },
	{ "{\"a\":1}", 3 },
	{ "{\"a\":[true,null,-1e5,\"b\"],\"c\":{}}", 9 },
	{ "\"[[[[,,,,\"", 1 },
	{ "\"a\\\"[1,2]\\\\\",1", 2 },
	{ "\"never ends [1,2,3]", 1 },
	{ "\"ends in a backslash\\", 1 },
	{ "]]]]{", 1 },
	{ "nonsense{nonsense", 3 },
	{ "1\"a\"2", 3 },
};

static void test_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		size_t len = strlen(lines[i].line);
		char *exact = malloc(len + 1);
		struct rpc_scan scan;

		memcpy(exact, lines[i].line, len);
		assert_int_equal(rpc_scan(exact, len, &scan), RPC_SCAN_FITS);
		if (scan.tokens != lines[i].tokens)
			fail_msg("%s: %zu", lines[i].line, scan.tokens);
		free(exact);
	}
}

/* The last one that fits does, and one more is found where it stands. */
static void test_limits(void **state)
{
	static char line[4 * RPC_TOKENS_MAX];
	struct rpc_scan scan;

	(void)state;
	memset(line, '[', sizeof(line));
	assert_int_equal(rpc_scan(line, RPC_DEPTH_MAX, &scan), RPC_SCAN_FITS);
	assert_int_equal(rpc_scan(line, sizeof(line), &scan), RPC_SCAN_DEEP);
	assert_int_equal(scan.at, RPC_DEPTH_MAX);
	for (size_t i = 0; i < sizeof(line); i += 2)
		memcpy(line + i, "1,", 2);
	assert_int_equal(rpc_scan(line, 2 * RPC_TOKENS_MAX, &scan), RPC_SCAN_FITS);
	assert_int_equal(rpc_scan(line, sizeof(line), &scan), RPC_SCAN_MANY);
	assert_int_equal(scan.at, 2 * RPC_TOKENS_MAX);
	for (size_t i = 0; i < sizeof(line); i += 2) /* brackets that are closed are no depth */
		memcpy(line + i, "[]", 2);
	assert_int_equal(rpc_scan(line, 2 * RPC_TOKENS_MAX, &scan), RPC_SCAN_FITS);
}

/* values_of counts what a parser has made, names of members among it. */
static size_t values_of(json_t *value)
{
	size_t count = 1, i;
	const char *name;
	json_t *below;

	if (json_is_array(value))
		json_array_foreach(value, i, below) count += values_of(below);
	json_object_foreach(value, name, below) count += 1 + values_of(below);
	return count;
}

/* Random text of JSON's own characters: when it is JSON, the count is exact. */
static void test_random(void **state)
{
	static const char *const pieces[] = { "{",         "}", "[",    "]", ",",  ":", "\"a\"",
					      "\"b\\\"\"", "1", "true", " ", "\"", "\\" };
	unsigned good = 0;

	(void)state;
	srand(1);
	for (unsigned run = 0; run < 300000; run++) {
		char line[64] = "[";
		struct rpc_scan scan;
		json_t *value;

		for (unsigned i = (unsigned)rand() % 8; i; i--)
			strcat(line, pieces[(unsigned)rand() % (sizeof(pieces) / sizeof(pieces[0]))]);
		strcat(line, rand() % 2 ? "]" : "");
		value = json_loads(line, 0, NULL);
		assert_int_equal(rpc_scan(line, strlen(line), &scan), RPC_SCAN_FITS);
		if (!value)
			continue;
		good++;
		assert_int_equal(scan.tokens, values_of(value));
		json_decref(value);
	}
	assert_true(good > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
