/* SPDX-License-Identifier: BSD-2-Clause */
/* What the balance of load is found from: time, packets and turns of processors, packets of lanes.  Read often, so no more lines than needed. */
#include <rte_cycles.h>

#include "base/clock.h"
#include "engine/adapter_state.h"

static uint64_t load_ns(uint64_t tsc)
{
	uint64_t hz = rte_get_tsc_hz();

	return tsc / hz * SECOND_NS + tsc % hz * SECOND_NS / hz;
}

void vmmq_load_measure(struct vmmq_adapter *adapter, bool on)
{
	atomic_store_explicit(&adapter->times_polls, on, memory_order_relaxed);
}

/* load_is_behind: it has not turned, although it is not asleep and packets wait for it. */
static bool load_is_behind(const struct processor *processor, uint64_t turns, uint64_t turns_before)
{
	return turns == turns_before && !(counter_read(&processor->asleep) & 1) && processor_is_behind(processor);
}

void vmmq_processor_load_read(const struct vmmq_adapter *adapter, struct vmmq_processor number, uint64_t turns_before,
			      struct vmmq_processor_load *load)
{
	const struct processor *processor = processor_find(adapter, number);
	uint64_t turns;

	*load = (struct vmmq_processor_load){ 0 };
	if (!processor)
		return;
	turns = counter_read(&processor->turns);
	*load = (struct vmmq_processor_load){
		.busy_ns = load_ns(counter_read(&processor->busy_tsc)),
		.polled_ns = load_ns(counter_read(&processor->polled_tsc)),
		.packets = counter_read(&processor->packets),
		.refused = counter_read(&processor->refused),
		.turns = turns,
		.is_behind = load_is_behind(processor, turns, turns_before),
	};
}

static const _Atomic uint64_t *lane_counter(const struct vport_slot_counters *counters, unsigned lane)
{
	return lane < VMMQ_TABLE_ENTRIES_MAX ? &counters->entry[lane]
	       : lane == VMMQ_LANE_DEFAULT   ? &counters->by_default
					     : &counters->by_primary;
}

void vmmq_lanes_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport, const uint8_t lane[],
		     const struct vmmq_processor at[], unsigned count, uint32_t packets[])
{
	for (unsigned i = 0; i < count; i++) {
		const struct processor *processor = processor_find(adapter, at[i]);
		const struct vport_slot_counters *counters = processor ? vport_counters_find(processor, vport) : NULL;

		packets[i] = counters ? (uint32_t)counter_read(lane_counter(counters, lane[i])) : 0;
	}
}
