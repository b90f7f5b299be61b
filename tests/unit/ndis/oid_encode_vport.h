/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests for VPorts and receive filters (spec 17.3). */
#ifndef VMMQ_UNIT_NDIS_OID_ENCODE_VPORT_H
#define VMMQ_UNIT_NDIS_OID_ENCODE_VPORT_H

#include "unit/ndis/oid_encode.h"

static inline void encode_params(struct encoded *e, uint32_t oid, enum vmmq_oid_method method,
				 const struct vmmq_vport_params *p)
{
	struct vmmq_ndis_vport_parameters fixed;
	size_t name_at = offsetof(struct vmmq_ndis_vport_parameters, name);

	random_bytes(&fixed, sizeof(fixed));
	fixed.header = encode_header(0x80, random_one_in(4) ? 2 : 1);
	fixed.flags = p->flags;
	fixed.switch_id = p->switch_id;
	fixed.vport_id = p->vport_id;
	fixed.name = encode_name(p->name);
	fixed.attached_function = p->attached_function;
	fixed.queue_pairs = p->queue_pairs;
	fixed.interrupt_moderation = p->interrupt_moderation;
	fixed.state = p->state;
	fixed.affinity.mask = p->affinity.mask;
	fixed.affinity.group = p->affinity.group;
	encode_start(e, oid, method, &fixed, 0x23c, 0x23c);
	e->revisions = 2;
	if (method == VMMQ_OID_METHOD || p->flags & 0x20000) {
		encode_wrong(e, name_at, 2, random_below(256) * 2 + 1, VMMQ_INVALID_PARAMETER);
		encode_wrong(e, name_at, 2, 514 + 2 * random_below(100), VMMQ_INVALID_PARAMETER);
		encode_wrong(e, name_at, 4, 0xd8000002 + random_below(2048) * 65536, VMMQ_INVALID_PARAMETER);
	}
	encode_end(e);
}

static inline void encode_delete(struct encoded *e, uint32_t vport)
{
	struct vmmq_ndis_vport_delete fixed = { encode_header(0x80, 1), (uint32_t)random_u64(), vport };

	encode_start(e, VMMQ_OID_NIC_SWITCH_DELETE_VPORT, VMMQ_OID_SET, &fixed, 12, 12);
	encode_end(e);
}

static inline struct vmmq_ndis_filter_field encode_field(uint32_t field, uint32_t flags)
{
	struct vmmq_ndis_filter_field f;

	random_bytes(&f, sizeof(f));
	f.header = (struct vmmq_ndis_header){ 0x80, (uint8_t)(1 + random_below(2)), 56 };
	f.flags = flags;
	f.frame_header = 1;
	f.test = 1;
	f.field = field;
	return f;
}

/* A VLAN id that the model knows as wrong is written as such; the rule "any" is a MAC without a flag. */
static inline void encode_filter_set(struct encoded *e, const struct vmmq_filter *filter)
{
	struct vmmq_ndis_filter_field mac = encode_field(1, filter->vlan == 0), vlan = encode_field(4, 0);
	size_t stride = 56 + (random_one_in(2) ? 0 : random_below(20)), count = 1, at;
	uint8_t bytes[2 * 76], revision = filter->vport.v || random_one_in(2) ? 2 : 1;
	struct vmmq_ndis_filter_parameters fixed = {
		.header = encode_header(0x80, revision),
		.flags = random_below(2) | (filter->encapsulated ? VMMQ_NDIS_FILTER_ENCAPSULATION : 0),
		.type = 1,
		.filter_id = filter->id,
		.field_size = (uint32_t)stride,
		.max_coalescing_delay = (uint32_t)random_u64(),
		.vport_id = filter->vport.v,
	};

	memcpy(mac.value, filter->mac, VMMQ_MAC_LEN);
	vlan.value[0] = (uint8_t)(filter->vlan >> 8);
	vlan.value[1] = (uint8_t)filter->vlan;
	if (filter->vlan && filter->vlan != VMMQ_VLAN_ANY)
		count = 2;
	random_bytes(bytes, sizeof(bytes));
	at = count == 2 && random_one_in(2) ? stride : 0;
	memcpy(bytes + at, &mac, sizeof(mac));
	if (count == 2)
		memcpy(bytes + stride - at, &vlan, sizeof(vlan));
	fixed.field_count = (uint32_t)count;
	encode_start(e, VMMQ_OID_RECEIVE_FILTER_SET_FILTER, VMMQ_OID_METHOD, &fixed, revision == 2 ? 44 : 36, 36);
	e->revisions = 2;
	encode_part(e, 20, bytes, count * stride);
	at += e->part[0].at;
	encode_wrong(e, 8, 4, random_one_in(2) ? 0 : 2 + random_below(9), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, 12, 4, 1 + random_below(9), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, 28, 4, random_below(56), VMMQ_INVALID_LENGTH);
	encode_wrong(e, 24, 4, 0x04000000 + random_below(99), VMMQ_INVALID_LENGTH);
	encode_wrong(e, at + 12, 4, 2 + random_below(2), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, at + 8, 4, 2 + random_below(4), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, at + 16, 4, 5 + random_below(9), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, at + 4, 4, 2 + random_below(2), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, 4, 4, 4 + random_below(99), VMMQ_INVALID_PARAMETER);
	encode_end(e);
}

static inline void encode_filter_clear(struct encoded *e, uint32_t id)
{
	struct vmmq_ndis_filter_clear fixed = { encode_header(0x80, 1), (uint32_t)random_u64(), 0, id };

	encode_start(e, VMMQ_OID_RECEIVE_FILTER_CLEAR_FILTER, VMMQ_OID_SET, &fixed, 16, 16);
	encode_wrong(e, 8, 4, 1 + random_below(9), VMMQ_FILE_NOT_FOUND);
	encode_end(e);
}

static inline void encode_filter_move(struct encoded *e, uint32_t id, uint32_t from, uint32_t to)
{
	struct vmmq_ndis_filter_move fixed = { encode_header(0x80, 1), id, 0, from, 0, to };

	encode_start(e, VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER, VMMQ_OID_SET, &fixed, 24, 24);
	encode_wrong(e, 8, 4, 1 + random_below(9), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, 16, 4, 1 + random_below(9), VMMQ_INVALID_PARAMETER);
	encode_end(e);
}

#endif
