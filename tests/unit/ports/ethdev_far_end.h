/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_UNIT_PORTS_ETHDEV_FAR_END_H
#define VMMQ_UNIT_PORTS_ETHDEV_FAR_END_H

#include "unit/ports/ethdev_rig.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

/* far_end opens a packet socket on an interface. */
static inline int far_end(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(RIG_TYPE),
				       .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW, htons(RIG_TYPE));

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

#endif
