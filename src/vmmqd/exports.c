/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/exports.h"

#include <stdio.h>
#include <unistd.h>

#include "metrics/metrics.h"
#include "metrics/telemetry.h"
#include "vmmqd/log.h"

#define CHANGE_GROUP "vmmq"
#define READ_GROUP   "vmmq-monitor"

bool exports_open(struct exports *exports, const struct options *options, struct live *live,
		  const struct agent *agent, char *error, size_t error_len)
{
	if (options->telemetry && telemetry_start(live)) {
		snprintf(error, error_len,
			 "--telemetry: DPDK refuses our endpoints, or there is no descriptor for them");
		return false;
	}
	exports->telemetry = options->telemetry;
	if (options->metrics)
		exports->metrics = metrics_open(options->metrics, live, error, error_len);
	if (exports->metrics)
		metrics_fleet(exports->metrics, agent);
	if (exports->metrics && metrics_is_public(exports->metrics))
		log_line(LOG_LEVEL_WARNING, "metrics at %s: whoever reaches that address may read them",
			 options->metrics);
	return exports->metrics || !options->metrics;
}

unsigned exports_fds(const struct exports *exports, int fd[EXPORTS_FDS_MAX])
{
	unsigned count = 0;

	if (exports->metrics)
		fd[count++] = metrics_fd(exports->metrics);
	if (exports->telemetry)
		fd[count++] = telemetry_fd();
	return count;
}

void exports_run(struct exports *exports)
{
	if (exports->metrics)
		metrics_run(exports->metrics);
	if (exports->telemetry)
		telemetry_run();
}

void exports_close(struct exports *exports)
{
	metrics_close(exports->metrics);
	if (exports->telemetry)
		telemetry_stop();
	*exports = (struct exports){ 0 };
}

/* socket_group finds one of them: name as told, or NULL. */
static bool socket_group(const char *option, const char *name, const char *usual, struct rpc_group *group,
			 char *error, size_t error_len)
{
	char text[128] = "";

	*group = (struct rpc_group){ .name = "" };
	if (!name && geteuid() != 0)
		return true;
	if (rpc_group_find(name ? name : usual, name != NULL, group, text, sizeof(text)))
		return true;
	snprintf(error, error_len, "%s: %s", option, text);
	return false;
}

bool socket_groups(const struct options *options, struct rpc_groups *groups, char *error, size_t error_len)
{
	return socket_group("--change-group", options->change_group, CHANGE_GROUP, &groups->change, error,
			    error_len) &&
	       socket_group("--read-group", options->read_group, READ_GROUP, &groups->read, error, error_len);
}
