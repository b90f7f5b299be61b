/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of ethdev share: an EAL, a pool, frames that carry a number, and waiting with a limit. */
#ifndef VMMQ_UNIT_PORTS_ETHDEV_RIG_H
#define VMMQ_UNIT_PORTS_ETHDEV_RIG_H

#include "engine/eal.h"
#include "ports/ethdev.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "unit/hang.h"

#define RIG_BUFFERS 16384
#define RIG_TYPE    0x88b5 /* IEEE 802: local experiments */
#define RIG_LEN     100

static struct rte_mempool *rig_pool;

static inline int rig_start(void **state)
{
	char error[256];

	(void)state;
	if (eal_start(1, 512, error, sizeof(error))) {
		print_message("%s\n", error);
		return -1;
	}
	rig_pool = rte_pktmbuf_pool_create_by_ops("rig", RIG_BUFFERS, 0, 0, 2048 + RTE_PKTMBUF_HEADROOM,
						  SOCKET_ID_ANY, "ring_mt_rts");
	return rig_pool ? 0 : -1;
}

/* rig_until evaluates condition until it holds. */
#define rig_until(condition)                                                                                         \
	do {                                                                                                         \
		uint64_t rig_started = now_ns();                                                                     \
		bool rig_holds;                                                                                      \
		while (!(rig_holds = (condition)) && !hangs(rig_started))                                            \
			usleep(500);                                                                                 \
		if (!rig_holds)                                                                                      \
			print_message("never: %s\n", #condition);                                                    \
		assert_true(rig_holds);                                                                              \
	} while (0)

static inline struct ethdev_params rig_params(const char *devargs, uint16_t queues)
{
	return (struct ethdev_params){
		.devargs = devargs, .rx_queues = queues, .tx_queues = queues, .mtu = 1500, .pool = rig_pool
	};
}

static inline struct ethdev *rig_open_error(const char *devargs, uint16_t queues, char *error, size_t error_len)
{
	const struct ethdev_params params = rig_params(devargs, queues);

	return ethdev_open(&params, error, error_len);
}

/* rig_open: the kernel gives a closed AF_XDP socket's queue free when it gets to it; like vmmqd, it is tried again. */
static inline struct ethdev *rig_open(const char *devargs, uint16_t queues)
{
	uint64_t started = now_ns();
	char error[512] = "";
	struct ethdev *port;

	do
		port = rig_open_error(devargs, queues, error, sizeof(error));
	while (!port && strstr(error, "xsk socket") && !hangs(started));
	if (!port)
		print_message("%s\n", error);
	assert_non_null(port);
	return port;
}

static inline struct ethdev_info rig_info(struct ethdev *port)
{
	struct ethdev_info info;

	ethdev_changed(port);
	ethdev_get_info(port, &info);
	return info;
}

static inline struct rte_mbuf *rig_frame(uint32_t number)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(rig_pool);
	struct rte_ether_hdr *header;

	assert_non_null(frame);
	header = rte_pktmbuf_mtod(frame, struct rte_ether_hdr *);
	frame->data_len = RIG_LEN;
	frame->pkt_len = RIG_LEN;
	memset(header, 0, RIG_LEN);
	memset(&header->dst_addr, 0xff, sizeof(header->dst_addr));
	header->src_addr.addr_bytes[0] = 2;
	header->ether_type = rte_cpu_to_be_16(RIG_TYPE);
	memcpy(header + 1, &number, sizeof(number));
	return frame;
}

/* rig_take receives until a numbered frame comes, frees what is none, and returns the number; -1: nothing now. */
static inline int64_t rig_take(struct ethdev *port, uint16_t queue)
{
	struct rte_mbuf *packet;

	while (ethdev_receive(port, queue, &packet, 1)) {
		const struct rte_ether_hdr *header = rte_pktmbuf_mtod(packet, struct rte_ether_hdr *);
		uint32_t number;

		memcpy(&number, header + 1, sizeof(number));
		if (header->ether_type == rte_cpu_to_be_16(RIG_TYPE) && packet->pkt_len >= RIG_LEN) {
			rte_pktmbuf_free(packet);
			return number;
		}
		rte_pktmbuf_free(packet);
	}
	return -1;
}

/* rig_send transmits one numbered frame; a full queue is tried again. */
static inline void rig_send(struct ethdev *port, uint16_t queue, uint32_t number)
{
	struct rte_mbuf *frame = rig_frame(number);

	rig_until(ethdev_transmit(port, queue, &frame, 1) == 1);
}

/* rig_traffic sends count frames one by one and receives each.  Some receivers offer buffers only once they are polled. */
static inline void rig_traffic(struct ethdev *from, struct ethdev *to, uint16_t queue, uint32_t count)
{
	int64_t got = rig_take(to, queue);

	assert_int_equal(got, -1);
	for (uint32_t i = 0; i < count; i++) {
		rig_send(from, queue, i);
		rig_until((got = rig_take(to, queue)) >= 0);
		assert_int_equal(got, i);
	}
}

/* rig_sleeps arms until the queue is empty, as a processor does before it sleeps. */
static inline void rig_arm(struct ethdev *port, uint16_t queue)
{
	do
		while (rig_take(port, queue) >= 0)
			;
	while (ethdev_arm(port, queue, true));
}

/*
 * rig_fd_readable waits until a descriptor is readable.  The TAP driver has itself sent SIGIO for each packet, and one for a
 * packet that was taken already may come meanwhile.
 */
static inline bool rig_fd_readable(int descriptor, int milliseconds)
{
	struct pollfd fd = { .fd = descriptor, .events = POLLIN };
	uint64_t end = now_ns() + (uint64_t)milliseconds * 1000000u;
	int count;

	do
		count = poll(&fd, 1, milliseconds);
	while (count < 0 && errno == EINTR && now_ns() < end);
	return count == 1;
}

static inline bool rig_readable(struct ethdev *port, uint16_t queue, int milliseconds)
{
	return rig_fd_readable(ethdev_receive_fd(port, queue), milliseconds);
}

#endif
