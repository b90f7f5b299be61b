/* SPDX-License-Identifier: BSD-2-Clause */
/* The running switch becomes equal to a configuration. */
#include <stdio.h>
#include <string.h>

#include "config/build_switch.h"
#include "control/apply_plan.h"
#include "control/live_fleet.h"
#include "control/live_moved.h"

static vmmq_status apply_out_of_memory(struct vmmq_why *why)
{
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
}

/* vport_without_filters returns a VPort that is still to get its filters. */
static struct config_vport vport_without_filters(const struct config_vport *vport)
{
	struct config_vport without = *vport;

	without.filters = NULL;
	without.filter_count = 0;
	return without;
}

static vmmq_status set_vport_extras(struct live *live, const struct config_vport *wanted, struct vmmq_why *why)
{
	struct live_extra extra = *live_extra_at(live, wanted->id.v);

	live_extra_set_port(live, &extra, &wanted->backend);
	extra.anti_spoofing = wanted->anti_spoofing;
	extra.control_frames = wanted->control_frames;
	extra.flood_limit = wanted->flood_limit;
	extra.min_queue_pairs = wanted->min_queue_pairs;
	extra.dynamic = wanted->dynamic;
	extra.owner = wanted->owner;
	if (!live_extra_put(live, wanted->id.v, &extra))
		return apply_out_of_memory(why);
	return extra.dynamic ? VMMQ_SUCCESS : live_moved_release(live, wanted->id, why);
}

static vmmq_status set_state(struct live *live, const struct apply_step *step, struct vmmq_why *why)
{
	if (step->before->ndis.deactivated == step->after->ndis.deactivated)
		return VMMQ_SUCCESS;
	if (step->after->ndis.deactivated)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "state",
				    "an activated VPort cannot be deactivated; delete it and create it again");
	return vmmq_vport_activate(live->sw, step->after->id, why);
}

/* set_vport: queue pairs grow before the RSS parameters that may need them, and shrink after those that may have. */
static vmmq_status set_vport(struct live *live, const struct apply_step *step, struct vmmq_why *why)
{
	const struct config_vport *before = step->before, *after = step->after;
	vmmq_status status = VMMQ_SUCCESS;

	if (strcmp(before->name, after->name) != 0)
		status = switch_rename(live->sw, after->id, after->name, why);
	if (status == VMMQ_SUCCESS &&
	    (after->queue_pairs != before->queue_pairs || !vmmq_config_rss_equal(&before->rss, &after->rss)))
		status = live_moved_release(live, after->id, why);
	if (status == VMMQ_SUCCESS && after->queue_pairs > before->queue_pairs)
		status = vmmq_vport_set_queue_pairs(live->sw, after->id, after->queue_pairs, why);
	if (status == VMMQ_SUCCESS && !vmmq_config_rss_equal(&before->rss, &after->rss))
		status = vmmq_rss_set(live->sw, after->id, &after->rss, why);
	if (status == VMMQ_SUCCESS && after->queue_pairs < before->queue_pairs)
		status = vmmq_vport_set_queue_pairs(live->sw, after->id, after->queue_pairs, why);
	if (status == VMMQ_SUCCESS)
		status = set_state(live, step, why);
	return status == VMMQ_SUCCESS ? set_vport_extras(live, after, why) : status;
}

static vmmq_status apply_add_vport(struct live *live, const struct config_vport *wanted, struct vmmq_why *why)
{
	const struct config_vport vport = vport_without_filters(wanted);
	vmmq_status status = switch_add_vport(live->sw, &vport, why);

	return status == VMMQ_SUCCESS ? set_vport_extras(live, wanted, why) : status;
}

static vmmq_status set_uplink(struct live *live, const struct vmmq_config *wanted, struct vmmq_why *why)
{
	struct live_extra extra = { .rx_queues = wanted->uplink_rx_queues };

	live_extra_set_port(live, &extra, &wanted->uplink);
	return live_extra_put(live, LIVE_UPLINK, &extra) ? VMMQ_SUCCESS : apply_out_of_memory(why);
}

static vmmq_status apply_carry_out(struct live *live, const struct apply_plan *plan, const struct apply_step *step,
				   struct vmmq_why *why)
{
	struct vmmq_filter filter;

	switch (step->kind) {
	case APPLY_FIXED:
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, step->field,
				    "%s: this cannot change while vmmqd runs; restart it with --reseed", step->text);
	case APPLY_FILTER_DELETE:
		return vmmq_filter_clear(live->sw, step->filter->id, why);
	case APPLY_VPORT_ADD:
		return apply_add_vport(live, step->after, why);
	case APPLY_FILTER_MOVE:
		return vmmq_filter_move(live->sw, step->filter->id, step->before->id, step->after->id, why);
	case APPLY_VPORT_DELETE:
		return live_vport_delete(live, step->before->id, false, why);
	case APPLY_VPORT_SET:
		return set_vport(live, step, why);
	case APPLY_FILTER_ADD:
		filter = config_filter_of(step->filter, step->after->id);
		filter.id = 0; /* to be assigned */
		return vmmq_filter_add(live->sw, &filter, why);
	case APPLY_PROCESSORS:
		if (live_moved_leave(live, plan->wanted->processors, plan->wanted->processor_count, why) !=
		    VMMQ_SUCCESS)
			return VMMQ_RESOURCES;
		return vmmq_nic_switch_set_processors(live->sw, plan->wanted->processors,
						      plan->wanted->processor_count, why);
	case APPLY_UPLINK:
		return set_uplink(live, plan->wanted, why);
	case APPLY_BALANCE:
		return live_balance_set(live, &plan->wanted->balance, why);
	case APPLY_KINDS:
		break;
	}
	return VMMQ_SUCCESS;
}

