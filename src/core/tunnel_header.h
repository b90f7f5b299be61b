/* SPDX-License-Identifier: BSD-2-Clause */
/* A tunnel's own header, from the outer IP header's payload to what is inside: for the reference and its burst twin. */
#ifndef VMMQ_CORE_TUNNEL_HEADER_H
#define VMMQ_CORE_TUNNEL_HEADER_H

#include <vmmq/tunnel.h>

#include "core/bytes.h"
#include "core/wire_format.h"

enum {
	VXLAN_LEN = 8, /* VXLAN-GPE's too, and Geneve's without options */
	GRE_LEN_MIN = 4,
};

enum {
	VXLAN_VNI = 0x08,
	GPE_VERSION = 0x30,
	GPE_HAS_PROTOCOL = 0x04,
	GENEVE_VERSION = 0xc0,
	GENEVE_OPTION_WORDS = 0x3f,
};

enum {
	GRE_CHECKSUM = 0x8000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_OPTIONAL = GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE,
	GRE_FOREIGN =
	    0x4c07, /* routing, the two bits that RFC 2784 has no packet taken with, and version: PPTP's is 1 */
};

struct tunnel_header {
	uint32_t type;    /* VMMQ_TUNNEL_*; 0: no tunnel of those asked for */
	uint32_t offset;  /* of what is inside, from the frame's first byte */
	uint32_t vni;     /* 0: none */
	uint16_t carries; /* EtherType of what is inside; 0: not understood */
};

static inline uint32_t tunnel_vni(const uint8_t *bytes)
{
	return load_be32(bytes) >> 8;
}

/* tunnel_carries returns the type, if that of something that can be looked into, or 0. */
static inline uint16_t tunnel_carries(uint16_t ethertype)
{
	return ethertype == ETHERTYPE_BRIDGING || ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6
		   ? ethertype
		   : 0;
}

/* tunnel_read_gre reads what stands behind the flags at offset at: len bytes of the frame may be read. */
static inline void tunnel_read_gre(const uint8_t *frame, size_t len, size_t at, struct tunnel_header *t)
{
	uint16_t flags = load_be16(frame + at);

	t->offset = (uint32_t)at + GRE_LEN_MIN +
		    4u * (!!(flags & GRE_CHECKSUM) + !!(flags & GRE_KEY) + !!(flags & GRE_SEQUENCE));
	if (flags & GRE_FOREIGN || len < t->offset)
		return;
	t->carries = tunnel_carries(load_be16(frame + at + 2));
	if (t->type == VMMQ_TUNNEL_NVGRE)
		t->vni = tunnel_vni(frame + at + GRE_LEN_MIN);
}

/* tunnel_gre_type: NVGRE is GRE with a key and nothing else, that carries Ethernet (RFC 7637). */
static inline uint32_t tunnel_gre_type(const uint8_t *gre, uint32_t types)
{
	uint16_t flags = load_be16(gre);

	if (types & VMMQ_TUNNEL_NVGRE && (flags & (GRE_OPTIONAL | GRE_FOREIGN)) == GRE_KEY &&
	    load_be16(gre + 2) == ETHERTYPE_BRIDGING)
		return VMMQ_TUNNEL_NVGRE;
	return types & VMMQ_TUNNEL_GRE;
}

static inline uint32_t tunnel_udp_type(uint16_t port, uint32_t types, uint16_t vxlan_port)
{
	if (types & VMMQ_TUNNEL_VXLAN && port == vxlan_port)
		return VMMQ_TUNNEL_VXLAN;
	switch (port) {
	case VMMQ_PORT_GENEVE:
		return types & VMMQ_TUNNEL_GENEVE;
	case VMMQ_PORT_VXLAN_GPE:
		return types & VMMQ_TUNNEL_VXLAN_GPE;
	case VMMQ_PORT_GRE_UDP:
		return types & VMMQ_TUNNEL_GRE_UDP;
	default:
		return 0;
	}
}

/* tunnel_gpe_carries: without a protocol of its own it is VXLAN. */
static inline uint16_t tunnel_gpe_carries(const uint8_t *header)
{
	static const uint16_t of_protocol[] = { 0, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_BRIDGING };

	if (header[0] & GPE_VERSION)
		return 0;
	if (!(header[0] & GPE_HAS_PROTOCOL))
		return ETHERTYPE_BRIDGING;
	return header[3] < sizeof(of_protocol) / sizeof(of_protocol[0]) ? of_protocol[header[3]] : 0;
}

/* tunnel_read_udp reads the header at offset at, behind UDP's; t->type has been found by the port. */
static inline void tunnel_read_udp(const uint8_t *frame, size_t len, size_t at, struct tunnel_header *t)
{
	const uint8_t *header = frame + at;

	if (t->type == VMMQ_TUNNEL_GRE_UDP) {
		if (len >= at + GRE_LEN_MIN)
			tunnel_read_gre(frame, len, at, t);
		return;
	}
	if (len < at + VXLAN_LEN)
		return;
	t->offset = (uint32_t)at + VXLAN_LEN;
	t->vni = tunnel_vni(header + 4);
	if (t->type == VMMQ_TUNNEL_GENEVE) {
		t->offset += 4u * (header[0] & GENEVE_OPTION_WORDS);
		t->carries = header[0] & GENEVE_VERSION ? 0 : tunnel_carries(load_be16(header + 2));
	} else if (header[0] & VXLAN_VNI) {
		t->carries = t->type == VMMQ_TUNNEL_VXLAN ? ETHERTYPE_BRIDGING : tunnel_gpe_carries(header);
	}
}

/*
 * tunnel_read finds out which tunnel of types a packet is.  at: where the payload of its outer IP header begins, of that protocol; of UDP
 * the header is known to be there.  len: at most VMMQ_TUNNEL_HEADERS_MAX.
 */
static inline struct tunnel_header tunnel_read(const uint8_t *frame, size_t len, uint8_t protocol, size_t at,
					       uint32_t types, uint16_t vxlan_port)
{
	struct tunnel_header t = { 0 };

	switch (protocol) {
	case PROTO_UDP:
		t.type = tunnel_udp_type(load_be16(frame + at + 2), types, vxlan_port);
		if (t.type)
			tunnel_read_udp(frame, len, at + UDP_LEN, &t);
		break;
	case PROTO_GRE:
		if (len < at + GRE_LEN_MIN)
			break;
		t.type = tunnel_gre_type(frame + at, types);
		if (t.type)
			tunnel_read_gre(frame, len, at, &t);
		break;
	case PROTO_IPIP:
	case PROTO_IPV6:
		t.type = types & VMMQ_TUNNEL_IPIP;
		t.offset = (uint32_t)at;
		t.carries = protocol == PROTO_IPIP ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
		break;
	default:
		break;
	}
	if (len < t.offset)
		t.carries = 0;
	return t;
}

#endif
