/* SPDX-License-Identifier: BSD-2-Clause */
/* RSS parameters, filters, drops. */
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "rpc/record_source.h"

static json_t *record_hash_types(uint32_t types)
{
	json_t *list = json_array();

	for (unsigned bit = 0; bit < 32; bit++)
		if (types & 1u << bit && vmmq_hash_type_name(1u << bit))
			json_array_append_new(list, json_string(vmmq_hash_type_name(1u << bit)));
	return list;
}

static json_t *record_tunnels(uint32_t types)
{
	json_t *list = json_array();

	for (uint32_t bit = 1; bit & VMMQ_TUNNEL_MASK; bit <<= 1)
		if (types & bit)
			json_array_append_new(list, json_string(vmmq_tunnel_name(bit)));
	return list;
}

static json_t *key_text(const uint8_t key[VMMQ_KEY_LEN])
{
	char text[2 * VMMQ_KEY_LEN + 1];

	hex_write(text, key, VMMQ_KEY_LEN);
	return json_string(text);
}

/* record_rss_reason tells why what is effective is not all that was asked for, or null. */
static json_t *record_rss_reason(const struct vmmq_vport_info *info, unsigned moved, size_t processors,
				 const struct host_port *port)
{
	char sentence[160];

	if (info->state != VMMQ_VPORT_ACTIVATED)
		return json_string("the VPort is not activated: nothing is received");
	if (info->rss->receive_hash)
		return json_string(
		    "receive hash is on: packets are hashed, but everything goes to the primary processor");
	if (!info->rss->enabled)
		return json_string(
		    "RSS is off: everything goes to the primary processor; table and key are kept for when "
		    "it is turned on");
	if (moved) {
		snprintf(sentence, sizeof(sentence),
			 "scaling is dynamic: %u of what is requested %s with the load ('vmmq show balance')", moved,
			 moved == 1 ? "was moved" : "were moved");
		return json_string(sentence);
	}
	if (!port->open || !port->info.tx_enabled || port->info.tx_enabled >= processors)
		return json_null();
	snprintf(sentence, sizeof(sentence), "the backend has %u queue%s in use for %zu processors, which share them",
		 port->info.tx_enabled, port->info.tx_enabled == 1 ? "" : "s", processors);
	return json_string(sentence);
}

/* record_rss_moved counts what is not where it was requested. */
static unsigned record_rss_moved(const struct vmmq_rss_params *requested, const struct vmmq_rss_params *effective)
{
	unsigned moved = requested->default_processor.v != effective->default_processor.v;

	for (unsigned i = 0; i < effective->entry_count; i++)
		moved += requested->table[i].v != effective->table[i].v;
	return moved;
}

static void record_rss_effective(const struct record_source *source, const struct vmmq_vport_info *info,
				 const struct vmmq_rss_params *requested, json_t *record)
{
	const struct vmmq_rss_params *rss = info->rss;
	json_t *processors = record_processors_used(source, info->rss);
	size_t count = json_array_size(processors);
	struct host_port port;

	host_backend_get(live_host(source->live), info->id, &port);
	json_object_set_new(record, "reason",
			    record_rss_reason(info, record_rss_moved(requested, rss), count, &port));
	json_object_set_new(
	    record, "effective",
	    json_pack("{s:s, s:o, s:i, s:o, s:o, s:i, s:i}", "steered_by", info->rss->enabled ? "table" : "primary",
		      "processors", processors, "queues", (int)count, "queues_backend",
		      port.open ? json_integer(port.info.tx_enabled) : json_null(), "indirection_table",
		      record_processor_list(rss->table, rss->entry_count), "default_processor",
		      rss->default_processor.v, "primary_processor", rss->primary.v));
}

