/* SPDX-License-Identifier: BSD-2-Clause */
/* The switch as a whole: creation, groups of operations, views and their end. */
#include "core/switch_model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define UNLIMITED                     UINT32_MAX
#define QUEUE_PAIRS_PER_VPORT_DEFAULT 128
#define QUEUE_PAIRS_DEFAULT           16 /* spec 14.3 */

vmmq_status out_of_memory(struct vmmq_why *why)
{
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
}

bool undo_reserve(struct vmmq_nic_switch *sw)
{
	struct undo_log *log = &sw->undo;
	struct undo *entry = array_room(log->entry, &log->capacity, log->count + 1, 16, sizeof(*entry));

	if (!entry)
		return false;
	log->entry = entry;
	return true;
}

void undo_push(struct vmmq_nic_switch *sw, struct undo undo)
{
	assert(sw->undo.count < sw->undo.capacity); /* undo_reserve() came first */
	sw->undo.entry[sw->undo.count++] = undo;
}

void change_note(const struct vmmq_nic_switch *sw, size_t *changed)
{
	if (!*changed)
		*changed = sw->undo.count;
}

void vmmq_nic_switch_begin(struct vmmq_nic_switch *sw)
{
	assert(!sw->in_group);
	sw->in_group = true;
	sw->filters_changed = 0;
	sw->pairs_changed = 0;
	sw->group++;
	sw->undo.count = 0;
}

vmmq_nic_switch_mark_t vmmq_nic_switch_mark(struct vmmq_nic_switch *sw)
{
	assert(sw->in_group && !sw->prepared);
	sw->group++;
	return sw->undo.count;
}

void vmmq_nic_switch_rollback(struct vmmq_nic_switch *sw, vmmq_nic_switch_mark_t mark)
{
	assert(sw->in_group && !sw->prepared && mark <= sw->undo.count);
	while (sw->undo.count > mark) {
		const struct undo *undo = &sw->undo.entry[--sw->undo.count];

		if (undo->kind == UNDO_VPORT)
			vport_restore(sw, undo);
		else if (undo->kind == UNDO_PROCESSORS)
			processors_restore(sw, undo);
		else
			filter_restore(sw, undo);
	}
	if (sw->filters_changed > mark)
		sw->filters_changed = 0;
	if (sw->pairs_changed > mark)
		sw->pairs_changed = 0;
}

void vmmq_nic_switch_abort(struct vmmq_nic_switch *sw)
{
	assert(sw->in_group);
	if (sw->aside)
		vmmq_nic_switch_take_up(sw);
	if (sw->followed)
		sw->follower.abandon(sw->follower.context);
	if (sw->prepared)
		view_abandon(sw);
	sw->prepared = sw->followed = false;
	vmmq_nic_switch_rollback(sw, 0);
	sw->in_group = false;
}

void vmmq_nic_switch_follow(struct vmmq_nic_switch *sw, const struct vmmq_nic_switch_follower *follower)
{
	assert(!sw->in_group);
	sw->follower = *follower;
}

/* group_is_followed: whoever follows can take the prepared view, or it is none. */
static bool group_is_followed(struct vmmq_nic_switch *sw)
{
	if (!sw->making.node || !sw->follower.prepare)
		return true;
	sw->followed = sw->follower.prepare(sw->follower.context, &sw->making.node->view);
	return sw->followed;
}

vmmq_status vmmq_nic_switch_prepare(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	vmmq_status status = symmetric_check(sw, why);

	assert(sw->in_group && !sw->prepared);
	if (status == VMMQ_SUCCESS) {
		sw->prepared = view_prepare(sw);
		if (!sw->prepared || !group_is_followed(sw))
			status = out_of_memory(why);
	}
	if (status != VMMQ_SUCCESS)
		vmmq_nic_switch_abort(sw);
	return status;
}

const struct vmmq_view *vmmq_nic_switch_prepared_view(const struct vmmq_nic_switch *sw)
{
	assert(sw->prepared);
	return sw->making.node ? &sw->making.node->view : &sw->current->view;
}

