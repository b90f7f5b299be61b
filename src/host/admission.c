/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/admission.h"

#include <assert.h>
#include <string.h>

struct admission admission_begin(struct host_processor *on, const struct forwarding *forwarding,
				 struct guest_queue *queue)
{
	struct guest *guest = queue->guest;
	const bool anti_spoofing = atomic_load_explicit(&guest->anti_spoofing, memory_order_relaxed),
		   control_frames = guest_is_trusted(guest);
	struct admitted *admitted = &queue->admitted;

	if (admitted->version != forwarding->version || admitted->anti_spoofing != anti_spoofing ||
	    admitted->control_frames != control_frames)
		*admitted = (struct admitted){ .version = forwarding->version,
					       .anti_spoofing = anti_spoofing,
					       .control_frames = control_frames };
	return (struct admission){ on, forwarding, forwarding_vport(forwarding, guest->vport), guest, admitted };
}

static const struct vmmq_filter_match *guest_frame_match(const struct forwarding *forwarding, struct known *known,
							 const uint8_t mac[VMMQ_MAC_LEN], uint16_t vid)
{
	if (known->valid && known->vid == vid && !memcmp(known->mac, mac, VMMQ_MAC_LEN))
		return &known->match;
	known->valid = true;
	known->vid = vid;
	memcpy(known->mac, mac, VMMQ_MAC_LEN);
	known->match = forwarding_match(forwarding, mac, vid);
	return &known->match;
}

/* guest_frame_is_own: a filter of that very VPort matched. */
static bool guest_frame_is_own(const struct vmmq_filter_match *match, const struct guest *guest)
{
	return match->filter_id && match->vport.v == guest->vport.v;
}

/*
 * guest_frame_tags_are_fit tells whether the guest may send such tags, given that its VPort belongs to the VLAN of the outermost.  One
 * that sees no tags sends none but a plain priority tag, which says nothing of a VLAN (IEEE 802.1Q, 6.9).  A trunk's own
 * outermost tag says which VLAN the frame is in, and what is behind it is payload: so nothing may stand there that the next
 * switch could take for that tag instead, except where the VPort belongs to every VLAN.
 */
static bool guest_frame_tags_are_fit(const struct admission *to, const struct frame *frame)
{
	const bool trunk = to->vport->mode == VLAN_TRUNK;

	if ((trunk && frame_vid(frame)) || !frame_type_tags(frame->type))
		return true;
	if (frame->type == ETHERTYPE_DOT1Q && !frame_vid(frame) && !frame_type_tags(frame->inner))
		return true;
	return trunk && forwarding_admits_all(to->forwarding, to->vport);
}

/*
 * guest_frame_special_objection returns why the guest may not send a frame of such a type, or to such an address, or HOST_DROP_COUNT.
 * What is of the link between guest and switch goes no further: never MAC control, the rest only from those that are trusted.
 */
static enum host_drop guest_frame_special_objection(const struct admission *to, const struct frame *frame)
{
	if (!guest_frame_tags_are_fit(to, frame))
		return HOST_DROP_TAGGED;
	if (frame_is_mac_control(frame) || (frame_is_reserved(frame->destination) && !to->admitted->control_frames))
		return HOST_DROP_CONTROL_FRAME;
	return HOST_DROP_COUNT;
}

/* guest_frame_is_special: most frames are of IP or ARP, to one receiver, and there is nothing else to see to. */
static bool guest_frame_is_special(const struct frame *frame)
{
	static_assert(FRAME_TYPE_MAC_CONTROL > ETHERTYPE_DOT1Q, "the lowest of the types that are looked for");

	return frame_is_group(frame) || (frame->type >= ETHERTYPE_DOT1Q && frame->type != ETHERTYPE_IPV6);
}

/* guest_frame_objection returns why the guest may not send the frame in VLAN vid, or HOST_DROP_COUNT. */
static enum host_drop guest_frame_objection(struct admission *to, const struct frame *frame, uint16_t vid,
					    const struct vmmq_filter_match *destination)
{
	enum host_drop special;

	if (!forwarding_admits(to->forwarding, to->vport, vid))
		return HOST_DROP_VLAN;
	if (guest_frame_is_special(frame)) {
		special = guest_frame_special_objection(to, frame);
		if (special != HOST_DROP_COUNT)
			return special;
	}
	if (to->admitted->anti_spoofing && !to->vport->unfiltered &&
	    !guest_frame_is_own(guest_frame_match(to->forwarding, &to->admitted->source, frame->source, vid),
				to->guest))
		return HOST_DROP_SPOOFED;
	if (guest_frame_is_own(destination, to->guest))
		return HOST_DROP_HAIRPIN;
	return HOST_DROP_COUNT;
}

