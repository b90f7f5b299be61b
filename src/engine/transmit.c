/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transmit: VPort -> another VPort here (a copy, through the receive path) or the uplink (the sender's buffers themselves,
 * attached to mbufs of ours whose free callback tells when the device has finished).  Either way the completion goes to
 * the processor that the VPort's table names (spec 9).
 */
#include <rte_mbuf.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter.h"
#include "engine/oob.h"

#define IN_FLIGHT_DEFAULT 1024

struct vmmq_sender {
	struct vmmq_adapter *adapter;
	struct vmmq_source *source; /* of the copies to other VPorts; holding it holds the view */
	struct send *sends;
	uint32_t in_flight_max;
	struct vmmq_sender *retired; /* next in the adapter's list */

	/* sender's thread: rw */
	struct send *free;                   /* list */
	struct rte_mbuf *offered[2 * BURST]; /* attached, but the uplink has not taken them yet; in order */
	unsigned offered_count;

	/* processors push delivered sends; the sender takes them all */
	_Alignas(CACHE_LINE) struct send_stack recycled;
	_Atomic uint32_t incomplete; /* sends whose completion function has not returned */
};

void send_recycle(struct send *send)
{
	send_stack_push(&send->complete.sender->recycled, send);
}

void send_delivered(struct vmmq_sender *sender)
{
	atomic_fetch_sub_explicit(&sender->incomplete, 1, memory_order_release); /* last touch of the sender */
}

static struct send *send_take(struct vmmq_sender *sender)
{
	struct send *send;

	if (!sender->free)
		sender->free = send_stack_take(&sender->recycled);
	send = sender->free;
	if (send)
		sender->free = send->next;
	return send;
}

/* uplink_freed: the last mbuf that pointed into the sender's buffers is gone.  On whatever thread freed it. */
static void uplink_freed(void *address, void *opaque)
{
	(void)address;
	send_finish(opaque);
}

/* aim says on which processor the send completes (spec 9, rows 2 to 5). */
static void aim(struct vmmq_sender *sender, struct send *send, struct vmmq_vport_id vport, struct rte_mbuf *packet)
{
	const struct vmmq_view *view = sender->source->link->view;
	const struct vmmq_steering *rss = vmmq_view_steering(view, vport);
	const struct oob_field *field = oob_field(packet);
	struct vmmq_send_complete *complete = &send->complete;
	struct vmmq_processor processor;

	*complete =
	    (struct vmmq_send_complete){ .packet = packet, .sender = sender, .vport = vport, .entry = VMMQ_NO_ENTRY };
	if (!rss) {
		complete->vport = VMMQ_DEFAULT_VPORT;
		rss = vmmq_view_steering(view, VMMQ_DEFAULT_VPORT);
	}
	complete->hash_function = field->hash_information & VMMQ_HASH_FUNCTION_MASK;
	complete->hash = complete->hash_function ? packet->hash.rss : 0;
	if (!rss->rss_enabled) {
		complete->via = VMMQ_VIA_PRIMARY;
		processor = rss->primary;
	} else if (!complete->hash_function) {
		complete->via = VMMQ_VIA_DEFAULT;
		processor = rss->default_processor;
	} else {
		complete->via = VMMQ_VIA_TABLE;
		complete->entry = (uint16_t)(complete->hash & rss->index_mask);
		processor = rss->table[complete->entry];
	}
	send->processor = processor_find(sender->adapter, processor);
}

/* alloc_chain allocates as many mbufs as packet has segments; NULL: there are too few. */
static struct rte_mbuf *alloc_chain(struct rte_mempool *pool, const struct rte_mbuf *packet)
{
	struct rte_mbuf *head = NULL, **at = &head;

	for (; packet; packet = packet->next, at = &(*at)->next) {
		*at = rte_pktmbuf_alloc(pool);
		if (!*at) {
			rte_pktmbuf_free(head); /* nothing is attached yet: no callback */
			return NULL;
		}
		if (*at != head)
			head->nb_segs++;
	}
	return head;
}

