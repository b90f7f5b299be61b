/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet's whole way, source -> inbox -> DPC -> indication -> return, stepped in one thread: what it costs in cycles. */
#include <rte_mbuf.h>
#include <stdio.h>

#include "bench_engine.h"

#define ROUNDS  101u
#define PACKETS 4096u

/* step_path receives PACKETS, a burst at a time, and lets all processors make a turn after each. */
static void step_path(void *context)
{
	struct load *load = context;

	for (unsigned i = 0; i < PACKETS / LOAD_BURST; i++) {
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

	for (unsigned i = 0; i < PACKETS / LOAD_BURST; i++) {
		struct rte_mbuf *burst[LOAD_BURST];

		rte_pktmbuf_free_bulk(burst, load_burst(&load->source[0], burst));
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
		{ "of it, the pool: allocate and free", buffers_only, &one },
	};

	report_section("A packet's whole way, stepped in one thread",
		       "64 VPorts, TCP and UDP over IPv4 and IPv6, bursts of 32; no other thread takes part");
	if (!load_start(&one, &params_one) || !load_start(&four, &params_four) || !load_start(&flow, &params_flow))
		return false;
	bench_compete(contender, 4, scale < 1 ? 3 : ROUNDS, PACKETS);
	return load_stop(&one) && load_stop(&four) && load_stop(&flow);
}
