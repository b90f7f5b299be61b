/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/build_switch.h"

#include <stdio.h>
#include <string.h>
#include <vmmq/request.h>

#define PF 0xffffu /* the physical function, the only one there is */

static vmmq_status add_filters(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < vport->filter_count && status == VMMQ_SUCCESS; i++) {
		struct vmmq_filter filter = config_filter_of(&vport->filters[i], vport->id);

		status = vmmq_filter_add(sw, &filter, why);
	}
	return status;
}

/*
 * create makes a VPort on the set's first processor: the real primary one comes with the RSS parameters, and may lie
 * outside the set while RSS is on.
 */
static vmmq_status vport_build(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why)
{
	struct vmmq_processor first = vmmq_nic_switch_processors(sw)->processor[0];
	struct vmmq_vport_params params = {
		.vport_id = vport->id.v,
		.name = vport->name,
		.attached_function = PF,
		.queue_pairs = vport->queue_pairs,
		.state = VMMQ_VPORT_DEACTIVATED,
		.affinity = { .group = (uint16_t)(first.v / VMMQ_PROCESSORS_PER_GROUP),
			      .mask = UINT64_C(1) << first.v % VMMQ_PROCESSORS_PER_GROUP },
	};

	return vmmq_vport_create_params(sw, &params, why);
}

vmmq_status switch_set_ndis(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why)
{
	const struct config_ndis *ndis = &vport->ndis;
	struct vmmq_vport_params params = {
		.flags = ndis->flags | VMMQ_VPORT_FLAGS_CHANGED | VMMQ_VPORT_INT_MOD_CHANGED |
			 (ndis->affinity_mask ? VMMQ_VPORT_AFFINITY_CHANGED : 0),
		.vport_id = vport->id.v,
		.attached_function = PF,
		.interrupt_moderation = ndis->interrupt_moderation,
		.affinity = { .group = ndis->affinity_group, .mask = ndis->affinity_mask },
	};

	if (!ndis->flags && !ndis->interrupt_moderation && !ndis->affinity_mask)
		return VMMQ_SUCCESS;
	return vmmq_vport_set_params(sw, &params, why);
}

vmmq_status switch_rename(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name, struct vmmq_why *why)
{
	const struct vmmq_vport_params params = {
		.flags = VMMQ_VPORT_NAME_CHANGED,
		.vport_id = id.v,
		.name = name,
		.attached_function = PF,
	};

	return vmmq_vport_set_params(sw, &params, why);
}

vmmq_status switch_add_vport(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why)
{
	vmmq_status status;

	if (vport->id.v)
		status = vport_build(sw, vport, why);
	else
		status = switch_rename(sw, vport->id, vport->name, why);
	if (status == VMMQ_SUCCESS)
		status = add_filters(sw, vport, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_rss_set(sw, vport->id, &vport->rss, why);
	if (status == VMMQ_SUCCESS)
		status = switch_set_ndis(sw, vport, why);
	if (status == VMMQ_SUCCESS && vport->id.v && !vport->ndis.deactivated)
		status = vmmq_vport_activate(sw, vport->id, why);
	return status;
}

void switch_name_vport(struct vmmq_why *why, struct vmmq_vport_id id)
{
	struct vmmq_why refused;

	if (!why)
		return;
	refused = *why;
	snprintf(why->path, sizeof(why->path), "vports[id %u]%s%.*s", (unsigned)id.v, refused.path[0] ? "." : "",
		 (int)sizeof(why->path) - 32, refused.path);
}

static vmmq_status vports_build(struct vmmq_nic_switch *sw, const struct vmmq_config *config, struct vmmq_why *why)
{
	for (size_t i = 0; i < config->vport_count; i++) {
		vmmq_status status = switch_add_vport(sw, &config->vports[i], why);

		if (status == VMMQ_SUCCESS)
			continue;
		switch_name_vport(why, config->vports[i].id);
		return status;
	}
	return vmmq_nic_switch_set_processors(sw, config->processors, config->processor_count, why);
}

vmmq_status switch_fill_from_config(struct vmmq_nic_switch *sw, const struct vmmq_config *config,
				    struct vmmq_why *why)
{
	vmmq_status status;

	vmmq_nic_switch_begin(sw);
	status = vports_build(sw, config, why);
	if (status == VMMQ_SUCCESS)
		return vmmq_nic_switch_commit(sw, why);
	vmmq_nic_switch_abort(sw);
	return status;
}

struct vmmq_nic_switch_params switch_params_from_config(const struct vmmq_config *config)
{
	return (struct vmmq_nic_switch_params){
		.processors = config->processors,
		.processor_count = config->processor_count,
		.max_vports = config->vports[config->vport_count - 1].id.v + 1u,
		.default_vport_queue_pairs = config->vports[0].queue_pairs,
	};
}

vmmq_status switch_from_config(const struct vmmq_config *config, struct vmmq_nic_switch **sw, struct vmmq_why *why)
{
	const struct vmmq_nic_switch_params params = switch_params_from_config(config);
	vmmq_status status = vmmq_nic_switch_create(&params, sw, why);

	if (status != VMMQ_SUCCESS)
		return status;
	status = switch_fill_from_config(*sw, config, why);
	if (status != VMMQ_SUCCESS) {
		vmmq_nic_switch_destroy(*sw);
		*sw = NULL;
	}
	return status;
}
