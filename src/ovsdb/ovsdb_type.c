/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_type.h"

#include <string.h>

#include "ovsdb/ovsdb_put.h"

static const char *const base_names[] = {
	[OVSDB_VOID] = "void",       [OVSDB_INTEGER] = "integer", [OVSDB_REAL] = "real",
	[OVSDB_BOOLEAN] = "boolean", [OVSDB_STRING] = "string",   [OVSDB_UUID] = "uuid",
};

const char *ovsdb_base_name(enum ovsdb_base base)
{
	return base_names[base];
}

/* base_read: a name, or an object with one and what restricts it, which only the server has to know. */
static bool base_read(enum ovsdb_base *base, const json_t *json, struct ovsdb_why *why)
{
	const char *name = json_string_value(json_is_object(json) ? json_object_get(json, "type") : json);

	for (*base = OVSDB_INTEGER; name && *base <= OVSDB_UUID; ++*base)
		if (strcmp(base_names[*base], name) == 0)
			return true;
	return ovsdb_refuse(why, "\"%.40s\" is no type", name ? name : "");
}

static bool bound_read(unsigned *bound, const json_t *json, unsigned lowest, unsigned highest, struct ovsdb_why *why)
{
	if (!json)
		return true;
	if (highest == UINT_MAX && json_is_string(json) && strcmp(json_string_value(json), "unlimited") == 0) {
		*bound = UINT_MAX;
		return true;
	}
	if (!json_is_integer(json) || json_integer_value(json) < lowest || json_integer_value(json) > highest)
		return ovsdb_refuse(why, "\"min\" is 0 or 1, \"max\" 1 or more");
	*bound = (unsigned)json_integer_value(json);
	return true;
}

bool ovsdb_type_read(struct ovsdb_type *type, const json_t *json, struct ovsdb_why *why)
{
	const json_t *value = json_object_get(json, "value");

	*type = (struct ovsdb_type){ .min = 1, .max = 1 };
	if (!json_is_object(json))
		return base_read(&type->key, json, why);
	return base_read(&type->key, json_object_get(json, "key"), why) &&
	       (!value || base_read(&type->value, value, why)) &&
	       bound_read(&type->min, json_object_get(json, "min"), 0, 1, why) &&
	       bound_read(&type->max, json_object_get(json, "max"), 1, UINT_MAX, why);
}

json_t *ovsdb_type_json(const struct ovsdb_type *type)
{
	json_t *json = json_pack("{s:s, s:I, s:o}", "key", base_names[type->key], "min", (json_int_t)type->min, "max",
				 type->max == UINT_MAX ? json_string("unlimited") : json_integer(type->max));

	if (type->value != OVSDB_VOID)
		json = ovsdb_put(json, "value", json_string(base_names[type->value]));
	return json;
}

static bool uuid_has_dash(unsigned at)
{
	return at == 8 || at == 13 || at == 18 || at == 23;
}

bool ovsdb_uuid_read(struct ovsdb_uuid *uuid, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	unsigned nibble = 0;

	for (unsigned at = 0; at < OVSDB_UUID_LEN; at++) {
		const char *digit;

		if (uuid_has_dash(at) && text[at] == '-')
			continue;
		digit = text[at] ? strchr(digits, text[at]) : NULL;
		if (uuid_has_dash(at) || !digit)
			return false;
		uuid->bytes[nibble / 2] = (uint8_t)(uuid->bytes[nibble / 2] << 4 | (digit - digits));
		nibble++;
	}
	return text[OVSDB_UUID_LEN] == '\0';
}

void ovsdb_uuid_write(const struct ovsdb_uuid *uuid, char text[OVSDB_UUID_LEN + 1])
{
	unsigned nibble = 0;

	for (unsigned at = 0; at < OVSDB_UUID_LEN; at++) {
		if (uuid_has_dash(at)) {
			text[at] = '-';
			continue;
		}
		text[at] = "0123456789abcdef"[uuid->bytes[nibble / 2] >> (nibble % 2 ? 0 : 4) & 15];
		nibble++;
	}
	text[OVSDB_UUID_LEN] = '\0';
}
