/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics/metrics_render.h"

#include <stdlib.h>
#include <string.h>

#include "control/live_balance.h"
#include "metrics/metrics_vport.h"

static const char *const moderations[] = {
	[MODERATION_POLL] = "poll",
	[MODERATION_INTERRUPT] = "interrupt",
	[MODERATION_ADAPTIVE] = "adaptive",
};

static void render_adapter_info(struct metrics_text *text, const struct live_adapter_info *info, uint64_t start_time)
{
	struct metrics_labels labels = { 0 };

	labels_add(&labels, "name", info->name);
	labels_add(&labels, "version", VMMQ_VERSION);
	labels_add(&labels, "moderation", moderations[info->moderation]);
	metrics_add(text, METRIC_INFO, &labels, 1);
	metrics_add(text, METRIC_START_TIME, NULL, start_time);
	metrics_add(text, METRIC_MTU, NULL, info->mtu);
}

static void render_changes(struct metrics_text *text, const struct live *live)
{
	struct live_latency latency;

	live_latency(live, &latency);
	metrics_add(text, METRIC_CHANGE_BATCHES, NULL, latency.batches);
	metrics_add(text, METRIC_CHANGE_REQUESTS, NULL, latency.requests);
	metrics_add(text, METRIC_CHANGE_REFUSED, NULL, latency.refused);
	metrics_add_ns(text, METRIC_EFFECTIVE_SUM, NULL, latency.effective_sum_ns);
	metrics_add_ns(text, METRIC_EFFECTIVE_LAST, NULL, latency.effective_last_ns);
	metrics_add_ns(text, METRIC_EFFECTIVE_MAX, NULL, latency.effective_max_ns);
	metrics_add_ns(text, METRIC_DISK_SUM, NULL, latency.disk_sum_ns);
	metrics_add_ns(text, METRIC_DISK_LAST, NULL, latency.disk_last_ns);
	metrics_add_ns(text, METRIC_DISK_MAX, NULL, latency.disk_max_ns);
}

/* render_load: a share in millionths is what a time in thousands of nanoseconds is. */
static void render_load(struct metrics_text *text, const struct live *live, unsigned place)
{
	struct live_balance_processor processor;
	struct metrics_labels labels = { 0 };

	live_balance_processor(live, place, &processor);
	labels_add_number(&labels, "processor", processor.processor.v);
	metrics_add_ns(text, METRIC_BALANCE_LOAD, &labels, UINT64_C(1000) * processor.load);
	metrics_add(text, METRIC_BALANCE_IN_USE, &labels, processor.in_use);
}

static void render_balance(struct metrics_text *text, const struct live *live)
{
	struct live_balance_info info;

	live_balance_info(live, &info);
	metrics_add(text, METRIC_BALANCE_TICKS, NULL, info.ticks);
	metrics_add(text, METRIC_BALANCE_REFUSED, NULL, info.refused);
	metrics_add_ns(text, METRIC_BALANCE_TIME, NULL, info.tick_sum_ns);
	for (unsigned i = 0; i < BALANCE_REASON_COUNT; i++) {
		struct metrics_labels labels = { 0 };

		labels_add(&labels, "reason", balance_why_name((enum balance_why)i));
		metrics_add(text, METRIC_BALANCE_MOVES, &labels, info.moves[i]);
	}
	for (unsigned i = 0; i < info.processors; i++)
		render_load(text, live, i);
}

static void render_processor(struct metrics_text *text, struct vmmq_adapter *adapter, struct vmmq_processor processor,
			     int cpu, bool in_rss_set)
{
	struct vmmq_processor_counters counters;
	struct metrics_labels labels = { 0 };

	vmmq_processor_counters_read(adapter, processor, &counters);
	labels_add_number(&labels, "processor", processor.v);
	if (cpu >= 0)
		metrics_add(text, METRIC_CPU, &labels, (uint64_t)cpu);
	metrics_add(text, METRIC_IN_RSS_SET, &labels, in_rss_set);
	metrics_add(text, METRIC_P_PACKETS, &labels, counters.packets);
	metrics_add(text, METRIC_P_DPCS, &labels, counters.dpcs);
	metrics_add(text, METRIC_P_INTERRUPTS, &labels, counters.interrupts);
	metrics_add(text, METRIC_P_SAVED, &labels, counters.interrupts_saved);
	metrics_add(text, METRIC_P_GATES, &labels, counters.gates);
	metrics_add(text, METRIC_P_GATE_WAITS, &labels, counters.gate_waits);
	metrics_add(text, METRIC_P_COMPLETIONS, &labels, counters.completions);
	metrics_add(text, METRIC_P_TURNS, &labels, counters.turns);
	metrics_add_ns(text, METRIC_P_BUSY, &labels, counters.busy_ns);
	metrics_add_ns(text, METRIC_P_ASLEEP, &labels, counters.asleep_ns);
	metrics_add(text, METRIC_P_INBOX_HIGH, &labels, counters.inbox_high);
}

