/* SPDX-License-Identifier: BSD-2-Clause */
/* The NIC switch itself: create, parameters, delete, enumerate (spec 2.1, 3.4). */
#include <string.h>

#include "ndis/oid_call.h"

static const struct oid_shape parameters_shape = {
	"NIC_SWITCH_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	2,
	{ VMMQ_NDIS_SWITCH_PARAMETERS_SIZE_1, VMMQ_NDIS_SWITCH_PARAMETERS_SIZE_2 },
};
static const struct oid_shape delete_shape = {
	"NIC_SWITCH_DELETE_SWITCH_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	1,
	{ sizeof(struct vmmq_ndis_switch_delete) },
};

static vmmq_status switch_id_check(struct oid_call *call, uint32_t switch_id)
{
	if (switch_id == VMMQ_NDIS_DEFAULT_SWITCH_ID)
		return VMMQ_SUCCESS;
	return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "switch_id", "%u; the one switch has id 0", switch_id);
}

static vmmq_status switch_is_not_ours(struct oid_call *call)
{
	vmmq_why_set(call->why, VMMQ_NOT_SUPPORTED, "oid",
		     "the NIC switch is the adapter's own; requests neither create nor delete it");
	return VMMQ_NOT_SUPPORTED;
}

static vmmq_status oid_switch_create_check(struct oid_call *call, const struct vmmq_ndis_switch_parameters *request)
{
	char name[OID_TEXT_MAX + 1];
	vmmq_status status = switch_id_check(call, request->switch_id);

	if (status != VMMQ_SUCCESS)
		return status;
	if (request->type != VMMQ_NDIS_SWITCH_TYPE_EXTERNAL)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "type", "%u; 1, external, is needed",
				    request->type);
	if (request->vfs)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "vfs",
				    "%u; there are no virtual functions here", request->vfs);
	return oid_string_read(&request->name, name, call->why);
}

static uint32_t switch_default_queue_pairs(const struct vmmq_nic_switch *sw)
{
	struct vmmq_vport_info info = { .queue_pairs = 0 };

	vmmq_vport_get(sw, VMMQ_DEFAULT_VPORT, &info);
	return info.queue_pairs;
}

/*
 * oid_switch_verify answers a request to create the switch that the adapter came with: it was created statically, so the
 * request has to state what the switch has, and creates nothing (spec 2.1).
 */
static vmmq_status oid_switch_verify(struct oid_call *call, const struct vmmq_ndis_switch_parameters *request)
{
	uint32_t wanted = request->queue_pairs_default_vport, has = switch_default_queue_pairs(call->sw);

	if (call->adapter->sw_was_created)
		return vmmq_why_set(call->why, VMMQ_FAILURE, "switch_id",
				    "the switch exists, and there can be only one");
	if (wanted && wanted != has)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "queue_pairs_default_vport",
				    "%u; the switch came with the adapter, and its default VPort has %u", wanted,
				    has);
	return VMMQ_SUCCESS;
}

static vmmq_status oid_switch_make(struct oid_call *call, const struct vmmq_ndis_switch_parameters *request)
{
	struct vmmq_oid_adapter *adapter = call->adapter;
	struct vmmq_nic_switch_params params = adapter->hardware;
	vmmq_status status;

	if (!adapter->maker.create)
		return switch_is_not_ours(call);
	if (request->queue_pairs_default_vport)
		params.default_vport_queue_pairs = request->queue_pairs_default_vport;
	status = adapter->maker.create(adapter->maker.context, &params, &adapter->sw, call->why);
	adapter->sw_was_created = status == VMMQ_SUCCESS;
	return status;
}

vmmq_status oid_switch_create(struct oid_call *call)
{
	struct vmmq_ndis_switch_parameters request;
	vmmq_status status = oid_read(call, &parameters_shape, &request, sizeof(request));

	if (status == VMMQ_SUCCESS)
		status = oid_switch_create_check(call, &request);
	if (status == VMMQ_SUCCESS)
		status = call->sw ? oid_switch_verify(call, &request) : oid_switch_make(call, &request);
	if (status != VMMQ_SUCCESS)
		return status;
	call->adapter->name = request.name;
	call->answered = oid_fixed_size(&parameters_shape, &request.header);
	return VMMQ_SUCCESS;
}

