/* SPDX-License-Identifier: BSD-2-Clause */
/* A received packet's way: classify -> admit -> inbox of the target -> interrupt. */
#include <assert.h>
#include <rte_mbuf.h>

#include "base/inline.h"
#include "core/wire_format.h"
#include "engine/adapter_state.h"
#include "engine/call.h"
#include "engine/frame_tag.h"
#include "engine/oob.h"
#include "engine/source.h"

static_assert(ETHERNET_LEN + TAG_LEN * VMMQ_VLAN_TAGS_MAX + IPV6_LEN + VMMQ_IPV6_EXT_BYTES_MAX + TCP_LEN <=
		  VMMQ_HEADERS_MAX,
	      "the longest headers that vmmq_parse() understands are looked at whole");
static_assert(VMMQ_TUNNEL_HEADERS_MAX <= VMMQ_HEADERS_MAX, "and those inside tunnels");

/* packet_headers returns the packet's first bytes in one piece: where they lie, or copied to scratch from several segments. */
static const uint8_t *packet_headers(struct rte_mbuf *packet, uint8_t scratch[VMMQ_HEADERS_MAX], uint32_t *len)
{
	uint32_t present = rte_pktmbuf_pkt_len(packet);

	if (packet->nb_segs == 1 || rte_pktmbuf_data_len(packet) >= VMMQ_HEADERS_MAX) {
		*len = rte_pktmbuf_data_len(packet);
		return rte_pktmbuf_mtod(packet, const uint8_t *);
	}
	*len = present < VMMQ_HEADERS_MAX ? present : VMMQ_HEADERS_MAX;
	return rte_pktmbuf_read(packet, 0, *len, scratch);
}

/* source_hash_check looks at a hash that was computed although the device gave one: from a wrong one on none is taken any more. */
static void source_hash_check(struct vmmq_source *source, struct vmmq_given *given,
			      const struct vmmq_verdict verdict[], unsigned count)
{
	source->until_sample = given->until_sample ? given->until_sample : HASH_SAMPLE_EVERY;
	if (given->sampled == count || verdict[given->sampled].hash == given->hash[given->sampled].value)
		return;
	source->device.hash_types = 0;
	counter_add(&source->hash_mismatches, 1);
}

/* source_classify_beside: something stands beside the frames, a device's hashes or tags. */
static void source_classify_beside(struct vmmq_source *source, struct rte_mbuf *const packet[], bool sent,
				   const uint8_t *const frame[], const uint32_t len[], struct vmmq_verdict verdict[],
				   unsigned count)
{
	struct vmmq_given given = { .until_sample = source->until_sample };
	struct vmmq_given_hash hash[SOURCE_BURST];
	struct vmmq_given_tag tag[SOURCE_BURST];

	for (unsigned i = 0; i < SOURCE_BURST && i < count; i++) {
		hash[i] = (struct vmmq_given_hash){ .value = packet[i]->hash.rss,
						    .given = packet[i]->ol_flags & RTE_MBUF_F_RX_RSS_HASH };
		tag[i] = sent ? tag_to_send(packet[i]) : tag_received(packet[i]);
	}
	given.tag = tag;
	if (source->device.hash_types) {
		given.device = &source->device;
		given.hash = hash;
	}
	vmmq_classify_burst_given(source->link->view, &given, frame, len, verdict, count);
	if (given.hash)
		source_hash_check(source, &given, verdict, count);
}

/* classify_alone: who sends one packet at a time mostly sends it on the flow of the last. */
static void classify_alone(const struct view_link *link, struct flow_seen *alone, const uint8_t *frame, uint32_t len,
			   struct vmmq_verdict *verdict)
{
	if (flow_is(alone, link->version, frame, len)) {
		*verdict = alone->verdict;
		return;
	}
	vmmq_classify_burst(link->view, &frame, &len, verdict, 1);
	if (link->view->outer_only)
		flow_see(alone, link->version, frame, len, verdict);
}

