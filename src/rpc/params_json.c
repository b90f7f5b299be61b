/* SPDX-License-Identifier: BSD-2-Clause */
/* The params of a method as JSON Schema. */
#include "rpc/params.h"

/* pattern_of returns the regular expression that a text of that kind fits, or NULL when it has none. */
static const char *pattern_of(enum schema_kind kind)
{
	switch (kind) {
	case SCHEMA_HEX:
		return "^([0-9A-Fa-f]{2})*$";
	case SCHEMA_PROCESSOR:
		return "^([0-9]{1,4}|0[Xx][0-9A-Fa-f]+):([0-9]{1,2}|0[Xx][0-9A-Fa-f]+)$";
	case SCHEMA_MAC:
		return "^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$|^([0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}$";
	case SCHEMA_KEY:
		return "^random$|^[0-9A-Fa-f]{80}$|^([0-9A-Fa-f]{2}:){39}[0-9A-Fa-f]{2}$";
	case SCHEMA_PCI:
		return "^([0-9A-Fa-f]{4}:)?[0-9A-Fa-f]{2}:[01][0-9A-Fa-f]\\.[0-7]$";
	case SCHEMA_PERMISSIONS:
		return "^0?[0-7]{3}$";
	default:
		return NULL;
	}
}

static json_t *integer_json(const struct schema_field *field)
{
	return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum", (json_int_t)field->min, "maximum",
			 (json_int_t)field->max);
}

static json_t *text_json(const struct schema_field *field)
{
	return json_pack("{s:s, s:I, s:I}", "type", "string", "minLength", (json_int_t)field->min, "maxLength",
			 (json_int_t)field->max);
}

static json_t *pattern_json(enum schema_kind kind)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", pattern_of(kind));
}

static json_t *either_json(json_t *one, json_t *other)
{
	return json_pack("{s:[o, o]}", "anyOf", one, other);
}

static json_t *words_json(const struct schema_field *field)
{
	json_t *list = json_array();

	for (size_t i = 0; field->words[i]; i++)
		json_array_append_new(list, json_string(field->words[i]));
	return json_pack("{s:o}", "enum", list);
}

static json_t *field_json(const struct params *params, const struct schema_field *field);

static json_t *list_of(const struct params *params, const struct schema_field *field)
{
	json_t *json = json_pack("{s:s, s:o, s:I}", "type", "array", "items", field_json(params, field->entry),
				 "minItems", (json_int_t)field->min);

	if (field->max != SCHEMA_UNBOUNDED)
		json_object_set_new(json, "maxItems", json_integer(field->max));
	if (field->distinct)
		json_object_set_new(json, "uniqueItems", json_true());
	return json;
}

/* description says what a member is and, in brackets, what holds when something new is made without it. */
static json_t *description_json(const struct params *params, const struct schema_field *member)
{
	const char *help = member->help ? member->help : "", *between = member->help ? " " : "";
	bool makes = params->use != SCHEMA_SET;

	if (member->if_null && params_null(params, member))
		return json_sprintf("%s; null: %s", help, member->if_null);
	if (makes && member->unless)
		return json_sprintf("%s%s[%s]", help, between, member->unless);
	if (makes && member->kind == SCHEMA_NUMBER && member->in != FIELD_NOWHERE)
		return json_sprintf("%s%s[%u]", help, between, member->initial);
	if (makes && member->kind == SCHEMA_BOOLEAN)
		return json_sprintf("%s%s[%s]", help, between, member->initial ? "true" : "false");
	return json_string(help);
}

static json_t *params_object_json(const struct params *params)
{
	json_t *properties = json_object(), *required = json_array(), *either = json_array(), *json;
	const struct schema_field *member = NULL;

	while ((member = params_next(params, member))) {
		json_t *value = field_json(params, member);

		json_object_set_new(value, "description", description_json(params, member));
		json_object_set_new(properties, member->key, value);
		if (member->uses & SCHEMA_REQUIRED)
			json_array_append_new(required, json_string(member->key));
	}
	json = json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
			 "additionalProperties", 0);
	for (size_t i = 0; params->alternatives && params->alternatives[i]; i++)
		json_array_append_new(either, json_pack("{s:[s]}", "required", params->alternatives[i]));
	if (json_array_size(either))
		json_object_set(json, "oneOf", either);
	json_decref(either);
	return json;
}

static json_t *object_of(const struct params *params, const struct schema_field *field)
{
	const struct params below = params_below(params, field);

	return params_object_json(&below);
}

static json_t *value_json(const struct params *params, const struct schema_field *field)
{
	switch (field->kind) {
	case SCHEMA_BOOLEAN:
		return json_pack("{s:s}", "type", "boolean");
	case SCHEMA_TRUE:
		return json_pack("{s:b}", "const", 1);
	case SCHEMA_NUMBER:
		return integer_json(field);
	case SCHEMA_TEXT:
		return text_json(field);
	case SCHEMA_LINES:
		return json_pack("{s:s}", "type", "string");
	case SCHEMA_WORD:
		return words_json(field);
	case SCHEMA_VPORT:
		return either_json(integer_json(field), text_json(schema_field(FIELD_VPORT_NAME)));
	case SCHEMA_PROCESSOR:
		return either_json(integer_json(field), pattern_json(field->kind));
	case SCHEMA_VLAN:
		return either_json(integer_json(field), json_pack("{s:s}", "const", "any"));
	case SCHEMA_LIST:
		return list_of(params, field);
	case SCHEMA_MAPPING:
		return object_of(params, field);
	default:
		return pattern_json(field->kind);
	}
}

static json_t *field_json(const struct params *params, const struct schema_field *field)
{
	json_t *json = value_json(params, field);

	return params_null(params, field) ? either_json(json, json_pack("{s:s}", "type", "null")) : json;
}

json_t *params_json(const struct params *params)
{
	return params_object_json(params);
}
