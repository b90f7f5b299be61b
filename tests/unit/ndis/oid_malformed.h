/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that are cut short or have one thing wrong with them: the right refusal, and nothing changes. */
#ifndef VMMQ_UNIT_NDIS_OID_MALFORMED_H
#define VMMQ_UNIT_NDIS_OID_MALFORMED_H

#include "unit/ndis/oid_model.h"

static unsigned long malformed, truncated;

/* encode_any makes some request; what it asks for may be good. */
static inline void encode_any(void)
{
	static struct vmmq_rss_move c[MOVES_MAX];
	struct vmmq_filter f = some_filter();
	struct vmmq_vport_params p = some_set();
	struct vmmq_rss_v1 v1 = some_v1();
	struct vmmq_rss_v2 v2 = some_v2();
	struct vmmq_receive_hash hash = some_hash();
	uint16_t actor;

	f.vlan = f.vlan > 4094 ? VMMQ_VLAN_ANY : f.vlan;
	switch (random_below(10)) {
	case 0:
		p = some_create();
		encode_params(&encoded, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, VMMQ_OID_METHOD, &p);
		break;
	case 1:
		encode_params(&encoded, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, VMMQ_OID_SET, &p);
		break;
	case 2:
		encode_delete(&encoded, some_id());
		break;
	case 3:
		encode_v2(&encoded, some_id(), &v2);
		break;
	case 4:
		encode_hash(&encoded, some_id(), &hash);
		break;
	case 5:
		encode_moves(&encoded, c, some_moves(c, &actor));
		break;
	case 6:
		encode_filter_set(&encoded, &f);
		break;
	case 7:
		encode_filter_clear(&encoded, some_filter_id());
		break;
	case 8:
		encode_filter_move(&encoded, some_filter_id(), some_id(), some_id());
		break;
	default:
		encode_v1(&encoded, some_id(), &v1);
	}
}

/* bad_header gives the header a wrong type, revision or size. */
static inline vmmq_status bad_header(struct encoded *e)
{
	switch (random_below(4)) {
	case 0:
		e->byte[0] ^= (uint8_t)(1 + random_below(255));
		return VMMQ_INVALID_PARAMETER;
	case 1:
		e->byte[1] = (uint8_t)(random_one_in(3) ? 0 : e->revisions + 1 + random_below(20));
		return VMMQ_INVALID_PARAMETER;
	case 2:
		encode_put(e, 2, random_below((uint32_t)e->fixed), 2);
		return VMMQ_INVALID_LENGTH;
	default:
		encode_put(e, 2, e->len + 1 + random_below(1000), 2);
		return VMMQ_INVALID_LENGTH;
	}
}

/* bad_offset makes one part begin inside the structure, end behind the buffer, or be nowhere near it. */
static inline vmmq_status bad_offset(struct encoded *e)
{
	const struct part *part = &e->part[random_below(e->parts)];
	uint32_t near_end = (uint32_t)(e->len - part->len + 1 + random_below(8));
	const uint32_t offsets[] = { random_below((uint32_t)e->fixed), near_end,
				     UINT32_MAX - (uint32_t)part->len - random_below(3), UINT32_MAX };

	encode_put(e, part->offset_at, offsets[random_below(4)], 4);
	return VMMQ_INVALID_LENGTH;
}

static inline vmmq_status spoil(struct encoded *e)
{
	const struct wrong *wrong;

	if (e->parts && random_one_in(3))
		return bad_offset(e);
	if (!e->wrongs || random_one_in(2))
		return bad_header(e);
	wrong = &e->wrong[random_below(e->wrongs)];
	encode_put(e, wrong->at, wrong->value, wrong->len);
	return wrong->status;
}

/* not_pending: a request for moves that is refused behind its layout has a status for every command. */
static inline void not_pending(const struct encoded *e, const uint8_t *was, vmmq_status status)
{
	uint32_t stride, count, got;

	memcpy(&stride, e->byte + 8, 4);
	memcpy(&count, e->byte + 16, 4);
	if (status != VMMQ_INVALID_PARAMETER || memcmp(was, "\xc9\x01", 2) != 0) {
		assert_memory_equal(e->byte, was, e->len);
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		memcpy(&got, e->byte + e->part[0].at + i * stride + 20, 4);
		assert_int_equal(got, status);
	}
}

static inline void send_malformed(void)
{
	static uint8_t was[ENCODED_MAX];
	vmmq_status want;

	encode_any();
	want = spoil(&encoded);
	memcpy(was, encoded.byte, encoded.len);
	assert_string_equal(vmmq_status_name(request_send(&encoded, encoded.len)), vmmq_status_name(want));
	if (encoded.oid == VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
		not_pending(&encoded, was, want);
	malformed++;
}

/*
 * send_truncated: INVALID_LENGTH says how many bytes are needed, as far as it can be told from those that are there.
 */
static inline void send_truncated(void)
{
	size_t len;

	encode_any();
	len = random_below((uint32_t)encoded.needed);
	if (random_one_in(2))
		len = encoded.needed - 1 - random_below(8) % encoded.needed;
	assert_string_equal(vmmq_status_name(request_send(&encoded, len)), "INVALID_LENGTH");
	assert_in_range(answered, encoded.odd ? 0 : len + 1,
			encoded.needed > encoded.smallest ? encoded.needed : encoded.smallest);
	truncated++;
}

static inline void send_unsupported(void)
{
	encode_any();
	if (random_one_in(2))
		encoded.oid = VMMQ_OID_NIC_SWITCH_ALLOCATE_VF + random_below(4);
	else
		encoded.method = (enum vmmq_oid_method)(3 + random_below(5));
	assert_string_equal(vmmq_status_name(request_send(&encoded, encoded.len)), "NOT_SUPPORTED");
}

/* send_refused sends something that must change nothing. */
static inline void send_refused(void)
{
	dump_know();
	if (random_one_in(10))
		send_unsupported();
	else if (random_one_in(3))
		send_truncated();
	else
		send_malformed();
	dump_unchanged();
}

#endif
