/* SPDX-License-Identifier: BSD-2-Clause */
/* Between which VPorts packets have gone because of encapsulated filters, when one view follows another. */
#ifndef VMMQ_ENGINE_MOVED_INNER_H
#define VMMQ_ENGINE_MOVED_INNER_H

#include "engine/moved_filters.h"

struct vmmq_view;

/* Pairs beyond these, as when tunnels are switched on for a hundred VPorts, are not told one by one: their number goes with the square. */
#define MOVED_INNER_MAX 4096u

struct vports {
	uint64_t word[(UINT16_MAX + 1) / 64];
};

/*
 * moved_inner_find adds the pairs.  Which VPort had a packet before a filter matched what is inside it, or has it when none does any more,
 * the outer header says: that may be any VPort with filters, and VPort 0.  So a VPort with filters that are new, gone, another one's or
 * of other tunnels makes a pair with each of those.  Are they too many, *anywhere becomes the VPorts to which a packet may have come from
 * any other, whose pairs do not matter then; else it stays empty.  false: memory.
 */
bool moved_inner_find(struct moved_filters *moved, struct vports *anywhere, const struct vmmq_view *from,
		      const struct vmmq_view *to);

/* vports_next returns the next VPort of at least id from, or -1. */
int32_t vports_next(const struct vports *vports, uint32_t from);

#endif
