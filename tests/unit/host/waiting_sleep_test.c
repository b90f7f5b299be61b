/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors that run on threads of their own, beside a guest that is slow, and one that has stopped reading: they sleep. */
#include "unit/host/clock_fake.h"
#include "unit/host/host_rig.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define DEAF_NS 30000000u

static void nap(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / SECOND_NS), .tv_nsec = (long)(ns % SECOND_NS) };

	nanosleep(&t, NULL);
}

static void *processor_main(void *argument)
{
	assert_int_equal(vmmq_processors_run(adapter, argument, 1), VMMQ_SUCCESS);
	return NULL;
}

static struct vmmq_processor_counters counters_of_1(void)
{
	struct vmmq_processor_counters counters;

	vmmq_processor_counters_read(adapter, processors[1], &counters);
	return counters;
}

/* it_sleeps waits until processors[1] has slept. */
static void it_sleeps(void)
{
	uint64_t start = now_ns(), before = counters_of_1().asleep_ns;

	while (counters_of_1().asleep_ns == before && !hangs(start))
		nap(DEAF_NS / 10);
	assert_true(counters_of_1().asleep_ns > before);
}

/* it_sleeps_on waits until processors[1] has not turned for a while. */
static void it_sleeps_on(void)
{
	uint64_t start = now_ns(), turns;

	do {
		turns = counters_of_1().turns;
		nap(3 * DEAF_NS);
	} while (counters_of_1().turns != turns && !hangs(start));
	assert_int_equal(counters_of_1().turns, turns);
}

static void set_deaf(void *argument)
{
	(void)argument;
	host->deaf_ns = DEAF_NS;
}

/* until waits for a counter of VPort 1 to reach a value. */
static void until(struct host_counters *counters, const uint64_t *counter, uint64_t value, struct fake *emptied)
{
	uint64_t start = now_ns();

	do {
		nap(DEAF_NS / 10);
		if (emptied)
			fake_empty(emptied);
		host_counters_read(host, id(1), counters);
	} while (*counter != value && !hangs(start));
	assert_int_equal(*counter, value);
}

/* send_signalled: the devices signal until it is taken back, which their queues do not know of. */
static void send_signalled(int fd, uint32_t count)
{
	const uint64_t one = 1;

	for (uint32_t i = 0; i < count; i++)
		rig_send(uplink, 1, STRANGER, UNTAGGED, i);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}

static void take_signal_back(int fd)
{
	uint64_t signals;

	assert_int_equal(read(fd, &signals, sizeof(signals)), sizeof(signals));
}

/*
 * A processor that nothing else wakes naps while something waits for its guest, goes on with that when the guest reads, and is not
 * kept awake by one that has stopped reading.
 */
static void processors_sleep(void **state)
{
	const int fd = eventfd(0, EFD_NONBLOCK);
	pthread_t thread[PROCESSORS];
	struct host_counters now;
	struct fake *one;

	(void)state;
	clock_run(true);
	rig_make_with(0, VMMQ_MODERATION_ADAPTIVE);
	host->deaf_ns = UINT64_MAX;
	host_set_uplink(host, NULL, 0);
	uplink->receive_fd = fd;
	fake_device("fake1")->receive_fd = fd;
	host_set_uplink(host, DEVICE("fake9"), 2);
	one = rig_vport(1, 0);
	one->room = 10;
	for (uintptr_t i = 0; i < PROCESSORS; i++)
		pthread_create(&thread[i], NULL, processor_main, (void *)(uintptr_t)&processors[i]);
	it_sleeps_on();
	send_signalled(fd, 100);
	until(&now, &now.waiting, 90, NULL);
	take_signal_back(fd);
	it_sleeps();
	it_sleeps();
	until(&now, &now.waiting, 0, one);
	assert_int_equal(rig_counters(1).to_guest_packets, 100);
	one->room = 0;
	vmmq_processor_call(adapter, processors[1], set_deaf, NULL);
	send_signalled(fd, 100);
	until(&now, &now.drops[HOST_DROP_BACKEND_FULL], 100, NULL);
	take_signal_back(fd);
	it_sleeps_on();
	vmmq_adapter_stop(adapter);
	for (unsigned i = 0; i < PROCESSORS; i++)
		pthread_join(thread[i], NULL);
	clock_run(false);
	rig_end();
	close(fd);
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processors_sleep),
	};

	return cmocka_run_group_tests_name("waiting_sleep", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
