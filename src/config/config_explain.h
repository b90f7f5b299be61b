/* SPDX-License-Identifier: BSD-2-Clause */
/* Refusals in one wording: "found X; Y is needed", "missing; Y is needed", "did you mean Z". */
#ifndef VMMQ_CONFIG_CONFIG_EXPLAIN_H
#define VMMQ_CONFIG_CONFIG_EXPLAIN_H

#include "config/config_tree.h"
#include "schema/needed.h"

/* config_needed writes what is needed in a field's place: "a number from 1 to 128 is needed". */
void config_needed(const struct schema_field *field, char *out, size_t size);

/* config_refuse_at refuses the value at path, of which the position is looked up.  Returns -1. */
__attribute__((format(printf, 4, 5))) int config_refuse_at(const struct config_tree *tree, struct config_error *error,
							   const char *path, const char *text, ...);

/* config_refuse_found refuses the text found for a field at path; hint, such as ", 79 hex digits", may be "".  Returns -1. */
int config_refuse_found(const struct config_tree *tree, struct config_error *error, const char *path,
			const struct schema_field *field, const char *found, const char *hint);

#endif
