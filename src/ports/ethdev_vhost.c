/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_port.h"

#include <errno.h>
#include <rte_eth_vhost.h>
#include <stdio.h>
#include <string.h>

#include "base/stale_socket.h"

bool ethdev_vhost_prepare(const char *path, char *error, size_t error_len)
{
	pid_t listener;

	switch (stale_socket_remove(path, &listener)) {
	case STALE_SOCKET_NONE:
		return true;
	case STALE_SOCKET_OTHER:
		snprintf(error, error_len, "%s exists and is not a socket: remove it, or give another path", path);
		return false;
	case STALE_SOCKET_ALIVE:
		if (listener)
			snprintf(error, error_len, "%s: process %d listens on it: stop that, or give another path",
				 path, (int)listener);
		else
			snprintf(error, error_len,
				 "%s: another process listens on it: stop that, or give another path", path);
		return false;
	case STALE_SOCKET_STUCK:
		snprintf(error, error_len, "%s: a socket that nobody listens on cannot be removed: %s", path,
			 strerror(errno));
		return false;
	default:
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
		return false;
	}
}

/* follow_queues takes over which queues the guest has enabled.  Its receive queue is our transmit queue. */
static void vhost_follow_queues(struct ethdev *port)
{
	struct rte_eth_vhost_queue_event event;

	while (rte_eth_vhost_get_queue_event(port->id, &event) == 0) {
		uint16_t count = event.rx ? port->rx_queues : port->tx_queues;
		struct ethdev_queue *queue = event.rx ? port->rx : port->tx;

		if (event.queue_id < count)
			atomic_store_explicit(&queue[event.queue_id].enabled, event.enable, memory_order_release);
	}
}

/*
 * The driver tells of a guest that leaves before the device is freed; its own handshake with the processors has no fence
 * between its two flags, so make sure here that none is inside.
 */
void ethdev_vhost_event(struct ethdev *port, enum rte_eth_event_type event)
{
	struct rte_eth_link link = { 0 };

	if (event == RTE_ETH_EVENT_QUEUE_STATE)
		vhost_follow_queues(port);
	else if (rte_eth_link_get_nowait(port->id, &link) || link.link_status == RTE_ETH_LINK_DOWN)
		ethdev_queues_stop(port);
}
