/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the sender of a frame has left to whoever takes it: its TCP or UDP checksum, of which only the pseudo header's sum stands there, and the
 * cutting into frames that fit (TSO, USO).  A packet says so as DPDK has it (ol_flags, tso_segsz); where its headers are is found anew
 * each time, since tags come and go on the way.
 * Threads: whoever has the packet.
 */
#ifndef VMMQ_PORTS_ETHDEV_OFFLOAD_H
#define VMMQ_PORTS_ETHDEV_OFFLOAD_H

#include <rte_mbuf.h>
#include <stdbool.h>
#include <stdint.h>

/* What a device can take, and what a frame needs it to. */
#define ETHDEV_PARTIAL 0x01u /* a checksum that is still to be made */
#define ETHDEV_TSO4    0x02u /* likewise, and TCP over IPv4 that is still to be cut */
#define ETHDEV_TSO6    0x04u
#define ETHDEV_USO4    0x08u /* UDP: each piece a datagram */
#define ETHDEV_USO6    0x10u
#define ETHDEV_CUT     (ETHDEV_TSO4 | ETHDEV_TSO6 | ETHDEV_USO4 | ETHDEV_USO6)

/* A frame as it may come from a guest: 64 KiB of IP behind an Ethernet header with two tags. */
#define ETHDEV_UNCUT_MAX (14u + 8u + 65535u)

#define OFFLOAD_FLAGS                                                                                                \
	(RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_UDP_SEG | RTE_MBUF_F_TX_IPV4 |                \
	 RTE_MBUF_F_TX_IPV6)

/* Where things are in such a frame; all in its first segment. */
struct offload {
	uint16_t l3, l4;     /* offsets of the headers */
	uint16_t header_len; /* bytes up to what TCP or UDP carries */
	bool ipv6, udp;
};

/* offload_find: false: the frame is none of unfragmented TCP or UDP over IP whose headers lie in its first segment. */
bool offload_find(const struct rte_mbuf *packet, struct offload *offload);

#define OFFLOAD_CHECKSUM_TCP 16u /* where the checksum is in the header */
#define OFFLOAD_CHECKSUM_UDP 6u
static inline uint32_t offload_checksum_offset(const struct offload *offload)
{
	return offload->udp ? OFFLOAD_CHECKSUM_UDP : OFFLOAD_CHECKSUM_TCP;
}

/* offload_set notes that the frame leaves its checksum to others, and, with size > 0, the cutting into pieces of so many bytes. */
void offload_set(struct rte_mbuf *packet, const struct offload *offload, uint16_t size);

/* offload_needs returns what must be able to take the packet as it is, ETHDEV_*; 0: anything. */
static inline uint32_t offload_needs(const struct rte_mbuf *packet)
{
	const uint64_t flags = packet->ol_flags;
	const bool ipv6 = flags & RTE_MBUF_F_TX_IPV6;
	uint32_t needs = flags & RTE_MBUF_F_TX_L4_MASK ? ETHDEV_PARTIAL : 0;

	if (flags & RTE_MBUF_F_TX_TCP_SEG)
		needs |= ipv6 ? ETHDEV_TSO6 : ETHDEV_TSO4;
	if (flags & RTE_MBUF_F_TX_UDP_SEG)
		needs |= ipv6 ? ETHDEV_USO6 : ETHDEV_USO4;
	return needs;
}

/* offload_len returns the bytes of the longest frame that the packet comes to: it, or a piece of it. */
uint32_t offload_len(const struct rte_mbuf *packet);

/*
 * offload_checksum_put puts the checksum of all from start on to start + offset, where the pseudo header's sum stands (virtio 1.1, 5.1.6.2.1); both lie in
 * the packet's first segment, which is the caller's alone to write.
 */
void offload_checksum_put(struct rte_mbuf *packet, uint32_t start, uint32_t offset);

/*
 * offload_complete makes the checksum of a packet that needs no cutting; its headers are the caller's alone to write.  Nothing is left to others
 * afterwards.
 */
void offload_complete(struct rte_mbuf *packet);

#endif
