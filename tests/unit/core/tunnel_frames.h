/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets in tunnels, written from the RFCs: an outer header of every kind around whatever is inside. */
#ifndef VMMQ_UNIT_CORE_TUNNEL_FRAMES_H
#define VMMQ_UNIT_CORE_TUNNEL_FRAMES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <vmmq/tunnel.h>

/* An outer header: untagged, or with a tag of TCI tci; IPv6 with so many destination option headers. */
struct tunnel_outer {
	uint32_t type; /* VMMQ_TUNNEL_* */
	bool ipv6, tagged;
	uint16_t tci;
	uint8_t options;    /* IPv6: extension headers of 8 bytes; IPv4: words of options */
	uint8_t more_words; /* Geneve's options; GRE: 1 checksum, 2 and a sequence number */
	uint16_t port;      /* of UDP; 0: the type's own */
	uint32_t vni;
	uint16_t carries; /* EtherType of what is inside; 0x6558: a frame */
};

#define TUNNEL_OUTER_MAX 512

struct tunnel_writer {
	uint8_t *at;
};

static inline void put_bytes(struct tunnel_writer *w, const void *bytes, size_t len)
{
	memcpy(w->at, bytes, len);
	w->at += len;
}

static inline void put_be16(struct tunnel_writer *w, unsigned value)
{
	*w->at++ = (uint8_t)(value >> 8);
	*w->at++ = (uint8_t)value;
}

static inline void put_be32(struct tunnel_writer *w, uint32_t value)
{
	put_be16(w, value >> 16);
	put_be16(w, value & 0xffff);
}

static inline bool tunnel_is_udp(uint32_t type)
{
	return type == VMMQ_TUNNEL_VXLAN || type == VMMQ_TUNNEL_VXLAN_GPE || type == VMMQ_TUNNEL_GENEVE ||
	       type == VMMQ_TUNNEL_GRE_UDP;
}

static inline uint8_t tunnel_protocol(const struct tunnel_outer *outer)
{
	if (tunnel_is_udp(outer->type))
		return 17;
	if (outer->type == VMMQ_TUNNEL_IPIP)
		return outer->carries == 0x0800 ? 4 : 41;
	return 47;
}

static inline void put_ip(struct tunnel_writer *w, const struct tunnel_outer *outer)
{
	static const uint8_t ipv4[] = { 0, 0, 0, 1, 2, 0x40, 0, 64 }, v4[] = { 10, 1, 2, 3, 10, 4, 5, 6 };
	static const uint8_t v6[32] = { 0x20, 1, 0xd, 0xb8, [15] = 1, [16] = 0x20, 1, 0xd, 0xb8, [31] = 2 };

	if (!outer->ipv6) {
		*w->at++ = (uint8_t)(0x45 + outer->options);
		put_bytes(w, ipv4, sizeof(ipv4));
		*w->at++ = tunnel_protocol(outer);
		put_be16(w, 0xbeef);
		put_bytes(w, v4, sizeof(v4));
		for (unsigned i = 0; i < outer->options; i++)
			put_be32(w, 0x01010101);
		return;
	}
	put_be32(w, 0x60012345);
	put_be16(w, 0);
	*w->at++ = outer->options ? 60 : tunnel_protocol(outer);
	*w->at++ = 64;
	put_bytes(w, v6, sizeof(v6));
	for (unsigned i = 0; i < outer->options; i++) {
		*w->at++ = i + 1 == outer->options ? tunnel_protocol(outer) : 60;
		*w->at++ = 0;
		put_bytes(w, "\1\4\0\0\0\0", 6);
	}
}

static inline unsigned tunnel_port(const struct tunnel_outer *outer)
{
	if (outer->port)
		return outer->port;
	switch (outer->type) {
	case VMMQ_TUNNEL_VXLAN:
		return 4789;
	case VMMQ_TUNNEL_VXLAN_GPE:
		return 4790;
	case VMMQ_TUNNEL_GENEVE:
		return 6081;
	default:
		return 4754;
	}
}

static inline void put_gre(struct tunnel_writer *w, const struct tunnel_outer *outer)
{
	bool key = outer->type == VMMQ_TUNNEL_NVGRE || outer->vni;
	bool checksum = outer->more_words >= 1, sequence = outer->more_words >= 2;

	put_be16(w, (checksum ? 0x8000u : 0) | (key ? 0x2000u : 0) | (sequence ? 0x1000u : 0));
	put_be16(w, outer->carries);
	if (checksum)
		put_be32(w, 0xabcd0000);
	if (key)
		put_be32(w, outer->vni << 8 | 0x5a);
	if (sequence)
		put_be32(w, 7);
}

static inline void put_tunnel(struct tunnel_writer *w, const struct tunnel_outer *outer)
{
	switch (outer->type) {
	case VMMQ_TUNNEL_VXLAN:
		put_be32(w, 0x08000000);
		put_be32(w, outer->vni << 8);
		break;
	case VMMQ_TUNNEL_VXLAN_GPE:
		put_be32(w, 0x0c000000u | (outer->carries == 0x0800 ? 1 : outer->carries == 0x86dd ? 2 : 3));
		put_be32(w, outer->vni << 8);
		break;
	case VMMQ_TUNNEL_GENEVE:
		put_be16(w, (unsigned)outer->more_words << 8);
		put_be16(w, outer->carries);
		put_be32(w, outer->vni << 8);
		for (unsigned i = 0; i < outer->more_words; i++)
			put_be32(w, 0x01020304);
		break;
	case VMMQ_TUNNEL_IPIP:
		break;
	default:
		put_gre(w, outer);
	}
}

/* tunnel_write writes all that stands before what is inside, at most TUNNEL_OUTER_MAX bytes, and returns how many. */
static inline size_t tunnel_write(uint8_t *frame, const uint8_t mac[6], const struct tunnel_outer *outer)
{
	struct tunnel_writer w = { frame };

	put_bytes(&w, mac, 6);
	put_bytes(&w, "\2\0\0\0\1\1", 6);
	if (outer->tagged) {
		put_be16(&w, 0x8100);
		put_be16(&w, outer->tci);
	}
	put_be16(&w, outer->ipv6 ? 0x86dd : 0x0800);
	put_ip(&w, outer);
	if (tunnel_is_udp(outer->type)) {
		put_be16(&w, 0xc123);
		put_be16(&w, tunnel_port(outer));
		put_be32(&w, 0);
	}
	put_tunnel(&w, outer);
	assert(w.at - frame <= TUNNEL_OUTER_MAX);
	return (size_t)(w.at - frame);
}

#endif
