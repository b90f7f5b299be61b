/* SPDX-License-Identifier: BSD-2-Clause */
/* Between which VPorts packets have gone because of encapsulated filters, when one view follows another. */
#ifndef VMMQ_ENGINE_MOVED_INNER_H
#define VMMQ_ENGINE_MOVED_INNER_H

#include "engine/moved_filters.h"

struct vmmq_view;

/*
 * moved_inner_find adds the pairs.  Which VPort had a packet before a filter matched what is inside it, or has it when none does any more,
 * the outer header says: that may be any VPort with filters, and VPort 0.  So a VPort with filters that are new, gone, another one's or
 * of other tunnels makes a pair with each of those.  false: memory.
 */
bool moved_inner_find(struct moved_filters *moved, const struct vmmq_view *from, const struct vmmq_view *to);

#endif
