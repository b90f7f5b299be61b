/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * To a guest: what is indicated on its VPort, as it sees it, into the backend's queue that belongs to the processor.  Never
 * waits: what the backend does not take is put aside, so a guest that does not read costs nobody else anything.
 */
#include <string.h>

#include "engine/frame_tag.h"
#include "engine/oob.h"
#include "host/switch.h"

#define DELIVER_MAX 64u

/* first_longer returns the first packet that is longer than any that the queue took before. */
static unsigned first_longer(const struct transmit_queue *queue, struct rte_mbuf *const packet[])
{
	unsigned i = 0;

	while (rte_pktmbuf_pkt_len(packet[i]) <= queue->longest)
		i++;
	return i;
}

unsigned deliver_offer(struct vport_counters *counters, struct transmit_queue *queue, struct rte_mbuf *packet[],
		       unsigned count)
{
	unsigned taken, longer = count;
	uint32_t longest = 0;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < count; i++) {
		uint32_t len = rte_pktmbuf_pkt_len(packet[i]);

		bytes += len;
		longest = len > longest ? len : longest;
	}
	if (longest > queue->longest) { /* seldom */
		longer = first_longer(queue, packet);
		longest = rte_pktmbuf_pkt_len(packet[longer]);
	}
	taken = ethdev_transmit(queue->guest->port.dev, queue->number, packet, count); /* those are gone */
	for (unsigned i = taken; i < count; i++)
		bytes -= rte_pktmbuf_pkt_len(packet[i]);
	counter_add(&counters->to_guest_packets, taken);
	counter_add(&counters->to_guest_bytes, bytes);
	if (longer < taken)
		too_big_note(queue, longest);
	if (taken)
		queue->stuck_since_ns = 0;
	else if (!queue->stuck_since_ns)
		queue->stuck_since_ns = now_ns();
	return taken;
}

/* deliver_fitting drops what the queue is known not to take, for its length; returns how many packets are left. */
static unsigned deliver_fitting(struct host_processor *on, struct transmit_queue *queue, struct rte_mbuf *packet[],
				unsigned count)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		if (too_big_is_known(queue, packet[i]))
			host_drop(on, queue->guest->vport, HOST_DROP_TOO_BIG, packet[i]);
		else
			packet[n++] = packet[i];
	return n;
}

void deliver_packets(struct host_processor *on, struct guest *guest, struct rte_mbuf *packet[], unsigned count)
{
	uint8_t number = atomic_load_explicit(&guest->queue_of[on->index], memory_order_relaxed);
	struct transmit_queue *queue = &guest->port.transmit[number];
	struct vport_counters *counters = guest_counters(on, guest->vport);
	unsigned taken = 0;

	if (!count)
		return;
	transmit_lock(queue);
	if (queue->too_big != TOO_BIG_NONE)
		count = deliver_fitting(on, queue, packet, count);
	if (!queue->waiting_count || waiting_offer(on, queue))
		taken = deliver_offer(counters, queue, packet, count);
	if (taken < count)
		waiting_put(on, queue, packet + taken, count - taken);
	calls_note_moderated(on, queue);
	transmit_unlock(queue);
}

/*
 * packet_as_seen makes the frame as the guest sees it.  An access port's guest sees no tag; a trunk's the tag that the adapter took
 * out.  *member: whether the VPort belongs to the frame's VLAN; VPort 0 gets frames of any.  NULL: no buffer.
 */
static struct rte_mbuf *packet_as_seen(struct host *host, const struct forwarding *forwarding,
				       struct vmmq_vport_id id, struct rte_mbuf *packet, bool *member)
{
	const struct forwarding_vport *vport = forwarding_vport(forwarding, id);
	const struct oob_field *field = oob_field(packet);
	const bool stripped = packet->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED;
	struct frame frame;

	*member = true;
	ethdev_hash_set(packet, field->vport == id.v ? field->hash_information & VMMQ_HASH_TYPE_MASK : 0);
	tags_forget(packet);
	if (stripped)
		return vport->mode == VLAN_TRUNK
			   ? frame_tag_put(packet, host->pool, packet->vlan_tci_outer, packet->vlan_tci)
			   : packet;
	if ((vport->mode != VLAN_ACCESS && id.v) || !frame_read(packet, &frame))
		return packet;
	if (vport->mode == VLAN_ACCESS && frame.tagged && frame_vid(&frame) == vport->vid)
		return frame_tag_remove(packet, host->pool);
	*member = id.v || forwarding_admits(forwarding, vport, frame_vid(&frame));
	return packet;
}

struct rte_mbuf *deliver_prepare(struct host_processor *on, const struct forwarding *forwarding,
				 struct vmmq_vport_id vport, struct rte_mbuf *packet)
{
	bool member;
	struct rte_mbuf *seen = packet_as_seen(on->host, forwarding, vport, packet, &member);

	if (!seen) {
		counter_add(&guest_counters(on, vport)->drops[HOST_DROP_HOST_NO_BUFFER], 1);
		return NULL;
	}
	if (member && host_fits(on->host, seen))
		return seen;
	host_drop(on, vport, member ? HOST_DROP_MTU : HOST_DROP_VLAN, seen);
	return NULL;
}

/* packet_is_flooded tells whether a packet on VPort 0 is to be replicated: group-addressed, and no filter has brought it. */
static bool packet_is_flooded(const struct forwarding *forwarding, struct rte_mbuf *packet, struct frame *frame)
{
	struct vmmq_oob oob;

	vmmq_oob_get(packet, &oob);
	return !oob.stripped && frame_read(packet, frame) && frame_is_group(frame) &&
	       !forwarding_match(forwarding, frame->destination, frame_vid(frame)).filter_id;
}

