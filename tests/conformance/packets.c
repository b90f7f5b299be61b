/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames made by hand, and the reference hash. */
#include "packets.h"

#include <string.h>

/*
 * 66.9.149.187 > 161.142.100.80 and 3ffe:2501:200:1fff::7 > 3ffe:2501:200:3::1, port 1766: those of published
 * vectors (6.6).
 */
static const uint8_t addresses4[8] = { 66, 9, 149, 187, 161, 142, 100, 80 };
static const uint8_t addresses6[32] = {
	0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7,
	0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03, 0, 0, 0, 0, 0, 0, 0, 1,
};
#define DPORT 1766u

const uint8_t *mac_of(unsigned id)
{
	static uint8_t mac[256][6];

	memcpy(mac[id & 255], (const uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)id }, 6);
	return mac[id & 255];
}

static void add(struct frame *frame, const void *bytes, size_t len)
{
	memcpy(frame->byte + frame->len, bytes, len);
	frame->len += len;
}

static void add16(struct frame *frame, unsigned value)
{
	add(frame, (const uint8_t[]){ (uint8_t)(value >> 8), (uint8_t)value }, 2);
}

bool kind_is_v6(enum kind kind)
{
	return kind == TCP6 || kind == UDP6 || kind == ICMP6;
}

static uint8_t protocol_of(enum kind kind)
{
	static const uint8_t protocol[] = {
		[TCP4] = 6, [UDP4] = 17, [ICMP4] = 1, [TCP6] = 6, [UDP6] = 17, [ICMP6] = 58
	};

	return protocol[kind];
}

/* shape_tuple writes the bytes that a 4-tuple hash takes and returns how many are addresses. */
static size_t shape_tuple(const struct shape *shape, uint8_t tuple[36])
{
	bool v6 = kind_is_v6(shape->kind);
	size_t len = v6 ? sizeof(addresses6) : sizeof(addresses4);
	const uint8_t ports[4] = { (uint8_t)(shape->sport >> 8), (uint8_t)shape->sport, DPORT >> 8, DPORT & 0xff };

	if (shape->tuple) {
		memcpy(tuple, shape->tuple, len + 4);
		return len;
	}
	memcpy(tuple, v6 ? addresses6 : addresses4, len);
	memcpy(tuple + len, ports, 4);
	return len;
}

static void add_ip(struct frame *frame, enum kind kind, const uint8_t *addresses)
{
	uint8_t v4[20] = { 0x45, 0, 0, 40, 0, 1, 0, 0, 64, protocol_of(kind) };
	uint8_t v6[40] = { 0x60, 0, 0, 0, 0, 20, protocol_of(kind), 64 };

	memcpy(v4 + 12, addresses, kind_is_v6(kind) ? 0 : 8);
	memcpy(v6 + 8, addresses, kind_is_v6(kind) ? 32 : 0);
	if (kind_is_v6(kind))
		add(frame, v6, sizeof(v6));
	else
		add(frame, v4, sizeof(v4));
}

struct frame frame_make(const uint8_t mac[6], const struct shape *shape)
{
	static const uint8_t source[6] = { 2, 0, 0, 0, 0x99, 1 }, rest[16] = { 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10 };
	struct frame frame = { 0 };
	uint8_t tuple[36];
	size_t addresses = shape_tuple(shape, tuple);

	add(&frame, mac, 6);
	add(&frame, source, 6);
	if (shape->tagged) {
		add16(&frame, 0x8100);
		add16(&frame, shape->tci);
	}
	if (shape->kind == ARP) {
		add16(&frame, 0x0806);
		add(&frame, (const uint8_t[28]){ 0, 1, 8, 0, 6, 4, 0, 1 }, 28);
	} else {
		add16(&frame, kind_is_v6(shape->kind) ? 0x86dd : 0x0800);
		add_ip(&frame, shape->kind, tuple);
		add(&frame, tuple + addresses, 4);
		add(&frame, rest, sizeof(rest));
	}
	return frame;
}

struct frame tcp_to(unsigned vport, uint16_t sport)
{
	return frame_make(mac_of(vport), &(struct shape){ .kind = TCP4, .sport = sport });
}

uint32_t toeplitz(const uint8_t key[40], const uint8_t *input, size_t len)
{
	uint32_t window = (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];
	uint32_t hash = 0;

	for (size_t bit = 0; bit < 8 * len; bit++) {
		size_t next = bit + 32;

		if (input[bit / 8] & 0x80 >> bit % 8)
			hash ^= window;
		window = window << 1 | (next < 320 ? key[next / 8] >> (7 - next % 8) & 1u : 0);
	}
	return hash;
}

uint32_t shape_hash(const uint8_t key[40], const struct shape *shape, bool ports)
{
	uint8_t tuple[36];
	size_t addresses = shape_tuple(shape, tuple);

	return toeplitz(key, tuple, ports ? addresses + 4 : addresses);
}

uint32_t tcp_hash(uint16_t sport)
{
	return shape_hash(well_known_key, &(struct shape){ .kind = TCP4, .sport = sport }, true);
}

uint16_t sport_for(unsigned entry, unsigned entries)
{
	uint16_t sport = 1;

	while (tcp_hash(sport) % entries != entry)
		sport++;
	return sport;
}
