/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is counted per VPort: at each processor what it indicated, at each source what it dropped.  One writer each, so
 * nothing is shared on the packet's way; counters_read.c folds them.
 */
#ifndef VMMQ_ENGINE_VPORT_COUNTERS_H
#define VMMQ_ENGINE_VPORT_COUNTERS_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <vmmq/rss.h>
#include <vmmq/types.h>

#include "base/cache_line.h"

struct processor;

/*
 * Counters of one VPort at one processor.  processor: rw; any reader: relaxed.  An everyday packet writes to two lines of cache: the
 * first, and that of its entry.  All packets, and those by the table, are sums that readers form.
 */
struct vport_slot_counters {
	_Alignas(CACHE_LINE) _Atomic uint64_t bytes;
	_Atomic uint64_t indications, by_default, by_primary;
	_Atomic uint64_t hashed[VMMQ_HASH_TYPE_COUNT]; /* at hashed_place[type] */
	_Alignas(CACHE_LINE) _Atomic uint64_t entry[VMMQ_TABLE_ENTRIES_MAX];
};
/* Where a hash type is counted, by its bit from VMMQ_HASH_IPV4 on: TCP and UDP come first, which are most. */
static const uint8_t hashed_place[VMMQ_HASH_TYPE_COUNT] = { 4, 0, 5, 6, 2, 7, 1, 3, 8 };

static_assert(offsetof(struct vport_slot_counters, hashed) + 4 * sizeof(uint64_t) == CACHE_LINE,
	      "TCP and UDP are counted in the first line");

#define COUNTERS_CHUNK 64u
struct vport_counters_chunk {
	struct vport_slot_counters vport[COUNTERS_CHUNK];
};

/* Drops by reason of one VPort at one source.  Holder of the source: rw; any reader: relaxed. */
struct vport_drops {
	_Atomic uint64_t reason[VMMQ_DROP_COUNT];
};

/* vport_counters_at returns a VPort's counters at a processor, made at first use; NULL: memory.  That processor only. */
struct vport_slot_counters *vport_counters_at(struct processor *processor, struct vmmq_vport_id vport);

#endif
