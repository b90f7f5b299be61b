/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool is_character(uint32_t point)
{
	return point && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

static void every_character_there_and_back(void **state)
{
	(void)state;
	for (uint32_t point = 1; point <= 0x10ffff; point++) {
		char text[UTF8_LEN_MAX + 1] = "";
		const char *at = text;
		size_t len = utf8_put(text, point);

		assert_int_equal(len, point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
		assert_int_equal(strlen(text), len);
		assert_int_equal(utf8_next(&at), is_character(point) ? point : UTF8_INVALID);
		assert_ptr_equal(at, text + (is_character(point) ? len : 1));
	}
}

static void known_encodings(void **state)
{
	const char *text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";

	(void)state;
	assert_int_equal(utf8_next(&text), 'a');
	assert_int_equal(utf8_next(&text), 0xe9);
	assert_int_equal(utf8_next(&text), 0x20ac);
	assert_int_equal(utf8_next(&text), 0x1f600);
	assert_string_equal(text, "");
}

static void what_is_not_well_formed_goes_byte_by_byte(void **state)
{
	static const char *const bad[] = {
		"\x80",             /* begins no character */
		"\xc3",             /* cut by the NUL */
		"\xe2\x82",         /* the same, later */
		"\xf0\x9f\x98",     /* and later */
		"\xc0\xaf",         /* too long a form of '/' */
		"\xe0\x9f\xbf",     /* too long a form of U+07FF */
		"\xf0\x8f\xbf\xbf", /* too long a form of U+FFFF */
		"\xed\xa0\x80",     /* a surrogate */
		"\xf4\x90\x80\x80", /* above the last character */
		"\xf8\x88\x80\x80", /* five bytes, once */
		"\xf9\x80\x80\x80", /* the same, of which three look like a character's */
		"\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[8];
		const char *at = text;

		stpcpy(stpcpy(text, bad[i]), "x");
		for (size_t left = strlen(bad[i]); left; left--)
			assert_int_equal(utf8_next(&at), UTF8_INVALID);
		assert_int_equal(utf8_next(&at), 'x');
		at = bad[i]; /* and nothing is read behind a NUL */
		for (size_t left = strlen(bad[i]); left; left--)
			assert_int_equal(utf8_next(&at), UTF8_INVALID);
		assert_ptr_equal(at, bad[i] + strlen(bad[i]));
	}
}

static void a_lead_byte_does_not_swallow_the_next_character(void **state)
{
	const char *text = "\xe2\x82"
			   "a";

	(void)state;
	assert_int_equal(utf8_next(&text), UTF8_INVALID);
	assert_int_equal(utf8_next(&text), UTF8_INVALID);
	assert_int_equal(utf8_next(&text), 'a');
}

static void control_characters(void **state)
{
	(void)state;
	for (uint32_t point = 0; point < 0x200; point++)
		assert_int_equal(utf8_is_control(point), point <= 0x1f || (point >= 0x7f && point <= 0x9f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_there_and_back),
		cmocka_unit_test(known_encodings),
		cmocka_unit_test(what_is_not_well_formed_goes_byte_by_byte),
		cmocka_unit_test(a_lead_byte_does_not_swallow_the_next_character),
		cmocka_unit_test(control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
