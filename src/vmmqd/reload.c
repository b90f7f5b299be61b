/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/reload.h"

#include "vmmqd/log.h"
#include "vmmqd/start.h"

struct reloading {
	const struct vmmq_config *config;
	json_t *changes;
};

/* reload_run is a live_request_fn. */
static vmmq_status reload_run(struct live *live, void *argument, struct vmmq_why *why)
{
	struct reloading *reloading = argument;

	json_decref(reloading->changes);
	reloading->changes = live_difference(live, reloading->config);
	return live_apply(live, reloading->config, why);
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

void configuration_reload(struct live *live, const char *file)
{
	struct vmmq_config config;
	struct reloading reloading = { .config = &config };
	struct live_request request = { .run = reload_run, .argument = &reloading };
	struct live_request *const requests[] = { &request };
	char error[START_ERROR_MAX];

	if (!file) {
		log_line(LOG_LEVEL_WARNING,
			 "SIGHUP: there is no configuration to read again: vmmqd was started without -c");
		return;
	}
	if (!start_config_again(file, &config, error)) {
		log_line(LOG_LEVEL_ERROR, "configuration not applied: %s", error);
		return;
	}
	live_execute(live, requests, 1);
	if (request.status == VMMQ_SUCCESS)
		log_changes(reloading.changes);
	else
		log_line(LOG_LEVEL_ERROR, "configuration not applied: %s: %s%s%s (%s)", file, request.why.path,
			 request.why.path[0] ? ": " : "", request.why.text, vmmq_status_name(request.status));
	json_decref(reloading.changes);
	vmmq_config_fini(&config);
}
