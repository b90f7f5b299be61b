/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive filters: enumerate those of a VPort or of all, and show one (spec 3.4). */
#include <string.h>

#include "ndis/oid_filter.h"

#define FIELDS_OFFSET 48u /* multiples of 8 */

const struct oid_shape filter_parameters_shape = {
	"RECEIVE_FILTER_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	2,
	{ VMMQ_NDIS_FILTER_PARAMETERS_SIZE_1, VMMQ_NDIS_FILTER_PARAMETERS_SIZE_2 },
};
/* Revision 1 has neither flags nor a VPortId: it is about all VPorts. */
static const struct oid_shape array_shape = {
	"RECEIVE_FILTER_INFO_ARRAY",
	VMMQ_NDIS_OBJECT_DEFAULT,
	2,
	{ VMMQ_NDIS_FILTER_ARRAY_SIZE_1, VMMQ_NDIS_FILTER_ARRAY_SIZE_2 },
};

/* filter_is_asked_for: with the flag the filters of one VPort, without it those of every VPort (spec 3.4). */
static bool filter_is_asked_for(const struct vmmq_ndis_filter_info_array *request, const struct vmmq_filter *filter)
{
	return !(request->flags & VMMQ_NDIS_ENUM_FILTERS_VPORT) || filter->vport.v == request->vport_id;
}

static vmmq_status filter_enum_check(struct oid_call *call, const struct vmmq_ndis_filter_info_array *request)
{
	uint32_t id = request->vport_id;
	struct vmmq_vport_info vport;

	if (request->flags & ~VMMQ_NDIS_ENUM_FILTERS_VPORT)
		vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "flags", "0x%x; known is 0x%x", request->flags,
			     VMMQ_NDIS_ENUM_FILTERS_VPORT);
	else if (request->queue_id)
		vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "queue_id", "%u; on a NIC switch it is 0",
			     request->queue_id);
	else if (!(request->flags & VMMQ_NDIS_ENUM_FILTERS_VPORT))
		return VMMQ_SUCCESS;
	else if (id < VMMQ_VPORTS_MAX && vmmq_vport_get(call->sw, (struct vmmq_vport_id){ (uint16_t)id }, &vport))
		return VMMQ_SUCCESS;
	else
		vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "vport_id", "there is no VPort %u", id);
	return VMMQ_INVALID_PARAMETER;
}

static uint32_t filter_enum_count(const struct oid_call *call, const struct vmmq_ndis_filter_info_array *request)
{
	uint32_t count = 0;

	for (const struct vmmq_filter *f = vmmq_filter_next(call->sw, 0); f; f = vmmq_filter_next(call->sw, f->id))
		count += filter_is_asked_for(request, f);
	return count;
}

vmmq_status oid_filter_enum(struct oid_call *call)
{
	struct vmmq_ndis_filter_info_array array;
	struct vmmq_ndis_filter_info element = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 1, sizeof(element)),
		.type = VMMQ_NDIS_FILTER_TYPE_VM_QUEUE,
	};
	vmmq_status status = oid_read(call, &array_shape, &array, sizeof(array));
	size_t offset;

	if (status == VMMQ_SUCCESS)
		status = filter_enum_check(call, &array);
	if (status != VMMQ_SUCCESS)
		return status;
	array.header.size = (uint16_t)oid_fixed_size(&array_shape, &array.header);
	array.first_offset = array.header.size;
	array.count = filter_enum_count(call, &array);
	array.element_size = sizeof(element);
	status = oid_room(call, array.first_offset + (uint64_t)array.count * sizeof(element));
	if (status != VMMQ_SUCCESS)
		return status;
	offset = array.first_offset;
	oid_write(call, 0, &array, offset);
	for (const struct vmmq_filter *f = vmmq_filter_next(call->sw, 0); f; f = vmmq_filter_next(call->sw, f->id)) {
		if (!filter_is_asked_for(&array, f))
			continue;
		element.filter_id = f->id;
		oid_write(call, offset, &element, sizeof(element));
		offset += sizeof(element);
	}
	return VMMQ_SUCCESS;
}

static struct vmmq_ndis_filter_field filter_field_make(uint32_t field)
{
	return (struct vmmq_ndis_filter_field){
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, 2, sizeof(struct vmmq_ndis_filter_field)),
		.frame_header = VMMQ_NDIS_FRAME_HEADER_MAC,
		.test = VMMQ_NDIS_FILTER_TEST_EQUAL,
		.field = field,
	};
}

/* filter_fields_make returns how many fields say what the filter tests: 1 or 2. */
static uint32_t filter_fields_make(const struct vmmq_filter *filter, struct vmmq_ndis_filter_field field[2])
{
	field[0] = filter_field_make(VMMQ_NDIS_MAC_FIELD_DESTINATION);
	memcpy(field[0].value, filter->mac, VMMQ_MAC_LEN);
	if (filter->vlan == VMMQ_VLAN_UNTAGGED_OR_ZERO)
		field[0].flags = VMMQ_NDIS_FILTER_FIELD_UNTAGGED_OR_ZERO;
	if (filter->vlan == VMMQ_VLAN_UNTAGGED_OR_ZERO || filter->vlan == VMMQ_VLAN_ANY)
		return 1;
	field[1] = filter_field_make(VMMQ_NDIS_MAC_FIELD_VLAN_ID);
	field[1].value[0] = (uint8_t)(filter->vlan >> 8);
	field[1].value[1] = (uint8_t)filter->vlan;
	return 2;
}

/* The answer has the revision of the question. */
static vmmq_status filter_wanted(struct oid_call *call, const struct vmmq_ndis_header *header,
				 const struct vmmq_filter *filter)
{
	uint32_t fixed = oid_fixed_size(&filter_parameters_shape, header);
	struct vmmq_ndis_filter_field field[2];
	const struct vmmq_ndis_filter_parameters answer = {
		.header = oid_header(VMMQ_NDIS_OBJECT_DEFAULT, header->revision, fixed),
		.flags = filter->encapsulated ? VMMQ_NDIS_FILTER_ENCAPSULATION : 0, /* there is no room for a VNI */
		.type = VMMQ_NDIS_FILTER_TYPE_VM_QUEUE,
		.filter_id = filter->id,
		.fields_offset = FIELDS_OFFSET,
		.field_count = filter_fields_make(filter, field),
		.field_size = sizeof(field[0]),
		.vport_id = filter->vport.v,
	};
	vmmq_status status = oid_room(call, FIELDS_OFFSET + answer.field_count * sizeof(field[0]));

	if (status != VMMQ_SUCCESS)
		return status;
	memset(call->buffer, 0, FIELDS_OFFSET);
	oid_write(call, 0, &answer, fixed);
	oid_write(call, FIELDS_OFFSET, field, answer.field_count * sizeof(field[0]));
	return VMMQ_SUCCESS;
}

vmmq_status oid_filter_query(struct oid_call *call)
{
	struct vmmq_ndis_filter_parameters request;
	vmmq_status status = oid_read(call, &filter_parameters_shape, &request, sizeof(request));
	const struct vmmq_filter *filter;

	if (status != VMMQ_SUCCESS)
		return status;
	filter = vmmq_filter_get(call->sw, request.filter_id);
	if (!filter)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "filter_id", "there is no filter %u",
				    request.filter_id);
	return filter_wanted(call, &request.header, filter);
}
