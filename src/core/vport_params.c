/* SPDX-License-Identifier: BSD-2-Clause */
/* NDIS_NIC_SWITCH_VPORT_PARAMETERS: a VPort as created, set and read (spec 2.2, 2.3, 3.1, 3.4, 17.4). */
#include <string.h>

#include "core/request_check.h"

#define PF          0xffffu
#define CHANGE_MASK 0xffff0000u
#define CHANGE_KNOWN                                                                                                 \
	(VMMQ_VPORT_FLAGS_CHANGED | VMMQ_VPORT_NAME_CHANGED | VMMQ_VPORT_INT_MOD_CHANGED |                           \
	 VMMQ_VPORT_STATE_CHANGED | VMMQ_VPORT_AFFINITY_CHANGED | VMMQ_VPORT_QUEUE_PAIRS_CHANGED)
/* What the members of this project's request do not cover. */
#define NDK_CHANGED       0x00200000u
#define QOS_SQ_ID_CHANGED 0x00400000u
/* A VPort's own: lookahead split, packet direct only, maximum scatter-gather list enforced.  Kept and reported. */
#define OWN_KNOWN 0x8003u

static const char *vport_params_name(const struct vmmq_vport_params *params)
{
	return params->name ? params->name : "";
}

static vmmq_status vport_params_switch_check(const struct vmmq_vport_params *params, struct vmmq_why *why)
{
	if (!params->switch_id)
		return VMMQ_SUCCESS;
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "switch", "%u; the one switch has id 0", params->switch_id);
}

static vmmq_status vport_params_moderation_check(uint32_t moderation, struct vmmq_why *why)
{
	switch ((enum vmmq_interrupt_moderation)moderation) {
	case VMMQ_INTERRUPT_MODERATION_UNDEFINED:
	case VMMQ_INTERRUPT_MODERATION_ADAPTIVE:
	case VMMQ_INTERRUPT_MODERATION_OFF:
	case VMMQ_INTERRUPT_MODERATION_LOW:
	case VMMQ_INTERRUPT_MODERATION_MEDIUM:
	case VMMQ_INTERRUPT_MODERATION_HIGH:
		return VMMQ_SUCCESS;
	}
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "interrupt_moderation",
			    "%u; 0, 1, 2, 100, 200 and 300 are known", moderation);
}

static vmmq_status vport_params_affinity_check(struct vmmq_affinity affinity, struct vmmq_why *why)
{
	if (!affinity.mask)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "affinity", "the mask names no processor");
	if (affinity.group > UINT16_MAX / VMMQ_PROCESSORS_PER_GROUP)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "affinity", "group %u; at most %u", affinity.group,
				    UINT16_MAX / VMMQ_PROCESSORS_PER_GROUP);
	return VMMQ_SUCCESS;
}

/* vport_params_primary returns the processor of the lowest bit. */
static struct vmmq_processor vport_params_primary(struct vmmq_affinity affinity)
{
	return (struct vmmq_processor){ (uint16_t)(affinity.group * VMMQ_PROCESSORS_PER_GROUP +
						   (unsigned)__builtin_ctzll(affinity.mask)) };
}

/* vport_params_create_check covers what vport_create() does not know of. */
static vmmq_status vport_params_create_check(const struct vmmq_vport_params *params, struct vmmq_why *why)
{
	vmmq_status status = vport_params_switch_check(params, why);

	if (status == VMMQ_SUCCESS && params->vport_id >= VMMQ_VPORTS_MAX)
		status = vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "id", "%u; at most %u", params->vport_id,
				      VMMQ_VPORTS_MAX - 1);
	if (status == VMMQ_SUCCESS && params->attached_function != PF)
		status = vmmq_why_set(why, VMMQ_NOT_SUPPORTED, "attached_function",
				      "0x%x; there are no virtual functions, only the PF, 0xffff",
				      (unsigned)params->attached_function);
	if (status == VMMQ_SUCCESS)
		status = flags_check(params->flags & ~CHANGE_MASK, OWN_KNOWN, why);
	if (status == VMMQ_SUCCESS)
		status = vport_params_moderation_check(params->interrupt_moderation, why);
	if (status == VMMQ_SUCCESS && params->state != VMMQ_VPORT_UNDEFINED &&
	    params->state != VMMQ_VPORT_DEACTIVATED)
		status = vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "state",
				      "%u; a VPort on the PF is created deactivated, 2", params->state);
	return status == VMMQ_SUCCESS ? vport_params_affinity_check(params->affinity, why) : status;
}

static vmmq_status vport_params_create(struct vmmq_nic_switch *sw, const struct vmmq_vport_params *params,
				       struct vmmq_why *why)
{
	struct vmmq_vport_id id = { (uint16_t)params->vport_id };
	vmmq_status status = vport_params_create_check(params, why);
	struct vport *vport;

	if (status == VMMQ_SUCCESS)
		status = vport_create(sw, id, vport_params_name(params), params->queue_pairs,
				      vport_params_primary(params->affinity), why);
	if (status != VMMQ_SUCCESS)
		return status;
	vport = vport_find(sw, id); /* new in this group, so it may be written to */
	vport->flags = params->flags & ~CHANGE_MASK;
	vport->interrupt_moderation = params->interrupt_moderation;
	vport->affinity = params->affinity;
	return VMMQ_SUCCESS;
}