vmmq_status vmmq_nic_switch_commit(struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	vmmq_status status = sw->prepared ? VMMQ_SUCCESS : vmmq_nic_switch_prepare(sw, why);

	if (status != VMMQ_SUCCESS)
		return status;
	assert(!sw->aside);
	/* No failures after this point: what could be taken back no longer is. */
	view_commit(sw);
	if (sw->followed)
		sw->follower.commit(sw->follower.context);
	sw->prepared = sw->followed = false;
	for (size_t i = 0; i < sw->undo.count; i++) {
		const struct undo *undo = &sw->undo.entry[i];

		free(undo->before);
		if (undo->kind == UNDO_FILTER_CLEAR)
			filter_free(sw, undo->filter);
		else if (undo->kind == UNDO_PROCESSORS)
			processors_forget(undo);
	}
	sw->undo.count = 0;
	sw->in_group = false;
	return VMMQ_SUCCESS;
}

static struct vmmq_nic_switch_change change_of_undo(const struct undo *undo)
{
	switch (undo->kind) {
	case UNDO_VPORT:
		return (struct vmmq_nic_switch_change){ VMMQ_CHANGED_VPORT, undo->vport.v };
	case UNDO_PROCESSORS:
		return (struct vmmq_nic_switch_change){ VMMQ_CHANGED_PROCESSORS, 0 };
	default:
		return (struct vmmq_nic_switch_change){ VMMQ_CHANGED_FILTER, undo->filter->id };
	}
}

size_t vmmq_nic_switch_changes(const struct vmmq_nic_switch *sw, vmmq_nic_switch_mark_t mark, size_t skip,
			       struct vmmq_nic_switch_change change[], size_t max)
{
	size_t count = sw->undo.count - mark;

	assert(sw->in_group && mark <= sw->undo.count);
	for (size_t i = 0; i < max && skip < count; i++, skip++)
		change[i] = change_of_undo(&sw->undo.entry[mark + skip]);
	return count;
}

bool op_begin(struct vmmq_nic_switch *sw)
{
	assert(!sw->prepared);
	if (sw->in_group)
		return false;
	vmmq_nic_switch_begin(sw);
	return true;
}

vmmq_status op_end(struct vmmq_nic_switch *sw, bool lone, vmmq_status status, struct vmmq_why *why)
{
	if (!lone)
		return status;
	if (status == VMMQ_SUCCESS)
		return vmmq_nic_switch_commit(sw, why);
	vmmq_nic_switch_abort(sw);
	return status;
}

const struct vmmq_view *vmmq_nic_switch_view(const struct vmmq_nic_switch *sw)
{
	return &sw->current->view;
}

/* views_free_older frees the views that are older than end. */
static void views_free_older(struct vmmq_nic_switch *sw, const struct view_node *end)
{
	while (sw->oldest != end) {
		struct view_node *node = sw->oldest;

		sw->oldest = node->next;
		view_node_free(node);
	}
}

void vmmq_nic_switch_retire(struct vmmq_nic_switch *sw, const struct vmmq_view *view)
{
	const struct view_node *node = sw->oldest;

	while (node && &node->view != view)
		node = node->next;
	/* A view that is gone already takes no younger one with it. */
	if (node)
		views_free_older(sw, node == sw->current ? node : node->next);
}

static uint32_t limit_or_default(uint32_t value, uint32_t instead)
{
	return value ? value : instead;
}

static void limits_fill(struct vmmq_nic_switch_params *limits)
{
	limits->max_vports = limit_or_default(limits->max_vports, VMMQ_VPORTS_MAX);
	limits->max_queue_pairs = limit_or_default(limits->max_queue_pairs, UNLIMITED);
	limits->max_queue_pairs_per_vport =
	    limit_or_default(limits->max_queue_pairs_per_vport, QUEUE_PAIRS_PER_VPORT_DEFAULT);
	limits->max_filters = limit_or_default(limits->max_filters, UNLIMITED);
	limits->default_vport_queue_pairs = limit_or_default(limits->default_vport_queue_pairs, QUEUE_PAIRS_DEFAULT);
}

