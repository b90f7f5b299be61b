/* SPDX-License-Identifier: BSD-2-Clause */
/* A schema as JSON Schema. */
#include <string.h>

#include "config/config_schema.h"
#include "config/config_value.h"
#include "rpc/schema.h"

const char *schema_pattern(enum schema_type type)
{
	switch (type) {
	case SCHEMA_HEX:
		return "^([0-9A-Fa-f]{2})*$";
	case SCHEMA_PROCESSOR:
		return "^[0-9]{1,4}:[0-9]{1,2}$";
	case SCHEMA_MAC:
		return "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}$";
	case SCHEMA_KEY:
		return "^random$|^[0-9A-Fa-f]{80}$|^([0-9A-Fa-f]{2}:){39}[0-9A-Fa-f]{2}$";
	default:
		return NULL;
	}
}

static json_t *integer(json_int_t min, json_int_t max)
{
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", min, "maximum", max);
}

static json_t *text(json_int_t min, json_int_t max)
{
	return json_pack("{s:s, s:I, s:I}", "type", "string", "minLength", min, "maxLength", max);
}

static json_t *patterned(enum schema_type type)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", schema_pattern(type));
}

static json_t *either(json_t *one, json_t *other)
{
	return json_pack("{s:[o, o]}", "anyOf", one, other);
}

static json_t *words(const struct schema *schema)
{
	json_t *list = json_array();

	for (size_t i = 0; schema->words[i]; i++)
		json_array_append_new(list, json_string(schema->words[i]));
	return json_pack("{s:o}", "enum", list);
}

static json_t *list_of(const struct schema *schema)
{
	return json_pack("{s:s, s:o, s:I, s:I}", "type", "array", "items", schema_json(schema->entry), "minItems",
			 schema->min, "maxItems", schema->max);
}

static json_t *alternatives(const struct schema *schema)
{
	json_t *list = json_array();

	for (size_t i = 0; schema->alternatives[i]; i++)
		json_array_append_new(list, json_pack("{s:[s]}", "required", schema->alternatives[i]));
	return list;
}

static json_t *object(const struct schema *schema)
{
	json_t *properties = json_object(), *required = json_array(), *json;

	for (const struct schema_member *member = schema->members; member->name; member++) {
		json_t *value = schema_json(member->value);

		json_object_set_new(value, "description", json_string(member->help));
		json_object_set_new(properties, member->name, value);
		if (member->required)
			json_array_append_new(required, json_string(member->name));
	}
	json = json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
			 "additionalProperties", 0);
	if (json && schema->alternatives)
		json_object_set_new(json, "oneOf", alternatives(schema));
	return json;
}

static json_t *value_json(const struct schema *schema)
{
	switch (schema->type) {
	case SCHEMA_BOOLEAN:
		return json_pack("{s:s}", "type", "boolean");
	case SCHEMA_TRUE:
		return json_pack("{s:b}", "const", 1);
	case SCHEMA_INTEGER:
		return integer(schema->min, schema->max);
	case SCHEMA_TEXT:
		return text(schema->min, schema->max);
	case SCHEMA_LINES:
		return json_pack("{s:s}", "type", "string");
	case SCHEMA_WORD:
		return words(schema);
	case SCHEMA_VPORT:
		return either(integer(0, UINT16_MAX), text(1, CONFIG_NAME_MAX));
	case SCHEMA_PROCESSOR:
		return either(integer(0, UINT16_MAX), patterned(schema->type));
	case SCHEMA_VLAN:
		return either(integer(VMMQ_VLAN_ID_MIN, VMMQ_VLAN_ID_MAX), json_pack("{s:s}", "const", "any"));
	case SCHEMA_LIST:
		return list_of(schema);
	case SCHEMA_OBJECT:
		return object(schema);
	default:
		return patterned(schema->type);
	}
}

json_t *schema_json(const struct schema *schema)
{
	json_t *json = value_json(schema);

	return schema->null ? either(json, json_pack("{s:s}", "type", "null")) : json;
}
