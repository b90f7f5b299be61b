/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/params_refuse.h"

#include <stdio.h>

#include "schema/needed.h"
#include "schema/value.h"

#define PATH_MAX_LEN sizeof(((struct vmmq_why *)0)->path)

static size_t place_write(const struct params_place *place, char *path, size_t size)
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

vmmq_status params_refuse(const struct params_place *place, struct vmmq_why *why, const char *text,
			  const char *detail)
{
	char path[PATH_MAX_LEN] = "";

	place_write(place, path, sizeof(path));
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, path, text, detail);
}

void params_found(const json_t *value, char *text, size_t size)
{
	char quoted[PARAMS_FOUND_MAX];

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

vmmq_status params_refuse_value(const struct params *params, const struct schema_field *field, const json_t *value,
				const struct params_place *place, struct vmmq_why *why)
{
	char found[PARAMS_FOUND_MAX], needed[NEEDED_MAX], path[PATH_MAX_LEN] = "";

	if (json_is_string(value) && value_is_secret(field, json_string_value(value)))
		snprintf(found, sizeof(found), "a text of %zu bytes", json_string_length(value));
	else if (json_is_number(value) && field->kind == SCHEMA_KEY)
		snprintf(found, sizeof(found), "a number");
	else
		params_found(value, found, sizeof(found));
	needed_text(field, NEEDED_IN_REQUEST, needed, sizeof(needed));
	place_write(place, path, sizeof(path));
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, path, "found %s; %s%s is needed", found, needed,
			    params_null(params, field) ? " or null" : "");
}
