/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts with all they have, as requests add, set and delete them; and the uplink. */
#include <stdio.h>
#include <string.h>

#include "config/build_switch.h"
#include "control/live_moved.h"
#include "schema/needed.h"
#include "schema/value.h"

static vmmq_status vport_out_of_memory(struct vmmq_why *why)
{
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
}

/* free_id finds the lowest id that no VPort has, had when the group began, or has packets under way with. */
static vmmq_status free_id(const struct live *live, struct vmmq_vport_id *id, struct vmmq_why *why)
{
	struct vmmq_vport_info info;

	for (uint32_t i = 1; i < VMMQ_VPORTS_MAX; i++) {
		id->v = (uint16_t)i;
		if (!live->known.vport[i] && !live->draining[i] && !vmmq_vport_get(live->sw, *id, &info))
			return VMMQ_SUCCESS;
	}
	return vmmq_why_set(why, VMMQ_RESOURCES, "id", "all %u VPort ids are in use", VMMQ_VPORTS_MAX);
}

/* live_name_check: VPorts are called by their names, so two of them cannot have one, and people can read it. */
static vmmq_status live_name_check(const struct live *live, struct vmmq_vport_id id, const char *name,
				   struct vmmq_why *why)
{
	char hint[VALUE_HINT_MAX] = "", needed[NEEDED_MAX];

	if (!value_text(name, FIELD_VPORT_NAME_MIN, FIELD_VPORT_NAME_MAX, hint)) {
		needed_text(schema_field(FIELD_VPORT_NAME), NEEDED_IN_REQUEST, needed, sizeof(needed));
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name", "%s is needed%s", needed, hint);
	}
	for (int32_t i = vmmq_vport_next(live->sw, -1); i >= 0; i = vmmq_vport_next(live->sw, i)) {
		struct vmmq_vport_info info;

		if (i != id.v && vmmq_vport_get(live->sw, (struct vmmq_vport_id){ (uint16_t)i }, &info) &&
		    strcmp(info.name, name) == 0)
			return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name",
					    "\"%.100s\" is the name of VPort %d already; a name is given once", name,
					    i);
	}
	return VMMQ_SUCCESS;
}

/* least_check: a VPort is left no more processors than it may have. */
static vmmq_status least_check(const struct live *live, struct vmmq_vport_id id, uint32_t least, struct vmmq_why *why)
{
	struct vmmq_vport_info info;

	if (!vmmq_vport_get(live->sw, id, &info) || least <= info.queue_pairs)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "min_queue_pairs",
			    "%u; queue_pairs is %u, and it is at most that", least, info.queue_pairs);
}

static vmmq_status limit_check(const struct config_vport *vport, struct vmmq_why *why)
{
	if (vport->flood_limit <= FIELD_FLOOD_LIMIT_MAX)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "flood_limit", "%u; %d to %d are allowed",
			    vport->flood_limit, FIELD_FLOOD_LIMIT_MIN, FIELD_FLOOD_LIMIT_MAX);
}

/* set_extras changes what changed names beside the NIC switch; the port is checked by the caller. */
static vmmq_status set_extras(struct live *live, const struct config_vport *vport, unsigned changed,
			      struct vmmq_why *why)
{
	struct live_extra extra = *live_extra_at(live, vport->id.v);
	vmmq_status status = VMMQ_SUCCESS;

	if (changed & LIVE_VPORT_FLOOD_LIMIT)
		status = limit_check(vport, why);
	if (status == VMMQ_SUCCESS && changed & LIVE_VPORT_MIN_QUEUE_PAIRS)
		status = least_check(live, vport->id, vport->min_queue_pairs, why);
	if (status != VMMQ_SUCCESS)
		return status;
	if (changed & LIVE_VPORT_BACKEND)
		live_extra_set_port(live, &extra, &vport->backend);
	if (changed & LIVE_VPORT_ANTI_SPOOFING)
		extra.anti_spoofing = vport->anti_spoofing;
	if (changed & LIVE_VPORT_CONTROL_FRAMES)
		extra.control_frames = vport->control_frames;
	if (changed & LIVE_VPORT_FLOOD_LIMIT)
		extra.flood_limit = vport->flood_limit;
	if (changed & LIVE_VPORT_SCALING)
		extra.dynamic = vport->dynamic;
	if (changed & LIVE_VPORT_MIN_QUEUE_PAIRS)
		extra.min_queue_pairs =
		    vport->min_queue_pairs ? vport->min_queue_pairs : FIELD_MIN_QUEUE_PAIRS_INITIAL;
	if (!live_extra_put(live, vport->id.v, &extra))
		return vport_out_of_memory(why);
	return changed & LIVE_VPORT_SCALING ? live_moved_release(live, vport->id, why) : VMMQ_SUCCESS;
}

#define EXTRAS                                                                                                       \
	(LIVE_VPORT_SCALING | LIVE_VPORT_MIN_QUEUE_PAIRS | LIVE_VPORT_BACKEND | LIVE_VPORT_ANTI_SPOOFING |           \
	 LIVE_VPORT_FLOOD_LIMIT | LIVE_VPORT_CONTROL_FRAMES)

static vmmq_status add_unchecked(struct live *live, const struct config_vport *vport, struct vmmq_why *why)
{
	vmmq_status status = switch_add_vport(live->sw, vport, why);

	return status == VMMQ_SUCCESS ? set_extras(live, vport, EXTRAS, why) : status;
}

