/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Streams that share the source of the processor that polls them, and go from one processor to the next while tables change:
 * each flow's packets are indicated in order and all accounted for.  Then the same with the wait for the source before left out,
 * which must be seen.
 */
#include "unit/engine/thread_rig.h"

#include <time.h>

#include "engine/test_gates.h"
#include "random.h"
#include "unit/hang.h"

enum {
	STREAMS = 12,
	FLOWS = 16,
	VPORTS = 5,
	SENDER_VPORT = VPORTS,
	PACKETS = 192,
	BURST = 32,
	ENTRIES = 16,
	THREADS = 2
};
enum { JOINS = 1000, CHANGES = 500 };

struct note {
	_Atomic bool away;
	struct flow *flow;
	uint32_t sequence;
};

struct flow {
	uint16_t vport, port;
	uint32_t sent, dropped;   /* stream: rw */
	uint32_t last;            /* whichever processor has the flow: rw */
	_Atomic uint64_t arrived; /* two at once where order is broken on purpose */
};

struct stream {
	_Alignas(64) struct vmmq_poll poll;
	struct vmmq_sender *sender;
	struct rte_mbuf *packet[PACKETS];
	struct random random;
	uint16_t at, joined; /* processors; at: control, while nobody polls */
	struct flow flow[FLOWS];
};

static struct vmmq_adapter *adapter;
static struct vmmq_source *source[RIG_PROCESSORS];
static struct rte_mempool *pool;
static struct stream stream[STREAMS];
static atomic_bool ending;
static _Atomic uint64_t joins, refusals, reordered;

static struct note *note_of(struct rte_mbuf *packet)
{
	return rte_mbuf_to_priv(packet);
}

static void count(_Atomic uint64_t *sum)
{
	atomic_fetch_add_explicit(sum, 1, memory_order_relaxed);
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	vmmq_take_packets(adapter, indication->packet, indication->count);
	for (unsigned i = 0; i < indication->count; i++) {
		struct note *note = note_of(indication->packet[i]);
		struct flow *flow = note->flow;

		if (note->sequence <= flow->last)
			count(&reordered);
		flow->last = note->sequence;
		count(&flow->arrived);
		atomic_store_explicit(&note->away, false, memory_order_release);
	}
}

/* on_drop keeps the packet, for its stream to send again: on that stream's thread. */
static void on_drop(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet)
{
	struct note *note = note_of(packet);

	(void)context, (void)vport, (void)reason;
	note->flow->dropped++;
	rte_mbuf_refcnt_update(packet, 1);
	atomic_store_explicit(&note->away, false, memory_order_relaxed);
}

static unsigned on_transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context, (void)packet, (void)count;
	abort(); /* all have a VPort here */
}

static void on_complete(void *context, const struct vmmq_completion *completion)
{
	(void)context, (void)completion;
	abort(); /* what is given away has no record */
}

static void packet_prepare(struct stream *from, struct rte_mbuf *packet)
{
	struct flow *flow = &from->flow[random_below(&from->random, FLOWS)];
	struct note *note = note_of(packet);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	note->flow = flow;
	note->sequence = ++flow->sent;
	atomic_store_explicit(&note->away, true, memory_order_relaxed);
	rig_mac(flow->vport, frame);
	memcpy(frame + 34, &flow->port, sizeof(flow->port));
	packet->ol_flags = 0;
	vmmq_oob_set_hash(packet, 0, 0);
}

/* stream_poll sends a burst; before that it tries to join the source of the processor that polls it, and now and then rests. */
static unsigned stream_poll(void *context)
{
	struct stream *own = context;
	struct rte_mbuf *burst[BURST];
	unsigned n = 0;

	if (atomic_load_explicit(&ending, memory_order_relaxed) || random_one_in(&own->random, 3))
		return 0;
	if (own->joined != own->at) {
		bool joined = vmmq_sender_join(own->sender, source[own->at]);

		count(joined ? &joins : &refusals);
		if (joined)
			own->joined = own->at;
		else if (random_one_in(&own->random, 2))
			return 0;
	}
	for (unsigned i = 0; i < PACKETS && n < BURST; i++) {
		if (atomic_load_explicit(&note_of(own->packet[i])->away, memory_order_acquire))
			continue;
		packet_prepare(own, own->packet[i]);
		burst[n++] = own->packet[i];
	}
	if (vmmq_transfer(own->sender, (struct vmmq_vport_id){ SENDER_VPORT }, burst, n) != n)
		abort();
	return n;
}

