/* SPDX-License-Identifier: BSD-2-Clause */
/* One value of one field at each of the three doors: does it come in? */
#ifndef UNIT_SCHEMA_DOORS_H
#define UNIT_SCHEMA_DOORS_H

#include <stddef.h>

#include "schema/field.h"

/* As a value is written in YAML (and JSON, which is YAML), and as it is typed. */
struct spelling {
	const char *yaml;
	const char *typed;
};

/* The field stands alone in the smallest file that has a place for it. */
bool file_takes(const struct schema_field *field, const struct spelling *value);

/* The field stands alone in a request that adds a VPort (in_request() tells whether there is a place), or a number as its id. */
bool request_takes(const struct schema_field *field, const struct spelling *value);

/* The field is read from an option or operand. */
bool line_takes(const struct schema_field *field, const struct spelling *value);

/* in_file, in_request, on_line: has the door a place for the field? */
bool in_file(const struct schema_field *field);
bool in_request(const struct schema_field *field);
bool on_line(const struct schema_field *field);

#endif
