/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a thread that polls and finds nothing should leave its CPU to others.  Nobody tells it who else wants that CPU, and to
 * ask the kernel is what it is to save.  But somebody ran who should not have if a turn in which nothing was done took much longer
 * than such turns take, or if a yield did; while that is not seen the CPU counts as the thread's own, and it does not yield.
 *
 * Where it is shared, it yields at once to those who give the CPU back soon, for they may be who it waits for.  Who does not,
 * a thread that only computes, keeps it for a time slice: before it yields to such a one it waits a moment, since
 * mostly there is something again by then.
 *
 * All times are readings of one clock, in its ticks.  All of it is the polling thread's.
 */
#ifndef VMMQ_ENGINE_CPU_SHARE_H
#define VMMQ_ENGINE_CPU_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_share {
	/* constant, ticks */
	uint64_t turn_max;  /* an idle turn that takes as long was interrupted */
	uint64_t yield_max; /* a yield that takes as long has let somebody run */
	uint64_t slice;     /* and who runs as long as that does not give the CPU back */
	uint64_t patience;  /* to be idle before yielding to such a one */
	uint64_t memory;    /* nobody else seen for so long: nobody is there */

	uint64_t shared_until; /* when the CPU will count as the thread's own */
	uint64_t idle_since;   /* 0: not idle, or has just yielded */
	unsigned wary;         /* so many more that are met have to give the CPU back before it yields at once */
};

/* cpu_share_init: hz: ticks a second.  To begin with the CPU counts as shared. */
void cpu_share_init(struct cpu_share *share, uint64_t hz, uint64_t now);

/* cpu_share_busy: something was done in the last turn. */
static inline void cpu_share_busy(struct cpu_share *share)
{
	share->idle_since = 0;
}

/* cpu_share_idle: nothing was done in a turn from started to now; true: the thread should yield, and say so afterwards. */
bool cpu_share_idle(struct cpu_share *share, uint64_t started, uint64_t now);
/* cpu_share_yielded: it yielded from started to now. */
void cpu_share_yielded(struct cpu_share *share, uint64_t started, uint64_t now);

#endif
