/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_PACKET's driver (DPDK 22.11) puts its sockets into a fanout group that has the kernel put IPv4 fragments
 * together, one queue or many: what comes out is larger than the MTU, and cut off at the ring's frame.  A socket
 * does not leave its group.  So each gets another in its place, with rings like its own, before the first frame is
 * received: at the same number, mapped at the same address.
 */
#include "ports/ethdev_port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING_BLOCK  4096u /* the driver's defaults */
#define RING_FRAME  2048u
#define RING_FRAMES 512u

static unsigned ring_argument(const char *devargs, const char *key, unsigned otherwise)
{
	char value[16];

	return ethdev_devargs_value(devargs, key, value, sizeof(value)) ? (unsigned)strtoul(value, NULL, 10)
									: otherwise;
}

static struct tpacket_req ring_read(const char *devargs)
{
	struct tpacket_req ring = {
		.tp_block_size = ring_argument(devargs, "blocksz", RING_BLOCK),
		.tp_frame_size = ring_argument(devargs, "framesz", RING_FRAME),
		.tp_frame_nr = ring_argument(devargs, "framecnt", RING_FRAMES),
	};

	ring.tp_block_nr = ring.tp_frame_nr / (ring.tp_block_size / ring.tp_frame_size);
	return ring;
}

/* ring_find returns where the driver has mapped a socket's rings, of len bytes; NULL: not found. */
static void *ring_find(int fd, size_t len)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long begin, end, inode;
	struct stat st;
	char line[512];
	void *found = NULL;

	if (maps && fstat(fd, &st) == 0)
		while (!found && fgets(line, sizeof(line), maps))
			if (sscanf(line, "%lx-%lx rw-s 00000000 %*s %lu socket:", &begin, &end, &inode) == 3 &&
			    inode == st.st_ino && end - begin == len)
				found = (void *)begin; /* NOLINT: an address as the kernel writes it */
	if (maps)
		fclose(maps);
	errno = found ? errno : ENOENT;
	return found;
}

static bool ring_set(int fd, int option, const void *value, size_t len)
{
	return setsockopt(fd, SOL_PACKET, option, value, (socklen_t)len) == 0;
}

/*
 * ring_socket opens one as the driver's, bound last, so that no frame comes before all is ready. group: 0 for a
 * single queue.
 */
static int ring_socket(const struct ethdev *port, const struct tpacket_req *ring, bool bypass, int group)
{
	const bool others_send = port->tx_queues > port->rx_queues; /* by sockets that stay the driver's */
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
					     .sll_protocol = htons(ETH_P_ALL),
					     .sll_ifindex = (int)port->ifindex };
	const int version = TPACKET_V2, discard = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0 && ring_set(fd, PACKET_VERSION, &version, sizeof(version)) &&
	    ring_set(fd, PACKET_LOSS, &discard, sizeof(discard)) &&
	    (!others_send || ring_set(fd, PACKET_IGNORE_OUTGOING, &discard, sizeof(discard))) &&
	    (!bypass || ring_set(fd, PACKET_QDISC_BYPASS, &discard, sizeof(discard))) &&
	    ring_set(fd, PACKET_RX_RING, ring, sizeof(*ring)) && ring_set(fd, PACKET_TX_RING, ring, sizeof(*ring)) &&
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    (!group || ring_set(fd, PACKET_FANOUT, &group, sizeof(group))))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool ring_replace(const struct ethdev *port, int fd, const struct tpacket_req *ring, bool bypass, int group)
{
	size_t len = 2 * (size_t)ring->tp_block_size * ring->tp_block_nr;
	void *at = ring_find(fd, len);
	int ours = at ? ring_socket(port, ring, bypass, group) : -1;
	bool done = ours >= 0 && mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ours, 0) == at &&
		    dup3(ours, fd, O_CLOEXEC) == fd;

	if (ours >= 0)
		close(ours);
	return done;
}

bool ethdev_rings_replace(struct ethdev *port, const char *devargs)
{
	const struct tpacket_req ring = ring_read(devargs);
	const bool bypass = ring_argument(devargs, "qdisc_bypass", 0);
	int group = 0;

	if (port->rx_queues > 1) /* another than the driver's, which goes with its last socket */
		group = (int)((unsigned)(getpid() ^ (int)port->ifindex ^ 0x8000) & 0xffff) |
			(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_ROLLOVER) << 16;
	errno = ENOENT; /* not found; other failures have their own */
	for (uint16_t q = 0; q < port->rx_queues; q++)
		if (port->rx[q].fd < 0 || !ring_replace(port, port->rx[q].fd, &ring, bypass, group))
			return false;
	return true;
}
