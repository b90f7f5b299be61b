/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of the command line as JSON values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "vmmq/change/parameters.h"
#include "vmmq/change/port_text.h"

/* A key goes as digits only, or as the word: a daemon draws it, so that it never stands in a command line. */
static json_t *key_value(const char *text, const uint8_t key[VMMQ_KEY_LEN])
{
	char digits[2 * VMMQ_KEY_LEN + 1];

	hex_write(digits, key, VMMQ_KEY_LEN);
	return json_string(strcmp(text, "random") ? digits : text);
}

static json_t *mac_value(const uint8_t bytes[VMMQ_MAC_LEN])
{
	char mac[3 * VMMQ_MAC_LEN];

	hex_write_colons(mac, bytes, VMMQ_MAC_LEN);
	return json_string(mac);
}

static json_t *parameter_scalar(const struct schema_field *field, const char *text, char *hint)
{
	union value value;

	if (!value_read(field, text, &value, hint))
		return NULL;
	switch (field->kind) {
	case SCHEMA_NUMBER:
		return json_integer(value.number);
	case SCHEMA_BOOLEAN:
		return json_boolean(value.truth);
	case SCHEMA_PROCESSOR:
		return json_integer(value.processor.v);
	case SCHEMA_VLAN:
		return value.vlan == VMMQ_VLAN_ANY ? json_string("any") : json_integer((json_int_t)value.vlan);
	case SCHEMA_MAC:
		return mac_value(value.mac);
	case SCHEMA_KEY:
		return key_value(text, value.key);
	default:
		return json_string(text);
	}
}

static bool is_distinct(const json_t *list)
{
	size_t last = json_array_size(list) - 1;

	for (size_t i = 0; i < last; i++)
		if (json_equal(json_array_get(list, i), json_array_get(list, last)))
			return false;
	return true;
}

/* list_value reads the parts of text between commas; one that is wrong is named in hint, unless there is but one. */
static json_t *list_value(const struct schema_field *field, const char *text, char *hint)
{
	char *copy = strdup(text), *rest = copy, *part;
	json_t *list = json_array();

	while (list && rest) {
		json_t *value;

		part = strsep(&rest, ",");
		value = parameter_value(field->entry, part, hint);
		if (json_array_append_new(list, value) == 0 && (!field->distinct || is_distinct(list)))
			continue;
		if (strcmp(part, text) != 0 && !hint[0])
			snprintf(hint, VALUE_HINT_MAX, ", of which \"%.60s\" is %s", part,
				 value ? "there twice" : "wrong");
		json_decref(list);
		list = NULL;
	}
	free(copy);
	if (!list || schema_count_fits(field, json_array_size(list)))
		return list;
	snprintf(hint, VALUE_HINT_MAX, ", %zu of them", json_array_size(list));
	json_decref(list);
	return NULL;
}

/* filter_member adds what text says of a field, if there is any; false: it does not fit. */
static bool filter_member(json_t *filter, enum schema_id field, const char *text, char *hint)
{
	return !text || json_object_set_new(filter, schema_field(field)->key,
					    parameter_scalar(schema_field(field), text, hint)) == 0;
}

/* filter_value makes an object with mac, with vlan when the text is "MAC/VLAN", and encapsulated when "@VNI" or "@any" is behind that. */
static json_t *filter_value(const char *text, char *hint)
{
	char *copy = strdup(text), *vni = copy, *vlan, *mac;
	json_t *filter = json_object();
	bool good;

	if (!copy || !filter) {
		free(copy);
		json_decref(filter);
		return NULL;
	}
	vlan = strsep(&vni, "@");
	mac = strsep(&vlan, "/");
	good = filter_member(filter, FIELD_MAC, mac, hint) && filter_member(filter, FIELD_VLAN, vlan, hint) &&
	       (!vni || json_object_set_new(filter, "encapsulated", json_true()) == 0) &&
	       filter_member(filter, FIELD_VNI, vni && strcmp(vni, "any") ? vni : NULL, hint);
	free(copy);
	if (good)
		return filter;
	json_decref(filter);
	return NULL;
}

/* mapping_value: a filter is a MAC, or MAC/VLAN, or either with @VNI; all others that are written as one text are ports. */
static json_t *mapping_value(const struct schema_field *field, const char *text, char *hint)
{
	return field == schema_field(FIELD_FILTER) ? filter_value(text, hint) : port_value(text, hint);
}

static json_t *vport_value(const struct schema_field *field, const char *text, char *hint)
{
	bool digits = text[0] && !text[strspn(text, "0123456789")];
	uint32_t id;

	if (!digits)
		return parameter_scalar(schema_field(FIELD_VPORT_NAME), text, hint);
	return value_number(text, field->min, field->max, &id, hint) ? json_integer(id) : NULL;
}

json_t *parameter_value(const struct schema_field *field, const char *text, char *hint)
{
	switch (field->kind) {
	case SCHEMA_LIST:
		return list_value(field, text, hint);
	case SCHEMA_MAPPING:
		return mapping_value(field, text, hint);
	case SCHEMA_VPORT:
		return vport_value(field, text, hint);
	default:
		return parameter_scalar(field, text, hint);
	}
}
