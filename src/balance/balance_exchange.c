/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where lanes are coarse no single move may help, and two do: a lane goes from a hot processor to another, and a smaller one comes back.
 */
#include "balance/balance_state.h"

#define EXCHANGE_LANES   64u    /* of a processor that are looked at; with more of them single moves do */
#define EXCHANGE_TARGETS 4u     /* processors that are tried, least loaded first */
#define MANY_LANES       16384u /* in all: then one processor is tried, since each takes a look at all lanes */

struct exchange_lanes {
	uint32_t lane[EXCHANGE_LANES];
	unsigned count;
};

/* lanes_of finds the lanes of two processors in one look at all. */
static void lanes_of(const struct balance *b, unsigned from, unsigned to, struct exchange_lanes *mine,
		     struct exchange_lanes *theirs)
{
	mine->count = theirs->count = 0;
	for (uint32_t lane = 0; lane < b->lane_count; lane++) {
		unsigned p = b->lane_processor[lane];
		struct exchange_lanes *lanes = p == from ? mine : theirs;

		if ((p == from || p == to) && lanes->count < EXCHANGE_LANES && !b->lane_fixed[lane] &&
		    b->tick >= b->lane_rest[lane] && lane_ppm(b, lane))
			lanes->lane[lanes->count++] = lane;
	}
}

/* next_target: the least loaded processor that is more loaded than *after says, and which comes later at the same load. */
static bool next_target(const struct balance *b, unsigned from, int64_t *after, unsigned *to)
{
	int64_t least = INT64_MAX;

	for (unsigned p = 0; p < b->processor_count; p++) {
		int64_t rank = (int64_t)b->processor[p].load * BALANCE_PROCESSORS_MAX + p;

		if (p == from || !balance_is_target(b, p) || rank <= *after || rank >= least)
			continue;
		least = rank;
		*to = p;
	}
	*after = least;
	return least != INT64_MAX;
}

/* exchange_find: the two lanes that leave the larger of both loads least; *best is what they must stay below, and then what they give. */
static bool exchange_find(const struct balance *b, unsigned from, unsigned to, uint32_t *best, uint32_t *out,
			  uint32_t *back)
{
	int64_t from_load = b->processor[from].load, to_load = b->processor[to].load;
	struct exchange_lanes mine, theirs;
	bool found = false;

	lanes_of(b, from, to, &mine, &theirs);
	for (unsigned i = 0; i < mine.count; i++) {
		for (unsigned k = 0; k < theirs.count; k++) {
			uint32_t m = mine.lane[i], t = theirs.lane[k];
			int64_t shift = (int64_t)lane_ppm(b, m) - lane_ppm(b, t);
			int64_t peak = from_load - shift > to_load + shift ? from_load - shift : to_load + shift;

			if (shift <= 0 || peak >= *best || !balance_may_go(b, b->lane_vport[m], from, to, 1) ||
			    !balance_may_go(b, b->lane_vport[t], to, from, 1))
				continue;
			*best = (uint32_t)peak;
			*out = m;
			*back = t;
			found = true;
		}
	}
	return found;
}

bool balance_exchange(struct balance *b, unsigned from, struct balance_result *result)
{
	uint32_t gain = b->mean / 64 + 1, load = b->processor[from].load, best = load > gain ? load - gain : 0;
	unsigned tries = b->lane_count > MANY_LANES ? 1 : EXCHANGE_TARGETS, to, found_to = from;
	uint32_t out = 0, back = 0;
	int64_t after = -1;

	if (!balance_is_target(b, from))
		return false; /* nothing may come back */
	for (; tries && next_target(b, from, &after, &to); tries--)
		if (exchange_find(b, from, to, &best, &out, &back))
			found_to = to;
	if (found_to == from)
		return false;
	balance_write_move(b, out, found_to, BALANCE_EXCHANGE, 1, result);
	balance_write_move(b, back, from, BALANCE_EXCHANGE, 1, result);
	return true;
}
