/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/method.h"
#include "schema/field.h"

vmmq_status method_uplink_set(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	const json_t *rx_queues = json_object_get(call->params, "rx_queues");
	struct port_spec spec;
	vmmq_status status = call_port(call->params, &spec, why);

	if (status == VMMQ_SUCCESS)
		status = live_uplink_set(
		    live, &spec, rx_queues ? (uint32_t)json_integer_value(rx_queues) : FIELD_RX_QUEUES_INITIAL, why);
	port_spec_fini(&spec);
	return status == VMMQ_SUCCESS ? call_result(call, json_pack("{s:n}", "notice"), why) : status;
}

vmmq_status method_uplink_clear(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct port_spec none = { 0 };
	vmmq_status status = live_uplink_set(live, &none, FIELD_RX_QUEUES_INITIAL, why);

	return status == VMMQ_SUCCESS ? call_result(argument, json_object(), why) : status;
}

/* method_uplink_finish tells when the uplink that was asked for cannot be opened now. */
bool method_uplink_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why)
{
	struct host_port port;

	(void)why;
	if (status != VMMQ_SUCCESS)
		return false;
	host_uplink_get(live_host(live), &port);
	if (!port.open)
		json_object_set_new(call->result, "notice", record_text(port.reason));
	return false;
}