/* The name is all of a switch that can change; what its flag does not name is ignored. */
vmmq_status oid_switch_set(struct oid_call *call)
{
	struct vmmq_ndis_switch_parameters request;
	vmmq_status status = oid_read(call, &parameters_shape, &request, sizeof(request));
	uint32_t change = request.flags & VMMQ_NDIS_SWITCH_CHANGE_MASK;
	char name[OID_TEXT_MAX + 1];

	if (status == VMMQ_SUCCESS)
		status = switch_id_check(call, request.switch_id);
	if (status != VMMQ_SUCCESS)
		return status;
	if (change & ~VMMQ_NDIS_SWITCH_NAME_CHANGED)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "flags",
				    "0x%08x; of a switch only the name, 0x%08x, can change", request.flags,
				    VMMQ_NDIS_SWITCH_NAME_CHANGED);
	if (!change)
		return VMMQ_SUCCESS;
	status = oid_string_read(&request.name, name, call->why);
	if (status == VMMQ_SUCCESS)
		call->adapter->name = request.name;
	return status;
}

/* The answer has the revision of the question. */
vmmq_status oid_switch_query(struct oid_call *call)
{
	struct vmmq_ndis_switch_parameters request, answer;
	vmmq_status status = oid_read(call, &parameters_shape, &request, sizeof(request));
	uint32_t size;

	if (status == VMMQ_SUCCESS)
		status = switch_id_check(call, request.switch_id);
	if (status != VMMQ_SUCCESS)
		return status;
	size = oid_fixed_size(&parameters_shape, &request.header);
	answer = (struct vmmq_ndis_switch_parameters){
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, request.header.revision, size),
		.type = VMMQ_NDIS_SWITCH_TYPE_EXTERNAL,
		.name = call->adapter->name,
		.queue_pairs_default_vport = switch_default_queue_pairs(call->sw),
	};
	return oid_answer(call, &answer, size);
}

/* A switch goes when no nondefault VPort is left (spec 3.2), and takes the default VPort's filters with it. */
vmmq_status oid_switch_delete(struct oid_call *call)
{
	struct vmmq_oid_adapter *adapter = call->adapter;
	struct vmmq_ndis_switch_delete request;
	vmmq_status status = oid_read(call, &delete_shape, &request, sizeof(request));
	int32_t vport;

	if (status == VMMQ_SUCCESS)
		status = adapter->maker.destroy ? switch_id_check(call, request.switch_id) : switch_is_not_ours(call);
	if (status != VMMQ_SUCCESS)
		return status;
	vport = vmmq_vport_next(call->sw, VMMQ_NDIS_DEFAULT_VPORT_ID);
	if (vport >= 0)
		return vmmq_why_set(call->why, VMMQ_FAILURE, "switch_id", "VPort %d exists; delete VPorts first",
				    (int)vport);
	adapter->maker.destroy(adapter->maker.context, call->sw);
	adapter->sw = NULL;
	adapter->sw_was_created = false;
	memset(&adapter->name, 0, sizeof(adapter->name));
	return VMMQ_SUCCESS;
}

static void switch_count_vports(const struct vmmq_nic_switch *sw, struct vmmq_ndis_switch_info *info)
{
	struct vmmq_vport_info vport;

	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id)) {
		if (!vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)id }, &vport))
			continue;
		info->active_vports += vport.state == VMMQ_VPORT_ACTIVATED;
		*(id ? &info->queue_pairs_nondefault_vports : &info->queue_pairs_default_vport) += vport.queue_pairs;
		*(id ? &info->macs_nondefault_vports : &info->macs_default_vport) += vport.filter_count;
	}
}

static void switch_count_vlans(const struct vmmq_nic_switch *sw, struct vmmq_ndis_switch_info *info)
{
	for (const struct vmmq_filter *f = vmmq_filter_next(sw, 0); f; f = vmmq_filter_next(sw, f->id))
		if (f->vlan >= VMMQ_VLAN_ID_MIN && f->vlan <= VMMQ_VLAN_ID_MAX)
			++*(f->vport.v ? &info->vlans_nondefault_vports : &info->vlans_default_vport);
}

vmmq_status oid_switch_enum(struct oid_call *call)
{
	const struct vmmq_oid_adapter *adapter = call->adapter;
	struct vmmq_ndis_switch_info info = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(info)),
		.type = VMMQ_NDIS_SWITCH_TYPE_EXTERNAL,
		.name = adapter->name,
		.vports = adapter->hardware.max_vports ? adapter->hardware.max_vports : VMMQ_VPORTS_MAX,
	};
	const struct vmmq_ndis_switch_info_array array = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(array)),
		.first_offset = sizeof(array),
		.count = call->sw ? 1 : 0,
		.element_size = sizeof(info),
	};
	vmmq_status status = oid_room(call, sizeof(array) + array.count * sizeof(info));

	if (status != VMMQ_SUCCESS)
		return status;
	oid_write(call, 0, &array, sizeof(array));
	if (!call->sw)
		return VMMQ_SUCCESS;
	switch_count_vports(call->sw, &info);
	switch_count_vlans(call->sw, &info);
	oid_write(call, sizeof(array), &info, sizeof(info));
	return VMMQ_SUCCESS;
}
