/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/build_switch.h"

#include <stdio.h>

static vmmq_status add_filters(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (size_t i = 0; i < vport->filter_count && status == VMMQ_SUCCESS; i++) {
		uint32_t id;

		status = vmmq_filter_set(sw, vport->id, vport->filters[i].mac, vport->filters[i].vlan, &id, why);
	}
	return status;
}

/* VPort 0 exists already, activated; the others are created and activated here (spec 3.1). */
static vmmq_status add_vport(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	if (vport->id.v)
		status = vmmq_vport_create(sw, vport->id, vport->name, vport->queue_pairs, vport->rss.primary, why);
	if (status == VMMQ_SUCCESS)
		status = add_filters(sw, vport, why);
	if (status == VMMQ_SUCCESS)
		status = vmmq_rss_set(sw, vport->id, &vport->rss, why);
	if (status == VMMQ_SUCCESS && vport->id.v)
		status = vmmq_vport_activate(sw, vport->id, why);
	return status;
}

/* name_vport puts the VPort in front of the path of a refusal: "vports[id 2].queue_pairs". */
static void name_vport(struct vmmq_why *why, struct vmmq_vport_id id)
{
	struct vmmq_why refused;

	if (!why)
		return;
	refused = *why;
	snprintf(why->path, sizeof(why->path), "vports[id %u]%s%.*s", (unsigned)id.v, refused.path[0] ? "." : "",
		 (int)sizeof(why->path) - 32, refused.path);
}

vmmq_status switch_fill_from_config(struct vmmq_nic_switch *sw, const struct vmmq_config *config,
				    struct vmmq_why *why)
{
	vmmq_nic_switch_begin(sw);
	for (size_t i = 0; i < config->vport_count; i++) {
		vmmq_status status = add_vport(sw, &config->vports[i], why);

		if (status != VMMQ_SUCCESS) {
			name_vport(why, config->vports[i].id);
			vmmq_nic_switch_abort(sw);
			return status;
		}
	}
	return vmmq_nic_switch_commit(sw, why);
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
