/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts: lifecycle (spec 3), queue pairs (3.3, 10.5) and RSS parameters. */
#include <stdlib.h>
#include <string.h>

#include "core/switch_model.h"

struct vport *vport_find(const struct vmmq_nic_switch *sw, struct vmmq_vport_id id)
{
	return id.v < sw->vport_slots ? sw->vport[id.v] : NULL;
}

struct vport *vport_edit(struct vmmq_nic_switch *sw, struct vport *vport)
{
	struct vport *copy;

	if (vport->group == sw->group)
		return vport;
	if (!undo_reserve(sw))
		return NULL;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return NULL;
	*copy = *vport;
	copy->group = sw->group;
	undo_push(sw, (struct undo){ .kind = UNDO_VPORT, .vport = vport->id, .before = vport });
	sw->vport[vport->id.v] = copy;
	return copy;
}

void vport_restore(struct vmmq_nic_switch *sw, const struct undo *undo)
{
	struct vport **slot = &sw->vport[undo->vport.v];

	if (*slot) {
		sw->queue_pairs_used -= (*slot)->queue_pairs;
		sw->vport_count--;
		free(*slot);
	}
	*slot = undo->before;
	if (*slot) {
		sw->queue_pairs_used += (*slot)->queue_pairs;
		sw->vport_count++;
	}
}

static vmmq_status vport_refuse_unknown(struct vmmq_vport_id id, vmmq_status status, struct vmmq_why *why)
{
	return vmmq_why_set(why, status, "vport", "there is no VPort %u", (unsigned)id.v);
}

static bool vport_slots_grow(struct vmmq_nic_switch *sw, struct vmmq_vport_id id)
{
	uint32_t slots = sw->vport_slots;
	struct vport **vport;

	if (id.v < slots)
		return true;
	while (slots <= id.v)
		slots *= 2;
	vport = realloc(sw->vport, slots * sizeof(struct vport *));
	if (!vport)
		return false;
	memset(vport + sw->vport_slots, 0, (slots - sw->vport_slots) * sizeof(struct vport *));
	sw->vport = vport;
	sw->vport_slots = slots;
	return true;
}

vmmq_status queue_pairs_bound_check(const struct vmmq_nic_switch *sw, uint32_t wanted, struct vmmq_why *why)
{
	uint32_t limit = sw->limits.max_queue_pairs_per_vport;

	if (wanted && wanted <= limit)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "queue_pairs", "%u; 1 to %u are allowed", wanted, limit);
}

vmmq_status queue_pairs_left_check(const struct vmmq_nic_switch *sw, uint32_t wanted, uint32_t held,
				   struct vmmq_why *why)
{
	uint32_t left = sw->limits.max_queue_pairs - (sw->queue_pairs_used - held);

	if (wanted <= left)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_RESOURCES, "queue_pairs", "%u; the adapter has %u left", wanted, left);
}

static vmmq_status vport_queue_pairs_check(const struct vmmq_nic_switch *sw, uint32_t wanted, uint32_t held,
					   struct vmmq_why *why)
{
	vmmq_status status = queue_pairs_bound_check(sw, wanted, why);

	return status == VMMQ_SUCCESS ? queue_pairs_left_check(sw, wanted, held, why) : status;
}

void vport_set_pairs(struct vmmq_nic_switch *sw, struct vport *vport, uint32_t queue_pairs)
{
	if (vport->queue_pairs != queue_pairs)
		change_note(sw, &sw->pairs_changed);
	sw->queue_pairs_used += queue_pairs - vport->queue_pairs;
	vport->queue_pairs = queue_pairs;
}

vmmq_status symmetric_check(const struct vmmq_nic_switch *sw, struct vmmq_why *why)
{
	const struct vport *first = NULL;

	if (!sw->limits.symmetric || !sw->pairs_changed)
		return VMMQ_SUCCESS;
	for (uint32_t i = 1; i < sw->vport_slots; i++) {
		const struct vport *vport = sw->vport[i];

		if (!first)
			first = vport;
		if (vport && vport->queue_pairs != first->queue_pairs)
			return vmmq_why_set(
			    why, VMMQ_INVALID_PARAMETER, "queue_pairs",
			    "VPort %u would have %u and VPort %u %u; on a symmetric adapter all have the same",
			    (unsigned)first->id.v, first->queue_pairs, (unsigned)vport->id.v, vport->queue_pairs);
	}
	return VMMQ_SUCCESS;
}

