/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every limit of every field: what is just inside it and just outside it is taken and refused alike in a file, in a request and
 * on the command line.  The table tells the limits; some stand here too, in figures, so that a slip in the table is seen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/schema/doors.h"

/* expect asks all doors that have a place for the field.  Returns how many there are. */
static unsigned expect(const struct schema_field *field, const struct spelling *value, bool taken)
{
	const struct {
		const char *name;
		bool (*has)(const struct schema_field *field);
		bool (*takes)(const struct schema_field *field, const struct spelling *value);
	} doors[] = {
		{ "a file", in_file, file_takes },
		{ "a request", in_request, request_takes },
		{ "the command line", on_line, line_takes },
	};
	unsigned asked = 0;

	for (size_t i = 0; i < 3; i++) {
		if (!doors[i].has(field))
			continue;
		asked++;
		if (doors[i].takes(field, value) != taken)
			fail_msg("%s: %s %s %.60s", field->key, doors[i].name, taken ? "refuses" : "takes",
				 value->typed);
	}
	return asked;
}

static unsigned expect_number(const struct schema_field *field, int64_t number, bool taken)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	return expect(field, &(struct spelling){ text, text }, taken);
}

static unsigned expect_text(const struct schema_field *field, size_t len, bool taken)
{
	char *typed = calloc(1, len + 1), *yaml = calloc(1, len + 3);
	unsigned asked;

	memset(typed, 'x', len);
	snprintf(yaml, len + 3, "\"%s\"", typed);
	asked = expect(field, &(struct spelling){ yaml, typed }, taken);
	free(typed);
	free(yaml);
	return asked;
}

/* expect_list: entries that are all the same, or, where no two may be, the words that there are. */
static unsigned expect_list(const struct schema_field *list, size_t count, bool taken)
{
	char typed[4096] = "", yaml[8192] = "[";

	for (size_t i = 0; i < count; i++) {
		const char *entry = list->entry->words ? list->entry->words[i] : "0";

		if (!entry)
			entry = list->entry->words[0];
		snprintf(typed + strlen(typed), sizeof(typed) - strlen(typed), "%s%s", i ? "," : "", entry);
		snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml), list->entry->words ? "%s\"%s\"" : "%s%s",
			 i ? ", " : "", entry);
	}
	strcat(yaml, "]");
	return expect(list, &(struct spelling){ yaml, typed }, taken);
}

static unsigned expect_limits(const struct schema_field *field,
			      unsigned (*expect_size)(const struct schema_field *field, int64_t size, bool taken))
{
	return expect_size(field, (int64_t)field->min - 1, false) + expect_size(field, field->min, true) +
	       expect_size(field, field->max, true) + expect_size(field, (int64_t)field->max + 1, false);
}

static unsigned text_of_size(const struct schema_field *field, int64_t size, bool taken)
{
	return expect_text(field, (size_t)size, taken);
}

/* A list that may be empty has no size below, and the command line another word for it. */
static unsigned list_of_size(const struct schema_field *field, int64_t size, bool taken)
{
	if (!field->min && size <= 0)
		return 0;
	return expect_list(field, (size_t)size, taken);
}

static void test_table(void **state)
{
	unsigned asked = 0;

	(void)state;
	for (unsigned i = FIELD_NOWHERE + 1; i < FIELD_COUNT; i++) {
		const struct schema_field *field = &schema_fields[i];

		if (field->kind == SCHEMA_NUMBER || field->kind == SCHEMA_VLAN)
			asked += expect_limits(field, expect_number);
		else if (field->kind == SCHEMA_TEXT)
			asked += expect_limits(field, text_of_size);
		else if (field->kind == SCHEMA_LIST && field->in == FIELD_RSS)
			asked += expect_limits(field, list_of_size);
	}
	assert_true(asked >= 90);
}

