/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_devargs.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING_FRAME        2048u /* what AF_PACKET's driver has unless it is told */
#define RING_FRAMES_BLOCK 16u
#define RING_QUEUES_MAX   16u /* its limit */

/* interface_queues returns how many queues an interface has now; 1 where it does not tell. */
static uint16_t interface_queues(const char *interface)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	struct ifreq request = { .ifr_data = (void *)&channels };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t count = 1;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%.*s", IF_NAMESIZE - 1, interface);
	if (fd >= 0 && ioctl(fd, SIOCETHTOOL, &request) == 0)
		count = channels.combined_count + channels.rx_count;
	if (fd >= 0)
		close(fd);
	return count ? (uint16_t)count : 1;
}

static void devargs_add(char devargs[ETHDEV_DEVARGS_MAX], const char *key, unsigned value)
{
	size_t len = strlen(devargs);

	snprintf(devargs + len, ETHDEV_DEVARGS_MAX - len, ",%s=%u", key, value);
}

static bool devargs_have(const struct ethdev_params *params, const char *key)
{
	char value[16];

	return ethdev_devargs_value(params->devargs, key, value, sizeof(value));
}

/* fill_ring: a block is whole pages and whole frames. */
static void fill_ring(const struct ethdev_params *params, char devargs[ETHDEV_DEVARGS_MAX])
{
	unsigned frame = ETHDEV_ROOM(params->mtu);

	if (frame <= RING_FRAME || devargs_have(params, "framesz") || devargs_have(params, "blocksz"))
		return;
	devargs_add(devargs, "framesz", frame);
	devargs_add(devargs, "blocksz", frame * RING_FRAMES_BLOCK);
}

void ethdev_devargs_fill(const struct ethdev *port, const struct ethdev_params *params,
			 char devargs[ETHDEV_DEVARGS_MAX])
{
	uint16_t queues = params->rx_queues, most;

	snprintf(devargs, ETHDEV_DEVARGS_MAX, "%s", params->devargs);
	if (port->kind == ETHDEV_KIND_AF_PACKET) {
		fill_ring(params, devargs);
		if (queues > 1 && !devargs_have(params, "qpairs"))
			devargs_add(devargs, "qpairs", queues < RING_QUEUES_MAX ? queues : RING_QUEUES_MAX);
	} else if (port->kind == ETHDEV_KIND_AF_XDP && queues > 1 && !devargs_have(params, "queue_count")) {
		most = interface_queues(port->interface);
		devargs_add(devargs, "queue_count", queues < most ? queues : most);
	}
}
