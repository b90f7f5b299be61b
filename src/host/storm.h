/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A limit on group-addressed packets: a token bucket kept as the time at which it would be full again, so that all the queues of
 * a VPort share it by one atomic word and nothing has to refill it.
 */
#ifndef VMMQ_HOST_STORM_H
#define VMMQ_HOST_STORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct storm {
	_Atomic uint32_t limit;   /* packets a second, 0: none; control: rw, any processor: relaxed */
	_Atomic uint64_t full_ns; /* any processor: rw, by compare and exchange */
};

/*
 * storm_allows takes one packet's worth at time now_ns (of a clock that never goes back); false: there is none.  Packets
 * allowed in any t seconds: at most limit * t + limit / 10 + 1, and one at least.
 */
bool storm_allows(struct storm *storm, uint64_t now_ns);

#endif
