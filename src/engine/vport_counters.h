/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is counted per VPort: at each processor what it indicated, at each source what it dropped.  One writer each, so
 * nothing is shared on the packet's way; counters_read.c folds them.
 */
#ifndef VMMQ_ENGINE_VPORT_COUNTERS_H
#define VMMQ_ENGINE_VPORT_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>
#include <vmmq/rss.h>
#include <vmmq/types.h>

struct processor;

/* Counters of one VPort at one processor.  processor: rw; any reader: relaxed. */
struct vport_slot_counters {
	_Atomic uint64_t packets, bytes, indications;
	_Atomic uint64_t hashed[VMMQ_HASH_TYPE_COUNT];
	_Atomic uint64_t via[VMMQ_VIA_COUNT];
	_Atomic uint64_t entry[VMMQ_TABLE_ENTRIES_MAX];
};
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
