/* SPDX-License-Identifier: BSD-2-Clause */
/* What came out: the sums at the end, and the one line that says them. */
#ifndef VMMQ_RACE_REPORT_H
#define VMMQ_RACE_REPORT_H

#include "control.h"

struct report {
	struct tally tally; /* of all consumers */
	uint64_t sent;
	uint64_t dropped;
	uint64_t lost;       /* sent, and neither indicated nor dropped */
	uint64_t unbalanced; /* by how much counters and buffers differ from what they should be, all in all */
	uint64_t gates;
	uint64_t held;              /* packets that a gate held */
	uint64_t strangers_delayed; /* packets that a gate had no business with */
};

/* report_fill adds up; the adapter is idle or stuck, its processors stopped, and it is still there. */
void report_fill(struct report *report, struct race *race);
/* report_buffers adds the buffers that are not back to unbalanced; after the adapter is gone. */
void report_buffers(struct report *report, const struct race *race);
/* report_passed: nothing lost, reordered, duplicated, unbalanced, wrong or delayed. */
bool report_passed(const struct report *report, const struct control *control);
/* report_print writes the JSON line; seconds is how long it ran. */
void report_print(const struct report *report, struct control *control, double seconds);

#endif