vmmq_status vmmq_vport_create_params(struct vmmq_nic_switch *sw, const struct vmmq_vport_params *params,
				     struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, vport_params_create(sw, params, why), why);
}

static vmmq_status vport_params_rename(struct vport *wanted, const char *name, struct vmmq_why *why)
{
	vmmq_status status = vport_name_check(name, why);

	if (status == VMMQ_SUCCESS)
		memcpy(wanted->name, name, strlen(name) + 1);
	return status;
}

/* vport_params_change_state: from deactivated to activated, and to the same, but nowhere else (spec 3.1). */
static vmmq_status vport_params_change_state(struct vport *wanted, uint32_t state, struct vmmq_why *why)
{
	if (state != VMMQ_VPORT_ACTIVATED && state != wanted->state)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "state",
				    "%u; a VPort can be activated, 1, and ends by deletion", state);
	wanted->state = (enum vmmq_vport_state)state;
	return VMMQ_SUCCESS;
}

static vmmq_status vport_params_flags_check(uint32_t flags, struct vmmq_why *why)
{
	if (flags & (NDK_CHANGED | QOS_SQ_ID_CHANGED))
		return vmmq_why_set(why, VMMQ_NOT_SUPPORTED, "flags", "0x%x; there is neither NDK nor QoS here",
				    flags);
	flags &= flags & VMMQ_VPORT_FLAGS_CHANGED ? UINT32_MAX : CHANGE_MASK;
	return flags_check(flags, CHANGE_KNOWN | OWN_KNOWN, why);
}

/* vport_params_take puts every member that is flagged as changed, and good by itself, into the copy. */
static vmmq_status vport_params_take(struct vport *wanted, const struct vmmq_vport_params *params,
				     struct vmmq_why *why)
{
	vmmq_status status = vport_params_flags_check(params->flags, why);

	if (status == VMMQ_SUCCESS && params->flags & VMMQ_VPORT_FLAGS_CHANGED)
		wanted->flags = params->flags & ~CHANGE_MASK;
	if (status == VMMQ_SUCCESS && params->flags & VMMQ_VPORT_NAME_CHANGED)
		status = vport_params_rename(wanted, vport_params_name(params), why);
	if (status == VMMQ_SUCCESS && params->flags & VMMQ_VPORT_INT_MOD_CHANGED) {
		status = vport_params_moderation_check(params->interrupt_moderation, why);
		wanted->interrupt_moderation = params->interrupt_moderation;
	}
	if (status == VMMQ_SUCCESS && params->flags & VMMQ_VPORT_STATE_CHANGED)
		status = vport_params_change_state(wanted, params->state, why);
	if (status == VMMQ_SUCCESS && params->flags & VMMQ_VPORT_AFFINITY_CHANGED) {
		status = vport_params_affinity_check(params->affinity, why);
		if (status == VMMQ_SUCCESS) {
			wanted->affinity = params->affinity;
			wanted->rss.primary = vport_params_primary(params->affinity);
		}
	}
	if (status == VMMQ_SUCCESS && params->flags & VMMQ_VPORT_QUEUE_PAIRS_CHANGED)
		wanted->queue_pairs = params->queue_pairs;
	return status;
}

static vmmq_status vport_params_set(struct vmmq_nic_switch *sw, const struct vmmq_vport_params *params,
				    struct vmmq_why *why)
{
	struct vport *vport = request_vport(sw, params->vport_id);
	vmmq_status status = vport_params_switch_check(params, why);
	struct vport wanted;

	if (status != VMMQ_SUCCESS)
		return status;
	if (!vport)
		return request_unknown_vport(params->vport_id, VMMQ_INVALID_PARAMETER, why);
	wanted = *vport;
	status = vport_params_take(&wanted, params, why);
	if (status == VMMQ_SUCCESS)
		status = queue_pairs_bound_check(sw, wanted.queue_pairs, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_rss_check(&wanted.rss, &sw->set, wanted.queue_pairs, why);
	if (status == VMMQ_SUCCESS)
		status = queue_pairs_left_check(sw, wanted.queue_pairs, vport->queue_pairs, why);
	return status == VMMQ_SUCCESS ? vport_replace(sw, vport, &wanted, why) : status;
}

vmmq_status vmmq_vport_set_params(struct vmmq_nic_switch *sw, const struct vmmq_vport_params *params,
				  struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, vport_params_set(sw, params, why), why);
}

/* vport_affinity: the one last stated, unless the primary processor has been moved from it since. */
static struct vmmq_affinity vport_affinity(const struct vport *vport)
{
	if (vport_params_primary(vport->affinity).v == vport->rss.primary.v)
		return vport->affinity;
	return affinity_of(vport->rss.primary);
}

vmmq_status vmmq_vport_get_params(const struct vmmq_nic_switch *sw, uint32_t vport_id,
				  struct vmmq_vport_params *params)
{
	const struct vport *vport = request_vport(sw, vport_id);

	if (!vport)
		return VMMQ_INVALID_PORT;
	*params = (struct vmmq_vport_params){
		.flags = vport->flags,
		.vport_id = vport_id,
		.name = vport->name,
		.attached_function = PF,
		.queue_pairs = vport->queue_pairs,
		.interrupt_moderation = vport->interrupt_moderation,
		.state = vport->state,
		.affinity = vport_affinity(vport),
	};
	return VMMQ_SUCCESS;
}