/* attach makes an mbuf chain of ours over the packet's segments; NULL: no mbufs. */
static struct rte_mbuf *attach(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet)
{
	struct rte_mbuf *head = alloc_chain(sender->adapter->params.transmit_pool, packet);

	if (!head)
		return NULL;
	send->shared.free_cb = uplink_freed;
	send->shared.fcb_opaque = send;
	rte_mbuf_ext_refcnt_set(&send->shared, head->nb_segs);
	for (struct rte_mbuf *ours = head, *m = packet; m; m = m->next, ours = ours->next) {
		rte_pktmbuf_attach_extbuf(ours, m->buf_addr, m->buf_iova, m->buf_len, &send->shared);
		ours->data_off = m->data_off;
		ours->data_len = m->data_len;
	}
	head->pkt_len = packet->pkt_len;
	head->vlan_tci = packet->vlan_tci;
	head->vlan_tci_outer = packet->vlan_tci_outer;
	head->tx_offload = packet->tx_offload;
	head->ol_flags |= packet->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK;
	return head;
}

/* uplink_offer offers the uplink what it has not taken; true when nothing is left over. */
static bool uplink_offer(struct vmmq_sender *sender)
{
	const struct vmmq_adapter_params *params = &sender->adapter->params;
	unsigned taken;

	if (!sender->offered_count)
		return true;
	taken = params->transmit(params->context, sender->offered, sender->offered_count);
	sender->offered_count -= taken;
	memmove(sender->offered, sender->offered + taken, sender->offered_count * sizeof(sender->offered[0]));
	return !sender->offered_count;
}

/* drops_for_room returns how many packets to a VPort found no room so far. */
static uint64_t drops_for_room(const struct vmmq_source *source, struct vmmq_vport_id vport)
{
	const struct vport_drops *drops = &source->drops[vport.v];

	return counter_read(&drops->reason[VMMQ_DROP_INBOX_FULL]) +
	       counter_read(&drops->reason[VMMQ_DROP_SHARE_FULL]);
}

/* to_vport copies the packet through the receive path; the send is complete as soon as the copy is made. */
static void to_vport(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet,
		     const struct vmmq_verdict *verdict)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(packet, sender->adapter->params.pool, 0, UINT32_MAX);
	struct vmmq_source *source = sender->source;

	send->complete.status = VMMQ_RESOURCES;
	if (copy) {
		uint64_t dropped = drops_for_room(source, verdict->vport);

		counter_add(&source->received, 1);
		hand_over(source, copy, verdict); /* DROP mode: takes it always */
		if (drops_for_room(source, verdict->vport) == dropped)
			send->complete.status = VMMQ_SUCCESS;
	}
	send_finish(send);
}

static void to_uplink(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet)
{
	struct rte_mbuf *ours = attach(sender, send, packet);

	if (!ours) {
		send->complete.status = VMMQ_RESOURCES;
		send_finish(send);
		return;
	}
	send->complete.status = VMMQ_SUCCESS;
	sender->offered[sender->offered_count++] = ours;
}

/* is_for_vport: sender is VPort 0 for an unknown id, as it is for the completion. */
static bool is_for_vport(const struct vmmq_verdict *verdict, struct vmmq_vport_id sender)
{
	return !verdict->drop && verdict->filter_id && verdict->vport.v != sender.v;
}

/* send_burst takes packets while sends are free; the caller holds the source, and nothing is left offered. */
static unsigned send_burst(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			   unsigned count)
{
	struct vmmq_verdict verdict[BURST];
	unsigned taken;

	classify_packets(sender->source, packet, verdict, count);
	for (taken = 0; taken < count; taken++) {
		struct send *send = send_take(sender);

		if (!send)
			break;
		aim(sender, send, vport, packet[taken]);
		atomic_fetch_add_explicit(&sender->incomplete, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&sender->adapter->sending[send->complete.vport.v], 1, memory_order_relaxed);
		if (atomic_load_explicit(&sender->adapter->stopping, memory_order_relaxed)) {
			send->complete.status = VMMQ_PAUSED;
			send_finish(send);
		} else if (is_for_vport(&verdict[taken], send->complete.vport)) {
			to_vport(sender, send, packet[taken], &verdict[taken]);
		} else {
			to_uplink(sender, send, packet[taken]);
		}
	}
	publish_touched(sender->source);
	return taken;
}

