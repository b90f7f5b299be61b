/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt moderation: who has nothing to do sleeps, a packet always wakes it, and the interrupt is rung only for those
 * who sleep.
 */
#include "unit/engine/vport_rig.h"

#include <pthread.h>
#include <rte_pause.h>
#include <sched.h>
#include <time.h>

#include "base/clock.h"
#include "engine/adapter_state.h"
#include "unit/core/test_random.h"
#include "unit/hang.h"

#define THREADS   RIG_PROCESSORS
#define IDLE_NS   100000000u
#define PINGS     200000u
#define PINGS_NS  15000000000u /* enough of them, when the machine is slow */
#define PINGS_MIN 2000u

struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_source *source;
	unsigned next_processor;
	_Atomic unsigned threads;
	_Atomic uint64_t indicated;
};

static struct rte_mempool *packets;

static int start(void **state)
{
	(void)state;
	if (rig_start(THREADS))
		return -1;
	packets = rig_pool("packets", 4095);
	return 0;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct world *world = context;
	unsigned count = indication->count;

	vmmq_return_packets(world->adapter, indication->packet, count);
	atomic_fetch_add_explicit(&world->indicated, count, memory_order_release);
}

struct run {
	struct world *world;
	struct vmmq_processor processor[THREADS];
	unsigned count;
};

static int run(void *argument)
{
	struct run *run = argument;

	atomic_fetch_add_explicit(&run->world->threads, 1, memory_order_relaxed);
	return vmmq_processors_run(run->world->adapter, run->processor, run->count) == VMMQ_SUCCESS ? 0 : -1;
}

/* world_make makes the adapter; VPort n is processor n - 1's. */
static void world_make(struct world *world, enum vmmq_moderation moderation)
{
	*world = (struct world){ 0 };
	world->adapter = rig_adapter(
	    (struct vmmq_adapter_params){ .moderation = moderation, .indicate = on_indicate, .context = world },
	    (const uint16_t[]){ 0, 1, 2, 3 }, RIG_PROCESSORS);
	world->source = rig_source(world->adapter, VMMQ_SOURCE_WAIT);
}

/* world_run gives each thread its share of the processors. */
static void world_run(struct world *world, struct run runs[THREADS], unsigned threads)
{
	for (unsigned i = 0; i < threads; i++)
		runs[i] = (struct run){ .world = world };
	for (uint16_t p = 0; p < RIG_PROCESSORS; p++)
		runs[p % threads].processor[runs[p % threads].count++].v = p;
	for (unsigned i = 0; i < threads; i++)
		assert_int_equal(eal_run(i, run, &runs[i]), 0);
	while (atomic_load_explicit(&world->threads, memory_order_acquire) < threads)
		sched_yield();
}

static void world_end(struct world *world)
{
	while (!vmmq_adapter_idle(world->adapter))
		sched_yield();
	vmmq_adapter_stop(world->adapter);
	eal_wait();
	rig_balanced(world->adapter, packets);
	vmmq_adapter_destroy(world->adapter);
}

static void pause_ns(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };

	nanosleep(&t, NULL);
}

static void send(struct world *world, uint16_t vport, unsigned count)
{
	for (; count; count--) {
		struct rte_mbuf *packet = rig_packet(packets, vport, 0);

		while (!vmmq_receive(world->source, &packet, 1))
			sched_yield();
	}
}

/* await_indicated returns false when what was sent is not indicated. */
static bool await_indicated(const struct world *world, uint64_t count)
{
	uint64_t started = now_ns();

	while (atomic_load_explicit(&world->indicated, memory_order_acquire) < count) {
		if (hangs(started))
			return false;
		sched_yield();
	}
	return true;
}

static bool armed(const struct world *world, uint16_t processor)
{
	return atomic_load_explicit(&world->adapter->processor[processor].interrupt.armed, memory_order_seq_cst);
}

static void await_armed(const struct world *world, uint16_t processor)
{
	uint64_t started = now_ns();

	while (!armed(world, processor) && !hangs(started))
		pause_ns(10000);
	assert_true(armed(world, processor));
}

/*
 * await_silence returns when all processors sleep and nothing will wake them.  The ring of a packet that was found without
 * it wakes once more: so none may be left first, and who was woken by the last one has armed again then.
 */
static void await_silence(const struct world *world)
{
	uint64_t started = now_ns();

	for (uint16_t p = 0; p < RIG_PROCESSORS; p++) {
		struct pollfd ring = { .fd = world->adapter->processor[p].interrupt.event_fd, .events = POLLIN };

		while (poll(&ring, 1, 0) != 0 && !hangs(started))
			pause_ns(10000);
	}
	for (uint16_t p = 0; p < RIG_PROCESSORS; p++)
		await_armed(world, p);
}

static struct vmmq_processor_counters counters(const struct world *world, uint16_t processor)
{
	struct vmmq_processor_counters c;

	vmmq_processor_counters_read(world->adapter, (struct vmmq_processor){ processor }, &c);
	return c;
}

/* Having worked, and then with nothing to do: no processor turns.  What that costs bench-engine tells ("At rest"). */
static void idle(enum vmmq_moderation moderation, unsigned threads)
{
	uint64_t turns[RIG_PROCESSORS];
	struct run runs[THREADS];
	struct world world;

	world_make(&world, moderation);
	world_run(&world, runs, threads);
	for (uint16_t v = 1; v <= RIG_PROCESSORS; v++)
		send(&world, v, 10);
	assert_true(await_indicated(&world, 10 * RIG_PROCESSORS));
	await_silence(&world);
	for (uint16_t p = 0; p < RIG_PROCESSORS; p++)
		turns[p] = counters(&world, p).turns;
	pause_ns(IDLE_NS);
	for (uint16_t p = 0; p < RIG_PROCESSORS; p++)
		assert_int_equal(counters(&world, p).turns, turns[p]);
	world_end(&world);
}

