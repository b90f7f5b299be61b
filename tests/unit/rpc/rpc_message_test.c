/* SPDX-License-Identifier: BSD-2-Clause */
/* What is a request and what is not, and what is answered then. */
#include "rpc/rpc_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct expected {
	const char *line;
	int code;       /* 0: a request */
	const char *id; /* as JSON; NULL: no answer is wanted */
};

static const struct expected lines[] = {
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}", 0, "1" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":-9007199254740993,\"method\":\"m\"}", 0, "-9007199254740993" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"m\",\"params\":{}}", 0, "1.5" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":\"\\u00e4\\n\",\"method\":\"m\"}", 0, "\"\xc3\xa4\\n\"" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}", 0, "null" },
	{ " {\"jsonrpc\":\"2.0\",\"method\":\"m\"}\t", 0, NULL },
	{ "", -32700, "null" },
	{ "nonsense", -32700, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"", -32700, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}}", -32700, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"m\"}", -32700, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1e999,\"method\":\"m\"}", -32700, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"method\":\"m\"}", -32700, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\\u0000\"}", -32700, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}", -32700, "null" },
	{ "[]", -32600, "null" },
	{ "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}]", -32600, "null" },
	{ "{}", -32600, "null" },
	{ "{\"jsonrpc\":\"2.0\"}", -32600, "null" },
	{ "{\"id\":1,\"method\":\"m\"}", -32600, "1" },
	{ "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"m\"}", -32600, "1" },
	{ "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"m\"}", -32600, "1" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"m\"}", -32600, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"m\"}", -32600, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"m\"}", -32600, "null" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600, "1" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"parms\":{}}", -32600, "1" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":[]}", -32602, "1" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\",\"params\":null}", -32602, "1" },
};

static void check_answer(const struct expected *expected, const struct rpc_request *request,
			 const struct rpc_error *error)
{
	json_t *answer = rpc_error_answer(request->id, error), *wrong = json_object_get(answer, "error");

	assert_non_null(answer);
	assert_int_equal(error->code, expected->code);
	assert_int_equal(json_integer_value(json_object_get(wrong, "code")), expected->code);
	assert_true(json_string_length(json_object_get(wrong, "message")) > 10);
	json_decref(answer);
}

static void check_id(const struct expected *expected, const struct rpc_request *request)
{
	char *id;

	if (!expected->id) {
		assert_null(request->id);
		return;
	}
	id = json_dumps(request->id, JSON_ENCODE_ANY | JSON_REAL_PRECISION(3));
	assert_string_equal(id, expected->id);
	free(id);
}

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct expected *expected = &lines[i];
		struct rpc_request request;
		struct rpc_error error = { 0 };
		bool good = rpc_request_parse(expected->line, strlen(expected->line), &request, &error);

		if (good != (expected->code == 0))
			fail_msg("%s", expected->line);
		check_id(expected, &request);
		if (good)
			assert_true(json_is_object(request.params));
		else
			check_answer(expected, &request, &error);
		rpc_request_fini(&request);
	}
}

/* Bytes that no JSON has, and nesting that no parser should follow, are refused like other text. */
static void test_hostile(void **state)
{
	static char deep[1 << 20];
	struct rpc_request request;
	struct rpc_error error = { 0 };

	(void)state;
	assert_false(rpc_request_parse("{\"a\":\0}", 7, &request, &error));
	assert_int_equal(error.code, RPC_NOT_JSON);
	rpc_request_fini(&request);
	memset(deep, '[', sizeof(deep));
	assert_false(rpc_request_parse(deep, sizeof(deep), &request, &error));
	assert_int_equal(error.code, RPC_NOT_A_REQUEST);
	rpc_request_fini(&request);
}

/* A path and a text that were cut inside a character are still an answer. */
static void test_cut_text(void **state)
{
	struct rpc_error error = { .code = RPC_REFUSED, .status = VMMQ_FAILURE };
	json_t *id = json_integer(1), *answer;

	(void)state;
	memset(error.why.path, 'x', sizeof(error.why.path) - 1);
	memcpy(error.why.path + sizeof(error.why.path) - 2, "\xc3", 2);
	strcpy(error.why.text, "name \xe2\x82");
	answer = rpc_error_answer(id, &error);
	assert_non_null(answer);
	json_decref(answer);
	json_decref(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_cut_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
