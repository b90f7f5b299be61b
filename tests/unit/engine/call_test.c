/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls to processors: from everywhere, to processors that run, sleep, are stepped, or are run by nobody.  What the
 * functions touch is not atomic: that they never run at the same time as anything else on their processor is the point.
 */
#include "unit/engine/thread_rig.h"

enum { CALLERS = 3, CALLS = 3000, PACKETS = 4000 };

/* What belongs to a processor: whoever is on it may write here, nobody else. */
struct owned {
	uint64_t calls;
	uint64_t packets;
	pthread_t last; /* thread of the last call */
};

static struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_source *source;
	struct rig_stack packets;
	struct owned owned[RIG_PROCESSORS];
	void (*in_indication)(unsigned processor);
} world;

static struct rte_mempool *pool;

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool = rig_pool("packets", 1023);
	return 0;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	world.owned[indication->processor.v].packets += indication->count;
	if (world.in_indication)
		world.in_indication(indication->processor.v);
	vmmq_take_packets(world.adapter, indication->packet, indication->count);
	for (unsigned i = 0; i < indication->count; i++)
		rig_put(&world.packets, indication->packet[i]);
}

static void begin(enum vmmq_moderation moderation)
{
	memset((void *)&world, 0, sizeof(world));
	world.adapter = rig_adapter((struct vmmq_adapter_params){ .moderation = moderation, .indicate = on_indicate },
				    (const uint16_t[]){ 0, 1, 2, 3 }, RIG_PROCESSORS);
	world.source = rig_source(world.adapter, VMMQ_SOURCE_WAIT);
	rig_stack_fill(&world.packets, pool, 256);
}

static void end(void)
{
	for (uint16_t v = 0; v < RIG_VPORTS; v++)
		assert_int_equal(vmmq_held_read(world.adapter, (struct vmmq_vport_id){ v }), 0);
	vmmq_adapter_destroy(world.adapter);
	assert_int_equal(rig_stack_empty(&world.packets), 256);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static void send(unsigned processor)
{
	struct rte_mbuf *packet;

	while (!(packet = rig_get(&world.packets)))
		sched_yield();
	rig_mac((uint16_t)(processor + 1), rte_pktmbuf_mtod(packet, uint8_t *));
	while (!vmmq_receive(world.source, &packet, 1))
		sched_yield();
}

static void count_call(void *argument)
{
	struct owned *owned = argument;

	owned->calls++;
	owned->last = pthread_self();
}

static void call(unsigned processor)
{
	vmmq_processor_call(world.adapter, rig_processor(processor), count_call, &world.owned[processor]);
}

static void stood_in_for(void **state)
{
	(void)state;
	begin(VMMQ_MODERATION_POLL);
	call(2);
	assert_int_equal(world.owned[2].calls, 1);
	assert_true(pthread_equal(world.owned[2].last, pthread_self()));
	assert_null(atomic_load(&world.adapter->processor[2].holder));
	end();
}

static void to_itself_and_beside(unsigned processor)
{
	call(processor);
	call((processor + 1) % RIG_PROCESSORS);
}

/* Stepped: from inside an indication both calls are done at once, to itself and to one that nobody runs. */
static void stepped(void **state)
{
	(void)state;
	begin(VMMQ_MODERATION_POLL);
	world.in_indication = to_itself_and_beside;
	send(1);
	rig_drain(world.adapter);
	assert_int_equal(world.owned[1].calls, 1);
	assert_int_equal(world.owned[2].calls, 1);
	end();
}

/* Running or asleep: on the processor's own thread. */
static void running(enum vmmq_moderation moderation, unsigned threads)
{
	struct rig_thread thread[RIG_PROCESSORS];

	begin(moderation);
	rig_run(world.adapter, thread, threads);
	for (unsigned i = 0; i < 200; i++) {
		unsigned processor = i % RIG_PROCESSORS;

		if (i % 50 == 0)
			rig_nap(2000000); /* long enough to fall asleep; not that anything depends on it */
		call(processor);
		assert_int_equal(world.owned[processor].calls, i / RIG_PROCESSORS + 1);
		assert_true(pthread_equal(world.owned[processor].last, thread[processor % threads].thread));
	}
	rig_stop(world.adapter, thread, threads);
	call(0);
	assert_true(pthread_equal(world.owned[0].last, pthread_self()));
	end();
}

static void run_by_threads(void **state)
{
	(void)state;
	running(VMMQ_MODERATION_POLL, 2);
	running(VMMQ_MODERATION_INTERRUPT, RIG_PROCESSORS);
	running(VMMQ_MODERATION_ADAPTIVE, 2);
	running(VMMQ_MODERATION_INTERRUPT, 1);
}

static void *caller_main(void *argument)
{
	unsigned first = (unsigned)(uintptr_t)argument;

	for (unsigned i = 0; i < CALLS; i++)
		call((first + i) % RIG_PROCESSORS);
	return NULL;
}

static void call_all_others(unsigned processor)
{
	for (unsigned i = 0; i < RIG_PROCESSORS; i++)
		call((processor + i) % RIG_PROCESSORS);
}

/*
 * Every indication calls every processor, so that they wait for each other crosswise all the time, while other threads call
 * them too.  Each call is carried out once, alone on its processor.
 */
static void crosswise(enum vmmq_moderation moderation, unsigned threads)
{
	struct rig_thread thread[RIG_PROCESSORS];
	pthread_t caller[CALLERS];
	uint64_t calls = 0, packets = 0, indications = 0;

	begin(moderation);
	world.in_indication = call_all_others;
	rig_run(world.adapter, thread, threads);
	for (uintptr_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&caller[i], NULL, caller_main, (void *)i), 0);
	for (unsigned i = 0; i < PACKETS; i++)
		send(i % RIG_PROCESSORS);
	for (unsigned i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_join(caller[i], NULL), 0);
	while (!vmmq_adapter_idle(world.adapter))
		sched_yield();
	rig_stop(world.adapter, thread, threads);
	for (unsigned i = 0; i < RIG_PROCESSORS; i++) {
		struct vmmq_vport_counters counters = { 0 };

		vmmq_vport_counters_read(world.adapter, (struct vmmq_vport_id){ (uint16_t)(i + 1) }, NULL, &counters);
		indications += counters.indications;
		calls += world.owned[i].calls;
		packets += world.owned[i].packets;
	}
	assert_int_equal(packets, PACKETS);
	assert_int_equal(calls, CALLERS * CALLS + RIG_PROCESSORS * indications);
	end();
}

