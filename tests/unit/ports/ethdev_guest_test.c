/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's port: vhost-user with virtio-user as its guest, in one process. */
#include "unit/hang.h"
#include "unit/ports/ethdev_folder.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

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
	struct ethdev *host = rig_open(vhost, 2), *port;
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

/* stranger connects, says something, and leaves. */
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
	struct ethdev *host = rig_open(vhost, 2), *port;

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
		cmocka_unit_test(a_guest_comes_talks_and_goes),
		cmocka_unit_test(a_change_is_told),
		cmocka_unit_test(a_queue_that_is_not_enabled_is_left_alone),
		cmocka_unit_test(a_frame_wakes_a_sleeper),
		cmocka_unit_test(a_dead_ones_socket_is_removed_a_live_ones_not),
		cmocka_unit_test(strangers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, folder_start, folder_stop);
}
