/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processors as threads, while everything changes: what two guests and the uplink send each other arrives whole and in order, although
 * the second guest is slow; a third one, slow as well, comes and goes, and in the end every buffer is back.  Its pools' free lists are written here, so that a thread
 * sanitizer sees how a buffer passes from one thread to the next.
 */
#include "unit/host/host_rig.h"

#include <pthread.h>
#include <rte_mempool.h>
#include <stdlib.h>

#define RUN_NS  (2 * (uint64_t)SECOND_NS)
#define WAITING 400u /* packets on their way */
#define ROOM    50u  /* what slow guests take at a time */

struct stack {
	pthread_mutex_t lock;
	unsigned count;
	void *element[];
};

static int stack_alloc(struct rte_mempool *pool)
{
	struct stack *stack = calloc(1, sizeof(*stack) + pool->size * sizeof(void *));

	if (!stack)
		return -ENOMEM;
	pthread_mutex_init(&stack->lock, NULL);
	pool->pool_data = stack;
	return 0;
}

static void stack_free(struct rte_mempool *pool)
{
	free(pool->pool_data);
}

static int stack_enqueue(struct rte_mempool *pool, void *const *element, unsigned count)
{
	struct stack *stack = pool->pool_data;

	pthread_mutex_lock(&stack->lock);
	memcpy(stack->element + stack->count, element, count * sizeof(void *));
	stack->count += count;
	pthread_mutex_unlock(&stack->lock);
	return 0;
}

static int stack_dequeue(struct rte_mempool *pool, void **element, unsigned count)
{
	struct stack *stack = pool->pool_data;
	int result = -ENOBUFS;

	pthread_mutex_lock(&stack->lock);
	if (stack->count >= count) {
		stack->count -= count;
		memcpy(element, stack->element + stack->count, count * sizeof(void *));
		result = 0;
	}
	pthread_mutex_unlock(&stack->lock);
	return result;
}

static unsigned stack_count(const struct rte_mempool *pool)
{
	struct stack *stack = pool->pool_data;
	unsigned count;

	pthread_mutex_lock(&stack->lock);
	count = stack->count;
	pthread_mutex_unlock(&stack->lock);
	return count;
}

static const struct rte_mempool_ops stack_ops = {
	.name = "host_stress",
	.alloc = stack_alloc,
	.free = stack_free,
	.enqueue = stack_enqueue,
	.dequeue = stack_dequeue,
	.get_count = stack_count,
};

static struct rte_mempool *stack_pool(const char *name, uint16_t room)
{
	struct rte_mempool *pool =
	    rte_pktmbuf_pool_create_by_ops(name, BUFFERS, 0, 0, room, SOCKET_ID_ANY, stack_ops.name);

	assert_non_null(pool);
	return pool;
}

static void *processor_main(void *argument)
{
	assert_int_equal(vmmq_processors_run(adapter, argument, 1), VMMQ_SUCCESS);
	return NULL;
}

static void make(pthread_t thread[PROCESSORS])
{
	static const struct host_policy moderated = { true, 0, false, VMMQ_INTERRUPT_MODERATION_HIGH };
	const struct host_params host_params = { .name = "test", .buffers = 64 };
	struct vmmq_adapter_params params = {
		.name = "test",
		.nic_switch = { .processors = processors, .processor_count = PROCESSORS, .max_vports = 64 },
		.moderation = VMMQ_MODERATION_ADAPTIVE,
	};

	fake_reset();
	assert_int_equal(host_create(&host_params, &host, NULL), VMMQ_SUCCESS);
	rte_mempool_free(host->pool);
	rte_mempool_free(host->transmit_pool);
	host->pool = stack_pool("stress_rx", RTE_MBUF_DEFAULT_BUF_SIZE);
	host->transmit_pool = stack_pool("stress_tx", 0);
	host->stuck_ns = UINT64_MAX;
	host->deaf_ns = UINT64_MAX;
	host->waiting_max = BUFFERS / 2;
	host_fill_adapter_params(host, &params);
	assert_int_equal(vmmq_adapter_create(&params, &adapter, NULL), VMMQ_SUCCESS);
	assert_int_equal(host_bind(host, adapter, NULL), VMMQ_SUCCESS);
	uplink = fake_device("fake9");
	host_set_uplink(host, DEVICE("fake9"), 2);
	for (uintptr_t i = 0; i < PROCESSORS; i++)
		pthread_create(&thread[i], NULL, processor_main, (void *)(uintptr_t)&processors[i]);
	fake_device("fake2")->max_queues = 1;
	fake_device("fake2")->room = ROOM;
	fake_device("fake3")->room = ROOM;
	fake_device("fake2")->put_off_ns = fake_device("fake3")->put_off_ns = 50000;
	host_set_policy(host, id(2), &moderated);
	for (uint16_t v = 1; v <= 3; v++)
		rig_vport(v, 0);
}

/* A stream of numbered packets: guest 1's four queues to the uplink, the uplink to guest 2, guest 1 to guest 2. */
#define STREAMS 6u
static struct {
	uint32_t sent, seen;
} stream[STREAMS];

static uint32_t on_their_way(void)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < STREAMS; i++)
		n += stream[i].sent - stream[i].seen;
	return n;
}

