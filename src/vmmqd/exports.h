/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmmqd serves to others beside the control socket: Prometheus metrics, DPDK telemetry. */
#ifndef VMMQD_EXPORTS_H
#define VMMQD_EXPORTS_H

#include "agent/agent.h"
#include "control/live.h"
#include "rpc/rpc_role.h"
#include "vmmqd/options.h"

struct metrics;

struct exports {
	struct metrics *metrics; /* NULL: not asked for */
	bool telemetry;
};

/* exports_open opens what options ask for; agent NULL: no fleet; false with a sentence in error. */
bool exports_open(struct exports *exports, const struct options *options, struct live *live,
		  const struct agent *agent, char *error, size_t error_len);
/* exports_fds returns how many descriptors (at most 2, into fd) are readable when exports_run() has something to do. */
#define EXPORTS_FDS_MAX 2
unsigned exports_fds(const struct exports *exports, int fd[EXPORTS_FDS_MAX]);
void exports_run(struct exports *exports);
void exports_close(struct exports *exports);

/*
 * socket_groups finds who may use the control socket: as told; as root also vmmq (change) and vmmq-monitor (read), where there are such
 * groups.  false with a sentence in error: there is no group that was told.
 */
bool socket_groups(const struct options *options, struct rpc_groups *groups, char *error, size_t error_len);

#endif
