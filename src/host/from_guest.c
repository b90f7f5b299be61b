/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a guest: poll of its queue -> may it send this -> tag, replication -> vmmq_send().  What the sender does not take stays
 * pending, and then nothing more is read from that queue: order is kept, memory bounded, and the guest's own ring fills.
 */
#include <string.h>

#include "host/switch.h"

/* source_is_own: a filter of that very VPort matches the source. */
static bool source_is_own(const struct forwarding *forwarding, const struct guest *guest, const struct frame *frame,
			  uint16_t vid)
{
	struct vmmq_filter_match match = forwarding_match(forwarding, frame->source, vid);

	return match.filter_id && match.vport.v == guest->vport.v;
}

/* objection returns why the guest may not send the frame in VLAN vid, or HOST_DROP_COUNT.  match: of its destination. */
static enum host_drop objection(const struct forwarding *forwarding, struct guest *guest, const struct frame *frame,
				uint16_t vid, const struct vmmq_filter_match *match)
{
	const struct forwarding_vport *vport = forwarding_vport(forwarding, guest->vport);

	if (!forwarding_admits(forwarding, vport, vid))
		return HOST_DROP_VLAN;
	if (atomic_load_explicit(&guest->anti_spoofing, memory_order_relaxed) && !vport->unfiltered &&
	    !source_is_own(forwarding, guest, frame, vid))
		return HOST_DROP_SPOOFED;
	if (match->filter_id && match->vport.v == guest->vport.v)
		return HOST_DROP_HAIRPIN;
	return HOST_DROP_COUNT;
}

/* with_vlan puts an access port's VLAN into the frame; a priority tag keeps its priority. */
static struct rte_mbuf *with_vlan(struct host *host, struct rte_mbuf *packet, const struct frame *frame, uint16_t vid)
{
	if (frame_vid(frame) == vid)
		return packet;
	if (frame->tagged)
		return frame_tag_set(packet, host->pool, (uint16_t)(frame->tci | vid));
	return frame_tag_insert(packet, host->pool, vid);
}

/* flood: the packet goes on to the uplink as well, so the copies are made of one that both hold. */
static bool flood(struct host_processor *on, struct guest *guest, struct rte_mbuf *packet, uint16_t vid)
{
	if (!storm_allows(&guest->storm, host_now_ns()))
		return false;
	rte_pktmbuf_refcnt_update(packet, 1);
	if (flood_put(on, packet, guest->vport, false, vid))
		return true;
	rte_pktmbuf_refcnt_update(packet, -1);
	return false;
}

/* admit returns the packet as it is to be sent, or NULL when it was dropped. */
static struct rte_mbuf *admit(struct host_processor *on, const struct forwarding *forwarding, struct guest *guest,
			      struct rte_mbuf *packet)
{
	const struct forwarding_vport *vport = forwarding_vport(forwarding, guest->vport);
	enum host_drop reason = HOST_DROP_MALFORMED;
	struct vmmq_filter_match match;
	struct frame frame;
	uint16_t vid;

	if (frame_read(packet, &frame)) {
		vid = vport->mode == VLAN_ACCESS && !frame_vid(&frame) ? vport->vid : frame_vid(&frame);
		match = forwarding_match(forwarding, frame.destination, vid);
		reason = objection(forwarding, guest, &frame, vid, &match);
	}
	if (reason != HOST_DROP_COUNT) {
		host_drop(on, guest->vport, reason, packet);
		return NULL;
	}
	packet = with_vlan(on->host, packet, &frame, vid);
	if (!packet)
		counter_add(&guest_counters(on, guest->vport)->drops[HOST_DROP_HOST_NO_BUFFER], 1);
	else if (!host_fits(on->host, packet))
		reason = HOST_DROP_MTU;
	else if (frame_is_group(&frame) && !match.filter_id && !flood(on, guest, packet, vid))
		reason = HOST_DROP_STORM;
	if (!packet || reason == HOST_DROP_COUNT)
		return packet;
	host_drop(on, guest->vport, reason, packet);
	return NULL;
}

/* send_pending sends what is pending and offers the uplink what it has not taken; returns how many were sent. */
static unsigned send_pending(struct guest_queue *queue)
{
	unsigned sent = vmmq_send(queue->sender, queue->guest->vport, queue->pending, queue->pending_count);

	queue->pending_count -= sent;
	memmove(queue->pending, queue->pending + sent, queue->pending_count * sizeof(queue->pending[0]));
	return sent;
}

static unsigned take_in(struct host_processor *on, const struct forwarding *forwarding, struct guest_queue *queue)
{
	struct guest *guest = queue->guest;
	struct vport_counters *counters = guest_counters(on, guest->vport);
	struct rte_mbuf *packet[BURST];
	unsigned n = ethdev_receive(guest->port.dev, queue->number, packet, BURST);
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		bytes += rte_pktmbuf_pkt_len(packet[i]);
		packet[i] = admit(on, forwarding, guest, packet[i]);
		if (!packet[i])
			continue;
		vmmq_oob_set_hash(packet[i], 0, 0);
		queue->pending[queue->pending_count++] = packet[i];
	}
	counter_add(&counters->from_guest_packets, n);
	counter_add(&counters->from_guest_bytes, bytes);
	return n;
}

unsigned guest_queue_poll(void *context)
{
	struct guest_queue *queue = context;
	struct host_processor *on = &queue->guest->host->processor[queue->assignment.processor];
	const struct forwarding *forwarding = host_enter(on);
	unsigned moved = 0;

	uplink_sending(queue, on, false);
	if (queue->pending_count || queue->backlog)
		moved += send_pending(queue);
	if (!queue->pending_count) {
		moved += take_in(on, forwarding, queue);
		if (queue->pending_count)
			send_pending(queue);
	}
	uplink_sending(NULL, NULL, false);
	host_leave(on);
	return moved;
}

bool guest_queue_arm(void *context, bool armed)
{
	struct guest_queue *queue = context;
	bool more = ethdev_arm(queue->guest->port.dev, queue->number, armed);

	return armed && (more || queue->pending_count || queue->backlog);
}

/* send_on_control: control has a place of its own among the processors. */
static void send_on_control(struct guest_queue *queue, bool discard)
{
	struct host_processor *on = host_control(queue->guest->host);

	if (!queue->pending_count && !queue->backlog)
		return;
	uplink_sending(queue, on, discard);
	send_pending(queue);
	uplink_sending(NULL, NULL, false);
}

bool guest_queue_flush(struct guest_queue *queue)
{
	send_on_control(queue, false);
	return !queue->pending_count && !queue->backlog;
}

void guest_queue_discard(struct guest_queue *queue)
{
	send_on_control(queue, true);
	while (queue->pending_count)
		host_drop(host_control(queue->guest->host), queue->guest->vport, HOST_DROP_UPLINK_DOWN,
			  queue->pending[--queue->pending_count]);
}

void guest_complete(void *context, const struct vmmq_completion *completion)
{
	struct host *host = context;
	struct host_processor *on = host_processor(host, completion->processor);

	for (unsigned i = 0; i < completion->count; i++) {
		const struct vmmq_send_complete *send = &completion->send[i];

		if (send->status == VMMQ_RESOURCES)
			counter_add(&guest_counters(on, send->vport)->unsent, 1);
		rte_pktmbuf_free(send->packet);
	}
}
