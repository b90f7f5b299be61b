/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A prepared group that waits.  Each entry of the group's log is exchanged with what stands in the model, the last one first, and
 * the first one first to take the group up again: no memory is needed, and nothing is lost either way.
 */
#include <assert.h>

#include "core/switch_model.h"

static void vport_count_in(struct vmmq_nic_switch *sw, const struct vport *vport, int sign)
{
	if (!vport)
		return;
	sw->queue_pairs_used += (uint32_t)sign * vport->queue_pairs;
	sw->vport_count += (uint32_t)sign;
}

static void exchange_vport(struct vmmq_nic_switch *sw, struct undo *undo)
{
	struct vport **slot = &sw->vport[undo->vport.v], *other = undo->before;

	vport_count_in(sw, *slot, -1);
	vport_count_in(sw, other, 1);
	undo->before = *slot;
	*slot = other;
}

static void exchange_processors(struct vmmq_nic_switch *sw, struct undo *undo)
{
	struct vmmq_processor_set set = sw->set;

	sw->set = undo->set;
	undo->set = set;
}

static void undo_exchange(struct vmmq_nic_switch *sw, struct undo *undo, bool aside)
{
	if (undo->kind == UNDO_VPORT)
		exchange_vport(sw, undo);
	else if (undo->kind == UNDO_PROCESSORS)
		exchange_processors(sw, undo);
	else
		filter_exchange(sw, undo, aside);
}

void vmmq_nic_switch_set_aside(struct vmmq_nic_switch *sw)
{
	assert(sw->prepared && !sw->aside);
	for (size_t i = sw->undo.count; i-- > 0;)
		undo_exchange(sw, &sw->undo.entry[i], true);
	sw->aside = true;
}

void vmmq_nic_switch_take_up(struct vmmq_nic_switch *sw)
{
	assert(sw->aside);
	for (size_t i = 0; i < sw->undo.count; i++)
		undo_exchange(sw, &sw->undo.entry[i], false);
	sw->aside = false;
}
