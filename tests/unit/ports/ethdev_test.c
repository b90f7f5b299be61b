/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports that need no privilege: null, ring, pcap, memif, and vhost-user with virtio-user as its guest, in one process. */
#include "unit/ports/ethdev_rig.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static char folder[] = "/tmp/vmmq-ethdev-XXXXXX";
static char vhost[128], guest[128], path[64];

static int start(void **state)
{
	if (!mkdtemp(folder) || rig_start(state))
		return -1;
	snprintf(path, sizeof(path), "%s/v.sock", folder);
	snprintf(vhost, sizeof(vhost), "net_vhost0,iface=%s,queues=2", path);
	snprintf(guest, sizeof(guest), "net_virtio_user0,path=%s,queues=2,queue_size=1024", path);
	return 0;
}

static int stop(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) ? -1 : 0;
}

static void assert_nothing_lost(void)
{
	assert_int_equal(rte_mempool_in_use_count(rig_pool), 0);
}

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
	assert_non_null(strstr(error, "net_vhost1"));
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

/* connect makes the pair and waits until the guest's queues are in use. */
static struct ethdev *connect_guest(struct ethdev *host, uint16_t queues)
{
	struct ethdev *port = rig_open(guest, queues);

	rig_until(rig_info(host).state == ETHDEV_UP && rig_info(host).rx_enabled == queues &&
		  rig_info(host).tx_enabled == queues);
	return port;
}

static void a_guest_comes_talks_and_goes(void **state)
{
	struct ethdev *host = rig_open(vhost, 2), *port;
	struct rte_mbuf *frame;

	(void)state;
	assert_int_equal(rig_info(host).state, ETHDEV_NO_PEER);
	assert_string_equal(rig_info(host).interface, path);
	for (int cycle = 0; cycle < 10; cycle++) {
		port = connect_guest(host, 2);
		for (uint16_t q = 0; q < 2; q++) {
			rig_traffic(port, host, q, 100);
			rig_traffic(host, port, q, 100);
		}
		ethdev_close(port);
		rig_until(rig_info(host).state == ETHDEV_NO_PEER);
		assert_int_equal(rig_info(host).rx_enabled, 0);
		frame = rig_frame(0);
		assert_int_equal(ethdev_transmit(host, 0, &frame, 1), 0);
		assert_int_equal(ethdev_receive(host, 0, &frame, 1), 0);
		rte_pktmbuf_free(frame);
	}
	ethdev_close(host);
	assert_nothing_lost();
}

static void a_change_is_told(void **state)
{
	struct ethdev *host = rig_open(vhost, 1), *port;
	int fd = ethdev_event_fd();
	uint64_t count;

	(void)state;
	assert_true(fd >= 0);
	(void)!read(fd, &count, sizeof(count));
	ethdev_changed(host);
	assert_false(ethdev_changed(host));
	port = rig_open(guest, 1);
	assert_true(rig_fd_readable(fd, HANG_MS));
	rig_until(ethdev_changed(host));
	ethdev_close(port);
	ethdev_close(host);
}

/* A guest with one of two queue pairs: the other takes and gives nothing. */
static void a_queue_that_is_not_enabled_is_left_alone(void **state)
{
	struct ethdev *host = rig_open(vhost, 2), *port;
	struct rte_mbuf *frame = rig_frame(1);

	(void)state;
	port = rig_open(guest, 1);
	rig_until(rig_info(host).rx_enabled == 1 && rig_info(host).tx_enabled == 1);
	assert_int_equal(ethdev_transmit(host, 1, &frame, 1), 0);
	rte_pktmbuf_free(frame);
	rig_traffic(port, host, 0, 10);
	ethdev_close(port);
	ethdev_close(host);
}

struct sender {
	struct ethdev *port;
	uint16_t queue;
	uint32_t count;
	_Atomic uint32_t
	    received; /* the next frame goes when the one before is there, so that each may find a sleeper */
};

static void *send_all(void *argument)
{
	struct sender *sender = argument;
	unsigned seed = 1;

	for (uint32_t i = 0; i < sender->count; i++) {
		while (i > atomic_load(&sender->received))
			sched_yield();
		rig_send(sender->port, sender->queue, i);
		for (int spin = rand_r(&seed) % 20000; spin > 0; spin--)
			rte_pause();
	}
	return NULL;
}

