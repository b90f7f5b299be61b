/* SPDX-License-Identifier: BSD-2-Clause */
/* The words that go with the enums: every one comes from the row that made the enum. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <vmmq/classify.h>
#include <vmmq/parse.h>
#include <vmmq/status.h>
#include <vmmq/toeplitz.h>
#include <vmmq/types.h>

static const struct {
	uint32_t bit;
	const char *name;
	unsigned bytes;
} hash_types[] = {
#define X(name, bit, text, bytes) { bit, text, bytes },
	VMMQ_HASH_TYPES(X)
#undef X
};

static_assert(sizeof(hash_types) / sizeof(hash_types[0]) == VMMQ_HASH_TYPE_COUNT, "VMMQ_HASH_TYPE_COUNT");
#define X(name, bit, text, bytes) | (bit)
static_assert((0 VMMQ_HASH_TYPES(X)) == VMMQ_HASH_TYPE_MASK, "VMMQ_HASH_TYPE_MASK");
#undef X
#define X(name, bit, text, bytes) static_assert((bytes) <= VMMQ_HASH_INPUT_MAX, "VMMQ_HASH_INPUT_MAX");
VMMQ_HASH_TYPES(X)
#undef X

const char *vmmq_hash_type_name(uint32_t type)
{
	for (size_t i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		if (hash_types[i].bit == type)
			return hash_types[i].name;
	return NULL;
}

uint32_t vmmq_hash_type_parse(const char *name)
{
	for (size_t i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		if (strcmp(hash_types[i].name, name) == 0)
			return hash_types[i].bit;
	return 0;
}

unsigned vmmq_hash_type_bytes(uint32_t type)
{
	for (size_t i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		if (hash_types[i].bit == type)
			return hash_types[i].bytes;
	return 0;
}

static const struct {
	uint32_t bit;
	const char *name;
	const char *title;
} tunnels[] = {
#define X(name, bit, text, title) { bit, text, title },
	VMMQ_TUNNELS(X)
#undef X
};

static_assert(sizeof(tunnels) / sizeof(tunnels[0]) == VMMQ_TUNNEL_COUNT, "VMMQ_TUNNEL_COUNT");
#define X(name, bit, text, title) | (bit)
static_assert((0 VMMQ_TUNNELS(X)) == VMMQ_TUNNEL_MASK, "VMMQ_TUNNEL_MASK");
#undef X

/* tunnel_place returns where a type stands, VMMQ_TUNNEL_COUNT: nowhere. */
static size_t tunnel_place(uint32_t type)
{
	size_t i = 0;

	while (i < VMMQ_TUNNEL_COUNT && tunnels[i].bit != type)
		i++;
	return i;
}

const char *vmmq_tunnel_name(uint32_t type)
{
	size_t place = tunnel_place(type);

	return place < VMMQ_TUNNEL_COUNT ? tunnels[place].name : NULL;
}

const char *vmmq_tunnel_title(uint32_t type)
{
	size_t place = tunnel_place(type);

	return place < VMMQ_TUNNEL_COUNT ? tunnels[place].title : NULL;
}

uint32_t vmmq_tunnel_parse(const char *name)
{
	for (size_t i = 0; i < VMMQ_TUNNEL_COUNT; i++)
		if (strcmp(tunnels[i].name, name) == 0)
			return tunnels[i].bit;
	return 0;
}

const char *vmmq_via_name(enum vmmq_via via)
{
	static const char *const name[] = {
#define X(id, text, meaning) text,
		VMMQ_VIAS(X)
#undef X
	};
	return via < VMMQ_VIA_COUNT ? name[via] : "unknown";
}

static const struct {
	const char *name;
	const char *meaning;
} drops[] = {
#define X(id, text, meaning) { text, meaning },
	VMMQ_DROPS(X)
#undef X
};

const char *vmmq_drop_name(enum vmmq_drop drop)
{
	return drop < VMMQ_DROP_COUNT ? drops[drop].name : "unknown";
}

const char *vmmq_drop_meaning(enum vmmq_drop drop)
{
	return drop < VMMQ_DROP_COUNT ? drops[drop].meaning : "unknown";
}

struct rule_words {
	const char *name;
	const char *section;
	const char *sentence;
};

#define X(id, text, section, sentence) { text, section, sentence },
static const struct rule_words outcomes[] = { VMMQ_PARSE_OUTCOMES(X) };
static const struct rule_words rules[] = { VMMQ_HASH_RULES(X) };
#undef X

static const struct rule_words unknown = { "unknown", "", "unknown" };

static const struct rule_words *outcome_words(enum vmmq_parse_outcome outcome)
{
	return outcome < VMMQ_PARSE_OUTCOME_COUNT ? &outcomes[outcome] : &unknown;
}

static const struct rule_words *hash_rule_words(enum vmmq_hash_rule rule)
{
	return rule < VMMQ_RULE_COUNT ? &rules[rule] : &unknown;
}

const char *vmmq_parse_outcome_name(enum vmmq_parse_outcome outcome)
{
	return outcome_words(outcome)->name;
}

const char *vmmq_parse_outcome_section(enum vmmq_parse_outcome outcome)
{
	return outcome_words(outcome)->section;
}

const char *vmmq_parse_outcome_sentence(enum vmmq_parse_outcome outcome)
{
	return outcome_words(outcome)->sentence;
}

const char *vmmq_hash_rule_name(enum vmmq_hash_rule rule)
{
	return hash_rule_words(rule)->name;
}

const char *vmmq_hash_rule_section(enum vmmq_hash_rule rule)
{
	return hash_rule_words(rule)->section;
}

const char *vmmq_hash_rule_sentence(enum vmmq_hash_rule rule)
{
	return hash_rule_words(rule)->sentence;
}

const char *vmmq_toeplitz_impl_name(enum vmmq_toeplitz_impl impl)
{
	static const char *const name[] = { "auto", "bitwise", "portable", "clmul", "vpclmul", "gfni" };

	return impl < VMMQ_TOEPLITZ_IMPL_COUNT ? name[impl] : "unknown";
}

enum vmmq_toeplitz_impl vmmq_toeplitz_impl_parse(const char *name)
{
	int impl = VMMQ_TOEPLITZ_AUTO;

	while (impl < VMMQ_TOEPLITZ_IMPL_COUNT &&
	       strcmp(name, vmmq_toeplitz_impl_name((enum vmmq_toeplitz_impl)impl)) != 0)
		impl++;
	return (enum vmmq_toeplitz_impl)impl;
}

static_assert(sizeof(vmmq_status) == sizeof(uint32_t), "as wide as NDIS_STATUS");

const char *vmmq_status_name(vmmq_status status)
{
	switch (status) {
#define X(name, value)                                                                                               \
	case VMMQ_##name:                                                                                            \
		return #name;
		VMMQ_STATUSES(X)
#undef X
	}
	return "UNKNOWN";
}

vmmq_status vmmq_why_set(struct vmmq_why *why, vmmq_status status, const char *path, const char *text, ...)
{
	va_list args;

	if (!why)
		return status;
	snprintf(why->path, sizeof(why->path), "%s", path);
	va_start(args, text);
	vsnprintf(why->text, sizeof(why->text), text, args);
	va_end(args);
	return status;
}
