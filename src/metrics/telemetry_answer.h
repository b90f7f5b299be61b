/* SPDX-License-Identifier: BSD-2-Clause */
/* What telemetry's endpoints say.  Control thread only. */
#ifndef VMMQ_METRICS_TELEMETRY_ANSWER_H
#define VMMQ_METRICS_TELEMETRY_ANSWER_H

#include "control/live.h"

struct rte_tel_data;

/* parameter: what stands behind the comma, or NULL.  Returns 0, or -1: no such thing, or memory; the answer is null then. */
typedef int telemetry_answer_fn(struct live *live, const char *parameter, struct rte_tel_data *data);

telemetry_answer_fn telemetry_adapter, telemetry_processors, telemetry_vports, telemetry_vport, telemetry_drops;

#endif
