/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists in the words of the show commands. */
#include "vmmq/show/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void check_processors(const char *json, const char *expected)
{
	json_t *list = json_loads(json, JSON_DECODE_ANY, NULL);
	char *text = show_processors(list);

	assert_string_equal(text, expected);
	free(text);
	json_decref(list);
}

static void processors_are_runs(void **state)
{
	(void)state;
	check_processors("[]", "none");
	check_processors("null", "none");
	check_processors("[7]", "7");
	check_processors("[0, 1]", "0, 1");
	check_processors("[0, 1, 2, 3, 8]", "0-3, 8");
	check_processors("[3, 2, 1, 0]", "3, 2, 1, 0"); /* an order is kept: preferred first */
	check_processors("[5, 64, 65, 66]", "5, 64-66");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processors_are_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
