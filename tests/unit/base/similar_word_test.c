/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/similar_word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = { "poll", "interrupt", "adaptive", "vlan", "plan" };

static const char *similar(const char *word)
{
	return similar_word(word, words, sizeof(words) / sizeof(words[0]));
}

static void slips_are_found(void **state)
{
	(void)state;
	assert_string_equal(similar("pol"), "poll");
	assert_string_equal(similar("polll"), "poll");
	assert_string_equal(similar("pool"), "poll");
	assert_string_equal(similar("interupt"), "interrupt");
	assert_string_equal(similar("nterruptx"), "interrupt");
	assert_string_equal(similar("adaptve"), "adaptive");
	assert_string_equal(similar("poll"), "poll");
}

static void other_words_are_not(void **state)
{
	(void)state;
	assert_null(similar(""));
	assert_null(similar("po")); /* two of four letters are half of it */
	assert_null(similar("intxxxxpt"));
	assert_null(similar("hyperthread"));
	assert_null(similar_word("poll", words, 0));
}

static void the_nearest_wins_and_of_several_the_first(void **state)
{
	(void)state;
	assert_string_equal(similar("plan"), "plan");
	assert_string_equal(similar("xlan"), "vlan");
}

static void long_words_are_like_no_other(void **state)
{
	char longest[SIMILAR_WORD_MAX + 1], longer[400];
	const char *table[] = { longer, longest };

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	memset(longer, 'a', sizeof(longer) - 1);
	longest[SIMILAR_WORD_MAX] = longer[sizeof(longer) - 1] = '\0';
	assert_ptr_equal(similar_word(longest, table, 2), longest);
	assert_null(similar_word(longer, table, 2));
	longer[SIMILAR_WORD_MAX + 1] = '\0';
	assert_ptr_equal(similar_word(longest, table, 2), longest);
	assert_null(similar_word(longer, table, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_are_found),
		cmocka_unit_test(other_words_are_not),
		cmocka_unit_test(the_nearest_wins_and_of_several_the_first),
		cmocka_unit_test(long_words_are_like_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
