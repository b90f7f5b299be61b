/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The uplink: poll of its queues -> vmmq_receive(); and what vmmq_give() wants out.  An uplink that is full makes its senders wait;
 * one that is down, or takes nothing for a while, makes them drop, so that guests can go on talking to each other.  A packet that it
 * will never take, for its length, is dropped alone.
 */
#include "host/switch.h"

/* On whose behalf this thread is inside vmmq_give() or vmmq_transfer(): the transmit function is told the adapter's context only. */
static _Thread_local struct {
	struct guest_queue *queue;
	struct host_processor *on;
	bool discard;
} sending;

void uplink_sending(struct guest_queue *queue, struct host_processor *on, bool discard)
{
	sending.queue = queue;
	sending.on = on;
	sending.discard = discard;
}

/* uplink_is_stuck: the device took taken packets just now; the caller holds the queue. */
static bool uplink_is_stuck(const struct host *host, struct transmit_queue *queue, unsigned taken)
{
	uint64_t now;

	if (taken) {
		queue->stuck_since_ns = 0;
		return false;
	}
	now = now_ns();
	if (!queue->stuck_since_ns)
		queue->stuck_since_ns = now;
	return now - queue->stuck_since_ns >= host->stuck_ns;
}

static uint16_t uplink_own_queue(const struct uplink *uplink, const struct host_processor *on)
{
	return on->index % uplink->port.tx_queues;
}

bool uplink_is_settled(const struct guest_queue *queue, const struct host_processor *on)
{
	const struct uplink *uplink = atomic_load_explicit(&on->host->open_uplink, memory_order_acquire); /* E2 */

	return !uplink || queue->uplink_queue == uplink_own_queue(uplink, on);
}

/*
 * uplink_queue_number returns the uplink's queue for count packets of the sending one: that of its processor; but after a move to
 * another processor the one before, until the device has finished with all that went there, so that nothing is overtaken.
 */
static uint16_t uplink_queue_number(const struct uplink *uplink, unsigned count)
{
	uint16_t own = uplink_own_queue(uplink, sending.on);
	struct guest_queue *queue = sending.queue;

	if (queue->uplink_queue == own)
		return own;
	if (queue->uplink_queue >= uplink->port.tx_queues ||
	    (queue->uplink_fence == FENCE_CLOSED &&
	     vmmq_sending_read(uplink->host->adapter, queue->guest->vport) <= count)) {
		queue->uplink_queue = own;
		queue->uplink_fence = FENCE_OPEN;
	}
	return queue->uplink_queue;
}

/* uplink_lose_too_big drops the first count packets; returns how many those are. */
static unsigned uplink_lose_too_big(struct rte_mbuf *packet[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		host_drop(sending.on, sending.queue->guest->vport, HOST_DROP_TOO_BIG, packet[i]);
	return count;
}

/*
 * uplink_skip: the device has taken none of the packets.  When that has been so for a while: if it takes nothing of anybody's, those
 * after the first are tried, the shorter ones; if it takes what others send, whole bursts, it is not full, and the first is the
 * reason.  Returns how many packets are gone.
 */
static unsigned uplink_skip(struct uplink *uplink, struct transmit_queue *queue, struct rte_mbuf *packet[],
			    unsigned count)
{
	const uint64_t now = now_ns(), patience_ns = uplink->host->stuck_ns / 2;
	struct guest_queue *from = sending.queue;
	unsigned i = 0;

	if (!from->refused_since_ns)
		from->refused_since_ns = now;
	if (now - from->refused_since_ns < patience_ns)
		return 0;
	from->refused_since_ns = now;
	if (!queue->stuck_since_ns || now - queue->stuck_since_ns < patience_ns)
		return queue->roomy ? uplink_lose_too_big(packet, 1) : 0;
	do
		i = too_big_next(packet, count, i);
	while (i < count && !ethdev_transmit(uplink->port.dev, queue->number, &packet[i], 1));
	return i < count ? uplink_lose_too_big(packet, i) + 1 : 0;
}

/* uplink_offer_queue: the caller holds the queue.  Returns how many packets are gone. */
static unsigned uplink_offer_queue(struct uplink *uplink, struct transmit_queue *queue, struct rte_mbuf *packet[],
				   unsigned count)
{
	const uint64_t lost = ethdev_lost(uplink->port.dev, queue->number);
	unsigned taken = ethdev_transmit(uplink->port.dev, queue->number, packet, count);

	if (!taken)
		return uplink_skip(uplink, queue, packet, count);
	if (sending.queue->uplink_fence == FENCE_CLOSING && ethdev_lost(uplink->port.dev, queue->number) == lost)
		sending.queue->uplink_fence = FENCE_CLOSED;
	queue->roomy = taken == count;
	sending.queue->refused_since_ns = 0;
	return taken;
}

/* uplink_offer_device: *lost: what it did not take it will not take soon. */
static unsigned uplink_offer_device(struct uplink *uplink, struct rte_mbuf *packet[], unsigned count, bool *lost)
{
	uint16_t number = uplink_queue_number(uplink, count);
	struct transmit_queue *queue = &uplink->port.transmit[number];
	unsigned taken;

	*lost = false;
	if (!transmit_try_lock(queue))
		return 0;
	taken = uplink_offer_queue(uplink, queue, packet, count);
	*lost = uplink_is_stuck(uplink->host, queue, taken) ||
		!atomic_load_explicit(&uplink->port.up, memory_order_relaxed);
	transmit_unlock(queue);
	return taken;
}

/*
 * uplink_lose: a packet does not leave the host.  A group-addressed one has gone to those that are here, which is all there is to it
 * where no uplink is wanted.
 */
static void uplink_lose(struct host *host, struct rte_mbuf *packet)
{
	struct frame frame;

	if (!atomic_load_explicit(&host->uplink_wanted, memory_order_relaxed) && frame_read(packet, &frame) &&
	    frame_is_group(&frame))
		rte_pktmbuf_free(packet);
	else
		host_drop(sending.on, sending.queue->guest->vport, HOST_DROP_UPLINK_DOWN, packet);
}

unsigned uplink_transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	struct host *host = context;
	struct uplink *uplink = atomic_load_explicit(&host->open_uplink, memory_order_acquire); /* E2 */
	unsigned taken = 0;
	bool lost = true;

	if (uplink && !sending.discard)
		taken = uplink_offer_device(uplink, packet, count, &lost);
	if (lost)
		sending.queue->refused_since_ns = 0; /* what comes next has not been refused */
	for (; lost && taken < count; taken++)
		uplink_lose(host, packet[taken]);
	sending.queue->backlog = taken < count;
	return taken;
}

unsigned uplink_queue_poll(void *context)
{
	struct uplink_queue *queue = context;
	struct rte_mbuf *packet[QUEUE_BURST];
	unsigned n = ethdev_receive(queue->uplink->port.dev, queue->number, packet, QUEUE_BURST);

	if (n)
		vmmq_receive(queue->source, packet, n); /* DROP mode: takes all */
	return n;
}

bool uplink_queue_arm(void *context, bool armed)
{
	struct uplink_queue *queue = context;

	return ethdev_arm(queue->uplink->port.dev, queue->number, armed);
}

void uplink_reap(struct uplink *uplink)
{
	for (uint16_t i = 0; uplink->port.dev && i < uplink->port.tx_queues; i++) {
		struct rte_mbuf *none = NULL;

		if (!transmit_try_lock(&uplink->port.transmit[i]))
			continue; /* it is being used, so it reaps by itself */
		ethdev_transmit(uplink->port.dev, i, &none, 0);
		transmit_unlock(&uplink->port.transmit[i]);
	}
}
