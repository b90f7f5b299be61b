/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports on kernel interfaces, which need root: AF_PACKET and AF_XDP on a veth pair, TAP.  The other end is a packet
 * socket of the test's.
 */
#include "unit/ports/ethdev_far_end.h"
#include "unit/ports/ethdev_rig.h"

#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#define NEAR "vmmqP0"
#define FAR  "vmmqP1"
#define TAP  "vmmqPt0"

/* The driver of AF_XDP forgets 80 bytes of libxdp's with each port that it closes. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:xsk_umem__create\nleak:libxdp\n";
}

static void run(const char *command)
{
	if (system(command))
		print_message("failed: %s\n", command);
}

static void veth_add(void)
{
	run("ip link add " NEAR " type veth peer name " FAR);
	run("ip link set " NEAR " up && ip link set " FAR " up");
}

static void veth_delete(void)
{
	run("ip link delete " NEAR " 2>/dev/null || true");
}

/* The test has a network namespace of its own: nothing to clash with, and nothing stays behind. */
static int start(void **state)
{
	if (unshare(CLONE_NEWNET)) {
		print_message("no network namespace can be made\n");
		return -1;
	}
	run("ip link set lo up && sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
	veth_add();
	return rig_start(state);
}

static void far_send(int fd, uint32_t number)
{
	uint8_t frame[RIG_LEN] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, RIG_TYPE >> 8, RIG_TYPE & 255
	};

	memcpy(frame + RTE_ETHER_HDR_LEN, &number, sizeof(number));
	assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
}

static void far_receive(int fd, uint32_t number)
{
	uint8_t frame[2048];
	uint32_t got;

	assert_true(rig_fd_readable(fd, HANG_MS));
	assert_int_equal(recv(fd, frame, sizeof(frame), MSG_DONTWAIT), RIG_LEN);
	memcpy(&got, frame + RTE_ETHER_HDR_LEN, sizeof(got));
	assert_int_equal(got, number);
}

static void both_ways(struct ethdev *port, int fd)
{
	int64_t got;

	for (uint32_t i = 0; i < 100; i++) {
		rig_send(port, 0, i);
		far_receive(fd, i);
		far_send(fd, i);
		rig_until((got = rig_take(port, 0)) >= 0);
		assert_int_equal(got, i);
	}
}

struct sender {
	int fd;
	uint32_t count;
	_Atomic uint32_t received; /* the sender stays near: a kernel queue that overflows is not what is tested */
};

static void *send_all(void *argument)
{
	struct sender *sender = argument;
	unsigned seed = 1;

	for (uint32_t i = 0; i < sender->count; i++) {
		while (i - atomic_load(&sender->received) > 100)
			sched_yield();
		far_send(sender->fd, i);
		for (int spin = rand_r(&seed) % 20000; spin > 0; spin--)
			rte_pause();
	}
	return NULL;
}

static void wakes_for_each(struct ethdev *port, int fd)
{
	struct sender sender = { .fd = fd, .count = 2000 };
	uint32_t expected = 0, sleeps = 0;
	pthread_t thread;
	int64_t got;

	assert_true(ethdev_receive_fd(port, 0) >= 0);
	pthread_create(&thread, NULL, send_all, &sender);
	while (expected < sender.count) {
		if ((got = rig_take(port, 0)) >= 0) {
			assert_int_equal(got, expected++);
			atomic_store(&sender.received, expected);
			continue;
		}
		if (ethdev_arm(port, 0, true))
			continue;
		sleeps++;
		assert_true(rig_readable(port, 0, HANG_MS)); /* else: slept through a frame */
	}
	pthread_join(thread, NULL);
	print_message("%u frames, %u sleeps\n", sender.count, sleeps);
	rig_arm(port, 0);
	assert_false(rig_readable(port, 0, 50)); /* an idle sleeper sleeps */
}

