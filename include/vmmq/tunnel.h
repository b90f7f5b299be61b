/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tunnels, as far as receive side scaling looks into them: one level, and only where a VPort has been told to.
 * Rules: spec section 16.
 */
#ifndef VMMQ_TUNNEL_H
#define VMMQ_TUNNEL_H

#include <vmmq/parse.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Encapsulations.  NDIS knows VXLAN and NVGRE; the others are what the virtio specification's HASH_TUNNEL names besides.
 * GRE is any other GRE than NVGRE, of RFC 2784 or 2890; IPIP is IPv4 or IPv6 directly in IPv4 or IPv6.
 *   X(name, bit, JSON and YAML name, what a person is told)
 */
/* clang-format off */
#define VMMQ_TUNNELS(X) \
	X(VXLAN,     0x01u, "vxlan",     "VXLAN") \
	X(NVGRE,     0x02u, "nvgre",     "NVGRE") \
	X(GENEVE,    0x04u, "geneve",    "Geneve") \
	X(VXLAN_GPE, 0x08u, "vxlan_gpe", "VXLAN-GPE") \
	X(GRE,       0x10u, "gre",       "GRE") \
	X(GRE_UDP,   0x20u, "gre_udp",   "GRE in UDP") \
	X(IPIP,      0x40u, "ipip",      "IP in IP")
/* clang-format on */

enum vmmq_tunnel_type {
	VMMQ_TUNNEL_NONE = 0,
#define X(name, bit, text, title) VMMQ_TUNNEL_##name = (int)(bit),
	VMMQ_TUNNELS(X)
#undef X
};
#define VMMQ_TUNNEL_COUNT 7
#define VMMQ_TUNNEL_MASK  0x7fu

/* UDP ports.  VXLAN's is a VPort's to choose; the others are fixed. */
#define VMMQ_PORT_VXLAN     4789u
#define VMMQ_PORT_VXLAN_GPE 4790u
#define VMMQ_PORT_GENEVE    6081u
#define VMMQ_PORT_GRE_UDP   4754u

/* What is inside is looked for in that many bytes of a frame, outer headers included; what goes on behind is not understood. */
#define VMMQ_TUNNEL_HEADERS_MAX 384

/* vmmq_tunnel_name returns the JSON name of one bit, vmmq_tunnel_title its name in prose; NULL when it is not exactly one known bit. */
VMMQ_API const char *vmmq_tunnel_name(uint32_t type);
VMMQ_API const char *vmmq_tunnel_title(uint32_t type);
/* vmmq_tunnel_parse returns the bit that the JSON name stands for, or 0. */
VMMQ_API uint32_t vmmq_tunnel_parse(const char *name);

/* Which tunnels are looked into.  types: OR of VMMQ_TUNNEL_*, 0: none.  vxlan_port: 1 to 65535 while VXLAN is among them. */
struct vmmq_encapsulation {
	uint16_t types;
	uint16_t vxlan_port;
};

/*
 * What is inside a frame.  inner: the headers there, whose offsets count from offset.  Where the tunnel's own header cannot be
 * understood, or carries neither Ethernet nor IP, offset is 0 and inner.l3 NONE.
 */
struct vmmq_tunnel {
	uint8_t type;    /* one VMMQ_TUNNEL_* bit */
	bool ethernet;   /* an Ethernet header is at offset; else an IP header */
	uint16_t offset; /* of the first header inside, from the frame's first byte */
	uint32_t vni;    /* VXLAN's, Geneve's, or NVGRE's VSID, 24 bits; 0: there is none */
	struct vmmq_headers inner;
};

/*
 * vmmq_parse_tunnel looks into a frame of which vmmq_parse() has found headers (any outcome).  False: it is no tunnel of types,
 * and *tunnel means nothing.  A tunnel is known by the outer header alone: the destination port of UDP, the protocol, for GRE also
 * its flags and type.  Fragments are not looked into.
 * Total: any bytes give an answer, no byte beyond len is read.  Thread-safe, no side effects.
 */
VMMQ_API bool vmmq_parse_tunnel(const uint8_t *frame, size_t len, const struct vmmq_headers *headers,
				const struct vmmq_encapsulation *encapsulation, struct vmmq_tunnel *tunnel);

#ifdef __cplusplus
}
#endif
#endif
