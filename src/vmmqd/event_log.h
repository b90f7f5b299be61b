/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQD_EVENT_LOG_H
#define VMMQD_EVENT_LOG_H

#include <jansson.h>

/* event_log writes an event as a line: "backend.state: vport 3, state failed, reason ...". */
void event_log(const json_t *event);

#endif
