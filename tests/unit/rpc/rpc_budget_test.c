/* SPDX-License-Identifier: BSD-2-Clause */
/* A budget ends by number, cost and time, each alone; and a request costs no less than it takes. */
#include "rpc/rpc_budget.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rpc/rpc_client.h"

static void test_ends(void **state)
{
	struct rpc_budget budget = rpc_budget_client(1000);

	(void)state;
	assert_true(rpc_budget_left(&budget, 1000));
	assert_false(rpc_budget_left(&budget, 1000 + RPC_CLIENT_NS));
	for (unsigned i = 0; i < RPC_CLIENT_REQUESTS; i++) {
		assert_true(rpc_budget_left(&budget, 1000));
		rpc_budget_spend(&budget, 1);
	}
	assert_false(rpc_budget_left(&budget, 1000));
	rpc_budget_spend(&budget, 1);
	assert_false(rpc_budget_left(&budget, 1000));
	budget = rpc_budget_round(0);
	rpc_budget_spend(&budget, RPC_ROUND_COST - 1);
	assert_true(rpc_budget_left(&budget, 0));
	rpc_budget_spend(&budget, RPC_COST_MAX); /* the last may be more than is left */
	assert_false(rpc_budget_left(&budget, 0));
	assert_true(rpc_budget_cost(RPC_LINE_MAX, RPC_TOKENS_MAX) <= RPC_COST_MAX);
}

static void check_cost(const char *line, size_t len)
{
	struct rpc_request request;
	struct rpc_error error = { 0 };
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, taken;

	rpc_request_parse(line, len, &request, &error);
	taken = mallinfo2().uordblks + mallinfo2().hblkhd - before + sizeof(struct rpc_job);
	if (taken > request.cost)
		fail_msg("%.60s...: %zu bytes taken, %zu expected at most", line, taken, request.cost);
	rpc_request_fini(&request);
}

/* Lines that make as much of each byte as they can. */
static void test_cost(void **state)
{
	static const char *const pieces[] = {
		"[]", "{}", "1", "\"\"", "{\"a\":{}}", "[[[[]]]]", "{\"\":\"\",\"b\":1.5}", "null"
	};
	static char line[RPC_LINE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		char *at =
		    line + sprintf(line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":{\"a\":[1");

		for (unsigned n = 0; n < RPC_TOKENS_MAX / 6; n++)
			at += sprintf(at, ",%s", pieces[i]);
		at += sprintf(at, "]}}");
		check_cost(line, (size_t)(at - line));
	}
	memset(line, 'x', sizeof(line));
	memcpy(line, "{\"jsonrpc\":\"2.0\",\"method\":\"", 27);
	memcpy(line + sizeof(line) - 2, "\"}", 2);
	check_cost(line, sizeof(line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
