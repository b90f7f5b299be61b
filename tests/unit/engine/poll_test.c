/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Polls come and go while processors run, and let them sleep: on a descriptor, without a lost wake-up, or in naps.  The
 * device here is a queue that any thread puts numbers into and that signals an eventfd when it is armed, as a NIC does.
 */
#include "unit/engine/thread_rig.h"

#include <rte_pause.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit/core/test_random.h"
#include "unit/hang.h"

#define IDLE_NS  100000000u
#define NAP_NS   10000000u
#define PINGS    20000u
#define PINGS_NS 8000000000u
#define CHANGES  2000u

struct device {
	_Atomic uint64_t put;  /* any thread */
	_Atomic uint64_t seen; /* its processor */
	atomic_bool armed;
	bool always; /* signals whether it is armed or not */
	int fd;

	/* whichever processor polls it: not atomic */
	uint64_t taken;
	uint64_t polls;
	bool is_armed;
	bool is_inside; /* a poll */
	bool ends;      /* is told when what it was polled for ends */
	bool is_open;   /* that has not ended */
	unsigned late;  /* so many times something comes without a signal just before it is armed */
};

static struct vmmq_adapter *adapter;
static struct rte_mempool *pool;
static struct rig_stack packets;
static void (*in_indication)(void);

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool = rig_pool("packets", 255);
	return 0;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	if (in_indication)
		in_indication();
	vmmq_take_packets(adapter, indication->packet, indication->count);
	for (unsigned i = 0; i < indication->count; i++)
		rig_put(&packets, indication->packet[i]);
}

static void begin(enum vmmq_moderation moderation)
{
	in_indication = NULL;
	adapter = rig_adapter((struct vmmq_adapter_params){ .moderation = moderation, .indicate = on_indicate },
			      (const uint16_t[]){ 0, 1, 2, 3 }, RIG_PROCESSORS);
}

static struct device *device_make(void)
{
	struct device *device = calloc(1, sizeof(*device));

	assert_non_null(device);
	device->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_true(device->fd >= 0);
	return device;
}

static void device_free(struct device *device)
{
	assert_false(device->is_armed);
	close(device->fd);
	free(device);
}

static void nothing(void *argument)
{
	(void)argument;
}

static void device_end(void *context)
{
	struct device *device = context;

	assert_false(device->is_inside);
	device->is_open = false;
}

static unsigned device_poll(void *context)
{
	struct device *device = context;
	uint64_t put = atomic_load_explicit(&device->put, memory_order_acquire);
	unsigned n = (unsigned)(put - device->taken);

	assert_false(device->is_open);
	device->is_open = device->ends;
	device->is_inside = true;
	if (device->polls++ % 16 == 0) /* while it waits, its processor serves other calls */
		vmmq_processor_call(adapter, rig_processor(put % RIG_PROCESSORS), nothing, NULL);
	device->is_inside = false;
	device->taken = put;
	atomic_store_explicit(&device->seen, put, memory_order_release);
	return n;
}

/* device_drain is for a poll without arm: as long as there is something, the descriptor is readable. */
static unsigned device_drain(void *context)
{
	const struct device *device = context;
	uint64_t signals;

	if (read(device->fd, &signals, sizeof(signals)) < 0) {
		/* Nothing was signalled. */
	}
	return device_poll(context);
}

static bool device_arm(void *context, bool armed)
{
	struct device *device = context;
	uint64_t signals;
	bool work;

	device->is_armed = armed;
	if (armed && device->late) {
		device->late--;
		atomic_fetch_add(&device->put, 1);
	}
	atomic_store_explicit(&device->armed, armed, memory_order_seq_cst);
	if (!armed && read(device->fd, &signals, sizeof(signals)) < 0) {
		/* Nothing was signalled. */
	}
	work = atomic_load_explicit(&device->put, memory_order_seq_cst) != device->taken;
	return armed && work;
}

static void device_put(struct device *device)
{
	const uint64_t one = 1;

	atomic_fetch_add_explicit(&device->put, 1, memory_order_seq_cst);
	if (atomic_exchange_explicit(&device->armed, false, memory_order_seq_cst) || device->always)
		assert_int_equal(write(device->fd, &one, sizeof(one)), sizeof(one));
}

static bool await_seen(const struct device *device, uint64_t count)
{
	uint64_t started = now_ns();

	while (atomic_load_explicit(&device->seen, memory_order_acquire) < count) {
		if (hangs(started))
			return false;
		sched_yield();
	}
	return true;
}

static struct vmmq_poll poll_of(struct device *device)
{
	device->ends = true;
	return (struct vmmq_poll){
		.poll = device_poll, .context = device, .arm = device_arm, .fd = device->fd, .end = device_end
	};
}

static void poll_add(unsigned processor, struct device *device)
{
	const struct vmmq_poll poll = poll_of(device);

	assert_int_equal(vmmq_processor_add_poll(adapter, rig_processor(processor), &poll), VMMQ_SUCCESS);
}

static void poll_remove(unsigned processor, const struct device *device)
{
	vmmq_processor_remove_poll(adapter, rig_processor(processor), device);
}

