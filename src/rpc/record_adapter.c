/* SPDX-License-Identifier: BSD-2-Clause */
/* The adapter, its ports and its processors. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "control/port_json.h"
#include "rpc/record_source.h"

static json_t *record_microseconds(uint64_t ns)
{
	return json_integer((json_int_t)((ns + 999) / 1000)); /* up: 0 says that there was none */
}

static json_t *record_changes(const struct live *live)
{
	struct live_latency latency;

	live_latency(live, &latency);
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "batches", (json_int_t)latency.batches, "requests",
			 (json_int_t)latency.requests, "refused", (json_int_t)latency.refused, "effective_last_us",
			 record_microseconds(latency.effective_last_ns), "effective_max_us",
			 record_microseconds(latency.effective_max_ns), "disk_last_us",
			 record_microseconds(latency.disk_last_ns), "disk_max_us",
			 record_microseconds(latency.disk_max_ns));
}

/* record_fallback is null unless the switch began with the fallback configuration (docs/vmmqd.md). */
static json_t *record_fallback(const struct live *live)
{
	const struct live_fallback *fallback = live_fallback(live);

	if (!fallback)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "config", record_text(fallback->config), "reason",
			 record_text(fallback->reason), "kept",
			 record_text_or_null(fallback->kept[0] ? fallback->kept : NULL), "unwritable",
			 record_text_or_null(fallback->unwritable[0] ? fallback->unwritable : NULL));
}

static const char *moderation_name(enum moderation moderation)
{
	static const char *const names[] = { "poll", "interrupt", "adaptive" };

	return names[moderation];
}

static json_t *record_uplink(struct live *live)
{
	struct host_port port;

	host_uplink_get(live_host(live), &port);
	return record_port(&port);
}

static void record_count_all(const struct record_source *source, json_int_t *vports, json_int_t *filters)
{
	struct vmmq_nic_switch *sw = record_switch(source->live);
	const struct vmmq_filter *filter = vmmq_filter_next(sw, 0);

	*vports = *filters = 0;
	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id))
		++*vports;
	for (; filter; filter = vmmq_filter_next(sw, filter->id))
		++*filters;
}

json_t *record_adapter(const struct record_source *source)
{
	struct live *live = source->live;
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(record_switch(live));
	struct live_adapter_info info;
	json_int_t vports, filters;
	uint64_t dropped, host_dropped;
	json_t *record;

	live_adapter_info(live, &info);
	record_count_all(source, &vports, &filters);
	record_drops_sum(source, &dropped, &host_dropped);
	record =
	    json_pack("{s:o, s:s, s:i, s:f, s:o, s:s, s:i}", "name", record_text(info.name), "version", VMMQ_VERSION,
		      "pid", (int)getpid(), "uptime", (double)(now_ns() - source->started_ns) / 1e9, "state",
		      record_text_or_null(info.state && info.state[0] ? info.state : NULL), "moderation",
		      moderation_name(info.moderation), "mtu", (int)info.mtu);
	if (!record)
		return NULL;
	json_object_set_new(record, "processors", record_processor_list(set->processor, set->count));
	json_object_set_new(record, "processors_running",
			    record_processor_list(info.processors, info.processor_count));
	json_object_set_new(record, "uplink", record_uplink(live));
	json_object_set_new(record, "vports", json_integer(vports));
	json_object_set_new(record, "filters", json_integer(filters));
	json_object_set_new(record, "received", json_integer((json_int_t)vmmq_received_read(live_adapter(live))));
	json_object_set_new(record, "indicated", json_integer((json_int_t)live_indicated(live)));
	json_object_set_new(record, "dropped", json_integer((json_int_t)dropped));
	json_object_set_new(record, "host_dropped", json_integer((json_int_t)host_dropped));
	json_object_set_new(record, "hash_mismatches",
			    json_integer((json_int_t)host_hash_mismatches(live_host(live))));
	json_object_set_new(record, "changes", record_changes(live));
	json_object_set_new(record, "fallback", record_fallback(live));
	return record;
}

