/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/number_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void thousands_have_separators(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0" },          { 999, "999" },        { 1000, "1,000" },
		{ 12345, "12,345" }, { 123456, "123,456" }, { UINT64_MAX, "18,446,744,073,709,551,615" },
	};
	char text[NUMBER_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(number_thousands(cases[i].n, text), cases[i].text);
		assert_string_equal(text, cases[i].text);
	}
}

static void three_digits_and_a_unit(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 1000, "1.00k" }, { 9994, "9.99k" },   { 9995, "10.0k" },   { 99949, "99.9k" },
		{ 99950, "100k" }, { 999499, "999k" },  { 999500, "1.00M" }, { 12.34e9, "12.3G" },
		{ 1e15, "1.00P" }, { 1.8e19, "18.0E" }, { 9.99e20, "999E" }, { 1e300, "999E" },
	};
	char text[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(number_scaled(cases[i].value, text, sizeof(text)), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(thousands_have_separators),
		cmocka_unit_test(three_digits_and_a_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
