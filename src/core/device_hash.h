/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands beside the frames of a burst, and whether the hash that a device gave stands for the one that would be computed. */
#ifndef VMMQ_CORE_DEVICE_HASH_H
#define VMMQ_CORE_DEVICE_HASH_H

#include <vmmq/classify.h>

#include "core/bytes.h"
#include "core/wire_format.h"

/* A burst's struct vmmq_given while it is worked on.  Where a function takes NULL for it, there is nothing beside the frames. */
struct given {
	struct vmmq_given *beside;
	const struct vmmq_given_hash *hash; /* of packet 0; NULL: none */
	const struct vmmq_given_tag *tag;   /* likewise */
	unsigned first;                     /* packet 0 has that number in the caller's burst */
	const struct vmmq_steering
	    *asked; /* the last one compared with the device: packets of a VPort come in trains */
	bool same;
};

/* given_advance makes packet first of the caller's burst packet 0. */
static inline void given_advance(struct given *given, unsigned first)
{
	given->first = first;
	given->hash = given->beside->hash ? given->beside->hash + first : NULL;
	given->tag = given->beside->tag ? given->beside->tag + first : NULL;
}

/* given_tag returns the tag beside packet i, or NULL. */
static inline const struct vmmq_given_tag *given_tag(const struct given *given, unsigned i)
{
	return given && given->tag && given->tag[i].count ? &given->tag[i] : NULL;
}

/* device_hash_is_same: every other window of a prepared key has all bits of the key. */
static inline bool device_hash_is_same(const struct vmmq_steering *rss, const struct vmmq_device_hash *device)
{
	uint64_t differ = rss->hash_types ^ device->hash_types;

	for (unsigned i = 0; i < VMMQ_HASH_WORDS; i += 2)
		differ |= rss->key.window[i] ^ device->key.window[i];
	return !differ;
}

/*
 * headers_are_plain: TCP or UDP over IPv4 without options or IPv6 without extension headers, behind one tag at most.  Of all
 * else devices differ in which type they select, or whether they look so far.
 */
static inline bool headers_are_plain(const struct vmmq_headers *h)
{
	return h->l4 != VMMQ_L4_OTHER && h->tag_count <= 1 &&
	       h->l4_offset == h->l3_offset + (h->l3 == VMMQ_L3_IPV4 ? IPV4_LEN_MIN : IPV6_LEN);
}

/* port_is_of_tunnel: devices that know the tunnel hash what is inside it. */
static inline bool port_is_of_tunnel(uint16_t port)
{
	switch (port) {
	case 2152: /* GTP-U */
	case 4754: /* GRE in UDP */
	case 4789: /* VXLAN */
	case 4790: /* VXLAN-GPE */
	case 6080: /* GUE */
	case 6081: /* Geneve */
	case 6635: /* MPLS in UDP */
	case 8472: /* VXLAN before it had a port */
		return true;
	default:
		return false;
	}
}

/* frame_is_plain: neither QinQ, of which half may stand beside the frame, nor, if is_udp, a tunnel.  ports: where they are. */
static inline bool frame_is_plain(const uint8_t *frame, bool is_udp, size_t ports, const struct vmmq_given_tag *tag)
{
	uint16_t ethertype = load_be16(frame + 2 * VMMQ_MAC_LEN);

	if (ethertype == ETHERTYPE_DOT1AD || (tag && tag->count + ethertype_is_tag(ethertype) > 1))
		return false;
	return !is_udp || !port_is_of_tunnel(load_be16(frame + ports + 2));
}

/* hash_is_sampled counts a hash that would be taken; true: this one is computed all the same. */
static inline bool hash_is_sampled(struct given *given, unsigned i)
{
	if (!given->beside->until_sample || --given->beside->until_sample)
		return false;
	given->beside->sampled = given->first + i;
	return true;
}

/*
 * hash_is_given tells whether the hash of packet i, which has a type and headers_are_plain() headers, need not be computed.
 * is_udp, ports: UDP, or TCP, and where its ports are in the frame.
 */
static inline bool hash_is_given(struct given *given, unsigned i, const uint8_t *frame, bool is_udp, size_t ports,
				 const struct vmmq_steering *rss)
{
	if (!given || !given->hash || !given->hash[i].given)
		return false;
	if (given->asked != rss) {
		given->asked = rss;
		given->same = device_hash_is_same(rss, given->beside->device);
	}
	return given->same && frame_is_plain(frame, is_udp, ports, given_tag(given, i)) && !hash_is_sampled(given, i);
}

/* classify_one is vmmq_classify() for packet i of a burst. */
void classify_one(const struct vmmq_view *view, struct given *given, unsigned i, const uint8_t *frame, size_t len,
		  struct vmmq_verdict *verdict, struct vmmq_headers *headers);

#endif
