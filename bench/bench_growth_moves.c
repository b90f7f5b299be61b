/* SPDX-License-Identifier: BSD-2-Clause */
/* Moves of one table entry at a steady pace, between a burst and the turns that indicate it. */
#include "bench_growth.h"

/* entry_processor returns where a VPort's entry points now. */
static struct vmmq_processor entry_processor(const struct growth_point *point, const struct vmmq_oob *oob)
{
	struct vmmq_vport_info info;

	vmmq_vport_get(vmmq_adapter_switch(point->adapter), oob->vport, &info);
	return info.rss->table[oob->entry];
}

/* entry_move moves the entry by which packet has come to the next processor. */
static void entry_move(struct growth_point *point, const struct rte_mbuf *packet)
{
	struct growth_moves *moves = &point->moves;
	struct vmmq_processor from;
	struct vmmq_rss_move move;
	struct vmmq_oob oob;
	uint64_t started;

	vmmq_oob_get(packet, &oob);
	from = entry_processor(point, &oob);
	move = (struct vmmq_rss_move){ .vport_id = oob.vport.v,
				       .index = oob.entry,
				       .target = { (uint16_t)((from.v + 1u) % point->params.processors) } };
	started = rte_rdtsc_precise();
	if (vmmq_adapter_move(point->adapter, from, &move, 1, NULL) != VMMQ_SUCCESS || move.status != VMMQ_SUCCESS)
		moves->refused = true;
	if (moves->count < GROWTH_LATENCIES)
		moves->latency_us[moves->count] =
		    (double)(rte_rdtsc_precise() - started) * 1e6 / (double)rte_get_tsc_hz();
	moves->count++;
}

uint64_t growth_moves_make(struct growth_point *point, struct rte_mbuf *const packet[], unsigned count,
			   uint64_t block_started)
{
	struct growth_moves *moves = &point->moves;
	uint64_t started, now;

	if (!moves->period_tsc)
		return 0;
	started = now = rte_rdtsc();
	for (unsigned i = 0; i < count && moves->clock_tsc + (now - block_started) >= moves->due_tsc; i++) {
		entry_move(point, packet[i]);
		moves->due_tsc += moves->period_tsc;
		now = rte_rdtsc();
	}
	return now - started;
}

uint64_t growth_gates(const struct growth_point *point)
{
	uint64_t sum = 0;

	for (unsigned p = 0; p < point->params.processors; p++) {
		struct vmmq_processor_counters counters;

		vmmq_processor_counters_read(point->adapter, (struct vmmq_processor){ (uint16_t)p }, &counters);
		sum += counters.gates;
	}
	return sum;
}
