/* SPDX-License-Identifier: BSD-2-Clause */
/* A sender: its sends, in flight or free, and what the uplink has not taken yet. */
#ifndef VMMQ_ENGINE_SENDER_H
#define VMMQ_ENGINE_SENDER_H

#include <vmmq/send.h>

#include "base/counter.h"
#include "engine/complete.h"
#include "engine/source.h"

struct vmmq_sender {
	/* constant */
	struct vmmq_adapter *adapter;
	struct vmmq_source *source; /* of the copies to other VPorts; holding it holds the view */
	struct send *sends;

	/* control: rw */
	struct vmmq_sender *retired; /* next in the adapter's list */

	/* sender's thread: rw */
	struct send *free;                          /* list */
	struct rte_mbuf *offered[2 * SOURCE_BURST]; /* attached, but the uplink has not taken them yet; in order */
	unsigned offered_count;

	/* processors push delivered sends; the sender takes them all */
	_Alignas(CACHE_LINE) struct send_stack recycled;
	_Atomic uint32_t incomplete; /* sends whose completion function has not returned */
};

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
