/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of one flow mostly come one behind the other, and what steers them is the same for all: it is found for the first of such a run.
 * Of everyday TCP and UDP over IPv4, untagged, all that classification looks at are addresses, Ethernet type, version and header length, fragment
 * bits, protocol, and ports: those that are alike in these have one verdict.  Not so where somebody looks behind the ports, into tunnels.
 */
#ifndef VMMQ_CORE_BURST_RUNS_H
#define VMMQ_CORE_BURST_RUNS_H

#include "core/burst.h"

#define RUN_PORTS_AT (ETHERNET_LEN + IPV4_LEN_MIN)
#define RUN_LEN_MIN  (RUN_PORTS_AT + TCP_LEN) /* whatever is behind it: a whole header is there */

/* The first of each run, and which run a packet belongs to. */
struct runs {
	unsigned count;
	const uint8_t *frame[BURST];
	uint32_t len[BURST];
	uint8_t of[BURST];
};

/* frame_differs returns the bits in which eight bytes from there on are not the same, of those that count. */
static inline uint64_t frame_differs(const uint8_t *a, const uint8_t *b, unsigned at)
{
	static const uint8_t mask[RUN_PORTS_AT + 4] = {
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

static inline bool frames_are_alike(const uint8_t *a, const uint8_t *b)
{
	return !(frame_differs(a, b, 0) | frame_differs(a, b, 8) | frame_differs(a, b, 16) | frame_differs(a, b, 24) |
		 frame_differs(a, b, RUN_PORTS_AT - 4)) &&
	       frame_has_ports(a);
}

/* runs_may_be looks at up to four pairs, and at what mostly tells flows apart: whether it is worth to look at all. */
static inline bool runs_may_be(const uint8_t *const frame[], const uint32_t len[], unsigned count)
{
	const unsigned step = (count + 3) / 4;
	unsigned looked = 0, same = 0;

	for (unsigned i = 1; i < count; i += step, looked++)
		if (len[i - 1] >= RUN_LEN_MIN && len[i] >= RUN_LEN_MIN)
			same += !memcmp(frame[i] + RUN_PORTS_AT, frame[i - 1] + RUN_PORTS_AT, 4);
	return looked && 2 * same >= looked;
}

static inline void runs_find(struct runs *runs, const uint8_t *const frame[], const uint32_t len[], unsigned count)
{
	runs->count = 0;
	for (unsigned i = 0; i < count; i++) {
		if (!i || len[i] < RUN_LEN_MIN || len[i - 1] < RUN_LEN_MIN ||
		    !frames_are_alike(frame[i], frame[i - 1])) {
			runs->frame[runs->count] = frame[i];
			runs->len[runs->count++] = len[i];
		}
		runs->of[i] = (uint8_t)(runs->count - 1);
	}
}

#endif
