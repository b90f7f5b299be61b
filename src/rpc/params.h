/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the params of a method may be: fields of the configuration (schema/field_table.h) and what only requests have.  Requests
 * are checked and the JSON Schema of rpc.discover is made from it.  Immutable, any thread.
 */
#ifndef VMMQ_RPC_PARAMS_H
#define VMMQ_RPC_PARAMS_H

#include <jansson.h>
#include <vmmq/status.h>

#include "schema/field.h"

/*
 * struct params: the members of an object.  own: those that are no fields of the file, up to one without a key; NULL: none.
 * of, use: and those keys of a mapping of the file that have that use, or of FIELD_NOWHERE none; also of objects below.
 * alternatives: exactly one of these members is to be there, up to a NULL; NULL: there are none.
 */
struct params {
	const struct schema_field *own;
	enum schema_id of;
	enum schema_use use;
	const char *const *alternatives;
};

/* params_next returns the member after member (NULL: the first), or NULL. */
const struct schema_field *params_next(const struct params *params, const struct schema_field *member);

/* params_below returns the members of an object that is itself a member of params, or an entry of such a list. */
struct params params_below(const struct params *params, const struct schema_field *object);

/* params_null tells whether null is allowed as a member of params. */
bool params_null(const struct params *params, const struct schema_field *member);

/*
 * params_check tells whether value fits: INVALID_PARAMETER with the path of the member ("rss.indirection_table[1]"), what was
 * found there and what is needed; SUCCESS otherwise.
 */
vmmq_status params_check(const struct params *params, const json_t *value, struct vmmq_why *why);

/* params_json returns the JSON Schema (draft 2020-12) of params, or NULL: memory. */
json_t *params_json(const struct params *params);

#endif
