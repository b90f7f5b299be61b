/* SPDX-License-Identifier: BSD-2-Clause */
/* From a validated configuration to a NIC switch that packets can be steered by. */
#ifndef VMMQ_CONFIG_BUILD_SWITCH_H
#define VMMQ_CONFIG_BUILD_SWITCH_H

#include <vmmq/nic_switch.h>

#include "config/config_model.h"

/*
 * switch_from_config makes a switch with the VPorts, filters and RSS parameters of config, all in one view; every
 * VPort is activated unless it says otherwise.  Filters have the ids of config, or count on from 1 in its order.
 * On success *sw is the caller's, for vmmq_nic_switch_destroy().  On failure *sw is NULL and *why (may be NULL) says
 * which VPort: "vports[id 2].queue_pairs".  Returns what the refusing operation returned.
 */
vmmq_status switch_from_config(const struct vmmq_config *config, struct vmmq_nic_switch **sw, struct vmmq_why *why);

/*
 * The two halves, for a switch that something else makes: switch_params_from_config says what it is to be made with
 * (pointers into config; as many VPorts as its highest id needs), switch_fill_from_config adds everything in one
 * group, or, on refusal, nothing.
 */
struct vmmq_nic_switch_params switch_params_from_config(const struct vmmq_config *config);
vmmq_status switch_fill_from_config(struct vmmq_nic_switch *sw, const struct vmmq_config *config,
				    struct vmmq_why *why);

/*
 * The steps, inside a group.  switch_add_vport makes one VPort (VPort 0 exists: it is set) with everything that
 * config states;
 * switch_set_ndis sets what only NDIS requests state, after the RSS parameters; switch_rename also takes an empty
 * name, which NDIS requests may give.
 * switch_name_vport puts the VPort in front of the path of a refusal: "vports[id 2].queue_pairs".
 */
vmmq_status switch_add_vport(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why);
vmmq_status switch_set_ndis(struct vmmq_nic_switch *sw, const struct config_vport *vport, struct vmmq_why *why);
vmmq_status switch_rename(struct vmmq_nic_switch *sw, struct vmmq_vport_id id, const char *name,
			  struct vmmq_why *why);
void switch_name_vport(struct vmmq_why *why, struct vmmq_vport_id id);

#endif