static vmmq_status switch_params_check(const struct vmmq_nic_switch_params *params,
				       const struct vmmq_nic_switch_params *limits, struct vmmq_why *why)
{
	if (!params->processor_count)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "processors", "at least one processor is needed");
	if (has_duplicate(params->processors, params->processor_count))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "processors", "a processor is named twice");
	if (limits->max_vports > VMMQ_VPORTS_MAX)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "max_vports", "%u; at most %u", limits->max_vports,
				    VMMQ_VPORTS_MAX);
	if (limits->default_vport_queue_pairs > limits->max_queue_pairs ||
	    limits->default_vport_queue_pairs > limits->max_queue_pairs_per_vport)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "default_vport_queue_pairs",
				    "%u; more than a VPort or the adapter may have",
				    limits->default_vport_queue_pairs);
	if (vmmq_toeplitz_resolve(params->toeplitz) == VMMQ_TOEPLITZ_AUTO)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "toeplitz", "this CPU cannot run implementation %s",
				    vmmq_toeplitz_impl_name(params->toeplitz));
	return VMMQ_SUCCESS;
}

/* switch_fill sets up a zeroed switch; false: memory, and the caller destroys what is there. */
static bool switch_fill(struct vmmq_nic_switch *sw, const struct vmmq_nic_switch_params *params)
{
	struct vport *vport0 = calloc(1, sizeof(*vport0));

	sw->vport = calloc(VMMQ_VIEW_CHUNK, sizeof(struct vport *));
	if (!vport0 || !sw->vport || !processors_init(sw, params->processors, params->processor_count)) {
		free(vport0);
		return false;
	}
	sw->toeplitz = vmmq_toeplitz_resolve(params->toeplitz);
	sw->next_filter_id = 1;
	vport0->state = VMMQ_VPORT_ACTIVATED;
	vport0->queue_pairs = sw->limits.default_vport_queue_pairs;
	memcpy(vport0->name, "default", sizeof("default"));
	vport0->affinity = affinity_of(sw->all.processor[0]);
	vmmq_rss_params_init(&vport0->rss, sw->all.processor[0]);
	sw->vport[0] = vport0;
	sw->vport_slots = VMMQ_VIEW_CHUNK;
	sw->vport_count = 1;
	sw->queue_pairs_used = vport0->queue_pairs;
	return view_first(sw);
}

vmmq_status vmmq_nic_switch_create(const struct vmmq_nic_switch_params *params, struct vmmq_nic_switch **out,
				   struct vmmq_why *why)
{
	struct vmmq_nic_switch_params limits = *params;
	struct vmmq_nic_switch *sw;
	vmmq_status status;

	*out = NULL;
	limits_fill(&limits);
	status = switch_params_check(params, &limits, why);
	if (status != VMMQ_SUCCESS)
		return status;
	sw = calloc(1, sizeof(*sw));
	if (!sw)
		return out_of_memory(why);
	sw->limits = limits;
	if (!switch_fill(sw, params)) {
		vmmq_nic_switch_destroy(sw);
		return out_of_memory(why);
	}
	*out = sw;
	return VMMQ_SUCCESS;
}

void vmmq_nic_switch_destroy(struct vmmq_nic_switch *sw)
{
	if (!sw)
		return;
	if (sw->in_group)
		vmmq_nic_switch_abort(sw);
	if (sw->current) {
		views_free_older(sw, sw->current);
		view_last_free(sw->current);
	}
	for (uint32_t i = 0; i < sw->vport_slots; i++)
		free(sw->vport[i]);
	free(sw->vport);
	filters_free(sw);
	free(sw->undo.entry);
	processors_fini(sw);
	free(sw);
}