static void call_each_other(void **state)
{
	(void)state;
	crosswise(VMMQ_MODERATION_POLL, RIG_PROCESSORS);
	crosswise(VMMQ_MODERATION_INTERRUPT, RIG_PROCESSORS);
	crosswise(VMMQ_MODERATION_ADAPTIVE, 2);
}

static void *poller_main(void *argument)
{
	const atomic_bool *stop = argument;

	while (!atomic_load_explicit(stop, memory_order_relaxed))
		for (unsigned i = 0; i < RIG_PROCESSORS; i++)
			vmmq_processor_poll(world.adapter, rig_processor(i));
	return NULL;
}

/* Stepped by one thread while others call: between two steps they stand in, during one they wait. */
static void stand_in_between_steps(void **state)
{
	static atomic_bool stop;
	pthread_t poller, caller[CALLERS];
	uint64_t calls = 0;

	(void)state;
	begin(VMMQ_MODERATION_POLL);
	atomic_store(&stop, false);
	assert_int_equal(pthread_create(&poller, NULL, poller_main, &stop), 0);
	for (uintptr_t i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&caller[i], NULL, caller_main, (void *)i), 0);
	for (unsigned i = 0; i < PACKETS; i++)
		send(i % RIG_PROCESSORS);
	for (unsigned i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_join(caller[i], NULL), 0);
	while (!vmmq_adapter_idle(world.adapter))
		sched_yield();
	atomic_store(&stop, true);
	assert_int_equal(pthread_join(poller, NULL), 0);
	for (unsigned i = 0; i < RIG_PROCESSORS; i++)
		calls += world.owned[i].calls;
	assert_int_equal(calls, CALLERS * CALLS);
	end();
}

static void stop_adapter(void *argument)
{
	(void)argument;
	vmmq_adapter_stop(world.adapter);
}

/* Threads go while they are called: nobody waits for a processor that has just lost its thread. */
static void stopped_under_calls(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		struct rig_thread thread[RIG_PROCESSORS];
		pthread_t caller[CALLERS];

		begin(round % 2 ? VMMQ_MODERATION_INTERRUPT : VMMQ_MODERATION_POLL);
		rig_run(world.adapter, thread, 2);
		for (uintptr_t i = 0; i < CALLERS; i++)
			assert_int_equal(pthread_create(&caller[i], NULL, caller_main, (void *)i), 0);
		vmmq_processor_call(world.adapter, rig_processor(round % RIG_PROCESSORS), stop_adapter, NULL);
		rig_stop(world.adapter, thread, 2);
		for (unsigned i = 0; i < CALLERS; i++)
			assert_int_equal(pthread_join(caller[i], NULL), 0);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stood_in_for),           cmocka_unit_test(stepped),
		cmocka_unit_test(run_by_threads),         cmocka_unit_test(call_each_other),
		cmocka_unit_test(stand_in_between_steps), cmocka_unit_test(stopped_under_calls),
	};

	return cmocka_run_group_tests_name("call", tests, start, NULL);
}
