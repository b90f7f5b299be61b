/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sent packet's way: to another VPort here (a copy, through the receive path) or to the uplink (uplink_attach.c).  Either way
 * the completion goes to the processor that the VPort's table names (spec 9).
 */
#include <rte_mbuf.h>

#include "engine/adapter_state.h"
#include "engine/frame_tag.h"
#include "engine/oob.h"
#include "engine/sender.h"

/* send_take takes a free send; NULL: all are in flight. */
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

/* send_aim says on which processor the send completes (spec 9, rows 2 to 5). */
static void send_aim(struct vmmq_sender *sender, struct send *send, struct vmmq_vport_id vport,
		     struct rte_mbuf *packet)
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

/* vport_drops_for_room returns how many packets to a VPort found no room so far. */
static uint64_t vport_drops_for_room(const struct vmmq_source *source, struct vmmq_vport_id vport)
{
	const struct vport_drops *drops = &source->drops[vport.v];

	return counter_read(&drops->reason[VMMQ_DROP_INBOX_FULL]) +
	       counter_read(&drops->reason[VMMQ_DROP_SHARE_FULL]) + counter_read(&drops->reason[VMMQ_DROP_NO_BUFFER]);
}

/* send_to_vport copies the packet through the receive path; the send is complete as soon as the copy is made. */
static void send_to_vport(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet,
			  const struct vmmq_verdict *verdict)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(packet, sender->adapter->params.pool, 0, UINT32_MAX);
	struct vmmq_source *source = sender->source;

	send->complete.status = VMMQ_RESOURCES;
	if (copy) {
		uint64_t dropped = vport_drops_for_room(source, verdict->vport);

		tag_sent_is_received(copy);
		counter_add(&source->received, 1);
		packet_hand_over(source, copy, verdict); /* DROP mode: takes it always */
		if (vport_drops_for_room(source, verdict->vport) == dropped)
			send->complete.status = VMMQ_SUCCESS;
	}
	send_finish(send);
}

static void send_to_uplink(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet)
{
	struct rte_mbuf *ours = uplink_attach(sender, send, packet);

	if (!ours) {
		send->complete.status = VMMQ_RESOURCES;
		send_finish(send);
		return;
	}
	send->complete.status = VMMQ_SUCCESS;
	sender->offered[sender->offered_count++] = ours;
}

/* verdict_is_for_vport: sender is VPort 0 for an unknown id, as it is for the completion. */
static bool verdict_is_for_vport(const struct vmmq_verdict *verdict, struct vmmq_vport_id sender)
{
	return !verdict->drop && verdict->filter_id && verdict->vport.v != sender.v;
}

/* send_burst takes packets while sends are free; the caller holds the source, and nothing is left offered. */
static unsigned send_burst(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			   unsigned count)
{
	struct vmmq_verdict verdict[SOURCE_BURST];
	unsigned taken;

	source_classify(sender->source, packet, true, verdict, count);
	for (taken = 0; taken < count; taken++) {
		struct send *send = send_take(sender);

		if (!send)
			break;
		send_aim(sender, send, vport, packet[taken]);
		atomic_fetch_add_explicit(&sender->incomplete, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&sender->adapter->sending[send->complete.vport.v], 1, memory_order_relaxed);
		if (atomic_load_explicit(&sender->adapter->stopping, memory_order_relaxed)) {
			send->complete.status = VMMQ_PAUSED;
			send_finish(send);
		} else if (verdict_is_for_vport(&verdict[taken], send->complete.vport)) {
			send_to_vport(sender, send, packet[taken], &verdict[taken]);
		} else {
			send_to_uplink(sender, send, packet[taken]);
		}
	}
	source_announce(sender->source);
	return taken;
}

unsigned vmmq_send(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
		   unsigned count)
{
	unsigned taken = 0;

	source_hold(sender->source);
	source_adopt(sender->source, false);
	while (uplink_offer(sender) && taken < count) {
		unsigned n = count - taken < SOURCE_BURST ? count - taken : SOURCE_BURST;
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
