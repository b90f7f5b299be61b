/* SPDX-License-Identifier: BSD-2-Clause */
/* Which OID is answered by what. */
#include <vmmq/oid.h>

#include "ndis/oid_call.h"

struct row {
	uint32_t oid;
	unsigned when;
	oid_handler *handler[VMMQ_OID_METHOD_COUNT];
};

#define ANY_TIME    1u /* also while there is no NIC switch */
#define SYNCHRONOUS 2u /* on the processor that asks, which may be inside an indication (spec 11.4) */
#define QUERY(f)    [VMMQ_OID_QUERY] = (f)
#define SET(f)      [VMMQ_OID_SET] = (f)
#define METHOD(f)   [VMMQ_OID_METHOD] = (f)

/* OIDs that are not here, VM queues and virtual functions, are not supported. */
static const struct row rows[] = {
	{ VMMQ_OID_GEN_RECEIVE_SCALE_CAPABILITIES, ANY_TIME, { QUERY(oid_rss_capabilities) } },
	{ VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS, 0, { QUERY(oid_rss_v1_query), SET(oid_rss_v1_set) } },
	{ VMMQ_OID_GEN_RECEIVE_SCALE_PARAMETERS_V2, 0, { QUERY(oid_rss_v2_query), SET(oid_rss_v2_set) } },
	{ VMMQ_OID_GEN_RECEIVE_HASH, 0, { QUERY(oid_receive_hash_query), SET(oid_receive_hash_set) } },
	{ VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES, SYNCHRONOUS, { METHOD(oid_rss_move) } },
	{ VMMQ_OID_NIC_SWITCH_HARDWARE_CAPABILITIES, ANY_TIME, { QUERY(oid_switch_capabilities) } },
	{ VMMQ_OID_NIC_SWITCH_CURRENT_CAPABILITIES, ANY_TIME, { QUERY(oid_switch_capabilities) } },
	{ VMMQ_OID_NIC_SWITCH_CREATE_SWITCH, ANY_TIME, { METHOD(oid_switch_create) } },
	{ VMMQ_OID_NIC_SWITCH_PARAMETERS, 0, { SET(oid_switch_set), METHOD(oid_switch_query) } },
	{ VMMQ_OID_NIC_SWITCH_DELETE_SWITCH, 0, { SET(oid_switch_delete) } },
	{ VMMQ_OID_NIC_SWITCH_ENUM_SWITCHES, ANY_TIME, { METHOD(oid_switch_enum) } },
	{ VMMQ_OID_NIC_SWITCH_CREATE_VPORT, 0, { METHOD(oid_vport_create) } },
	{ VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, 0, { SET(oid_vport_set), METHOD(oid_vport_query) } },
	{ VMMQ_OID_NIC_SWITCH_ENUM_VPORTS, 0, { METHOD(oid_vport_enum) } },
	{ VMMQ_OID_NIC_SWITCH_DELETE_VPORT, 0, { SET(oid_vport_delete) } },
	{ VMMQ_OID_TCP_OFFLOAD_CURRENT_CONFIG, ANY_TIME, { QUERY(oid_offload_current) } },
	{ VMMQ_OID_TCP_OFFLOAD_PARAMETERS, 0, { SET(oid_offload_set) } },
	{ VMMQ_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES, ANY_TIME, { QUERY(oid_offload_capabilities) } },
	{ VMMQ_OID_RECEIVE_FILTER_HARDWARE_CAPABILITIES, ANY_TIME, { QUERY(oid_filter_capabilities) } },
	{ VMMQ_OID_RECEIVE_FILTER_CURRENT_CAPABILITIES, ANY_TIME, { QUERY(oid_filter_capabilities) } },
	{ VMMQ_OID_RECEIVE_FILTER_GLOBAL_PARAMETERS, ANY_TIME, { QUERY(oid_filter_global) } },
	{ VMMQ_OID_RECEIVE_FILTER_SET_FILTER, 0, { METHOD(oid_filter_set) } },
	{ VMMQ_OID_RECEIVE_FILTER_CLEAR_FILTER, 0, { SET(oid_filter_clear) } },
	{ VMMQ_OID_RECEIVE_FILTER_MOVE_FILTER, 0, { SET(oid_filter_move) } },
	{ VMMQ_OID_RECEIVE_FILTER_ENUM_FILTERS, 0, { METHOD(oid_filter_enum) } },
	{ VMMQ_OID_RECEIVE_FILTER_PARAMETERS, 0, { METHOD(oid_filter_query) } },
};

