/* SPDX-License-Identifier: BSD-2-Clause */
/* Receive filters: set, clear, move (spec 4). */
#include <string.h>

#include "ndis/oid_filter.h"

#define FIELDS_MAX 2 /* destination MAC, VLAN id */

static const struct oid_shape clear_shape = {
	"RECEIVE_FILTER_CLEAR_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	1,
	{ sizeof(struct vmmq_ndis_filter_clear) },
};
static const struct oid_shape move_shape = {
	"RECEIVE_FILTER_MOVE_FILTER_PARAMETERS",
	VMMQ_NDIS_OBJECT_DEFAULT,
	1,
	{ sizeof(struct vmmq_ndis_filter_move) },
};

/* A filter as it is collected from its fields. */
struct wanted {
	bool has_mac, has_vlan;
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t mac_flags;
	uint16_t vlan;
};

static vmmq_status filter_parameters_check(struct oid_call *call, const struct vmmq_ndis_filter_parameters *request)
{
	if (request->type != VMMQ_NDIS_FILTER_TYPE_VM_QUEUE)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "type",
				    "%u; 1, VM queue, is the type for VPorts", request->type);
	if (request->queue_id)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "queue_id", "%u; on a NIC switch it is 0",
				    request->queue_id);
	if (request->flags & ~(VMMQ_NDIS_FILTER_FLAGS_RESERVED | VMMQ_NDIS_FILTER_ENCAPSULATION))
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "flags",
				    "unknown bits in 0x%x; 2, encapsulation, is known", request->flags);
	if (request->filter_id_bits)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "filter_id_bits", "%u; 0 is needed",
				    request->filter_id_bits);
	if (request->vport_id >= VMMQ_VPORTS_MAX)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "vport_id", "there is no VPort %u",
				    request->vport_id);
	if (!request->field_count || request->field_count > FIELDS_MAX)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field_count",
				    "%u; a MAC, or a MAC and a VLAN id", request->field_count);
	return VMMQ_SUCCESS;
}

/* filter_field_header_check is what every field has to be (spec 4.1). */
static vmmq_status filter_field_header_check(struct oid_call *call, const struct vmmq_ndis_filter_field *field)
{
	if (field->header.type != VMMQ_NDIS_OBJECT_DEFAULT || !field->header.revision || field->header.revision > 2)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.header",
				    "type 0x%02x, revision %u; 0x80 and 1 or 2 are needed", field->header.type,
				    field->header.revision);
	if (field->header.size < sizeof(*field))
		return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, "field.header.size", "%u; %zu are needed",
				    field->header.size, sizeof(*field));
	if (field->frame_header != VMMQ_NDIS_FRAME_HEADER_MAC)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.frame_header",
				    "%u; 1, the MAC header, is the only one", field->frame_header);
	if (field->test != VMMQ_NDIS_FILTER_TEST_EQUAL)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.test",
				    "%u; 1, equal, is the only one for VPorts", field->test);
	if (field->flags & ~VMMQ_NDIS_FILTER_FIELD_UNTAGGED_OR_ZERO)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.flags", "unknown bits in 0x%x",
				    field->flags);
	return VMMQ_SUCCESS;
}

static vmmq_status filter_vlan_take(struct oid_call *call, const struct vmmq_ndis_filter_field *field,
				    struct wanted *wanted)
{
	wanted->vlan = (uint16_t)(field->value[0] << 8 | field->value[1]);
	wanted->has_vlan = true;
	if (field->flags)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.flags",
				    "untagged-or-zero goes with a MAC, not with a VLAN id");
	if (wanted->vlan < VMMQ_VLAN_ID_MIN || wanted->vlan > VMMQ_VLAN_ID_MAX)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.value", "VLAN id %u; 1 to %u",
				    wanted->vlan, VMMQ_VLAN_ID_MAX);
	return VMMQ_SUCCESS;
}

static vmmq_status filter_field_take(struct oid_call *call, const struct vmmq_ndis_filter_field *field,
				     struct wanted *wanted)
{
	vmmq_status status = filter_field_header_check(call, field);

	if (status != VMMQ_SUCCESS)
		return status;
	if (field->field == VMMQ_NDIS_MAC_FIELD_DESTINATION && !wanted->has_mac) {
		memcpy(wanted->mac, field->value, VMMQ_MAC_LEN);
		wanted->mac_flags = field->flags;
		wanted->has_mac = true;
		return VMMQ_SUCCESS;
	}
	if (field->field == VMMQ_NDIS_MAC_FIELD_VLAN_ID && !wanted->has_vlan)
		return filter_vlan_take(call, field, wanted);
	return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.field",
			    "%u; 1, destination, and 4, VLAN id, are allowed, once each", field->field);
}

