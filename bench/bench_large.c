/* SPDX-License-Identifier: BSD-2-Clause */
/* A large host: 1,000 VPorts with 4 queues each on 8 processors.  Its memory, and how long a VPort takes to come and go. */
#include <rte_mbuf.h>
#include <stdio.h>

#include "bench_engine.h"

#define VPORTS       1000u
#define QUEUES       4u
#define PROCESSORS   8u
#define ROOM         8192u /* packets in a shared inbox, as in vmmqd */
#define PACKETS      16u   /* of each sender */
#define TABLES       64u   /* changed while packets are under way */
#define OWN          100u  /* senders with a source of their own */
#define TIMES        201u
#define GOAL_MIB     64.0
#define GOAL_TIME_US 1000.0

struct large {
	struct vmmq_adapter *adapter;
	struct rte_mempool *pool;
	struct vmmq_source *source[PROCESSORS];
	struct vmmq_sender *sender[VPORTS * QUEUES], *own[OWN];
	uint64_t random;
	unsigned indicated;
};

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct large *large = context;

	large->indicated += indication->count;
	vmmq_return_packets(large->adapter, indication->packet, indication->count);
}

static unsigned on_transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	rte_pktmbuf_free_bulk(packet, count);
	return count;
}

static void on_complete(void *context, const struct vmmq_completion *completion)
{
	(void)context;
	for (unsigned i = 0; i < completion->count; i++)
		rte_pktmbuf_free(completion->send[i].packet);
}

static bool adapter_make(struct large *large)
{
	struct vmmq_processor processor[PROCESSORS];
	struct vmmq_adapter_params params = {
		.name = "large",
		.nic_switch = { .processors = processor, .processor_count = PROCESSORS, .max_vports = VPORTS + 2 },
		.indicate = on_indicate,
		.transmit = on_transmit,
		.complete = on_complete,
		.pool = large->pool,
		.transmit_pool = large->pool,
		.context = large,
	};

	for (uint16_t i = 0; i < PROCESSORS; i++)
		processor[i].v = i;
	return vmmq_adapter_create(&params, &large->adapter, NULL) == VMMQ_SUCCESS;
}

static bool apply(struct large *large)
{
	return vmmq_adapter_apply(large->adapter, false, UINT64_MAX, NULL) == VMMQ_SUCCESS;
}

static bool vports_make(struct large *large)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(large->adapter);

	vmmq_nic_switch_begin(sw);
	for (uint16_t v = 1; v <= VPORTS; v++)
		if (!bench_vport_add(sw, v, PROCESSORS))
			return false;
	return vmmq_nic_switch_commit(sw, NULL) == VMMQ_SUCCESS && apply(large);
}

static bool senders_make(struct large *large)
{
	bool done = true;

	for (unsigned i = 0; i < PROCESSORS && done; i++)
		done = vmmq_source_create_sized(large->adapter, VMMQ_SOURCE_DROP, ROOM, &large->source[i], NULL) ==
		       VMMQ_SUCCESS;
	for (unsigned i = 0; i < VPORTS * QUEUES && done; i++)
		done =
		    vmmq_sender_create_on(large->source[i % PROCESSORS], 0, &large->sender[i], NULL) == VMMQ_SUCCESS;
	return done;
}

static void poll_all(struct large *large)
{
	for (uint16_t i = 0; i < PROCESSORS; i++)
		vmmq_processor_poll(large->adapter, (struct vmmq_processor){ i });
}

/* give gives packets of random flows from one VPort to the next; the table that it may change has packets under way. */
static bool give(struct large *large, struct vmmq_sender *sender, uint16_t from, bool change)
{
	struct vmmq_vport_id to = { (uint16_t)(1 + from % VPORTS) };
	struct vmmq_rss_params rss = bench_rss((uint16_t)(to.v + 1), PROCESSORS);
	struct rte_mbuf *packet[PACKETS];

	for (unsigned half = 0; half < 2; half++) {
		if (rte_pktmbuf_alloc_bulk(large->pool, packet, PACKETS))
			return false;
		for (unsigned i = 0; i < PACKETS; i++) {
			packet[i]->data_len = (uint16_t)frame_make(rte_pktmbuf_mtod(packet[i], uint8_t *), FRAME_TCP4,
								   to.v, &large->random);
			packet[i]->pkt_len = packet[i]->data_len;
			vmmq_oob_set_hash(packet[i], 0, 0);
		}
		if (vmmq_transfer(sender, (struct vmmq_vport_id){ from }, packet, PACKETS) != PACKETS)
			return false;
		if (!half && change &&
		    (vmmq_rss_set(vmmq_adapter_switch(large->adapter), to, &rss, NULL) != VMMQ_SUCCESS ||
		     !apply(large)))
			return false;
	}
	poll_all(large);
	return true;
}