static void record_port_open(json_t *record, const struct host_port *port)
{
	const struct ethdev_info *info = &port->info;
	const struct ethdev_counters *counters = &port->counters;
	const char *interface = info->interface[0] ? info->interface : NULL;
	static const uint8_t none[sizeof(info->mac)]; /* a guest has its own, which its filters know */

	json_object_set_new(record, "mac",
			    memcmp(info->mac, none, sizeof(none)) ? record_mac(info->mac) : json_null());
	json_object_set_new(record, "mtu", json_integer(info->mtu));
	json_object_set_new(record, "driver", record_text(info->driver));
	json_object_set_new(record, "interface", record_text_or_null(interface));
	json_object_set_new(record, "queues", json_integer(info->rx_queues));
	json_object_set_new(record, "queues_enabled", json_integer(info->rx_enabled));
	json_object_set_new(record, "rx_interrupts", json_boolean(info->rx_interrupts));
	json_object_set_new(record, "rx_packets", json_integer((json_int_t)counters->rx_packets));
	json_object_set_new(record, "rx_bytes", json_integer((json_int_t)counters->rx_bytes));
	json_object_set_new(record, "tx_packets", json_integer((json_int_t)counters->tx_packets));
	json_object_set_new(record, "tx_bytes", json_integer((json_int_t)counters->tx_bytes));
	json_object_set_new(record, "rx_missed", json_integer((json_int_t)counters->rx_missed));
	json_object_set_new(record, "rx_no_buffer", json_integer((json_int_t)counters->rx_no_buffer));
	json_object_set_new(record, "rx_errors", json_integer((json_int_t)counters->rx_errors));
	json_object_set_new(record, "tx_errors", json_integer((json_int_t)counters->tx_errors));
	json_object_set_new(record, "rx_lent", json_integer((json_int_t)counters->rx_lent));
	json_object_set_new(record, "rx_lent_kept", json_integer((json_int_t)counters->rx_lent_kept));
	json_object_set_new(record, "rx_lent_waited", json_integer((json_int_t)counters->rx_lent_waited));
	json_object_set_new(record, "rx_lent_handed", json_integer((json_int_t)counters->rx_lent_handed));
}

/* record_wanted has a port in words and its kind; both null where none is wanted. */
static json_t *record_wanted(const struct port_spec *spec)
{
	bool none = spec->kind == PORT_NONE;
	char text[PORT_TEXT_MAX];

	port_spec_text(spec, text, sizeof(text));
	return json_pack("{s:o, s:o}", "port", record_text_or_null(none ? NULL : text), "kind",
			 none ? json_null() : json_string(port_kind_text(spec->kind)));
}

json_t *record_port(const struct host_port *port)
{
	json_t *wanted = port_json(port->spec);
	json_t *record = record_wanted(port->spec);

	if (!record || json_object_update(record, wanted)) {
		json_decref(record);
		json_decref(wanted);
		return NULL;
	}
	json_decref(wanted);
	json_object_set_new(record, "state", json_string(port->state));
	json_object_set_new(record, "reason", record_text_or_null(port->reason[0] ? port->reason : NULL));
	record_port_open(record, port);
	if (!port->open) {
		json_object_set_new(record, "mac", json_null());
		json_object_set_new(record, "driver", json_null());
	}
	return record;
}

/* not_pinned says why a processor's thread floats. */
static json_t *not_pinned(struct vmmq_processor processor)
{
	char sentence[96];
	cpu_set_t usable;

	CPU_ZERO(&usable);
	sched_getaffinity(0, sizeof(usable), &usable);
	if (processor.v >= sysconf(_SC_NPROCESSORS_CONF))
		snprintf(sentence, sizeof(sentence), "this machine has no CPU %u: not pinned", processor.v);
	else if (processor.v >= CPU_SETSIZE || !CPU_ISSET(processor.v, &usable))
		snprintf(sentence, sizeof(sentence), "vmmqd may not use CPU %u: not pinned", processor.v);
	else
		snprintf(sentence, sizeof(sentence), "not pinned, as vmmqd was told to (--no-pin)");
	return json_string(sentence);
}

static json_t *record_processor(const struct record_source *source, const struct live_adapter_info *info, size_t i)
{
	const struct vmmq_processor_set *set = vmmq_nic_switch_processors(record_switch(source->live));
	const struct record_share *share = &source->share[i];
	bool pinned = info->cpus[i] >= 0;
	struct vmmq_processor_counters c;
	json_t *record;

	vmmq_processor_counters_read(live_adapter(source->live), info->processors[i], &c);
	record =
	    json_pack("{s:i, s:o, s:o, s:b, s:f, s:f}", "processor", info->processors[i].v, "cpu",
		      pinned ? json_integer(info->cpus[i]) : json_null(), "reason",
		      pinned ? json_null() : not_pinned(info->processors[i]), "in_rss_set",
		      vmmq_processor_set_has(set, info->processors[i]), "busy", share->busy, "asleep", share->asleep);
	if (!record)
		return NULL;
	json_object_set_new(record, "packets", json_integer((json_int_t)c.packets));
	json_object_set_new(record, "dpcs", json_integer((json_int_t)c.dpcs));
	json_object_set_new(record, "interrupts", json_integer((json_int_t)c.interrupts));
	json_object_set_new(record, "interrupts_saved", json_integer((json_int_t)c.interrupts_saved));
	json_object_set_new(record, "gates", json_integer((json_int_t)c.gates));
	json_object_set_new(record, "gate_waits", json_integer((json_int_t)c.gate_waits));
	json_object_set_new(record, "inbox_high", json_integer((json_int_t)c.inbox_high));
	json_object_set_new(record, "completions", json_integer((json_int_t)c.completions));
	json_object_set_new(record, "stalled", json_boolean(share->stalled));
	return record;
}

json_t *record_processors(const struct record_source *source)
{
	struct live_adapter_info info;
	json_t *list = json_array();

	live_adapter_info(source->live, &info);
	for (size_t i = 0; i < info.processor_count; i++)
		json_array_append_new(list, record_processor(source, &info, i));
	return list;
}
