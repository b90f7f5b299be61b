/* SPDX-License-Identifier: BSD-2-Clause */
/* What a port changes on its kernel interface so that frames arrive as on a wire, all of them, and the way back. */
#include "ports/ethdev_link.h"
#include "ports/ethdev_port.h"
#include "ports/ethdev_segments.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int promiscuous_join(int fd, unsigned ifindex, unsigned short type)
{
	struct packet_mreq membership = { .mr_ifindex = (int)ifindex, .mr_type = type };

	return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership)) ? -errno : 0;
}

int ethdev_frames_all(struct ethdev *port)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), result;

	if (fd < 0)
		return -errno;
	result = promiscuous_join(fd, port->ifindex, PACKET_MR_PROMISC);
	if (result == 0)
		result = promiscuous_join(fd, port->ifindex, PACKET_MR_ALLMULTI);
	if (result)
		close(fd);
	else
		port->held.promiscuous_fd = fd;
	return result;
}

/*
 * frames_partial: senders behind the interface leave checksums to it. A device with an address on a bus has a wire,
 * whose frames are complete.
 */
static bool frames_partial(const struct ethdev *port, const char *driver, const char *bus)
{
	static const char *const wired[] = { "virtio_net", "vmxnet3", "hv_netvsc", "vif", "xen_netfront" };

	for (size_t i = 0; i < sizeof(wired) / sizeof(wired[0]); i++)
		if (!strcmp(driver, wired[i]))
			return true;
	if (port->kind == ETHDEV_KIND_AF_PACKET)
		return true; /* what this host itself sends by the interface comes, too */
	return !strchr(bus, ':');
}

void ethdev_frames_keep(struct ethdev *port)
{
	bool tags = port->kind == ETHDEV_KIND_AF_XDP;

	port->held.merged = !ethdev_features_off(&port->held.features, port->ifindex, tags);
}

void ethdev_frames_hold(struct ethdev *port)
{
	char driver[32], bus[32];

	ethdev_interface_driver(port->ifindex, driver, bus);
	port->complete = frames_partial(port, driver, bus);
	if (port->kind == ETHDEV_KIND_AF_PACKET && !strcmp(driver, "veth")) {
		port->held.segments_fd = ethdev_segments_ask(port->ifindex);
		port->held.segments = port->held.segments_fd >= 0 || errno == EBUSY ? 0 : errno;
	}
	if (port->kind == ETHDEV_KIND_AF_XDP)
		port->xdp_program = ethdev_xdp_program(port->ifindex);
	ethdev_frames_keep(port);
}

int ethdev_frames_mtu(struct ethdev *port, uint16_t mtu)
{
	uint32_t before = ethdev_interface_mtu(port->ifindex);
	int result;

	if (before == mtu)
		return 0;
	result = ethdev_interface_mtu_set(port->ifindex, mtu);
	if (result == 0 && port->kind != ETHDEV_KIND_TAP)
		port->held.mtu_before = before;
	return result;
}

void ethdev_held_init(struct ethdev *port)
{
	port->held.promiscuous_fd = -1;
	port->held.segments_fd = -1;
}

void ethdev_frames_release(struct ethdev *port)
{
	if (port->held.promiscuous_fd >= 0)
		close(port->held.promiscuous_fd);
	if (port->held.segments_fd >= 0)
		close(port->held.segments_fd);
	ethdev_held_init(port);
	ethdev_features_back(&port->held.features);
	if (port->held.mtu_before && ethdev_interface_mtu(port->ifindex) == port->mtu)
		ethdev_interface_mtu_set(port->ifindex, port->held.mtu_before);
	port->held.mtu_before = 0;
}
