/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads as averages: from the last change on, so that a step is seen in the tick that has it, and over 32 ticks when nothing changes, so
 * that noise moves nothing.
 */
#include "balance/balance_state.h"

#define AVERAGE_SHIFT_MAX 5u     /* 32 ticks */
#define CHANGE_FLOOR      30000u /* ppm of a processor: what is no change, whatever the noise */
#define DEVIATION_STEP    15000u /* ppm: one tick adds no more to a deviation than this and twice the deviation */
#define STALL_OVER        100u   /* ticks for which a processor that had stalled gets nothing */

static uint32_t load_apart(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

/*
 * deviation_learn: noise is how far a tick is from the one before (times 3/4, since both have it), and not from the average, so that load that
 * drifts is not taken for it.  It learns noise faster than quiet: to take noise for a change costs moves, and the other way round a few ticks.
 */
static void deviation_learn(struct processor_state *p, uint32_t now)
{
	uint32_t off = load_apart(now, p->last) / 4 * 3, most = 2 * p->deviation + DEVIATION_STEP;

	off = off < most ? off : most;
	if (off > p->deviation)
		p->deviation += (off - p->deviation) / 8;
	else
		p->deviation -= (p->deviation - off) / 64;
	p->last = now;
}

/* load_change: this tick's loads are not those of the ticks before. */
static bool load_change(struct balance *b, const struct balance_seen seen[])
{
	bool changed = b->since_change == 0;

	for (unsigned i = 0; i < b->processor_count; i++) {
		struct processor_state *p = &b->processor[i];

		changed |= load_apart(seen[i].load, p->load) > CHANGE_FLOOR + 6 * (uint64_t)p->deviation;
		deviation_learn(p, seen[i].load);
	}
	return changed;
}

static uint32_t load_clamp(uint32_t load, uint32_t most)
{
	return load < most ? load : most;
}

static void average_processors(struct balance *b, const struct balance_seen seen[], unsigned shift)
{
	for (unsigned i = 0; i < b->processor_count; i++) {
		struct processor_state *p = &b->processor[i];
		int64_t now = load_clamp(seen[i].load, UINT32_MAX / 8);

		p->load = (uint32_t)((int64_t)p->load + ((now - (int64_t)p->load) >> shift));
	}
}

/*
 * average_lanes is most of a quiet tick, and nothing hurries when nothing has changed for long: of the 32 ticks that an average is then made of
 * each lane gives every fourth one, with four times the weight.
 */
static void average_lanes(struct balance *b, const uint32_t load[])
{
	uint32_t first = 0, end = b->lane_count;
	unsigned shift = b->average_shift;

	if (shift == AVERAGE_SHIFT_MAX) {
		unsigned part = b->tick % 4;

		first = (uint32_t)((uint64_t)b->lane_count * part / 4);
		end = (uint32_t)((uint64_t)b->lane_count * (part + 1) / 4);
		shift -= 2;
	}
	b->blend(b->lane_load + first, load + first, end - first, shift);
}

/* stall_judge: a processor to which nothing comes any more is as idle as a healthy one, so only what it does ends a stall. */
static void stall_judge(struct balance *b, const struct balance_seen seen[])
{
	for (unsigned i = 0; i < b->processor_count; i++) {
		struct processor_state *p = &b->processor[i];

		p->stuck = seen[i].life == BALANCE_STUCK ? p->stuck + 1 : 0;
		if (p->stalled && seen[i].life == BALANCE_RAN) {
			p->stalled = false;
			p->excluded_until = b->tick + STALL_OVER;
		}
		if (b->settings.stall && p->stuck >= b->settings.stall)
			p->stalled = true;
	}
}

void balance_average(struct balance *b, const uint32_t load[], const struct balance_seen seen[])
{
	unsigned shift;

	if (load_change(b, seen))
		b->since_change = 0;
	if (b->since_change < UINT32_MAX)
		b->since_change++;
	shift = 31u - (unsigned)__builtin_clz(b->since_change);
	b->average_shift = shift < AVERAGE_SHIFT_MAX ? shift : AVERAGE_SHIFT_MAX;
	average_processors(b, seen, b->average_shift);
	average_lanes(b, load);
	stall_judge(b, seen);
}
