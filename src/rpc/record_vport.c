/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts with their counters. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rpc/record_source.h"

static json_t *record_vlan_text(struct vmmq_vport_id id, int16_t vlan)
{
	char number[8];

	if (vlan == RECORD_VLAN_TRUNK || (vlan == RECORD_VLAN_NO_FILTER && id.v == VMMQ_DEFAULT_VPORT.v))
		return json_string("trunk");
	if (vlan == RECORD_VLAN_NO_FILTER || vlan == RECORD_VLAN_UNTAGGED)
		return json_string("untagged");
	snprintf(number, sizeof(number), "%d", vlan);
	return json_string(number);
}

static const char *rss_text(const struct vmmq_rss_params *rss)
{
	return rss->enabled ? "on" : rss->receive_hash ? "hash_only" : "off";
}

static json_t *record_configured(const struct record_source *source, const struct vmmq_vport_info *info, int16_t vlan)
{
	struct live_extras extras = { 0 };
	struct host_port port;

	live_extras(source->live, info->id, &extras);
	host_backend_get(live_host(source->live), info->id, &port);
	return json_pack(
	    "{s:i, s:o, s:s, s:s, s:i, s:i, s:s, s:i, s:i, s:o, s:s, s:i, s:o, s:b, s:b, s:I, s:o}", "vport",
	    info->id.v, "name", record_text(info->name), "owner", extras.owner == OWNER_HAND ? "hand" : "fleet",
	    "state", info->state == VMMQ_VPORT_ACTIVATED ? "activated" : "deactivated", "queue_pairs",
	    (int)info->queue_pairs, "queue_pairs_used", (int)vmmq_rss_queues_used(info->rss), "scaling",
	    extras.dynamic ? "dynamic" : "static", "min_queue_pairs", (int)extras.min_queue_pairs, "filters",
	    (int)info->filter_count, "vlan", record_vlan_text(info->id, vlan), "rss", rss_text(info->rss),
	    "primary_processor", info->rss->primary.v, "processors_used", record_processors_used(source, info->rss),
	    "anti_spoofing", extras.anti_spoofing, "control_frames", extras.control_frames, "flood_limit",
	    (json_int_t)extras.flood_limit, "backend", record_port(&port));
}

static json_t *record_via(const uint64_t count[VMMQ_VIA_COUNT])
{
	json_t *record = json_object();

	for (unsigned i = 0; i < VMMQ_VIA_COUNT; i++)
		json_object_set_new(record, vmmq_via_name((enum vmmq_via)i), json_integer((json_int_t)count[i]));
	return record;
}

static json_t *record_hashed(const uint64_t count[VMMQ_HASH_TYPE_COUNT])
{
	static const char *const names[] = {
#define X(name, bit, text, bytes) text,
		VMMQ_HASH_TYPES(X)
#undef X
	};
	json_t *record = json_object();

	for (unsigned i = 0; i < VMMQ_HASH_TYPE_COUNT; i++)
		if (count[i])
			json_object_set_new(record, names[i], json_integer((json_int_t)count[i]));
	return record;
}

static void record_traffic(json_t *record, const struct vmmq_vport_counters *counters)
{
	json_object_set_new(record, "packets", json_integer((json_int_t)counters->packets));
	json_object_set_new(record, "bytes", json_integer((json_int_t)counters->bytes));
	json_object_set_new(record, "indications", json_integer((json_int_t)counters->indications));
	json_object_set_new(record, "via", record_via(counters->via));
}

static json_t *record_vport_drops(const struct record_source *source, struct vmmq_vport_id id,
				  const struct host_counters *host)
{
	uint64_t dropped[VMMQ_DROP_COUNT] = { 0 };
	json_t *record = json_object();

	vmmq_vport_drops_read(live_adapter(source->live), id, dropped);
	for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
		if (dropped[i])
			json_object_set_new(record, vmmq_drop_name((enum vmmq_drop)i),
					    json_integer((json_int_t)dropped[i]));
	for (unsigned i = 0; i < HOST_DROP_COUNT; i++)
		if (host->drops[i])
			json_object_set_new(record, host_drop_name((enum host_drop)i),
					    json_integer((json_int_t)host->drops[i]));
	return record;
}

