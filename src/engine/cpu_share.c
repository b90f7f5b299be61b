/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/cpu_share.h"

#define MICROSECONDS 1000000u /* in a second */

#define TURN_MAX_US  100  /* longer than an interrupt takes */
#define YIELD_MAX_US 5    /* two switches of threads take less only if there was nobody to switch to */
#define SLICE_US     1000 /* the shortest slice of the scheduler, or a little less */
#define PATIENCE_US  20   /* by trial: 2 brings little, 100 nothing more */
#define MEMORY_US    100000
#define WARY         4u

void cpu_share_init(struct cpu_share *share, uint64_t hz, uint64_t now)
{
	*share = (struct cpu_share){
		.turn_max = hz * TURN_MAX_US / MICROSECONDS,
		.yield_max = hz * YIELD_MAX_US / MICROSECONDS,
		.slice = hz * SLICE_US / MICROSECONDS,
		.patience = hz * PATIENCE_US / MICROSECONDS,
		.memory = hz * MEMORY_US / MICROSECONDS,
	};
	share->shared_until = now + share->memory;
}

/* cpu_share_met: up to now somebody else has had the CPU for so long. */
static void cpu_share_met(struct cpu_share *share, uint64_t ticks, uint64_t now)
{
	share->shared_until = now + share->memory;
	if (ticks >= share->slice)
		share->wary = WARY;
	else if (share->wary)
		share->wary--;
}

bool cpu_share_idle(struct cpu_share *share, uint64_t started, uint64_t now)
{
	if (now - started >= share->turn_max)
		cpu_share_met(share, now - started, now);
	if (now >= share->shared_until)
		return false;
	if (!share->idle_since)
		share->idle_since = now;
	return !share->wary || now - share->idle_since >= share->patience;
}

void cpu_share_yielded(struct cpu_share *share, uint64_t started, uint64_t now)
{
	if (now - started >= share->yield_max)
		cpu_share_met(share, now - started, now);
	share->idle_since = 0;
}