/* packet_flood returns why a packet is not replicated, or HOST_DROP_COUNT. */
static enum host_drop packet_flood(struct host_processor *on, struct rte_mbuf *packet, const struct frame *frame)
{
	if (frame_is_mac_control(frame))
		return HOST_DROP_CONTROL_FRAME;
	if (!storm_allows(&on->host->uplink_storm, now_ns()) ||
	    !flood_put(on, packet, frame, frame_vid(frame), VMMQ_DEFAULT_VPORT, true))
		return HOST_DROP_STORM;
	return HOST_DROP_COUNT;
}

/* packet_is_kept tells whether a VPort that has a filter for a reserved address does not get the packet: it is for such, and not trusted with it. */
static bool packet_is_kept(const struct guest *guest, struct rte_mbuf *packet)
{
	struct frame frame;

	return frame_read(packet, &frame) && frame_is_reserved(frame.destination) &&
	       (!guest_is_trusted(guest) || frame_is_mac_control(&frame));
}

/* packet_is_seen_as_it_is: it is ready for a guest that sees no tag taken out of a frame, or put into it, and this one has none outside of it: most are so. */
static inline bool packet_is_seen_as_it_is(const struct host *host, struct rte_mbuf *packet)
{
	if (packet->ol_flags & TAG_RECEIVED || !host_fits(host, packet))
		return false;
	ethdev_hash_set(packet, oob_field(packet)->hash_information & VMMQ_HASH_TYPE_MASK);
	tags_forget(packet);
	return true;
}

/*
 * packet_is_here makes what is lent to a packet from another processor ours for the turn, at whose end a guest's packets are in its memory, or wait with bytes of their own; those of
 * VPort 0 may go anywhere.  false: no buffers; it is dropped.
 */
static bool packet_is_here(struct host_processor *on, struct vmmq_vport_id vport, struct rte_mbuf *packet)
{
	if (vport.v) {
		ethdev_take(packet);
		return true;
	}
	if (ethdev_keep(packet))
		return true;
	host_drop(on, vport, HOST_DROP_HOST_NO_BUFFER, packet);
	return false;
}

/* deliver_or_flood: the packets are the host's, at most DELIVER_MAX, and the VPort's by their OOB. */
static void deliver_or_flood(struct host_processor *on, const struct forwarding *forwarding,
			     struct vmmq_vport_id vport, struct rte_mbuf *packet[], unsigned count)
{
	const struct forwarding_vport *to = forwarding_vport(forwarding, vport);
	const bool reserved = to->reserved;
	struct guest *guest = forwarding_guest(to);
	const bool as_they_are = vport.v && guest && !reserved && to->mode != VLAN_ACCESS;
	struct rte_mbuf *ready[DELIVER_MAX];
	enum host_drop reason;
	struct frame frame;
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++) {
		if (packet[i]->nb_segs > 1 && !packet_is_here(on, vport, packet[i]))
			continue;
		if (as_they_are && packet_is_seen_as_it_is(on->host, packet[i])) {
			ready[n++] = packet[i];
		} else if (!vport.v && packet_is_flooded(forwarding, packet[i], &frame)) {
			reason = packet_flood(on, packet[i], &frame);
			if (reason != HOST_DROP_COUNT)
				host_drop(on, vport, reason, packet[i]);
		} else if (!guest) {
			host_drop(on, vport, HOST_DROP_NO_BACKEND, packet[i]);
		} else if (reserved && packet_is_kept(guest, packet[i])) {
			host_drop(on, vport, HOST_DROP_CONTROL_FRAME, packet[i]);
		} else {
			ready[n] = deliver_prepare(on, forwarding, vport, packet[i]);
			n += ready[n] != NULL;
		}
	}
	if (guest)
		deliver_packets(on, guest, ready, n);
}

/* packets_claim makes the packets the host's: for good, or as copies where the adapter wants them back (spec 5.3). */
static unsigned packets_claim(struct host_processor *on, const struct vmmq_indication *indication, unsigned from,
			      struct rte_mbuf *packet[DELIVER_MAX])
{
	unsigned left = indication->count - from, n = 0;

	left = left < DELIVER_MAX ? left : DELIVER_MAX;
	if (!(indication->flags & VMMQ_INDICATE_RESOURCES)) {
		vmmq_take_packets(on->host->adapter, indication->packet + from, left);
		memcpy(packet, indication->packet + from, left * sizeof(packet[0]));
		return left;
	}
	for (unsigned i = 0; i < left; i++) {
		ethdev_take(indication->packet[from + i]);
		packet[n] = rte_pktmbuf_copy(indication->packet[from + i], on->host->pool, 0, UINT32_MAX);
		if (packet[n])
			n++;
		else
			counter_add(&guest_counters(on, indication->vport)->drops[HOST_DROP_HOST_NO_BUFFER], 1);
	}
	return n;
}

void deliver_indication(void *context, const struct vmmq_indication *indication)
{
	struct host *host = context;
	struct host_processor *on = host_processor(host, indication->processor);
	const struct forwarding *forwarding = host_enter(on);
	struct rte_mbuf *packet[DELIVER_MAX];

	sampling_look(&host->sampling, indication);
	for (unsigned at = 0; at < indication->count; at += DELIVER_MAX) {
		unsigned n = packets_claim(on, indication, at, packet);

		deliver_or_flood(on, forwarding, indication->vport, packet, n);
	}
	host_leave(on);
}
