/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/live_fleet.h"

#include <stdlib.h>
#include <string.h>

#include "control/live_state.h"

static bool is_fleets(const struct live *live, uint32_t id)
{
	return live_extra_at(live, id)->owner != OWNER_HAND;
}

/* find_named returns the id of the VPort of that name, or -1. */
static int32_t find_named(const struct live *live, const char *name)
{
	struct vmmq_vport_info info;
	int32_t id = vmmq_vport_next(live->sw, -1);

	for (; id >= 0; id = vmmq_vport_next(live->sw, id))
		if (vmmq_vport_get(live->sw, (struct vmmq_vport_id){ (uint16_t)id }, &info) &&
		    strcmp(info.name, name) == 0)
			return id;
	return -1;
}

bool live_fleet_find(const struct live *live, const char *name, struct vmmq_vport_id *id, bool *active)
{
	int32_t found = find_named(live, name);
	struct vmmq_vport_info info;

	if (found < 0 || !is_fleets(live, (uint32_t)found))
		return false;
	vmmq_vport_get(live->sw, (struct vmmq_vport_id){ (uint16_t)found }, &info);
	if (id)
		*id = info.id;
	if (active)
		*active = info.state == VMMQ_VPORT_ACTIVATED;
	return true;
}

int32_t live_fleet_next(const struct live *live, int32_t after)
{
	int32_t id = vmmq_vport_next(live->sw, after);

	while (id >= 0 && !is_fleets(live, (uint32_t)id))
		id = vmmq_vport_next(live->sw, id);
	return id;
}

static void whole_free(struct config_vport *vport)
{
	if (vport)
		free(vport->filters);
	live_record_free(vport);
}

/* whole_read returns a VPort with its filters; NULL: memory. */
static struct config_vport *whole_read(const struct live *live, int32_t id)
{
	const struct vmmq_vport_id of = { (uint16_t)id };
	struct config_vport *vport = live_record(live, of);
	struct vmmq_vport_info info;

	if (!vport)
		return NULL;
	vmmq_vport_get(live->sw, of, &info);
	vport->filters = calloc(info.filter_count + 1, sizeof(*vport->filters));
	if (!vport->filters) {
		whole_free(vport);
		return NULL;
	}
	for (const struct vmmq_filter *f = vmmq_filter_next(live->sw, 0);
	     f && vport->filter_count < info.filter_count; f = vmmq_filter_next(live->sw, f->id)) {
		struct config_filter *filter = &vport->filters[vport->filter_count];

		if (f->vport.v != of.v)
			continue;
		filter->id = f->id;
		filter->vlan = f->vlan;
		memcpy(filter->mac, f->mac, VMMQ_MAC_LEN);
		vport->filter_count++;
	}
	return vport;
}

/* complete_put fills in what is not the store's to say; before: NULL: it is new. */
static void complete_put(const struct live *live, const struct config_vport *before, struct config_vport *wanted)
{
	struct vmmq_vport_info vport0;

	if (before) {
		wanted->id = before->id;
		wanted->ndis = before->ndis;
		wanted->rss.encapsulation = before->rss.encapsulation;
		if (wanted->owner == OWNER_FLEET_OWN_KEY && before->owner == OWNER_FLEET_OWN_KEY)
			memcpy(wanted->rss.key, before->rss.key, VMMQ_KEY_LEN);
		return;
	}
	vmmq_vport_get(live->sw, VMMQ_DEFAULT_VPORT, &vport0);
	wanted->rss.encapsulation = vport0.rss->encapsulation;
	wanted->ndis.deactivated = true;
}

/* free_beyond: apart from those that files and people number, as long as there are such. */
static vmmq_status free_beyond(const struct live *live, struct vmmq_vport_id *id, struct vmmq_why *why)
{
	struct vmmq_vport_info info;

	for (uint32_t i = 0; i < VMMQ_VPORTS_MAX - 1; i++) {
		id->v = (uint16_t)(1 + (LIVE_FLEET_FIRST_ID - 1 + i) % (VMMQ_VPORTS_MAX - 1));
		if (!live->known.vport[id->v] && !live->draining[id->v] && !vmmq_vport_get(live->sw, *id, &info))
			return VMMQ_SUCCESS;
	}
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "all %u VPort ids of this host are in use", VMMQ_VPORTS_MAX);
}

static vmmq_status fleet_out_of_memory(struct vmmq_why *why)
{
	return vmmq_why_set(why, VMMQ_RESOURCES, "", "out of memory");
}

vmmq_status live_fleet_put(struct live *live, const struct config_vport *wanted, struct vmmq_why *why)
{
	struct config_vport vport = *wanted, *before = NULL;
	int32_t id = find_named(live, wanted->name);
	vmmq_status status = VMMQ_SUCCESS;

	if (id >= 0 && !is_fleets(live, (uint32_t)id))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name",
				    "VPort %d of this host has that name, and was made by hand", id);
	if (id >= 0 && !(before = whole_read(live, id)))
		return fleet_out_of_memory(why);
	if (!before)
		status = free_beyond(live, &vport.id, why);
	complete_put(live, before, &vport);
	if (status == VMMQ_SUCCESS)
		status = live_apply_vport(live, before, &vport, NULL, why);
	whole_free(before);
	return status;
}