static const struct row *oid_row_find(uint32_t oid)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].oid == oid)
			return &rows[i];
	return NULL;
}

/* oid_row_run has the switch to itself meanwhile, and packets follow what has changed. */
static vmmq_status oid_row_run(struct oid_call *call, oid_handler *handler)
{
	const struct vmmq_oid_hooks *hooks = &call->adapter->hooks;
	const struct vmmq_view *view;
	vmmq_status status;

	oid_begin(call);
	view = call->sw ? vmmq_nic_switch_view(call->sw) : NULL;
	status = handler(call);
	if (hooks->apply && view && call->adapter->sw && vmmq_nic_switch_view(call->adapter->sw) != view &&
	    hooks->apply(hooks->context) == VMMQ_PENDING && status == VMMQ_SUCCESS)
		status = VMMQ_PENDING;
	oid_end(call);
	return status;
}

static vmmq_status oid_dispatch(struct oid_call *call, uint32_t oid, enum vmmq_oid_method method)
{
	static const char *const names[] = { "query", "set", "method" };
	const struct row *row = oid_row_find(oid);

	if (!row)
		return vmmq_why_set(call->why, VMMQ_NOT_SUPPORTED, "oid", "0x%08x, %s, is not supported", oid,
				    vmmq_oid_name(oid) ? vmmq_oid_name(oid) : "unknown");
	if ((unsigned)method >= VMMQ_OID_METHOD_COUNT || !row->handler[method])
		return vmmq_why_set(call->why, VMMQ_NOT_SUPPORTED, "method", "%s has no %s request",
				    vmmq_oid_name(oid),
				    (unsigned)method < VMMQ_OID_METHOD_COUNT ? names[method] : "such");
	if (!call->sw && !(row->when & ANY_TIME))
		return vmmq_why_set(call->why, VMMQ_NOT_SUPPORTED, "switch", "%s needs a NIC switch; there is none",
				    vmmq_oid_name(oid));
	return row->when & SYNCHRONOUS ? row->handler[method](call) : oid_row_run(call, row->handler[method]);
}

vmmq_status vmmq_oid_request(struct vmmq_oid_adapter *adapter, uint32_t oid, enum vmmq_oid_method method,
			     uint32_t request_flags, uint32_t vport_id, void *buffer, size_t length, size_t *bytes,
			     struct vmmq_why *why)
{
	struct oid_call call = {
		.adapter = adapter,
		.sw = adapter->sw,
		.flags = request_flags,
		.vport_id = request_flags & VMMQ_NDIS_VPORT_ID_VALID ? vport_id : VMMQ_NDIS_DEFAULT_VPORT_ID,
		.buffer = buffer,
		.length = length,
		.why = why,
	};
	vmmq_status status = oid_dispatch(&call, oid, method);

	if (bytes && status == VMMQ_INVALID_LENGTH)
		*bytes = call.needed < SIZE_MAX ? (size_t)call.needed : SIZE_MAX;
	else if (bytes)
		*bytes = status == VMMQ_SUCCESS || status == VMMQ_PENDING ? call.answered : 0;
	return status;
}

static vmmq_status bare_switch_create(void *context, const struct vmmq_nic_switch_params *params,
				      struct vmmq_nic_switch **sw, struct vmmq_why *why)
{
	(void)context;
	return vmmq_nic_switch_create(params, sw, why);
}

static void bare_switch_destroy(void *context, struct vmmq_nic_switch *sw)
{
	(void)context;
	vmmq_nic_switch_destroy(sw);
}

void vmmq_oid_adapter_init(struct vmmq_oid_adapter *adapter, struct vmmq_nic_switch *sw,
			   const struct vmmq_nic_switch_params *hardware)
{
	*adapter = (struct vmmq_oid_adapter){
		.sw = sw,
		.hardware = *hardware,
		.actor = hardware->processor_count ? hardware->processors[0] : (struct vmmq_processor){ 0 },
		.maker = { .create = bare_switch_create, .destroy = bare_switch_destroy },
	};
}
