/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "config/config_yaml.h"
#include "rpc/method.h"
#include "rpc/rpc_budget.h"

/*
 * A dry run is a change that is carried out up to its last step and then refused with this status, so that live_submit()
 * takes it back: what it finds wrong is exactly what would be refused.
 */
#define DRY_RUN VMMQ_PENDING

static vmmq_status call_parse_config(const struct call *call, struct vmmq_config *config, struct vmmq_why *why)
{
	const json_t *yaml = json_object_get(call->params, "yaml");
	struct config_error error;

	if (vmmq_config_parse_within(json_string_value(yaml), json_string_length(yaml), RPC_CONFIG_VALUES_MAX, config,
				     &error) == 0)
		return VMMQ_SUCCESS;
	if (!error.line)
		return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, error.path, "%s", error.text);
	return vmmq_why_set(why, VMMQ_INVALID_PARAMETER, error.path, "line %u, column %u: %s", error.line,
			    error.column, error.text);
}

vmmq_status method_config_apply(struct live *live, void *argument, struct vmmq_why *why)
{
	struct call *call = argument;
	bool dry_run = json_is_true(json_object_get(call->params, "dry_run"));
	struct vmmq_config config;
	vmmq_status status = call_parse_config(call, &config, why);
	json_t *changes;

	call->asks = dry_run;
	if (status != VMMQ_SUCCESS)
		return status;
	changes = live_difference(live, &config);
	status = live_apply(live, &config, why);
	vmmq_config_fini(&config);
	if (status == VMMQ_SUCCESS)
		status = call_result(call, json_pack("{s:O, s:b}", "changes", changes, "applied", !dry_run), why);
	json_decref(changes);
	return status == VMMQ_SUCCESS && dry_run ? DRY_RUN : status;
}

bool method_config_finish(struct live *live, struct call *call, vmmq_status status, const struct vmmq_why *why)
{
	(void)live;
	(void)call;
	(void)why;
	return status == DRY_RUN;
}
