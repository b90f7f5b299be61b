/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_port.h"
#include "ports/vhost_user.h"

#include <stdio.h>
#include <string.h>

#include "base/counter.h"

/* peer: drivers whose link is a process at the other end. */
static bool ethdev_has_peer(const struct ethdev *port)
{
	return port->kind == ETHDEV_KIND_MEMIF;
}

static enum ethdev_state ethdev_state_find(const struct ethdev *port, const struct rte_eth_link *link)
{
	if (atomic_load_explicit(&port->gone, memory_order_acquire) != ETHDEV_GONE_NOT)
		return ETHDEV_GONE;
	if (port->ifindex)
		return atomic_load_explicit(&port->running, memory_order_acquire) ? ETHDEV_UP : ETHDEV_DOWN;
	if (link->link_status == RTE_ETH_LINK_UP)
		return ETHDEV_UP;
	return ethdev_has_peer(port) ? ETHDEV_NO_PEER : ETHDEV_DOWN;
}

uint16_t ethdev_queues_enabled(const struct ethdev_queue *queue, uint16_t count)
{
	uint16_t n = 0;

	while (n < count && atomic_load_explicit(&queue[n].enabled, memory_order_relaxed))
		n++;
	return n;
}

void ethdev_get_info(struct ethdev *port, struct ethdev_info *info)
{
	struct rte_eth_link link = { 0 };
	struct rte_ether_addr mac = { 0 };

	if (port->vhost) {
		vhost_user_info(port, info);
		return;
	}
	memset(info, 0, sizeof(*info));
	rte_eth_link_get_nowait(port->id, &link);
	rte_eth_macaddr_get(port->id, &mac);
	rte_eth_dev_get_mtu(port->id, &info->mtu);
	if (ethdev_is_on_interface(port))
		info->mtu = port->mtu;
	snprintf(info->name, sizeof(info->name), "%s", port->name);
	snprintf(info->driver, sizeof(info->driver), "%s", port->driver);
	snprintf(info->interface, sizeof(info->interface), "%s", port->interface);
	memcpy(info->mac, mac.addr_bytes, sizeof(info->mac));
	info->state = ethdev_state_find(port, &link);
	ethdev_reason(port, info->state, info->reason, sizeof(info->reason));
	info->speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
	info->rx_queues = port->rx_queues;
	info->tx_queues = port->tx_queues;
	info->rx_enabled = ethdev_queues_enabled(port->rx, port->rx_queues);
	info->tx_enabled = ethdev_queues_enabled(port->tx, port->tx_queues);
	info->rx_interrupts = port->rx[0].fd >= 0;
	info->rss_types = port->rss_types;
	if (info->rss_types)
		memcpy(info->rss_key, port->rss_key, sizeof(info->rss_key));
}

/* vhost_counters: the port's queues count themselves, and its rings what the guest has put there that is no frame. */
static void vhost_counters(const struct ethdev *port, struct ethdev_counters *counters)
{
	memset(counters, 0, sizeof(*counters));
	for (uint16_t q = 0; q < port->rx_queues; q++) {
		counters->rx_packets += counter_read(&port->rx[q].packets);
		counters->rx_bytes += counter_read(&port->rx[q].bytes);
		counters->rx_errors += counter_read(&port->vhost->ring[2 * q + 1].lost);
		counters->rx_lent += counter_read(&port->vhost->lent[q].frames);
		counters->rx_lent_kept += counter_read(&port->vhost->lent[q].kept);
		counters->rx_lent_waited +=
		    counter_read(&port->vhost->lent[q].waited) + vhost_line_waited(&port->vhost->lent[q]);
		counters->rx_lent_handed += counter_read(&port->vhost->lent[q].sent);
		counters->tx_packets += counter_read(&port->tx[q].packets);
		counters->tx_bytes += counter_read(&port->tx[q].bytes);
		counters->tx_errors += atomic_load_explicit(&port->tx[q].dropped, memory_order_relaxed);
	}
}

void ethdev_get_counters(struct ethdev *port, struct ethdev_counters *counters)
{
	struct rte_eth_stats stats;
	uint64_t dropped = 0, packets = 0, bytes = 0;

	if (port->vhost) {
		vhost_counters(port, counters);
		return;
	}
	for (uint16_t q = 0; q < port->tx_queues; q++) {
		packets += atomic_load_explicit(&port->tx[q].long_packets, memory_order_relaxed);
		bytes += atomic_load_explicit(&port->tx[q].long_bytes, memory_order_relaxed);
		dropped += atomic_load_explicit(&port->tx[q].dropped, memory_order_relaxed);
	}
	if (atomic_load_explicit(&port->gone, memory_order_acquire) == ETHDEV_GONE_NOT &&
	    rte_eth_stats_get(port->id, &stats) == 0)
		port->counters = (struct ethdev_counters){
			.rx_packets = stats.ipackets,
			.rx_bytes = stats.ibytes,
			.tx_packets = stats.opackets,
			.tx_bytes = stats.obytes,
			.rx_missed = stats.imissed,
			.rx_no_buffer = stats.rx_nombuf,
			.rx_errors = stats.ierrors,
			.tx_errors = stats.oerrors,
		};
	*counters = port->counters;
	counters->tx_packets += packets;
	counters->tx_bytes += bytes;
	counters->tx_errors += dropped;
}
