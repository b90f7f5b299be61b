/* SPDX-License-Identifier: BSD-2-Clause */
/* Dynamic VMMQ: what holds for the whole adapter, and what it does. */
#include "control/live_flows.h"
#include "rpc/method.h"
#include "schema/field.h"

/* balance_take puts the parameter that is a field's over *setting, if it is there. */
static void balance_take(const struct call *call, enum schema_id field, uint32_t *setting)
{
	const json_t *value = json_object_get(call->params, schema_field(field)->key);

	if (value)
		*setting = json_is_boolean(value) ? json_is_true(value) : (uint32_t)json_integer_value(value);
}

vmmq_status method_balance_set(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct config_balance balance;
	uint32_t coalesce;
	vmmq_status status;

	live_balance_get(live, &balance);
	coalesce = balance.coalesce;
	balance_take(call, FIELD_BALANCE_TICK, &balance.tick_ms);
	balance_take(call, FIELD_BALANCE_TARGET, &balance.target);
	balance_take(call, FIELD_BALANCE_TOLERANCE, &balance.tolerance);
	balance_take(call, FIELD_BALANCE_BUDGET, &balance.budget);
	balance_take(call, FIELD_BALANCE_COALESCE, &coalesce);
	balance.coalesce = coalesce;
	status = live_balance_set(live, &balance, why);
	return status == VMMQ_SUCCESS ? call_result(call, json_object(), why) : status;
}

vmmq_status method_balance_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_vport_id id = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "vport", &id, why);

	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(call, record_balance(call->records, call_names(call, "vport") ? id.v : -1), why);
}

vmmq_status method_balance_sample(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_vport_id id = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "vport", &id, why);
	struct live_flows_of of;

	if (status == VMMQ_SUCCESS)
		status = live_flows_begin(live, call_names(call, "vport") ? &id : NULL, &of, why);
	return status == VMMQ_SUCCESS ? call_result(call, record_flows_of(&of), why) : status;
}

vmmq_status method_balance_flows(struct live *live, void *argument, struct vmmq_why *why)
{
	static struct live_flows flows; /* of the control thread: too large for its stack */
	vmmq_status status = live_flows_end(live, &flows, why);

	return status == VMMQ_SUCCESS ? call_result(argument, record_flows(&flows), why) : status;
}
