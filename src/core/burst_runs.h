/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets of one flow mostly come one behind the other, and what steers them is the same for all (flow.h): it is found for the first of such a run.
 */
#ifndef VMMQ_CORE_BURST_RUNS_H
#define VMMQ_CORE_BURST_RUNS_H

#include "core/burst.h"
#include "core/flow.h"

/* The first of each run, and which run a packet belongs to. */
struct runs {
	unsigned count;
	const uint8_t *frame[BURST];
	uint32_t len[BURST];
	uint8_t of[BURST];
};

/* runs_may_be looks at up to four pairs, and at what mostly tells flows apart: whether it is worth to look at all. */
static inline bool runs_may_be(const uint8_t *const frame[], const uint32_t len[], unsigned count)
{
	const unsigned step = (count + 3) / 4;
	unsigned looked = 0, same = 0;

	for (unsigned i = 1; i < count; i += step, looked++)
		if (len[i - 1] >= FLOW_LEN_MIN && len[i] >= FLOW_LEN_MIN)
			same += !memcmp(frame[i] + FLOW_PORTS_AT, frame[i - 1] + FLOW_PORTS_AT, 4);
	return looked && 2 * same >= looked;
}

static inline void runs_find(struct runs *runs, const uint8_t *const frame[], const uint32_t len[], unsigned count)
{
	runs->count = 0;
	for (unsigned i = 0; i < count; i++) {
		if (!i || len[i] < FLOW_LEN_MIN || len[i - 1] < FLOW_LEN_MIN ||
		    !frames_are_alike(frame[i], frame[i - 1])) {
			runs->frame[runs->count] = frame[i];
			runs->len[runs->count++] = len[i];
		}
		runs->of[i] = (uint8_t)(runs->count - 1);
	}
}

#endif