/* guest_frame_tag puts an access port's VLAN into the frame; a priority tag keeps its priority. */
static struct rte_mbuf *guest_frame_tag(struct host *host, struct rte_mbuf *packet, const struct frame *frame,
					uint16_t vid)
{
	if (frame_vid(frame) == vid)
		return packet;
	if (frame->tagged)
		return frame_tag_set(packet, host->pool, (uint16_t)(frame->tci | vid));
	return frame_tag_insert(packet, host->pool, vid);
}

/*
 * guest_frame_flood: the packet goes on to the uplink as well, so the copies are made of one that both hold; what is lent to it is kept before.  Returns
 * why it cannot be replicated, or HOST_DROP_COUNT.
 */
static enum host_drop guest_frame_flood(struct host_processor *on, struct guest *guest, struct rte_mbuf *packet,
					const struct frame *frame, uint16_t vid)
{
	if (!storm_allows(&guest->storm, now_ns()))
		return HOST_DROP_STORM;
	if (!ethdev_keep(packet))
		return HOST_DROP_HOST_NO_BUFFER;
	rte_pktmbuf_refcnt_update(packet, 1);
	if (flood_put(on, packet, frame, vid, guest->vport, false))
		return HOST_DROP_COUNT;
	rte_pktmbuf_refcnt_update(packet, -1);
	return HOST_DROP_STORM;
}

/* guest_frame_vid returns the VLAN that the frame is in. */
static uint16_t guest_frame_vid(const struct admission *to, const struct frame *frame)
{
	return to->vport->mode == VLAN_ACCESS && !frame_vid(frame) ? to->vport->vid : frame_vid(frame);
}

static void admission_note(struct admission *to, const struct rte_mbuf *packet)
{
	to->admitted->passed.valid = true;
	memcpy(to->admitted->passed.begins, rte_pktmbuf_mtod(packet, const void *), FRAME_HEADER_LEN);
}

/* guest_frame_admit returns the packet as it is to be sent, or NULL when it was dropped. */
static struct rte_mbuf *guest_frame_admit(struct admission *to, struct rte_mbuf *packet)
{
	const struct vmmq_filter_match *destination = NULL;
	enum host_drop reason = HOST_DROP_MALFORMED;
	struct host_processor *on = to->on;
	bool as_it_came = false;
	struct frame frame;
	uint16_t vid;

	if (frame_read(packet, &frame)) {
		vid = guest_frame_vid(to, &frame);
		destination = guest_frame_match(to->forwarding, &to->admitted->destination, frame.destination, vid);
		reason = guest_frame_objection(to, &frame, vid, destination);
	}
	if (reason != HOST_DROP_COUNT) {
		host_drop(on, to->guest->vport, reason, packet);
		return NULL;
	}
	as_it_came = !frame.tagged && !vid;
	packet = guest_frame_tag(on->host, packet, &frame, vid);
	if (!packet)
		counter_add(&guest_counters(on, to->guest->vport)->drops[HOST_DROP_HOST_NO_BUFFER], 1);
	else if (!host_fits(on->host, packet))
		reason = HOST_DROP_MTU;
	else if (frame_is_group(&frame) && !destination->filter_id)
		reason = guest_frame_flood(on, to->guest, packet, &frame, vid);
	else if (as_it_came && rte_pktmbuf_data_len(packet) >= FRAME_HEADER_LEN)
		admission_note(to, packet);
	if (!packet || reason == HOST_DROP_COUNT)
		return packet;
	host_drop(on, to->guest->vport, reason, packet);
	return NULL;
}

struct rte_mbuf *guest_packet_judge(struct admission *to, struct rte_mbuf *packet)
{
	packet = frame_tags_restore(packet, to->on->host->pool);
	if (packet)
		return guest_frame_admit(to, packet);
	counter_add(&guest_counters(to->on, to->guest->vport)->drops[HOST_DROP_HOST_NO_BUFFER], 1);
	return NULL;
}

/* guest_frame_may_stray: a tunnel over UDP may go to another guest than its destination's, and that one may take less. */
static bool guest_frame_may_stray(const struct forwarding *forwarding, const struct rte_mbuf *packet)
{
	return forwarding->looks_inside && (packet->ol_flags & RTE_MBUF_F_TX_L4_MASK) != RTE_MBUF_F_TX_TCP_CKSUM;
}

uint32_t guest_frame_receiver_takes(struct admission *to, const struct rte_mbuf *packet)
{
	const struct vmmq_filter_match *destination;
	const struct guest *guest;
	struct frame frame;

	if (!frame_read(packet, &frame) || frame_is_group(&frame) || guest_frame_may_stray(to->forwarding, packet))
		return 0;
	destination = guest_frame_match(to->forwarding, &to->admitted->destination, frame.destination,
					guest_frame_vid(to, &frame));
	guest =
	    destination->filter_id ? forwarding_guest(forwarding_vport(to->forwarding, destination->vport)) : NULL;
	return guest ? ethdev_takes(guest->port.dev) : 0;
}