vmmq_status live_vport_add(struct live *live, const struct config_vport *params, struct vmmq_vport_id *id,
			   struct vmmq_why *why)
{
	struct config_vport vport = *params;
	vmmq_status status = VMMQ_SUCCESS;
	char name[16];

	if (!vport.id.v)
		status = free_id(live, &vport.id, why);
	if (!vport.name || !vport.name[0]) {
		snprintf(name, sizeof(name), "vport%u", (unsigned)vport.id.v);
		vport.name = name;
	}
	if (status == VMMQ_SUCCESS)
		status = live_name_check(live, vport.id, vport.name, why);
	if (status == VMMQ_SUCCESS)
		status = add_unchecked(live, &vport, why);
	if (status == VMMQ_SUCCESS)
		status = live_extra_check(live, vport.id.v, why);
	if (status == VMMQ_SUCCESS)
		*id = vport.id;
	return status;
}

/* set_primary moves the primary processor and leaves the other RSS parameters as they are. */
static vmmq_status set_primary(struct live *live, const struct vmmq_vport_info *info, struct vmmq_processor primary,
			       struct vmmq_why *why)
{
	struct vmmq_rss_params rss = *info->rss;

	if (!vmmq_processor_set_has(vmmq_nic_switch_processors(live->sw), primary))
		return vmmq_why_set(why, VMMQ_INVALID_DATA, "primary_processor",
				    "processor %u is not in the adapter's RSS processor set", (unsigned)primary.v);
	rss.primary = primary;
	return vmmq_rss_set(live->sw, info->id, &rss, why);
}

vmmq_status live_vport_set(struct live *live, const struct config_vport *params, unsigned changed,
			   struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;
	struct vmmq_vport_info info;

	if (!vmmq_vport_get(live->sw, params->id, &info))
		return vmmq_why_set(why, VMMQ_INVALID_PORT, "vport", "there is no VPort %u", (unsigned)params->id.v);
	if (changed & LIVE_VPORT_NAME) {
		status = live_name_check(live, params->id, params->name, why);
		if (status == VMMQ_SUCCESS)
			status = vmmq_vport_rename(live->sw, params->id, params->name, why);
	}
	if (status == VMMQ_SUCCESS && changed & (LIVE_VPORT_PRIMARY | LIVE_VPORT_QUEUE_PAIRS))
		status = live_rss_restore(live, params->id, why);
	if (status == VMMQ_SUCCESS && changed & LIVE_VPORT_PRIMARY) {
		vmmq_vport_get(live->sw, params->id, &info);
		status = set_primary(live, &info, params->rss.primary, why);
	}
	if (status == VMMQ_SUCCESS && changed & LIVE_VPORT_QUEUE_PAIRS)
		status = vmmq_vport_set_queue_pairs(live->sw, params->id, params->queue_pairs, why);
	if (status == VMMQ_SUCCESS && changed & LIVE_VPORT_QUEUE_PAIRS && !(changed & LIVE_VPORT_MIN_QUEUE_PAIRS))
		status = least_check(live, params->id, live_extra_at(live, params->id.v)->min_queue_pairs, why);
	if (status == VMMQ_SUCCESS && changed & EXTRAS)
		status = set_extras(live, params, changed, why);
	if (status == VMMQ_SUCCESS && changed & LIVE_VPORT_BACKEND)
		status = live_extra_check(live, params->id.v, why);
	return status;
}

static vmmq_status clear_filters(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why)
{
	const struct vmmq_filter *filter = vmmq_filter_next(live->sw, 0);
	vmmq_status status = VMMQ_SUCCESS;

	while (filter && status == VMMQ_SUCCESS) {
		uint32_t at = filter->id;

		if (filter->vport.v == id.v)
			status = vmmq_filter_clear(live->sw, at, why);
		filter = vmmq_filter_next(live->sw, at);
	}
	return status;
}

vmmq_status live_vport_delete(struct live *live, struct vmmq_vport_id id, bool with_filters, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;
	struct vmmq_vport_info info;

	if (with_filters && id.v && vmmq_vport_get(live->sw, id, &info) && info.filter_count)
		status = clear_filters(live, id, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_vport_delete(live->sw, id, why);
	if (status == VMMQ_SUCCESS && !live_extra_forget(live, id.v))
		status = vport_out_of_memory(why);
	return status;
}

void live_balance_get(const struct live *live, struct config_balance *balance)
{
	*balance = live_extra_at(live, LIVE_BALANCE)->balance;
}

vmmq_status live_balance_set(struct live *live, const struct config_balance *balance, struct vmmq_why *why)
{
	struct live_extra extra = { .balance = *balance };

	if (config_balance_equal(&live_extra_at(live, LIVE_BALANCE)->balance, balance))
		return VMMQ_SUCCESS;
	return live_extra_put(live, LIVE_BALANCE, &extra) ? VMMQ_SUCCESS : vport_out_of_memory(why);
}

vmmq_status live_uplink_set(struct live *live, const struct port_spec *spec, uint32_t rx_queues, struct vmmq_why *why)
{
	const struct live_extra *before = live_extra_at(live, LIVE_UPLINK);
	struct live_extra extra = { .rx_queues = rx_queues };

	live_extra_set_port(live, &extra, spec);
	if (port_spec_equal(&before->port, &extra.port) && before->rx_queues == rx_queues)
		return VMMQ_SUCCESS;
	if (!live_extra_put(live, LIVE_UPLINK, &extra))
		return vport_out_of_memory(why);
	return live_extra_check(live, LIVE_UPLINK, why);
}
