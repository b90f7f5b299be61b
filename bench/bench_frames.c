/* SPDX-License-Identifier: BSD-2-Clause */
/* The traffic of the benchmarks. */
#include <string.h>

#include "bench.h"

void frame_mac(uint16_t vport, uint8_t mac[6])
{
	memcpy(mac, (const uint8_t[]){ 2, 0, 0, 0, (uint8_t)(vport >> 8), (uint8_t)vport }, 6);
}

enum frame_kind frame_mixed(uint64_t *random)
{
	uint32_t draw = random_below(random, 100);

	return draw < 35   ? FRAME_TCP4
	       : draw < 55 ? FRAME_UDP4
	       : draw < 73 ? FRAME_TCP6
	       : draw < 85 ? FRAME_UDP6
	       : draw < 90 ? FRAME_TAGGED
			   : (enum frame_kind)(FRAME_ICMP + (draw - 90) / 2);
}

static void put(uint8_t frame[], uint32_t *at, const void *bytes, uint32_t len)
{
	memcpy(frame + *at, bytes, len);
	*at += len;
}

static void put_ethernet(uint8_t frame[], uint32_t *at, enum frame_kind kind, uint16_t vport, uint16_t ethertype)
{
	uint8_t type[2] = { (uint8_t)(ethertype >> 8), (uint8_t)ethertype };

	frame_mac(vport, frame);
	if (kind == FRAME_BROADCAST)
		memset(frame, 0xff, 6);
	memcpy(frame + 6, (const uint8_t[]){ 2, 0, 0, 1, 0, 0 }, 6);
	*at = 12;
	if (kind == FRAME_TAGGED)
		put(frame, at, (const uint8_t[]){ 0x81, 0, 0, FRAME_VLAN }, 4);
	put(frame, at, type, 2);
}

static void put_random(uint8_t frame[], uint32_t *at, uint32_t len, uint64_t *random)
{
	while (len--)
		frame[(*at)++] = (uint8_t)random_u64(random);
}

static void put_ipv4(uint8_t frame[], uint32_t *at, enum frame_kind kind, uint64_t *random)
{
	uint8_t protocol = kind == FRAME_UDP4 ? 17 : kind == FRAME_ICMP ? 1 : 6;
	uint8_t more = kind == FRAME_FRAGMENT ? 0x20 : 0;

	put(frame, at, (const uint8_t[]){ 0x45, 0, 0, 46, 0, 1, more, 0, 64, protocol, 0, 0 }, 12);
	put_random(frame, at, 8, random);
}

static void put_ipv6(uint8_t frame[], uint32_t *at, enum frame_kind kind, uint64_t *random)
{
	uint8_t next = kind == FRAME_EXTENSION ? 0 : kind == FRAME_TCP6 ? 6 : 17;

	put(frame, at, (const uint8_t[]){ 0x60, 0, 0, 0, 0, 48, next, 64 }, 8);
	put_random(frame, at, 32, random);
	if (kind == FRAME_EXTENSION)
		put(frame, at, (const uint8_t[]){ 17, 0, 1, 4, 0, 0, 0, 0 }, 8);
}

uint32_t frame_make(uint8_t frame[FRAME_ROOM], enum frame_kind kind, uint16_t vport, uint64_t *random)
{
	bool ipv6 = kind == FRAME_TCP6 || kind == FRAME_UDP6 || kind == FRAME_EXTENSION;
	uint32_t at;

	memset(frame, 0, FRAME_ROOM);
	put_ethernet(frame, &at, kind, vport, kind == FRAME_ARP ? 0x0806 : ipv6 ? 0x86dd : 0x0800);
	if (kind != FRAME_ARP) {
		if (ipv6)
			put_ipv6(frame, &at, kind, random);
		else
			put_ipv4(frame, &at, kind, random);
	}
	put_random(frame, &at, 4, random); /* ports */
	at += 20;                          /* the rest of a TCP header, and some data */
	return at < 60 ? 60 : at;
}
