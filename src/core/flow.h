/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Of everyday TCP and UDP over IPv4, untagged, all that classification looks at are addresses, Ethernet type, version and header length, fragment
 * bits, protocol, and ports: packets that are alike in these have one verdict under one view.  Not so where a view looks behind the ports, into
 * tunnels (vmmq_view.outer_only), or something stands beside the frame, a tag or a device's hash.
 */
#ifndef VMMQ_CORE_FLOW_H
#define VMMQ_CORE_FLOW_H

#include <string.h>
#include <vmmq/classify.h>

#include "core/bytes.h"
#include "core/wire_format.h"

#define FLOW_PORTS_AT (ETHERNET_LEN + IPV4_LEN_MIN)
#define FLOW_LEN_MIN  (FLOW_PORTS_AT + TCP_LEN) /* whatever is behind it: a whole header is there */

/* One flow, and the verdict of its packets under the view of that version.  Zeroed: none. */
struct flow_seen {
	bool known;
	uint64_t version;
	uint8_t header[FLOW_PORTS_AT + 4];
	struct vmmq_verdict verdict;
};

/* frame_differs returns the bits in which eight bytes from there on are not the same, of those that count. */
static inline uint64_t frame_differs(const uint8_t *a, const uint8_t *b, unsigned at)
{
	static const uint8_t mask[FLOW_PORTS_AT + 4] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* Ethernet */
		0xff, 0,    0,    0,    0,    0,    0xff, 0xff, /* version and length; not DSCP, total length, identification; fragment */
		0,    0xff, 0,    0,                            /* not the time to live; protocol; not the checksum */
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* addresses */
		0xff, 0xff, 0xff, 0xff,                         /* ports */
	};
	uint64_t x, y, m;

	memcpy(&x, a + at, sizeof(x));
	memcpy(&y, b + at, sizeof(y));
	memcpy(&m, mask + at, sizeof(m));
	return (x ^ y) & m;
}

static inline bool frame_has_ports(const uint8_t *frame)
{
	const uint8_t protocol = frame[ETHERNET_LEN + 9];

	return load_be16(frame + 12) == ETHERTYPE_IPV4 && frame[ETHERNET_LEN] == 0x45 &&
	       !(load_be16(frame + ETHERNET_LEN + 6) & 0x3fff) && (protocol == PROTO_TCP || protocol == PROTO_UDP);
}

static inline bool frames_equal(const uint8_t *a, const uint8_t *b)
{
	return !(frame_differs(a, b, 0) | frame_differs(a, b, 8) | frame_differs(a, b, 16) | frame_differs(a, b, 24) |
		 frame_differs(a, b, FLOW_PORTS_AT - 4));
}

static inline bool frames_are_alike(const uint8_t *a, const uint8_t *b)
{
	return frames_equal(a, b) && frame_has_ports(a);
}

/* flow_is: this packet is one of that flow.  flow_see remembers the flow of a packet that was classified, where it is an everyday one. */
static inline bool flow_is(const struct flow_seen *flow, uint64_t version, const uint8_t *frame, uint32_t len)
{
	return flow->known && flow->version == version && len >= FLOW_LEN_MIN && frames_equal(flow->header, frame);
}

static inline void flow_see(struct flow_seen *flow, uint64_t version, const uint8_t *frame, uint32_t len,
			    const struct vmmq_verdict *verdict)
{
	flow->known = len >= FLOW_LEN_MIN && frame_has_ports(frame);
	flow->version = version;
	if (!flow->known)
		return;
	memcpy(flow->header, frame, sizeof(flow->header));
	flow->verdict = *verdict;
}

#endif
