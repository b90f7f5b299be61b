/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sent packet's way: to another VPort here (a copy, or the packet itself if it was given away, through the receive path) or to
 * the uplink (uplink_attach.c).  In any case it completes on the processor that the VPort's table names (spec 9).
 */
#include <rte_mbuf.h>

#include "engine/adapter_state.h"
#include "engine/frame_tag.h"
#include "engine/oob.h"
#include "engine/sender.h"

/* Which packets are given away: nobody has them back. */
enum gives { GIVES_NOTHING, GIVES_TO_VPORTS, GIVES_ALL };

/* Where a send completes, and why there. */
struct aim {
	uint32_t hash_function; /* 0: the packet came without a hash */
	uint16_t entry;
	enum vmmq_via via;
	struct processor *processor;
};

/* aim_unhashed: where no table is read: RSS is off, or the packet came without a hash. */
static struct aim aim_unhashed(const struct vmmq_adapter *adapter, const struct vmmq_steering *rss)
{
	return (struct aim){
		.entry = VMMQ_NO_ENTRY,
		.via = rss->rss_enabled ? VMMQ_VIA_DEFAULT : VMMQ_VIA_PRIMARY,
		.processor = processor_find(adapter, rss->rss_enabled ? rss->default_processor : rss->primary),
	};
}

static uint32_t packet_hash_function(struct rte_mbuf *packet)
{
	return oob_field(packet)->hash_information & VMMQ_HASH_FUNCTION_MASK;
}

/* aim_take reads the table for a packet with the hash that it comes with, if any (spec 9, rows 2 to 5). */
static struct aim aim_take(const struct vmmq_adapter *adapter, const struct vmmq_steering *rss,
			   struct rte_mbuf *packet)
{
	const uint32_t hash_function = packet_hash_function(packet);
	struct aim aim;

	if (!rss->rss_enabled || !hash_function) {
		aim = aim_unhashed(adapter, rss);
	} else {
		aim.via = VMMQ_VIA_TABLE;
		aim.entry = (uint16_t)(packet->hash.rss & rss->index_mask);
		aim.processor = processor_find(adapter, rss->table[aim.entry]);
	}
	aim.hash_function = hash_function;
	return aim;
}

/* send_aim fills a send in; its status comes later. */
static void send_aim(struct vmmq_sender *sender, struct send *send, struct vmmq_vport_id vport,
		     const struct vmmq_steering *rss, struct rte_mbuf *packet)
{
	struct aim aim = aim_take(sender->adapter, rss, packet);

	send->complete = (struct vmmq_send_complete){
		.packet = packet,
		.sender = sender,
		.vport = vport,
		.entry = aim.entry,
		.via = aim.via,
		.hash = aim.hash_function ? packet->hash.rss : 0,
		.hash_function = aim.hash_function,
	};
	send->processor = aim.processor;
}

/* A burst that is being sent. */
struct sending {
	struct vmmq_vport_id vport; /* 0 for an unknown id (spec 9) */
	const struct vmmq_steering *rss;
	struct processor *unhashed; /* where what comes without a hash is complete */

	/* given away one after the other, with the same processor */
	struct processor *processor;
	unsigned given;

	unsigned received; /* by VPorts here: handed to the receive path */

	/* with a record: not yet counted as on their way; and of those complete already, one after the other with the same processor */
	unsigned recorded;
	struct send_run finished;
};

/* packet_to_vport gives a packet to the receive path. */
static enum handed packet_to_vport(struct vmmq_source *source, struct sending *sending, struct rte_mbuf *packet,
				   const struct vmmq_verdict *verdict)
{
	sending->received++;
	tag_sent_is_received(packet);
	return packet_hand_over(source, packet, verdict); /* DROP mode: takes it always */
}

/* send_to_vport copies the packet through the receive path; the send is complete as soon as the copy is made. */
static void send_to_vport(struct vmmq_sender *sender, struct sending *sending, struct send *send,
			  struct rte_mbuf *packet, const struct vmmq_verdict *verdict)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(packet, sender->adapter->params.pool, 0, UINT32_MAX);

	send->complete.status = VMMQ_RESOURCES;
	if (copy && packet_to_vport(sender->source, sending, copy, verdict) == HANDED_OVER)
		send->complete.status = VMMQ_SUCCESS;
}

/* send_to_uplink returns false if the send is complete, without having left. */
static bool send_to_uplink(struct vmmq_sender *sender, struct send *send, struct rte_mbuf *packet)
{
	struct rte_mbuf *ours = packet_keep(sender->adapter, packet) ? uplink_attach(sender, send, packet) : NULL;

	send->complete.status = ours ? VMMQ_SUCCESS : VMMQ_RESOURCES;
	if (ours)
		sender->offered[sender->offered_count++] = ours;
	return ours;
}

/* verdict_is_for_vport: sender is VPort 0 for an unknown id, as it is for the completion. */
static bool verdict_is_for_vport(const struct vmmq_verdict *verdict, struct vmmq_vport_id sender)
{
	return !verdict->drop && verdict->filter_id && verdict->vport.v != sender.v;
}

