/* SPDX-License-Identifier: BSD-2-Clause */
/* VPort and filter requests (spec 17.3). */
#include <string.h>

#include "requests.h"

static struct vmmq_ndis_header header(uint8_t revision, size_t size)
{
	return (struct vmmq_ndis_header){ VMMQ_NDIS_OBJECT_DEFAULT, revision, (uint16_t)size };
}

void name_put(struct vmmq_ndis_string *string, const char *name)
{
	memset(string, 0, sizeof(*string));
	for (size_t i = 0; name[i]; i++) {
		string->unit[i] = (uint8_t)name[i];
		string->length = (uint16_t)(2 * i + 2);
	}
}

struct vmmq_ndis_vport_parameters vport_params(uint32_t id)
{
	struct vmmq_ndis_vport_parameters params = {
		.header = header(1, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1),
		.vport_id = id,
		.attached_function = VMMQ_NDIS_PF_FUNCTION_ID,
		.queue_pairs = 4,
		.interrupt_moderation = 1,
		.state = 2,
		.affinity = { .mask = 1u << 4 },
	};

	name_put(&params.name, "conformance");
	return params;
}

struct request *vport_request(struct trial *t, enum method method, uint32_t oid,
			      const struct vmmq_ndis_vport_parameters *params)
{
	struct request *r = request_new(t, oid, method, NO_VPORT);

	request_put_bytes(r, 0, params, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1);
	return r;
}

vmmq_status vport_make(struct trial *t, const struct vmmq_ndis_vport_parameters *params)
{
	return request_send(t, vport_request(t, METHOD, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, params));
}

vmmq_status vport_set(struct trial *t, const struct vmmq_ndis_vport_parameters *params)
{
	return request_send(t, vport_request(t, SET, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, params));
}

vmmq_status vport_activate(struct trial *t, uint32_t id)
{
	struct vmmq_ndis_vport_parameters params = vport_params(id);

	params.flags = 0x80000;
	params.state = 1;
	return vport_set(t, &params);
}

vmmq_status vport_set_queue_pairs(struct trial *t, uint32_t id, uint32_t queue_pairs)
{
	struct vmmq_ndis_vport_parameters params = vport_params(id);

	params.flags = 0x800000;
	params.queue_pairs = queue_pairs;
	return vport_set(t, &params);
}

vmmq_status vport_delete(struct trial *t, uint32_t id)
{
	const struct vmmq_ndis_vport_delete params = { .header = header(1, sizeof(params)), .vport_id = id };
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, SET, NO_VPORT);

	request_put_bytes(r, 0, &params, sizeof(params));
	return request_send(t, r);
}

vmmq_status vport_query(struct trial *t, uint32_t id, struct vmmq_ndis_vport_parameters *params)
{
	const struct vmmq_ndis_vport_parameters question = {
		.header = header(1, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1),
		.vport_id = id,
	};
	struct request *r = vport_request(t, METHOD, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, &question);
	vmmq_status status = request_send(t, r);

	memset(params, 0, sizeof(*params));
	memcpy(params, r->byte, VMMQ_NDIS_VPORT_PARAMETERS_SIZE_1);
	return status;
}

struct vmmq_ndis_vport_parameters vport_get(struct trial *t, uint32_t id)
{
	struct vmmq_ndis_vport_parameters params;

	DONE(t, vport_query(t, id, &params));
	return params;
}

struct vmmq_ndis_vport_info vport_info(struct trial *t, uint32_t id)
{
	struct vmmq_ndis_vport_info_array array = { .header = header(1, sizeof(array)) };
	struct request *r = request_new(t, VMMQ_OID_NIC_SWITCH_ENUM_VPORTS, METHOD, NO_VPORT);
	struct vmmq_ndis_vport_info info;

	request_put_bytes(r, 0, &array, sizeof(array));
	r->room = REQUEST_MAX;
	DONE(t, request_send(t, r));
	memcpy(&array, r->byte, sizeof(array));
	for (uint32_t i = 0; i < array.count; i++) {
		memcpy(&info, r->byte + array.first_offset + (size_t)i * array.element_size, sizeof(info));
		if (info.vport_id == id)
			return info;
	}
	memset(&info, 0xff, sizeof(info));
	return info;
}

