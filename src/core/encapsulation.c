/* SPDX-License-Identifier: BSD-2-Clause */
/* OID_TCP_OFFLOAD_PARAMETERS: which tunnels the VPorts look into (spec 16). */
#include "core/request_check.h"

static struct vmmq_encapsulation encapsulation_wanted(const struct vport *vport,
						      const struct vmmq_encapsulation_set *request)
{
	struct vmmq_encapsulation wanted = vport->rss.encapsulation;

	wanted.types = (uint16_t)((wanted.types & ~request->mask) | (request->types & request->mask));
	if (request->vxlan_port)
		wanted.vxlan_port = request->vxlan_port;
	return wanted;
}

static vmmq_status encapsulation_set_vport(struct vmmq_nic_switch *sw, struct vport *vport,
					   const struct vmmq_encapsulation_set *request, struct vmmq_why *why)
{
	struct vport wanted = *vport;

	wanted.rss.encapsulation = encapsulation_wanted(vport, request);
	return vport_replace(sw, vport, &wanted, why);
}

/* Nothing is edited before it is known that every VPort can take it. */
static vmmq_status encapsulation_set(struct vmmq_nic_switch *sw, const struct vmmq_encapsulation_set *request,
				     struct vmmq_why *why)
{
	vmmq_status status = VMMQ_SUCCESS;

	for (uint32_t i = 0; i < sw->vport_slots && status == VMMQ_SUCCESS; i++) {
		struct vmmq_encapsulation wanted;

		if (!sw->vport[i])
			continue;
		wanted = encapsulation_wanted(sw->vport[i], request);
		status = vmmq_encapsulation_check(&wanted, why);
	}
	for (uint32_t i = 0; i < sw->vport_slots && status == VMMQ_SUCCESS; i++)
		if (sw->vport[i])
			status = encapsulation_set_vport(sw, sw->vport[i], request, why);
	return status;
}

vmmq_status vmmq_encapsulation_set(struct vmmq_nic_switch *sw, const struct vmmq_encapsulation_set *request,
				   struct vmmq_why *why)
{
	bool lone = op_begin(sw);

	return op_end(sw, lone, encapsulation_set(sw, request, why), why);
}
