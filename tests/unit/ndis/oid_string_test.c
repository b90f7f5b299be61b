/* SPDX-License-Identifier: BSD-2-Clause */
/* Counted strings there and back; what is not UTF-16. */
#include "ndis/oid_call.h"
#include "unit/ndis/oid_test.h"

static void expect_text(const char *text, const uint16_t *units, size_t count)
{
	struct vmmq_ndis_string string = { .length = (uint16_t)(2 * count) };
	char back[OID_TEXT_MAX + 1];

	memcpy(string.unit, units, 2 * count);
	assert_int_equal(oid_string_read(&string, back, NULL), VMMQ_SUCCESS);
	assert_string_equal(back, text);
	memset(&string, 0xff, sizeof(string));
	oid_string_write(&string, text);
	assert_int_equal(string.length, 2 * count);
	assert_memory_equal(string.unit, units, 2 * count);
	assert_int_equal(string.unit[count], 0);
}

static void there_and_back(void **state)
{
	(void)state;
	expect_text("", (const uint16_t[]){ 0 }, 0);
	expect_text("web", (const uint16_t[]){ 'w', 'e', 'b' }, 3);
	expect_text("\xc3\xa9\xe2\x82\xac", (const uint16_t[]){ 0xe9, 0x20ac }, 2);
	expect_text("\xf0\x9f\x98\x80.", (const uint16_t[]){ 0xd83d, 0xde00, '.' }, 3);
}

static void longest(void **state)
{
	struct vmmq_ndis_string string = { .length = 512 };
	char text[OID_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < 256; i++)
		string.unit[i] = 0xffff;
	assert_int_equal(oid_string_read(&string, text, NULL), VMMQ_SUCCESS);
	assert_int_equal(strlen(text), OID_TEXT_MAX);
	memset(text, 'x', OID_TEXT_MAX);
	oid_string_write(&string, text);
	assert_int_equal(string.length, 512);
	assert_int_equal(string.unit[255], 'x');
	assert_int_equal(string.unit[256], 0);
	memcpy(text + 255, "\xf0\x9f\x98\x80", 5); /* its second half would not fit */
	oid_string_write(&string, text);
	assert_int_equal(string.length, 510);
}

static void not_utf16(void **state)
{
	static const struct vmmq_ndis_string bad[] = {
		{ 1, { 'a' } },         { 514, { 'a' } },  { 0xfffe, { 'a' } },       { 2, { 0xd83d, 0xde00 } },
		{ 4, { 0xd83d, 'a' } }, { 2, { 0xde00 } }, { 4, { 0xde00, 0xd83d } },
	};
	char text[OID_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(oid_string_read(&bad[i], text, &why), VMMQ_INVALID_PARAMETER);
}

static void ends_at_nul(void **state)
{
	const struct vmmq_ndis_string string = { 8, { 'a', 'b', 0, 'c' } };
	char text[OID_TEXT_MAX + 1];

	(void)state;
	assert_int_equal(oid_string_read(&string, text, NULL), VMMQ_SUCCESS);
	assert_string_equal(text, "ab");
}

static void not_utf8(void **state)
{
	static const char *const bad[] = { "\x80", "\xc3", "\xff", "\xf8\x80\x80\x80", "\xf7\xbf\xbf\xbf" };
	struct vmmq_ndis_string string;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		oid_string_write(&string, bad[i]);
		assert_int_equal(string.unit[0], 0xfffd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back), cmocka_unit_test(longest),  cmocka_unit_test(not_utf16),
		cmocka_unit_test(ends_at_nul),    cmocka_unit_test(not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