static void send_some(void)
{
	unsigned s = random_below(STREAMS);
	uint32_t number = stream[s].sent++ << 3 | s;
	struct fake *one = fake_device("fake1"), *three = fake_device("fake3");

	if (s < 4)
		fake_in(one, (uint16_t)s, rig_packet(STRANGER, 1, UNTAGGED, FRAME_LEN, (uint16_t)s, number));
	else if (s == 4)
		fake_in(uplink, 0, rig_packet(2, STRANGER, UNTAGGED, FRAME_LEN, 0, number));
	else
		fake_in(one, 0, rig_packet(2, 1, UNTAGGED, FRAME_LEN, 0, number));
	if (random_one_in(10) && rte_mempool_avail_count(packets) > BUFFERS / 2) {
		fake_in(three, 0, rig_packet(BROADCAST, 3, UNTAGGED, FRAME_LEN, 0, UINT32_MAX));
		fake_in(uplink, 1, rig_packet(3, STRANGER, UNTAGGED, FRAME_LEN, 0, UINT32_MAX));
	}
}

static void take_from(struct fake *fake)
{
	struct rte_mbuf *packet;

	for (uint16_t q = 0; q < FAKE_QUEUES; q++)
		while ((packet = fake_out(fake, q))) {
			uint32_t number = rig_number(packet);

			if (number != UINT32_MAX)
				assert_int_equal(number >> 3, stream[number & 7].seen++);
			rte_pktmbuf_free(packet);
		}
}

static void take_all(void)
{
	take_from(uplink);
	take_from(fake_device("fake2"));
	fake_empty(fake_device("fake1"));
	fake_empty(fake_device("fake3"));
}

static unsigned samples;

/* sample_something looks at what was looked for, which is of that guest alone, and for something else then. */
static void sample_something(void)
{
	static struct host_sample sample[HOST_SAMPLES];
	static uint16_t vport;
	unsigned count = host_sample_end(host, sample);

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(sample[i].bytes[5], vport);
	samples += count;
	vport = (uint16_t)(1 + random_below(2));
	assert_true(host_sample_begin(host, id(vport), random_one_in(2) ? VMMQ_LANE_PRIMARY : random_below(4)));
}

/* change_something leaves guests 1 and 2 their filters and backends. */
static void change_something(void)
{
	const struct host_policy policy = { .anti_spoofing = random_one_in(2),
					    .flood_limit = random_below(1000),
					    .moderation = random_below(2) ? VMMQ_INTERRUPT_MODERATION_HIGH : 0 };
	const unsigned first = random_below(4);
	static uint32_t extra;

	switch (random_below(7)) {
	case 0:
	case 1:
		rig_rss(1 + random_below(2), first, random_below(PROCESSORS + 1 - first));
		break;
	case 2:
		host_set_backend(host, id(3), random_one_in(2) ? DEVICE("fake3") : NULL);
		break;
	case 3:
		host_set_policy(host, id(3), &policy);
		break;
	case 4:
		if (extra)
			vmmq_filter_clear(vmmq_adapter_switch(adapter), extra, NULL);
		extra = extra ? 0 : rig_filter(3, 0x33, (uint16_t)random_below(4095));
		break;
	case 5:
		sample_something();
		break;
	default:
		uplink->changed = fake_device("fake1")->changed = fake_device("fake2")->changed = true;
		host_tick(host); /* reads what they are now */
	}
	rig_apply();
}

static bool owes_calls(struct fake *fake)
{
	for (unsigned q = 0; q < FAKE_QUEUES; q++)
		if (fake->call_at_ns[q])
			return true;
	return false;
}

static void everything_changes(void **state)
{
	pthread_t thread[PROCESSORS];
	uint64_t start = now_ns();
	unsigned changes = 0;

	(void)state;
	random_start();
	make(thread);
	for (; now_ns() - start < RUN_NS; changes++) {
		while (on_their_way() < WAITING)
			send_some();
		change_something();
		take_all();
	}
	for (start = now_ns(); on_their_way() && !hangs(start);)
		take_all();
	assert_int_equal(on_their_way(), 0);
	for (start = now_ns(); owes_calls(fake_device("fake2")) && !hangs(start);)
		sched_yield();
	assert_false(owes_calls(fake_device("fake2")));
	for (start = now_ns(); !host_stop_ports(host, 1000000);) {
		take_all(); /* the devices hold what they have sent */
		assert_false(hangs(start));
	}
	rig_balance(1);
	rig_balance(2);
	assert_int_equal(rig_drops(2, HOST_DROP_BACKEND_FULL), 0);
	vmmq_adapter_stop(adapter);
	for (unsigned i = 0; i < PROCESSORS; i++)
		pthread_join(thread[i], NULL);
	rig_forget();
	assert_int_equal(rte_mempool_in_use_count(host->pool), 0);
	host_destroy(host);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_avail_count(packets), BUFFERS);
	print_message("%u changes, %u packets to guest 2, headers of %u looked at\n", changes,
		      stream[4].seen + stream[5].seen, samples);
}

static int run(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(everything_changes) };

	if (rte_mempool_register_ops(&stack_ops) < 0)
		return 1;
	rte_mempool_free(packets);
	packets = stack_pool("stress", RTE_MBUF_DEFAULT_BUF_SIZE);
	return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
