/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which inboxes a processor looks into: each one that has something, once a turn, and no other; and none is ever left with
 * something in it, however its source's publishing and the processor's leaving race.
 */
#include "unit/engine/thread_rig.h"

#include <rte_pause.h>

#include "base/clock.h"
#include "engine/indicate.h"
#include "unit/core/test_random.h"
#include "unit/hang.h"

#define BACKLOG   200u              /* packets; more than three turns take */
#define SOURCES   (LISTED_KEPT + 2) /* two more than may stay without having anything */
#define PRODUCERS 2u
#define LANES     (LISTED_KEPT + 1) /* sources of a producer: so the inboxes of one alone are too many to stay */
#define RUN_MAX   64u
#define ITEMS     2000000u
#define ENOUGH_NS 15000000000u /* items are fewer when the machine is slow */
#define LATE_NS   100000000u
#define TURNS_MAX 4u /* the turn under way may be past it; the next one takes it; and the counter may lag */

static struct rte_mempool *packets;

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	packets = rig_pool("packets", 2047);
	return 0;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct vmmq_adapter **adapter = context;

	vmmq_return_packets(*adapter, indication->packet, indication->count);
}

static void receive(struct vmmq_source *source, uint16_t vport, unsigned count)
{
	for (; count; count--) {
		struct rte_mbuf *packet = rig_packet(packets, vport, 0);

		assert_int_equal(vmmq_receive(source, &packet, 1), 1);
	}
}

static unsigned listed_count(const struct processor *processor)
{
	unsigned n = 0;

	for (const struct inbox *inbox = processor->listed; inbox; inbox = inbox->beside)
		n++;
	return n;
}

static void turn(struct vmmq_adapter *adapter, unsigned moved, unsigned listed)
{
	assert_int_equal(vmmq_processor_poll(adapter, rig_processor(0)), moved);
	assert_int_equal(listed_count(&adapter->processor[0]), listed);
	assert_int_equal(adapter->processor[0].listed_count, listed);
}

/* A turn takes DPC_BATCH from each, whatever the others have; then an inbox stays as long as it is fed, or one of few. */
static void test_each_once_a_turn(void **state)
{
	static const uint16_t primary[SOURCES];
	struct vmmq_source *source[SOURCES];
	struct vmmq_adapter *adapter = NULL;
	const struct processor *processor;

	(void)state;
	adapter = rig_adapter((struct vmmq_adapter_params){ .indicate = on_indicate, .context = &adapter }, primary,
			      SOURCES);
	processor = &adapter->processor[0];
	assert_false(processor_has_work(processor));
	for (uint16_t i = 0; i < SOURCES; i++) {
		source[i] = rig_source(adapter, VMMQ_SOURCE_WAIT);
		receive(source[i], 1 + i, i < 2 ? BACKLOG : 1);
	}
	assert_true(processor_has_work(processor));
	turn(adapter, 2 * DPC_BATCH + SOURCES - 2, SOURCES);
	receive(source[2], 3, 1);
	assert_true(inbox_stack_empty(&processor->fresh)); /* it was listed already */
	turn(adapter, 2 * DPC_BATCH + 1, LISTED_KEPT);     /* two of those without anything have left */
	receive(source[3], 4, 1);
	assert_false(inbox_stack_empty(&processor->fresh)); /* the first to leave */
	turn(adapter, 2 * DPC_BATCH + 1, LISTED_KEPT + 1);
	turn(adapter, 2 * (BACKLOG - 3 * DPC_BATCH), LISTED_KEPT);
	assert_false(processor_has_work(processor));
	turn(adapter, 0, LISTED_KEPT);
	receive(source[0], 1, 1);
	assert_true(inbox_stack_empty(&processor->fresh));
	assert_true(processor_has_work(processor)); /* it is on the list */
	turn(adapter, 1, LISTED_KEPT);
	rig_balanced(adapter, packets);
	vmmq_adapter_destroy(adapter);
}

/* One source, and the VPort that all its packets go to. */
struct lane {
	struct vmmq_source *source;
	uint64_t sent;
	_Atomic uint64_t indicated; /* written by the processor */
};

/* Sources that one thread feeds, a packet here, a packet there. */
struct producer {
	pthread_t thread;
	struct race *race;
	struct lane lane[LANES];
	struct rig_stack packets;
	uint64_t random;
	uint64_t sent, waits, late, longest_ns;
	const char *problem;
};

struct race {
	struct vmmq_adapter *adapter;
	struct processor *processor;
	struct producer producer[PRODUCERS];
	_Atomic uint64_t out_of_order;
};

static uint8_t *number_of(const struct rte_mbuf *packet)
{
	return rte_pktmbuf_mtod_offset(packet, uint8_t *, RIG_FRAME_LEN - sizeof(uint64_t));
}

static void on_race(void *context, const struct vmmq_indication *indication)
{
	struct race *race = context;
	struct producer *producer = &race->producer[(indication->vport.v - 1u) / LANES];
	struct lane *lane = &producer->lane[(indication->vport.v - 1u) % LANES];
	uint64_t expected = atomic_load_explicit(&lane->indicated, memory_order_relaxed);

	vmmq_take_packets(race->adapter, indication->packet, indication->count);
	for (unsigned i = 0; i < indication->count; i++, expected++) {
		if (memcmp(number_of(indication->packet[i]), &expected, sizeof(expected)) != 0)
			counter_add(&race->out_of_order, 1);
		rig_put(&producer->packets, indication->packet[i]);
	}
	atomic_store_explicit(&lane->indicated, expected, memory_order_release);
}

static uint32_t below(struct producer *producer, uint32_t n)
{
	producer->random = producer->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((producer->random >> 32) * n >> 32);
}

