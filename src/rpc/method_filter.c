/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/method.h"
#include "schema/value.h"

static uint32_t filter_of(const struct call *call)
{
	return (uint32_t)json_integer_value(json_object_get(call->params, "filter"));
}

static vmmq_status filter_answer(struct call *call, uint32_t filter, struct vmmq_why *why)
{
	return call_result(call, json_pack("{s:I}", "filter", (json_int_t)filter), why);
}

vmmq_status method_filter_add(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_filter filter = {
		.vlan = call_vlan(json_object_get(call->params, "vlan")),
		.encapsulated = json_is_true(json_object_get(call->params, "encapsulated")),
		.vni = (uint32_t)json_integer_value(json_object_get(call->params, "vni")),
	};
	vmmq_status status = call_vport(live, call, "vport", &filter.vport, why);
	char hint[VALUE_HINT_MAX];

	if (status != VMMQ_SUCCESS)
		return status;
	value_mac(json_string_value(json_object_get(call->params, "mac")), filter.mac, hint);
	status = vmmq_filter_add(live_switch(live), &filter, why);
	return status == VMMQ_SUCCESS ? filter_answer(call, filter.id, why) : status;
}

vmmq_status method_filter_delete(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	vmmq_status status = vmmq_filter_clear(live_switch(live), filter_of(call), why);

	return status == VMMQ_SUCCESS ? filter_answer(call, filter_of(call), why) : status;
}

vmmq_status method_filter_move(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	const struct vmmq_filter *filter = vmmq_filter_get(live_switch(live), filter_of(call));
	struct vmmq_vport_id to = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "to", &to, why);

	if (status != VMMQ_SUCCESS)
		return status;
	if (!filter)
		return vmmq_why_set(why, VMMQ_FILE_NOT_FOUND, "filter", "there is no filter %u", filter_of(call));
	status = vmmq_filter_move(live_switch(live), filter->id, filter->vport, to, why);
	return status == VMMQ_SUCCESS ? filter_answer(call, filter_of(call), why) : status;
}
