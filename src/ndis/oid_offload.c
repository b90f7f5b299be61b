/* SPDX-License-Identifier: BSD-2-Clause */
/* OID_TCP_OFFLOAD_PARAMETERS: NVGRE and VXLAN on and off (spec 16); all other offloads are off, and may be asked to be. */
#include "ndis/oid_call.h"

static const struct oid_shape offload_shape = {
	"OFFLOAD_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	6,
	{ VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_1, VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_2,
	  VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_3, VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_4,
	  VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_5, VMMQ_NDIS_OFFLOAD_PARAMETERS_SIZE_6 },
};

#define TYPES_KNOWN (VMMQ_NDIS_ENCAPSULATION_TYPE_GRE_MAC | VMMQ_NDIS_ENCAPSULATION_TYPE_VXLAN)
#define TUNNELS     (VMMQ_TUNNEL_NVGRE | VMMQ_TUNNEL_VXLAN)

static vmmq_status offload_off_check(struct oid_call *call, const uint8_t setting[], size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (setting[i] > VMMQ_NDIS_OFFLOAD_DISABLED)
			return vmmq_why_set(call->why, VMMQ_NOT_SUPPORTED, path,
					    "%u; of this adapter's offloads only encapsulation can be switched on",
					    setting[i]);
	return VMMQ_SUCCESS;
}

static vmmq_status offload_others_check(struct oid_call *call, const struct vmmq_ndis_offload_parameters *request)
{
	vmmq_status status = offload_off_check(call, request->other, sizeof(request->other), "checksum, LSO, IPsec");

	if (status == VMMQ_SUCCESS)
		status = offload_off_check(call, request->ipsec, sizeof(request->ipsec), "ipsec_v2");
	if (status == VMMQ_SUCCESS)
		status = offload_off_check(call, request->rsc, sizeof(request->rsc), "rsc");
	if (status == VMMQ_SUCCESS)
		status = offload_off_check(call, request->udp_segmentation, sizeof(request->udp_segmentation),
					   "udp_segmentation");
	return status == VMMQ_SUCCESS ? offload_off_check(call, &request->udp_rsc, 1, "udp_rsc") : status;
}

/* offload_types: the types count only with SET_ON, and then there has to be one. */
static vmmq_status offload_types(struct oid_call *call, const struct vmmq_ndis_offload_parameters *request,
				 struct vmmq_encapsulation_set *wanted)
{
	uint8_t types = request->encapsulation_types;

	*wanted = (struct vmmq_encapsulation_set){ .mask = TUNNELS };
	if (request->encapsulated_packet_task_offload == VMMQ_NDIS_OFFLOAD_SET_OFF)
		return VMMQ_SUCCESS;
	if (request->encapsulated_packet_task_offload != VMMQ_NDIS_OFFLOAD_SET_ON)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "encapsulated_packet_task_offload",
				    "%u; 0, no change, 1, on, and 2, off, are known",
				    request->encapsulated_packet_task_offload);
	if (!types || types & ~TYPES_KNOWN)
		return vmmq_why_set(call->why, types ? VMMQ_NOT_SUPPORTED : VMMQ_INVALID_PARAMETER,
				    "encapsulation_types", "0x%x; 1, NVGRE, and 2, VXLAN, are known", types);
	if (types & VMMQ_NDIS_ENCAPSULATION_TYPE_GRE_MAC)
		wanted->types |= VMMQ_TUNNEL_NVGRE;
	if (types & VMMQ_NDIS_ENCAPSULATION_TYPE_VXLAN) {
		wanted->types |= VMMQ_TUNNEL_VXLAN;
		wanted->vxlan_port = request->vxlan_port;
	}
	return VMMQ_SUCCESS;
}

static void offload_indicate(const struct oid_call *call)
{
	const struct vmmq_oid_hooks *hooks = &call->adapter->hooks;
	const struct vmmq_ndis_offload config = oid_offload_config(call);

	if (hooks->indicate)
		hooks->indicate(hooks->context, VMMQ_NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, &config,
				VMMQ_NDIS_OFFLOAD_SIZE_4);
}

vmmq_status oid_offload_set(struct oid_call *call)
{
	struct vmmq_ndis_offload_parameters request;
	vmmq_status status = oid_read(call, &offload_shape, &request, sizeof(request));
	struct vmmq_encapsulation_set wanted;

	if (status == VMMQ_SUCCESS)
		status = offload_others_check(call, &request);
	if (status != VMMQ_SUCCESS || request.encapsulated_packet_task_offload == VMMQ_NDIS_OFFLOAD_SET_NO_CHANGE)
		return status;
	status = offload_types(call, &request, &wanted);
	if (status == VMMQ_SUCCESS)
		status = vmmq_encapsulation_set(call->sw, &wanted, call->why);
	if (status == VMMQ_SUCCESS)
		offload_indicate(call);
	return status;
}
