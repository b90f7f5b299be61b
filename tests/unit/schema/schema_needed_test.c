/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said to be needed, to readers of a file, of an answer and of a command's message; and that every row is whole. */
#include "schema/needed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_sentences(void **state)
{
	static const struct {
		enum schema_id field;
		enum needed_for reader;
		const char *text;
	} sentences[] = {
		{ FIELD_MTU, NEEDED_IN_FILE, "a number from 68 to 9600" },
		{ FIELD_FLOOD_LIMIT, NEEDED_IN_FILE, "a number from 0 to 10000000" },
		{ FIELD_FLOOD_LIMIT, NEEDED_IN_REQUEST, "a number from 0 to 10000000" },
		{ FIELD_FLOOD_LIMIT, NEEDED_ON_LINE, "a number from 0 to 10000000" },
		{ FIELD_VLAN, NEEDED_IN_FILE, "a VLAN id from 1 to 4094, or any" },
		{ FIELD_VLAN, NEEDED_IN_REQUEST, "a VLAN id from 1 to 4094, or \"any\"" },
		{ FIELD_VLAN, NEEDED_ON_LINE, "a number from 1 to 4094, or any," },
		{ FIELD_PROCESSOR, NEEDED_IN_FILE,
		  "a processor (0 to 65535, or group:number with a number of 0 to 63)" },
		{ FIELD_PROCESSOR, NEEDED_IN_REQUEST,
		  "a processor (0 to 65535, or \"group:number\" with a number of 0 to 63)" },
		{ FIELD_HASH_FUNCTION, NEEDED_IN_FILE, "toeplitz" },
		{ FIELD_HASH_FUNCTION, NEEDED_IN_REQUEST, "one of toeplitz" },
		{ FIELD_BACKEND, NEEDED_IN_FILE, "a mapping (vhost_user, tap and so on)" },
		{ FIELD_BACKEND, NEEDED_IN_REQUEST, "an object" },
		{ FIELD_BACKEND, NEEDED_ON_LINE,
		  "KIND:PLACE, with KEY=VALUE behind commas, where KIND is vhost_user, tap, af_packet, af_xdp, pci, "
		  "memif or "
		  "device," },
		{ FIELD_FILTER, NEEDED_ON_LINE,
		  "a MAC like 02:00:00:00:00:01, or MAC/VLAN with an id of 1 to 4094 or any, or one of these with "
		  "@VNI or @any," },
		{ FIELD_INDIRECTION_TABLE, NEEDED_IN_REQUEST,
		  "a list of 1 to 128 processors, a power of two of them," },
		{ FIELD_VPORT_NAMED, NEEDED_ON_LINE, "a VPort's id (0 to 65535) or name" },
	};
	char text[NEEDED_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		needed_text(schema_field(sentences[i].field), sentences[i].reader, text, sizeof(text));
		assert_string_equal(text, sentences[i].text);
	}
	needed_text(schema_field(FIELD_MTU), NEEDED_IN_FILE, text, 9);
	assert_string_equal(text, "a number");
}

/* A place that nothing fills would show as a gap, so every sentence is looked at for one. */
static void test_rows(void **state)
{
	(void)state;
	for (unsigned i = FIELD_NOWHERE + 1; i < FIELD_COUNT; i++) {
		const struct schema_field *field = &schema_fields[i];
		bool in_file = field->in != FIELD_NOWHERE && field->in != FIELD_FILE;

		for (unsigned reader = NEEDED_IN_FILE; reader <= NEEDED_ON_LINE; reader++) {
			char text[NEEDED_MAX];

			needed_text(field, (enum needed_for)reader, text, sizeof(text));
			assert_true(text[0] && strlen(text) < NEEDED_MAX - 1);
			assert_null(strpbrk(text, "{}`"));
			assert_null(strstr(text, "  "));
			assert_null(strstr(text, " ,"));
		}
		assert_true(field->min <= field->max || field->max == 0);
		assert_true(!in_file || field->kind != SCHEMA_LIST || field->entry);
		assert_true(field->kind != SCHEMA_WORD || field->words);
		assert_true(!in_file || field->meaning);
		assert_true(!in_file || !(field->uses & SCHEMA_ADD) || field->help);
		assert_true(!in_file || field->kind <= SCHEMA_BOOLEAN || field->words || field->standard ||
			    field->uses & SCHEMA_REQUIRED);
		assert_true(!in_file || schema_find(field->in, field->key) == field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
