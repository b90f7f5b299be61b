/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP's driver (DPDK 22.11) takes no frame longer than an MTU of 1,504 allows, and none behind it either.  So frames
 * that are longer go to the queue's descriptor directly, in their turn.
 */
#include "ports/ethdev_port.h"

#include <linux/if_tun.h>
#include <rte_mbuf.h>
#include <sys/uio.h>

#define SEGMENTS_MAX 64

static bool tap_write(int fd, const struct rte_mbuf *packet)
{
	struct tun_pi none = { 0 };
	struct iovec piece[1 + SEGMENTS_MAX] = { { &none, sizeof(none) } };
	int count = 1;

	for (const struct rte_mbuf *segment = packet; segment; segment = segment->next) {
		if (count > SEGMENTS_MAX)
			return false;
		piece[count++] = (struct iovec){ rte_pktmbuf_mtod(segment, void *), rte_pktmbuf_data_len(segment) };
	}
	return writev(fd, piece, count) == (ssize_t)(sizeof(none) + rte_pktmbuf_pkt_len(packet));
}

static bool tap_is_long(const struct ethdev *port, const struct rte_mbuf *packet)
{
	return rte_pktmbuf_pkt_len(packet) > port->tap_max;
}

/* tap_transmit_long: one that the kernel does not take is lost, as one on a wire. */
static void tap_transmit_long(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet)
{
	struct ethdev_queue *tx = &port->tx[queue];

	if (tap_write(port->rx[queue].fd, packet)) {
		atomic_fetch_add_explicit(&tx->long_packets, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&tx->long_bytes, rte_pktmbuf_pkt_len(packet), memory_order_relaxed);
	} else {
		atomic_fetch_add_explicit(&tx->dropped, 1, memory_order_relaxed);
	}
	rte_pktmbuf_free(packet);
}

unsigned ethdev_tap_transmit(struct ethdev *port, uint16_t queue, struct rte_mbuf *packet[], unsigned count)
{
	unsigned taken = 0;

	while (taken < count) {
		unsigned run = 0, sent;

		while (taken + run < count && !tap_is_long(port, packet[taken + run]))
			run++;
		sent = run ? rte_eth_tx_burst(port->id, queue, packet + taken, (uint16_t)run) : 0;
		taken += sent;
		if (sent < run || taken == count)
			break;
		tap_transmit_long(port, queue, packet[taken++]);
	}
	return taken;
}
