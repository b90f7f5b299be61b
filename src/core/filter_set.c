/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive filters as objects: set, clear, move (spec 4.5). */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/switch_model.h"

/* Orders filters by what they match, which no two share: the MAC, where it is, VLAN rule and network. */
static int filter_key_compare(const void *a, const void *b)
{
	const struct vmmq_filter *x = a, *y = b;
	int mac = memcmp(x->mac, y->mac, VMMQ_MAC_LEN);

	if (mac)
		return mac;
	if (x->encapsulated != y->encapsulated)
		return x->encapsulated ? 1 : -1;
	return x->vlan != y->vlan ? (int)x->vlan - (int)y->vlan : (int)x->vni - (int)y->vni;
}

/*
 * filter_key_find returns the tree node of what matches the same, or NULL.
 * A cleared filter keeps its node until the group is committed, so that to take the clearing back needs no memory; it is in
 * the tree and not in the list.  Is its key set again within the group, the new filter takes the node over.
 */
static struct vmmq_filter **filter_key_find(const struct vmmq_nic_switch *sw, const struct vmmq_filter *key)
{
	return tfind(key, &sw->filter_by_key, filter_key_compare);
}

/* filter_position returns where the first filter with an id of at least id stands. */
static size_t filter_position(const struct vmmq_nic_switch *sw, uint32_t id)
{
	size_t low = 0, high = sw->filter_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sw->filter[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct vmmq_filter *filter_find_id(const struct vmmq_nic_switch *sw, uint32_t id)
{
	size_t at = filter_position(sw, id);

	return at < sw->filter_count && sw->filter[at]->id == id ? sw->filter[at] : NULL;
}

static bool filter_list_reserve(struct vmmq_nic_switch *sw)
{
	struct vmmq_filter **filter =
	    array_room(sw->filter, &sw->filter_capacity, sw->filter_count + 1, 64, sizeof(*filter));

	if (!filter)
		return false;
	sw->filter = filter;
	return true;
}

static void filter_list_insert(struct vmmq_nic_switch *sw, struct vmmq_filter *filter)
{
	size_t at = filter_position(sw, filter->id);

	memmove(sw->filter + at + 1, sw->filter + at, (sw->filter_count - at) * sizeof(struct vmmq_filter *));
	sw->filter[at] = filter;
	sw->filter_count++;
}

static void filter_list_remove(struct vmmq_nic_switch *sw, const struct vmmq_filter *filter)
{
	size_t at = filter_position(sw, filter->id);

	sw->filter_count--;
	memmove(sw->filter + at, sw->filter + at + 1, (sw->filter_count - at) * sizeof(struct vmmq_filter *));
}

void filter_restore(struct vmmq_nic_switch *sw, const struct undo *undo)
{
	switch (undo->kind) {
	case UNDO_FILTER_SET:
		filter_list_remove(sw, undo->filter);
		if (undo->cleared)
			*filter_key_find(sw, undo->filter) = undo->cleared;
		else
			tdelete(undo->filter, &sw->filter_by_key, filter_key_compare);
		free(undo->filter);
		sw->next_filter_id = undo->next_filter_id;
		break;
	case UNDO_FILTER_CLEAR:
		/* Room is there: the list never shrinks. */
		filter_list_insert(sw, undo->filter);
		break;
	case UNDO_FILTER_MOVE:
		undo->filter->vport = undo->vport;
		break;
	case UNDO_VPORT:
	case UNDO_PROCESSORS:
		break;
	}
}

static void filter_swap_vport(struct undo *undo)
{
	struct vmmq_vport_id vport = undo->filter->vport;

	undo->filter->vport = undo->vport;
	undo->vport = vport;
}

void filter_exchange(struct vmmq_nic_switch *sw, struct undo *undo, bool aside)
{
	if (undo->kind != UNDO_FILTER_SET && undo->kind != UNDO_FILTER_CLEAR)
		filter_swap_vport(undo);
	else if ((undo->kind == UNDO_FILTER_SET) == aside)
		filter_list_remove(sw, undo->filter);
	else
		filter_list_insert(sw, undo->filter); /* room is there: the list never shrinks */
}

void filter_free(struct vmmq_nic_switch *sw, struct vmmq_filter *filter)
{
	if (*filter_key_find(sw, filter) == filter)
		tdelete(filter, &sw->filter_by_key, filter_key_compare);
	free(filter);
}

void filters_free(struct vmmq_nic_switch *sw)
{
	while (sw->filter_count)
		filter_free(sw, sw->filter[--sw->filter_count]);
	free(sw->filter);
}

static vmmq_status filter_set_check(const struct vmmq_nic_switch *sw, const struct vmmq_filter *wanted,
				    struct vmmq_why *why)
{
	struct vmmq_filter *const *taken = filter_key_find(sw, wanted);

	if (!vport_find(sw, wanted->vport))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "vport", "there is no VPort %u",
				    (unsigned)wanted->vport.v);
	if (wanted->vlan > VMMQ_VLAN_ID_MAX && wanted->vlan != VMMQ_VLAN_ANY)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "vlan", "%u; 1 to %u, any, or none are allowed",
				    (unsigned)wanted->vlan, VMMQ_VLAN_ID_MAX);
	if (wanted->vni > VMMQ_VNI_MAX || (wanted->vni && !wanted->encapsulated))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "vni",
				    wanted->encapsulated ? "%u; 1 to %u, or any, are allowed"
							 : "%u; only a filter that is encapsulated may have one",
				    wanted->vni, VMMQ_VNI_MAX);
	if (taken && filter_find_id(sw, (*taken)->id) == *taken)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "mac",
				    "filter %u of VPort %u has this MAC%s VLAN rule%s", (*taken)->id,
				    (unsigned)(*taken)->vport.v, wanted->encapsulated ? " inside tunnels," : " and",
				    wanted->encapsulated ? " and VNI" : "");
	if (sw->filter_count >= sw->limits.max_filters)
		return vmmq_why_set(why, VMMQ_RESOURCES, "filters", "all %u filters of the adapter are in use",
				    sw->limits.max_filters);
	return VMMQ_SUCCESS;
}

