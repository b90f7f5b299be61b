/* SPDX-License-Identifier: BSD-2-Clause */
/* Checking a value against its schema: the first thing that is wrong is told. */
#include "rpc/schema.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/similar_word.h"
#include "config/config_schema.h"
#include "config/config_tree.h"
#include "config/config_value.h"

#define PATH_MAX_LEN sizeof(((struct vmmq_why *)0)->path)

/* A place in the params, as a chain to their root. */
struct place {
	const struct place *above;
	const char *member; /* NULL: an entry of a list */
	size_t entry;
};

static size_t place_write(const struct place *place, char *path, size_t size)
{
	size_t at;

	if (!place)
		return 0;
	at = place_write(place->above, path, size);
	if (at >= size)
		return at;
	if (place->member)
		return at + (size_t)snprintf(path + at, size - at, "%s%s", at ? "." : "", place->member);
	return at + (size_t)snprintf(path + at, size - at, "[%zu]", place->entry);
}

static vmmq_status refuse(const struct place *place, struct vmmq_why *why, const char *text, const char *detail)
{
	char path[PATH_MAX_LEN] = "";

	place_write(place, path, sizeof(path));
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, path, text, detail);
}

/* found_text says what stands there, short. */
static void found_text(const json_t *value, char *text, size_t size)
{
	char quoted[CONFIG_QUOTE_MAX + 48];

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		snprintf(text, size, "an object");
		break;
	case JSON_ARRAY:
		snprintf(text, size, "a list of %zu", json_array_size(value));
		break;
	case JSON_STRING:
		config_quote(quoted, sizeof(quoted), json_string_value(value), CONFIG_QUOTE_MAX);
		snprintf(text, size, "%s", quoted);
		break;
	case JSON_INTEGER:
		snprintf(text, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		snprintf(text, size, "%.17g", json_real_value(value));
		break;
	default:
		snprintf(text, size, "%s", json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
	}
}

static void needed_words(const struct schema *schema, char *text, size_t size)
{
	size_t at = (size_t)snprintf(text, size, "one of");

	for (size_t i = 0; schema->words[i] && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%s%s", i ? ", " : " ", schema->words[i]);
}

static void needed_text(const struct schema *schema, char *text, size_t size)
{
	static const char *const plain[] = {
		[SCHEMA_BOOLEAN] = "true or false",
		[SCHEMA_TRUE] = "true (or leave it out)",
		[SCHEMA_LINES] = "text",
		[SCHEMA_HEX] = "text of pairs of hex digits",
		[SCHEMA_VPORT] = "a VPort's id (0 to 65535) or name",
		[SCHEMA_PROCESSOR] = "a processor (0 to 65535, or \"group:number\" with a number of 0 to 63)",
		[SCHEMA_MAC] = "a MAC address like \"02:00:00:00:00:01\"",
		[SCHEMA_VLAN] = "a VLAN id from 1 to 4094, or \"any\"",
		[SCHEMA_KEY] = "a hash secret key of 80 hex digits, or \"random\",",
		[SCHEMA_OBJECT] = "an object",
	};
	const char *null = schema->null ? " or null" : "";

	if (schema->needed)
		snprintf(text, size, "%s%s", schema->needed, null);
	else if (schema->type == SCHEMA_WORD)
		needed_words(schema, text, size);
	else if (schema->type == SCHEMA_LIST)
		snprintf(text, size, "a list of %d to %d%s", (int)schema->min, (int)schema->max, null);
	else if (schema->type == SCHEMA_TEXT)
		snprintf(text, size, "text of %d to %d characters without control characters%s", (int)schema->min,
			 (int)schema->max, null);
	else if (schema->type == SCHEMA_INTEGER)
		snprintf(text, size, "a number from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT "%s",
			 schema->min, schema->max, null);
	else
		snprintf(text, size, "%s%s", plain[schema->type], null);
}

static vmmq_status refuse_value(const struct schema *schema, const json_t *value, const struct place *place,
				struct vmmq_why *why)
{
	char found[CONFIG_QUOTE_MAX + 48], needed[224], path[PATH_MAX_LEN] = "";

	found_text(value, found, sizeof(found));
	needed_text(schema, needed, sizeof(needed));
	place_write(place, path, sizeof(path));
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, path, "found %s; %s is needed", found, needed);
}

static bool integer_fits(const json_t *value, json_int_t min, json_int_t max)
{
	return json_is_integer(value) && json_integer_value(value) >= min && json_integer_value(value) <= max;
}

static bool hex_fits(const char *text)
{
	size_t len = strlen(text);

	return len % 2 == 0 && strspn(text, HEX_DIGITS) == len;
}

static bool word_fits(const struct schema *schema, const char *text)
{
	for (size_t i = 0; schema->words[i]; i++)
		if (strcmp(schema->words[i], text) == 0)
			return true;
	return false;
}

static bool text_fits(const struct schema *schema, const char *text)
{
	char hint[CONFIG_HINT_MAX] = "";
	struct vmmq_processor processor;
	uint8_t bytes[VMMQ_KEY_LEN];

	switch (schema->type) {
	case SCHEMA_TEXT:
		return config_printable(text, (size_t)schema->max, hint);
	case SCHEMA_LINES:
		return true;
	case SCHEMA_WORD:
		return word_fits(schema, text);
	case SCHEMA_HEX:
		return hex_fits(text);
	case SCHEMA_VPORT:
		return config_printable(text, CONFIG_NAME_MAX, hint);
	case SCHEMA_PROCESSOR:
		return strchr(text, ':') && config_processor(text, &processor, hint);
	case SCHEMA_MAC:
		return config_mac(text, bytes, hint);
	case SCHEMA_VLAN:
		return strcmp(text, "any") == 0;
	case SCHEMA_KEY:
		return strcmp(text, "random") == 0 || config_key(text, bytes, hint);
	default:
		return false;
	}
}

static bool scalar_fits(const struct schema *schema, const json_t *value)
{
	switch (schema->type) {
	case SCHEMA_BOOLEAN:
		return json_is_boolean(value);
	case SCHEMA_TRUE:
		return json_is_true(value);
	case SCHEMA_INTEGER:
		return integer_fits(value, schema->min, schema->max);
	case SCHEMA_VPORT:
	case SCHEMA_PROCESSOR:
		if (json_is_integer(value))
			return integer_fits(value, 0, UINT16_MAX);
		break;
	case SCHEMA_VLAN:
		if (json_is_integer(value))
			return integer_fits(value, VMMQ_VLAN_ID_MIN, VMMQ_VLAN_ID_MAX);
		break;
	default:
		break;
	}
	return json_is_string(value) && text_fits(schema, json_string_value(value));
}

static vmmq_status check(const struct schema *schema, const json_t *value, const struct place *place,
			 struct vmmq_why *why);

static vmmq_status check_list(const struct schema *schema, const json_t *value, const struct place *place,
			      struct vmmq_why *why)
{
	size_t count = json_array_size(value);

	if (!json_is_array(value) || (json_int_t)count < schema->min || (json_int_t)count > schema->max)
		return refuse_value(schema, value, place, why);
	for (size_t i = 0; i < count; i++) {
		const struct place entry = { place, NULL, i };
		vmmq_status status = check(schema->entry, json_array_get(value, i), &entry, why);

		if (status != VMMQ_SUCCESS)
			return status;
	}
	return VMMQ_SUCCESS;
}

#define MEMBERS_MAX 16

/* refuse_unknown: a member that the schema does not have, with the one that was meant perhaps, or else all there are. */
static vmmq_status refuse_unknown(const struct schema *schema, const char *name, const struct place *place,
				  struct vmmq_why *why)
{
	const char *names[MEMBERS_MAX];
	const char *similar;
	char text[200];
	size_t count = 0, at = 0;

	for (; schema->members[count].name && count < MEMBERS_MAX; count++)
		names[count] = schema->members[count].name;
	similar = similar_word(name, names, count);
	if (similar)
		return refuse(place, why, "unknown member; did you mean %s?", similar);
	if (count == 0)
		return refuse(place, why, "unknown member%s", "; no member is expected here");
	for (size_t i = 0; i < count && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? ", " : "", names[i]);
	return refuse(place, why, "unknown member; known here: %s", text);
}

static const struct schema_member *member_find(const struct schema *schema, const char *name)
{
	for (const struct schema_member *member = schema->members; member->name; member++)
		if (strcmp(member->name, name) == 0)
			return member;
	return NULL;
}

static vmmq_status check_alternatives(const struct schema *schema, const json_t *value, const struct place *place,
				      struct vmmq_why *why)
{
	char names[96];
	size_t found = 0, at = 0;

	for (size_t i = 0; schema->alternatives[i]; i++) {
		found += json_object_get(value, schema->alternatives[i]) != NULL;
		at +=
		    (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", i ? ", " : "", schema->alternatives[i]);
	}
	return found == 1 ? VMMQ_SUCCESS : refuse(place, why, "exactly one of %s is needed", names);
}

static vmmq_status check_object(const struct schema *schema, json_t *value, const struct place *place,
				struct vmmq_why *why)
{
	const char *name;
	json_t *found;

	if (!json_is_object(value))
		return refuse_value(schema, value, place, why);
	json_object_foreach(value, name, found)
	{
		const struct schema_member *member = member_find(schema, name);
		const struct place here = { place, name, 0 };
		vmmq_status status =
		    member ? check(member->value, found, &here, why) : refuse_unknown(schema, name, &here, why);

		if (status != VMMQ_SUCCESS)
			return status;
	}
	for (const struct schema_member *member = schema->members; member->name; member++) {
		const struct place here = { place, member->name, 0 };

		if (member->required && !json_object_get(value, member->name))
			return refuse(&here, why, "is missing: %s", member->help);
	}
	return schema->alternatives ? check_alternatives(schema, value, place, why) : VMMQ_SUCCESS;
}

static vmmq_status check(const struct schema *schema, const json_t *value, const struct place *place,
			 struct vmmq_why *why)
{
	if (schema->null && json_is_null(value))
		return VMMQ_SUCCESS;
	if (schema->type == SCHEMA_LIST)
		return check_list(schema, value, place, why);
	if (schema->type == SCHEMA_OBJECT)
		return check_object(schema, (json_t *)(uintptr_t)value, place, why);
	return scalar_fits(schema, value) ? VMMQ_SUCCESS : refuse_value(schema, value, place, why);
}

vmmq_status schema_check(const struct schema *schema, const json_t *value, struct vmmq_why *why)
{
	return check(schema, value, NULL, why);
}
