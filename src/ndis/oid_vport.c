/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts: create, parameters, delete, enumerate (spec 2.2, 3). */
#include <string.h>

#include "ndis/oid_call.h"

/* Elements of an enumeration stand at multiples of 8. */
#define ELEMENTS_OFFSET 32u

/* Revision 2 has members behind those of revision 1, which are not for VMMQ (spec 2.2, 17.3). */
static const struct oid_shape parameters_shape = {
	"NIC_SWITCH_VPORT_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	2,
	{ VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1 },
};
static const struct oid_shape delete_shape = {
	"NIC_SWITCH_DELETE_VPORT_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	1,
	{ sizeof(struct vmmq_ndis_vport_delete) },
};
static const struct oid_shape array_shape = {
	"NIC_SWITCH_VPORT_INFO_ARRAY",
	VMMQ_NDIS_OBJECT_DEFAULT,
	1,
	{ sizeof(struct vmmq_ndis_vport_info_array) },
};

static struct vmmq_vport_params oid_vport_params_read(const struct vmmq_ndis_vport_parameters *request,
						      const char *name)
{
	return (struct vmmq_vport_params){
		.flags = request->flags,
		.switch_id = request->switch_id,
		.vport_id = request->vport_id,
		.name = name,
		.attached_function = request->attached_function,
		.queue_pairs = request->queue_pairs,
		.interrupt_moderation = request->interrupt_moderation,
		.state = request->state,
		.affinity = { .group = request->affinity.group, .mask = request->affinity.mask },
	};
}

/* The VPort's id is given by whoever allocates ids, NDIS; the answer is the request. */
vmmq_status oid_vport_create(struct oid_call *call)
{
	struct vmmq_ndis_vport_parameters request;
	vmmq_status status = oid_read(call, &parameters_shape, &request, sizeof(request));
	struct vmmq_vport_params params;
	char name[OID_TEXT_MAX + 1];

	if (status == VMMQ_SUCCESS)
		status = oid_string_read(&request.name, name, call->why);
	if (status != VMMQ_SUCCESS)
		return status;
	params = oid_vport_params_read(&request, name);
	status = vmmq_vport_create_params(call->sw, &params, call->why);
	if (status == VMMQ_SUCCESS)
		call->answered = VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1;
	return status;
}

vmmq_status oid_vport_set(struct oid_call *call)
{
	struct vmmq_ndis_vport_parameters request;
	vmmq_status status = oid_read(call, &parameters_shape, &request, sizeof(request));
	struct vmmq_vport_params params;
	char name[OID_TEXT_MAX + 1] = "";

	if (status == VMMQ_SUCCESS && request.flags & VMMQ_VPORT_NAME_CHANGED)
		status = oid_string_read(&request.name, name, call->why);
	if (status != VMMQ_SUCCESS)
		return status;
	params = oid_vport_params_read(&request, name);
	return vmmq_vport_set_params(call->sw, &params, call->why);
}

/* oid_vport_get returns what the VPort has, or INVALID_PARAMETER when there is none (spec 3.4). */
static vmmq_status oid_vport_get(struct oid_call *call, uint32_t vport_id, struct vmmq_vport_params *params)
{
	if (vmmq_vport_get_params(call->sw, vport_id, params) == VMMQ_SUCCESS)
		return VMMQ_SUCCESS;
	return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "vport_id", "there is no VPort %u", vport_id);
}

vmmq_status oid_vport_query(struct oid_call *call)
{
	struct vmmq_ndis_vport_parameters request, answer;
	vmmq_status status = oid_read(call, &parameters_shape, &request, sizeof(request));
	struct vmmq_vport_params params;

	if (status == VMMQ_SUCCESS && request.switch_id)
		status = vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "switch_id", "%u; the one switch has id 0",
				      request.switch_id);
	if (status == VMMQ_SUCCESS)
		status = oid_vport_get(call, request.vport_id, &params);
	if (status != VMMQ_SUCCESS)
		return status;
	answer = (struct vmmq_ndis_vport_parameters){
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1),
		.flags = params.flags,
		.vport_id = params.vport_id,
		.attached_function = params.attached_function,
		.queue_pairs = params.queue_pairs,
		.interrupt_moderation = params.interrupt_moderation,
		.state = params.state,
		.affinity = { .mask = params.affinity.mask, .group = params.affinity.group },
	};
	oid_string_write(&answer.name, params.name);
	return oid_answer(call, &answer, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1);
}

