/* SPDX-License-Identifier: BSD-2-Clause */
/* A vhost-user port: how it comes to be, what it is, and its end. */
#include "ports/vhost_user.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static bool new_by_library; /* of ports that are opened from now on */

void ethdev_vhost_by_library(bool by_library)
{
	new_by_library = by_library;
}

/* port_misfit finds a ring that the guest has enabled and that is none; -1: there is no such. */
static int port_misfit(const struct vhost_link *link)
{
	const struct vhost_port *vhost = link->of;

	for (unsigned r = 0; r < 2u * vhost->port->rx_queues; r++)
		if (atomic_load_explicit(&link->running, memory_order_acquire) &&
		    atomic_load_explicit(&link->ring_enabled[r], memory_order_acquire) && !vhost->ring[r].fits)
			return (int)r;
	return -1;
}

void vhost_queues_follow(struct vhost_link *link)
{
	struct vhost_port *vhost = link->of;
	struct ethdev *port = vhost->port;
	const int misfit = port_misfit(link);
	uint16_t rx, tx;

	for (unsigned q = 0; q < port->rx_queues; q++) {
		atomic_store_explicit(&port->tx[q].enabled, vhost->ring[2 * q].fits, memory_order_release);
		atomic_store_explicit(&port->rx[q].enabled, vhost->ring[2 * q + 1].fits, memory_order_release);
	}
	/* Who sleeps on a queue asks its guest anew: only now, for what it asked while the queue was shut nobody has heard. */
	eventfd_write(port->wake_fd, 1);
	rx = ethdev_queues_enabled(port->rx, port->rx_queues);
	tx = ethdev_queues_enabled(port->tx, port->tx_queues);
	if (rx == vhost->rx_enabled && tx == vhost->tx_enabled && misfit < 0)
		return;
	vhost->rx_enabled = rx;
	vhost->tx_enabled = tx;
	if (misfit >= 0)
		vhost_port_say(
		    vhost,
		    "the guest of the front end (process %d) has set up %s queue %d so that it is not used: its %u "
		    "descriptors and their rings are not aligned, or not wholly in the memory that it shares",
		    (int)link->pid, misfit % 2 ? "transmit" : "receive", misfit / 2,
		    (unsigned)vhost->ring[misfit].size);
	else if (rx && tx)
		vhost_port_say(vhost, "%s", "");
	else
		vhost_port_say(
		    vhost,
		    "the guest of the front end (process %d) has stopped its network driver, or not started it",
		    (int)link->pid);
}

void vhost_user_info(struct ethdev *port, struct ethdev_info *info)
{
	struct vhost_port *vhost = port->vhost;

	memset(info, 0, sizeof(*info));
	snprintf(info->name, sizeof(info->name), "%s", port->name);
	snprintf(info->driver, sizeof(info->driver), "%s", port->driver);
	snprintf(info->interface, sizeof(info->interface), "%s", port->interface);
	info->mtu = vhost->mtu;
	info->rx_queues = port->rx_queues;
	info->tx_queues = port->tx_queues;
	info->rx_enabled = vhost->rx_enabled;
	info->tx_enabled = vhost->tx_enabled;
	info->rx_interrupts = true;
	info->state = vhost->rx_enabled && vhost->tx_enabled ? ETHDEV_UP : ETHDEV_NO_PEER;
	pthread_mutex_lock(&vhost->reason_lock);
	snprintf(info->reason, sizeof(info->reason), "%s", vhost->reason);
	pthread_mutex_unlock(&vhost->reason_lock);
}

/* vhost_rings_make: false: memory. */
static bool vhost_rings_make(struct vhost_port *vhost, unsigned pairs)
{
	vhost->ring = aligned_alloc(_Alignof(struct vhost_ring), 2 * pairs * sizeof(struct vhost_ring));
	vhost->lent = calloc(pairs, sizeof(*vhost->lent));
	if (!vhost->ring || !vhost->lent)
		return false;
	memset(vhost->ring, 0, 2 * pairs * sizeof(struct vhost_ring));
	for (unsigned i = 0; i < pairs; i++) {
		vhost->ring[2 * i + 1].lent = &vhost->lent[i];
		vhost->lent[i].stays = vhost->postcopy;
	}
	return true;
}

static void vhost_free(struct ethdev *port)
{
	if (port->rx)
		ethdev_interrupts_close(port);
	free(port->rx);
	free(port->tx);
	for (unsigned i = 0; port->vhost->lent && i < port->rx_queues; i++)
		vhost_line_leave(atomic_load_explicit(&port->vhost->lent[i].line, memory_order_acquire));
	free(port->vhost->ring);
	free(port->vhost->lent);
	free(port->vhost);
	free(port);
}

static struct ethdev *vhost_create(const struct ethdev_params *params)
{
	const char *socket = params->vhost->place, *slash = strrchr(socket, '/');
	struct ethdev *port = calloc(1, sizeof(*port));
	struct vhost_port *vhost = calloc(1, sizeof(*vhost));

	if (!port || !vhost) {
		free(port);
		free(vhost);
		return NULL;
	}
	port->vhost = vhost;
	port->pool = params->pool;
	port->rx_queues = port->tx_queues = params->rx_queues;
	snprintf(port->name, sizeof(port->name), "%.63s", slash ? slash + 1 : socket);
	snprintf(port->driver, sizeof(port->driver), "vhost_user");
	snprintf(port->interface, sizeof(port->interface), "%s", socket);
	port->rx = ethdev_queues_create(port->rx_queues);
	port->tx = ethdev_queues_create(port->tx_queues);
	port->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	vhost->port = port;
	vhost->client = params->vhost->mode == PORT_CLIENT;
	vhost->sealed = params->vhost->sealed;
	vhost->postcopy = params->vhost->postcopy;
	vhost->features_off = params->vhost->features_off;
	vhost->mtu = params->mtu;
	vhost->by_library = new_by_library;
	vhost->listener.fd = -1;
	vhost->vid = -1;
	pthread_mutex_init(&vhost->reason_lock, NULL);
	if (vhost_rings_make(vhost, port->rx_queues) && port->rx && port->tx && port->wake_fd >= 0)
		return port;
	vhost_free(port);
	return NULL;
}

struct ethdev *vhost_user_open(const struct ethdev_params *params, char *error, size_t error_len)
{
	struct ethdev *port;

	if (ethdev_events_init()) {
		snprintf(error, error_len, "no file descriptors left: raise the limit (ulimit -n)");
		return NULL;
	}
	port = vhost_create(params);
	if (!port) {
		snprintf(error, error_len, "out of memory, or of file descriptors");
		return NULL;
	}
	for (uint16_t q = 0; q < port->rx_queues; q++)
		if (ethdev_edge_open(port, &port->rx[q])) {
			snprintf(error, error_len, "no file descriptors left: raise the limit (ulimit -n)");
			vhost_free(port);
			return NULL;
		}
	if (vhost_relay_add(port->vhost, params->vhost, error, error_len) == 0)
		return port;
	vhost_free(port);
	return NULL;
}

void vhost_user_close(struct ethdev *port)
{
	vhost_relay_remove(port->vhost);
	vhost_free(port);
}
