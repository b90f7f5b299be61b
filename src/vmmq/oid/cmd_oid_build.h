/* SPDX-License-Identifier: BSD-2-Clause */
/* The builder of vmmq oid: what kinds of request there are, and the request that is being built. */
#ifndef VMMQ_VMMQ_OID_CMD_OID_BUILD_H
#define VMMQ_VMMQ_OID_CMD_OID_BUILD_H

#include "vmmq/oid/cmd_oid.h"

/* Bytes of a request, twice as many as an operand is accepted at; and letters of a value, which are no more bytes. */
#define BUILD_MAX (1u << 20)
#define VALUE_MAX 4095

/* A flag that follows from a member being given. */
struct implied {
	const char *key;
	uint32_t flag;
};

struct kind {
	const char *name;
	uint32_t oid;
	enum vmmq_oid_method method;
	const struct oid_structure *structure; /* NULL: no input */
	size_t room;                           /* bytes for the answer, unless room= says otherwise */
	uint32_t flags;                        /* before any member is given */
	bool given_clears;                     /* implied flags are cleared, not set */
	const struct implied *implied;
};

/* kind_find returns NULL after having said what there is instead. */
const struct kind *kind_find(const struct command_line *line, const char *name);

struct build {
	const struct command_line *line;
	const struct kind *kind;
	struct oid_request request;
	size_t fixed;
	size_t room;
	bool has_flags, has_key, has_mac, has_room;
};

/* Numbers in the request, little endian; it grows as far as is written. */
void build_store(struct build *b, size_t at, uint64_t value, size_t size);
uint32_t build_load32(const struct build *b, size_t at);
/* build_wrong says what is wrong with a value. */
int build_wrong(const struct build *b, const char *key, const char *value, const char *needed);

/* Values, each into its place: a member; table, key, MAC and VLAN id behind the structure; a command of rss-move. */
int build_member(struct build *b, const struct oid_field *field, const char *value);
int build_table(struct build *b, const char *value);
int build_key(struct build *b, const char *value);
void build_key_append(struct build *b, const uint8_t *key, size_t len);
int build_mac(struct build *b, const char *value);
int build_vlan(struct build *b, const char *value);
int build_move(struct build *b, const char *word, const char *value);

#endif