struct request *filter_request(struct trial *t, uint32_t vport, const uint8_t mac[6], int vlan)
{
	struct vmmq_ndis_filter_field field = {
		.header = header(2, sizeof(field)),
		.flags = vlan == UNTAGGED ? VMMQ_NDIS_FILTER_FIELD_UNTAGGED_OR_ZERO : 0,
		.frame_header = VMMQ_NDIS_FRAME_HEADER_MAC,
		.test = VMMQ_NDIS_FILTER_TEST_EQUAL,
		.field = VMMQ_NDIS_MAC_FIELD_DESTINATION,
	};
	const struct vmmq_ndis_filter_parameters params = {
		.header = header(2, VMMQ_NDIS_FILTER_PARAMETERS_SIZE_2),
		.type = VMMQ_NDIS_FILTER_TYPE_VM_QUEUE,
		.fields_offset = 48,
		.field_count = vlan >= 0 ? 2 : 1,
		.field_size = sizeof(field),
		.vport_id = vport,
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_SET_FILTER, METHOD, NO_VPORT);

	request_put_bytes(r, 0, &params, sizeof(params));
	memcpy(field.value, mac, 6);
	request_put_bytes(r, 48, &field, sizeof(field));
	if (vlan < 0)
		return r;
	memset(field.value, 0, sizeof(field.value));
	field.field = VMMQ_NDIS_MAC_FIELD_VLAN_ID;
	field.value[0] = (uint8_t)(vlan >> 8);
	field.value[1] = (uint8_t)vlan;
	request_put_bytes(r, 48 + sizeof(field), &field, sizeof(field));
	return r;
}

vmmq_status filter_set(struct trial *t, uint32_t vport, const uint8_t mac[6], int vlan, uint32_t *id)
{
	struct request *r = filter_request(t, vport, mac, vlan);
	vmmq_status status = request_send(t, r);
	struct vmmq_ndis_filter_parameters answer;

	memcpy(&answer, r->byte, sizeof(answer));
	if (status == VMMQ_SUCCESS && id)
		*id = answer.filter_id;
	return status;
}

vmmq_status filter_clear(struct trial *t, uint32_t id)
{
	const struct vmmq_ndis_filter_clear params = { .header = header(1, sizeof(params)), .filter_id = id };
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_CLEAR_FILTER, SET, NO_VPORT);

	request_put_bytes(r, 0, &params, sizeof(params));
	return request_send(t, r);
}

vmmq_status filter_move(struct trial *t, uint32_t id, uint32_t from, uint32_t to)
{
	const struct vmmq_ndis_filter_move params = {
		.header = header(1, sizeof(params)),
		.filter_id = id,
		.source_vport_id = from,
		.destination_vport_id = to,
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER, SET, NO_VPORT);

	request_put_bytes(r, 0, &params, sizeof(params));
	return request_send(t, r);
}

uint32_t filter_ids(struct trial *t, uint32_t vport, uint32_t id[], uint32_t max)
{
	struct vmmq_ndis_filter_info_array array = {
		.header = header(2, sizeof(array)),
		.flags = VMMQ_NDIS_ENUM_FILTERS_VPORT,
		.vport_id = vport,
	};
	struct request *r = request_new(t, VMMQ_OID_RECEIVE_FILTER_ENUM_FILTERS, METHOD, NO_VPORT);
	struct vmmq_ndis_filter_info info;

	request_put_bytes(r, 0, &array, sizeof(array));
	r->room = REQUEST_MAX;
	DONE(t, request_send(t, r));
	memcpy(&array, r->byte, sizeof(array));
	for (uint32_t i = 0; i < array.count && i < max; i++) {
		memcpy(&info, r->byte + array.first_offset + (size_t)i * array.element_size, sizeof(info));
		id[i] = info.filter_id;
	}
	return array.count;
}
