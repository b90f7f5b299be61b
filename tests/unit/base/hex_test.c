/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void digits_are_those_of_sscanf(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		char text[2] = { (char)c };
		bool digit = strspn(text, HEX_DIGITS) == 1;
		unsigned value = 0;

		if (digit)
			assert_int_equal(sscanf(text, "%x", &value), 1);
		assert_int_equal(hex_digit((char)c), digit ? (int)value : -1);
	}
	assert_int_equal(hex_digit('\0'), -1);
}

static void every_byte_there_and_back(void **state)
{
	uint8_t bytes[256], back[256];
	char text[3 * 256];

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	memset(text, 'x', sizeof(text));
	hex_write(text, bytes, 256);
	assert_int_equal(strlen(text), 512);
	assert_memory_equal(text, "000102", 6);
	assert_string_equal(text + 506, "fdfeff");
	assert_true(hex_read(text, back, 256));
	assert_memory_equal(back, bytes, 256);

	hex_write_colons(text, bytes, 256);
	assert_int_equal(strlen(text), 3 * 256 - 1);
	assert_memory_equal(text, "00:01:02:", 9);
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(hex_byte(text + 3 * i), i);
}

static void no_bytes_are_no_digits(void **state)
{
	char text[2] = "x";

	(void)state;
	hex_write(text, NULL, 0);
	assert_string_equal(text, "");
	text[0] = 'x';
	hex_write_colons(text, NULL, 0);
	assert_string_equal(text, "");
	assert_true(hex_read("zz", NULL, 0));
}

static void both_cases_are_read(void **state)
{
	uint8_t bytes[3];

	(void)state;
	assert_true(hex_read("aBFf0d", bytes, 3));
	assert_memory_equal(bytes, "\xab\xff\x0d", 3);
}

static void what_is_not_hex_is_refused(void **state)
{
	static const char *const bad[] = { "", "0", "0g", "g0", " 0", "0 ", "-1", "0x", "00", "000", "000:", "00 0" };
	uint8_t bytes[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(hex_read(bad[i], bytes, 2));
	assert_int_equal(hex_byte(""), -1);
	assert_int_equal(hex_byte("0"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_those_of_sscanf), cmocka_unit_test(every_byte_there_and_back),
		cmocka_unit_test(no_bytes_are_no_digits),     cmocka_unit_test(both_cases_are_read),
		cmocka_unit_test(what_is_not_hex_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