static void record_counted(const struct record_source *source, struct vmmq_vport_id id, json_t *record)
{
	const struct vmmq_adapter *adapter = live_adapter(source->live);
	struct vmmq_vport_counters counters = { 0 };
	struct host_counters host;

	vmmq_vport_counters_read(adapter, id, NULL, &counters);
	host_counters_read(live_host(source->live), id, &host);
	record_traffic(record, &counters);
	json_object_set_new(record, "hashed", record_hashed(counters.hashed));
	json_object_set_new(record, "drops", record_vport_drops(source, id, &host));
	json_object_set_new(record, "to_guest_packets", json_integer((json_int_t)host.to_guest_packets));
	json_object_set_new(record, "to_guest_bytes", json_integer((json_int_t)host.to_guest_bytes));
	json_object_set_new(record, "from_guest_packets", json_integer((json_int_t)host.from_guest_packets));
	json_object_set_new(record, "from_guest_bytes", json_integer((json_int_t)host.from_guest_bytes));
	json_object_set_new(record, "replicas", json_integer((json_int_t)host.replicas));
	json_object_set_new(record, "waiting", json_integer((json_int_t)host.waiting));
	json_object_set_new(record, "held", json_integer(vmmq_held_read(adapter, id)));
	json_object_set_new(record, "sending", json_integer(vmmq_sending_read(adapter, id)));
}

static json_t *per_processor(const struct record_source *source, struct vmmq_vport_id id)
{
	struct live_adapter_info info;
	json_t *list = json_array();

	live_adapter_info(source->live, &info);
	for (size_t i = 0; i < info.processor_count; i++) {
		struct vmmq_vport_counters counters = { 0 };
		json_t *record;

		vmmq_vport_counters_read(live_adapter(source->live), id, &info.processors[i], &counters);
		if (!counters.packets)
			continue;
		record = json_pack("{s:i}", "processor", info.processors[i].v);
		record_traffic(record, &counters);
		json_array_append_new(list, record);
	}
	return list;
}

static json_t *record_entries(const struct record_source *source, const struct vmmq_vport_info *info)
{
	struct vmmq_vport_counters counters = { 0 };
	json_t *list = json_array();

	vmmq_vport_counters_read(live_adapter(source->live), info->id, NULL, &counters);
	for (unsigned i = 0; i < info->rss->entry_count; i++)
		json_array_append_new(list,
				      json_pack("{s:i, s:i, s:I}", "entry", (int)i, "processor",
						info->rss->table[i].v, "packets", (json_int_t)counters.entry[i]));
	return list;
}

static json_t *record_vport_summary(const struct record_source *source, struct vmmq_vport_id id, int16_t vlan,
				    enum record_detail detail)
{
	struct vmmq_vport_info info;
	json_t *vport;

	if (!vmmq_vport_get(record_switch(source->live), id, &info))
		return NULL;
	vport = record_configured(source, &info, vlan);
	if (!vport)
		return NULL;
	record_counted(source, id, vport);
	if (detail == RECORD_WITH_ENTRIES) {
		json_object_set_new(vport, "processors", per_processor(source, id));
		json_object_set_new(vport, "entries", record_entries(source, &info));
	}
	return vport;
}

json_t *record_vport(const struct record_source *source, struct vmmq_vport_id id, enum record_detail detail)
{
	int16_t *vlans;
	json_t *vport;

	if (!record_vlans(source, &vlans))
		return NULL;
	vport = record_vport_summary(source, id, vlans[id.v], detail);
	free(vlans);
	return vport;
}

struct record_vports {
	const struct record_source *source;
	enum record_detail detail;
	int16_t *vlans;
	int32_t last;
};

struct record_vports *record_vports_begin(const struct record_source *source, enum record_detail detail)
{
	struct record_vports *vports = malloc(sizeof(*vports));

	if (!vports)
		return NULL;
	*vports = (struct record_vports){ .source = source, .detail = detail, .last = -1 };
	if (record_vlans(source, &vports->vlans))
		return vports;
	free(vports);
	return NULL;
}

json_t *record_vports_next(struct record_vports *vports)
{
	vports->last = vmmq_vport_next(record_switch(vports->source->live), vports->last);
	if (vports->last < 0)
		return NULL;
	return record_vport_summary(vports->source, (struct vmmq_vport_id){ (uint16_t)vports->last },
				    vports->vlans[vports->last], vports->detail);
}

bool record_vports_whole(const struct record_vports *vports)
{
	return vports->last < 0;
}

void record_vports_end(struct record_vports *vports)
{
	if (vports)
		free(vports->vlans);
	free(vports);
}

json_t *record_top(const struct record_source *source)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return json_pack("{s:f, s:o, s:o, s:o}", "time", (double)now.tv_sec + (double)now.tv_nsec / 1e9, "adapter",
			 record_adapter(source), "processors", record_processors(source), "vports", json_array());
}
