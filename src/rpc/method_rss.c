/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>

#include "rpc/method.h"
#include "schema/value.h"

static uint32_t read_types(const json_t *list)
{
	uint32_t types = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		types |= vmmq_hash_type_parse(json_string_value(json_array_get(list, i)));
	return types;
}

/* read_encapsulation: null in the list's place is none. */
static void read_encapsulation(const json_t *params, struct vmmq_encapsulation *encapsulation)
{
	const json_t *tunnels = json_object_get(params, "encapsulation");
	const json_t *port = json_object_get(params, "vxlan_port");

	if (tunnels)
		encapsulation->types = 0;
	for (size_t i = 0; i < json_array_size(tunnels); i++)
		encapsulation->types |= (uint16_t)vmmq_tunnel_parse(json_string_value(json_array_get(tunnels, i)));
	if (port)
		encapsulation->vxlan_port = (uint16_t)json_integer_value(port);
}

vmmq_status call_rss(const json_t *params, const char *path, struct vmmq_rss_params *rss, struct vmmq_why *why)
{
	const json_t *enabled = json_object_get(params, "enabled");
	const json_t *types = json_object_get(params, "hash_types");
	const json_t *key = json_object_get(params, "key");
	const json_t *table = json_object_get(params, "indirection_table");
	const json_t *other = json_object_get(params, "default_processor");
	size_t count = json_array_size(table);
	char at[64], hint[VALUE_HINT_MAX];

	if (table && !schema_count_fits(schema_field(FIELD_INDIRECTION_TABLE), count)) {
		snprintf(at, sizeof(at), "%sindirection_table", path);
		return vmmq_why_set(why, VMMQ_INVALID_LENGTH, at,
				    "%zu entries; a power of two of them is needed, %d to %d", count,
				    FIELD_INDIRECTION_TABLE_MIN, FIELD_INDIRECTION_TABLE_MAX);
	}
	if (enabled)
		rss->enabled = json_is_true(enabled);
	if (types)
		rss->hash_types = read_types(types);
	if (key && !value_key(json_string_value(key), rss->key, hint))
		return vmmq_why_set(why, VMMQ_RESOURCES, "key", "no random key could be drawn");
	if (table)
		rss->entry_count = (uint16_t)count;
	for (size_t i = 0; i < count; i++)
		rss->table[i] = call_processor(json_array_get(table, i));
	if (other)
		rss->default_processor = call_processor(other);
	read_encapsulation(params, &rss->encapsulation);
	return VMMQ_SUCCESS;
}

static vmmq_status vport_of(struct live *live, struct call *call, struct vmmq_vport_info *info, struct vmmq_why *why)
{
	struct vmmq_vport_id id = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "vport", &id, why);

	if (status == VMMQ_SUCCESS)
		vmmq_vport_get(live_switch(live), id, info);
	return status;
}

static vmmq_status rss_call_set(struct live *live, struct call *call, struct vmmq_vport_id id,
				const struct vmmq_rss_params *rss, struct vmmq_why *why)
{
	vmmq_status status = vmmq_rss_set(live_switch(live), id, rss, why);

	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(call, json_pack("{s:i}", "vport", id.v), why);
}

vmmq_status method_rss_set(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	vmmq_status status = vport_of(live, call, &info, why);

	if (status != VMMQ_SUCCESS)
		return status;
	rss = *info.rss;
	status = call_rss(call->params, "", &rss, why);
	return status == VMMQ_SUCCESS ? rss_call_set(live, call, info.id, &rss, why) : status;
}

static vmmq_status rss_call_turn(struct live *live, struct call *call, bool on, struct vmmq_why *why)
{
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	vmmq_status status = vport_of(live, call, &info, why);

	if (status != VMMQ_SUCCESS)
		return status;
	rss = *info.rss;
	rss.enabled = on;
	return rss_call_set(live, call, info.id, &rss, why);
}

vmmq_status method_rss_enable(struct live *live, void *argument, struct vmmq_why *why)
{
	return rss_call_turn(live, argument, true, why);
}

vmmq_status method_rss_disable(struct live *live, void *argument, struct vmmq_why *why)
{
	return rss_call_turn(live, argument, false, why);
}
