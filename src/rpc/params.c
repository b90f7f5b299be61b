/* SPDX-License-Identifier: BSD-2-Clause */
/* Which members an object of a request has: its own, then those of the file's mapping. */
#include "rpc/params.h"

static const struct schema_field *next_of_file(const struct params *params, const struct schema_field *member)
{
	if (params->of == FIELD_NOWHERE)
		return NULL;
	while ((member = schema_next(params->of, member)))
		if (member->uses & params->use)
			return member;
	return NULL;
}

/* is_row: a member that is a key of the file's mapping stands in the schema's table. */
static bool is_row(const struct params *params, const struct schema_field *member)
{
	return params->of != FIELD_NOWHERE && member->in != FIELD_NOWHERE && schema_has(params->of, member);
}

const struct schema_field *params_next(const struct params *params, const struct schema_field *member)
{
	if (member && is_row(params, member))
		return next_of_file(params, member);
	if (params->own) {
		member = member ? member + 1 : params->own;
		if (member->key)
			return member;
	}
	return next_of_file(params, NULL);
}

struct params params_below(const struct params *params, const struct schema_field *object)
{
	if (object->members)
		return (struct params){ .own = object->members, .alternatives = object->alternatives };
	return (struct params){ .of = schema_id(object), .use = params->use, .alternatives = object->alternatives };
}

bool params_null(const struct params *params, const struct schema_field *member)
{
	return member->null & params->use;
}
