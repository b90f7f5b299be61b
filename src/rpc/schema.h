/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the params of a method may be: a small table per method, from which requests are checked and the JSON Schema of
 * rpc.discover is made.  Immutable, any thread.
 */
#ifndef VMMQ_RPC_SCHEMA_H
#define VMMQ_RPC_SCHEMA_H

#include <jansson.h>
#include <vmmq/status.h>

enum schema_type {
	SCHEMA_BOOLEAN,
	SCHEMA_TRUE,    /* true only: a mark that is there or not */
	SCHEMA_INTEGER, /* min to max */
	SCHEMA_TEXT,    /* min to max characters, none of them a control character */
	SCHEMA_LINES,   /* text of any characters but NUL */
	SCHEMA_WORD,    /* one of words, up to a NULL */
	SCHEMA_HEX,     /* bytes as pairs of hex digits */
	SCHEMA_VPORT,   /* a VPort's id, or its name */
	SCHEMA_PROCESSOR,
	SCHEMA_MAC,
	SCHEMA_VLAN, /* an id, or "any" */
	SCHEMA_KEY,  /* 80 hex digits, or "random" */
	SCHEMA_LIST, /* min to max of entry */
	SCHEMA_OBJECT,
};

struct schema_member;

/*
 * struct schema: one value.  null: null is allowed too, and means the same as leaving the member out unless its help says
 * otherwise.  needed: what is right, as in "%s is needed"; NULL where the type says it all.
 * members: of an object, up to one without a name.  alternatives: names of members, up to a NULL, one of which must be there.
 */
struct schema {
	enum schema_type type;
	bool null;
	json_int_t min, max;
	const char *needed;
	const char *const *words;
	const struct schema *entry;
	const struct schema_member *members;
	const char *const *alternatives;
};

struct schema_member {
	const char *name;
	const struct schema *value;
	bool required;
	const char *help;
};

/*
 * schema_check tells whether value fits: INVALID_PARAMETER with the path of the member ("rss.indirection_table[1]"), what was
 * found there and what is needed; SUCCESS otherwise.
 */
vmmq_status schema_check(const struct schema *schema, const json_t *value, struct vmmq_why *why);

/* schema_json returns the JSON Schema (draft 2020-12) of schema, or NULL: memory. */
json_t *schema_json(const struct schema *schema);

/* schema_pattern returns the regular expression that a text of that type fits, or NULL when it has none. */
const char *schema_pattern(enum schema_type type);

#endif
