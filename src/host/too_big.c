/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame that is longer than what the other side takes (a guest's receive buffers, a TAP's MTU) is refused for good, and would
 * stop all that is behind it: devices take frames in order, and do not say why they stop.  What tells this from a queue that
 * is only full: a shorter frame from behind is taken where the long one was refused just before.  That is tried after a
 * while in which nothing was taken: a short one if the frame is longer than all that were taken before.  Then it is dropped and
 * its length remembered; from then on such frames are dropped at once, but for one a second: buffers may have grown.
 */
#include "host/switch.h"

#define DOUBT_NS 1000000u /* a frame longer than all that were taken is refused for so long before others are tried */

bool too_big_is_doubted(const struct transmit_queue *queue, const struct rte_mbuf *packet, uint64_t since_ns,
			uint64_t patience_ns)
{
	const uint32_t len = rte_pktmbuf_pkt_len(packet);

	if (!since_ns)
		return false;
	if (len > queue->longest || len >= queue->too_big)
		patience_ns = patience_ns < DOUBT_NS ? patience_ns : DOUBT_NS;
	return now_ns() - since_ns >= patience_ns;
}

unsigned too_big_next(struct rte_mbuf *const packet[], unsigned count, unsigned refused)
{
	unsigned i = refused + 1;

	while (i < count && rte_pktmbuf_pkt_len(packet[i]) >= rte_pktmbuf_pkt_len(packet[refused]))
		i++;
	return i;
}

void too_big_learn(struct transmit_queue *queue, uint32_t len)
{
	queue->too_big = len;
	queue->too_big_trial_ns = now_ns() + SECOND_NS;
	if (queue->longest >= len)
		queue->longest = len - 1;
}

bool too_big_is_known(struct transmit_queue *queue, const struct rte_mbuf *packet)
{
	uint64_t now;

	if (rte_pktmbuf_pkt_len(packet) < queue->too_big)
		return false;
	now = now_ns();
	if (now < queue->too_big_trial_ns)
		return true;
	queue->too_big_trial_ns = now + SECOND_NS;
	return false;
}