static vmmq_status filter_set_commit(struct vmmq_nic_switch *sw, const struct vmmq_filter *wanted,
				     struct vmmq_why *why)
{
	struct vport *vport = vport_edit(sw, vport_find(sw, wanted->vport));
	struct vmmq_filter *filter = malloc(sizeof(*filter)), **node, *cleared;

	if (!vport || !filter || !undo_reserve(sw) || !filter_list_reserve(sw)) {
		free(filter);
		return out_of_memory(why);
	}
	*filter = *wanted;
	node = tsearch(filter, &sw->filter_by_key, filter_key_compare);
	if (!node) {
		free(filter);
		return out_of_memory(why);
	}
	cleared = *node == filter ? NULL : *node;
	*node = filter;
	filter_list_insert(sw, filter);
	undo_push(sw, (struct undo){ .kind = UNDO_FILTER_SET,
				     .filter = filter,
				     .cleared = cleared,
				     .next_filter_id = sw->next_filter_id });
	vport->filter_count++;
	if (filter->id >= sw->next_filter_id)
		sw->next_filter_id = (uint64_t)filter->id + 1;
	change_note(sw, &sw->filters_changed);
	return VMMQ_SUCCESS;
}

static vmmq_status filter_set_checked(struct vmmq_nic_switch *sw, const struct vmmq_filter *wanted,
				      struct vmmq_why *why)
{
	vmmq_status status = filter_set_check(sw, wanted, why);

	return status == VMMQ_SUCCESS ? filter_set_commit(sw, wanted, why) : status;
}

/* filter_id_next finds the id for a new filter. */
static vmmq_status filter_id_next(const struct vmmq_nic_switch *sw, uint32_t *id, struct vmmq_why *why)
{
	uint64_t unreserved = (uint64_t)sw->reserved_filter_ids + 1;
	uint64_t next = sw->next_filter_id > unreserved ? sw->next_filter_id : unreserved;

	if (next > UINT32_MAX)
		return vmmq_why_set(why, VMMQ_RESOURCES, "filters", "all filter ids have been used");
	*id = (uint32_t)next;
	return VMMQ_SUCCESS;
}