unsigned vmmq_send(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
		   unsigned count)
{
	unsigned taken = 0;

	source_hold(sender->source);
	source_adopt(sender->source);
	while (uplink_offer(sender) && taken < count) {
		unsigned n = count - taken < BURST ? count - taken : BURST;
		unsigned sent = send_burst(sender, vport, packet + taken, n);

		taken += sent;
		if (sent < n) {
			uplink_offer(sender);
			break;
		}
	}
	source_release(sender->source);
	return taken;
}

static struct vmmq_sender *sender_alloc(uint32_t in_flight_max)
{
	struct vmmq_sender *sender = aligned_alloc(CACHE_LINE, sizeof(*sender));

	if (!sender)
		return NULL;
	memset(sender, 0, sizeof(*sender));
	sender->in_flight_max = in_flight_max;
	sender->sends = calloc(in_flight_max, sizeof(*sender->sends));
	if (!sender->sends) {
		free(sender);
		return NULL;
	}
	for (uint32_t i = 0; i < in_flight_max; i++) {
		sender->sends[i].next = sender->free;
		sender->free = &sender->sends[i];
	}
	return sender;
}

vmmq_status vmmq_sender_create(struct vmmq_adapter *adapter, uint32_t in_flight_max, struct vmmq_sender **out,
			       struct vmmq_why *why)
{
	const struct vmmq_adapter_params *params = &adapter->params;
	struct vmmq_sender *sender;
	vmmq_status status;

	*out = NULL;
	if (!params->transmit || !params->complete || !params->pool || !params->transmit_pool)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "",
				    "the adapter was made without transmit, complete, pool or transmit_pool");
	if (rte_pktmbuf_priv_flags(params->transmit_pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, "transmit_pool",
				    "its mbufs have pinned external buffers, so no buffer can be attached to them");
	sender = sender_alloc(in_flight_max ? in_flight_max : IN_FLIGHT_DEFAULT);
	if (!sender)
		return adapter_out_of_memory(why);
	sender->adapter = adapter;
	status = vmmq_source_create(adapter, VMMQ_SOURCE_DROP, &sender->source, why);
	if (status != VMMQ_SUCCESS) {
		free(sender->sends);
		free(sender);
		return status;
	}
	*out = sender;
	return VMMQ_SUCCESS;
}

/* abort_offered completes what the uplink never took. */
static void abort_offered(struct vmmq_sender *sender)
{
	for (unsigned i = 0; i < sender->offered_count; i++) {
		struct send *send = sender->offered[i]->shinfo->fcb_opaque;

		send->complete.status = VMMQ_FAILURE;
		rte_pktmbuf_free(sender->offered[i]);
	}
	sender->offered_count = 0;
}

void senders_free(struct vmmq_sender *sender)
{
	while (sender) {
		struct vmmq_sender *next = sender->retired;

		free(sender->sends);
		free(sender);
		sender = next;
	}
}

void vmmq_sender_destroy(struct vmmq_sender *sender)
{
	struct vmmq_adapter *adapter;

	if (!sender)
		return;
	adapter = sender->adapter;
	abort_offered(sender);
	vmmq_source_destroy(sender->source);
	while (atomic_load_explicit(&sender->incomplete, memory_order_acquire)) {
		if (!atomic_load_explicit(&adapter->stopping, memory_order_acquire)) {
			sched_yield();
			continue;
		}
		/* No processor will deliver what is incomplete: vmmq_adapter_destroy() does. */
		sender->retired = adapter->retired_senders;
		adapter->retired_senders = sender;
		return;
	}
	senders_free(sender);
}
