/* SPDX-License-Identifier: BSD-2-Clause */
/* The packet's path. */
#include "ports/ethdev.h"
#include "ports/ethdev_checksum.h"
#include "ports/ethdev_offload.h"
#include "ports/ethdev_port.h"
#include "ports/vhost_user.h"

#include <rte_mbuf.h>

/*
 * frames_look makes frames that a kernel interface hands over unfinished complete, and notes those that no wire would
 * have carried.
 */
static void frames_look(const struct ethdev *port, struct ethdev_queue *rx, struct rte_mbuf *packet[], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		ethdev_checksum_complete(packet[i]);
		if (rte_pktmbuf_pkt_len(packet[i]) > port->frame_max)
			atomic_store_explicit(&rx->too_long, true, memory_order_relaxed);
	}
}

/* queue_receive: a queue that lends is left when that is settled. */
static unsigned queue_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count,
			      bool may_lend)
{
	struct ethdev_queue *rx = &port->rx[queue];
	unsigned n;

	if (queue >= port->rx_queues || !ethdev_queue_enter(rx))
		return 0;
	n = port->vhost ? vhost_receive(port, queue, packet, count, may_lend)
			: rte_eth_rx_burst(port->id, queue, packet, (uint16_t)count);
	if (!n || !ethdev_lends(port, queue))
		ethdev_queue_leave(rx);
	if (n)
		rx->received = true;
	if (port->complete)
		frames_look(port, rx, packet, n);
	return n;
}

unsigned ethdev_receive(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	return queue_receive(port, queue, packet, count, false);
}

unsigned ethdev_receive_lent(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	return queue_receive(port, queue, packet, count, true);
}

bool ethdev_lends(const struct ethdev *port, uint16_t queue)
{
	return port->vhost && vhost_lends(port, queue);
}

void ethdev_settle(struct ethdev *port, uint16_t queue)
{
	vhost_lent_settle(port, queue);
	ethdev_queue_leave(&port->rx[queue]);
}

bool ethdev_keep(struct rte_mbuf *packet)
{
	return vhost_lent_keep(packet);
}

bool ethdev_hand(struct rte_mbuf *packet)
{
	return vhost_lent_hand(packet);
}

void ethdev_take(struct rte_mbuf *packet)
{
	vhost_away_take(packet);
}

bool ethdev_is_owed(struct ethdev *port, uint16_t queue)
{
	bool owed;

	if (!port->vhost || !ethdev_queue_enter(&port->rx[queue]))
		return false; /* when it is shut, others see to that */
	owed = port->vhost->lent[queue].in_line;
	ethdev_queue_leave(&port->rx[queue]);
	return owed;
}

/* packet_linearise replaces a frame in several, or in another frame's buffer, by a copy of its own. */
static bool packet_linearise(struct ethdev *port, struct rte_mbuf **packet)
{
	struct rte_mbuf *whole;

	if ((*packet)->nb_segs == 1 && RTE_MBUF_DIRECT(*packet))
		return true;
	whole = rte_pktmbuf_copy(*packet, port->pool, 0, UINT32_MAX);
	if (!whole || whole->nb_segs > 1) {
		rte_pktmbuf_free(whole);
		return false;
	}
	rte_pktmbuf_free(*packet);
	*packet = whole;
	return true;
}

/* transmit_linear: a frame that cannot be brought into one segment is taken and dropped, or it would block the queue. */
static unsigned transmit_linear(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	unsigned ready = 0, sent;

	while (ready < count && packet_linearise(port, &packet[ready]))
		ready++;
	sent = ready ? rte_eth_tx_burst(port->id, queue, packet, (uint16_t)ready) : 0;
	if (sent < ready || ready == count)
		return sent;
	rte_pktmbuf_free(packet[ready]);
	atomic_fetch_add_explicit(&port->tx[queue].dropped, 1, memory_order_relaxed);
	return sent + 1;
}

uint32_t ethdev_takes(const struct ethdev *port)
{
	return port->vhost ? atomic_load_explicit(&port->vhost->takes, memory_order_relaxed) : 0;
}

/*
 * packets_fit makes of packets what the device takes: whole checksums, its own bytes.  Returns the first one that it cannot take at all.
 */
static unsigned packets_fit(const struct ethdev *port, struct rte_mbuf *const packet[], unsigned count)
{
	uint64_t flags = 0;
	uint16_t segments = 0;
	uint32_t takes;

	for (unsigned i = 0; i < count; i++) {
		flags |= packet[i]->ol_flags;
		segments |= packet[i]->nb_segs;
	}
	if (!(flags & RTE_MBUF_F_TX_L4_MASK) && segments < 2)
		return count;
	takes = ethdev_takes(port);
	for (unsigned i = 0; i < count; i++) {
		const uint32_t lacks = offload_needs(packet[i]) & ~takes;

		if (lacks & ETHDEV_CUT || (!port->vhost && !ethdev_keep(packet[i])))
			return i;
		if (lacks)
			offload_complete(packet[i]);
	}
	return count;
}

static unsigned packets_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	if (port->vhost)
		return vhost_transmit(port, queue, packet, count);
	if (port->linear)
		return transmit_linear(port, queue, packet, count);
	if (port->tap_max)
		return ethdev_tap_transmit(port, queue, packet, count);
	return rte_eth_tx_burst(port->id, queue, packet, (uint16_t)count);
}

/* ethdev_transmit: a frame that the device cannot take, and that came too late to be cut for it, is taken and dropped. */
unsigned ethdev_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	struct ethdev_queue *tx = &port->tx[queue];
	unsigned fit, n;

	if (queue >= port->tx_queues || !ethdev_queue_enter(tx))
		return 0;
	fit = packets_fit(port, packet, count);
	n = packets_transmit(port, queue, packet, fit);
	ethdev_queue_leave(tx);
	if (n < fit || fit == count)
		return n;
	rte_pktmbuf_free(packet[fit]);
	atomic_fetch_add_explicit(&tx->dropped, 1, memory_order_relaxed);
	return n + 1;
}

uint64_t ethdev_lost(const struct ethdev *port, uint16_t queue)
{
	return queue < port->tx_queues ? atomic_load_explicit(&port->tx[queue].dropped, memory_order_relaxed) : 0;
}

void ethdev_moderate(struct ethdev *port, enum vmmq_interrupt_moderation moderation)
{
	if (port->vhost)
		vhost_moderate(port, moderation);
}

uint64_t ethdev_call(struct ethdev *port, uint16_t queue)
{
	return port->vhost && queue < port->tx_queues ? vhost_call(port, queue) : 0;
}
