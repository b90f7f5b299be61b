/* SPDX-License-Identifier: BSD-2-Clause */
/* How often a scrape is made anew: whoever asks how often, and for which kinds in turn, all take a fifth of the thread at most. */
#ifndef VMMQ_METRICS_METRICS_PACE_H
#define VMMQ_METRICS_METRICS_PACE_H

#include "metrics/metrics_render.h"

/* One that took a time t to make is answered with for so many times t more: t in 15 t for each of three kinds. */
#define METRICS_PACE_COST (5 * METRICS_ENTRIES_KINDS - 1)

struct metrics_pace {
	uint64_t until_ns[METRICS_ENTRIES_KINDS];
};

static inline bool metrics_pace_fresh(const struct metrics_pace *pace, enum metrics_entries kind, uint64_t now)
{
	return now < pace->until_ns[kind];
}

static inline void metrics_pace_made(struct metrics_pace *pace, enum metrics_entries kind, uint64_t begin,
				     uint64_t end)
{
	pace->until_ns[kind] = end + (end - begin) * METRICS_PACE_COST;
}

#endif
