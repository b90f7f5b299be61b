/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics/telemetry_answer.h"

#include <rte_telemetry.h>
#include <rte_version.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

/* DPDK leaves out what does not fit its answer of 16 KiB, without a word: so no more than this at a time. */
#define PROCESSORS_MAX 32
#define VPORTS_MAX     256

static int answer_add(struct rte_tel_data *data, const char *name, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_tel_data_add_dict_uint(data, name, value);
#else
	return rte_tel_data_add_dict_u64(data, name, value);
#endif
}

/* add_dict adds an empty dictionary to one, and returns it; NULL: memory, or no room. */
static struct rte_tel_data *add_dict(struct rte_tel_data *data, const char *name)
{
	struct rte_tel_data *dict = rte_tel_data_alloc();

	if (!dict)
		return NULL;
	rte_tel_data_start_dict(dict);
	if (rte_tel_data_add_dict_container(data, name, dict, 0) == 0)
		return dict;
	rte_tel_data_free(dict);
	return NULL;
}

/* answer_read_number reads a parameter: a number below 65536, nothing else. */
static bool answer_read_number(const char *parameter, unsigned *number)
{
	uint64_t value;

	if (!parameter || !number_read_decimal(parameter, UINT16_MAX, &value))
		return false;
	*number = (unsigned)value;
	return true;
}

static bool read_first(const char *parameter, unsigned *first)
{
	*first = 0;
	return !parameter || !parameter[0] || answer_read_number(parameter, first);
}

static void answer_add_port(struct rte_tel_data *data, const struct host_port *port)
{
	char text[PORT_TEXT_MAX];

	rte_tel_data_add_dict_string(data, "state", port->state);
	port_spec_text(port->spec, text, sizeof(text));
	rte_tel_data_add_dict_string(data, "port", port->spec->kind != PORT_NONE ? text : "");
	answer_add(data, "rx_packets", port->counters.rx_packets);
	answer_add(data, "rx_bytes", port->counters.rx_bytes);
	answer_add(data, "tx_packets", port->counters.tx_packets);
	answer_add(data, "tx_bytes", port->counters.tx_bytes);
	answer_add(data, "rx_missed", port->counters.rx_missed);
	answer_add(data, "rx_no_buffer", port->counters.rx_no_buffer);
	answer_add(data, "rx_errors", port->counters.rx_errors);
	answer_add(data, "tx_errors", port->counters.tx_errors);
	answer_add(data, "rx_lent", port->counters.rx_lent);
	answer_add(data, "rx_lent_kept", port->counters.rx_lent_kept);
	answer_add(data, "rx_lent_waited", port->counters.rx_lent_waited);
	answer_add(data, "rx_lent_handed", port->counters.rx_lent_handed);
}

static void add_changes(struct rte_tel_data *data, const struct live *live)
{
	struct live_latency latency;

	live_latency(live, &latency);
	answer_add(data, "batches", latency.batches);
	answer_add(data, "requests", latency.requests);
	answer_add(data, "refused", latency.refused);
	answer_add(data, "effective_last_ns", latency.effective_last_ns);
	answer_add(data, "effective_max_ns", latency.effective_max_ns);
	answer_add(data, "disk_last_ns", latency.disk_last_ns);
	answer_add(data, "disk_max_ns", latency.disk_max_ns);
}

int telemetry_adapter(struct live *live, const char *parameter, struct rte_tel_data *data)
{
	struct vmmq_adapter *adapter = live_adapter(live);
	const struct vmmq_nic_switch *sw = vmmq_adapter_switch(adapter);
	struct rte_tel_data *uplink, *changes;
	struct live_adapter_info info;
	struct host_port port;
	uint64_t vports = 0;

	(void)parameter;
	live_adapter_info(live, &info);
	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id))
		vports++;
	rte_tel_data_start_dict(data);
	rte_tel_data_add_dict_string(data, "name", info.name);
	rte_tel_data_add_dict_string(data, "version", VMMQ_VERSION);
	answer_add(data, "mtu", info.mtu);
	answer_add(data, "processors", info.processor_count);
	answer_add(data, "vports", vports);
	answer_add(data, "received", vmmq_received_read(adapter));
	answer_add(data, "indicated", live_indicated(live));
	uplink = add_dict(data, "uplink");
	changes = add_dict(data, "changes");
	if (!uplink || !changes)
		return -1;
	host_uplink_get(live_host(live), &port);
	answer_add_port(uplink, &port);
	add_changes(changes, live);
	return 0;
}

static void answer_add_processor(struct rte_tel_data *data, const struct vmmq_processor_counters *counters)
{
	answer_add(data, "packets", counters->packets);
	answer_add(data, "dpcs", counters->dpcs);
	answer_add(data, "interrupts", counters->interrupts);
	answer_add(data, "interrupts_saved", counters->interrupts_saved);
	answer_add(data, "gates", counters->gates);
	answer_add(data, "gate_waits", counters->gate_waits);
	answer_add(data, "completions", counters->completions);
	answer_add(data, "inbox_high", counters->inbox_high);
	answer_add(data, "turns", counters->turns);
	answer_add(data, "busy_ns", counters->busy_ns);
	answer_add(data, "asleep_ns", counters->asleep_ns);
}

int telemetry_processors(struct live *live, const char *parameter, struct rte_tel_data *data)
{
	struct live_adapter_info info;
	unsigned first, count = 0;

	if (!read_first(parameter, &first))
		return -1;
	live_adapter_info(live, &info);
	rte_tel_data_start_dict(data);
	for (size_t i = 0; i < info.processor_count && count < PROCESSORS_MAX; i++) {
		struct vmmq_processor_counters counters;
		struct rte_tel_data *dict;
		char name[8];

		if (info.processors[i].v < first)
			continue;
		snprintf(name, sizeof(name), "%u", (unsigned)info.processors[i].v);
		dict = add_dict(data, name);
		if (!dict)
			return -1;
		vmmq_processor_counters_read(live_adapter(live), info.processors[i], &counters);
		answer_add_processor(dict, &counters);
		count++;
	}
	return 0;
}

