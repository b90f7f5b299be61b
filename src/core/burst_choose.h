/* SPDX-License-Identifier: BSD-2-Clause */
/* Each packet's hash type, and what has to be hashed: one step of classify_burst.c. */
#ifndef VMMQ_CORE_BURST_CHOOSE_H
#define VMMQ_CORE_BURST_CHOOSE_H

#include "core/burst.h"
#include "core/hash_type.h"
#include "core/tunnel_header.h"

#define UDP_TYPES (VMMQ_HASH_UDP_IPV4 | VMMQ_HASH_UDP_IPV6 | VMMQ_HASH_UDP_IPV6_EX)

static const uint32_t no_hash = 0;

/*
 * work_add puts a packet among the work, unless its device has hashed it.  ports: where those of TCP or UDP are in a frame whose
 * hash may be taken from its device, or 0; is_udp is for those.
 */
static inline void work_add(struct burst *b, unsigned i, size_t ports, bool is_udp, bool ipv6, const uint8_t *input)
{
	struct lane *lane = &b->lane[i];
	struct work *work = &b->work[ipv6];

	if (b->given && ports && hash_is_given(b->given, i, b->frame[i], is_udp, ports, lane->rss)) {
		lane->hash = &b->given->hash[i].value;
		return;
	}
	lane->hash = &work->hash[work->count];
	work->key[work->count] = &lane->rss->key;
	work->input[work->count++] = input;
}

/* work_add_plain: the ports of TCP and UDP are right behind the addresses. */
static inline void work_add_plain(struct burst *b, unsigned i, const uint8_t *input)
{
	const struct plain *plain = &b->lane[i].plain;
	bool ipv6 = plain->network == PLAIN_IPV6;
	size_t ports = plain->input + (ipv6 ? 2u * IPV6_ADDRESS_LEN : 2u * IPV4_ADDRESS_LEN);

	work_add(b, i, plain->l4_types ? ports : 0, plain->l4_types & UDP_TYPES, ipv6, input);
}

/* choose_other: packets whose ports are not hashed, or whose input does not lie in the frame in a row; and runts. */
RARE void choose_other(struct burst *b, unsigned i)
{
	const struct vmmq_headers *headers = &b->headers[i];
	struct lane *lane = &b->lane[i];
	uint32_t enabled = lane->rss->hash_types;
	struct vmmq_hash_choice choice;

	lane->hash = &no_hash;
	lane->hash_type = 0;
	if (lane->runt)
		return;
	memset(b->input[i], 0, INPUT_ROOM);
	if (!lane->is_plain) {
		choice = hash_choose(headers, enabled, enabled);
		lane->hash_type = choice.type;
		if (vmmq_hash_input(b->frame[i], headers, &choice, b->input[i]))
			work_add(b, i, headers_are_plain(headers) ? headers->l4_offset : 0,
				 headers->l4 == VMMQ_L4_UDP, headers->l3 == VMMQ_L3_IPV6, b->input[i]);
	} else if (enabled & plain_row[lane->plain.network].l3_types) {
		bool ipv6 = lane->plain.network == PLAIN_IPV6;

		lane->hash_type = plain_type(enabled & plain_row[lane->plain.network].l3_types);
		memcpy(b->input[i], b->frame[i] + lane->plain.input, ipv6 ? 2 * IPV6_ADDRESS_LEN : 8);
		work_add_plain(b, i, b->input[i]);
	}
}

/* tunnel_of reads the tunnel's header of a packet whose VPort looks into some; type 0: it is none of those. */
static inline struct tunnel_header tunnel_of(const struct burst *b, unsigned i, uint32_t len)
{
	const struct lane *lane = &b->lane[i];
	const struct lane_payload payload = lane_payload(b, i);

	if (!payload.at)
		return (struct tunnel_header){ 0 };
	return tunnel_read(b->frame[i], len, payload.protocol, payload.at, lane->rss->tunnels, lane->rss->vxlan_port);
}

/* choose_inner: TCP or UDP in everyday packets in a tunnel; false: what is inside is something else. */
static inline bool choose_inner(struct burst *b, unsigned i, const struct tunnel_header *tunnel, uint32_t len)
{
	const uint8_t *inside = b->frame[i] + tunnel->offset;
	struct lane *lane = &b->lane[i];
	uint32_t with_ports, addresses;
	struct plain inner;

	if (tunnel->carries != ETHERTYPE_BRIDGING || !plain_parse(inside, len - tunnel->offset, &inner) ||
	    !inner.l4_types)
		return false;
	with_ports = lane->rss->hash_types & inner.l4_types;
	addresses = lane->rss->hash_types & plain_row[inner.network].l3_types;
	if (with_ports) {
		lane->hash_type = plain_type(with_ports) | VMMQ_HASH_INNER;
		work_add(b, i, 0, false, inner.network == PLAIN_IPV6, inside + inner.input);
	} else if (addresses) {
		lane->hash_type = plain_type(addresses) | VMMQ_HASH_INNER;
		memset(b->input[i], 0, INPUT_ROOM);
		memcpy(b->input[i], inside + inner.input, inner.network == PLAIN_IPV6 ? 2 * IPV6_ADDRESS_LEN : 8);
		work_add(b, i, 0, false, inner.network == PLAIN_IPV6, b->input[i]);
	}
	return true;
}

