/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May a guest send this, and as what: source and VLAN check, tags, replication (host/host.h).
 * Threads: the processor that polls the guest's queue, between host_enter() and host_leave().
 */
#ifndef VMMQ_HOST_ADMISSION_H
#define VMMQ_HOST_ADMISSION_H

#include "engine/frame_tag.h"
#include "host/switch.h"

/* A burst that is being admitted. */
struct admission {
	struct host_processor *on;
	const struct forwarding *forwarding;
	const struct forwarding_vport *vport;
	struct guest *guest;
	struct admitted *admitted; /* its queue's */
};

/* admission_begin: of a burst that a guest has sent by that queue. */
struct admission admission_begin(struct host_processor *on, const struct forwarding *forwarding,
				 struct guest_queue *queue);

/*
 * admission_remembers tells whether a frame has the addresses, and the type behind them, of one that was sent as it came, and is
 * short enough: what else there is to judge is behind a tag, which that one had not.
 */
static inline bool admission_remembers(const struct admission *to, const struct rte_mbuf *packet)
{
	return to->admitted->passed.valid && rte_pktmbuf_data_len(packet) >= FRAME_HEADER_LEN &&
	       !memcmp(rte_pktmbuf_mtod(packet, const void *), to->admitted->passed.begins, FRAME_HEADER_LEN) &&
	       !(packet->ol_flags & TAG_RECEIVED) && host_fits(to->on->host, packet);
}

/* guest_packet_take returns the packet with all its tags in the frame, as it is to be sent, or NULL when it was dropped. */
struct rte_mbuf *guest_packet_judge(struct admission *to, struct rte_mbuf *packet);
static inline struct rte_mbuf *guest_packet_take(struct admission *to, struct rte_mbuf *packet)
{
	return admission_remembers(to, packet) ? packet : guest_packet_judge(to, packet);
}

/* guest_frame_receiver_takes returns what whoever gets the packet takes of what it leaves to others; the uplink takes nothing, nor do many at once. */
uint32_t guest_frame_receiver_takes(struct admission *to, const struct rte_mbuf *packet);

#endif
