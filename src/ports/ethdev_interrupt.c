/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a sleeping processor learns of packets.
 * AF_PACKET and AF_XDP: the driver's own sockets, readable as long as their ring has packets; nothing to arm.
 * TAP: the queue's descriptor, likewise.
 * Drivers with Rx interrupts (vhost-user, NICs): their descriptor stays readable once it has been signalled,
 * and reading from it races with a driver that replaces it when a guest reconnects.  So it sits, edge-triggered, in an
 * epoll descriptor of ours, from which ethdev_arm() takes the edges.
 */
#include "ports/ethdev_port.h"
#include "ports/vhost_user.h"

#include <dirent.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef AF_XDP
#define AF_XDP 44
#endif

static int xdp_domain(int fd)
{
	int domain = -1;
	socklen_t len = sizeof(domain);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ? -1 : domain;
}

static int fd_compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void ethdev_fds_list(struct ethdev_fds *fds)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	fds->count = 0;
	if (!dir)
		return;
	while ((entry = readdir(dir)) && fds->count < (int)(sizeof(fds->fd) / sizeof(fds->fd[0]))) {
		int fd = atoi(entry->d_name), domain = xdp_domain(fd);

		if (entry->d_name[0] != '.' && (domain == AF_PACKET || domain == AF_XDP))
			fds->fd[fds->count++] = fd;
	}
	closedir(dir);
	qsort(fds->fd, (size_t)fds->count, sizeof(fds->fd[0]), fd_compare);
}

/* xdp_is_bound_to tells whether an AF_PACKET socket belongs to the port's interface; AF_XDP ones do not tell. */
static bool xdp_is_bound_to(int fd, const struct ethdev *port)
{
	struct sockaddr_ll address = { 0 };
	socklen_t len = sizeof(address);

	if (port->kind != ETHDEV_KIND_AF_PACKET)
		return true;
	return !getsockname(fd, (struct sockaddr *)&address, &len) && (unsigned)address.sll_ifindex == port->ifindex;
}

/* xdp_sockets gives each queue the driver's socket for it: they were opened in the order of the queues. */
static void xdp_sockets(struct ethdev *port, const struct ethdev_fds *before)
{
	int domain = port->kind == ETHDEV_KIND_AF_XDP ? AF_XDP : AF_PACKET, queue = 0;
	struct ethdev_fds *now = malloc(sizeof(*now));

	if (!now)
		return;
	ethdev_fds_list(now);
	for (int i = 0; i < now->count && queue < port->rx_queues; i++) {
		int fd = now->fd[i];

		if (!bsearch(&fd, before->fd, (size_t)before->count, sizeof(fd), fd_compare) &&
		    xdp_domain(fd) == domain && xdp_is_bound_to(fd, port))
			port->rx[queue++].fd = fd;
	}
	free(now);
}

static int queue_watch_edge(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int ethdev_edge_open(struct ethdev *port, struct ethdev_queue *rx)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		return -1;
	if (queue_watch_edge(epoll, port->wake_fd)) {
		close(epoll);
		return -1;
	}
	rx->fd = epoll;
	rx->edge = true;
	return 0;
}

/* queue_edge_open makes the queue's epoll descriptor around the driver's and the port's own wake-up. */
static int queue_edge_open(struct ethdev *port, struct ethdev_queue *rx, int driver_fd)
{
	return ethdev_edge_open(port, rx) || queue_watch_edge(rx->fd, driver_fd) ? -1 : 0;
}

int ethdev_interrupts_open(struct ethdev *port, const struct ethdev_fds *before)
{
	if (port->kind == ETHDEV_KIND_AF_PACKET || port->kind == ETHDEV_KIND_AF_XDP) {
		xdp_sockets(port, before);
		return 0;
	}
	for (uint16_t q = 0; q < port->rx_queues; q++) {
		int fd = rte_eth_dev_rx_intr_ctl_q_get_fd(port->id, q);

		if (fd < 0)
			continue;
		if (port->kind == ETHDEV_KIND_TAP)
			port->rx[q].fd = fd;
		else if (rte_eth_dev_rx_intr_disable(port->id, q) == 0 && queue_edge_open(port, &port->rx[q], fd))
			return -1;
	}
	return 0;
}

void ethdev_interrupts_close(struct ethdev *port)
{
	for (uint16_t q = 0; q < port->rx_queues; q++)
		if (port->rx[q].edge)
			close(port->rx[q].fd);
	if (port->wake_fd >= 0)
		close(port->wake_fd);
}

int ethdev_receive_fd(const struct ethdev *port, uint16_t queue)
{
	if (queue >= port->rx_queues || atomic_load_explicit(&port->gone, memory_order_relaxed) != ETHDEV_GONE_NOT)
		return -1;
	return port->rx[queue].fd;
}

/*
 * A socket of an interface that went down stays "readable" until its error is fetched, and the sleeper would spin.
 */
static void queue_fetch_error(const struct ethdev_queue *rx)
{
	int error;
	socklen_t len = sizeof(error);

	if (rx->fd >= 0)
		getsockopt(rx->fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

/* queue_notify has the next packet signalled, or none. */
static void queue_notify(struct ethdev *port, uint16_t queue, bool wanted)
{
	if (!ethdev_queue_enter(&port->rx[queue]))
		return;
	if (port->vhost)
		vhost_notify(port, queue, wanted);
	else if (wanted)
		rte_eth_dev_rx_intr_enable(port->id, queue);
	else
		rte_eth_dev_rx_intr_disable(port->id, queue);
	ethdev_queue_leave(&port->rx[queue]);
}

/*
 * The driver signals the next packet after the moment it was asked; so ask again whenever packets have been taken, or an
 * edge says that something happened, and have the queue looked at once more: what came before the asking is seen by
 * that look, what comes after it is signalled.
 */
static bool queue_arm_edge(struct ethdev *port, uint16_t queue)
{
	struct ethdev_queue *rx = &port->rx[queue];
	struct epoll_event event[2];
	bool edge = epoll_wait(rx->fd, event, 2, 0) > 0;

	if (rx->armed && !rx->received && !edge)
		return false;
	rx->armed = true;
	rx->received = false;
	queue_notify(port, queue, true);
	return true;
}

bool ethdev_arm(struct ethdev *port, uint16_t queue, bool armed)
{
	struct ethdev_queue *rx;

	if (queue >= port->rx_queues)
		return false;
	rx = &port->rx[queue];
	if (!rx->edge) {
		if (armed && port->kind != ETHDEV_KIND_TAP)
			queue_fetch_error(rx);
		return false;
	}
	if (armed)
		return queue_arm_edge(port, queue);
	if (rx->armed)
		queue_notify(port, queue, false);
	rx->armed = false;
	return false;
}
