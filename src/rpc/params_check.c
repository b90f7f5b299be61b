/* SPDX-License-Identifier: BSD-2-Clause */
/* Checking the params of a request: the first thing that is wrong is told. */
#include "rpc/params.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/similar_word.h"
#include "rpc/params_refuse.h"
#include "schema/value.h"

static bool integer_fits(const json_t *value, json_int_t min, json_int_t max)
{
	return json_is_integer(value) && json_integer_value(value) >= min && json_integer_value(value) <= max;
}

static bool hex_fits(const char *text)
{
	size_t len = strlen(text);

	return len % 2 == 0 && strspn(text, HEX_DIGITS) == len;
}

static bool text_fits(const struct schema_field *field, const char *text)
{
	char hint[VALUE_HINT_MAX] = "";
	union value value;

	switch (field->kind) {
	case SCHEMA_TEXT:
	case SCHEMA_WORD:
	case SCHEMA_MAC:
	case SCHEMA_PCI:
	case SCHEMA_PERMISSIONS:
		return value_read(field, text, &value, hint);
	case SCHEMA_LINES:
		return true;
	case SCHEMA_HEX:
		return hex_fits(text);
	case SCHEMA_VPORT:
		return value_read(schema_field(FIELD_VPORT_NAME), text, &value, hint);
	case SCHEMA_PROCESSOR:
		return strchr(text, ':') && value_read(field, text, &value, hint);
	case SCHEMA_VLAN:
		return strcmp(text, "any") == 0;
	case SCHEMA_KEY:
		return strcmp(text, "random") == 0 || value_read(field, text, &value, hint);
	default:
		return false;
	}
}

static bool scalar_fits(const struct schema_field *field, const json_t *value)
{
	switch (field->kind) {
	case SCHEMA_BOOLEAN:
		return json_is_boolean(value);
	case SCHEMA_TRUE:
		return json_is_true(value);
	case SCHEMA_NUMBER:
		return integer_fits(value, field->min, field->max);
	case SCHEMA_VPORT:
	case SCHEMA_PROCESSOR:
	case SCHEMA_VLAN:
		if (json_is_integer(value))
			return integer_fits(value, field->min, field->max);
		break;
	default:
		break;
	}
	return json_is_string(value) && text_fits(field, json_string_value(value));
}

static vmmq_status params_check_value(const struct params *params, const struct schema_field *field,
				      const json_t *value, const struct params_place *place, struct vmmq_why *why);

/* check_distinct refuses an entry that equals one before it.  Such lists are short. */
static vmmq_status check_distinct(const json_t *list, size_t entry, const struct params_place *here,
				  struct vmmq_why *why)
{
	char found[PARAMS_FOUND_MAX];

	for (size_t i = 0; i < entry; i++) {
		if (!json_equal(json_array_get(list, i), json_array_get(list, entry)))
			continue;
		params_found(json_array_get(list, entry), found, sizeof(found));
		return params_refuse(here, why, "%s is in this list twice; once is allowed", found);
	}
	return VMMQ_SUCCESS;
}

static vmmq_status check_list(const struct params *params, const struct schema_field *field, const json_t *value,
			      const struct params_place *place, struct vmmq_why *why)
{
	size_t count = json_array_size(value);

	if (!json_is_array(value) || count < field->min || (field->max != SCHEMA_UNBOUNDED && count > field->max))
		return params_refuse_value(params, field, value, place, why);
	for (size_t i = 0; i < count; i++) {
		const struct params_place entry = { place, NULL, i };
		vmmq_status status = params_check_value(params, field->entry, json_array_get(value, i), &entry, why);

		if (status == VMMQ_SUCCESS && field->distinct)
			status = check_distinct(value, i, &entry, why);
		if (status != VMMQ_SUCCESS)
			return status;
	}
	return VMMQ_SUCCESS;
}

#define MEMBERS_MAX 16

/* refuse_unknown: a member that is not known here, with the one that was meant perhaps, or else all there are. */
static vmmq_status refuse_unknown(const struct params *params, const char *name, const struct params_place *place,
				  struct vmmq_why *why)
{
	const struct schema_field *member = NULL;
	const char *names[MEMBERS_MAX];
	const char *similar;
	char text[200];
	size_t count = 0, at = 0;

	while ((member = params_next(params, member)) && count < MEMBERS_MAX)
		names[count++] = member->key;
	similar = similar_word(name, names, count);
	if (similar)
		return params_refuse(place, why, "unknown member; did you mean %s?", similar);
	if (count == 0)
		return params_refuse(place, why, "unknown member%s", "; no member is expected here");
	for (size_t i = 0; i < count && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? ", " : "", names[i]);
	return params_refuse(place, why, "unknown member; known here: %s", text);
}

static const struct schema_field *member_find(const struct params *params, const char *name)
{
	const struct schema_field *member = NULL;

	while ((member = params_next(params, member)))
		if (strcmp(member->key, name) == 0)
			return member;
	return NULL;
}

static vmmq_status check_alternatives(const char *const *alternatives, const json_t *value,
				      const struct params_place *place, struct vmmq_why *why)
{
	char names[96];
	size_t found = 0, at = 0;

	for (size_t i = 0; alternatives[i]; i++) {
		found += json_object_get(value, alternatives[i]) != NULL;
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", i ? ", " : "", alternatives[i]);
	}
	return found == 1 ? VMMQ_SUCCESS : params_refuse(place, why, "exactly one of %s is needed", names);
}

static vmmq_status check_members(const struct params *params, json_t *value, const struct params_place *place,
				 struct vmmq_why *why)
{
	const struct schema_field *member = NULL;
	const char *name;
	json_t *found;

	json_object_foreach(value, name, found)
	{
		const struct schema_field *known = member_find(params, name);
		const struct params_place here = { place, name, 0 };
		vmmq_status status = known ? params_check_value(params, known, found, &here, why)
					   : refuse_unknown(params, name, &here, why);

		if (status != VMMQ_SUCCESS)
			return status;
	}
	while ((member = params_next(params, member))) {
		const struct params_place here = { place, member->key, 0 };

		if (member->uses & SCHEMA_REQUIRED && !json_object_get(value, member->key))
			return params_refuse(&here, why, "is missing: %s", member->help);
	}
	return params->alternatives ? check_alternatives(params->alternatives, value, place, why) : VMMQ_SUCCESS;
}

static vmmq_status check_object(const struct params *params, const struct schema_field *field, const json_t *value,
				const struct params_place *place, struct vmmq_why *why)
{
	const struct params below = params_below(params, field);

	if (!json_is_object(value))
		return params_refuse_value(params, field, value, place, why);
	return check_members(&below, (json_t *)(uintptr_t)value, place, why);
}

static vmmq_status params_check_value(const struct params *params, const struct schema_field *field,
				      const json_t *value, const struct params_place *place, struct vmmq_why *why)
{
	if (json_is_null(value) && params_null(params, field))
		return VMMQ_SUCCESS;
	if (field->kind == SCHEMA_LIST)
		return check_list(params, field, value, place, why);
	if (field->kind == SCHEMA_MAPPING)
		return check_object(params, field, value, place, why);
	return scalar_fits(field, value) ? VMMQ_SUCCESS : params_refuse_value(params, field, value, place, why);
}

vmmq_status params_check(const struct params *params, const json_t *value, struct vmmq_why *why)
{
	static const struct schema_field object = { .kind = SCHEMA_MAPPING };

	if (!json_is_object(value))
		return params_refuse_value(params, &object, value, NULL, why);
	return check_members(params, (json_t *)(uintptr_t)value, NULL, why);
}