static void stepped(void **state)
{
	struct device *device[3];
	struct vmmq_poll poll;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	for (unsigned i = 0; i < 3; i++) {
		device[i] = device_make();
		poll_add(0, device[i]);
	}
	poll = poll_of(device[1]);
	assert_int_equal(vmmq_processor_add_poll(adapter, rig_processor(0), &poll), VMMQ_INVALID_PARAMETER);
	device_put(device[1]);
	assert_int_equal(vmmq_processor_poll(adapter, rig_processor(0)), 1);
	poll_remove(1, device[1]);
	poll_remove(0, device[1]);
	poll_remove(0, device[1]);
	device_put(device[1]);
	device_put(device[2]);
	assert_int_equal(vmmq_processor_poll(adapter, rig_processor(0)), 1);
	assert_int_equal(device[0]->polls, 2);
	assert_int_equal(device[1]->polls, 1);
	assert_int_equal(device[2]->polls, 2);
	vmmq_adapter_destroy(adapter);
	for (unsigned i = 0; i < 3; i++)
		device_free(device[i]);
}

static struct device *own;

static void remove_own(void)
{
	poll_remove(0, own);
}

/* From inside an indication on the same processor. */
static void removed_in_indication(void **state)
{
	struct vmmq_source *source;
	struct rte_mbuf *packet;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	rig_stack_fill(&packets, pool, 1);
	source = rig_source(adapter, VMMQ_SOURCE_WAIT);
	own = device_make();
	poll_add(0, own);
	in_indication = remove_own;
	packet = rig_get(&packets);
	assert_int_equal(vmmq_receive(source, &packet, 1), 1);
	for (unsigned i = 0; i < 5; i++)
		vmmq_processor_poll(adapter, rig_processor(0));
	assert_int_equal(own->polls, 1);
	vmmq_adapter_destroy(adapter);
	device_free(own);
	assert_int_equal(rig_stack_empty(&packets), 1);
}

/* Devices wander among running processors and are freed as soon as they are removed; what is put into them is found. */
static void wandering(enum vmmq_moderation moderation, unsigned threads)
{
	struct rig_thread thread[RIG_PROCESSORS];
	struct device *device[6];
	uint64_t put[6] = { 0 };
	unsigned place[6];

	begin(moderation);
	rig_run(adapter, thread, threads);
	for (unsigned i = 0; i < 6; i++) {
		device[i] = device_make();
		place[i] = i % RIG_PROCESSORS;
		poll_add(place[i], device[i]);
	}
	for (unsigned i = 0; i < CHANGES; i++) {
		unsigned d = random_below(6);

		if (random_one_in(2)) {
			device_put(device[d]);
			put[d]++;
		}
		if (random_one_in(4))
			assert_true(await_seen(device[d], put[d]));
		poll_remove(place[d], device[d]);
		if (random_one_in(8)) {
			device_free(device[d]);
			device[d] = device_make();
			put[d] = 0;
		}
		assert_false(device[d]->is_inside); /* nobody else touches it now */
		place[d] = random_below(RIG_PROCESSORS);
		poll_add(place[d], device[d]);
	}
	for (unsigned i = 0; i < 6; i++)
		assert_true(await_seen(device[i], put[i]));
	rig_stop(adapter, thread, threads);
	vmmq_adapter_destroy(adapter);
	for (unsigned i = 0; i < 6; i++)
		device_free(device[i]);
}

static void added_and_removed_under_load(void **state)
{
	(void)state;
	random_start();
	wandering(VMMQ_MODERATION_POLL, RIG_PROCESSORS);
	wandering(VMMQ_MODERATION_INTERRUPT, RIG_PROCESSORS);
	wandering(VMMQ_MODERATION_ADAPTIVE, 2);
}

/*
 * With a device on every processor there comes a time after which none turns but for a nap (the devices' calls have been
 * served, and what rang late), and its clocks say that it sleeps.  napping: the devices have no descriptor.
 */
static void idle(enum vmmq_moderation moderation, unsigned threads, const struct vmmq_poll *poll, bool napping)
{
	struct vmmq_processor_counters before, after;
	struct rig_thread thread[RIG_PROCESSORS];
	uint64_t begun = now_ns(), read, slept, passed, allowed;

	begin(moderation);
	rig_run(adapter, thread, threads);
	for (unsigned p = 0; p < RIG_PROCESSORS; p++) {
		assert_int_equal(vmmq_processor_add_poll(adapter, rig_processor(p), &poll[p]), VMMQ_SUCCESS);
		device_put(poll[p].context);
		assert_true(await_seen(poll[p].context, 1));
	}
	do {
		uint64_t started = now_ns();

		vmmq_processor_counters_read(adapter, rig_processor(1), &before);
		read = now_ns();
		rig_nap(IDLE_NS);
		slept = now_ns() - read;
		vmmq_processor_counters_read(adapter, rig_processor(1), &after);
		allowed = napping ? 2 + 2 * (now_ns() - started) / NAP_NS : 0;
	} while (after.turns - before.turns > allowed && !hangs(begun));
	passed = now_ns() - begun;
	assert_in_range(after.turns - before.turns, 0, allowed);
	assert_true(after.asleep_ns - before.asleep_ns > (napping ? 0 : slept - slept / 10));
	assert_true(after.asleep_ns < passed + passed / 10);
	assert_int_equal(before.busy_ns, after.busy_ns);
	assert_true(after.busy_ns > 0);
	assert_true(after.busy_ns < passed + passed / 10);
	rig_stop(adapter, thread, threads);
	vmmq_adapter_destroy(adapter);
}

