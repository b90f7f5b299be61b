/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(const char *text, uint64_t max, uint64_t wanted)
{
	uint64_t value = ~wanted;

	assert_true(number_read(text, max, &value));
	assert_int_equal(value, wanted);
}

static void numbers_up_to_the_largest(void **state)
{
	(void)state;
	expect("0", 0, 0);
	expect("007", 7, 7);
	expect("65535", 65535, 65535);
	expect("18446744073709551615", UINT64_MAX, UINT64_MAX);
	expect("0x0", 0, 0);
	expect("0XfF", 255, 255);
	expect("0xffffffffffffffff", UINT64_MAX, UINT64_MAX);
	expect("0x00000000000000000001", 1, 1);
}

static void above_max_is_refused(void **state)
{
	uint64_t value;

	(void)state;
	assert_false(number_read("1", 0, &value));
	assert_false(number_read("8", 7, &value));
	assert_false(number_read("65536", 65535, &value));
	assert_false(number_read("0x10000", 65535, &value));
	assert_false(number_read("655350", 65535, &value));
	assert_false(number_read("18446744073709551616", UINT64_MAX, &value));
	assert_false(number_read("18446744073709551625", UINT64_MAX, &value));
	assert_false(number_read("184467440737095516150", UINT64_MAX, &value));
	assert_false(number_read("0x10000000000000000", UINT64_MAX, &value));
}

static void only_digits(void **state)
{
	static const char *const bad[] = { "",  " 1", "1 ",  "+1", "-1", "1.0", "1e3",
					   "a", "0x", "0xg", "x1", "1x", "0b1" };
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(number_read(bad[i], UINT64_MAX, &value));
		assert_false(number_read_decimal(bad[i], UINT64_MAX, &value));
	}
}

static void decimal_only(void **state)
{
	uint64_t value;

	(void)state;
	assert_false(number_read_decimal("0x10", UINT64_MAX, &value));
	assert_true(number_read_decimal("010", UINT64_MAX, &value));
	assert_int_equal(value, 10);
	assert_false(number_read_decimal("010", 9, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_up_to_the_largest),
		cmocka_unit_test(above_max_is_refused),
		cmocka_unit_test(only_digits),
		cmocka_unit_test(decimal_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
