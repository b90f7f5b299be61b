/* SPDX-License-Identifier: BSD-2-Clause */
/* From a validated configuration to a NIC switch that packets can be steered by. */
#ifndef VMMQ_CONTROL_BUILD_SWITCH_H
#define VMMQ_CONTROL_BUILD_SWITCH_H

#include <vmmq/nic_switch.h>

#include "control/model.h"

/*
 * switch_from_config makes a switch with the VPorts, filters and RSS parameters of config, all in one view; every
 * VPort is activated.  Filter ids count from 1 in the order of config.
 * On success *sw is the caller's, for vmmq_nic_switch_destroy().  On failure *sw is NULL and *why (may be NULL) says
 * which VPort: "vports[id 2].queue_pairs".  Returns what the refusing operation returned.
 */
vmmq_status switch_from_config(const struct vmmq_config *config, struct vmmq_nic_switch **sw, struct vmmq_why *why);

/*
 * The two halves, for a switch that something else makes: switch_params_from_config says what it is to be made with
 * (pointers into config; as many VPorts as its highest id needs), switch_fill_from_config adds everything in one group, or,
 * on refusal, nothing.
 */
struct vmmq_nic_switch_params switch_params_from_config(const struct vmmq_config *config);
vmmq_status switch_fill_from_config(struct vmmq_nic_switch *sw, const struct vmmq_config *config,
				    struct vmmq_why *why);

#endif
