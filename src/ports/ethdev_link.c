/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports on kernel interfaces: what becomes of the interface while the port is open. */
#include "ports/ethdev_link.h"
#include "ports/ethdev_port.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int link_fd = -1; /* netlink: kernel interfaces that come, go, and change */

int ethdev_links_init(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

	if (link_fd >= 0)
		return 0;
	link_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (link_fd >= 0 && bind(link_fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	if (link_fd >= 0)
		close(link_fd);
	link_fd = -1;
	return -1;
}

static void link_set_flags(struct ethdev *port, unsigned flags)
{
	ethdev_set_running(port, flags & IFF_UP, flags & IFF_UP && flags & IFF_RUNNING);
}

/*
 * tap_look: a TAP may be moved to another namespace, often by the name of eth0, from where nobody tells of it.  Its
 * descriptor does: it has an error once the interface is deleted, and takes frames only while that is up.
 */
static void tap_look(struct ethdev *port)
{
	struct pollfd tap = { .fd = port->rx[0].fd, .events = POLLOUT };

	if (poll(&tap, 1, 0) < 0)
		return;
	if (tap.revents & (POLLERR | POLLHUP | POLLNVAL))
		ethdev_set_gone(port, ETHDEV_GONE_REMOVED);
	else
		ethdev_set_running(port, tap.revents & POLLOUT, tap.revents & POLLOUT);
}

static bool port_is_tap(const struct ethdev *port)
{
	return port->kind == ETHDEV_KIND_TAP && port->rx[0].fd >= 0;
}

/* link_lost: why the interface that the port was opened on is not the one that is wanted any more. */
static enum ethdev_gone link_lost(const struct ethdev *port)
{
	char name[IF_NAMESIZE];

	if (!if_indextoname(port->ifindex, name))
		return ETHDEV_GONE_REMOVED;
	if (port->kind == ETHDEV_KIND_TAP || !*port->interface || if_nametoindex(port->interface) == port->ifindex)
		return ETHDEV_GONE_NOT;
	return ETHDEV_GONE_RENAMED;
}

void ethdev_link_look(struct ethdev *port)
{
	struct ifreq request = { 0 };
	enum ethdev_gone lost;

	if (port_is_tap(port)) {
		tap_look(port);
		return;
	}
	if (!port->ifindex)
		return;
	lost = link_lost(port);
	if (lost)
		ethdev_set_gone(port, lost);
	else if (if_indextoname(port->ifindex, request.ifr_name) && ioctl(link_fd, SIOCGIFFLAGS, &request) == 0)
		link_set_flags(port, (unsigned)(unsigned short)request.ifr_flags);
}

void ethdev_link_ask(struct ethdev *port)
{
	if (port_is_tap(port))
		tap_look(port);
	else if (port->xdp_program && ethdev_xdp_program(port->ifindex) != port->xdp_program)
		ethdev_set_gone(port, link_lost(port) ? link_lost(port) : ETHDEV_GONE_PROGRAM);
}

/* link_message_read applies one message about a kernel interface to the ports on it. */
static void link_message_read(struct ethdev *list, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*info)) || info->ifi_family != AF_UNSPEC)
		return;
	for (struct ethdev *port = list; port; port = port->next) {
		unsigned ifindex = (unsigned)info->ifi_index;

		if (message->nlmsg_type == RTM_NEWLINK && ethdev_features_concern(&port->held.features, ifindex))
			ethdev_frames_keep(port); /* somebody may have switched them on again */
		if (!port->ifindex || port->ifindex != ifindex || port_is_tap(port))
			continue;
		if (message->nlmsg_type == RTM_DELLINK)
			ethdev_set_gone(port, ETHDEV_GONE_REMOVED);
		else if (message->nlmsg_type == RTM_NEWLINK && link_lost(port))
			ethdev_set_gone(port, link_lost(port));
		else if (message->nlmsg_type == RTM_NEWLINK)
			link_set_flags(port, info->ifi_flags);
	}
}

void ethdev_links_read(struct ethdev *list)
{
	alignas(struct nlmsghdr) char buffer[16384];
	ssize_t len;

	while ((len = recv(link_fd, buffer, sizeof(buffer), 0)) > 0 || (len < 0 && errno == ENOBUFS)) {
		for (struct ethdev *port = list; len < 0 && port; port = port->next)
			ethdev_link_look(port); /* messages were lost */
		if (len < 0)
			continue;
		for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, (size_t)len); m = NLMSG_NEXT(m, len))
			link_message_read(list, m);
	}
}

/* What is wanted of an interface's description. */
struct link {
	unsigned ifindex, master, on;
	uint32_t program;
};

static uint32_t attribute_number(const struct rtattr *attribute)
{
	uint32_t value = 0;

	if (RTA_PAYLOAD(attribute) >= sizeof(value))
		memcpy(&value, RTA_DATA(attribute), sizeof(value));
	return value;
}