/* talks_and_wakes is what every port on the veth pair does, from opening to closing. */
static void talks_and_wakes(const char *devargs)
{
	struct ethdev *port = rig_open(devargs, 1);
	struct ethdev_info info = rig_info(port);
	int fd = far_end(FAR);

	assert_int_equal(info.state, ETHDEV_UP);
	assert_string_equal(info.interface, NEAR);
	assert_true(info.rx_interrupts);
	both_ways(port, fd);
	wakes_for_each(port, fd);
	run("ip link set " FAR " down");
	rig_until(rig_info(port).state == ETHDEV_DOWN);
	run("ip link set " FAR " up");
	rig_until(rig_info(port).state == ETHDEV_UP);
	run("ip link set " NEAR " down && ip link set " NEAR " up");
	rig_until(rig_info(port).state == ETHDEV_UP);
	rig_arm(port, 0);
	rig_arm(port, 0);
	assert_false(rig_readable(port, 0, 50)); /* although its socket had an error */
	close(fd);
	fd = far_end(FAR);
	both_ways(port, fd);
	close(fd);
	ethdev_close(port);
	assert_int_equal(rte_mempool_in_use_count(rig_pool), 0);
}

/* gone_and_back: the interface vanishes under the port, by command, and comes back. */
static void gone_and_back(const char *devargs, const char *command)
{
	struct ethdev *port = rig_open(devargs, 1);
	struct rte_mbuf *frame = rig_frame(1);
	int fd;

	run(command);
	rig_until(rig_info(port).state == ETHDEV_GONE);
	assert_int_equal(ethdev_receive_fd(port, 0), -1);
	assert_int_equal(ethdev_transmit(port, 0, &frame, 1), 0);
	assert_int_equal(rig_take(port, 0), -1);
	rte_pktmbuf_free(frame);
	ethdev_close(port);
	veth_delete();
	veth_add();
	port = rig_open(devargs, 1);
	fd = far_end(FAR);
	both_ways(port, fd);
	close(fd);
	ethdev_close(port);
}

static void vanishes(const char *devargs)
{
	char error[256];

	gone_and_back(devargs, "ip link delete " NEAR);
	gone_and_back(devargs, "ip link delete " NEAR " && ip link add " NEAR " type veth peer name " FAR);
	veth_delete();
	assert_null(rig_open_error(devargs, 1, error, sizeof(error)));
	print_message("%s\n", error);
	veth_add();
}

static void again_and_again(const char *devargs)
{
	int before, after;

	before = dup(0);
	for (int cycle = 0; cycle < 50; cycle++) {
		struct ethdev *port = rig_open(devargs, 1);
		int fd = far_end(cycle % 2 ? FAR : NEAR);

		for (uint32_t i = 0; i < 20; i++) /* left in the rings */
			far_send(fd, i);
		close(fd);
		ethdev_close(port);
	}
	after = dup(0);
	assert_int_equal(before + 1, after); /* no descriptor stays behind */
	close(before);
	close(after);
	assert_int_equal(rte_mempool_in_use_count(rig_pool), 0);
}

#define AF_PACKET_PORT "net_af_packet0,iface=" NEAR
#define AF_XDP_PORT    "net_af_xdp0,iface=" NEAR

static void af_packet_talks_and_wakes(void **state)
{
	(void)state;
	talks_and_wakes(AF_PACKET_PORT);
}

static void af_packet_vanishes(void **state)
{
	(void)state;
	vanishes(AF_PACKET_PORT);
}

static void af_packet_opens_again_and_again(void **state)
{
	(void)state;
	again_and_again(AF_PACKET_PORT);
}

static void af_xdp_talks_and_wakes(void **state)
{
	(void)state;
	talks_and_wakes(AF_XDP_PORT);
}

static void af_xdp_vanishes(void **state)
{
	(void)state;
	vanishes(AF_XDP_PORT);
}

static void af_xdp_opens_again_and_again(void **state)
{
	(void)state;
	again_and_again(AF_XDP_PORT);
}

