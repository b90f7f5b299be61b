/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and lists in the words of the show commands. */
#include "vmmq/show/show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void short_numbers_keep_three_digits(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0" },           { 999, "999" },         { 99999, "99,999" },
		{ 100000, "100k" },   { 999499, "999k" },     { 999500, "1.00M" },
		{ 9994999, "9.99M" }, { 9995000, "10.0M" },   { 99949999, "99.9M" },
		{ 99950000, "100M" }, { 999500000, "1.00G" }, { UINT64_MAX, "18.4E" },
	};
	char text[SHOW_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < SHOW_COUNT(cases); i++)
		assert_string_equal(show_short(cases[i].n, text), cases[i].text);
}

static void times_have_fitting_units(void **state)
{
	char text[SHOW_TEXT_MAX];

	(void)state;
	assert_string_equal(show_microseconds(999, text), "999 us");
	assert_string_equal(show_microseconds(1000, text), "1.0 ms");
	assert_string_equal(show_microseconds(2500000, text), "2.5 s");
	assert_string_equal(show_duration(-1, text), "0 s");
	assert_string_equal(show_duration(59.9, text), "59 s");
	assert_string_equal(show_duration(60, text), "1 min 0 s");
	assert_string_equal(show_duration(3725.2, text), "1 h 2 min");
	assert_string_equal(show_duration(90000, text), "1 d 1 h");
	assert_string_equal(show_share(0.305, text), "30.5 %");
}

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
		cmocka_unit_test(short_numbers_keep_three_digits),
		cmocka_unit_test(times_have_fitting_units),
		cmocka_unit_test(processors_are_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
