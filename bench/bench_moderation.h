/* SPDX-License-Identifier: BSD-2-Clause */
/* The port and its guest that bench-moderation measures. */
#ifndef VMMQ_BENCH_MODERATION_H
#define VMMQ_BENCH_MODERATION_H

#include <stdbool.h>
#include <stdint.h>
#include <vmmq/request.h>

/* What the guest has seen in a run; us: how long each of the first `timed` frames took. */
struct moderation_seen {
	uint64_t interrupts, frames;
	unsigned timed;
	double *us;
};

/* moderation_open makes the port and starts the guest's driver; false, after a message: it cannot. */
bool moderation_open(void);
void moderation_close(void);

/* moderation_run sends for ns: burst frames (up to 32) each each_ns.  What was seen is there until the next run. */
const struct moderation_seen *moderation_run(enum vmmq_interrupt_moderation moderation, unsigned burst,
					     uint64_t each_ns, uint64_t ns);

#endif