/* render_drops: what VPorts have counted that are gone is in it. */
static void render_drops(struct metrics_text *text, const struct live *live)
{
	struct live_drops drops;

	live_drops(live, &drops);
	for (unsigned i = VMMQ_DROP_NONE + 1; i < VMMQ_DROP_COUNT; i++) {
		struct metrics_labels labels = { 0 };

		labels_add(&labels, "where", "adapter");
		labels_add(&labels, "reason", vmmq_drop_name((enum vmmq_drop)i));
		metrics_add(text, METRIC_DROPS, &labels, drops.adapter[i]);
	}
	for (unsigned i = 0; i < HOST_DROP_COUNT; i++) {
		struct metrics_labels labels = { 0 };

		labels_add(&labels, "where", "host");
		labels_add(&labels, "reason", host_drop_name((enum host_drop)i));
		metrics_add(text, METRIC_DROPS, &labels, drops.host[i]);
	}
}

static void render_vports(struct metrics_text *text, struct live *live, const struct live_adapter_info *info,
			  enum metrics_entries entries)
{
	struct vmmq_adapter *adapter = live_adapter(live);
	const struct vmmq_nic_switch *sw = vmmq_adapter_switch(adapter);
	struct metrics_sums sums = { 0 };

	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id))
		metrics_vport(text, live, info, (struct vmmq_vport_id){ (uint16_t)id }, entries, &sums);
	metrics_add(text, METRIC_VPORTS, NULL, sums.vports);
	metrics_add(text, METRIC_FILTERS, NULL, sums.filters);
	metrics_add(text, METRIC_RECEIVED, NULL, vmmq_received_read(adapter));
	metrics_add(text, METRIC_INDICATED, NULL, live_indicated(live));
	render_drops(text, live);
}

static void render_fleet(struct metrics_text *text, const struct agent *agent)
{
	struct agent_figures figures;

	agent_figures(agent, &figures);
	metrics_add(text, METRIC_FLEET_CONNECTED, NULL, figures.connected);
	metrics_add(text, METRIC_FLEET_SINCE, NULL, figures.since);
	metrics_add(text, METRIC_FLEET_CONNECTIONS, NULL, figures.connections);
	if (figures.connections)
		metrics_add_ns(text, METRIC_FLEET_APART, NULL, figures.apart_ns);
	for (unsigned i = 0; i < FLEET_STATES; i++) {
		const char *state = fleet_state_name((enum fleet_state)i);
		struct metrics_labels labels = { 0 };

		labels_add(&labels, "state", *state ? state : "none");
		metrics_add(text, METRIC_FLEET_VPORTS, &labels, figures.vports[i]);
	}
	for (unsigned i = 0; i <= OVSDB_LOST; i++) {
		struct metrics_labels labels = { 0 };

		labels_add(&labels, "outcome", agent_outcome_name((enum ovsdb_outcome)i));
		metrics_add(text, METRIC_FLEET_TRANSACTIONS, &labels, figures.outcomes[i]);
	}
}

char *metrics_render(struct live *live, const struct agent *agent, enum metrics_entries entries, uint64_t start_time,
		     size_t *len)
{
	struct vmmq_adapter *adapter = live_adapter(live);
	struct metrics_text text = { 0 };
	struct live_adapter_info info;
	struct host_port uplink;
	char *all;

	live_adapter_info(live, &info);
	render_adapter_info(&text, &info, start_time);
	metrics_add(&text, METRIC_FALLBACK, NULL, live_fallback(live) != NULL);
	render_balance(&text, live);
	render_changes(&text, live);
	for (size_t i = 0; i < info.processor_count; i++)
		render_processor(&text, adapter, info.processors[i], info.cpus[i],
				 vmmq_processor_set_has(vmmq_nic_switch_processors(vmmq_adapter_switch(adapter)),
							info.processors[i]));
	host_uplink_get(live_host(live), &uplink);
	metrics_port_state(&text, &uplink, NULL);
	metrics_add(&text, METRIC_HASH_MISMATCHES, NULL, host_hash_mismatches(live_host(live)));
	render_vports(&text, live, &info, entries);
	if (agent)
		render_fleet(&text, agent);
	all = metrics_text_join(&text, len);
	metrics_text_fini(&text);
	return all;
}
