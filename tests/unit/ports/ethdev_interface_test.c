/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a port changes on its kernel interface and gives back, and what an administrator does to the interface
 * meanwhile.
 * Needs root.
 */
#include "unit/ports/ethdev_far_end.h"
#include "unit/ports/ethdev_rig.h"

#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define NEAR           "vmmqP0"
#define FAR            "vmmqP1"
#define TAP            "vmmqPt0"
#define AF_PACKET_PORT "net_af_packet0,iface=" NEAR
#define AF_XDP_PORT    "net_af_xdp0,iface=" NEAR
#define TAP_PORT       "net_tap0,iface=" TAP

/* The driver of AF_XDP forgets 80 bytes of libxdp's with each port that it closes. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:xsk_umem__create\nleak:libxdp\n";
}

static char other[32]; /* a namespace */

static void run(const char *format, ...)
{
	char command[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (system(command))
		print_message("failed: %s\n", command);
}

/* says tells whether a command's output has that in it. */
static bool says(const char *command, const char *wanted)
{
	static char text[65536];
	FILE *pipe = popen(command, "r");
	size_t len = fread(text, 1, sizeof(text) - 1, pipe);

	text[len] = '\0';
	pclose(pipe);
	return strstr(text, wanted);
}

static int start(void **state)
{
	if (unshare(CLONE_NEWNET)) {
		print_message("no network namespace can be made\n");
		return -1;
	}
	snprintf(other, sizeof(other), "vmmqPo%d", getpid());
	run("ip link set lo up && sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
	return rig_start(state);
}

static int veth_add(void **state)
{
	(void)state;
	rig_until(!if_nametoindex(FAR)); /* with a namespace that is deleted its other end goes some time later */
	run("ip link add " NEAR " type veth peer name " FAR);
	run("ip link set " NEAR " up && ip link set " FAR " up");
	return 0;
}

static int veth_delete(void **state)
{
	(void)state;
	run("ip link delete " NEAR " 2>/dev/null || ip link delete " FAR " 2>/dev/null || true");
	run("ip netns delete %s 2>/dev/null || true", other);
	return 0;
}

static int mtu_of(const char *interface)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	assert_int_equal(ioctl(fd, SIOCGIFMTU, &request), 0);
	close(fd);
	return request.ifr_mtu;
}

static bool is_gone(struct ethdev *port, const char *why)
{
	struct ethdev_info info = rig_info(port);

	return info.state == ETHDEV_GONE && strstr(info.reason, why);
}

static void goes_when(const char *devargs, const char *command, const char *why)
{
	struct ethdev *port = rig_open(devargs, 1);

	run(command, other);
	rig_until(is_gone(port, why));
	assert_int_equal(ethdev_receive_fd(port, 0), -1);
	ethdev_close(port);
}

/* A port stands for the interface of that name: what has another now may be anything. */
static void renamed(void **state)
{
	(void)state;
	goes_when(AF_PACKET_PORT,
		  "ip link set " NEAR " down && ip link set " NEAR " name vmmqPx && ip link set vmmqPx up",
		  "another name");
	assert_false(says("ip -d link show vmmqPx", "promiscuity 1"));
	run("ip link set vmmqPx down && ip link set vmmqPx name " NEAR " && ip link set " NEAR " up");
	goes_when(AF_XDP_PORT,
		  "ip link set " NEAR " down && ip link set " NEAR " name vmmqPx && ip link set vmmqPx up",
		  "another name");
	run("ip link set vmmqPx name " NEAR);
}

static void moved(void **state)
{
	(void)state;
	run("ip netns add %s", other);
	goes_when(AF_PACKET_PORT, "ip link set " NEAR " netns %s", "another namespace");
	run("ip netns delete %s", other);
	veth_add(NULL);
	run("ip netns add %s", other);
	goes_when(AF_XDP_PORT, "ip link set " NEAR " netns %s", "another namespace");
}

static void made_anew(void **state)
{
	(void)state;
	goes_when(AF_PACKET_PORT, "ip link delete " NEAR " && ip link add " NEAR " type veth peer name " FAR,
		  "deleted");
	goes_when(AF_XDP_PORT, "ip link delete " NEAR " && ip link add " NEAR " type veth peer name " FAR, "deleted");
}

static void switched_off(void **state)
{
	struct ethdev *port = rig_open(AF_PACKET_PORT, 1);
	struct ethdev_info info;

	(void)state;
	assert_string_equal(rig_info(port).reason, "");
	run("ip link set " NEAR " down");
	rig_until((info = rig_info(port), info.state == ETHDEV_DOWN));
	assert_string_equal(info.reason, "the interface is switched off: ip link set dev " NEAR " up");
	run("ip link set " NEAR " up && ip link set " FAR " down");
	rig_until((info = rig_info(port), info.state == ETHDEV_DOWN && !*info.reason)); /* no link: the other end */
	run("ip link set " FAR " up");
	rig_until(rig_info(port).state == ETHDEV_UP);
	ethdev_close(port);
}

static void program_taken(void **state)
{
	(void)state;
	goes_when(AF_XDP_PORT, "ip link set dev " NEAR " xdp off", "program");
	ethdev_close(rig_open(AF_XDP_PORT, 1));
}

/* A TAP in a container, by another name, switched off, and gone with it. */
static void tap_in_a_container(void **state)
{
	struct ethdev *port = rig_open(TAP_PORT, 1);
	struct ethdev_info info;

	(void)state;
	run("ip netns add %s && ip link set " TAP " netns %s name eth0", other, other);
	rig_until(rig_info(port).state == ETHDEV_DOWN); /* who moves it switches it off */
	run("ip -n %s link set eth0 up", other);
	rig_until(rig_info(port).state == ETHDEV_UP);
	run("ip -n %s link set eth0 down", other);
	rig_until((info = rig_info(port), info.state == ETHDEV_DOWN));
	assert_non_null(strstr(info.reason, "in the namespace where it is"));
	run("ip -n %s link set eth0 up", other);
	rig_until(rig_info(port).state == ETHDEV_UP);
	run("ip netns delete %s", other);
	rig_until(is_gone(port, "deleted"));
	assert_int_equal(ethdev_receive_fd(port, 0), -1);
	ethdev_close(port);
	port = rig_open(TAP_PORT, 1); /* by the same name */
	rig_until(rig_info(port).state == ETHDEV_UP);
	ethdev_close(port);
}

static bool gro_is_on(const char *interface)
{
	char command[64];

	snprintf(command, sizeof(command), "ethtool -k %s", interface);
	return says(command, "generic-receive-offload: on");
}

static void gro_is_off_while_open(const char *devargs)
{
	struct ethdev *port;

	run("ethtool -K " NEAR " gro on");
	assert_true(gro_is_on(NEAR));
	port = rig_open(devargs, 1);
	assert_false(gro_is_on(NEAR));
	run("ethtool -K " NEAR " gro on"); /* by somebody, meanwhile */
	rig_until((ethdev_changed(port), !gro_is_on(NEAR)));
	assert_string_equal(rig_info(port).reason, "");
	ethdev_close(port);
	assert_true(gro_is_on(NEAR));
	run("ethtool -K " NEAR " gro off");
	ethdev_close(rig_open(devargs, 1));
	assert_false(gro_is_on(NEAR));
}

static void gro(void **state)
{
	(void)state;
	gro_is_off_while_open(AF_PACKET_PORT);
	gro_is_off_while_open(AF_XDP_PORT);
}

/* What merges may be below: a bridge's ports here; as well a bond's, and what a VLAN or macvlan is on. */
static void gro_below(void **state)
{
	struct ethdev *port;

	(void)state;
	run("ip link add vmmqPb type bridge && ip link set " NEAR " master vmmqPb && ip link set vmmqPb up");
	run("ethtool -K " NEAR " gro on");
	port = rig_open("net_af_packet0,iface=vmmqPb", 1);
	assert_false(gro_is_on(NEAR));
	ethdev_close(port);
	assert_true(gro_is_on(NEAR));
	run("ip link delete vmmqPb");
}

static bool far_end_segments(void)
{
	return says("ethtool -k " FAR, "tcp-segmentation-offload: off");
}

static void other_end_segments(void **state)
{
	struct ethdev *port;

	(void)state;
	assert_false(far_end_segments());
	port = rig_open(AF_PACKET_PORT, 1);
	assert_true(far_end_segments());
	ethdev_close(port);
	assert_false(far_end_segments());
}

static void promiscuous_whatever_is_set(void **state)
{
	struct ethdev *port = rig_open(AF_PACKET_PORT, 1);

	(void)state;
	assert_true(says("ip -d link show " NEAR, "promiscuity 1"));
	run("ip link set " NEAR " promisc on && ip link set " NEAR " promisc off");
	assert_true(says("ip -d link show " NEAR, "promiscuity 1"));
	ethdev_close(port);
	assert_true(says("ip -d link show " NEAR, "promiscuity 0"));
}

static struct rte_mempool *large_pool(void)
{
	static struct rte_mempool *pool;

	if (!pool)
		pool = rte_pktmbuf_pool_create_by_ops("large", 4096, 0, 0, ETHDEV_ROOM(9600) + RTE_PKTMBUF_HEADROOM,
						      SOCKET_ID_ANY, "ring_mt_rts");
	assert_non_null(pool);
	return pool;
}

static struct ethdev *open_large(const char *devargs, uint16_t mtu, char *error, size_t error_len)
{
	struct ethdev_params params = rig_params(devargs, 1);

	params.mtu = mtu;
	params.pool = large_pool();
	return ethdev_open(&params, error, error_len);
}

/* large_frames: of 9,000 bytes behind two tags, both ways. */
static void large_frames(struct ethdev *port, const char *interface)
{
	enum { LEN = 9014 };
	uint8_t frame[LEN] = { [0 ... 5] = 0xff, 2, 0, 0, 0, 0, 9, RIG_TYPE >> 8, RIG_TYPE & 255 }, got[LEN + 64];
	int fd = far_end(interface);
	struct rte_mbuf *packet;

	for (unsigned i = 14; i < LEN; i++)
		frame[i] = (uint8_t)(i * 7);
	assert_int_equal(send(fd, frame, LEN, 0), LEN);
	rig_until(ethdev_receive(port, 0, &packet, 1) == 1);
	assert_int_equal(rte_pktmbuf_pkt_len(packet), LEN);
	assert_memory_equal(rte_pktmbuf_mtod(packet, void *), frame, LEN);
	rig_until(ethdev_transmit(port, 0, &packet, 1) == 1);
	assert_true(rig_fd_readable(fd, HANG_MS));
	assert_int_equal(recv(fd, got, sizeof(got), 0), LEN);
	assert_memory_equal(got, frame, LEN);
	close(fd);
}

static void mtu_as_asked(void **state)
{
	char error[256] = "";
	struct ethdev *port;

	(void)state;
	run("ip link set " FAR " mtu 9000");
	for (int before = 1500; before <= 9000; before += 7500) {
		run("ip link set " NEAR " mtu %d", before);
		port = open_large(AF_PACKET_PORT, 9000, error, sizeof(error));
		assert_non_null(port);
		assert_int_equal(mtu_of(NEAR), 9000);
		assert_int_equal(rig_info(port).mtu, 9000);
		assert_string_equal(rig_info(port).reason, "");
		large_frames(port, FAR);
		ethdev_close(port);
		assert_int_equal(mtu_of(NEAR), before);
	}
	port = rig_open(AF_PACKET_PORT, 1);
	assert_int_equal(mtu_of(NEAR), 1500);
	ethdev_close(port);
	assert_int_equal(mtu_of(NEAR), 9000);
	port = open_large(TAP_PORT, 9000, error, sizeof(error));
	assert_non_null(port);
	assert_int_equal(mtu_of(TAP), 9000);
	large_frames(port, TAP);
	ethdev_close(port);
	assert_int_equal(rte_mempool_in_use_count(large_pool()), 0);
}

static void mtu_that_cannot_be(void **state)
{
	char error[256] = "";

	(void)state;
	run("ip link add link " NEAR " name vmmqPv type macvlan && ip link set vmmqPv up");
	assert_null(open_large("net_af_packet0,iface=vmmqPv", 9000, error, sizeof(error)));
	print_message("%s\n", error);
	assert_non_null(strstr(error, "an MTU of 9000 cannot be set"));
	assert_int_equal(mtu_of("vmmqPv"), 1500);
	assert_null(open_large(AF_XDP_PORT, 9000, error, sizeof(error)));
	print_message("%s\n", error);
	assert_non_null(strstr(error, "AF_XDP has an MTU of at most"));
	assert_null(strchr(error, '('));
	assert_int_equal(mtu_of(NEAR), 1500);
}

/* arrives_once: a frame comes by one of the queues, and by one only; and one is sent by each. */
static void arrives_once(struct ethdev *port, uint16_t queues)
{
	uint8_t frame[RIG_LEN] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, RIG_TYPE >> 8, RIG_TYPE & 255 };
	int fd = far_end(FAR);
	uint32_t number;

	for (uint32_t i = 0; i < 20; i++) {
		unsigned count = 0;
		int64_t got = -1;

		memcpy(frame + RTE_ETHER_HDR_LEN, &i, sizeof(i));
		assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
		for (uint64_t started = now_ns(); !count && !hangs(started);)
			for (uint16_t q = 0; q < queues; q++)
				if ((got = rig_take(port, q)) >= 0) {
					assert_int_equal(got, i);
					count++;
				}
		assert_int_equal(count, 1);
	}
	for (uint16_t q = 0; q < queues; q++) {
		rig_send(port, q, q);
		assert_true(rig_fd_readable(fd, HANG_MS));
		assert_int_equal(recv(fd, frame, sizeof(frame), 0), sizeof(frame));
		memcpy(&number, frame + RTE_ETHER_HDR_LEN, sizeof(number));
		assert_int_equal(number, q);
	}
	close(fd);
}

