/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be asked for on the control socket: one row per method (docs/rpc.md).  Control thread.
 */
#ifndef VMMQ_RPC_METHOD_H
#define VMMQ_RPC_METHOD_H

#include "control/live.h"
#include "rpc/params.h"
#include "rpc/record.h"
#include "rpc/rpc_role.h"

/*
 * struct call: one request on its way, of one who has that role.  params: an object that fits the method's schema.  result: what run has
 * made of it; the caller's.  vports: those that come into the empty list at the end of the result (rpc_client_send_vports()), or NULL.  subscribe: set by the method that asks for events.  unchanged: set by a change that has changed
 * nothing; asks: by one that was only to tell something.
 */
struct call {
	const struct method *method;
	const struct record_source *records;
	enum rpc_role role;
	const json_t *params;
	json_t *result;
	struct record_vports *vports;
	bool subscribe;
	bool unchanged;
	bool asks;
};

/*
 * run: for a change, called inside live_submit(), more than once should its batch be tried again; for a question, when it is
 * its turn.  argument is a struct call.  Returns SUCCESS with a result, or a status with *why filled.
 * role: who may use it: RPC_ROLE_NONE nobody, so that none is forgotten.  All that change the switch, or may tell keys, need
 * RPC_ROLE_CHANGE.
 * large: its work or its result grows with the whole configuration; one of them a round (rpc_round.h).
 * finish (may be NULL): called afterwards with what became of it; may complete call->result, or, returning true, make call->result
 * the answer although it was refused.
 */
struct method {
	const char *name;
	const char *summary;
	enum rpc_role role;
	bool changes;
	bool large;
	const struct params *params;
	live_request_fn *run;
	bool (*finish)(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why);
};

extern const struct method methods[]; /* up to one without a name */

/* method_find returns the method of that name, or NULL with the name of a similar one, or NULL, in *similar. */
const struct method *method_find(const char *name, const char **similar);

/* call_sees_keys tells whether a result may have hash secret keys in it. */
static inline bool call_sees_keys(const struct call *call)
{
	return call->role >= RPC_ROLE_CHANGE;
}

/* call_result gives the call its result, in place of one of an earlier try; NULL: memory is short, RESOURCES. */
vmmq_status call_result(struct call *call, json_t *result, struct vmmq_why *why);

/*
 * call_vport finds the VPort that member (id or name) names.  INVALID_PORT: there is none; INVALID_PARAMETER: several of that
 * name.  SUCCESS with *id as it is when the member is absent.
 */
vmmq_status call_vport(struct live *live, const struct call *call, const char *member, struct vmmq_vport_id *id,
		       struct vmmq_why *why);
/* call_names tells whether the member is there, and not null. */
bool call_names(const struct call *call, const char *member);
/* call_processor reads a processor that fits the schema. */
struct vmmq_processor call_processor(const json_t *value);
/* call_vlan reads a VLAN rule that fits the schema; NULL and null: untagged. */
vmmq_vlan_rule call_vlan(const json_t *value);
/*
 * call_port reads a port that fits the schema, the caller's to free, out of the object that has its kind as a member; NULL and null:
 * PORT_NONE.
 */
vmmq_status call_port(const json_t *object, struct port_spec *spec, struct vmmq_why *why);
/* call_rss reads the RSS parameters that are there over *rss: they fit their schemas.  INVALID_LENGTH: the table. */
vmmq_status call_rss(const json_t *params, const char *path, struct vmmq_rss_params *rss, struct vmmq_why *why);

live_request_fn method_vport_add, method_vport_set, method_vport_delete;
bool method_vport_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why);
live_request_fn method_balance_set, method_balance_show, method_balance_sample, method_balance_flows;
live_request_fn method_uplink_set, method_uplink_clear;
bool method_uplink_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why);
live_request_fn method_filter_add, method_filter_delete, method_filter_move;
live_request_fn method_rss_set, method_rss_enable, method_rss_disable, method_rss_move;
live_request_fn method_config_apply, method_oid_request;
bool method_config_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why);
bool method_oid_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why);
live_request_fn method_adapter_show, method_processors_show, method_vports_show, method_vport_show, method_rss_show;
live_request_fn method_filters_show, method_drops_show, method_top_show, method_config_show, method_fleet_show;
live_request_fn method_monitor_subscribe, method_rpc_discover;

#endif
