/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of the model (core/request_random.h) in NDIS's layouts (spec 17), for tests: any order of the parts, gaps
 * filled with random bytes, members that are not to be read full of them, room behind the end.
 */
#ifndef VMMQ_UNIT_NDIS_OID_ENCODE_H
#define VMMQ_UNIT_NDIS_OID_ENCODE_H

#include <vmmq/oid.h>

#include "unit/core/request_random.h"

enum { ENCODED_MAX = 16384, PARTS_MAX = 3, WRONGS_MAX = 16 };

/* A member which, with this value, makes the whole request be refused so, before anything else is looked at. */
struct wrong {
	size_t at, len;
	uint32_t value;
	vmmq_status status;
};

/* What an offset in the structure points at. */
struct part {
	size_t offset_at;
	size_t at, len;
};

struct encoded {
	uint32_t oid;
	enum vmmq_oid_method method;
	uint32_t flags, vport;
	uint8_t byte[ENCODED_MAX];
	size_t len;
	size_t needed; /* of len; the rest is room */
	size_t fixed, smallest;
	uint8_t revisions;
	bool odd; /* a key or table of a wrong length: INVALID_LENGTH that more bytes would not help */
	struct part part[PARTS_MAX];
	unsigned parts;
	struct wrong wrong[WRONGS_MAX];
	unsigned wrongs;
};

static inline void encode_put(struct encoded *e, size_t at, uint64_t value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		e->byte[at + i] = (uint8_t)(value >> 8 * i);
}

static inline void encode_wrong(struct encoded *e, size_t at, size_t len, uint32_t value, vmmq_status status)
{
	assert_true(e->wrongs < WRONGS_MAX);
	e->wrong[e->wrongs++] = (struct wrong){ at, len, value, status };
}

/*
 * encode_start begins a request with the fixed part, whose header it writes; the first revision has smallest bytes.
 */
static inline void encode_start(struct encoded *e, uint32_t oid, enum vmmq_oid_method method, const void *fixed,
				size_t len, size_t smallest)
{
	const struct vmmq_ndis_header *header = fixed;

	random_bytes(e->byte, 256);
	for (size_t i = 256; i < sizeof(e->byte); i *= 2)
		memcpy(e->byte + i, e->byte, i);
	e->oid = oid;
	e->method = method;
	e->flags = 0;
	e->vport = (uint32_t)random_u64();
	e->fixed = len;
	e->smallest = smallest;
	e->revisions = header->revision;
	e->needed = len;
	e->parts = e->wrongs = 0;
	e->odd = false;
	memcpy(e->byte, fixed, len);
	/* The structure of a later NDIS may be longer. */
	if (random_one_in(4))
		e->needed += random_below(12);
	encode_put(e, 2, e->needed, 2);
}

/* encode_part puts len bytes behind what is there, after a gap, and their offset into the structure. */
static inline void encode_part(struct encoded *e, size_t offset_at, const void *from, size_t len)
{
	size_t at = (e->parts || random_one_in(2) ? e->needed : e->fixed) + (random_one_in(2) ? 0 : random_below(20));

	assert_true(at + len + 32 < ENCODED_MAX && e->parts < PARTS_MAX);
	memcpy(e->byte + at, from, len);
	encode_put(e, offset_at, at, 4);
	e->part[e->parts++] = (struct part){ offset_at, at, len };
	if (at + len > e->needed)
		e->needed = at + len;
}

static inline void encode_end(struct encoded *e)
{
	e->len = e->needed + (random_one_in(2) ? 0 : random_below(16));
}

static inline struct vmmq_ndis_header encode_header(uint32_t type, uint8_t revision)
{
	return (struct vmmq_ndis_header){ (uint8_t)type, revision, 0 };
}

/* encode_rss says that the request is about a VPort: VPort 0 is also what none means. */
static inline void encode_vport(struct encoded *e, uint32_t vport)
{
	if (!vport && random_one_in(2))
		return;
	e->flags = VMMQ_NDIS_VPORT_ID_VALID;
	e->vport = vport;
}

static inline struct vmmq_ndis_processor_number encode_processor(struct vmmq_processor processor)
{
	struct vmmq_ndis_processor_number number = { processor.v / 64, processor.v % 64, (uint8_t)random_u64() };

	if (processor.v == IMPOSSIBLE && random_one_in(2))
		number.number = (uint8_t)(64 + random_below(192));
	else if (processor.v == IMPOSSIBLE)
		number.group = (uint16_t)(1024 + random_below(60000));
	return number;
}

/*
 * encode_name writes UTF-8, one to four bytes a character, as UTF-16; what is too long keeps its length, not its end.
 */
static inline struct vmmq_ndis_string encode_name(const char *name)
{
	struct vmmq_ndis_string string;
	size_t count = 0;

	random_bytes(&string, sizeof(string));
	for (const uint8_t *c = (const uint8_t *)name; *c;) {
		unsigned len = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;
		uint32_t point = len == 1 ? *c : *c & (0x7fu >> len);
		uint16_t unit[2];

		for (unsigned i = 1; i < len; i++)
			point = point << 6 | (c[i] & 0x3f);
		c += len;
		unit[0] = (uint16_t)(point < 0x10000 ? point : 0xd7c0 + (point >> 10));
		unit[1] = (uint16_t)(0xdc00 + (point & 0x3ff));
		for (unsigned i = 0; i < (point < 0x10000 ? 1u : 2u); i++, count++)
			if (count <= VMMQ_NDIS_STRING_UNITS)
				string.unit[count] = unit[i];
	}
	string.length = (uint16_t)(2 * count);
	return string;
}

#endif
