/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What moves when one view follows another: for each VPort concerned the lanes that go from one processor to another.  It is
 * the same for every source.
 */
#ifndef VMMQ_ENGINE_MOVES_H
#define VMMQ_ENGINE_MOVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vmmq/classify.h>

#include "engine/lane_set.h"
#include "engine/processor_slot.h"

struct vmmq_adapter;

enum lane_change_kind {
	LANES_MOVED,      /* the lanes of each pair go from one processor to another, all others stay */
	LANES_RENUMBERED, /* the same, and the table has another size: a lane of before is others now */
	LANES_MIXED, /* any packet of old may come by any lane of vport: hash, RSS on or off, or a filter changed */
};

struct lane_pair {
	processor_slot from;
	processor_slot to;
	struct lane_set lanes; /* under the new view */
};

/* Indices are into the arrays of struct moves. */
struct lane_change {
	enum lane_change_kind kind;
	struct vmmq_vport_id vport; /* of the packets under the new view */
	struct vmmq_vport_id old;   /* and under the one before: another one where filters have changed */
	uint16_t from_mask, to_mask;
	uint32_t pair, pair_count; /* but LANES_MIXED: ascending by to */
	uint32_t from, from_count; /* but LANES_MOVED: all processors that old's packets went to */
	uint32_t to, to_count;     /* but LANES_MOVED: all processors that vport's packets go to */
	bool is_for_all; /* LANES_MIXED: any packet of any VPort, at any processor, may be one of vport's now */
};

struct moves {
	struct lane_change *change;
	struct lane_pair *pair;
	processor_slot *slot;
	size_t change_room, pair_room, slot_room;
	uint32_t change_count, pair_count, slot_count;
	uint32_t
	    processor_pairs; /* distinct (from, to) between which packets may go, from = to included for LANES_MIXED */
};

/* moves_between finds them; false: memory, and nothing to free.  moves_fini frees them. */
bool moves_between(const struct vmmq_adapter *adapter, const struct vmmq_view *from, const struct vmmq_view *to,
		   struct moves *moves);
void moves_fini(struct moves *moves);

#endif