void source_classify(struct vmmq_source *source, struct rte_mbuf *const packet[], bool sent, struct flow_seen *alone,
		     struct vmmq_verdict verdict[], unsigned count)
{
	uint8_t scratch[SOURCE_BURST][VMMQ_HEADERS_MAX];
	const uint8_t *frame[SOURCE_BURST];
	uint32_t len[SOURCE_BURST];
	uint64_t flags = 0;

	for (unsigned i = 0; i < SOURCE_BURST && i < count; i++) {
		frame[i] = packet_headers(packet[i], scratch[i], &len[i]);
		flags |= packet[i]->ol_flags;
	}
	if (source->device.hash_types || flags & (sent ? TAG_TO_SEND : TAG_RECEIVED))
		source_classify_beside(source, packet, sent, frame, len, verdict, count);
	else if (count == 1)
		classify_alone(source->link, alone, frame[0], len[0], verdict);
	else
		vmmq_classify_burst(source->link->view, frame, len, verdict, count);
}

RARE void packet_drop(struct vmmq_source *source, struct rte_mbuf *packet, struct vmmq_vport_id vport,
		      enum vmmq_drop reason)
{
	const struct vmmq_adapter_params *params = &source->adapter->params;

	counter_add(&source->drops[vport.v].reason[reason], 1);
	if (params->drop)
		params->drop(params->context, vport, reason, packet);
	rte_pktmbuf_free(packet);
}

/* inbox_touch notes an inbox for source_announce(), which shows all there is: so with its first packet only. */
static void inbox_touch(struct vmmq_source *source, struct inbox *inbox, processor_slot slot)
{
	if (inbox->put - atomic_load_explicit(&inbox->tail, memory_order_relaxed) > 1)
		return;
	source->touched[source->touched_count] = inbox;
	source->touched_slot[source->touched_count++] = slot;
}

bool packet_keep(const struct vmmq_adapter *adapter, struct rte_mbuf *packet)
{
	const struct vmmq_adapter_params *params = &adapter->params;

	return packet->nb_segs == 1 || !params->keep || params->keep(params->context, packet);
}

/* packet_may_be_lent: the processor is in a turn on this thread. */
static bool packet_may_be_lent(const struct processor *processor)
{
	return processor_is_held_here(processor) && processor->turning;
}

/* packet_refuse: there is no room for the packet in the inbox, or no inbox. */
RARE enum handed packet_refuse(struct vmmq_source *source, processor_slot slot, struct rte_mbuf *packet,
			       struct vmmq_vport_id vport, enum inbox_put admitted)
{
	if (source->mode == VMMQ_SOURCE_WAIT)
		return HANDED_LATER;
	atomic_fetch_add_explicit(&source->adapter->processor[slot].refused, 1, memory_order_relaxed);
	packet_drop(source, packet, vport, admitted == INBOX_FULL ? VMMQ_DROP_INBOX_FULL : VMMQ_DROP_SHARE_FULL);
	return HANDED_DROPPED;
}

static inline enum handed packet_put(struct vmmq_source *source, struct inbox *inbox, processor_slot slot,
				     struct rte_mbuf *packet, const struct vmmq_verdict *verdict)
{
	oob_set(packet, verdict);
	inbox_put(inbox, packet, verdict->vport);
	inbox_touch(source, inbox, slot);
	return HANDED_OVER;
}

/* packet_hand makes a packet's bytes such as the processor may have; false: no buffers. */
static bool packet_hand(const struct vmmq_adapter *adapter, processor_slot slot, struct rte_mbuf *packet)
{
	const struct vmmq_adapter_params *params = &adapter->params;

	if (packet->nb_segs == 1 || packet_may_be_lent(&adapter->processor[slot]))
		return true;
	return params->hand ? params->hand(params->context, packet) : packet_keep(adapter, packet);
}

/* packet_put_other puts one that may not stay as it is: lent bytes, or tags, of it. */
RARE enum handed packet_put_other(struct vmmq_source *source, struct inbox *inbox, processor_slot slot,
				  struct rte_mbuf *packet, const struct vmmq_verdict *verdict)
{
	struct rte_mbuf *own = packet;