static void test_idle_sleeps(void **state)
{
	(void)state;
	idle(VMMQ_MODERATION_INTERRUPT, THREADS);
	idle(VMMQ_MODERATION_ADAPTIVE, THREADS);
	idle(VMMQ_MODERATION_ADAPTIVE, 1);
}

/* Stepped: nobody has armed anything, so nothing is rung, and every packet was handed over without. */
static void test_no_interrupt_unless_armed(void **state)
{
	struct vmmq_processor_counters c;
	struct world world;

	(void)state;
	world_make(&world, VMMQ_MODERATION_INTERRUPT);
	send(&world, 1, 1000);
	rig_drain(world.adapter);
	c = counters(&world, 0);
	assert_int_equal(c.interrupts, 0);
	assert_int_equal(c.interrupts_saved, 1000);
	assert_int_equal(c.packets, 1000);
	assert_int_equal(c.dpcs, (1000 + RIG_TURN - 1) / RIG_TURN);
	assert_int_equal(c.turns, c.dpcs);
	world_end(&world);
}

/* Armed once: the first packet rings, those behind it do not, until it is armed again. */
static void test_one_ring_per_arming(void **state)
{
	enum { ROUNDS = 50, BEHIND = 99 };
	struct vmmq_processor_counters c;
	struct world world;

	(void)state;
	world_make(&world, VMMQ_MODERATION_INTERRUPT);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct interrupt *interrupt = &world.adapter->processor[0].interrupt;
		struct pollfd fd;

		interrupt_arm(interrupt);
		send(&world, 1, 1 + BEHIND);
		assert_false(armed(&world, 0));
		interrupt_wait(&interrupt, 1, &fd, 1, &(struct timespec){ 0 });
		rig_drain(world.adapter);
	}
	c = counters(&world, 0);
	assert_int_equal(c.interrupts, ROUNDS);
	assert_int_equal(c.interrupts_saved, ROUNDS * BEHIND);
	assert_int_equal(c.packets, ROUNDS * (1 + BEHIND));
	world_end(&world);
}

/* Running: one interrupt for each packet that finds its processor asleep, and none in poll mode. */
static void test_interrupts_counted(void **state)
{
	enum { ROUNDS = 200 };
	static const struct {
		enum vmmq_moderation moderation;
		unsigned sleeps;
	} mode[] = { { VMMQ_MODERATION_POLL, 0 }, { VMMQ_MODERATION_INTERRUPT, 1 }, { VMMQ_MODERATION_ADAPTIVE, 1 } };

	(void)state;
	for (unsigned m = 0; m < 3; m++) {
		struct vmmq_processor_counters c;
		struct run runs[THREADS];
		struct world world;

		world_make(&world, mode[m].moderation);
		world_run(&world, runs, THREADS);
		for (unsigned i = 0; i < ROUNDS; i++) {
			if (mode[m].sleeps)
				await_silence(&world);
			send(&world, 1, 1);
			assert_true(await_indicated(&world, i + 1));
		}
		/* It may have found the packet in its last look, and the ring later: that is counted once it has woken. */
		if (mode[m].sleeps)
			await_silence(&world);
		c = counters(&world, 0);
		assert_int_equal(c.interrupts, mode[m].sleeps * ROUNDS);
		assert_int_equal(c.interrupts_saved, mode[m].sleeps ? 0 : ROUNDS);
		assert_int_equal(c.packets, ROUNDS);
		world_end(&world);
	}
}

/*
 * The window in which a wake-up could be lost is that between the processor's last look at its inboxes and its sleep.  So
 * each packet is sent a random moment after the one before was indicated, mostly about as long as that way takes.
 */
static void ping_pong(enum vmmq_moderation moderation, const char *name)
{
	uint64_t started = now_ns();
	struct run runs[THREADS];
	struct world world;
	unsigned i = 0;

	world_make(&world, moderation);
	world_run(&world, runs, 1); /* one thread, so that all interrupts are armed before each sleep */
	for (; i < PINGS && (i < PINGS_MIN || now_ns() - started < PINGS_NS); i++) {
		uint64_t until = now_ns() + (random_one_in(16) ? random_below(100000) : random_below(4000));

		send(&world, (uint16_t)(1 + random_below(RIG_PROCESSORS)), 1);
		if (!await_indicated(&world, i + 1))
			fail_msg("the wake-up of packet %u was lost", i);
		while (now_ns() < until)
			rte_pause();
	}
	print_message("no wake-up lost in %u ping-pongs, %s\n", i, name);
	world_end(&world);
}

static void test_no_wakeup_lost(void **state)
{
	(void)state;
	random_start();
	ping_pong(VMMQ_MODERATION_INTERRUPT, "interrupt");
	ping_pong(VMMQ_MODERATION_ADAPTIVE, "adaptive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_interrupt_unless_armed),
		cmocka_unit_test(test_one_ring_per_arming),
		cmocka_unit_test(test_interrupts_counted),
		cmocka_unit_test(test_idle_sleeps),
		cmocka_unit_test(test_no_wakeup_lost),
	};

	return cmocka_run_group_tests_name("moderation", tests, start, NULL);
}
