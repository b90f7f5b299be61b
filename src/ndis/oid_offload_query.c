/* SPDX-License-Identifier: BSD-2-Clause */
/* OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES and _CURRENT_CONFIG: what there is, and what is on, of NVGRE and VXLAN (spec 16.3). */
#include "ndis/oid_call.h"

/* RSS and VM queues look into packets of any IP version inside any. */
#define SUPPORTED                                                                                                    \
	(VMMQ_NDIS_ENCAPSULATED_ALL_IP << VMMQ_NDIS_ENCAPSULATED_RSS_AT | VMMQ_NDIS_ENCAPSULATED_ALL_IP              \
									      << VMMQ_NDIS_ENCAPSULATED_VMQ_AT)

/* offload_of returns the structure with these encapsulation types; of all other offloads there is none. */
static struct vmmq_ndis_offload offload_of(uint8_t types, uint16_t vxlan_port)
{
	const bool gre = types & VMMQ_NDIS_ENCAPSULATION_TYPE_GRE_MAC,
		   vxlan = types & VMMQ_NDIS_ENCAPSULATION_TYPE_VXLAN;

	return (struct vmmq_ndis_offload){
		.header = oid_header(VMMQ_NDIS_OBJECT_OFFLOAD, 4, VMMQ_NDIS_OFFLOAD_SIZE_4),
		.gre_supported = gre ? SUPPORTED : 0,
		.gre_max_header = gre ? VMMQ_TUNNEL_HEADERS_MAX : 0,
		.vxlan_supported = vxlan ? SUPPORTED : 0,
		.vxlan_max_header = vxlan ? VMMQ_TUNNEL_HEADERS_MAX : 0,
		.vxlan_port = vxlan_port,
		.vxlan_port_configurable = 1,
		.encapsulation_types = types,
	};
}

/* Requests switch all VPorts at once; where somebody else has not, it is VPort 0 that counts.  Without a switch nothing is on. */
struct vmmq_ndis_offload oid_offload_config(const struct oid_call *call)
{
	struct vmmq_vport_info vport0;
	uint8_t types = 0;

	if (!call->sw || !vmmq_vport_get(call->sw, VMMQ_DEFAULT_VPORT, &vport0))
		return offload_of(0, VMMQ_PORT_VXLAN);
	if (vport0.rss->encapsulation.types & VMMQ_TUNNEL_NVGRE)
		types |= VMMQ_NDIS_ENCAPSULATION_TYPE_GRE_MAC;
	if (vport0.rss->encapsulation.types & VMMQ_TUNNEL_VXLAN)
		types |= VMMQ_NDIS_ENCAPSULATION_TYPE_VXLAN;
	return offload_of(types, vport0.rss->encapsulation.vxlan_port);
}

vmmq_status oid_offload_current(struct oid_call *call)
{
	const struct vmmq_ndis_offload answer = oid_offload_config(call);

	return oid_answer(call, &answer, VMMQ_NDIS_OFFLOAD_SIZE_4);
}

/* The types are those that can be switched on; the port is the one that is used unless another one is asked for. */
vmmq_status oid_offload_capabilities(struct oid_call *call)
{
	const uint8_t types = VMMQ_NDIS_ENCAPSULATION_TYPE_GRE_MAC | VMMQ_NDIS_ENCAPSULATION_TYPE_VXLAN;
	const struct vmmq_ndis_offload answer = offload_of(types, oid_offload_config(call).vxlan_port);

	return oid_answer(call, &answer, VMMQ_NDIS_OFFLOAD_SIZE_4);
}