/* choose_tunnel_other: whatever else is in a tunnel, by the reference. */
RARE void choose_tunnel_other(struct burst *b, unsigned i)
{
	struct lane *lane = &b->lane[i];
	const struct vmmq_encapsulation on = { lane->rss->tunnels, lane->rss->vxlan_port };
	struct vmmq_headers *headers = &b->headers[i];
	const uint8_t *hashed = b->frame[i];
	struct vmmq_hash_choice choice;
	struct vmmq_tunnel tunnel;

	if (lane->is_plain)
		vmmq_parse(b->frame[i], b->len[i], headers);
	if (!vmmq_parse_tunnel(b->frame[i], b->len[i], headers, &on, &tunnel))
		return;
	choice = vmmq_hash_choose_tunnel(headers, &tunnel, lane->rss->hash_types, true);
	if (choice.inner) {
		hashed += tunnel.offset;
		headers = &tunnel.inner;
	}
	lane->hash_type = choice.type | (choice.inner ? VMMQ_HASH_INNER : 0);
	memset(b->input[i], 0, INPUT_ROOM);
	if (vmmq_hash_input(hashed, headers, &choice, b->input[i]))
		work_add(b, i, 0, false, headers->l3 == VMMQ_L3_IPV6, b->input[i]);
}

/* choose_plain: TCP or UDP in plain sight, with types that have ports. */
static inline void choose_plain(struct burst *b, unsigned i, uint32_t with_ports)
{
	struct lane *lane = &b->lane[i];

	lane->hash_type = plain_type(with_ports);
	work_add_plain(b, i, b->frame[i] + lane->plain.input);
}

/* is_udp_elsewhere: UDP in plain sight to a port of no tunnel that the VPort looks into; with TCP the port means nothing. */
static inline bool is_udp_elsewhere(const struct burst *b, unsigned i)
{
	const struct lane *lane = &b->lane[i];
	size_t ports = lane->plain.input + (lane->plain.network == PLAIN_IPV6 ? 2u * IPV6_ADDRESS_LEN : 8u);

	return lane->plain.l4_types & UDP_TYPES &&
	       !tunnel_udp_type(load_be16(b->frame[i] + ports + 2), lane->rss->tunnels, lane->rss->vxlan_port);
}

static inline uint32_t tunnel_len(const struct burst *b, unsigned i)
{
	return b->len[i] < VMMQ_TUNNEL_HEADERS_MAX ? b->len[i] : VMMQ_TUNNEL_HEADERS_MAX;
}

static inline void choose_tunnel(struct burst *b, unsigned i, const struct tunnel_header *tunnel, uint32_t len)
{
	b->lane[i].hash = &no_hash;
	b->lane[i].hash_type = 0;
	if (!choose_inner(b, i, tunnel, len))
		choose_tunnel_other(b, i);
}

/* choose_in_tunnel: what may be a tunnel, or neither TCP nor UDP. */
RARE void choose_in_tunnel(struct burst *b, unsigned i)
{
	const uint32_t len = tunnel_len(b, i);
	const struct tunnel_header tunnel = tunnel_of(b, i, len);
	const struct lane *lane = &b->lane[i];
	uint32_t with_ports = lane->rss->hash_types & lane->plain.l4_types;

	if (tunnel.type) {
		choose_tunnel(b, i, &tunnel, len);
	} else if (lane->is_plain && with_ports) {
		choose_plain(b, i, with_ports);
	} else {
		choose_other(b, i);
	}
}

/* choose_looking: packets of a VPort that looks into tunnels, but for TCP in plain sight. */
RARE void choose_looking(struct burst *b, unsigned i)
{
	const struct lane *lane = &b->lane[i];
	uint32_t with_ports = lane->rss->hash_types & lane->plain.l4_types;

	if (b->tunnels >> i & 1)
		choose_tunnel(b, i, &b->tunnel[i], tunnel_len(b, i));
	else if (lane->is_plain && with_ports && is_udp_elsewhere(b, i))
		choose_plain(b, i, with_ports);
	else
		choose_in_tunnel(b, i);
}

/* burst_choose selects each packet's hash type and collects what has to be hashed. */
static inline void burst_choose(struct burst *b)
{
	const uint8_t *const *frame = b->frame;

	b->work[0].count = b->work[1].count = 0;
	for (unsigned i = 0, count = b->count; i < count; i++) {
		struct lane *lane = &b->lane[i];
		uint32_t with_ports = lane->rss->direct_types & lane->plain.l4_types;

		if (lane->is_plain && with_ports) {
			lane->hash_type = plain_type(with_ports);
			work_add_plain(b, i, frame[i] + lane->plain.input);
		} else if (lane->rss->tunnels) {
			choose_looking(b, i);
		} else {
			choose_other(b, i);
		}
	}
}

#endif