/* filter_vlan_rule applies the truth table 4.3. */
static vmmq_status filter_vlan_rule(struct oid_call *call, const struct wanted *wanted, vmmq_vlan_rule *rule)
{
	bool untagged = wanted->mac_flags & VMMQ_NDIS_FILTER_FIELD_UNTAGGED_OR_ZERO;

	if (!wanted->has_mac)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "fields", "a destination MAC is needed");
	if (wanted->has_vlan && untagged)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "field.flags",
				    "untagged-or-zero contradicts VLAN id %u", wanted->vlan);
	*rule = wanted->has_vlan ? wanted->vlan : untagged ? VMMQ_VLAN_UNTAGGED_OR_ZERO : VMMQ_VLAN_ANY;
	return VMMQ_SUCCESS;
}

static vmmq_status filter_fields_read(struct oid_call *call, const struct vmmq_ndis_filter_parameters *request,
				      struct wanted *wanted)
{
	uint32_t fixed = oid_fixed_size(&filter_parameters_shape, &request->header);
	uint32_t stride = request->field_size, count = request->field_count;
	const uint8_t *part = NULL;
	vmmq_status status;

	if (count)
		part = oid_part(call, fixed, request->fields_offset, (uint64_t)count * stride, "fields_offset");
	if (count && !part)
		return VMMQ_INVALID_LENGTH;
	if (count && stride < sizeof(struct vmmq_ndis_filter_field))
		return vmmq_why_set(call->why, VMMQ_INVALID_LENGTH, "field_size", "%u; at least %zu are needed",
				    stride, sizeof(struct vmmq_ndis_filter_field));
	status = filter_parameters_check(call, request);
	for (uint32_t i = 0; status == VMMQ_SUCCESS && i < count; i++) {
		struct vmmq_ndis_filter_field field;

		memcpy(&field, part + (size_t)i * stride, sizeof(field));
		status = filter_field_take(call, &field, wanted);
	}
	return status;
}

/* filter_set_as_asked: of an encapsulated filter the MAC is one inside; the VLAN is that of the outermost tag all the same (spec 16.2). */
static vmmq_status filter_set_as_asked(struct oid_call *call, const struct vmmq_ndis_filter_parameters *request,
				       const uint8_t mac[VMMQ_MAC_LEN], vmmq_vlan_rule rule, uint32_t *id)
{
	struct vmmq_filter filter = {
		.id = request->filter_id,
		.vport = { (uint16_t)request->vport_id },
		.vlan = rule,
		.encapsulated = request->flags & VMMQ_NDIS_FILTER_ENCAPSULATION,
	};
	vmmq_status status;

	memcpy(filter.mac, mac, VMMQ_MAC_LEN);
	status = vmmq_filter_add(call->sw, &filter, call->why);
	*id = filter.id;
	return status;
}

vmmq_status oid_filter_set(struct oid_call *call)
{
	struct vmmq_ndis_filter_parameters request;
	vmmq_status status = oid_read(call, &filter_parameters_shape, &request, sizeof(request));
	struct wanted wanted = { .has_mac = false };
	vmmq_vlan_rule rule = VMMQ_VLAN_UNTAGGED_OR_ZERO;
	uint32_t id = 0;

	if (status == VMMQ_SUCCESS)
		status = filter_fields_read(call, &request, &wanted);
	if (status == VMMQ_SUCCESS)
		status = filter_vlan_rule(call, &wanted, &rule);
	if (status == VMMQ_SUCCESS)
		status = filter_set_as_asked(call, &request, wanted.mac, rule, &id);
	if (status != VMMQ_SUCCESS)
		return status;
	oid_write(call, offsetof(struct vmmq_ndis_filter_parameters, filter_id), &id, sizeof(id));
	call->answered = oid_fixed_size(&filter_parameters_shape, &request.header);
	return VMMQ_SUCCESS;
}

vmmq_status oid_filter_clear(struct oid_call *call)
{
	struct vmmq_ndis_filter_clear request;
	vmmq_status status = oid_read(call, &clear_shape, &request, sizeof(request));

	if (status != VMMQ_SUCCESS)
		return status;
	if (request.queue_id)
		return vmmq_why_set(call->why, VMMQ_FILE_NOT_FOUND, "queue_id",
				    "%u; on a NIC switch all filters are queue 0's", request.queue_id);
	return vmmq_filter_clear(call->sw, request.filter_id, call->why);
}

vmmq_status oid_filter_move(struct oid_call *call)
{
	struct vmmq_ndis_filter_move request;
	vmmq_status status = oid_read(call, &move_shape, &request, sizeof(request));

	if (status != VMMQ_SUCCESS)
		return status;
	if (request.source_queue_id || request.destination_queue_id)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "queue_id",
				    "%u to %u; on a NIC switch both are 0", request.source_queue_id,
				    request.destination_queue_id);
	if (request.source_vport_id >= VMMQ_VPORTS_MAX || request.destination_vport_id >= VMMQ_VPORTS_MAX)
		return vmmq_why_set(call->why, VMMQ_INVALID_PARAMETER, "vport_id", "there is no VPort above %u",
				    VMMQ_VPORTS_MAX - 1);
	return vmmq_filter_move(call->sw, request.filter_id,
				(struct vmmq_vport_id){ (uint16_t)request.source_vport_id },
				(struct vmmq_vport_id){ (uint16_t)request.destination_vport_id }, call->why);
}
