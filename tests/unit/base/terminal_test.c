/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FORTY "abcdefghij abcdefghij abcdefghij abcdefg"

static void expect(unsigned column, unsigned indent, const char *text, const char *wanted)
{
	char *wrapped = NULL;
	size_t len;
	FILE *out = open_memstream(&wrapped, &len);

	terminal_wrap(out, column, indent, text);
	fclose(out);
	assert_string_equal(wrapped, wanted);
	free(wrapped);
}

static void lines_are_broken_at_spaces(void **state)
{
	(void)state;
	expect(0, 0, "", "\n");
	expect(0, 4, "one two", "one two\n");
	expect(0, 2, FORTY " " FORTY, FORTY " abcdefghij abcdefghij abcdefghij\n  abcdefg\n");
	expect(0, 2, FORTY " abcdefghij abcdefghij abcdefghij abcdef",
	       FORTY " abcdefghij abcdefghij abcdefghij abcdef\n");
	expect(40, 3, FORTY " x", FORTY "\n   x\n");
}

static void characters_count_not_bytes(void **state)
{
	(void)state;
	expect(41, 3,
	       "\xc3\xa4\xc3\xa4"
	       "cdefghij abcdefghij abcdefghij abcde x", /* 39 columns, and two */
	       "\xc3\xa4\xc3\xa4"
	       "cdefghij abcdefghij abcdefghij abcde\n   x\n");
	expect(40, 3,
	       "\xc3\xa4\xc3\xa4"
	       "cdefghij abcdefghij abcdefghij abcde x",
	       "\xc3\xa4\xc3\xa4"
	       "cdefghij abcdefghij abcdefghij abcde x\n");
}

static void ties_and_long_words_stay_whole(void **state)
{
	char text[100] = "";

	(void)state;
	expect(76, 1, "a" TERMINAL_TIE "b c", "a b\n c\n");
	memset(text, 'x', 90);
	strcpy(text + 90, " y");
	expect(0, 1, text,
	       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n y\n");
}

static void an_empty_line_begins_a_paragraph(void **state)
{
	(void)state;
	expect(0, 2, "one\n\ntwo", "one\n\n  two\n");
}

static void a_file_is_no_terminal(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	assert_false(terminal_is_interactive(file));
	assert_false(terminal_is_fancy(file));
	assert_false(terminal_is_unicode(file));
	assert_string_equal(terminal_style(file, STYLE_BOLD), "");
	assert_string_equal(terminal_glyph(file, "\xe2\x86\x92", "->"), "->");
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_broken_at_spaces),     cmocka_unit_test(characters_count_not_bytes),
		cmocka_unit_test(ties_and_long_words_stay_whole), cmocka_unit_test(an_empty_line_begins_a_paragraph),
		cmocka_unit_test(a_file_is_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
