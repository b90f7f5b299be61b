/* SPDX-License-Identifier: BSD-2-Clause */
/* One point of a curve: an adapter, the flows that it gets, and a packet's way from receive to return, stepped. */
#include "bench_growth.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bench_engine.h"

#define SPARE_BUFFERS 1023u /* for the pool's own cache */
#define BLOCKS_MAX    (GROWTH_PACKETS / GROWTH_BLOCK)

struct rte_mempool *growth_pool_make(void)
{
	return rte_pktmbuf_pool_create("growth", GROWTH_BLOCK + SPARE_BUFFERS, 256, 0,
				       RTE_PKTMBUF_HEADROOM + FRAME_ROOM, SOCKET_ID_ANY);
}

static bool flows_make(struct growth_flows *flows, uint32_t count)
{
	flows->count = count > GROWTH_PACKETS ? count : GROWTH_PACKETS;
	flows->next = flows->count;
	flows->random = count;
	flows->order = malloc(flows->count * sizeof(*flows->order));
	for (uint32_t i = 0; flows->order && i < flows->count; i++)
		flows->order[i] = i % count;
	return flows->order;
}

static uint32_t flow_next(struct growth_flows *flows)
{
	if (flows->next == flows->count) {
		for (uint32_t i = flows->count - 1; i; i--) {
			uint32_t other = random_below(&flows->random, i + 1), flow = flows->order[i];

			flows->order[i] = flows->order[other];
			flows->order[other] = flow;
		}
		flows->next = 0;
	}
	return flows->order[flows->next++];
}

/* packet_fill makes a packet of a flow: the flow's number decides about all of it. */
static void packet_fill(struct rte_mbuf *packet, uint32_t flow, uint32_t vports)
{
	uint64_t random = flow;
	enum frame_kind kind = (enum frame_kind)random_below(&random, FRAME_TAGGED);
	uint16_t vport = (uint16_t)(1 + random_below(&random, vports));

	packet->data_len = (uint16_t)frame_make(rte_pktmbuf_mtod(packet, uint8_t *), kind, vport, &random);
	packet->pkt_len = packet->data_len;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct growth_point *point = context;

	vmmq_return_packets(point->adapter, indication->packet, indication->count);
	point->indicated += indication->count;
}

static bool adapter_make(struct growth_point *point)
{
	struct vmmq_processor processor[GROWTH_PROCESSORS];
	struct vmmq_adapter_params params = {
		.name = "growth",
		.nic_switch = { .processors = processor,
				.processor_count = point->params.processors,
				.max_vports = point->params.vports + 1 },
		.indicate = on_indicate,
		.context = point,
	};
	struct vmmq_nic_switch *sw;

	for (uint16_t i = 0; i < GROWTH_PROCESSORS; i++)
		processor[i].v = i;
	if (vmmq_adapter_create(&params, &point->adapter, NULL) != VMMQ_SUCCESS)
		return false;
	sw = vmmq_adapter_switch(point->adapter);
	vmmq_nic_switch_begin(sw);
	for (unsigned v = 1; v <= point->params.vports; v++)
		if (!bench_vport_add(sw, (uint16_t)v, point->params.processors))
			return false;
	return vmmq_nic_switch_commit(sw, NULL) == VMMQ_SUCCESS &&
	       vmmq_adapter_apply(point->adapter, false, UINT64_MAX, NULL) == VMMQ_SUCCESS &&
	       vmmq_source_create(point->adapter, VMMQ_SOURCE_WAIT, &point->source, NULL) == VMMQ_SUCCESS;
}

static void point_free(struct growth_point *point)
{
	vmmq_adapter_destroy(point->adapter);
	free(point->flows.order);
	free(point);
}

struct growth_point *growth_point_make(const struct growth_params *params, struct rte_mempool *pool)
{
	struct growth_point *point = calloc(1, sizeof(*point));

	if (!point)
		return NULL;
	point->params = *params;
	point->pool = pool;
	if (params->moves)
		point->moves.period_tsc = rte_get_tsc_hz() / params->moves;
	if (flows_make(&point->flows, params->flows) && adapter_make(point))
		return point;
	fprintf(stderr, "bench-growth: cannot make the adapter\n");
	point_free(point);
	return NULL;
}

/* turns lets all processors make turns, until everything received is indicated. */
static void turns(struct growth_point *point)
{
	do {
		for (unsigned p = 0; p < point->params.processors; p++)
			vmmq_processor_poll(point->adapter, (struct vmmq_processor){ (uint16_t)p });
	} while (point->indicated < point->given);
}

static void receive(struct growth_point *point, struct rte_mbuf *packet[], unsigned count)
{
	unsigned taken = 0;

	point->given += count;
	for (;;) {
		taken += vmmq_receive(point->source, packet + taken, count - taken);
		if (taken == count)
			return;
		point->given -= count - taken; /* some inbox is full */
		turns(point);
		point->given += count - taken;
	}
}

/* block_run is what is timed; returns its cycles without those of moves.  Not inlined: a profiler finds it. */
static __attribute__((noinline)) uint64_t block_run(struct growth_point *point, struct rte_mbuf *packet[GROWTH_BLOCK])
{
	uint64_t started = rte_rdtsc_precise(), moving = 0, took;
	unsigned count = GROWTH_BURST * point->params.bursts;

	for (unsigned at = 0; at < GROWTH_BLOCK; at += count) {
		for (unsigned i = 0; i < count; i += GROWTH_BURST)
			receive(point, packet + at + i, GROWTH_BURST);
		moving += growth_moves_make(point, packet + at, GROWTH_BURST, started);
		turns(point);
	}
	took = rte_rdtsc_precise() - started;
	point->moves.clock_tsc += took;
	return took - moving;
}

/* preemptions returns how often the scheduler has taken the CPU away from this thread. */
static long preemptions(void)
{
	struct rusage usage = { .ru_nivcsw = 0 };

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

double growth_point_run(struct growth_point *point, unsigned blocks)
{
	static struct rte_mbuf *packet[GROWTH_BLOCK];
	double all[BLOCKS_MAX], undisturbed[BLOCKS_MAX];
	unsigned kept = 0;

	for (unsigned block = 0; block < blocks; block++) {
		long before;

		if (rte_pktmbuf_alloc_bulk(point->pool, packet, GROWTH_BLOCK))
			return 0; /* what was lost is told at the end */
		for (unsigned i = 0; i < GROWTH_BLOCK; i++)
			packet_fill(packet[i], flow_next(&point->flows), point->params.vports);
		before = preemptions();
		all[block] = (double)block_run(point, packet) / GROWTH_BLOCK;
		if (preemptions() == before)
			undisturbed[kept++] = all[block];
	}
	return kept ? median_of(undisturbed, kept) : median_of(all, blocks);
}

bool growth_point_end(struct growth_point *point)
{
	uint64_t received = vmmq_received_read(point->adapter);
	bool whole = received && received == point->given && received == point->indicated &&
		     rte_mempool_avail_count(point->pool) == GROWTH_BLOCK + SPARE_BUFFERS;

	if (!whole)
		fprintf(stderr, "bench-growth: %llu packets given, %llu received, %llu indicated\n",
			(unsigned long long)point->given, (unsigned long long)received,
			(unsigned long long)point->indicated);
	if (point->moves.refused)
		fprintf(stderr, "bench-growth: a move was refused\n");
	whole = whole && !point->moves.refused;
	vmmq_adapter_stop(point->adapter);
	point_free(point);
	return whole;
}