static void sending_begin(struct sending *sending, const struct vmmq_sender *sender, struct vmmq_vport_id vport)
{
	const struct vmmq_view *view = sender->source->link->view;

	*sending = (struct sending){ .vport = vport, .rss = vmmq_view_steering(view, vport) };
	if (!sending->rss) {
		sending->vport = VMMQ_DEFAULT_VPORT;
		sending->rss = vmmq_view_steering(view, VMMQ_DEFAULT_VPORT);
	}
	sending->unhashed = aim_unhashed(sender->adapter, sending->rss).processor;
}

/* sending_count counts what was given away where it is complete: an addition a run, for others count there, too. */
static void sending_count(struct sending *sending)
{
	if (sending->given)
		atomic_fetch_add_explicit(&sending->processor->gave_away, sending->given, memory_order_relaxed);
	sending->given = 0;
}

/* sending_note counts a packet that is given away, without a record, as complete where the table says. */
static void sending_note(struct vmmq_sender *sender, struct sending *sending, struct rte_mbuf *packet)
{
	struct processor *processor = sending->unhashed;

	if (packet_hash_function(packet))
		processor = aim_take(sender->adapter, sending->rss, packet).processor;
	if (processor != sending->processor)
		sending_count(sending);
	sending->processor = processor;
	sending->given++;
}

/* packet_give gives a packet itself to another VPort, or to the uplink; false: it cannot be given. */
static bool packet_give(struct vmmq_sender *sender, struct sending *sending, struct rte_mbuf *packet,
			const struct vmmq_verdict *verdict, enum gives gives)
{
	const bool to_vport = verdict_is_for_vport(verdict, sending->vport);

	/* What others hold, too, is not given: OOB and tags are written to it. */
	if (rte_mbuf_refcnt_read(packet) != 1 ||
	    (!to_vport && (gives != GIVES_ALL || !packet_keep(sender->adapter, packet))))
		return false;
	sending_note(sender, sending, packet);
	if (to_vport)
		packet_to_vport(sender->source, sending, packet, verdict);
	else
		sender->offered[sender->offered_count++] = packet;
	return true;
}

/* sending_finish counts what has a record as on its way, and then completes what is complete: others may have it from then on. */
static void sending_finish(struct vmmq_sender *sender, struct sending *sending)
{
	if (sending->recorded) {
		atomic_fetch_add_explicit(&sender->incomplete, sending->recorded, memory_order_relaxed);
		atomic_fetch_add_explicit(&sender->adapter->sending[sending->vport.v], sending->recorded,
					  memory_order_relaxed);
	}
	sending->recorded = 0;
	sends_finish(&sending->finished);
}

/* packet_send sends a packet with a record of it; false: all are in flight. */
static bool packet_send(struct vmmq_sender *sender, struct sending *sending, struct rte_mbuf *packet,
			const struct vmmq_verdict *verdict, bool stopping)
{
	struct send *send = send_take(sender);

	if (!send)
		return false;
	send_aim(sender, send, sending->vport, sending->rss, packet);
	sending->recorded++;
	if (stopping)
		send->complete.status = VMMQ_PAUSED;
	else if (verdict_is_for_vport(verdict, sending->vport))
		send_to_vport(sender, sending, send, packet, verdict);
	else if (send_to_uplink(sender, send, packet))
		return true;
	if (sending->finished.latest && sending->finished.latest->processor != send->processor)
		sending_finish(sender, sending);
	send_run_add(&sending->finished, send);
	return true;
}

/* send_burst takes packets while sends are free; the caller holds the source, and nothing is left offered. */
static unsigned send_burst(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			   unsigned count, enum gives gives)
{
	struct vmmq_verdict verdict[SOURCE_BURST];
	struct sending sending;
	unsigned taken;

	source_classify(sender->source, packet, true, &sender->alone, verdict, count);
	sending_begin(&sending, sender, vport);
	for (taken = 0; taken < count; taken++) {
		bool stopping = atomic_load_explicit(&sender->adapter->stopping, memory_order_relaxed);

		if (gives && !stopping && packet_give(sender, &sending, packet[taken], &verdict[taken], gives))
			continue;
		if (!packet_send(sender, &sending, packet[taken], &verdict[taken], stopping))
			break;
	}
	sending_count(&sending);
	sending_finish(sender, &sending);
	counter_add(&sender->source->received, sending.received);
	sender_note(sender);
	source_announce(sender->source);
	return taken;
}

static unsigned send_all(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
			 unsigned count, enum gives gives)
{
	unsigned taken = 0;

	source_hold(sender->source);
	source_adopt(sender->source, false);
	while (uplink_offer(sender) && taken < count) {
		unsigned n = count - taken < SOURCE_BURST ? count - taken : SOURCE_BURST;
		unsigned sent = send_burst(sender, vport, packet + taken, n, gives);

		taken += sent;
		if (sent < n) {
			uplink_offer(sender);
			break;
		}
	}
	source_release(sender->source);
	return taken;
}

unsigned vmmq_send(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
		   unsigned count)
{
	return send_all(sender, vport, packet, count, GIVES_NOTHING);
}

unsigned vmmq_transfer(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
		       unsigned count)
{
	return send_all(sender, vport, packet, count, GIVES_TO_VPORTS);
}

unsigned vmmq_give(struct vmmq_sender *sender, struct vmmq_vport_id vport, struct rte_mbuf *const packet[],
		   unsigned count)
{
	return send_all(sender, vport, packet, count, GIVES_ALL);
}