static bool traffic(struct large *large)
{
	for (unsigned i = 0; i < VPORTS * QUEUES; i++)
		if (!give(large, large->sender[i], (uint16_t)(1 + i / QUEUES), i < TABLES))
			return false;
	while (!vmmq_adapter_idle(large->adapter))
		poll_all(large);
	return large->indicated == 2 * PACKETS * VPORTS * QUEUES;
}

/* own_sources measures what a sender with a source of its own takes, which has sent to all processors. */
static bool own_sources(struct large *large)
{
	size_t start = bench_in_use();

	for (unsigned i = 0; i < OWN; i++)
		if (vmmq_sender_create(large->adapter, 0, &large->own[i], NULL) != VMMQ_SUCCESS ||
		    !give(large, large->own[i], (uint16_t)(1 + i), false) ||
		    !give(large, large->own[i], (uint16_t)(1 + i), false))
			return false;
	report_value("a sender with a source of its own", "bytes", (double)(bench_in_use() - start) / OWN);
	for (unsigned i = 0; i < OWN; i++)
		vmmq_sender_destroy(large->own[i]);
	return true;
}

static uint32_t filter_of(const struct vmmq_nic_switch *sw, struct vmmq_vport_id vport)
{
	const struct vmmq_filter *filter = vmmq_filter_next(sw, 0);

	while (filter && filter->vport.v != vport.v)
		filter = vmmq_filter_next(sw, filter->id);
	return filter ? filter->id : 0;
}

/* comes_and_goes times one VPort more: filter, table and all, until every source steers by it, and until it is gone from there. */
static bool comes_and_goes(struct large *large)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(large->adapter);
	const struct vmmq_vport_id id = { VPORTS + 1 };
	static double made[TIMES], gone[TIMES];

	for (unsigned i = 0; i < TIMES; i++) {
		uint64_t start = now_ns();
		uint32_t filter;

		if (!bench_vport_add(sw, id.v, PROCESSORS) || !apply(large))
			return false;
		made[i] = (double)(now_ns() - start) / 1e3;
		filter = filter_of(sw, id);
		start = now_ns();
		vmmq_nic_switch_begin(sw);
		if (vmmq_filter_clear(sw, filter, NULL) != VMMQ_SUCCESS ||
		    vmmq_vport_delete(sw, id, NULL) != VMMQ_SUCCESS ||
		    vmmq_nic_switch_commit(sw, NULL) != VMMQ_SUCCESS || !apply(large))
			return false;
		gone[i] = (double)(now_ns() - start) / 1e3;
	}
	report_samples("a VPort is made, 4 requests and an apply", "us", made, TIMES);
	report_goal("< 1 ms", median_of(made, TIMES) < GOAL_TIME_US);
	report_samples("a VPort is deleted", "us", gone, TIMES);
	report_goal("< 1 ms", median_of(gone, TIMES) < GOAL_TIME_US);
	return true;
}

bool bench_large(void)
{
	static struct large large;
	size_t start, configured, sending;
	bool done;

	report_section("A large host",
		       "1,000 VPorts with 4 queues on 8 processors, RSS on and 128 entries; all have sent to all "
		       "processors, 64 tables were changed meanwhile");
	large.pool = rte_pktmbuf_pool_create("large", 8191, 256, 0, RTE_PKTMBUF_HEADROOM + FRAME_ROOM, SOCKET_ID_ANY);
	start = bench_in_use();
	done = large.pool && adapter_make(&large) && vports_make(&large);
	configured = bench_in_use();
	done = done && senders_make(&large);
	sending = bench_in_use();
	done = done && traffic(&large);
	report_value("adapter and VPorts, configured", "MiB", (double)(configured - start) / (1 << 20));
	report_value("4,000 senders on 8 sources, not used yet", "MiB", (double)(sending - configured) / (1 << 20));
	report_value("all of the engine, after traffic", "MiB", (double)(bench_in_use() - start) / (1 << 20));
	report_goal("64 MiB", (double)(bench_in_use() - start) / (1 << 20) <= GOAL_MIB);
	done = done && own_sources(&large) && comes_and_goes(&large);
	if (!done)
		fprintf(stderr, "bench-engine: the large host does not work\n");
	vmmq_adapter_stop(large.adapter);
	for (unsigned i = 0; i < VPORTS * QUEUES; i++)
		vmmq_sender_destroy(large.sender[i]);
	vmmq_adapter_destroy(large.adapter);
	rte_mempool_free(large.pool);
	return done;
}
