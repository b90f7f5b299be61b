/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet's whole way, source -> inbox -> DPC -> indication -> return, stepped in one thread: what it costs in cycles, beside
 * what DPDK's ways of spreading packets cost for the same packets, burst for burst, after the same classification.
 */
#include <rte_mbuf.h>
#include <stdio.h>

#include "bench_engine.h"

#define ROUNDS 101u

/* step_path receives PATH_PACKETS, a burst at a time, and lets all processors make a turn after each. */
static void step_path(void *context)
{
	struct load *load = context;

	for (unsigned i = 0; i < PATH_PACKETS / LOAD_BURST; i++) {
		struct rte_mbuf *burst[LOAD_BURST];
		unsigned count = load_burst(&load->source[0], burst);

		vmmq_receive(load->source[0].source, burst, count);
		for (unsigned p = 0; p < load->processors; p++)
			vmmq_processor_poll(load->adapter, load->processor[p].number);
	}
}

/* buffers_only is what of that is not the adapter's: packets out of the pool and back. */
static void buffers_only(void *context)
{
	struct load *load = context;

	for (unsigned i = 0; i < PATH_PACKETS / LOAD_BURST; i++) {
		struct rte_mbuf *burst[LOAD_BURST];

		rte_pktmbuf_free_bulk(burst, load_burst(&load->source[0], burst));
	}
}

unsigned path_burst(struct load *load, struct rte_mbuf *burst[LOAD_BURST])
{
	const struct vmmq_view *view = vmmq_nic_switch_view(vmmq_adapter_switch(load->adapter));
	unsigned count = load_burst(&load->source[0], burst);
	struct vmmq_verdict verdict[LOAD_BURST];
	const uint8_t *frame[LOAD_BURST];
	uint32_t len[LOAD_BURST];

	for (unsigned i = 0; i < count; i++) {
		frame[i] = rte_pktmbuf_mtod(burst[i], const uint8_t *);
		len[i] = burst[i]->data_len;
	}
	vmmq_classify_burst(view, frame, len, verdict, count);
	for (unsigned i = 0; i < count; i++)
		burst[i]->hash.usr = verdict[i].hash;
	return count;
}

bool path_whole(const char *peer, uint64_t given, uint64_t came_out)
{
	if (given && came_out == given)
		return true;
	fprintf(stderr, "bench-engine: %s: %llu packets given, %llu came out\n", peer, (unsigned long long)given,
		(unsigned long long)came_out);
	return false;
}

/* classified_only is what the peers have in common: the pool and the classification, without spreading. */
static void classified_only(void *context)
{
	for (unsigned i = 0; i < PATH_PACKETS / LOAD_BURST; i++) {
		struct rte_mbuf *burst[LOAD_BURST];

		rte_pktmbuf_free_bulk(burst, path_burst(context, burst));
	}
}

bool bench_path(double scale)
{
	static struct load one, four, flow;
	const struct load_params params_one = { .processors = 1, .stepped = true };
	const struct load_params params_four = { .processors = 4, .stepped = true };
	const struct load_params params_flow = { .processors = 1, .stepped = true, .one_vport = true };
	const struct contender contender[] = {
		{ "receive, classify, inbox, indicate, return: 1 processor", step_path, &one },
		{ "the same, 4 processors", step_path, &four },
		{ "the same, 1 processor, all packets of one VPort", step_path, &flow },
		{ "classify as above, rte_distributor (burst, 1 worker), free", distributor_run, &one },
		{ "classify as above, eventdev (sw, atomic, 1 worker), free", eventdev_run, &one },
		{ "classify as above, free: nothing spreads", classified_only, &one },
		{ "of all, the pool: allocate and free", buffers_only, &one },
	};

	report_section("A packet's whole way, stepped in one thread",
		       "64 VPorts, TCP and UDP over IPv4 and IPv6, bursts of 32; no other thread takes part");
	if (!load_start(&one, &params_one) || !load_start(&four, &params_four) || !load_start(&flow, &params_flow) ||
	    !distributor_make() || !eventdev_make())
		return false;
	bench_compete(contender, RTE_DIM(contender), scale < 1 ? 3 : ROUNDS, PATH_PACKETS);
	return load_stop(&one) && load_stop(&four) && load_stop(&flow) && distributor_whole() && eventdev_whole();
}