int telemetry_vports(struct live *live, const char *parameter, struct rte_tel_data *data)
{
	const struct vmmq_nic_switch *sw = vmmq_adapter_switch(live_adapter(live));
	unsigned first, count = 0;

	if (!read_first(parameter, &first))
		return -1;
	rte_tel_data_start_array(data, RTE_TEL_INT_VAL);
	for (int32_t id = vmmq_vport_next(sw, (int32_t)first - 1); id >= 0 && count < VPORTS_MAX;
	     id = vmmq_vport_next(sw, id), count++)
		rte_tel_data_add_array_int(data, id);
	return 0;
}

static int add_drops(struct rte_tel_data *data, const uint64_t drops[VMMQ_DROP_COUNT],
		     const uint64_t host_drops[HOST_DROP_COUNT])
{
	struct rte_tel_data *adapter = add_dict(data, "adapter_drops"), *host = add_dict(data, "host_drops");

	if (!adapter || !host)
		return -1;
	for (unsigned i = VMMQ_DROP_NONE + 1; i < VMMQ_DROP_COUNT; i++)
		answer_add(adapter, vmmq_drop_name((enum vmmq_drop)i), drops[i]);
	for (unsigned i = 0; i < HOST_DROP_COUNT; i++)
		answer_add(host, host_drop_name((enum host_drop)i), host_drops[i]);
	return 0;
}

/* add_by_processor: packets by processor, those that had some. */
static int add_by_processor(struct rte_tel_data *data, struct live *live, struct vmmq_vport_id id)
{
	struct rte_tel_data *by_processor = add_dict(data, "processors");
	struct live_adapter_info info;

	live_adapter_info(live, &info);
	for (size_t i = 0; by_processor && i < info.processor_count; i++) {
		struct vmmq_vport_counters counters = { 0 };
		char name[8];

		vmmq_vport_counters_read(live_adapter(live), id, &info.processors[i], &counters);
		snprintf(name, sizeof(name), "%u", (unsigned)info.processors[i].v);
		if (counters.packets)
			answer_add(by_processor, name, counters.packets);
	}
	return by_processor ? 0 : -1;
}

static int add_counters(struct rte_tel_data *data, const struct vmmq_vport_counters *counters)
{
	struct rte_tel_data *hashed = add_dict(data, "hashed"), *via = add_dict(data, "via");

	if (!hashed || !via)
		return -1;
	answer_add(data, "packets", counters->packets);
	answer_add(data, "bytes", counters->bytes);
	answer_add(data, "indications", counters->indications);
	for (unsigned i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		answer_add(hashed, vmmq_hash_type_name((uint32_t)VMMQ_HASH_IPV4 << i), counters->hashed[i]);
	for (unsigned i = 0; i < VMMQ_VIA_COUNT; i++)
		answer_add(via, vmmq_via_name((enum vmmq_via)i), counters->via[i]);
	return 0;
}

static int add_host(struct rte_tel_data *data, struct live *live, struct vmmq_vport_id id)
{
	uint64_t drops[VMMQ_DROP_COUNT] = { 0 };
	struct rte_tel_data *backend = add_dict(data, "backend");
	struct host_counters host;
	struct host_port port;

	if (!backend)
		return -1;
	host_counters_read(live_host(live), id, &host);
	answer_add(data, "to_guest_packets", host.to_guest_packets);
	answer_add(data, "to_guest_bytes", host.to_guest_bytes);
	answer_add(data, "from_guest_packets", host.from_guest_packets);
	answer_add(data, "from_guest_bytes", host.from_guest_bytes);
	answer_add(data, "replicas", host.replicas);
	answer_add(data, "held", vmmq_held_read(live_adapter(live), id));
	answer_add(data, "sending", vmmq_sending_read(live_adapter(live), id));
	host_backend_get(live_host(live), id, &port);
	answer_add_port(backend, &port);
	vmmq_vport_drops_read(live_adapter(live), id, drops);
	return add_drops(data, drops, host.drops);
}

int telemetry_vport(struct live *live, const char *parameter, struct rte_tel_data *data)
{
	struct vmmq_vport_counters counters = { 0 };
	struct vmmq_vport_info info;
	struct vmmq_vport_id id;
	unsigned number;

	if (!answer_read_number(parameter, &number))
		return -1;
	id = (struct vmmq_vport_id){ (uint16_t)number };
	if (!vmmq_vport_get(vmmq_adapter_switch(live_adapter(live)), id, &info))
		return -1;
	vmmq_vport_counters_read(live_adapter(live), id, NULL, &counters);
	rte_tel_data_start_dict(data);
	answer_add(data, "vport", number);
	rte_tel_data_add_dict_string(data, "name", info.name); /* at most 127 bytes of it */
	answer_add(data, "queue_pairs", info.queue_pairs);
	answer_add(data, "filters", info.filter_count);
	return add_counters(data, &counters) || add_by_processor(data, live, id) || add_host(data, live, id) ? -1 : 0;
}

int telemetry_drops(struct live *live, const char *parameter, struct rte_tel_data *data)
{
	struct live_drops drops;

	(void)parameter;
	live_drops(live, &drops);
	rte_tel_data_start_dict(data);
	return add_drops(data, drops.adapter, drops.host);
}