static vmmq_status filter_id_check(const struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_why *why)
{
	if (filter_find_id(sw, id))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "id", "filter %u exists", id);
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_filter_add(struct vmmq_nic_switch *sw, struct vmmq_filter *filter, struct vmmq_why *why)
{
	bool lone = op_begin(sw);
	struct vmmq_filter wanted = *filter;
	vmmq_status status = wanted.id ? filter_id_check(sw, wanted.id, why) : filter_id_next(sw, &wanted.id, why);

	if (status == VMMQ_SUCCESS)
		status = filter_set_checked(sw, &wanted, why);
	status = op_end(sw, lone, status, why);
	if (status == VMMQ_SUCCESS)
		filter->id = wanted.id;
	return status;
}

vmmq_status vmmq_filter_set(struct vmmq_nic_switch *sw, struct vmmq_vport_id vport, const uint8_t mac[VMMQ_MAC_LEN],
			    vmmq_vlan_rule vlan, uint32_t *id, struct vmmq_why *why)
{
	struct vmmq_filter wanted = { .vport = vport, .vlan = vlan };
	vmmq_status status;

	memcpy(wanted.mac, mac, VMMQ_MAC_LEN);
	status = vmmq_filter_add(sw, &wanted, why);
	if (status == VMMQ_SUCCESS)
		*id = wanted.id;
	return status;
}

vmmq_status vmmq_filter_set_as(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_vport_id vport,
			       const uint8_t mac[VMMQ_MAC_LEN], vmmq_vlan_rule vlan, struct vmmq_why *why)
{
	struct vmmq_filter wanted = { .id = id, .vport = vport, .vlan = vlan };

	if (!id)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "id", "0; filter ids begin with 1");
	memcpy(wanted.mac, mac, VMMQ_MAC_LEN);
	return vmmq_filter_add(sw, &wanted, why);
}

void vmmq_filter_reserve_ids(struct vmmq_nic_switch *sw, uint32_t last)
{
	if (last > sw->reserved_filter_ids)
		sw->reserved_filter_ids = last;
}

static vmmq_status filter_clear_id(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_why *why)
{
	struct vmmq_filter *filter = filter_find_id(sw, id);
	struct vport *vport;

	if (!filter)
		return vmmq_why_set(why, VMMQ_FILE_NOT_FOUND, "filter", "there is no filter %u", id);
	vport = vport_edit(sw, vport_find(sw, filter->vport));
	if (!vport || !undo_reserve(sw))
		return out_of_memory(why);
	filter_list_remove(sw, filter);
	undo_push(sw, (struct undo){ .kind = UNDO_FILTER_CLEAR, .filter = filter });
	vport->filter_count--;
	change_note(sw, &sw->filters_changed);
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_filter_clear(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, filter_clear_id(sw, id, why), why);
}

static vmmq_status filter_move_id(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_vport_id from,
				  struct vmmq_vport_id to, struct vmmq_why *why)
{
	struct vmmq_filter *filter = filter_find_id(sw, id);
	struct vport *source, *destination;

	if (!filter)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "filter", "there is no filter %u", id);
	if (filter->vport.v != from.v)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "from", "filter %u is VPort %u's, not VPort %u's",
				    id, (unsigned)filter->vport.v, (unsigned)from.v);
	if (!vport_find(sw, to))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "to", "there is no VPort %u", (unsigned)to.v);
	if (from.v == to.v)
		return VMMQ_SUCCESS;
	source = vport_edit(sw, vport_find(sw, from));
	destination = source ? vport_edit(sw, vport_find(sw, to)) : NULL;
	if (!destination || !undo_reserve(sw))
		return out_of_memory(why);
	undo_push(sw, (struct undo){ .kind = UNDO_FILTER_MOVE, .filter = filter, .vport = from });
	filter->vport = to;
	source->filter_count--;
	destination->filter_count++;
	change_note(sw, &sw->filters_changed);
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_filter_move(struct vmmq_nic_switch *sw, uint32_t id, struct vmmq_vport_id from,
			     struct vmmq_vport_id to, struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, filter_move_id(sw, id, from, to, why), why);
}

const struct vmmq_filter *vmmq_filter_get(const struct vmmq_nic_switch *sw, uint32_t id)
{
	return filter_find_id(sw, id);
}

const struct vmmq_filter *vmmq_filter_next(const struct vmmq_nic_switch *sw, uint32_t id)
{
	size_t at = id == UINT32_MAX ? sw->filter_count : filter_position(sw, id + 1);

	return at < sw->filter_count ? sw->filter[at] : NULL;
}
