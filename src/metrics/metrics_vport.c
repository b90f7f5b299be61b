/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics/metrics_vport.h"

#include <string.h>

static const char *state_name(enum vmmq_vport_state state)
{
	return state == VMMQ_VPORT_ACTIVATED     ? "activated"
	       : state == VMMQ_VPORT_DEACTIVATED ? "deactivated"
						 : "undefined";
}

static void render_vport_info(struct metrics_text *text, const struct metrics_labels *vport,
			      const struct vmmq_vport_info *info)
{
	struct metrics_labels labels = *vport;

	labels_add(&labels, "name", info->name);
	labels_add(&labels, "state", state_name(info->state));
	labels_add(&labels, "rss", info->rss->enabled ? "on" : info->rss->receive_hash ? "hash_only" : "off");
	metrics_add(text, METRIC_V_INFO, &labels, 1);
	metrics_add(text, METRIC_V_QUEUE_PAIRS, vport, info->queue_pairs);
	metrics_add(text, METRIC_V_QUEUE_PAIRS_USED, vport, vmmq_rss_queues_used(info->rss));
	metrics_add(text, METRIC_V_FILTERS, vport, info->filter_count);
}

static void render_on(struct metrics_text *text, const struct metrics_labels *vport, struct vmmq_processor processor,
		      const struct vmmq_vport_counters *counters)
{
	struct metrics_labels labels = *vport;
	size_t len;

	labels_add_number(&labels, "processor", processor.v);
	metrics_add(text, METRIC_V_PACKETS, &labels, counters->packets);
	metrics_add(text, METRIC_V_BYTES, &labels, counters->bytes);
	metrics_add(text, METRIC_V_INDICATIONS, &labels, counters->indications);
	len = labels.len;
	for (unsigned i = 0; i < VMMQ_VIA_COUNT; i++) {
		if (!counters->via[i])
			continue;
		labels.len = len;
		labels_add(&labels, "via", vmmq_via_name((enum vmmq_via)i));
		metrics_add(text, METRIC_V_VIA, &labels, counters->via[i]);
	}
	for (unsigned i = 0; i < VMMQ_HASH_TYPE_COUNT; i++) {
		if (!counters->hashed[i])
			continue;
		labels.len = len;
		labels_add(&labels, "type", vmmq_hash_type_name((uint32_t)VMMQ_HASH_IPV4 << i));
		metrics_add(text, METRIC_V_HASHED, &labels, counters->hashed[i]);
	}
}

static void render_entries(struct metrics_text *text, const struct metrics_labels *vport,
			   const struct vmmq_rss_params *rss, const uint64_t packets[VMMQ_TABLE_ENTRIES_MAX])
{
	for (unsigned i = 0; i < rss->entry_count; i++) {
		struct metrics_labels labels = { .len = vport->len };

		memcpy(labels.text, vport->text, vport->len);
		labels_add_number(&labels, "entry", i);
		metrics_add(text, METRIC_ENTRY_PACKETS, &labels, packets[i]);
		metrics_add(text, METRIC_ENTRY_PROCESSOR, &labels, rss->table[i].v);
	}
}

static void render_traffic(struct metrics_text *text, struct live *live, const struct live_adapter_info *info,
			   struct vmmq_vport_id id, const struct metrics_labels *vport,
			   const struct vmmq_rss_params *rss, enum metrics_entries entries)
{
	uint64_t entry[VMMQ_TABLE_ENTRIES_MAX] = { 0 }, by_table = 0;

	for (size_t i = 0; i < info->processor_count; i++) {
		struct vmmq_vport_counters counters = { 0 };

		vmmq_vport_counters_read(live_adapter(live), id, &info->processors[i], &counters);
		if (!counters.packets)
			continue;
		render_on(text, vport, info->processors[i], &counters);
		by_table += counters.via[VMMQ_VIA_TABLE];
		for (unsigned k = 0; k < rss->entry_count; k++)
			entry[k] += counters.entry[k];
	}
	if ((entries == METRICS_ENTRIES_ACTIVE && by_table) || (entries == METRICS_ENTRIES_ALL && rss->enabled))
		render_entries(text, vport, rss, entry);
}

static void render_drop(struct metrics_text *text, const struct metrics_labels *vport, const char *where,
			const char *reason, uint64_t packets)
{
	struct metrics_labels labels = *vport;

	labels_add(&labels, "where", where);
	labels_add(&labels, "reason", reason);
	metrics_add(text, METRIC_V_DROPS, &labels, packets);
}