/*
 * A character is one unit, from U+10000 two; bytes that are no character's first do not count, so the bytes are
 * bounded too.
 */
vmmq_status vport_name_check(const char *name, struct vmmq_why *why)
{
	size_t units = 0;

	for (const char *c = name; *c; c++)
		units += ((uint8_t)*c & 0xc0) == 0x80 ? 0 : (uint8_t)*c >= 0xf0 ? 2 : 1;
	if (units <= VMMQ_VPORT_NAME_MAX && strlen(name) <= VMMQ_VPORT_NAME_BYTES)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name", "%zu UTF-16 units; at most %d are allowed", units,
			    VMMQ_VPORT_NAME_MAX);
}

/* vport_given_name_check: VPorts made by NDIS requests may be nameless, those made by name may not. */
static vmmq_status vport_given_name_check(const char *name, struct vmmq_why *why)
{
	if (name[0])
		return vport_name_check(name, why);
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "name", "it is empty; 1 to %d UTF-16 units are allowed",
			    VMMQ_VPORT_NAME_MAX);
}

static vmmq_status vport_create_check(const struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
				      uint32_t queue_pairs, struct vmmq_processor primary, struct vmmq_why *why)
{
	vmmq_status status;

	if (!id.v || id.v >= sw->limits.max_vports)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "id", "%u; 1 to %u are allowed", (unsigned)id.v,
				    sw->limits.max_vports - 1);
	if (vport_find(sw, id))
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "id", "VPort %u exists", (unsigned)id.v);
	status = vport_name_check(name, why);
	if (status != VMMQ_SUCCESS)
		return status;
	if (!vmmq_processor_set_has(&sw->set, primary))
		return vmmq_why_set(why, VMMQ_INVALID_DATA, "primary_processor",
				    "processor %u is not in the adapter's RSS processor set", (unsigned)primary.v);
	return vport_queue_pairs_check(sw, queue_pairs, 0, why);
}

struct vmmq_affinity affinity_of(struct vmmq_processor processor)
{
	return (struct vmmq_affinity){ .group = (uint16_t)(processor.v / VMMQ_PROCESSORS_PER_GROUP),
				       .mask = UINT64_C(1) << processor.v % VMMQ_PROCESSORS_PER_GROUP };
}

static vmmq_status vport_create_commit(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
				       uint32_t queue_pairs, struct vmmq_processor primary, struct vmmq_why *why)
{
	struct vport *vport;

	if (!vport_slots_grow(sw, id) || !undo_reserve(sw) || !(vport = calloc(1, sizeof(*vport))))
		return out_of_memory(why);
	vport->id = id;
	vport->state = VMMQ_VPORT_DEACTIVATED;
	vport->affinity = affinity_of(primary);
	vport->group = sw->group;
	memcpy(vport->name, name, strlen(name) + 1);
	vmmq_rss_params_init(&vport->rss, primary);
	vport->rss.encapsulation = sw->vport[0]->rss.encapsulation;
	undo_push(sw, (struct undo){ .kind = UNDO_VPORT, .vport = id });
	vport_set_pairs(sw, vport, queue_pairs);
	sw->vport[id.v] = vport;
	sw->vport_count++;
	return VMMQ_SUCCESS;
}

vmmq_status vport_create(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name, uint32_t queue_pairs,
			 struct vmmq_processor primary, struct vmmq_why *why)
{
	vmmq_status status = vport_create_check(sw, id, name, queue_pairs, primary, why);

	return status == VMMQ_SUCCESS ? vport_create_commit(sw, id, name, queue_pairs, primary, why) : status;
}

vmmq_status vmmq_vport_create(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
			      uint32_t queue_pairs, struct vmmq_processor primary, struct vmmq_why *why)
{
	bool lone = op_begin(sw);
	vmmq_status status = vport_given_name_check(name, why);

	if (status == VMMQ_SUCCESS)
		status = vport_create(sw, id, name, queue_pairs, primary, why);
	return op_end(sw, lone, status, why);
}

static vmmq_status vport_rename(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
				struct vmmq_why *why)
{
	struct vport *vport = vport_find(sw, id);
	vmmq_status status;

