/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as the commands show them. */
#include "vmmq/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

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
	char text[FIGURE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(figure_short(cases[i].n, text), cases[i].text);
}

static void exact_numbers_have_separators(void **state)
{
	char text[FIGURE_SIZE];

	(void)state;
	assert_string_equal(figure_exact(0, text), "0");
	assert_string_equal(figure_exact(999, text), "999");
	assert_string_equal(figure_exact(1000, text), "1,000");
	assert_string_equal(figure_exact(UINT64_MAX, text), "18,446,744,073,709,551,615");
}

static void times_have_fitting_units(void **state)
{
	char text[FIGURE_SIZE];

	(void)state;
	assert_string_equal(figure_microseconds(999, text), "999 us");
	assert_string_equal(figure_microseconds(1000, text), "1.0 ms");
	assert_string_equal(figure_microseconds(2500000, text), "2.5 s");
	assert_string_equal(figure_duration(-1, text), "0 s");
	assert_string_equal(figure_duration(59.9, text), "59 s");
	assert_string_equal(figure_duration(60, text), "1 min 0 s");
	assert_string_equal(figure_duration(3725.2, text), "1 h 2 min");
	assert_string_equal(figure_duration(90000, text), "1 d 1 h");
	assert_string_equal(figure_percent(0.305, text), "30.5 %");
}

static void figures_fit_their_column(void **state)
{
	static const struct {
		double value;
		const char *text;
	} rates[] = { { 0, "0" },         { -1, "0" },       { 0.001, "0.1" },   { 0.44, "0.4" },
		      { 1, "1" },         { 9.94, "9.9" },   { 9.96, "10" },     { 999.4, "999" },
		      { 999.6, "1.00k" }, { 1234, "1.23k" }, { 9994, "9.99k" },  { 9996, "10.0k" },
		      { 99949, "99.9k" }, { 99951, "100k" }, { 999499, "999k" }, { 999501, "1.00M" },
		      { 1e20, "100E" },   { 1e30, "999E" },  { NAN, "0" } };
	char text[FIGURE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		assert_string_equal(figure_rate(rates[i].value, text), rates[i].text);
	for (double value = 0.01; value < 1e22; value *= 1.013)
		assert_true(strlen(figure_rate(value, text)) <= FIGURE_WIDTH);
	assert_string_equal(figure_share(0.005, text), "0%");
	assert_string_equal(figure_share(7, text), "100%");
	assert_string_equal(figure_count(0.4, text), "0");
	assert_string_equal(figure_uptime(59.9, text), "59s");
	assert_string_equal(figure_uptime(3599, text), "59m 59s");
	assert_string_equal(figure_uptime(90000, text), "1d 01h");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_numbers_keep_three_digits),
		cmocka_unit_test(exact_numbers_have_separators),
		cmocka_unit_test(times_have_fitting_units),
		cmocka_unit_test(figures_fit_their_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
