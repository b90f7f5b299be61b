/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a guest: poll of its queue -> may it send this -> tag, replication -> vmmq_give().  What the sender does not take stays
 * pending, and then nothing more is read from that queue: order is kept, memory bounded, and the guest's own ring fills.
 *
 * All queues that a processor polls send through one source.  One that another processor polls from now on goes over to that one's
 * when all that it sent before is indicated; for that it rests a moment, now and then, with what it has pending.
 */
#include <string.h>

#include "engine/oob.h"
#include "host/admission.h"

/* guest_frame_ease makes of a packet what its receiver takes; NULL: that is pieces, which queue->cut has. */
static struct rte_mbuf *guest_frame_ease(struct admission *to, struct guest_queue *queue, struct rte_mbuf *packet)
{
	const uint32_t lacks = offload_needs(packet) & ~guest_frame_receiver_takes(to, packet);

	if (!lacks)
		return packet;
	if (lacks & ETHDEV_CUT && host_fits(to->on->host, packet) && cut_begin(&queue->cut, packet))
		return NULL;
	offload_complete(packet); /* one that cannot be cut is too long now */
	return packet;
}

/* guest_queue_next returns the next packet to admit: one that came, or a piece of it; NULL: there is none, or no buffer. */
static struct rte_mbuf *guest_queue_next(struct admission *to, struct guest_queue *queue)
{
	while (!queue->cut.packet && queue->came_next < queue->came_count) {
		struct rte_mbuf *packet = queue->came[queue->came_next++];

		if (offload_needs(packet))
			packet = guest_frame_ease(to, queue, packet);
		if (packet)
			return packet;
	}
	return queue->cut.packet ? cut_next(&queue->cut, to->on->host->pool) : NULL;
}

/* guest_queue_send_fenced: what the uplink has not taken yet has no records, perhaps, and so goes first, alone. */
static unsigned guest_queue_send_fenced(struct guest_queue *queue)
{
	if (queue->uplink_fence == FENCE_OPEN && !queue->backlog)
		queue->uplink_fence = FENCE_CLOSING;
	return vmmq_transfer(queue->sender, queue->guest->vport, queue->pending,
			     queue->uplink_fence == FENCE_OPEN ? 0 : queue->pending_count);
}

/* guest_queue_send sends what is pending and offers the uplink what it has not taken; returns how many were sent. */
static unsigned guest_queue_send(struct guest_queue *queue, const struct host_processor *on)
{
	unsigned sent;

	if (uplink_is_settled(queue, on)) {
		queue->uplink_fence = FENCE_OPEN;
		sent = vmmq_give(queue->sender, queue->guest->vport, queue->pending, queue->pending_count);
	} else {
		sent = guest_queue_send_fenced(queue);
	}
	queue->pending_count -= sent;
	memmove(queue->pending, queue->pending + sent, queue->pending_count * sizeof(queue->pending[0]));
	return sent;
}

/* guest_queue_settles tells whether the queue may send: not while it rests. */
static bool guest_queue_settles(struct guest_queue *queue, const struct host_processor *on)
{
	uint64_t now;

	if (queue->joined == on->index)
		return true;
	if (vmmq_sender_join(queue->sender, on->source)) {
		queue->joined = on->index;
		queue->rest_until_ns = queue->rest_again_ns = 0;
		return true;
	}
	now = now_ns();
	if (now >= queue->rest_again_ns) {
		queue->rest_until_ns = now + REST_NS;
		queue->rest_again_ns = now + REST_EVERY_NS;
	}
	return now >= queue->rest_until_ns;
}

/* guest_queue_admit makes what came from the guest pending, as far as there is room. */
static void guest_queue_admit(struct host_processor *on, const struct forwarding *forwarding,
			      struct guest_queue *queue)
{
	struct admission to = admission_begin(on, forwarding, queue);
	struct vport_counters *counters = guest_counters(on, queue->guest->vport);
	struct rte_mbuf *packet;
	uint64_t packets = 0, bytes = 0;

	while (queue->pending_count < QUEUE_BURST && (packet = guest_queue_next(&to, queue))) {
		packets++;
		bytes += rte_pktmbuf_pkt_len(packet);
		packet = guest_packet_take(&to, packet);
		if (!packet)
			continue;
		oob_set_hash(packet, 0, 0);
		queue->pending[queue->pending_count++] = packet;
	}
	counter_add(&counters->from_guest_packets, packets);
	counter_add(&counters->from_guest_bytes, bytes);
}

