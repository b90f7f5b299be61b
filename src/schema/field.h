/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rows of schema/field_table.h as data, for whoever checks, explains or documents a value, and their ranges as constants.
 * Immutable, any thread.
 */
#ifndef VMMQ_SCHEMA_FIELD_H
#define VMMQ_SCHEMA_FIELD_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "schema/field_table.h"

enum schema_kind {
	SCHEMA_NUMBER,
	SCHEMA_BOOLEAN,
	SCHEMA_TEXT, /* none of its characters a control character */
	SCHEMA_WORD, /* one of words */
	SCHEMA_PROCESSOR,
	SCHEMA_MAC,
	SCHEMA_VLAN,        /* an id, or any */
	SCHEMA_KEY,         /* a hash secret key in hex digits, or random */
	SCHEMA_PCI,         /* an address */
	SCHEMA_PERMISSIONS, /* of a file, in octal digits */
	SCHEMA_LIST,
	SCHEMA_MAPPING, /* an object, in a request */
	/* Of requests only: */
	SCHEMA_TRUE,  /* true only: a mark that is there or not */
	SCHEMA_LINES, /* text of any characters but NUL */
	SCHEMA_HEX,   /* bytes as pairs of hex digits */
	SCHEMA_VPORT, /* a VPort's id, or its name */
};

/* Where a field is taken: in a file always; and in requests that make something new (vport.add, filter.add), or change it. */
enum schema_use {
	SCHEMA_REQUIRED = 1, /* its mapping or object is wrong without it */
	SCHEMA_ADD = 2,
	SCHEMA_SET = 4,
};

#define ROW(id, ...) FIELD_##id,
enum schema_id { FIELD_NOWHERE, SCHEMA_FIELDS(ROW) FIELD_COUNT };
#undef ROW

#define ROW(id, in, key, kind, min, max, initial, ...)                                                               \
	FIELD_##id##_MIN = (min), FIELD_##id##_MAX = (max), FIELD_##id##_INITIAL = (initial),
enum { SCHEMA_FIELDS(ROW) };
#undef ROW

/*
 * struct schema_field: a row, or what a method of the socket takes besides.  Sentences may have {min}, {max}, {words} and {KEY}
 * (another field's range) in them, and `values` (schema/needed.h).  A text that is NULL is made from the kind.
 */
struct schema_field {
	const char *key;
	enum schema_id in;
	enum schema_kind kind;
	uint32_t min, max, initial;
	unsigned uses, null; /* enum schema_use; null: where null is allowed too, as if it were left out */
	enum schema_id also; /* a mapping's: it has the keys of that one too, in front of its own */
	const struct schema_field *entry; /* of a list */
	bool distinct, power_of_two;      /* entries: no two the same; 1, 2, 4, ... of them */
	const char *const *words;         /* of a word, up to a NULL */
	const char *needed;               /* "%s is needed", in a file */
	const char *typed;                /* the same on the command line */
	const char *option;               /* of the command line, without dashes; NULL: it has none */
	/* rpc.discover: what it is; what holds when it is left out; what null does */
	const char *help, *unless, *if_null;
	/* docs/configuration.md: type and range, and more about them; what it is; what holds when it is left out */
	const char *form, *note, *unit, *meaning, *standard;
	/* An object that is no mapping of the file: its members, up to one without a key. */
	const struct schema_field *members;
	const char *const *alternatives; /* up to a NULL: exactly one of these keys is to be there */
};

extern const struct schema_field schema_fields[FIELD_COUNT];

/* schema_field returns a row. */
static inline const struct schema_field *schema_field(enum schema_id id)
{
	return &schema_fields[id];
}

/* schema_id returns which row of the table it is: no other struct schema_field. */
static inline enum schema_id schema_id(const struct schema_field *row)
{
	assert(row >= schema_fields && row < schema_fields + FIELD_COUNT);
	return (enum schema_id)(row - schema_fields);
}

/* schema_next returns the next key of the mapping in, after (NULL: from the beginning), or NULL. */
const struct schema_field *schema_next(enum schema_id in, const struct schema_field *after);

/* schema_has tells whether a field is a key of the mapping in. */
bool schema_has(enum schema_id in, const struct schema_field *field);

/* schema_find returns the field that is a mapping's key, or NULL. */
const struct schema_field *schema_find(enum schema_id in, const char *key);

/* schema_count_fits tells whether a list may have that many entries. */
bool schema_count_fits(const struct schema_field *list, uint64_t count);

#endif
