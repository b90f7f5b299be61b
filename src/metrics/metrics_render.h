/* SPDX-License-Identifier: BSD-2-Clause */
/* What a scrape says: all counters of the running switch.  Control thread only. */
#ifndef VMMQ_METRICS_METRICS_RENDER_H
#define VMMQ_METRICS_METRICS_RENDER_H

#include "agent/agent.h"

/* The entries of indirection tables: up to 128 a VPort, so not always wanted. */
enum metrics_entries {
	METRICS_ENTRIES_NONE,
	METRICS_ENTRIES_ACTIVE, /* of VPorts whose tables have steered something */
	METRICS_ENTRIES_ALL,    /* of all VPorts with RSS on */
	METRICS_ENTRIES_KINDS
};

/* metrics_render returns the exposition, malloc'ed, and its length; NULL: memory.  agent NULL: no fleet.  start_time: seconds since 1970. */
char *metrics_render(struct live *live, const struct agent *agent, enum metrics_entries entries, uint64_t start_time,
		     size_t *len);

#endif