static const struct rtattr *attribute_find(const void *first, size_t len, unsigned short type)
{
	for (const struct rtattr *at = first; RTA_OK(at, len); at = RTA_NEXT(at, len))
		if ((at->rta_type & NLA_TYPE_MASK) == type)
			return at;
	return NULL;
}

static const struct rtattr *attribute_nested(const struct rtattr *outer, unsigned short type)
{
	return outer ? attribute_find(RTA_DATA(outer), RTA_PAYLOAD(outer), type) : NULL;
}

/*
 * link_stands_on: a veth's "link" is its other end, not what it stands on, and another's may be in another namespace.
 */
static unsigned link_stands_on(const void *first, size_t len)
{
	const struct rtattr *on = attribute_find(first, len, IFLA_LINK);
	const struct rtattr *kind = attribute_nested(attribute_find(first, len, IFLA_LINKINFO), IFLA_INFO_KIND);

	if (!on || attribute_find(first, len, IFLA_LINK_NETNSID))
		return 0;
	if (kind && RTA_PAYLOAD(kind) >= 4 && !memcmp(RTA_DATA(kind), "veth", 4))
		return 0;
	return attribute_number(on);
}

static uint32_t link_program(const void *first, size_t len)
{
	static const unsigned short place[] = { IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID,
						IFLA_XDP_HW_PROG_ID };
	const struct rtattr *xdp = attribute_find(first, len, IFLA_XDP);

	for (size_t i = 0; xdp && i < sizeof(place) / sizeof(place[0]); i++) {
		const struct rtattr *number = attribute_nested(xdp, place[i]);

		if (number)
			return attribute_number(number);
	}
	return 0;
}

static struct link link_read(const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = NLMSG_DATA(message);
	const void *first = (const char *)info + NLMSG_ALIGN(sizeof(*info));
	size_t len = message->nlmsg_len - NLMSG_LENGTH(sizeof(*info));
	const struct rtattr *master = attribute_find(first, len, IFLA_MASTER);

	return (struct link){ (unsigned)info->ifi_index, master ? attribute_number(master) : 0,
			      link_stands_on(first, len), link_program(first, len) };
}

/* links_get reads the description of one interface, or of all (ifindex 0); returns how many. */
static unsigned links_get(unsigned ifindex, struct link list[], unsigned room)
{
	alignas(struct nlmsghdr) char buffer[32768]; /* the kernel fills that much at a time */
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = { .header = { .nlmsg_len = sizeof(request),
				  .nlmsg_type = RTM_GETLINK,
				  .nlmsg_flags = NLM_F_REQUEST | (ifindex ? 0 : NLM_F_DUMP) },
		      .info = { .ifi_index = (int)ifindex } };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	bool more = fd >= 0 && send(fd, &request, sizeof(request), 0) == sizeof(request);
	unsigned count = 0;
	ssize_t len;

	while (more && (len = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		more = !ifindex;
		for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, (size_t)len);
		     m = NLMSG_NEXT(m, len)) {
			if (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR)
				more = false;
			else if (m->nlmsg_type == RTM_NEWLINK && count < room)
				list[count++] = link_read(m);
		}
	}
	if (fd >= 0)
		close(fd);
	return count;
}

uint32_t ethdev_xdp_program(unsigned ifindex)
{
	struct link link;

	return links_get(ifindex, &link, 1) ? link.program : 0;
}

static bool list_has(const unsigned list[], unsigned count, unsigned ifindex)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i] == ifindex)
			return true;
	return false;
}

unsigned ethdev_interfaces_below(unsigned ifindex, unsigned list[], unsigned room)
{
	struct link link[1024];
	unsigned links = links_get(0, link, sizeof(link) / sizeof(link[0])), count = 1;

	list[0] = ifindex;
	for (unsigned at = 0; at < count; at++)
		for (unsigned i = 0; i < links && count < room; i++) {
			unsigned below = link[i].ifindex == list[at]  ? link[i].on
					 : link[i].master == list[at] ? link[i].ifindex
								      : 0;

			if (below && !list_has(list, count, below))
				list[count++] = below;
		}
	return count;
}

bool ethdev_interface_promiscuous(unsigned ifindex)
{
	struct ifreq request = { 0 };

	return if_indextoname(ifindex, request.ifr_name) && ioctl(link_fd, SIOCGIFFLAGS, &request) == 0 &&
	       request.ifr_flags & IFF_PROMISC;
}

uint32_t ethdev_interface_mtu(unsigned ifindex)
{
	struct ifreq request = { 0 };

	if (!if_indextoname(ifindex, request.ifr_name) || ioctl(link_fd, SIOCGIFMTU, &request))
		return 0;
	return (uint32_t)request.ifr_mtu;
}

int ethdev_interface_mtu_set(unsigned ifindex, uint32_t mtu)
{
	struct ifreq request = { 0 };

	if (!if_indextoname(ifindex, request.ifr_name))
		return -ENODEV;
	request.ifr_mtu = (int)mtu;
	return ioctl(link_fd, SIOCSIFMTU, &request) ? -errno : 0;
}
