/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory per VPort, as the C library counts it. */
#include <malloc.h>
#include <stdio.h>

#include "bench_engine.h"
#include "engine/adapter_state.h"

#define VPORTS     4096u
#define PROCESSORS 4u

size_t bench_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void ignore(void *context, const struct vmmq_indication *indication)
{
	struct vmmq_adapter **adapter = context;

	vmmq_return_packets(*adapter, indication->packet, indication->count);
}

static struct vmmq_adapter *adapter_make(struct vmmq_adapter **context, uint32_t vports)
{
	struct vmmq_processor processor[PROCESSORS] = { { 0 }, { 1 }, { 2 }, { 3 } };
	struct vmmq_adapter_params params = {
		.name = "memory",
		.nic_switch = { .processors = processor, .processor_count = PROCESSORS, .max_vports = vports },
		.indicate = ignore,
		.context = context,
	};

	return vmmq_adapter_create(&params, context, NULL) == VMMQ_SUCCESS ? *context : NULL;
}

static void per_vport(const char *name, size_t bytes)
{
	report_value(name, "bytes", (double)bytes / VPORTS);
}

bool bench_memory(void)
{
	size_t start = bench_in_use(), room, full;
	struct vmmq_adapter *adapter, *small;
	struct vmmq_nic_switch *sw;
	struct vmmq_source *source;

	report_section("Memory per VPort", "4,096 VPorts with one filter, RSS on and 128 entries; 4 processors, 1 "
					   "source; beside the packets' buffers");
	if (!adapter_make(&small, 1))
		return false;
	room = bench_in_use() - start;
	vmmq_adapter_destroy(small);
	start = bench_in_use();
	if (!adapter_make(&adapter, VPORTS + 1))
		return false;
	per_vport("room for it", bench_in_use() - start - room);
	sw = vmmq_adapter_switch(adapter);
	start = bench_in_use();
	vmmq_nic_switch_begin(sw);
	for (uint16_t v = 1; v <= VPORTS; v++)
		if (!bench_vport_add(sw, v, PROCESSORS))
			return false;
	if (vmmq_nic_switch_commit(sw, NULL) != VMMQ_SUCCESS ||
	    vmmq_adapter_apply(adapter, false, UINT64_MAX, NULL) != VMMQ_SUCCESS)
		return false;
	full = bench_in_use() - start;
	per_vport("configured: parameters, steering, filter, name", full);
	start = bench_in_use();
	if (vmmq_source_create(adapter, VMMQ_SOURCE_DROP, &source, NULL) != VMMQ_SUCCESS)
		return false;
	per_vport("drop counters, per source", bench_in_use() - start);
	report_value("counters, per processor that it was used on", "bytes", sizeof(struct vport_slot_counters));
	report_value("share of an inbox, per source and processor used", "bytes",
		     sizeof(struct inbox_share) + sizeof(((struct inbox *)NULL)->out[0]));
	vmmq_adapter_destroy(adapter);
	return true;
}