static void test_figures(void **state)
{
	static const struct {
		enum schema_id field;
		int64_t number;
		bool taken;
	} figures[] = {
		{ FIELD_MTU, 67, false },
		{ FIELD_MTU, 68, true },
		{ FIELD_MTU, 9600, true },
		{ FIELD_MTU, 9601, false },
		{ FIELD_RX_QUEUES, 0, false },
		{ FIELD_RX_QUEUES, 1, true },
		{ FIELD_RX_QUEUES, 128, true },
		{ FIELD_RX_QUEUES, 129, false },
		{ FIELD_VPORT_ID, -1, false },
		{ FIELD_VPORT_ID, 0, true },
		{ FIELD_VPORT_ID, 65535, true },
		{ FIELD_VPORT_ID, 65536, false },
		{ FIELD_NEW_VPORT_ID, 0, false },
		{ FIELD_NEW_VPORT_ID, 1, true },
		{ FIELD_NEW_VPORT_ID, 65535, true },
		{ FIELD_NEW_VPORT_ID, 65536, false },
		{ FIELD_QUEUE_PAIRS, 0, false },
		{ FIELD_QUEUE_PAIRS, 1, true },
		{ FIELD_QUEUE_PAIRS, 128, true },
		{ FIELD_QUEUE_PAIRS, 129, false },
		{ FIELD_FLOOD_LIMIT, -1, false },
		{ FIELD_FLOOD_LIMIT, 0, true },
		{ FIELD_FLOOD_LIMIT, 10000000, true },
		{ FIELD_FLOOD_LIMIT, 10000001, false },
		{ FIELD_FLOOD_LIMIT, 20000000, false },
		{ FIELD_FLOOD_LIMIT, 4294967295, false },
		{ FIELD_VLAN, 0, false },
		{ FIELD_VLAN, 1, true },
		{ FIELD_VLAN, 4094, true },
		{ FIELD_VLAN, 4095, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		assert_true(expect_number(schema_field(figures[i].field), figures[i].number, figures[i].taken) > 0);
	for (size_t len = 0; len <= 1025; len++) {
		expect_text(schema_field(FIELD_VPORT_NAME), len, len >= 1 && len <= 256);
		expect_text(schema_field(FIELD_DEVICE), len, len >= 1 && len <= 1024);
	}
	for (size_t count = 1; count <= 300; count++)
		expect_list(schema_field(FIELD_INDIRECTION_TABLE), count, count <= 128 && (count & (count - 1)) == 0);
}

/* Values that are no numbers: the doors agree on them as well. */
static void test_words(void **state)
{
	static const struct {
		enum schema_id field;
		const char *text;
		bool taken;
	} words[] = {
		{ FIELD_VLAN, "any", true },
		{ FIELD_VLAN, "all", false },
		{ FIELD_VLAN, "", false },
		{ FIELD_MAC, "02:00:00:00:00:01", true },
		{ FIELD_MAC, "02-00-00-00-00-01", true },
		{ FIELD_MAC, "02:00:00:00:00", false },
		{ FIELD_MAC, "02:00-00:00:00:01", false },
		{ FIELD_HASH_KEY, "random", true },
		{ FIELD_HASH_KEY, "6d5a", false },
		{ FIELD_HASH_FUNCTION, "toeplitz", true },
		{ FIELD_HASH_FUNCTION, "crc32", false },
		{ FIELD_PRIMARY_PROCESSOR, "0:9", true },
		{ FIELD_PRIMARY_PROCESSOR, "0:64", false },
		{ FIELD_PRIMARY_PROCESSOR, "1024:0", false },
		{ FIELD_PRIMARY_PROCESSOR, "0x0000000000000and more:9", false },
		{ FIELD_VPORT_NAME, "web \xc3\xbc", true },
		{ FIELD_MODE, "client", true },
		{ FIELD_MODE, "listen", false },
		{ FIELD_MEMIF_ROLE, "server", true },
		{ FIELD_MEMIF_ROLE, "master", false },
		{ FIELD_PERMISSIONS, "0660", true },
		{ FIELD_PERMISSIONS, "600", true },
		{ FIELD_PERMISSIONS, "1660", false },
		{ FIELD_PERMISSIONS, "0000", false },
		{ FIELD_PERMISSIONS, "06600", false },
		{ FIELD_PERMISSIONS, "0668", false },
		{ FIELD_PERMISSIONS, "", false },
		{ FIELD_PCI_ADDRESS, "0000:03:00.0", true },
		{ FIELD_PCI_ADDRESS, "03:1f.7", true },
		{ FIELD_PCI_ADDRESS, "03:20.0", false },
		{ FIELD_PCI_ADDRESS, "3:00.0", false },
		{ FIELD_PCI_ADDRESS, "00000:03:00.0", false },
		{ FIELD_PCI_ADDRESS, "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char yaml[128];

		snprintf(yaml, sizeof(yaml), "\"%s\"", words[i].text);
		assert_int_equal(
		    expect(schema_field(words[i].field), &(struct spelling){ yaml, words[i].text }, words[i].taken),
		    3);
	}
	assert_int_equal(expect(schema_field(FIELD_HASH_TYPES),
				&(struct spelling){ "[\"ipv4\", \"udp_ipv4\", \"ipv4\"]", "ipv4,udp_ipv4,ipv4" },
				false),
			 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