/* name_place says in front of a refusal's path what it is about. */
static void name_place(const struct apply_step *step, struct vmmq_why *why)
{
	struct vmmq_why refused = *why;

	if (step->after || step->before)
		switch_name_vport(why, step->after ? step->after->id : step->before->id);
	else
		snprintf(why->path, sizeof(why->path), "adapter%s%.80s", refused.path[0] ? "." : "", refused.path);
}

/* check_devices looks at the ports as they are in the end: two VPorts may exchange theirs. */
static vmmq_status check_devices(const struct live *live, const struct apply_plan *plan, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < plan->count && status == VMMQ_SUCCESS; i++) {
		const struct apply_step *step = &plan->step[i];

		if (step->kind == APPLY_UPLINK)
			status = live_extra_check(live, LIVE_UPLINK, why);
		if (step->kind != APPLY_VPORT_ADD && step->kind != APPLY_VPORT_SET)
			continue;
		status = live_extra_check(live, step->after->id.v, why);
		if (status != VMMQ_SUCCESS)
			name_place(step, why);
	}
	return status;
}

/* The set is as wide as it can be while VPorts go from the old one to the new one; the last step narrows it. */
static vmmq_status carry_out_all(struct live *live, const struct apply_plan *plan, struct vmmq_why *why)
{
	bool narrows = false;
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < plan->count; i++)
		narrows = narrows || plan->step[i].kind == APPLY_PROCESSORS;
	if (narrows)
		status = vmmq_nic_switch_set_processors(live->sw, live->running, live->running_count, why);
	for (size_t i = 0; i < plan->count && status == VMMQ_SUCCESS; i++) {
		status = apply_carry_out(live, plan, &plan->step[i], why);
		if (status != VMMQ_SUCCESS)
			name_place(&plan->step[i], why);
	}
	return status == VMMQ_SUCCESS ? check_devices(live, plan, why) : status;
}

/* What a plan is made from. */
struct planning {
	struct vmmq_config current, *wanted;
	struct apply_plan plan;
};

/* plan_make plans from what the open group, or outside of one the switch, has now. */
static bool plan_make(struct live *live, const struct vmmq_config *wanted, struct planning *planning)
{
	memset(planning, 0, sizeof(*planning));
	planning->wanted = live_resolved(live, wanted);
	return planning->wanted && live_fleet_others(live, &planning->current) &&
	       apply_plan_make(&planning->plan, &planning->current, planning->wanted, live->running,
			       live->running_count);
}

static void planning_fini(struct planning *planning)
{
	apply_plan_fini(&planning->plan);
	vmmq_config_fini(&planning->current);
	live_resolved_free(planning->wanted);
}

vmmq_status live_apply(struct live *live, const struct vmmq_config *wanted, struct vmmq_why *why)
{
	struct planning planning;
	vmmq_status status =
	    plan_make(live, wanted, &planning) ? carry_out_all(live, &planning.plan, why) : apply_out_of_memory(why);

	planning_fini(&planning);
	return status;
}

/* apply_of_one returns a configuration of which nothing but a VPort, or none, can differ from another such one; what it names is borrowed. */
static struct vmmq_config apply_of_one(const struct live *live, const struct config_vport *vport)
{
	static const struct config_vport none;

	return (struct vmmq_config){ .adapter_name = live->name,
				     .processors = live->running,
				     .processor_count = live->running_count,
				     .vports = (struct config_vport *)(uintptr_t)(vport ? vport : &none),
				     .vport_count = vport != NULL };
}

vmmq_status live_apply_vport(struct live *live, const struct config_vport *before, const struct config_vport *after,
			     bool *differs, struct vmmq_why *why)
{
	const struct vmmq_config current = apply_of_one(live, before), of_after = apply_of_one(live, after);
	struct vmmq_config *wanted = live_resolved(live, &of_after);
	struct apply_plan plan = { 0 };
	vmmq_status status = VMMQ_SUCCESS;

	if (!wanted || !apply_plan_make(&plan, &current, wanted, live->running, live->running_count))
		status = apply_out_of_memory(why);
	else if (differs)
		*differs = plan.count;
	else
		status = carry_out_all(live, &plan, why);
	apply_plan_fini(&plan);
	live_resolved_free(wanted);
	return status;
}

json_t *live_difference(struct live *live, const struct vmmq_config *wanted)
{
	struct planning planning;
	json_t *text = plan_make(live, wanted, &planning) ? apply_plan_text(&planning.plan) : NULL;

	planning_fini(&planning);
	return text;
}