/* Frames come at any moment between the last look, the arming, and the sleep; each wakes the sleeper. */
static void wakes_for_each(struct ethdev *from, struct ethdev *to, uint16_t queue)
{
	struct sender sender = { .port = from, .queue = queue, .count = 3000 };
	uint32_t expected = 0, sleeps = 0;
	pthread_t thread;
	int64_t got;

	assert_true(ethdev_receive_fd(to, queue) >= 0);
	pthread_create(&thread, NULL, send_all, &sender);
	while (expected < sender.count) {
		if ((got = rig_take(to, queue)) >= 0) {
			assert_int_equal(got, expected++);
			atomic_store(&sender.received, expected);
			continue;
		}
		if (ethdev_arm(to, queue, true))
			continue;
		sleeps++;
		assert_true(rig_readable(to, queue, HANG_MS)); /* else: slept through a frame */
	}
	pthread_join(thread, NULL);
	print_message("%u frames, %u sleeps\n", sender.count, sleeps);
	assert_true(sleeps > 0);
	rig_arm(to, queue);
	assert_false(rig_readable(to, queue, 20)); /* an idle sleeper sleeps */
}

static void a_frame_wakes_a_sleeper(void **state)
{
	struct ethdev *host = rig_open(vhost, 2), *port = connect_guest(host, 2);

	(void)state;
	assert_true(rig_info(host).rx_interrupts);
	for (uint16_t q = 0; q < 2; q++)
		wakes_for_each(port, host, q);
	ethdev_close(port);
	rig_until(rig_info(host).state == ETHDEV_NO_PEER);
	rig_arm(host, 0);
	port = connect_guest(host, 2);
	assert_true(rig_readable(host, 0, HANG_MS)); /* to arm again, for the new guest */
	wakes_for_each(port, host, 0);
	ethdev_close(port);
	ethdev_close(host);
	assert_nothing_lost();
}

/* listener makes a process that listens on path until it is killed. */
static pid_t listener(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), ready[2];
	pid_t pid;
	char byte;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		listen(fd, 1); /* here, so that SO_PEERCRED names this process */
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	close(fd);
	return pid;
}

static void a_dead_ones_socket_is_removed_a_live_ones_not(void **state)
{
	pid_t pid = listener();
	char error[256], number[32];

	(void)state;
	snprintf(number, sizeof(number), "process %d ", (int)pid);
	assert_null(rig_open_error(vhost, 1, error, sizeof(error)));
	assert_non_null(strstr(error, number));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(access(path, F_OK), 0);
	ethdev_close(rig_open(vhost, 1));
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(rig_open_error(vhost, 1, error, sizeof(error)));
	assert_non_null(strstr(error, "not a socket"));
	rmdir(path);
}

/* stranger connects, says something, and leaves; DPDK's library hangs up. */
static void stranger(size_t len)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char bytes[512];

	memset(bytes, 0xa5, sizeof(bytes));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (len)
		assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), len);
	close(fd);
}

static void strangers_do_no_harm(void **state)
{
	struct ethdev *host = rig_open(vhost, 1), *port;

	(void)state;
	for (size_t i = 0; i < 20; i++)
		stranger(i * 25);
	port = connect_guest(host, 1);
	stranger(100);
	rig_traffic(port, host, 0, 10);
	rig_traffic(host, port, 0, 10);
	ethdev_close(port);
	ethdev_close(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_again_and_again),
		cmocka_unit_test(a_ring_returns_what_it_takes),
		cmocka_unit_test(a_driver_without_hashes_says_so),
		cmocka_unit_test(a_name_is_there_once),
		cmocka_unit_test(a_capture_file_is_a_port),
		cmocka_unit_test(memif_peers_talk),
		cmocka_unit_test(memif_servers_share_a_socket),
		cmocka_unit_test(memif_closes_on_strangers),
		cmocka_unit_test(a_guest_comes_talks_and_goes),
		cmocka_unit_test(a_change_is_told),
		cmocka_unit_test(a_queue_that_is_not_enabled_is_left_alone),
		cmocka_unit_test(a_frame_wakes_a_sleeper),
		cmocka_unit_test(a_dead_ones_socket_is_removed_a_live_ones_not),
		cmocka_unit_test(strangers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
