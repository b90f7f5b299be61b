/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/change/parameters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "config/config_schema.h"
#include "config/config_tree.h"

json_t *parameter_text(const char *text, char *hint)
{
	(void)hint;
	return text[0] ? json_string(text) : NULL;
}

static json_t *number(const char *text, uint32_t min, uint32_t max, char *hint)
{
	uint32_t value;

	return config_number(text, min, max, &value, hint) ? json_integer(value) : NULL;
}

json_t *parameter_id(const char *text, char *hint)
{
	return number(text, 0, UINT16_MAX, hint);
}

json_t *parameter_new_id(const char *text, char *hint)
{
	return number(text, 1, UINT16_MAX, hint);
}

json_t *parameter_filter_id(const char *text, char *hint)
{
	return number(text, 1, UINT32_MAX, hint);
}

json_t *parameter_entry(const char *text, char *hint)
{
	return number(text, 0, VMMQ_TABLE_ENTRIES_MAX - 1, hint);
}

json_t *parameter_queue_pairs(const char *text, char *hint)
{
	return number(text, 1, CONFIG_QUEUE_PAIRS_MAX, hint);
}

json_t *parameter_flood_limit(const char *text, char *hint)
{
	return number(text, 0, CONFIG_FLOOD_LIMIT_MAX, hint);
}

json_t *parameter_processor(const char *text, char *hint)
{
	struct vmmq_processor processor;

	return config_processor(text, &processor, hint) ? json_integer(processor.v) : NULL;
}

/* each reads the parts of text between commas; one that cannot be read is named in hint, unless there is but one. */
static json_t *each(const char *text, parameter_reader *read, char *hint)
{
	char *copy = strdup(text), *rest = copy, *part;
	json_t *list = json_array();

	while (list && rest) {
		json_t *value;

		part = strsep(&rest, ",");
		value = read(part, hint);
		if (json_array_append_new(list, value) == 0)
			continue;
		if (strcmp(part, text) != 0 && !hint[0])
			snprintf(hint, CONFIG_HINT_MAX, ", of which \"%.60s\" is wrong", part);
		json_decref(list);
		list = NULL;
	}
	free(copy);
	return list;
}

json_t *parameter_processors(const char *text, char *hint)
{
	return each(text, parameter_processor, hint);
}

static json_t *hash_type(const char *text, char *hint)
{
	uint32_t type;

	return config_hash_type(text, &type, hint) ? json_string(text) : NULL;
}

json_t *parameter_hash_types(const char *text, char *hint)
{
	return each(text, hash_type, hint);
}

/* A key goes as digits only, or as the word: a daemon draws it, so that it never stands in a command line. */
json_t *parameter_key(const char *text, char *hint)
{
	uint8_t key[VMMQ_KEY_LEN];
	char digits[2 * VMMQ_KEY_LEN + 1];

	if (!config_key(text, key, hint))
		return NULL;
	hex_write(digits, key, VMMQ_KEY_LEN);
	return json_string(strcmp(text, "random") ? digits : text);
}

static json_t *vlan_value(const char *text, char *hint)
{
	vmmq_vlan_rule rule;

	if (!config_vlan(text, &rule, hint))
		return NULL;
	return strcmp(text, "any") ? json_integer(strtol(text, NULL, 0)) : json_string(text);
}

json_t *parameter_vlan(const char *text, char *hint)
{
	return vlan_value(text, hint);
}

json_t *parameter_mac_vlan(const char *text, char *hint)
{
	const char *slash = strchr(text, '/');
	uint8_t bytes[VMMQ_MAC_LEN];
	json_t *filter, *vlan = NULL;
	char mac[64];

	snprintf(mac, sizeof(mac), "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
	if (!config_mac(mac, bytes, hint))
		return NULL;
	if (slash) {
		vlan = vlan_value(slash + 1, hint);
		if (!vlan)
			return NULL;
	}
	filter = json_object();
	hex_write_colons(mac, bytes, VMMQ_MAC_LEN);
	json_object_set_new(filter, "mac", json_string(mac));
	if (vlan)
		json_object_set_new(filter, "vlan", vlan);
	return filter;
}

json_t *parameter_filters(const char *text, char *hint)
{
	return each(text, parameter_mac_vlan, hint);
}

json_t *parameter_backend(const char *text, char *hint)
{
	(void)hint;
	return text[0] ? json_pack("{ss}", "device", text) : NULL;
}

json_t *parameter_true(const char *text, char *hint)
{
	(void)text, (void)hint;
	return json_true();
}

json_t *parameter_false(const char *text, char *hint)
{
	(void)text, (void)hint;
	return json_false();
}

json_t *parameter_null(const char *text, char *hint)
{
	(void)text, (void)hint;
	return json_null();
}

static int refuse(const struct command_line *line, const char *dashes, const struct parameter *row, const char *text,
		  const char *hint)
{
	char quoted[128];

	config_quote(quoted, sizeof(quoted), text, CONFIG_QUOTE_MAX);
	return command_usage(line, "%s%s: found \"%s\"%s; %s is needed", dashes, row->option, quoted, hint,
			     row->needed);
}

static int take(const struct command_line *line, const char *dashes, const struct parameter *row, const char *text,
		json_t *params)
{
	char hint[CONFIG_HINT_MAX] = "";
	json_t *value = row->read(text, hint);

	if (json_object_set_new(params, row->key, value) == 0)
		return COMMAND_DONE;
	return refuse(line, dashes, row, text, hint);
}

/* contradicts: what the row says has been said before, by the option of an earlier row or otherwise. */
static int contradicts(const struct command_line *line, const struct parameter *rows, const struct parameter *row)
{
	for (const struct parameter *other = rows; other < row; other++)
		if (strcmp(other->key, row->key) == 0 && command_flag(line, other->option))
			return command_usage(line, "--%s and --%s contradict each other", other->option, row->option);
	return command_usage(line, "--%s: %s is given already", row->option, row->key);
}

int parameters_take(const struct command_line *line, const struct parameter *rows, size_t count, json_t *params)
{
	int status = COMMAND_DONE;

	for (size_t i = 0; i < count && status == COMMAND_DONE; i++) {
		const char *text = command_value(line, rows[i].option);

		if (text && json_object_get(params, rows[i].key))
			return contradicts(line, rows, &rows[i]);
		if (text)
			status = take(line, "--", &rows[i], text, params);
	}
	return status;
}

int parameters_operand(const struct command_line *line, const struct parameter *row, const char *text, json_t *params)
{
	return take(line, "", row, text, params);
}

static json_t *vport(const char *text, char *hint)
{
	bool digits = text[0] && !text[strspn(text, "0123456789")];

	return digits ? parameter_id(text, hint) : parameter_text(text, hint);
}

int parameter_vport(const struct command_line *line, const char *key, const char *text, json_t *params)
{
	const struct parameter row = { "VPORT", key, vport, "a VPort's id (0 to 65535) or name" };

	return take(line, "", &row, text, params);
}
