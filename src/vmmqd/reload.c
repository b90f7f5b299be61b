/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/reload.h"

#include "vmmqd/log.h"
#include "vmmqd/start.h"

/* reload_run is a live_request_fn. */
static vmmq_status reload_run(struct live *live, void *argument, struct vmmq_why *why)
{
	struct reload *reload = argument;

	json_decref(reload->changes);
	reload->changes = live_difference(live, &reload->config);
	return live_apply(live, &reload->config, why);
}

static void log_changes(const json_t *changes)
{
	size_t count = json_array_size(changes);

	for (size_t i = 0; i < count; i++) {
		const json_t *change = json_array_get(changes, i);

		log_line(LOG_LEVEL_NOTICE, "configuration: %s: %s",
			 json_string_value(json_object_get(change, "change")),
			 json_string_value(json_object_get(change, "text")));
	}
	log_line(LOG_LEVEL_NOTICE, "configuration applied: %zu change%s", count, count == 1 ? "" : "s");
}

void reload_forget(struct reload *reload)
{
	json_decref(reload->changes);
	vmmq_config_fini(&reload->config);
	*reload = (struct reload){ 0 };
}

/* reload_done is a live_done_fn. */
static void reload_done(void *context)
{
	struct reload *reload = context;
	const struct live_request *request = &reload->request;

	if (request->status == VMMQ_SUCCESS)
		log_changes(reload->changes);
	else
		log_line(LOG_LEVEL_ERROR, "configuration not applied: %s: %s%s%s (%s)", reload->file,
			 request->why.path, request->why.path[0] ? ": " : "", request->why.text,
			 vmmq_status_name(request->status));
	reload_forget(reload);
}

void reload_begin(struct reload *reload, struct live *live, const char *file, const struct config_fleet *fleet)
{
	char error[START_ERROR_MAX];

	if (!file) {
		log_line(LOG_LEVEL_WARNING,
			 "SIGHUP: there is no configuration to read again: vmmqd was started without -c");
		return;
	}
	*reload = (struct reload){ .live = live, .file = file };
	if (!start_config_again(file, &reload->config, error)) {
		log_line(LOG_LEVEL_ERROR, "configuration not applied: %s", error);
		return;
	}
	if (!config_fleet_same(reload->config.fleet, fleet))
		log_line(LOG_LEVEL_WARNING,
			 "%s: fleet: another one than vmmqd runs with, which it takes when it is started again",
			 file);
	reload->request = (struct live_request){ .run = reload_run, .argument = reload };
	reload->requests[0] = &reload->request;
	reload->under_way = true;
	if (live_submit(live, reload->requests, 1, reload_done, reload))
		reload_done(reload);
}
