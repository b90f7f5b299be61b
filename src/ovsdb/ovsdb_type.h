/* SPDX-License-Identifier: BSD-2-Clause */
/* What a column may hold, as RFC 7047 section 3.2 has it: so many keys, or pairs of key and value, of such types. */
#ifndef VMMQ_OVSDB_OVSDB_TYPE_H
#define VMMQ_OVSDB_OVSDB_TYPE_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "ovsdb/ovsdb_why.h"

enum ovsdb_base {
	OVSDB_VOID, /* of a value: the column holds a set of keys */
	OVSDB_INTEGER,
	OVSDB_REAL,
	OVSDB_BOOLEAN,
	OVSDB_STRING,
	OVSDB_UUID,
};

/* min: 0 or 1.  max: at least 1; UINT_MAX: unlimited.  min 1 and max 1: a scalar. */
struct ovsdb_type {
	enum ovsdb_base key, value;
	unsigned min, max;
};

struct ovsdb_uuid {
	uint8_t bytes[16];
};

#define OVSDB_UUID_LEN 36 /* characters of its text */

/* ovsdb_base_name returns what a schema calls it. */
const char *ovsdb_base_name(enum ovsdb_base base);

/* ovsdb_type_read reads a schema's <type>. */
bool ovsdb_type_read(struct ovsdb_type *type, const json_t *json, struct ovsdb_why *why);

/* ovsdb_type_json returns a <type> that reads as this one; NULL: out of memory. */
json_t *ovsdb_type_json(const struct ovsdb_type *type);

/* ovsdb_uuid_read reads the one spelling that servers use: small letters, so that one row has one name. */
bool ovsdb_uuid_read(struct ovsdb_uuid *uuid, const char *text);
void ovsdb_uuid_write(const struct ovsdb_uuid *uuid, char text[OVSDB_UUID_LEN + 1]);

#endif