bool live_fleet_is(struct live *live, const struct config_vport *wanted)
{
	struct config_vport vport = *wanted, *before;
	int32_t id = find_named(live, wanted->name);
	bool differs = true;

	if (id < 0 || !is_fleets(live, (uint32_t)id) || !(before = whole_read(live, id)))
		return false;
	complete_put(live, before, &vport);
	live_apply_vport(live, before, &vport, &differs, NULL);
	whole_free(before);
	return !differs;
}

vmmq_status live_fleet_activate(struct live *live, const char *name, struct vmmq_why *why)
{
	struct vmmq_vport_id id;
	bool active;

	if (!live_fleet_find(live, name, &id, &active))
		return vmmq_why_set(why, VMMQ_INVALID_PORT, "name", "it is not here");
	return active ? VMMQ_SUCCESS : vmmq_vport_activate(live->sw, id, why);
}

vmmq_status live_fleet_remove(struct live *live, const char *name, struct vmmq_why *why)
{
	struct vmmq_vport_id id;

	return live_fleet_find(live, name, &id, NULL) ? live_vport_delete(live, id, true, why) : VMMQ_SUCCESS;
}

bool live_fleet_others(struct live *live, struct vmmq_config *config)
{
	size_t kept = 0;

	if (!live_config(live, config))
		return false;
	for (size_t i = 0; i < config->vport_count; i++) {
		struct config_vport *vport = &config->vports[i];

		if (!live->governed || vport->owner == OWNER_HAND) {
			config->vports[kept++] = *vport;
			continue;
		}
		free(vport->name);
		free(vport->filters);
		port_spec_fini(&vport->backend);
	}
	config->vport_count = kept;
	return true;
}

static vmmq_status refuse_by_hand(const struct config_vport *vport, struct vmmq_why *why)
{
	return vmmq_why_set(
	    why, VMMQ_INVALID_PARAMETER, "vport",
	    "VPort %u (%.100s) is the fleet's: it is changed in the fleet's store (vmmq fleet), and not "
	    "by hand",
	    (unsigned)vport->id.v, vport->name);
}

/* check_vport: what is the adapter's, and only that, may be changed of all VPorts together. */
static vmmq_status check_vport(const struct live *live, uint32_t id, struct vmmq_why *why)
{
	const struct config_vport *before = live->known.vport[id];
	struct vmmq_vport_info info;
	struct config_vport *after;
	bool equal;

	if (!before || before->owner == OWNER_HAND)
		return VMMQ_SUCCESS;
	if (!vmmq_vport_get(live->sw, before->id, &info))
		return refuse_by_hand(before, why);
	after = live_record(live, before->id);
	if (!after)
		return fleet_out_of_memory(why);
	after->rss.encapsulation = before->rss.encapsulation;
	equal = vmmq_config_vport_equal(before, after);
	live_record_free(after);
	return equal ? VMMQ_SUCCESS : refuse_by_hand(before, why);
}

static const struct vmmq_filter *known_filter(const struct live *live, uint32_t id)
{
	for (size_t i = 0; i < live->known.filter_count; i++)
		if (live->known.filter[i].id == id)
			return &live->known.filter[i];
	return NULL;
}

/* check_filter: neither given to, nor taken from, one of the fleet's. */
static vmmq_status check_filter(const struct live *live, uint32_t id, struct vmmq_why *why)
{
	const struct vmmq_filter *of[2] = { known_filter(live, id), vmmq_filter_get(live->sw, id) };

	for (unsigned i = 0; i < 2; i++) {
		const struct config_vport *vport = of[i] ? live->known.vport[of[i]->vport.v] : NULL;

		if (vport && vport->owner != OWNER_HAND)
			return refuse_by_hand(vport, why);
	}
	return VMMQ_SUCCESS;
}

vmmq_status live_fleet_check(struct live *live, vmmq_nic_switch_mark_t mark, size_t extras, struct vmmq_why *why)
{
	size_t count = vmmq_nic_switch_changes(live->sw, mark, 0, NULL, 0);
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < count && status == VMMQ_SUCCESS; i++) {
		struct vmmq_nic_switch_change change;

		vmmq_nic_switch_changes(live->sw, mark, i, &change, 1);
		if (change.what == VMMQ_CHANGED_VPORT)
			status = check_vport(live, change.id, why);
		else if (change.what == VMMQ_CHANGED_FILTER)
			status = check_filter(live, change.id, why);
	}
	for (size_t i = extras; i < live->extras.undo_count && status == VMMQ_SUCCESS; i++)
		if (live->extras.undo[i].place < VMMQ_VPORTS_MAX)
			status = check_vport(live, live->extras.undo[i].place, why);
	return status;
}
