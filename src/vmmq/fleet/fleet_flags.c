/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "ovsdb/ovsdb_put.h"
#include "schema/value.h"

#define VLAN_STORED_ANY 4095 /* in the store */
#define QUEUE_MAX       127
#define SHOWN_MAX       60 /* bytes of a wrong text that a message repeats */

enum flag_shape {
	SHAPE_ONE,
	SHAPE_SET,
	SHAPE_TABLE, /* entry to queue */
};

/* read makes a value of text, or returns NULL; then hint may say more. */
struct flag {
	const char *option, *column;
	enum flag_shape shape;
	json_t *(*read)(const char *text, char *hint);
	bool secret; /* no message repeats it */
	const char *needed;
};

static json_t *flag_mac(const char *text, char *hint)
{
	uint8_t mac[VMMQ_MAC_LEN];
	char written[3 * VMMQ_MAC_LEN];

	if (!value_mac(text, mac, hint))
		return NULL;
	hex_write_colons(written, mac, VMMQ_MAC_LEN);
	return json_string(written);
}

static json_t *flag_number(const char *text, uint32_t min, uint32_t max, char *hint)
{
	uint32_t number;

	return value_number(text, min, max, &number, hint) ? json_integer(number) : NULL;
}

static json_t *flag_vlan(const char *text, char *hint)
{
	if (strcmp(text, "any") == 0)
		return json_integer(VLAN_STORED_ANY);
	return flag_number(text, 0, VMMQ_VLAN_ID_MAX, hint);
}

static json_t *flag_queue(const char *text, char *hint)
{
	return flag_number(text, 0, QUEUE_MAX, hint);
}

static json_t *flag_queue_pairs(const char *text, char *hint)
{
	return flag_number(text, FIELD_QUEUE_PAIRS_MIN, FIELD_QUEUE_PAIRS_MAX, hint);
}

static json_t *flag_word(const char *text, const char *const *words, char *hint)
{
	unsigned index;

	return value_word(text, words, &index, hint) ? json_string(words[index]) : NULL;
}

static json_t *flag_scaling(const char *text, char *hint)
{
	return flag_word(text, schema_field(FIELD_SCALING)->words, hint);
}

static json_t *flag_rss(const char *text, char *hint)
{
	static const char *const words[] = { "on", "off", "hash_only", NULL };

	return flag_word(text, words, hint);
}

static json_t *flag_type(const char *text, char *hint)
{
	return flag_word(text, schema_field(FIELD_HASH_TYPE)->words, hint);
}

static json_t *flag_key(const char *text, char *hint)
{
	uint8_t key[VMMQ_KEY_LEN];
	char digits[2 * VMMQ_KEY_LEN + 1];

	if (!value_key(text, key, hint))
		return NULL;
	hex_write(digits, key, VMMQ_KEY_LEN);
	return json_string(digits);
}

static const struct flag flags[] = {
	{ "mac", "macs", SHAPE_SET, flag_mac, false, "a list of MACs like 02:00:00:00:00:01, 1 to 64 of them," },
	{ "vlan", "vlans", SHAPE_SET, flag_vlan, false, "a list of VLANs, 0 to 4094 or any," },
	{ "queue-pairs", "queue_pairs", SHAPE_ONE, flag_queue_pairs, false, "a number from 1 to 128" },
	{ "scaling", "scaling", SHAPE_ONE, flag_scaling, false, "static or dynamic" },
	{ "rss", "rss", SHAPE_ONE, flag_rss, false, "on, off or hash_only" },
	{ "table", "indirection_table", SHAPE_TABLE, flag_queue, false,
	  "a list like 0,1,2,3, of 1, 2, 4, ... 128 queues," },
	{ "default", "default_queue", SHAPE_ONE, flag_queue, false, "a queue from 0 to 127" },
	{ "primary-queue", "primary_queue", SHAPE_ONE, flag_queue, false, "a queue from 0 to 127" },
	{ "types", "hash_types", SHAPE_SET, flag_type, false,
	  "a list of hash types, of ipv4, tcp_ipv4, udp_ipv4, ipv6, tcp_ipv6, udp_ipv6, ipv6_ex, tcp_ipv6_ex, "
	  "udp_ipv6_ex," },
	{ "key", "hash_key", SHAPE_ONE, flag_key, true, "80 hex digits, or random," },
};

static bool set_has(const json_t *list, const json_t *value)
{
	const json_t *other;
	size_t i;

	json_array_foreach(list, i, other) if (json_equal(other, value)) return true;
	return false;
}

/* list_put adds one value that was read; NULL: it cannot be there, and hint says why where that is not plain. */
static json_t *list_put(const struct flag *flag, json_t *list, const char *part, json_t *value, char *hint)
{
	bool twice = value && flag->shape == SHAPE_SET && set_has(list, value);

	if ((!value || twice) && !hint[0])
		snprintf(hint, VALUE_HINT_MAX, ", of which \"%.*s\" is %s", SHOWN_MAX, part,
			 twice ? "there twice" : "wrong");
	if (twice) {
		json_decref(value);
		value = NULL;
	}
	if (value && flag->shape == SHAPE_TABLE)
		value = json_pack("[i, o]", (int)json_array_size(list), value);
	return ovsdb_append(list, value);
}

/* list_read reads the parts of text between commas: a <set>, or a <map> from 0, 1, 2, ... */
static json_t *list_read(const struct flag *flag, const char *text, char *hint)
{
	char *copy = strdup(text), *rest = copy;
	json_t *list = json_array();

	while (copy && rest && list) {
		const char *part = strsep(&rest, ",");

		list = list_put(flag, list, part, flag->read(part, hint), hint);
	}
	free(copy);
	return list ? json_pack("[s, o]", flag->shape == SHAPE_TABLE ? "map" : "set", list) : NULL;
}

int fleet_flags_take(const struct command_line *line, json_t *columns)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		const struct flag *flag = &flags[i];
		const char *text = command_value(line, flag->option);
		char hint[VALUE_HINT_MAX] = "", shown[SHOWN_MAX + 3];
		json_t *value;

		if (!text)
			continue;
		value = flag->shape == SHAPE_ONE ? flag->read(text, hint) : list_read(flag, text, hint);
		snprintf(shown, sizeof(shown), flag->secret ? "another text" : "\"%.*s\"", SHOWN_MAX, text);
		if (json_object_set_new(columns, flag->column, value) != 0)
			return command_usage(line, "--%s: found %s%s; %s is needed", flag->option, shown, hint,
					     flag->needed);
	}
	return COMMAND_DONE;
}
