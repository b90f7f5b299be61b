/* SPDX-License-Identifier: BSD-2-Clause */
/* An event as a line for people: "12:03:04.125 vport 3 (web) rss.changed: entry 5: 0 -> 1". */
#ifndef VMMQ_VMMQ_MONITOR_MONITOR_TEXT_H
#define VMMQ_VMMQ_MONITOR_MONITOR_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* monitor_text writes the line with its newline.  Control characters in what vmmqd sends become '?'.  One thread. */
void monitor_text(const json_t *event, FILE *out);

#endif
