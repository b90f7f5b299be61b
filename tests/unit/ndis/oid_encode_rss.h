/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests for RSS, receive hash and moves of entries (spec 17.2). */
#ifndef VMMQ_UNIT_NDIS_OID_ENCODE_RSS_H
#define VMMQ_UNIT_NDIS_OID_ENCODE_RSS_H

#include "unit/ndis/oid_encode.h"

static inline void encode_key(struct encoded *e, size_t offset_at, const uint8_t *key, size_t len)
{
	e->odd |= len != VMMQ_KEY_LEN;
	encode_part(e, offset_at, key, len);
}

/* The table: a byte for each entry in revision 1, else a processor number. */
static inline void encode_table(struct encoded *e, const struct vmmq_rss_v1 *r, uint8_t revision)
{
	struct vmmq_ndis_processor_number number[TABLE_MAX];
	uint8_t byte[TABLE_MAX];
	struct vmmq_ndis_group_affinity masks[4];

	for (size_t i = 0; i < r->entry_count; i++) {
		number[i] = encode_processor(r->table[i]);
		byte[i] = (uint8_t)r->table[i].v;
	}
	e->odd |= r->entry_count > 128;
	encode_put(e, 12, r->entry_count * (revision == 1 ? 1 : 4), 2);
	encode_part(e, 16, revision == 1 ? (void *)byte : number, r->entry_count * (revision == 1 ? 1 : 4));
	if (revision == 1)
		return;
	encode_wrong(e, 12, 2, (uint32_t)r->entry_count * 4 % 400 + 1 + random_below(3), VMMQ_INVALID_LENGTH);
	if (random_one_in(2)) {
		encode_put(e, 32, 0, 4);
		return;
	}
	random_bytes(masks, sizeof(masks));
	encode_put(e, 32, 2, 4);
	encode_put(e, 36, 16, 4);
	encode_part(e, 28, masks, 32);
	encode_wrong(e, 36, 4, random_below(16), VMMQ_INVALID_LENGTH);
	encode_wrong(e, 32, 4, 0x10000000 + random_below(5), VMMQ_INVALID_LENGTH);
}

/* encode_v1: *r becomes what the revision that was drawn can say. */
static inline void encode_v1(struct encoded *e, uint32_t vport, struct vmmq_rss_v1 *r)
{
	static const size_t sizes[] = { 28, 40, 44 };
	uint8_t revision = (uint8_t)(random_one_in(4) ? 1 + random_below(2) : 3);
	struct vmmq_ndis_rss_parameters fixed;

	random_bytes(&fixed, sizeof(fixed));
	fixed.header = encode_header(0x89, revision);
	fixed.flags = r->flags;
	fixed.hash_information = r->hash_information;
	fixed.default_processor = encode_processor(r->default_processor);
	if (revision < 3)
		r->flags |= 0x20;
	encode_start(e, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS, VMMQ_OID_SET, &fixed, sizes[revision - 1], 28);
	e->revisions = 3;
	encode_vport(e, vport);
	if (!v1_off(r) && !(r->flags & 4))
		encode_table(e, r, revision);
	if (!v1_off(r) && !(r->flags & 8)) {
		encode_put(e, 20, r->key_len, 2);
		encode_key(e, 24, r->key, r->key_len);
	}
	encode_end(e);
}

static inline void encode_v2(struct encoded *e, uint32_t vport, const struct vmmq_rss_v2 *r)
{
	struct vmmq_ndis_rss_parameters_v2 fixed = {
		.header = encode_header(0xc8, 1),
		.flags = r->flags,
		.hash_information = r->hash_information,
		.key_size = (uint32_t)r->key_len,
		.queues = r->queues,
		.table_entries = r->entries,
	};

	encode_start(e, VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, VMMQ_OID_SET, &fixed, 28, 28);
	encode_vport(e, vport);
	encode_key(e, 16, r->key, r->key_len);
	encode_wrong(e, 12, 4, 0x80000000u + random_below(100), VMMQ_INVALID_LENGTH);
	encode_end(e);
}

static inline void encode_hash(struct encoded *e, uint32_t vport, const struct vmmq_receive_hash *r)
{
	struct vmmq_ndis_receive_hash_parameters fixed;

	random_bytes(&fixed, sizeof(fixed));
	fixed.header = encode_header(0x80, 1);
	fixed.flags = r->flags;
	fixed.hash_information = r->hash_information;
	encode_start(e, VMMQ_OID_GEN_RECEIVE_HASH, VMMQ_OID_SET, &fixed, 20, 20);
	encode_vport(e, vport);
	if (r->flags & 1 && !(r->flags & 4)) {
		encode_put(e, 12, r->key_len, 2);
		encode_key(e, 16, r->key, r->key_len);
	}
	encode_end(e);
}

/* encode_moves returns the distance between commands, which may be more than a command. */
static inline size_t encode_moves(struct encoded *e, const struct vmmq_rss_move c[], size_t count)
{
	size_t stride = 24 + (random_one_in(2) ? 0 : random_below(20));
	struct vmmq_ndis_rss_set_entries fixed = {
		.header = encode_header(0xc9, 1),
		.entry_size = (uint32_t)stride,
		.entry_count = (uint32_t)count,
	};
	static uint8_t bytes[MOVES_MAX * 44];

	random_bytes(bytes, 64);
	for (size_t i = 0; i < count; i++) {
		struct vmmq_ndis_rss_entry entry = {
			c[i].switch_id, c[i].vport_id, c[i].flags, c[i].index, encode_processor(c[i].target), 0,
			VMMQ_PENDING,
		};

		memcpy(bytes + i * stride, &entry, sizeof(entry));
	}
	encode_start(e, VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES, VMMQ_OID_METHOD, &fixed, 20, 20);
	encode_part(e, 12, bytes, count * stride);
	encode_wrong(e, 4, 4, 1 + (uint32_t)random_below(1000), VMMQ_INVALID_PARAMETER);
	encode_wrong(e, 8, 4, (uint32_t)random_below(24), VMMQ_INVALID_LENGTH);
	encode_wrong(e, 16, 4, 0x10000000 + random_below(1000), VMMQ_INVALID_LENGTH);
	encode_wrong(e, 16, 4, 0, VMMQ_INVALID_PARAMETER);
	encode_end(e);
	return stride;
}

#endif