json_t *record_rss(const struct record_source *source, struct vmmq_vport_id id, enum record_key key)
{
	struct vmmq_vport_info info;
	struct vmmq_rss_params requested;
	const struct vmmq_rss_params *rss = &requested;
	json_t *record;

	if (!vmmq_vport_get(record_switch(source->live), id, &info) ||
	    !live_rss_requested(source->live, id, &requested))
		return NULL;
	record =
	    json_pack("{s:i, s:o, s:b, s:b, s:s, s:o, s:o, s:i, s:o, s:o, s:i, s:i}", "vport", id.v, "name",
		      record_text(info.name), "enabled", rss->enabled, "receive_hash", rss->receive_hash,
		      "hash_function", "toeplitz", "hash_types", record_hash_types(rss->hash_types), "encapsulation",
		      record_tunnels(rss->encapsulation.types), "vxlan_port", (int)rss->encapsulation.vxlan_port,
		      "key", key == RECORD_WITH_KEY ? key_text(rss->key) : json_null(), "indirection_table",
		      record_processor_list(rss->table, rss->entry_count), "default_processor",
		      rss->default_processor.v, "primary_processor", rss->primary.v);
	if (record)
		record_rss_effective(source, &info, &requested, record);
	return record;
}

static json_t *record_vlan(vmmq_vlan_rule rule)
{
	if (rule == VMMQ_VLAN_ANY)
		return json_string("any");
	return rule == VMMQ_VLAN_UNTAGGED_OR_ZERO ? json_null() : json_integer(rule);
}

static json_t *record_filter(const struct vmmq_filter *filter, const char *vport)
{
	json_t *record =
	    json_pack("{s:I, s:i, s:o, s:o, s:o}", "filter", (json_int_t)filter->id, "vport", filter->vport.v, "name",
		      record_text(vport), "mac", record_mac(filter->mac), "vlan", record_vlan(filter->vlan));

	if (record && filter->encapsulated) {
		json_object_set_new(record, "encapsulated", json_true());
		json_object_set_new(record, "vni", filter->vni ? json_integer(filter->vni) : json_null());
	}
	return record;
}

json_t *record_filters(const struct record_source *source, int32_t vport)
{
	struct vmmq_nic_switch *sw = record_switch(source->live);
	const struct vmmq_filter *filter = vmmq_filter_next(sw, 0);
	struct vmmq_vport_info info;
	json_t *list = json_array();

	for (; filter; filter = vmmq_filter_next(sw, filter->id)) {
		if ((vport >= 0 && filter->vport.v != vport) || !vmmq_vport_get(sw, filter->vport, &info))
			continue;
		json_array_append_new(list, record_filter(filter, info.name));
	}
	return list;
}

static void record_rss_drop(json_t *list, const struct vmmq_vport_info *info, const char *where, const char *why,
			    const char *meaning, uint64_t packets)
{
	if (packets)
		json_array_append_new(list, json_pack("{s:i, s:o, s:s, s:s, s:s, s:I}", "vport", info->id.v, "name",
						      record_text(info->name), "where", where, "reason", why,
						      "meaning", meaning, "packets", (json_int_t)packets));
}

json_t *record_drops(const struct record_source *source)
{
	struct vmmq_nic_switch *sw = record_switch(source->live);
	struct vmmq_vport_info info;
	json_t *list = json_array();

	for (int32_t id = vmmq_vport_next(sw, -1); id >= 0; id = vmmq_vport_next(sw, id)) {
		uint64_t dropped[VMMQ_DROP_COUNT] = { 0 };
		struct host_counters host;

		vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)id }, &info);
		vmmq_vport_drops_read(live_adapter(source->live), info.id, dropped);
		host_counters_read(live_host(source->live), info.id, &host);
		for (unsigned i = 0; i < VMMQ_DROP_COUNT; i++)
			record_rss_drop(list, &info, "adapter", vmmq_drop_name((enum vmmq_drop)i),
					vmmq_drop_meaning((enum vmmq_drop)i), dropped[i]);
		for (unsigned i = 0; i < HOST_DROP_COUNT; i++)
			record_rss_drop(list, &info, "host", host_drop_name((enum host_drop)i),
					host_drop_meaning((enum host_drop)i), host.drops[i]);
	}
	return list;
}