static void stream_make(struct stream *made, unsigned number, uint64_t seed)
{
	memset((void *)made, 0, sizeof(*made));
	made->random = random_start(seed, number);
	made->poll = (struct vmmq_poll){ .poll = stream_poll, .context = made, .fd = -1 };
	assert_int_equal(vmmq_sender_create_on(source[0], 0, &made->sender, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < PACKETS; i++) {
		made->packet[i] = rig_packet(pool, 0, 0);
		memset(note_of(made->packet[i]), 0, sizeof(struct note));
	}
	for (unsigned i = 0; i < FLOWS; i++) {
		made->flow[i].vport = (uint16_t)(1 + random_below(&made->random, VPORTS - 1));
		made->flow[i].port = (uint16_t)(number * FLOWS + i);
	}
	assert_int_equal(vmmq_processor_add_poll(adapter, rig_processor(0), &made->poll), VMMQ_SUCCESS);
}

static void stream_move(struct stream *moved, uint16_t to)
{
	vmmq_processor_remove_poll(adapter, rig_processor(moved->at), moved);
	moved->at = to;
	assert_int_equal(vmmq_processor_add_poll(adapter, rig_processor(to), &moved->poll), VMMQ_SUCCESS);
}

static void table_change(struct random *random)
{
	struct vmmq_vport_id vport = { (uint16_t)(1 + random_below(random, VPORTS)) };
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, rig_processor(random_below(random, RIG_PROCESSORS)));
	rss.enabled = !random_one_in(random, 8);
	rss.entry_count = ENTRIES;
	for (unsigned i = 0; i < ENTRIES; i++)
		rss.table[i] = rig_processor(random_below(random, RIG_PROCESSORS));
	assert_int_equal(vmmq_rss_set(vmmq_adapter_switch(adapter), vport, &rss, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_apply(adapter, false, HANG_NS, NULL), VMMQ_SUCCESS);
}

static void world_make(uint64_t seed)
{
	const struct vmmq_adapter_params params = {
		.name = "join",
		.moderation = VMMQ_MODERATION_ADAPTIVE,
		.indicate = on_indicate,
		.drop = on_drop,
		.transmit = on_transmit,
		.complete = on_complete,
		.pool = pool,
		.transmit_pool = pool,
	};

	joins = refusals = reordered = 0;
	ending = false;
	adapter = rig_adapter(params, (const uint16_t[]){ 0, 1, 2, 3, 0 }, VPORTS);
	for (unsigned i = 0; i < RIG_PROCESSORS; i++)
		assert_int_equal(vmmq_source_create_sized(adapter, VMMQ_SOURCE_DROP, 1024, &source[i], NULL),
				 VMMQ_SUCCESS);
	for (unsigned i = 0; i < STREAMS; i++)
		stream_make(&stream[i], i, seed);
}

static void world_end(void)
{
	uint64_t sent = 0, dropped = 0;

	for (unsigned i = 0; i < STREAMS; i++) {
		for (unsigned k = 0; k < FLOWS; k++) {
			const struct flow *flow = &stream[i].flow[k];

			assert_int_equal(flow->sent, flow->arrived + flow->dropped);
			sent += flow->sent;
			dropped += flow->dropped;
		}
		for (unsigned k = 0; k < PACKETS; k++) {
			assert_false(note_of(stream[i].packet[k])->away);
			rte_pktmbuf_free(stream[i].packet[k]);
		}
		vmmq_sender_destroy(stream[i].sender);
	}
	print_message("%" PRIu64 " packets, %" PRIu64 " dropped; %" PRIu64 " joins, %" PRIu64 " refused; %" PRIu64
		      " reordered\n",
		      sent, dropped, joins, refusals, reordered);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* race moves streams and changes tables until there were enough of both; until_reordered: or until that was seen. */
static void race(enum test_gates gates, bool until_reordered)
{
	const struct timespec pause = { .tv_nsec = 50000 };
	struct rig_thread thread[THREADS];
	uint64_t seed = now_ns(), started = now_ns();
	struct random random = random_start(seed, STREAMS);

	print_message("seed %" PRIu64 "\n", seed);
	atomic_store(&vmmq_test_gates, (int)gates);
	world_make(seed);
	rig_run(adapter, thread, THREADS);
	for (unsigned i = 0; i < CHANGES || joins < JOINS || (until_reordered && !reordered); i++) {
		assert_false(hangs(started));
		if (random_one_in(&random, 4))
			table_change(&random);
		else
			stream_move(&stream[random_below(&random, STREAMS)],
				    (uint16_t)random_below(&random, RIG_PROCESSORS));
		nanosleep(&pause, NULL);
	}
	atomic_store_explicit(&ending, true, memory_order_relaxed);
	for (unsigned i = 0; i < STREAMS; i++)
		vmmq_processor_remove_poll(adapter, rig_processor(stream[i].at), &stream[i]);
	while (!vmmq_adapter_idle(adapter))
		sched_yield();
	rig_stop(adapter, thread, THREADS);
	world_end();
}

static void order_is_kept(void **state)
{
	(void)state;
	race(TEST_GATES_ON, false);
	assert_int_equal(reordered, 0);
}

#ifndef __SANITIZE_THREAD__ /* which would report the same as data races of the consumer */
static void joining_in_haste_is_seen(void **state)
{
	(void)state;
	race(TEST_GATES_HASTY_JOIN, true);
	assert_int_not_equal(reordered, 0);
	atomic_store(&vmmq_test_gates, TEST_GATES_ON);
}
#endif

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool =
	    rte_pktmbuf_pool_create("join", 4095, 0, sizeof(struct note), RTE_PKTMBUF_HEADROOM + 256, SOCKET_ID_ANY);
	return pool ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_kept),
#ifndef __SANITIZE_THREAD__
		cmocka_unit_test(joining_in_haste_is_seen),
#endif
	};

	return cmocka_run_group_tests_name("join", tests, start, NULL);
}
