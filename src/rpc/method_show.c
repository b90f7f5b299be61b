/* SPDX-License-Identifier: BSD-2-Clause */
/* The questions. */
#include <stdlib.h>

#include "config/config_export.h"
#include "control/live_fleet.h"
#include "rpc/method.h"
#include "schema/value.h"

#define KEYS_HIDDEN                                                                                                  \
	"hash secret keys are not shown to who may only look: \"" VALUE_KEY_HIDDEN                                   \
	"\" is in their place, and a file with "                                                                     \
	"that is refused"

static vmmq_status call_wrap_list(struct call *call, const char *name, json_t *list, struct vmmq_why *why)
{
	return call_result(call, json_pack("{s:o}", name, list), why);
}

/* call_vports: the result has an empty list at its end, where they are to come. */
static vmmq_status call_vports(struct call *call, json_t *result, enum record_detail detail, struct vmmq_why *why)
{
	call->vports = result ? record_vports_begin(call->records, detail) : NULL;
	if (call->vports)
		return call_result(call, result, why);
	json_decref(result);
	return call_result(call, NULL, why);
}

vmmq_status method_adapter_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;

	(void)live;
	return call_result(call, record_adapter(call->records), why);
}

vmmq_status method_processors_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;

	(void)live;
	return call_wrap_list(call, "processors", record_processors(call->records), why);
}

vmmq_status method_vports_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;

	(void)live;
	return call_vports(call, json_pack("{s:[]}", "vports"), RECORD_PLAIN, why);
}

vmmq_status method_vport_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_vport_id id = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "vport", &id, why);

	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(call, record_vport(call->records, id, RECORD_WITH_ENTRIES), why);
}

vmmq_status method_rss_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_vport_id id = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "vport", &id, why);

	if (status != VMMQ_SUCCESS)
		return status;
	return call_result(
	    call, record_rss(call->records, id, call_sees_keys(call) ? RECORD_WITH_KEY : RECORD_WITHOUT_KEY), why);
}

vmmq_status method_filters_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	struct vmmq_vport_id id = VMMQ_DEFAULT_VPORT;
	vmmq_status status = call_vport(live, call, "vport", &id, why);

	if (status != VMMQ_SUCCESS)
		return status;
	return call_wrap_list(call, "filters", record_filters(call->records, call_names(call, "vport") ? id.v : -1),
			      why);
}

vmmq_status method_drops_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;

	(void)live;
	return call_wrap_list(call, "drops", record_drops(call->records), why);
}

vmmq_status method_top_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;

	(void)live;
	return call_vports(call, record_top(call->records), RECORD_WITH_ENTRIES, why);
}

vmmq_status method_config_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	bool keys = call_sees_keys(call);
	struct vmmq_config config;
	vmmq_status status;
	char *yaml;

	if (!live_fleet_others(live, &config))
		return call_result(call, NULL, why);
	config.fleet = record_fleet_config(call->records);
	yaml = keys ? config_export(&config) : config_export_without_keys(&config);
	config.fleet = NULL; /* the agent's */
	vmmq_config_fini(&config);
	status = call_result(call,
			     json_pack("{s:o, s:o}", "yaml", yaml ? record_text(yaml) : NULL, "notice",
				       keys ? json_null() : json_string(KEYS_HIDDEN)),
			     why);
	free(yaml);
	return status;
}

vmmq_status method_fleet_show(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;

	(void)live;
	return call_result(call, record_fleet(call->records), why);
}

vmmq_status method_monitor_subscribe(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;

	(void)live;
	call->subscribe = true;
	return call_result(call, json_object(), why);
}

static json_t *method_describe(const struct method *method)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:o}", "name", method->name, "summary", method->summary, "role",
			 rpc_role_name(method->role), "changes", method->changes, "params",
			 params_json(method->params));
}

vmmq_status method_rpc_discover(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	json_t *list = json_array();

	(void)live;
	for (size_t i = 0; methods[i].name; i++)
		json_array_append_new(list, method_describe(&methods[i]));
	return call_wrap_list(call, "methods", list, why);
}
