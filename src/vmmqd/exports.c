/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmqd/exports.h"

#include <grp.h>
#include <stdio.h>
#include <unistd.h>

#include "metrics/metrics.h"
#include "metrics/telemetry.h"

#define DEFAULT_GROUP "vmmq"

bool exports_open(struct exports *exports, const struct options *options, struct live *live, char *error,
		  size_t error_len)
{
	if (options->telemetry && telemetry_start(live)) {
		snprintf(error, error_len,
			 "--telemetry: DPDK refuses our endpoints, or there is no descriptor for them");
		return false;
	}
	exports->telemetry = options->telemetry;
	if (options->metrics)
		exports->metrics = metrics_open(options->metrics, live, error, error_len);
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

const char *socket_group(const struct options *options)
{
	if (options->group)
		return options->group;
	return geteuid() == 0 && getgrnam(DEFAULT_GROUP) ? DEFAULT_GROUP : NULL;
}
