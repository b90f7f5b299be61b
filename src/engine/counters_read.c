/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters, folded on read: each has one writer, and reading disturbs nobody. */
#include <rte_cycles.h>

#include "base/clock.h"
#include "engine/adapter_state.h"
#include "engine/asleep.h"
#include "engine/source.h"

static void vport_counters_fold(struct vmmq_vport_counters *sum, const struct vport_slot_counters *counters)
{
	uint64_t by_table = 0, by_default = counter_read(&counters->by_default),
		 by_primary = counter_read(&counters->by_primary);

	sum->bytes += counter_read(&counters->bytes);
	sum->indications += counter_read(&counters->indications);
	for (unsigned i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		sum->hashed[i] += counter_read(&counters->hashed[hashed_place[i]]);
	for (unsigned i = 0; i < VMMQ_TABLE_ENTRIES_MAX; i++) {
		uint64_t packets = counter_read(&counters->entry[i]);

		sum->entry[i] += packets;
		by_table += packets;
	}
	sum->via[VMMQ_VIA_TABLE] += by_table;
	sum->via[VMMQ_VIA_DEFAULT] += by_default;
	sum->via[VMMQ_VIA_PRIMARY] += by_primary;
	sum->packets += by_table + by_default + by_primary;
}

static void vport_counters_fold_at(struct vmmq_vport_counters *sum, const struct processor *processor,
				   struct vmmq_vport_id vport)
{
	const struct vport_slot_counters *counters = vport_counters_find(processor, vport);

	if (counters)
		vport_counters_fold(sum, counters);
}

void vmmq_vport_counters_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport,
			      const struct vmmq_processor *processor, struct vmmq_vport_counters *sum)
{
	if (processor) {
		const struct processor *found = processor_find(adapter, *processor);

		if (found)
			vport_counters_fold_at(sum, found, vport);
		return;
	}
	for (processor_slot i = 0; i < adapter->processor_count; i++)
		vport_counters_fold_at(sum, &adapter->processor[i], vport);
}

static void vport_drops_fold(const struct vport_drops *drops, struct vmmq_vport_id vport,
			     uint64_t sum[VMMQ_DROP_COUNT])
{
	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
		sum[i] += counter_read(&drops[vport.v].reason[i]);
}

void vmmq_vport_drops_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport,
			   uint64_t sum[VMMQ_DROP_COUNT])
{
	for (const struct vmmq_source *source = adapter->sources; source; source = source->next)
		vport_drops_fold(source->drops, vport, sum);
	vport_drops_fold(adapter->gone_drops, vport, sum);
}

uint64_t vmmq_received_read(const struct vmmq_adapter *adapter)
{
	uint64_t n = counter_read(&adapter->gone_received);

	for (const struct vmmq_source *source = adapter->sources; source; source = source->next)
		n += counter_read(&source->received);
	return n;
}

/* processor_interrupts_saved: all packets but those that rang; one that rang may not be indicated yet. */
static uint64_t processor_interrupts_saved(const struct processor *processor)
{
	uint64_t packets = counter_read(&processor->packets), rung = counter_read(&processor->rung);

	return packets > rung ? packets - rung : 0;
}

static uint64_t tsc_to_ns(uint64_t tsc)
{
	uint64_t hz = rte_get_tsc_hz();

	return tsc / hz * SECOND_NS + tsc % hz * SECOND_NS / hz;
}

void vmmq_processor_counters_read(const struct vmmq_adapter *adapter, struct vmmq_processor number,
				  struct vmmq_processor_counters *counters)
{
	const struct processor *processor = processor_find(adapter, number);

	*counters = (struct vmmq_processor_counters){ 0 };
	if (!processor)
		return;
	*counters = (struct vmmq_processor_counters){
		.dpcs = counter_read(&processor->dpcs),
		.packets = counter_read(&processor->packets),
		.interrupts = counter_read(&processor->interrupt.taken),
		.interrupts_saved = processor_interrupts_saved(processor),
		.gates = counter_read(&processor->gates),
		.gate_waits = counter_read(&processor->gate_waits),
		.held = counter_read(&processor->held),
		.inbox_high = counter_read(&processor->inbox_high),
		.completions = counter_read(&processor->completed) + counter_read(&processor->gave_away),
		.turns = counter_read(&processor->turns),
		.busy_ns = tsc_to_ns(counter_read(&processor->busy_tsc)),
		.asleep_ns = tsc_to_ns(processor_asleep_tsc(processor)),
	};
}

uint32_t vmmq_sending_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport)
{
	return atomic_load_explicit(&adapter->sending[vport.v], memory_order_acquire);
}

uint32_t vmmq_held_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport)
{
	int32_t held = (int32_t)atomic_load_explicit(&adapter->held[vport.v], memory_order_acquire);

	return held > 0 ? (uint32_t)held : 0; /* another thread has given back what the indication is not done with */
}

unsigned vmmq_stalled(struct vmmq_adapter *adapter, struct vmmq_processor stalled[], unsigned max)
{
	unsigned n = 0;

	for (processor_slot i = 0; i < adapter->processor_count; i++) {
		struct processor *processor = &adapter->processor[i];
		uint64_t turns = counter_read(&processor->turns);

		if (turns == processor->turns_seen && processor_is_behind(processor)) {
			if (n < max)
				stalled[n] = processor->number;
			n++;
		}
		processor->turns_seen = turns;
	}
	return n;
}
