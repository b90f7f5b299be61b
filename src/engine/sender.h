/* SPDX-License-Identifier: BSD-2-Clause */
/* A sender: its sends, in flight or free, and what the uplink has not taken yet. */
#ifndef VMMQ_ENGINE_SENDER_H
#define VMMQ_ENGINE_SENDER_H

#include <vmmq/send.h>

#include "base/counter.h"
#include "engine/complete.h"
#include "engine/source.h"

#define SEND_BLOCK 32u

/* Sends are allocated by the block, when all there are are in flight. */
struct send_block {
	struct send_block *next;
	struct send send[SEND_BLOCK];
};

struct vmmq_sender {
	/* constant */
	struct vmmq_adapter *adapter;
	bool owns_source;
	uint32_t in_flight_max;

	/* control: rw */
	struct vmmq_sender *retired; /* next in the adapter's list */

	/* sender's thread: rw */
	struct vmmq_source *source; /* of packets to other VPorts; holding it holds the view */
	uint64_t *through;          /* by processor slot: all of ours there are below; 0: none */
	struct send_block *blocks;
	uint32_t in_flight_room;                    /* sends in them */
	struct send *free;                          /* list */
	struct rte_mbuf *offered[2 * SOURCE_BURST]; /* attached, but the uplink has not taken them yet; in order */
	unsigned offered_count;
	struct flow_seen alone; /* of the last packet that was sent alone */

	/* processors push delivered sends; the sender takes them all */
	_Alignas(CACHE_LINE) struct send_stack recycled;
	_Atomic uint32_t incomplete; /* sends whose completion function has not returned */
};

/* sends_renew looks for sends that are free again, or makes some.  Sender's thread only. */
void sends_renew(struct vmmq_sender *sender);

/* send_take takes a free send; NULL: in_flight_max are in flight, or memory.  Sender's thread only. */
static inline struct send *send_take(struct vmmq_sender *sender)
{
	struct send *send;

	if (!sender->free)
		sends_renew(sender);
	send = sender->free;
	if (send)
		sender->free = send->next;
	return send;
}

/* sender_note remembers how far into their inboxes it has put, for those that its source touched.  Before source_announce(). */
void sender_note(struct vmmq_sender *sender);

/*
 * uplink_attach makes an mbuf chain of ours over the packet's segments, whose last free finishes the send; NULL: no mbufs.
 * uplink_offer offers the uplink what it has not taken; true when nothing is left over.
 * uplink_abort completes (FAILURE) what the uplink never took.
 * Sender's thread only.
 */
struct rte_mbuf *uplink_attach(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet);
bool uplink_offer(struct vmmq_sender *sender);
void uplink_abort(struct vmmq_sender *sender);

/* senders_free frees a list of senders that have nothing incomplete. */
void senders_free(struct vmmq_sender *sender);

#endif
