/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DPDK telemetry: /vmmq/adapter, /vmmq/processors, /vmmq/vports, /vmmq/vport, /vmmq/drops (docs/metrics.md).
 *
 * DPDK calls back on threads of its own, one a client.  What we report belongs to the control thread: so the callback hands it
 * the question and waits, at most TELEMETRY_WAIT_MS; nothing is read anywhere else, and nothing is prepared that nobody asks for.
 */
#ifndef VMMQ_METRICS_TELEMETRY_H
#define VMMQ_METRICS_TELEMETRY_H

#include "control/live.h"

#define TELEMETRY_WAIT_MS 2000 /* then the answer is null */

/*
 * telemetry_start registers the endpoints, once per process, and answers for live until telemetry_stop(); DPDK cannot
 * forget endpoints: after that they answer null.  0, or -1: no descriptor, or DPDK refuses.
 * telemetry_fd is readable when telemetry_run() has something to do; -1: not started.
 * All four: control thread.
 */
int telemetry_start(struct live *live);
int telemetry_fd(void);
void telemetry_run(void);
void telemetry_stop(void);

#endif
