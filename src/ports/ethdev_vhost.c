/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_port.h"

#include <errno.h>
#include <rte_eth_vhost.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* vhost_knock connects to path.  0: somebody listens, *pid is who, 0 if unknown; else errno. */
static int vhost_knock(const char *path, pid_t *pid)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), result = 0;

	if (fd < 0)
		return errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) && errno != EAGAIN)
		result = errno;
	else if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		*pid = peer.pid;
	close(fd);
	return result;
}

bool ethdev_vhost_prepare(const char *path, char *error, size_t error_len)
{
	struct stat st;
	pid_t pid = 0;
	int result;

	if (lstat(path, &st)) {
		if (errno == ENOENT)
			return true;
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISSOCK(st.st_mode)) {
		snprintf(error, error_len, "%s exists and is not a socket: remove it, or give another path", path);
		return false;
	}
	result = vhost_knock(path, &pid);
	if (result == ECONNREFUSED && unlink(path) == 0)
		return true;
	if (result == ECONNREFUSED)
		snprintf(error, error_len, "%s: a socket that nobody listens on cannot be removed: %s", path,
			 strerror(errno));
	else if (result)
		snprintf(error, error_len, "%s: %s", path, strerror(result));
	else if (pid)
		snprintf(error, error_len, "%s: process %d listens on it: stop that, or give another path", path,
			 (int)pid);
	else
		snprintf(error, error_len, "%s: another process listens on it: stop that, or give another path",
			 path);
	return false;
}

/* vhost_follow_queues takes over which queues the guest has enabled.  Its receive queue is our transmit queue. */
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
