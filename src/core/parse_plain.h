/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What parse.c finds in everyday packets, without a branch that the CPU could foresee wrongly: at most one tag, then IPv4
 * without options, or IPv6 without extension headers.  What differs between the two is looked up in a table, since of
 * conditions a compiler would make branches.  The rest, and everything cut off, is for vmmq_parse() to decide.
 */
#ifndef VMMQ_CORE_PARSE_PLAIN_H
#define VMMQ_CORE_PARSE_PLAIN_H

#include <vmmq/rss.h>

#include "core/bytes.h"
#include "core/wire_format.h"

/* So many bytes are read before it is known what they are. */
#define PLAIN_LEN_MIN (ETHERNET_LEN + TAG_LEN + IPV4_LEN_MIN + UDP_LEN)

enum plain_network { PLAIN_NEITHER, PLAIN_IPV4, PLAIN_IPV6, PLAIN_NETWORKS };
enum plain_transport { PLAIN_ADDRESSES, PLAIN_TCP, PLAIN_UDP, PLAIN_TRANSPORTS };

struct plain_row {
	uint16_t fragment_mask; /* of the 16 bits at 6 */
	uint8_t first_mask;     /* of the first byte, which must then be first */
	uint8_t first;
	uint8_t protocol_at;
	uint8_t input_at; /* source address */
	uint32_t l3_types;
	uint32_t l4_types[PLAIN_TRANSPORTS];
	uint32_t len[PLAIN_TRANSPORTS]; /* that must be there from the first byte on; UINT32_MAX: not plain */
};
extern const struct plain_row plain_row[PLAIN_NETWORKS];
extern const uint8_t plain_transport[256]; /* by protocol: enum plain_transport */

struct plain {
	uint32_t l4_types; /* hash types with ports that the packet may have: 0 for fragments and other protocols */
	uint16_t input;    /* offset of source address, destination address and, with l4_types, ports in a row */
	uint16_t tci;      /* 0 without a tag */
	uint8_t network;   /* enum plain_network */
	bool tagged;
	bool fragment;
};

/* plain_type selects among enabled ones of one level as spec 6.3 does: those that extension headers matter to go first. */
static inline uint32_t plain_type(uint32_t enabled)
{
	uint32_t ex = enabled & (VMMQ_HASH_IPV6_EX | VMMQ_HASH_TCP_IPV6_EX | VMMQ_HASH_UDP_IPV6_EX);

	return ex ? ex : enabled;
}

/* plain_parse returns whether the frame is plain; if not, *plain means nothing. */
static inline bool plain_parse(const uint8_t *frame, uint32_t len, struct plain *plain)
{
	const struct plain_row *row;
	const uint8_t *ethertype_at, *ip;
	uint32_t network, transport;
	uint16_t ethertype;
	bool tagged, fragment;

	if (len < PLAIN_LEN_MIN)
		return false;
	tagged = ethertype_is_tag(load_be16(frame + 12));
	ethertype_at = frame + 12 + (size_t)TAG_LEN * tagged;
	ethertype = load_be16(ethertype_at);
	ip = ethertype_at + 2;
	network = PLAIN_IPV4 * (ethertype == ETHERTYPE_IPV4) + PLAIN_IPV6 * (ethertype == ETHERTYPE_IPV6);
	row = &plain_row[network];
	fragment = (load_be16(ip + 6) & row->fragment_mask) != 0;
	transport = plain_transport[ip[row->protocol_at]] & (fragment - 1u);
	plain->l4_types = row->l4_types[transport];
	plain->input = (uint16_t)(ip - frame + row->input_at);
	plain->tci = load_be16(frame + 14) & (uint16_t)-tagged;
	plain->network = (uint8_t)network;
	plain->tagged = tagged;
	plain->fragment = fragment;
	return (len - (uint32_t)(ip - frame) >= row->len[transport]) & ((ip[0] & row->first_mask) == row->first);
}

#endif
