/* SPDX-License-Identifier: BSD-2-Clause */
/* The metrics of one VPort, and of ports.  Control thread only. */
#ifndef VMMQ_METRICS_METRICS_VPORT_H
#define VMMQ_METRICS_METRICS_VPORT_H

#include "metrics/metrics_render.h"
#include "metrics/metrics_text.h"

/* How many there are. */
struct metrics_sums {
	uint64_t vports, filters;
};

void metrics_vport(struct metrics_text *text, struct live *live, const struct live_adapter_info *info,
		   struct vmmq_vport_id id, enum metrics_entries entries, struct metrics_sums *sums);

/* metrics_port_state adds the uplink's (vport NULL) or a backend's state and counters; nothing when none is wanted. */
void metrics_port_state(struct metrics_text *text, const struct host_port *port, const struct vmmq_vport_id *vport);

#endif
