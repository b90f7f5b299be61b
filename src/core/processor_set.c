/* SPDX-License-Identifier: BSD-2-Clause */
/* The RSS processor set: some of the processors that the switch was made with (spec 7). */
#include <stdlib.h>
#include <string.h>

#include "core/switch_model.h"

bool has_duplicate(const struct vmmq_processor *processor, size_t count)
{
	uint8_t seen[UINT16_MAX / 8 + 1] = { 0 };

	for (size_t i = 0; i < count; i++) {
		uint8_t bit = (uint8_t)(1u << processor[i].v % 8);

		if (seen[processor[i].v / 8] & bit)
			return true;
		seen[processor[i].v / 8] |= bit;
	}
	return false;
}

static void processor_set_free(const struct vmmq_processor_set *set)
{
	free((void *)(uintptr_t)set->processor);
}

bool processors_init(struct vmmq_nic_switch *sw, const struct vmmq_processor *processors, size_t count)
{
	struct vmmq_processor *all = calloc(count, sizeof(*all)), *set = calloc(count, sizeof(*set));

	sw->all = (struct vmmq_processor_set){ all, count };
	sw->set = (struct vmmq_processor_set){ set, count };
	if (!all || !set)
		return false;
	memcpy(all, processors, count * sizeof(*all));
	memcpy(set, processors, count * sizeof(*set));
	return true;
}

void processors_fini(struct vmmq_nic_switch *sw)
{
	processor_set_free(&sw->all);
	processor_set_free(&sw->set);
}

void processors_restore(struct vmmq_nic_switch *sw, const struct undo *undo)
{
	processor_set_free(&sw->set);
	sw->set = undo->set;
}

void processors_forget(const struct undo *undo)
{
	processor_set_free(&undo->set);
}

/* processor_set_steering_check holds every VPort's active parameters against the set. */
static vmmq_status processor_set_steering_check(const struct vmmq_nic_switch *sw,
						const struct vmmq_processor_set *set, struct vmmq_why *why)
{
	for (uint32_t i = 0; i < sw->vport_slots; i++) {
		const struct vport *vport = sw->vport[i];
		struct vmmq_why refused;

		if (vport && vmmq_rss_check(&vport->rss, set, vport->queue_pairs, &refused) != VMMQ_SUCCESS)
			return vmmq_why_set(why, VMMQ_INVALID_DATA, "processors", "VPort %u steers there: %s: %.160s",
					    (unsigned)i, refused.path, refused.text);
	}
	return VMMQ_SUCCESS;
}

static vmmq_status processor_set_check(const struct vmmq_nic_switch *sw, const struct vmmq_processor_set *set,
				       struct vmmq_why *why)
{
	if (!set->count)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "processors", "at least one processor is needed");
	if (has_duplicate(set->processor, set->count))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "processors", "a processor is named twice");
	for (size_t i = 0; i < set->count; i++)
		if (!vmmq_processor_set_has(&sw->all, set->processor[i]))
			return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "processors",
					    "processor %u is none of those that the adapter was made with",
					    (unsigned)set->processor[i].v);
	return processor_set_steering_check(sw, set, why);
}

static vmmq_status processor_set_replace(struct vmmq_nic_switch *sw, const struct vmmq_processor_set *wanted,
					 struct vmmq_why *why)
{
	vmmq_status status = processor_set_check(sw, wanted, why);
	struct vmmq_processor *copy;

	if (status != VMMQ_SUCCESS)
		return status;
	copy = calloc(wanted->count, sizeof(*copy));
	if (!copy || !undo_reserve(sw)) {
		free(copy);
		return out_of_memory(why);
	}
	memcpy(copy, wanted->processor, wanted->count * sizeof(*copy));
	undo_push(sw, (struct undo){ .kind = UNDO_PROCESSORS, .set = sw->set });
	sw->set = (struct vmmq_processor_set){ copy, wanted->count };
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_nic_switch_set_processors(struct vmmq_nic_switch *sw, const struct vmmq_processor *processors,
					   size_t count, struct vmmq_why *why)
{
	const struct vmmq_processor_set wanted = { processors, count };
	bool lone = op_begin(sw);

	return op_end(sw, lone, processor_set_replace(sw, &wanted, why), why);
}

const struct vmmq_processor_set *vmmq_nic_switch_processors(const struct vmmq_nic_switch *sw)
{
	return &sw->set;
}
