/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports that need neither privilege nor guest: null, ring, pcap, memif. */
#include "unit/ports/ethdev_folder.h"

#include <sys/socket.h>
#include <sys/un.h>

static void opens_again_and_again(void **state)
{
	const char *const devargs[] = { "net_null0", "net_ring0", vhost };

	(void)state;
	for (size_t i = 0; i < sizeof(devargs) / sizeof(devargs[0]); i++)
		for (int cycle = 0; cycle < 50; cycle++)
			ethdev_close(rig_open(devargs[i], 2));
	assert_nothing_lost();
}

static void a_ring_returns_what_it_takes(void **state)
{
	struct ethdev *port = rig_open("net_ring0", 1);
	struct ethdev_info info = rig_info(port);
	struct ethdev_counters counters;

	(void)state;
	assert_int_equal(info.state, ETHDEV_UP);
	assert_string_equal(info.name, "net_ring0");
	assert_string_equal(info.driver, "net_ring");
	assert_int_equal(info.rx_enabled, info.rx_queues);
	assert_int_equal(ethdev_receive_fd(port, 0), -1);
	assert_false(ethdev_arm(port, 0, true));
	rig_traffic(port, port, 0, 100);
	ethdev_get_counters(port, &counters);
	assert_int_equal(counters.rx_packets, 100);
	assert_int_equal(counters.tx_packets, 100);
	assert_int_equal(ethdev_receive(port, 500, NULL, 1), 0);
	ethdev_close(port);
	assert_nothing_lost();
}

/* null's driver takes a key and types, and gives no hash. */
static void a_driver_without_hashes_says_so(void **state)
{
	struct ethdev *port = rig_open("net_null0", 2);
	struct ethdev_info info = rig_info(port);
	uint8_t none[sizeof(info.rss_key)] = { 0 };

	(void)state;
	assert_int_equal(info.rx_queues, 2);
	assert_int_equal(info.rss_types, 0);
	assert_memory_equal(info.rss_key, none, sizeof(none));
	ethdev_close(port);
}

static void a_name_is_there_once(void **state)
{
	struct ethdev *port = rig_open("net_null0", 1), *second;
	char error[256];

	(void)state;
	assert_null(rig_open_error("net_null0,size=64", 1, error, sizeof(error)));
	assert_non_null(strstr(error, "net_null0"));
	ethdev_close(port);
	port = rig_open(vhost, 1);
	snprintf(error, sizeof(error), "net_vhost1,iface=%s", path);
	second = rig_open_error(error, 1, error, sizeof(error));
	assert_null(second);
	assert_non_null(strstr(error, path));
	assert_non_null(strstr(error, "another port"));
	ethdev_close(port);
}

static void a_capture_file_is_a_port(void **state)
{
	char devargs[128];
	struct ethdev *port;

	(void)state;
	snprintf(devargs, sizeof(devargs), "net_pcap0,tx_pcap=%s/out.pcap", folder);
	port = rig_open(devargs, 1);
	for (uint32_t i = 0; i < 10; i++)
		rig_send(port, 0, i);
	ethdev_close(port);
	snprintf(devargs, sizeof(devargs), "net_pcap0,rx_pcap=%s/out.pcap", folder);
	port = rig_open(devargs, 1);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(rig_take(port, 0), i);
	ethdev_close(port);
	assert_nothing_lost();
}

/* memif_cycle connects two ports, has them talk, and closes them at once, in one order or the other. */
static void memif_cycle(const char *server, const char *client, uint32_t frames, bool server_first)
{
	struct ethdev *a = rig_open(server, 1), *b;

	assert_int_equal(rig_info(a).state, ETHDEV_NO_PEER);
	b = rig_open(client, 1);
	rig_until(rig_info(a).state == ETHDEV_UP && rig_info(b).state == ETHDEV_UP);
	rig_traffic(a, b, 0, frames);
	rig_traffic(b, a, 0, frames);
	ethdev_close(server_first ? a : b);
	if (frames % 2)
		rig_until(rig_info(server_first ? b : a).state == ETHDEV_NO_PEER);
	ethdev_close(server_first ? b : a);
}

static void memif_peers_talk(void **state)
{
	char server[160], client[160];

	(void)state;
	snprintf(server, sizeof(server), "net_memif0,role=server,socket=%s/m.sock,socket-abstract=no", folder);
	snprintf(client, sizeof(client), "net_memif1,role=client,socket=%s/m.sock,socket-abstract=no", folder);
	for (unsigned cycle = 0; cycle < 100; cycle++)
		memif_cycle(server, client, 20 + cycle / 2 % 2, cycle % 2);
	assert_nothing_lost();
}

/* Two servers with one socket: it stays until both are closed. */
static void memif_servers_share_a_socket(void **state)
{
	char devargs[3][160];
	struct ethdev *port[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		snprintf(devargs[i], sizeof(devargs[i]),
			 "net_memif%d,id=%d,role=%s,socket=%s/s.sock,socket-abstract=no", i, i ? 1 : 0,
			 i < 2 ? "server" : "client", folder);
	for (int cycle = 0; cycle < 5; cycle++) {
		port[0] = rig_open(devargs[0], 1);
		port[1] = rig_open(devargs[1], 1);
		ethdev_close(port[0]);
		port[2] = rig_open(devargs[2], 1);
		rig_until(rig_info(port[1]).state == ETHDEV_UP && rig_info(port[2]).state == ETHDEV_UP);
		rig_traffic(port[1], port[2], 0, 20);
		ethdev_close(port[1]);
		ethdev_close(port[2]);
	}
	assert_nothing_lost();
}

/* Somebody has connected to a memif server, and not said anything yet, when it is closed. */
static void memif_closes_on_strangers(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char devargs[160], message[512];
	struct ethdev *port;
	int fd;

	(void)state;
	snprintf(devargs, sizeof(devargs), "net_memif0,role=server,socket=%s/m.sock,socket-abstract=no", folder);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/m.sock", folder);
	for (int cycle = 0; cycle < 20; cycle++) {
		port = rig_open(devargs, 1);
		fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
		if (cycle % 2)
			assert_true(recv(fd, message, sizeof(message), 0) > 0); /* its greeting */
		ethdev_close(port);
		while (recv(fd, message, sizeof(message), 0) > 0)
			;
		assert_int_equal(send(fd, message, 1, MSG_NOSIGNAL), -1);
		close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_again_and_again),           cmocka_unit_test(a_ring_returns_what_it_takes),
		cmocka_unit_test(a_driver_without_hashes_says_so), cmocka_unit_test(a_name_is_there_once),
		cmocka_unit_test(a_capture_file_is_a_port),        cmocka_unit_test(memif_peers_talk),
		cmocka_unit_test(memif_servers_share_a_socket),    cmocka_unit_test(memif_closes_on_strangers),
	};

	return cmocka_run_group_tests(tests, folder_start, folder_stop);
}