	if (!packet_hand(source->adapter, slot, packet))
		own = NULL;
	else if (verdict->strip || packet->ol_flags & TAG_RECEIVED)
		own = packet_settle_tags(source->adapter, packet, verdict->strip);
	if (own)
		return packet_put(source, inbox, slot, own, verdict);
	packet_drop(source, packet, verdict->vport, VMMQ_DROP_NO_BUFFER);
	return HANDED_DROPPED;
}

/* packet_hand_over_first: there is no inbox yet. */
RARE enum handed packet_hand_over_first(struct vmmq_source *source, processor_slot slot, struct rte_mbuf *packet,
					const struct vmmq_verdict *verdict)
{
	if (!source_inbox_make(source, slot))
		return packet_refuse(source, slot, packet, verdict->vport, INBOX_FULL);
	return packet_hand_over(source, packet, verdict);
}

RARE enum handed packet_hand_over_none(struct vmmq_source *source, struct rte_mbuf *packet,
				       const struct vmmq_verdict *verdict)
{
	packet_drop(source, packet, verdict->vport, (enum vmmq_drop)verdict->drop);
	return HANDED_DROPPED;
}

/* What few packets meet is done by others, and last, so that most need none of the registers that calls keep. */
enum handed packet_hand_over(struct vmmq_source *source, struct rte_mbuf *packet, const struct vmmq_verdict *verdict)
{
	const processor_slot slot = source->adapter->slot_of[verdict->processor.v];
	enum inbox_put admitted;
	struct inbox *inbox;

	if (verdict->drop)
		return packet_hand_over_none(source, packet, verdict);
	inbox = source_inbox_find(source, slot);
	if (!inbox)
		return packet_hand_over_first(source, slot, packet, verdict);
	admitted = inbox_admits(inbox, verdict->vport);
	if (admitted != INBOX_PUT)
		return packet_refuse(source, slot, packet, verdict->vport, admitted);
	if (packet->nb_segs > 1 || verdict->strip || packet->ol_flags & TAG_RECEIVED)
		return packet_put_other(source, inbox, slot, packet, verdict);
	return packet_put(source, inbox, slot, packet, verdict);
}

bool inbox_announce(struct vmmq_source *source, struct inbox *inbox, processor_slot slot)
{
	struct processor *processor = &source->adapter->processor[slot];

	inbox_show(inbox, &processor->fresh);
	return interrupt_ring(&processor->interrupt);
}

void source_announce(struct vmmq_source *source)
{
	assert(source_is_held(source));
	for (unsigned i = 0; i < source->touched_count; i++) {
		struct inbox *inbox = source->touched[i];
		uint64_t fresh = inbox->put - atomic_load_explicit(&inbox->tail, memory_order_relaxed);

		if (inbox_announce(source, inbox, source->touched_slot[i]))
			atomic_fetch_add_explicit(&source->adapter->processor[source->touched_slot[i]].rung, fresh,
						  memory_order_relaxed);
	}
	source->touched_count = 0;
}

static unsigned source_receive_burst(struct vmmq_source *source, struct rte_mbuf *packet[], unsigned count)
{
	struct vmmq_verdict verdict[SOURCE_BURST];
	unsigned taken = 0;

	source_classify(source, packet, false, &source->alone, verdict, count);
	while (taken < count && packet_hand_over(source, packet[taken], &verdict[taken]) != HANDED_LATER)
		taken++;
	source_announce(source);
	counter_add(&source->received, taken);
	return taken;
}

unsigned vmmq_receive(struct vmmq_source *source, struct rte_mbuf *packet[], unsigned count)
{
	unsigned taken = 0;

	source_hold(source);
	while (taken < count) {
		unsigned n = count - taken < SOURCE_BURST ? count - taken : SOURCE_BURST;
		unsigned accepted;

		source_adopt(source, false);
		accepted = source_receive_burst(source, packet + taken, n);
		taken += accepted;
		if (accepted < n)
			break;
	}
	source_release(source);
	return taken;
}