	if (!vport)
		return vport_refuse_unknown(id, VMMQ_INVALID_PORT, why);
	status = vport_given_name_check(name, why);
	if (status != VMMQ_SUCCESS)
		return status;
	vport = vport_edit(sw, vport);
	if (!vport)
		return out_of_memory(why);
	memcpy(vport->name, name, strlen(name) + 1);
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_vport_rename(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
			      struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, vport_rename(sw, id, name, why), why);
}

static vmmq_status vport_activate(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_why *why)
{
	struct vport *vport = vport_find(sw, id);

	if (!vport)
		return vport_refuse_unknown(id, VMMQ_INVALID_PORT, why);
	if (vport->state != VMMQ_VPORT_DEACTIVATED)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "state", "VPort %u is activated already",
				    (unsigned)id.v);
	vport = vport_edit(sw, vport);
	if (!vport)
		return out_of_memory(why);
	vport->state = VMMQ_VPORT_ACTIVATED;
	if (vport->filter_count)
		change_note(sw, &sw->filters_changed);
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_vport_activate(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, vport_activate(sw, id, why), why);
}

static vmmq_status delete (struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_why *why)
{
	struct vport *vport = vport_find(sw, id);

	if (!id.v)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "vport",
				    "the default VPort goes only with the switch");
	if (!vport)
		return vport_refuse_unknown(id, VMMQ_INVALID_PARAMETER, why);
	if (vport->filter_count)
		return vmmq_why_set(why, VMMQ_FAILURE, "vport",
				    "VPort %u still has %u filters; clear or move them first", (unsigned)id.v,
				    vport->filter_count);
	vport = vport_edit(sw, vport);
	if (!vport)
		return out_of_memory(why);
	sw->vport[id.v] = NULL;
	sw->vport_count--;
	sw->queue_pairs_used -= vport->queue_pairs;
	free(vport);
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_vport_delete(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, delete (sw, id, why), why);
}

static vmmq_status vport_set_queue_pairs(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, uint32_t queue_pairs,
					 struct vmmq_why *why)
{
	struct vport *vport = vport_find(sw, id);
	vmmq_status status;

	if (!vport)
		return vport_refuse_unknown(id, VMMQ_INVALID_PORT, why);
	status = vport_queue_pairs_check(sw, queue_pairs, vport->queue_pairs, why);
	if (status == VMMQ_SUCCESS && vport->rss.enabled)
		status = vmmq_rss_check(&vport->rss, &sw->set, queue_pairs, why);
	if (status != VMMQ_SUCCESS)
		return status;
	vport = vport_edit(sw, vport);
	if (!vport)
		return out_of_memory(why);
	vport_set_pairs(sw, vport, queue_pairs);
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_vport_set_queue_pairs(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, uint32_t queue_pairs,
				       struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, vport_set_queue_pairs(sw, id, queue_pairs, why), why);
}

static vmmq_status vport_rss_set(struct vmmq_nic_switch *sw, struct vmmq_vport_id id,
				 const struct vmmq_rss_params *params, struct vmmq_why *why)
{
	struct vport *vport = vport_find(sw, id);
	vmmq_status status;

	if (!vport)
		return vport_refuse_unknown(id, VMMQ_INVALID_PORT, why);
	status = vmmq_rss_check(params, &sw->set, vport->queue_pairs, why);
	if (status != VMMQ_SUCCESS)
		return status;
	vport = vport_edit(sw, vport);
	if (!vport)
		return out_of_memory(why);
	vport->rss = *params;
	vport->steering = NULL;
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_rss_set(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const struct vmmq_rss_params *params,
			 struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, vport_rss_set(sw, id, params, why), why);
}

bool vmmq_vport_get(const struct vmmq_nic_switch *sw, struct vmmq_vport_id id, struct vmmq_vport_info *info)
{
	const struct vport *vport = vport_find(sw, id);

	if (!vport)
		return false;
	*info = (struct vmmq_vport_info){
		.id = id,
		.name = vport->name,
		.state = vport->state,
		.queue_pairs = vport->queue_pairs,
		.filter_count = vport->filter_count,
		.rss = &vport->rss,
	};
	return true;
}

int32_t vmmq_vport_next(const struct vmmq_nic_switch *sw, int32_t id)
{
	for (uint32_t next = (uint32_t)(id + 1); next < sw->vport_slots; next++)
		if (sw->vport[next])
			return (int32_t)next;
	return -1;
}