static void queues_as_asked(void **state)
{
	struct ethdev_params params = rig_params(AF_PACKET_PORT, 4);
	char error[256] = "";
	struct ethdev *port;

	(void)state;
	params.rx_exactly = true;
	port = ethdev_open(&params, error, sizeof(error));
	assert_non_null(port);
	assert_int_equal(rig_info(port).rx_queues, 4);
	assert_string_equal(rig_info(port).reason, "");
	arrives_once(port, 4);
	ethdev_close(port);
	params.devargs = AF_XDP_PORT;
	port = ethdev_open(&params, error, sizeof(error));
	assert_non_null(port);
	assert_int_equal(rig_info(port).state, ETHDEV_UP);
	assert_int_equal(rig_info(port).rx_queues, 1);
	assert_string_equal(rig_info(port).reason,
			    "it has 1 of the 4 receive queues that were asked for: no more can be had");
	ethdev_close(port);
}

/* A bridge hands up frames larger than its MTU; the port says that they come. */
static void too_long_is_told(void **state)
{
	uint8_t frame[2500] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, RIG_TYPE >> 8, RIG_TYPE & 255 };
	struct ethdev *port;
	int fd;

	(void)state;
	run("ip link add vmmqPb type bridge && ip link set " NEAR " mtu 3000 && ip link set " FAR " mtu 3000");
	run("ip link set " NEAR " master vmmqPb && ip link set vmmqPb up");
	port = rig_open("net_af_packet0,iface=vmmqPb", 1);
	assert_string_equal(rig_info(port).reason, "");
	fd = far_end(FAR);
	assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
	rig_until((rig_take(port, 0), strstr(rig_info(port).reason, "frames larger than the MTU arrive")));
	assert_int_equal(rig_info(port).state, ETHDEV_UP);
	close(fd);
	ethdev_close(port);
	run("ip link delete vmmqPb");
}

#define on_veth(test) cmocka_unit_test_setup_teardown(test, veth_add, veth_delete)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_veth(renamed),
		on_veth(moved),
		on_veth(made_anew),
		on_veth(switched_off),
		on_veth(program_taken),
		on_veth(tap_in_a_container),
		on_veth(gro),
		on_veth(gro_below),
		on_veth(other_end_segments),
		on_veth(promiscuous_whatever_is_set),
		on_veth(mtu_as_asked),
		on_veth(mtu_that_cannot_be),
		on_veth(queues_as_asked),

		on_veth(too_long_is_told),
	};

	if (geteuid()) {
		printf("ports on kernel interfaces need root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, start, NULL);
}
