/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lanes: what of a VPort's traffic moves together.  Each entry of its indirection table is a lane, and so are the default
 * and the primary processor.  Packets of one flow change lane only where hash, table size or RSS itself is changed.
 */
#ifndef VMMQ_ENGINE_LANE_SET_H
#define VMMQ_ENGINE_LANE_SET_H

#include <stdbool.h>
#include <stdint.h>
#include <vmmq/rss.h>

enum {
	LANE_DEFAULT = VMMQ_TABLE_ENTRIES_MAX,
	LANE_PRIMARY,
	LANE_COUNT,
};
#define LANE_WORDS ((LANE_COUNT + 63) / 64)

struct lane_set {
	uint64_t word[LANE_WORDS];
};

static inline void lane_set_add(struct lane_set *set, unsigned lane)
{
	set->word[lane / 64] |= (uint64_t)1 << lane % 64;
}

static inline bool lane_set_has(const struct lane_set *set, unsigned lane)
{
	return set->word[lane / 64] >> lane % 64 & 1;
}

static inline struct lane_set lane_set_all(void)
{
	struct lane_set all;

	for (unsigned i = 0; i < LANE_WORDS; i++)
		all.word[i] = UINT64_MAX;
	return all;
}

static inline bool lane_set_is_empty(const struct lane_set *set)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < LANE_WORDS; i++)
		any |= set->word[i];
	return !any;
}

static inline void lane_set_include(struct lane_set *set, const struct lane_set *other)
{
	for (unsigned i = 0; i < LANE_WORDS; i++)
		set->word[i] |= other->word[i];
}

static inline void lane_set_exclude(struct lane_set *set, const struct lane_set *other)
{
	for (unsigned i = 0; i < LANE_WORDS; i++)
		set->word[i] &= ~other->word[i];
}

static inline struct lane_set lane_set_common(const struct lane_set *a, const struct lane_set *b)
{
	struct lane_set common;

	for (unsigned i = 0; i < LANE_WORDS; i++)
		common.word[i] = a->word[i] & b->word[i];
	return common;
}

#endif