static void render_host(struct metrics_text *text, struct live *live, struct vmmq_vport_id id,
			const struct metrics_labels *vport)
{
	uint64_t drops[VMMQ_DROP_COUNT] = { 0 };
	struct host_counters host;

	vmmq_vport_drops_read(live_adapter(live), id, drops);
	host_counters_read(live_host(live), id, &host);
	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++) {
		if (drops[i])
			render_drop(text, vport, "adapter", vmmq_drop_name((enum vmmq_drop)i), drops[i]);
	}
	for (unsigned i = 0; i < HOST_DROP_COUNT; i++) {
		if (host.drops[i])
			render_drop(text, vport, "host", host_drop_name((enum host_drop)i), host.drops[i]);
	}
	metrics_add(text, METRIC_V_TO_GUEST_PACKETS, vport, host.to_guest_packets);
	metrics_add(text, METRIC_V_TO_GUEST_BYTES, vport, host.to_guest_bytes);
	metrics_add(text, METRIC_V_FROM_GUEST_PACKETS, vport, host.from_guest_packets);
	metrics_add(text, METRIC_V_FROM_GUEST_BYTES, vport, host.from_guest_bytes);
	metrics_add(text, METRIC_V_REPLICAS, vport, host.replicas);
	metrics_add(text, METRIC_V_HELD, vport, vmmq_held_read(live_adapter(live), id));
	metrics_add(text, METRIC_V_SENDING, vport, vmmq_sending_read(live_adapter(live), id));
}

void metrics_vport(struct metrics_text *text, struct live *live, const struct live_adapter_info *info,
		   struct vmmq_vport_id id, enum metrics_entries entries, struct metrics_sums *sums)
{
	struct metrics_labels vport = { 0 };
	struct vmmq_vport_info known;
	struct host_port backend;

	if (!vmmq_vport_get(vmmq_adapter_switch(live_adapter(live)), id, &known))
		return;
	sums->vports++;
	sums->filters += known.filter_count;
	labels_add_number(&vport, "vport", id.v);
	render_vport_info(text, &vport, &known);
	render_traffic(text, live, info, id, &vport, known.rss, entries);
	render_host(text, live, id, &vport);
	host_backend_get(live_host(live), id, &backend);
	metrics_port_state(text, &backend, &id);
}

void metrics_port_state(struct metrics_text *text, const struct host_port *port, const struct vmmq_vport_id *vport)
{
	const struct ethdev_counters *counters = &port->counters;
	struct metrics_labels labels = { 0 }, state;

	if (strcmp(port->state, "none") == 0)
		return;
	labels_add(&labels, "port", vport ? "backend" : "uplink");
	if (vport)
		labels_add_number(&labels, "vport", vport->v);
	state = labels;
	labels_add(&state, "state", port->state);
	metrics_add(text, METRIC_PORT_UP, &labels, strcmp(port->state, "up") == 0);
	metrics_add(text, METRIC_PORT_STATE, &state, 1);
	if (port->open)
		metrics_add(text, METRIC_PORT_QUEUES, &labels, port->info.rx_enabled);
	metrics_add(text, METRIC_PORT_RX_PACKETS, &labels, counters->rx_packets);
	metrics_add(text, METRIC_PORT_RX_BYTES, &labels, counters->rx_bytes);
	metrics_add(text, METRIC_PORT_TX_PACKETS, &labels, counters->tx_packets);
	metrics_add(text, METRIC_PORT_TX_BYTES, &labels, counters->tx_bytes);
	metrics_add(text, METRIC_PORT_RX_MISSED, &labels, counters->rx_missed);
	metrics_add(text, METRIC_PORT_RX_NO_BUFFER, &labels, counters->rx_no_buffer);
	metrics_add(text, METRIC_PORT_RX_ERRORS, &labels, counters->rx_errors);
	metrics_add(text, METRIC_PORT_TX_ERRORS, &labels, counters->tx_errors);
	metrics_add(text, METRIC_PORT_RX_LENT, &labels, counters->rx_lent);
	metrics_add(text, METRIC_PORT_RX_LENT_KEPT, &labels, counters->rx_lent_kept);
	metrics_add(text, METRIC_PORT_RX_LENT_WAITED, &labels, counters->rx_lent_waited);
	metrics_add(text, METRIC_PORT_RX_LENT_HANDED, &labels, counters->rx_lent_handed);
}
