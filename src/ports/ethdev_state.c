/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_port.h"
#include "ports/ethdev_xdp.h"

#include <errno.h>
#include <linux/if_tun.h>
#include <linux/membarrier.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <rte_pause.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of the process; control thread, but for event_fd, which is written once before any event thread knows of a port. */
static struct ethdev *ports;
static int event_fd = -1;
static int link_fd = -1; /* netlink: kernel interfaces that come, go, and change */

const char *ethdev_state_name(enum ethdev_state state)
{
	static const char *const name[] = {
		[ETHDEV_UP] = "up", [ETHDEV_DOWN] = "down", [ETHDEV_NO_PEER] = "no_peer", [ETHDEV_GONE] = "gone"
	};

	return state <= ETHDEV_GONE ? name[state] : "?";
}

int ethdev_event_fd(void)
{
	return event_fd;
}

int ethdev_events_init(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

	if (event_fd < 0)
		event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (event_fd < 0)
		return -1;
	if (link_fd >= 0)
		return 0;
	syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	link_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (link_fd >= 0 && bind(link_fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	if (link_fd >= 0)
		close(link_fd);
	link_fd = -1;
	return -1;
}

bool ethdev_in_use(const struct ethdev *wanted)
{
	for (const struct ethdev *port = ports; port; port = port->next)
		if (!strcmp(port->name, wanted->name))
			return true;
	return false;
}

bool ethdev_memif_shared(const struct ethdev *port)
{
	for (const struct ethdev *other = ports; other; other = other->next)
		if (other != port && other->kind == ETHDEV_KIND_MEMIF && ethdev_memif_same_socket(other, port))
			return true;
	return false;
}

void ethdev_notify(struct ethdev *port)
{
	const uint64_t one = 1;
	ssize_t written;

	atomic_store_explicit(&port->changed, true, memory_order_release);
	written = write(event_fd, &one, sizeof(one)); /* full: readable already */
	if (port->wake_fd >= 0)
		written = write(port->wake_fd, &one, sizeof(one));
	(void)written;
}

static void queues_set(struct ethdev *port, bool enabled)
{
	for (uint16_t q = 0; q < port->rx_queues; q++)
		atomic_store_explicit(&port->rx[q].enabled, enabled, memory_order_release);
	for (uint16_t q = 0; q < port->tx_queues; q++)
		atomic_store_explicit(&port->tx[q].enabled, enabled, memory_order_release);
}

static void queues_wait(const struct ethdev_queue *queue, uint16_t count)
{
	for (uint16_t q = 0; q < count; q++)
		while (atomic_load_explicit(&queue[q].busy, memory_order_acquire))
			rte_pause();
}

void ethdev_queues_start(struct ethdev *port)
{
	queues_set(port, true);
}

void ethdev_queues_stop(struct ethdev *port)
{
	queues_set(port, false);
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
	queues_wait(port->rx, port->rx_queues);
	queues_wait(port->tx, port->tx_queues);
}

static void ethdev_set_gone(struct ethdev *port)
{
	if (atomic_exchange_explicit(&port->gone, true, memory_order_acq_rel))
		return;
	queues_set(port, false);
	ethdev_notify(port);
}

static void ethdev_set_running(struct ethdev *port, bool running)
{
	if (atomic_exchange_explicit(&port->running, running, memory_order_acq_rel) != running)
		ethdev_notify(port);
}

/* ethdev_on_event is called by DPDK on a thread of its own. */
static int ethdev_on_event(uint16_t id, enum rte_eth_event_type event, void *argument, void *unused)
{
	struct ethdev *port = argument;

	(void)id;
	(void)unused;
	if (event == RTE_ETH_EVENT_INTR_RMV) {
		ethdev_set_gone(port);
		return 0;
	}
	ethdev_notify(port);
	return 0;
}

static const enum rte_eth_event_type events[] = { RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_QUEUE_STATE,
						  RTE_ETH_EVENT_INTR_RMV };
#define EVENTS (sizeof(events) / sizeof(events[0]))

void ethdev_watch(struct ethdev *port)
{
	for (size_t i = 0; i < EVENTS; i++)
		rte_eth_dev_callback_register(port->id, events[i], ethdev_on_event, port);
	port->next = ports;
	ports = port;
}

void ethdev_unwatch(struct ethdev *port)
{
	struct ethdev **at = &ports;

	for (size_t i = 0; i < EVENTS; i++)
		while (rte_eth_dev_callback_unregister(port->id, events[i], ethdev_on_event, port) == -EAGAIN)
			rte_pause();
	while (*at && *at != port)
		at = &(*at)->next;
	if (*at)
		*at = port->next;
}

/* tap_is_alive: a TAP interface may be moved to another namespace; its descriptor still knows it, until it is deleted. */
static bool tap_is_alive(const struct ethdev *port)
{
	struct ifreq request = { 0 };

	return port->rx[0].fd < 0 || ioctl(port->rx[0].fd, TUNGETIFF, &request) == 0;
}

static void link_removed(struct ethdev *port)
{
	if (port->kind != ETHDEV_KIND_TAP || !tap_is_alive(port))
		ethdev_set_gone(port);
	else
		ethdev_set_running(port, true);
}

/* link_message_read applies one message about a kernel interface to the ports on it. */
static void link_message_read(const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) || info->ifi_family != AF_UNSPEC)
		return;
	for (struct ethdev *port = ports; port; port = port->next) {
		if (!port->ifindex || port->ifindex != (unsigned)info->ifi_index)
			continue;
		if (message->nlmsg_type == RTM_DELLINK)
			link_removed(port);
		else if (message->nlmsg_type == RTM_NEWLINK)
			ethdev_set_running(port, (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING));
	}
}

bool ethdev_interface_promiscuous(const struct ethdev *port)
{
	struct ifreq request = { 0 };

	return port->ifindex && if_indextoname(port->ifindex, request.ifr_name) &&
	       ioctl(link_fd, SIOCGIFFLAGS, &request) == 0 && request.ifr_flags & IFF_PROMISC;
}

void ethdev_interface_look(struct ethdev *port)
{
	struct ifreq request = { 0 };

	if (!port->ifindex)
		return;
	if (!if_indextoname(port->ifindex, request.ifr_name))
		link_removed(port);
	else if (ioctl(link_fd, SIOCGIFFLAGS, &request) == 0)
		ethdev_set_running(port, (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING));
}

/* ethdev_look_again asks the kernel about every interface: messages were lost. */
static void ethdev_look_again(void)
{
	for (struct ethdev *port = ports; port; port = port->next)
		ethdev_interface_look(port);
}

static void links_read(void)
{
	alignas(struct nlmsghdr) char buffer[16384];
	ssize_t len;

	while ((len = recv(link_fd, buffer, sizeof(buffer), 0)) > 0 || (len < 0 && errno == ENOBUFS)) {
		if (len < 0) {
			ethdev_look_again();
			continue;
		}
		for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, (size_t)len); m = NLMSG_NEXT(m, len))
			link_message_read(m);
	}
}

bool ethdev_changed(struct ethdev *port)
{
	links_read();
	ethdev_xdp_sweep();
	return atomic_exchange_explicit(&port->changed, false, memory_order_acq_rel);
}