/* AF_XDP takes frames of one segment: others are brought into one. */
static void af_xdp_sends_frames_in_segments(void **state)
{
	struct ethdev *port = rig_open(AF_XDP_PORT, 1);
	int fd = far_end(FAR);
	struct rte_mbuf *frame, *tail, *clone;

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		frame = rig_frame(i);
		rte_pktmbuf_trim(frame, RIG_LEN / 2);
		tail = rte_pktmbuf_alloc(rig_pool);
		tail->data_len = RIG_LEN / 2;
		tail->pkt_len = RIG_LEN / 2;
		memset(rte_pktmbuf_mtod(tail, void *), 0, RIG_LEN / 2);
		assert_int_equal(rte_pktmbuf_chain(frame, tail), 0);
		clone = rte_pktmbuf_clone(frame, rig_pool);
		rig_until(ethdev_transmit(port, 0, &frame, 1) == 1);
		rig_until(ethdev_transmit(port, 0, &clone, 1) == 1);
		far_receive(fd, i);
		far_receive(fd, i);
	}
	close(fd);
	ethdev_close(port);
	assert_int_equal(rte_mempool_in_use_count(rig_pool), 0);
}

static void tap_talks_and_wakes(void **state)
{
	struct ethdev *port = rig_open("net_tap0,iface=" TAP, 2);
	int fd;

	(void)state;
	assert_int_equal(rig_info(port).rx_queues, 2);
	ethdev_close(port);
	port = rig_open("net_tap0,iface=" TAP, 1);
	fd = far_end(TAP);
	rig_until(rig_info(port).state == ETHDEV_UP);
	both_ways(port, fd);
	wakes_for_each(port, fd);
	close(fd);
	run("ip link set " TAP " down");
	rig_until(rig_info(port).state == ETHDEV_DOWN);
	run("ip link delete " TAP);
	rig_until(rig_info(port).state == ETHDEV_GONE);
	ethdev_close(port);
	for (int cycle = 0; cycle < 50; cycle++)
		ethdev_close(rig_open("net_tap0,iface=" TAP, 2));
	assert_int_equal(rte_mempool_in_use_count(rig_pool), 0);
}

/* Its kernel side may be put into a container: the port goes on. */
/* The driver of DPDK 22.11 writes past its message when it has more than 4 pairs. */
static void tap_has_at_most_four_pairs(void **state)
{
	struct ethdev *port = rig_open("net_tap7,iface=vmmqPt7", 16);
	struct ethdev_info info = rig_info(port);

	(void)state;
	assert_int_equal(info.rx_queues, 4);
	assert_int_equal(info.tx_queues, 4);
	ethdev_close(port);
}

static void tap_moves_to_another_namespace(void **state)
{
	char command[160];
	struct ethdev *port = rig_open("net_tap0,iface=" TAP, 1);

	(void)state;
	snprintf(command, sizeof(command),
		 "ip netns add vmmqPn%d && ip link set " TAP " netns vmmqPn%d && ip -n vmmqPn%d link set " TAP " up",
		 getpid(), getpid(), getpid());
	run(command);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(rig_info(port).state, ETHDEV_UP);
		usleep(1000);
	}
	snprintf(command, sizeof(command), "ip netns delete vmmqPn%d", getpid());
	run(command);
	ethdev_close(port);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(af_packet_talks_and_wakes),
		cmocka_unit_test(af_packet_vanishes),
		cmocka_unit_test(af_packet_opens_again_and_again),
		cmocka_unit_test(af_xdp_talks_and_wakes),
		cmocka_unit_test(af_xdp_vanishes),
		cmocka_unit_test(af_xdp_opens_again_and_again),
		cmocka_unit_test(af_xdp_sends_frames_in_segments),
		cmocka_unit_test(tap_talks_and_wakes),
		cmocka_unit_test(tap_has_at_most_four_pairs),
		cmocka_unit_test(tap_moves_to_another_namespace),
	};

	if (geteuid()) {
		printf("ports on kernel interfaces need root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, start, NULL);
}