static void idle_with_polls(void **state)
{
	struct vmmq_poll on_fd[RIG_PROCESSORS], napping[RIG_PROCESSORS];
	struct device *device[2 * RIG_PROCESSORS];

	(void)state;
	for (unsigned i = 0; i < 2 * RIG_PROCESSORS; i++)
		device[i] = device_make();
	for (unsigned i = 0; i < RIG_PROCESSORS; i++) {
		on_fd[i] = poll_of(device[i]);
		napping[i] = (struct vmmq_poll){
			.poll = device_poll, .context = device[RIG_PROCESSORS + i], .fd = -1, .nap_ns = NAP_NS
		};
	}
	idle(VMMQ_MODERATION_INTERRUPT, RIG_PROCESSORS, on_fd, false);
	for (unsigned i = 0; i < RIG_PROCESSORS; i++)
		atomic_store(&device[i]->seen, 0);
	idle(VMMQ_MODERATION_ADAPTIVE, 1, on_fd, false);
	idle(VMMQ_MODERATION_ADAPTIVE, 1, napping, true);
	for (unsigned i = 0; i < 2 * RIG_PROCESSORS; i++)
		device_free(device[i]);
}

/* Neither a descriptor nor a nap: the processor stays awake, whatever the moderation. */
static void sleepless(void **state)
{
	struct vmmq_processor_counters counters;
	struct rig_thread thread[RIG_PROCESSORS];
	struct device *device = device_make();
	const struct vmmq_poll poll = { .poll = device_poll, .context = device, .fd = -1 };

	(void)state;
	begin(VMMQ_MODERATION_INTERRUPT);
	assert_int_equal(vmmq_processor_add_poll(adapter, rig_processor(0), &poll), VMMQ_SUCCESS);
	rig_run(adapter, thread, RIG_PROCESSORS);
	for (unsigned i = 1; i <= 100; i++) {
		device_put(device);
		assert_true(await_seen(device, i));
	}
	vmmq_processor_counters_read(adapter, rig_processor(0), &counters);
	assert_int_equal(counters.asleep_ns, 0);
	rig_stop(adapter, thread, RIG_PROCESSORS);
	vmmq_adapter_destroy(adapter);
	device_free(device);
}

/* A random moment after the one before was seen, mostly about when the processor falls asleep. */
static void ping_pong(enum vmmq_moderation moderation, bool arms)
{
	struct rig_thread thread[RIG_PROCESSORS];
	struct device *device = device_make();
	struct vmmq_poll poll = poll_of(device);
	uint64_t started = now_ns(), i = 0;

	if (!arms) {
		poll.poll = device_drain;
		poll.arm = NULL;
		device->always = true;
	}
	begin(moderation);
	rig_run(adapter, thread, 1);
	assert_int_equal(vmmq_processor_add_poll(adapter, rig_processor(2), &poll), VMMQ_SUCCESS);
	for (; i < PINGS && now_ns() - started < PINGS_NS; i++) {
		uint64_t until = now_ns() + (random_one_in(16) ? random_below(100000) : random_below(5000));

		device_put(device);
		if (!await_seen(device, i + 1))
			fail_msg("the wake-up of packet %u was lost", (unsigned)i);
		while (now_ns() < until)
			rte_pause();
	}
	rig_stop(adapter, thread, 1);
	vmmq_adapter_destroy(adapter);
	device_free(device);
}

/* What arm finds keeps the processor awake, although no descriptor says so. */
static void arm_finds_something(void **state)
{
	struct rig_thread thread[RIG_PROCESSORS];
	struct device *device = device_make();

	(void)state;
	device->late = 1000;
	begin(VMMQ_MODERATION_INTERRUPT);
	rig_run(adapter, thread, 2);
	poll_add(3, device);
	assert_true(await_seen(device, 1000));
	rig_stop(adapter, thread, 2);
	vmmq_adapter_destroy(adapter);
	device_free(device);
}

static void no_wakeup_lost(void **state)
{
	(void)state;
	random_start();
	ping_pong(VMMQ_MODERATION_INTERRUPT, true);
	ping_pong(VMMQ_MODERATION_ADAPTIVE, true);
	ping_pong(VMMQ_MODERATION_INTERRUPT, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stepped),
		cmocka_unit_test(removed_in_indication),
		cmocka_unit_test(added_and_removed_under_load),
		cmocka_unit_test(idle_with_polls),
		cmocka_unit_test(sleepless),
		cmocka_unit_test(arm_finds_something),
		cmocka_unit_test(no_wakeup_lost),
	};

	return cmocka_run_group_tests_name("poll", tests, start, NULL);
}
