/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/port_json.h"

#include <stdio.h>
#include <string.h>

#include "config/config_port.h"

static json_t *features_json(uint64_t off)
{
	const struct schema_field *field = NULL;
	json_t *object = json_object();

	while ((field = schema_next(FIELD_FEATURES, field)))
		if (off & port_feature_bit(field->key))
			json_object_set_new(object, field->key, json_false());
	return object;
}

/* put_text adds a member; false: memory. */
static bool put_text(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, json_string(text)) == 0;
}

static bool put_options(json_t *object, const struct port_spec *spec)
{
	char permissions[8];
	bool done = true;

	if (port_kind_place(spec->kind) == PORT_AT_SOCKET)
		done = put_text(object, spec->kind == PORT_MEMIF ? "role" : "mode",
				schema_field(FIELD_MODE)->words[spec->mode]);
	if (spec->kind == PORT_MEMIF)
		done = done && json_object_set_new(object, "id", json_integer(spec->id)) == 0;
	if (spec->queues)
		done = done && json_object_set_new(object, "queues", json_integer(spec->queues)) == 0;
	if (spec->owner[0])
		done = done && put_text(object, "owner", spec->owner);
	if (spec->group[0])
		done = done && put_text(object, "group", spec->group);
	snprintf(permissions, sizeof(permissions), "%04o", (unsigned)spec->permissions);
	if (spec->permissions)
		done = done && put_text(object, "permissions", permissions);
	if (spec->sealed)
		done = done && json_object_set_new(object, "sealed", json_true()) == 0;
	if (spec->postcopy)
		done = done && json_object_set_new(object, "postcopy", json_true()) == 0;
	if (spec->features_off)
		done = done && json_object_set_new(object, "features", features_json(spec->features_off)) == 0;
	return done;
}

static json_t *kind_json(const struct port_spec *spec)
{
	const struct schema_field *kind = config_port_field(spec->kind);
	json_t *object;

	if (spec->kind == PORT_DEVICE)
		return json_string(spec->device);
	object = json_object();
	if (object && put_text(object, schema_next(schema_id(kind), NULL)->key, spec->place) &&
	    put_options(object, spec))
		return object;
	json_decref(object);
	return NULL;
}

json_t *port_json(const struct port_spec *spec)
{
	json_t *object = json_object();

	if (!object || spec->kind == PORT_NONE ||
	    json_object_set_new(object, port_kind_text(spec->kind), kind_json(spec)) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* set_scalar gives a member's value to its field as a file would have it. */
static bool set_scalar(struct port_spec *spec, const struct schema_field *field, const json_t *value)
{
	char hint[VALUE_HINT_MAX], number[24];

	if (json_is_string(value))
		return config_port_set(spec, field, json_string_value(value), hint);
	if (json_is_boolean(value))
		return config_port_set(spec, field, json_is_true(value) ? "true" : "false", hint);
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return json_is_integer(value) && config_port_set(spec, field, number, hint);
}

/* set_members reads the members of a kind's object, and of its features. */
static bool set_members(struct port_spec *spec, enum schema_id mapping, const json_t *object)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return false;
	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		const struct schema_field *field = schema_find(mapping, key);

		if (!field || !(field->kind == SCHEMA_MAPPING ? set_members(spec, schema_id(field), value)
							      : set_scalar(spec, field, value)))
			return false;
	}
	return true;
}

bool port_from_json(const json_t *object, struct port_spec *spec)
{
	*spec = (struct port_spec){ 0 };
	if (!object || json_is_null(object))
		return true;
	for (unsigned i = PORT_NONE + 1; i < PORT_KIND_COUNT; i++) {
		const struct schema_field *kind = config_port_field((enum port_kind)i);
		const json_t *value = json_object_get(object, kind->key);

		if (!value)
			continue;
		spec->kind = (enum port_kind)i;
		if (spec->kind == PORT_DEVICE ? set_scalar(spec, kind, value)
					      : set_members(spec, schema_id(kind), value) && spec->place[0])
			return true;
		port_spec_fini(spec);
		return false;
	}
	return false;
}