/* oid_vport_quiesce waits for what is outstanding, unless the VPort cannot be deleted anyway (spec 3.2). */
static vmmq_status oid_vport_quiesce(struct oid_call *call, struct vmmq_vport_id vport)
{
	const struct vmmq_oid_hooks *hooks = &call->adapter->hooks;
	struct vmmq_vport_info info;

	if (!hooks->quiesce || !vport.v || !vmmq_vport_get(call->sw, vport, &info) || info.filter_count)
		return VMMQ_SUCCESS;
	if (hooks->quiesce(hooks->context, vport))
		return VMMQ_SUCCESS;
	return vmmq_why_set(call->why, VMMQ_FAILURE, "vport_id", "packets of VPort %u are still outstanding",
			    (unsigned)vport.v);
}

vmmq_status oid_vport_delete(struct oid_call *call)
{
	struct vmmq_ndis_vport_delete request;
	vmmq_status status = oid_read(call, &delete_shape, &request, sizeof(request));
	struct vmmq_vport_id vport;

	if (status != VMMQ_SUCCESS)
		return status;
	if (request.vport_id >= VMMQ_VPORTS_MAX)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "vport_id", "there is no VPort %u",
				    request.vport_id);
	vport.v = (uint16_t)request.vport_id;
	status = oid_vport_quiesce(call, vport);
	return status == VMMQ_SUCCESS ? vmmq_vport_delete(call->sw, vport, call->why) : status;
}

static vmmq_status vport_enum_check(struct oid_call *call, const struct vmmq_ndis_vport_info_array *request)
{
	const uint32_t known = VMMQ_NDIS_ENUM_VPORTS_FUNCTION | VMMQ_NDIS_ENUM_VPORTS_SWITCH;

	if (request->flags & ~known)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "flags", "0x%x; known are 0x%x",
				    request->flags, known);
	if ((request->flags & known) == known)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "flags",
				    "0x%x; by function, 0x%x, and by switch, 0x%x, exclude each other",
				    request->flags, VMMQ_NDIS_ENUM_VPORTS_FUNCTION, VMMQ_NDIS_ENUM_VPORTS_SWITCH);
	if (request->flags & VMMQ_NDIS_ENUM_VPORTS_SWITCH && request->switch_id)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "switch_id", "%u; the one switch has id 0",
				    request->switch_id);
	if (request->flags & VMMQ_NDIS_ENUM_VPORTS_FUNCTION && request->attached_function != VMMQ_NDIS_PF_FUNCTION_ID)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "attached_function",
				    "0x%x; there is only the PF, 0xffff", request->attached_function);
	return VMMQ_SUCCESS;
}

static uint32_t vport_enum_count(const struct vmmq_nic_switch *sw)
{
	uint32_t count = 0;

	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id))
		count++;
	return count;
}

static void vport_info_write(struct oid_call *call, size_t offset, uint32_t vport_id)
{
	struct vmmq_vport_info info = { .filter_count = 0 };
	struct vmmq_vport_params params = { .name = "" };
	struct vmmq_ndis_vport_info element;

	vmmq_vport_get_params(call->sw, vport_id, &params);
	vmmq_vport_get(call->sw, (struct vmmq_vport_id){ (uint16_t)vport_id }, &info);
	element = (struct vmmq_ndis_vport_info){
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(element)),
		.vport_id = vport_id,
		.flags = params.flags,
		.attached_function = params.attached_function,
		.queue_pairs = params.queue_pairs,
		.interrupt_moderation = params.interrupt_moderation,
		.state = params.state,
		.affinity = { .mask = params.affinity.mask, .group = params.affinity.group },
		.filters = info.filter_count,
	};
	oid_string_write(&element.name, params.name);
	oid_write(call, offset, &element, sizeof(element));
}

/* By function or by switch it is always the same list: all VPorts are the PF's, on the one switch. */
vmmq_status oid_vport_enum(struct oid_call *call)
{
	struct vmmq_ndis_vport_info_array array;
	vmmq_status status = oid_read(call, &array_shape, &array, sizeof(array));
	size_t offset = ELEMENTS_OFFSET;

	if (status == VMMQ_SUCCESS)
		status = vport_enum_check(call, &array);
	if (status != VMMQ_SUCCESS)
		return status;
	array.count = vport_enum_count(call->sw);
	array.first_offset = ELEMENTS_OFFSET;
	array.element_size = sizeof(struct vmmq_ndis_vport_info);
	array.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(array));
	status = oid_room(call, ELEMENTS_OFFSET + (uint64_t)array.count * array.element_size);
	if (status != VMMQ_SUCCESS)
		return status;
	memset(call->buffer, 0, ELEMENTS_OFFSET);
	oid_write(call, 0, &array, sizeof(array));
	for (int32_t id = vmmq_vport_next(call->sw, -1); id >= 0; id = vmmq_vport_next(call->sw, id)) {
		vport_info_write(call, offset, (uint32_t)id);
		offset += array.element_size;
	}
	return VMMQ_SUCCESS;
}
