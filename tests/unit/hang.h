/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a test waits for what must happen: so long that only what hangs takes longer, on a slow machine, under
 * sanitizers, beside other work.  The only limits in time there are; what is fast enough is for bench/ to tell.
 */
#ifndef VMMQ_UNIT_HANG_H
#define VMMQ_UNIT_HANG_H

#include <stdint.h>

#include "base/clock.h"

#define HANG_MS 120000
#define HANG_NS (HANG_MS * UINT64_C(1000000))

/* hangs: what was begun at started_ns takes too long. */
static inline int hangs(uint64_t started_ns)
{
	return now_ns() - started_ns > HANG_NS;
}

#endif