/* guest_queue_has_come: some have, and are not admitted yet. */
static bool guest_queue_has_come(const struct guest_queue *queue)
{
	return queue->came_next < queue->came_count || queue->cut.packet;
}

static bool guest_queue_has_leftover(const struct guest_queue *queue)
{
	return queue->pending_count || queue->backlog || guest_queue_has_come(queue);
}

/* guest_queue_receive: what was lent is settled at the end of the turn. */
static unsigned guest_queue_receive(struct guest_queue *queue, bool may_lend)
{
	struct guest_polls *polls;
	unsigned n;

	if (!may_lend)
		return ethdev_receive(queue->dev, queue->number, queue->came, QUEUE_BURST);
	n = ethdev_receive_lent(queue->dev, queue->number, queue->came, QUEUE_BURST);
	if (n && ethdev_lends(queue->dev, queue->number)) {
		polls = &queue->guest->host->processor[queue->assignment.processor].polls;
		queue->lending_next = polls->lending;
		polls->lending = queue;
	}
	return n;
}

/* guest_queue_turn: most queues have nothing most of the time, which is found out before anything else is done. */
static unsigned guest_queue_turn(struct guest_queue *queue, bool may_lend)
{
	const struct forwarding *forwarding;
	struct host_processor *on;
	unsigned n = 0, sent = 0;

	if (!guest_queue_has_leftover(queue)) {
		n = guest_queue_receive(queue, may_lend);
		if (!n)
			return 0;
		queue->came_next = 0;
		queue->came_count = n;
	}
	on = &queue->guest->host->processor[queue->assignment.processor];
	forwarding = host_enter(on);
	uplink_sending(queue, on, false);
	if (guest_queue_has_come(queue))
		guest_queue_admit(on, forwarding, queue);
	if (guest_queue_has_leftover(queue) && guest_queue_settles(queue, on))
		sent = guest_queue_send(queue, on);
	uplink_sending(NULL, NULL, false);
	host_leave(on);
	return n ? n : sent;
}

unsigned guest_queue_poll(void *context)
{
	return guest_queue_turn(context, false);
}

unsigned guest_queue_poll_lending(struct guest_queue *queue)
{
	return guest_queue_turn(queue, true);
}

bool guest_packet_keep(void *context, struct rte_mbuf *packet)
{
	(void)context;
	return ethdev_keep(packet);
}

bool guest_packet_hand(void *context, struct rte_mbuf *packet)
{
	(void)context;
	return ethdev_hand(packet);
}

bool guest_queue_arm(void *context, bool armed)
{
	struct guest_queue *queue = context;
	bool more = ethdev_arm(queue->guest->port.dev, queue->number, armed);

	return armed &&
	       (more || guest_queue_has_leftover(queue) || ethdev_is_owed(queue->guest->port.dev, queue->number));
}

/* guest_queue_send_on_control: control has a place of its own among the processors. */
static void guest_queue_send_on_control(struct guest_queue *queue, bool discard)
{
	struct host_processor *on = host_control(queue->guest->host);

	if (!guest_queue_has_leftover(queue))
		return;
	uplink_sending(queue, on, discard);
	guest_queue_send(queue, on);
	uplink_sending(NULL, NULL, false);
}

/* guest_queue_forget: what has come and is not admitted might as well have stayed with the guest. */
static void guest_queue_forget(struct guest_queue *queue)
{
	cut_end(&queue->cut);
	while (queue->came_next < queue->came_count)
		rte_pktmbuf_free(queue->came[queue->came_next++]);
}

bool guest_queue_flush(struct guest_queue *queue)
{
	guest_queue_forget(queue);
	guest_queue_send_on_control(queue, false);
	return !guest_queue_has_leftover(queue);
}

void guest_queue_discard(struct guest_queue *queue)
{
	guest_queue_forget(queue);
	guest_queue_send_on_control(queue, true);
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

		if (send->status == VMMQ_RESOURCES) /* on its way to the uplink: other VPorts need none */
			counter_add(&guest_counters(on, send->vport)->drops[HOST_DROP_HOST_NO_BUFFER], 1);
		rte_pktmbuf_free(send->packet);
	}
}