static bool all_indicated(const struct producer *producer)
{
	for (unsigned i = 0; i < LANES; i++)
		if (atomic_load_explicit(&producer->lane[i].indicated, memory_order_acquire) !=
		    producer->lane[i].sent)
			return false;
	return true;
}

/*
 * await waits until what was sent is indicated: no more than one turn can take.  A thread that is not scheduled is late as
 * well, so late alone is no failure: the processor must have passed its inbox by, or have slept, and been armed, before and
 * after it was looked whether all is indicated.
 */
static bool await(struct producer *producer)
{
	const struct processor *processor = producer->race->processor;
	uint64_t turns = counter_read(&processor->turns), started = now_ns(), waited = 0;

	while (!all_indicated(producer) && !producer->problem) {
		bool passed_by = counter_read(&processor->turns) - turns > TURNS_MAX;
		uint64_t asleep = counter_read(&processor->asleep);
		bool armed = atomic_load(&processor->interrupt.armed);

		sched_yield();
		waited = now_ns() - started;
		if (all_indicated(producer))
			break;
		if (passed_by)
			producer->problem = "the processor passed by an inbox with something in it";
		else if (asleep & 1 && armed && waited > LATE_NS && counter_read(&processor->asleep) == asleep)
			producer->problem = "the processor sleeps beside an inbox with something in it";
		else if (hangs(started))
			producer->problem = "the processor did not come back";
	}
	producer->waits++;
	producer->late += waited > LATE_NS;
	if (waited > producer->longest_ns)
		producer->longest_ns = waited;
	return !producer->problem;
}

static void send_run(struct producer *producer, unsigned count)
{
	for (; count; count--) {
		unsigned at = below(producer, LANES);
		struct lane *lane = &producer->lane[at];
		struct rte_mbuf *packet = rig_get(&producer->packets);
		uint8_t mac[VMMQ_MAC_LEN];

		rig_mac((uint16_t)(1 + (producer - producer->race->producer) * LANES + at), mac);
		memcpy(rte_pktmbuf_mtod(packet, uint8_t *), mac, sizeof(mac));
		memcpy(number_of(packet), &lane->sent, sizeof(lane->sent));
		lane->sent++;
		producer->sent++;
		vmmq_receive(lane->source, &packet, 1); /* there is room: RUN_MAX at most are under way */
		for (unsigned pause = below(producer, 8) ? 0 : below(producer, 64); pause; pause--)
			rte_pause();
	}
}

static void *produce(void *argument)
{
	struct producer *producer = argument;
	uint64_t started = now_ns();

	do {
		send_run(producer, 1 + below(producer, below(producer, 2) ? RUN_MAX : 4));
		for (unsigned pause = below(producer, 256); pause; pause--)
			rte_pause();
	} while (await(producer) && producer->sent < ITEMS / PRODUCERS &&
		 (producer->sent <= ITEMS / 1000 || now_ns() - started < ENOUGH_NS));
	return NULL;
}

static void race_start(struct race *race, enum vmmq_moderation moderation)
{
	static const uint16_t primary[PRODUCERS * LANES];

	*race = (struct race){ 0 };
	race->adapter = rig_adapter(
	    (struct vmmq_adapter_params){ .moderation = moderation, .indicate = on_race, .context = race }, primary,
	    PRODUCERS * LANES);
	race->processor = &race->adapter->processor[0];
	for (unsigned p = 0; p < PRODUCERS; p++) {
		struct producer *producer = &race->producer[p];

		producer->race = race;
		for (unsigned i = 0; i < LANES; i++)
			producer->lane[i].source = rig_source(race->adapter, VMMQ_SOURCE_WAIT);
		producer->random = random_u64();
		for (unsigned i = 0; i < RUN_MAX; i++)
			rig_put(&producer->packets, rig_packet(packets, 1, 0));
	}
}

static void race_end(struct race *race, const char *name)
{
	for (unsigned p = 0; p < PRODUCERS; p++) {
		struct producer *producer = &race->producer[p];

		if (producer->problem)
			fail_msg("%s, item %" PRIu64 " of producer %u: %s", name, producer->sent, p,
				 producer->problem);
		assert_int_equal(rig_stack_empty(&producer->packets), RUN_MAX);
		print_message("%s: %" PRIu64 " items, %" PRIu64 " waits, the longest %" PRIu64 " us, %" PRIu64
			      " over 100 ms\n",
			      name, producer->sent, producer->waits, producer->longest_ns / 1000, producer->late);
	}
	assert_int_equal(counter_read(&race->out_of_order), 0);
	rig_balanced(race->adapter, packets);
	vmmq_adapter_destroy(race->adapter);
}

static void race(enum vmmq_moderation moderation, const char *name)
{
	struct rig_thread thread = { .count = 1 };
	struct race race;

	race_start(&race, moderation);
	thread.adapter = race.adapter;
	assert_int_equal(pthread_create(&thread.thread, NULL, rig_thread_main, &thread), 0);
	for (unsigned p = 0; p < PRODUCERS; p++)
		assert_int_equal(pthread_create(&race.producer[p].thread, NULL, produce, &race.producer[p]), 0);
	for (unsigned p = 0; p < PRODUCERS; p++)
		assert_int_equal(pthread_join(race.producer[p].thread, NULL), 0);
	rig_stop(race.adapter, &thread, 1);
	race_end(&race, name);
}

static void test_none_is_left(void **state)
{
	(void)state;
	random_start();
	race(VMMQ_MODERATION_INTERRUPT, "interrupt");
	race(VMMQ_MODERATION_POLL, "poll");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once_a_turn),
		cmocka_unit_test(test_none_is_left),
	};

	return cmocka_run_group_tests_name("listed", tests, start, NULL);
}
