/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of RSS by binary request share: a request with a table and a key, and what comes of it. */
#ifndef VMMQ_UNIT_NDIS_OID_RSS_RIG_H
#define VMMQ_UNIT_NDIS_OID_RSS_RIG_H

#include "unit/ndis/oid_test.h"

enum {
	V1 = 0x00010204,
	V2 = 0x00010214,
	HASH = 0x0001021f,
	TYPES = 0x0000c201 /* Toeplitz, TCP_IPV4, UDP_IPV4, UDP_IPV6 */
};

static inline void put_key(struct request *r, size_t at)
{
	for (size_t i = 0; i < 40; i++)
		put(r, at + i, 0x11 + i, 1);
}

/* v1_request: revision 2 or 3, a table of 4 entries on 0:4, 0:5, 0:6, 0:4, the key behind it, default 0:7. */
static inline struct request v1_request(uint8_t revision)
{
	static const uint8_t number[] = { 4, 5, 6, 4 };
	uint16_t size = revision == 3 ? 44 : 40;
	struct request r;

	put_header(&r, 0x89, revision, size);
	put(&r, 8, TYPES, 4);
	put(&r, 12, 16, 2);
	put(&r, 16, size, 4);
	put(&r, 20, 40, 2);
	put(&r, 24, size + 16u, 4);
	if (revision == 3)
		put(&r, 40, 0xee070000, 4); /* the reserved byte is garbage */
	for (size_t i = 0; i < 4; i++)
		put(&r, size + 4 * i, 0xee000000u | (uint32_t)number[i] << 16, 4);
	put_key(&r, size + 16u);
	return r;
}

static inline const struct vmmq_rss_params *rss_of(uint16_t id)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(adapter.sw, (struct vmmq_vport_id){ id }, &info));
	return info.rss;
}

static inline void expect_rss(uint16_t id, uint16_t default_processor)
{
	const struct vmmq_rss_params *rss = rss_of(id);

	assert_true(rss->enabled);
	assert_int_equal(rss->hash_types, TYPES & ~0xff);
	assert_int_equal(rss->entry_count, 4);
	assert_int_equal(rss->table[0].v, 4);
	assert_int_equal(rss->table[1].v, 5);
	assert_int_equal(rss->table[2].v, 6);
	assert_int_equal(rss->table[3].v, 4);
	assert_int_equal(rss->key[0], 0x11);
	assert_int_equal(rss->key[39], 0x11 + 39);
	assert_int_equal(rss->default_processor.v, default_processor);
}

#endif
