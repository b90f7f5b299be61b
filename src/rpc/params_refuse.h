/* SPDX-License-Identifier: BSD-2-Clause */
/* How a wrong member of a request is told: its path, what was found there, and what is needed. */
#ifndef VMMQ_RPC_PARAMS_REFUSE_H
#define VMMQ_RPC_PARAMS_REFUSE_H

#include "config/config_tree.h"
#include "rpc/params.h"

/* A place in the params, as a chain to their root. */
struct params_place {
	const struct params_place *above;
	const char *member; /* NULL: an entry of a list */
	size_t entry;
};

#define PARAMS_FOUND_MAX (CONFIG_QUOTE_MAX + 48) /* size for what params_found() writes */

/* params_found says what stands there, short. */
void params_found(const json_t *value, char *text, size_t size);

/* params_refuse returns INVALID_PARAMETER; text has one %s, for detail. */
vmmq_status params_refuse(const struct params_place *place, struct vmmq_why *why, const char *text,
			  const char *detail);

/* params_refuse_value does so with the value that was found in a field's place. */
vmmq_status params_refuse_value(const struct params *params, const struct schema_field *field, const json_t *value,
				const struct params_place *place, struct vmmq_why *why);

#endif
