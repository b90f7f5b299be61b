/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues of guests that are silent are not looked at, and are heard again at once. */
#include "unit/host/clock_fake.h"
#include "unit/host/host_rig.h"

#include <rte_cycles.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define SILENT_TURNS 100000u

static struct guest_polls *polls_of(unsigned processor)
{
	return &host_processor(host, processors[processor])->polls;
}

/* turns_until_quiet turns processors until none has a busy queue. */
static void turns_until_quiet(void)
{
	const uint64_t end = rte_rdtsc() + HANG_NS / SECOND_NS * rte_get_tsc_hz();
	unsigned busy;

	do {
		assert_true(rte_rdtsc() < end);
		rig_run();
		busy = 0;
		for (unsigned i = 0; i < PROCESSORS; i++)
			busy += polls_of(i)->busy_count;
	} while (busy);
}

static struct fake *rig_vport_with_fd(uint16_t v, int fd)
{
	char name[16];

	snprintf(name, sizeof(name), "fake%u", (unsigned)v);
	fake_device(name)->receive_fd = fd;
	return rig_vport(v, 0);
}

static void kick(int fd)
{
	const uint64_t one = 1;

	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}

static void unkick(int fd)
{
	uint64_t count;

	assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
}

static void silent_queues_are_not_looked_at(void **state)
{
	const int fd[2] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK) };
	struct fake *one, *two;
	uint64_t looks;

	(void)state;
	clock_run(true);
	rig_make();
	one = rig_vport_with_fd(1, fd[0]);
	two = rig_vport_with_fd(2, fd[1]);
	turns_until_quiet();
	looks = one->looks + two->looks;
	for (unsigned turn = 0; turn < SILENT_TURNS; turn++)
		for (unsigned i = 0; i < PROCESSORS; i++)
			vmmq_processor_poll(adapter, processors[i]);
	assert_int_equal(one->looks + two->looks, looks);

	/* The one that notifies is looked at again, and the other is not. */
	looks = two->looks;
	fake_in(one, 0, rig_packet(2, 1, UNTAGGED, FRAME_LEN, 0, 7));
	kick(fd[0]);
	while (!fake_waiting(two))
		rig_run();
	unkick(fd[0]);
	rig_expect(two, 2, 1, UNTAGGED, 7);
	assert_int_equal(two->looks, looks);
	turns_until_quiet();
	rig_end();
	close(fd[0]);
	close(fd[1]);
}

/* A queue that is quiet goes to another processor, and away, like any. */
static void a_quiet_queue_moves(void **state)
{
	const int fd = eventfd(0, EFD_NONBLOCK);
	struct fake *one, *two;

	(void)state;
	clock_run(true);
	rig_make();
	one = rig_vport_with_fd(1, fd);
	two = rig_vport(2, 0);
	turns_until_quiet();
	for (uint32_t number = 0; number < 8; number++) {
		rig_rss(1, number % 3, 1 + number % 2);
		rig_apply();
		fake_in(one, 0, rig_packet(2, 1, UNTAGGED, FRAME_LEN, 0, number));
		kick(fd);
		while (!fake_waiting(two))
			rig_run();
		unkick(fd);
		rig_expect(two, 2, 1, UNTAGGED, number);
		if (number % 2)
			turns_until_quiet();
	}
	host_set_backend(host, id(1), NULL);
	for (unsigned i = 0; i < PROCESSORS; i++)
		assert_int_equal(polls_of(i)->busy_count + polls_of(i)->quiet_count, 0);
	rig_end();
	close(fd);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silent_queues_are_not_looked_at),
		cmocka_unit_test(a_quiet_queue_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
