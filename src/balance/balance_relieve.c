/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which lanes go where.  From the most loaded source the largest unit that fits, to the least loaded processor that its VPort may
 * use: so a few moves do most of the work.
 */
#include "balance/balance_state.h"

#define LOOKS 8u /* units of a size class that are looked at for one move */

/* A unit that may be moved, and where to. */
struct pick {
	uint32_t unit, load;
	unsigned to;
};

static uint32_t unit_first_lane(const struct balance *b, uint32_t unit)
{
	return unit < b->lane_count ? unit : unit - b->lane_count;
}

/* unit_is_stale: moves of this tick have made another thing of it. */
static bool unit_is_stale(const struct balance *b, uint32_t unit, unsigned from)
{
	uint32_t lane = unit_first_lane(b, unit);

	return b->lane_processor[lane] != from ||
	       (unit >= b->lane_count && b->vport[b->lane_vport[lane]].moved_tick == b->tick);
}

static unsigned unit_lanes(const struct balance *b, uint32_t unit, unsigned from)
{
	return unit < b->lane_count
		   ? 1
		   : b->uses[(size_t)b->lane_vport[unit - b->lane_count] * b->processor_count + from];
}

/* chain_clean drops the stale units at the start of what *at points to; returns the first that is none, or NO_UNIT. */
static uint32_t chain_clean(struct balance *b, uint32_t *at, unsigned from)
{
	while (*at != NO_UNIT && unit_is_stale(b, *at, from))
		*at = b->unit_next[*at];
	return *at;
}

/* target_find: the least loaded processor to which the unit may go; false: there is none. */
static bool target_find(const struct balance *b, uint32_t unit, unsigned from, unsigned *to)
{
	unsigned vport = b->lane_vport[unit_first_lane(b, unit)], lanes = unit_lanes(b, unit, from);
	uint32_t least = UINT32_MAX;

	for (unsigned p = 0; p < b->processor_count; p++) {
		if (p == from || b->processor[p].load >= least || !balance_is_target(b, p) ||
		    !balance_may_go(b, vport, from, p, lanes))
			continue;
		least = b->processor[p].load;
		*to = p;
	}
	return least != UINT32_MAX;
}

/* What a move has to keep to: no unit larger than `most`, the target at most at `level`. */
struct bounds {
	uint32_t most, level;
	unsigned room; /* moves that are left in this tick */
};

/* pick_in_class: the largest unit of one class that keeps to the bounds; false: none among those looked at. */
static bool pick_in_class(struct balance *b, unsigned from, unsigned class, const struct bounds *bounds,
			  struct pick *pick)
{
	uint32_t *at = &b->chain[from * SIZES + class], unit;
	bool found = false;

	for (unsigned looks = 0; looks < LOOKS && (unit = chain_clean(b, at, from)) != NO_UNIT;
	     at = &b->unit_next[unit]) {
		uint32_t load = b->unit_load[unit];
		unsigned to;

		if (load > bounds->most || (found && load <= pick->load) || unit_lanes(b, unit, from) > bounds->room)
			continue;
		looks++;
		if (!target_find(b, unit, from, &to) || b->processor[to].load + (uint64_t)load > bounds->level)
			continue;
		*pick = (struct pick){ unit, load, to };
		found = true;
	}
	return found;
}

static bool pick_largest(struct balance *b, unsigned from, unsigned lowest, const struct bounds *bounds,
			 struct pick *pick)
{
	unsigned class = size_class(bounds->most < UINT32_MAX / 64 ? bounds->most : UINT32_MAX / 64);

	for (class ++; class -- > lowest;)
		if (pick_in_class(b, from, class, bounds, pick))
			return true;
	return false;
}

/* pick_helpful: the smallest unit that lowers the larger load of the two by a 64th of the mean, though none fits. */
static bool pick_helpful(struct balance *b, unsigned from, unsigned lowest, unsigned room, struct pick *pick)
{
	uint32_t gain = b->mean / 64 + 1, load = b->processor[from].load;
	struct bounds bounds = { UINT32_MAX, load > gain ? load - gain : 0, room };

	for (unsigned class = lowest; class < SIZES; class ++)
		if (pick_in_class(b, from, class, &bounds, pick))
			return true;
	return false;
}

/* unit_move moves all lanes of a unit. */
static void unit_move(struct balance *b, const struct pick *pick, enum balance_why why, struct balance_result *result)
{
	uint32_t lane = unit_first_lane(b, pick->unit);
	unsigned from = b->lane_processor[lane], vport = b->lane_vport[lane], lanes = unit_lanes(b, pick->unit, from);
	unsigned before = result->move_count;

	for (unsigned left = lanes; left; lane++) {
		if (b->lane_vport[lane] != vport || b->lane_processor[lane] != from)
			continue;
		balance_write_move(b, lane, pick->to, why, lanes, result);
		left--;
	}
	for (; before < result->move_count; before++)
		result->move[before].used = b->vport[vport].used;
}

static unsigned moves_left(const struct balance *b, const struct balance_result *result)
{
	return b->settings.budget - result->move_count;
}

/* relieve_empty takes everything from a processor, largest first.  level: what its targets may come to. */
static void relieve_empty(struct balance *b, unsigned from, uint32_t level, enum balance_why why,
			  struct balance_result *result)
{
	unsigned lowest = why == BALANCE_EVACUATE ? 0 : 1, before = result->move_count;
	struct pick pick;

	while (moves_left(b, result)) {
		struct bounds bounds = { UINT32_MAX, level, moves_left(b, result) };

		if (!pick_largest(b, from, lowest, &bounds, &pick)) {
			b->processor[from].drained += result->move_count == before;
			return;
		}
		unit_move(b, &pick, why, result);
	}
}

/* processor_hottest: the most loaded of those that are still to be relieved, or processor_count. */
static unsigned processor_hottest(const struct balance *b, uint32_t level)
{
	unsigned found = b->processor_count;
	uint32_t most = level;

	for (unsigned p = 0; p < b->processor_count; p++) {
		const struct processor_state *state = &b->processor[p];

		if (state->source == SOURCE_HOT && !state->given_up && state->load > most) {
			most = state->load;
			found = p;
		}
	}
	return found;
}

static uint32_t least_load(const struct balance *b)
{
	uint32_t least = UINT32_MAX;

	for (unsigned p = 0; p < b->processor_count; p++)
		if (b->processor[p].load < least && balance_is_target(b, p))
			least = b->processor[p].load;
	return least;
}

/* hot_pick: the unit whose move helps a hot processor most. */
static bool hot_pick(struct balance *b, unsigned from, uint32_t level, unsigned room, struct pick *pick)
{
	uint32_t least = least_load(b), excess = b->processor[from].load - b->mean;
	struct bounds bounds = { excess, level, room };
	unsigned lowest = size_class(b->mean / 32768 + 1);

	if (least < level) {
		bounds.most = level - least < excess ? level - least : excess;
		if (pick_largest(b, from, lowest, &bounds, pick))
			return true;
	}
	return pick_helpful(b, from, lowest, room, pick);
}

/* elephant_note: the largest lane of a processor that could not be relieved, if it is the reason; true: it is. */
static bool elephant_note(struct balance *b, unsigned processor, struct balance_result *result)
{
	uint32_t lane = b->processor[processor].largest, load = lane_ppm(b, lane);

	if (b->lane_processor[lane] != processor ||
	    (uint64_t)load * BALANCE_WHOLE <= (uint64_t)b->mean * b->settings.start)
		return false;
	if (result->elephant_count < BALANCE_ELEPHANTS_MAX)
		result->elephant[result->elephant_count++] =
		    (struct balance_elephant){ lane, load, b->mean, b->lane_vport[lane], (uint16_t)processor };
	return true;
}

#define FRUITLESS 10u /* ticks */

/* give_up: nothing of a hot processor can be moved.  Where lanes are left that another processor could take, one more is opened. */
static void give_up(struct balance *b, unsigned processor, bool tried, struct balance_result *result)
{
	struct processor_state *p = &b->processor[processor];

	p->given_up = true;
	if (tried)
		p->fruitless = b->tick + FRUITLESS;
	if (!elephant_note(b, processor, result) && p->load > b->settings.target)
		b->want_more = b->settings.coalesce;
}

/* relieve_hot tries an exchange once in a tick; processors that come too late for it are looked at again in the next one. */
static void relieve_hot(struct balance *b, struct balance_result *result)
{
	uint32_t level = (uint32_t)((uint64_t)b->mean * b->settings.stop / BALANCE_WHOLE);
	bool tried = false;
	struct pick pick;
	unsigned from;

	while (moves_left(b, result) && (from = processor_hottest(b, level)) < b->processor_count) {
		bool first = !tried && moves_left(b, result) >= 2;

		if (hot_pick(b, from, level, moves_left(b, result), &pick)) {
			unit_move(b, &pick, BALANCE_SPREAD, result);
			continue;
		}
		tried |= first;
		if (!first || !balance_exchange(b, from, result))
			give_up(b, from, first, result);
	}
}

void balance_relieve(struct balance *b, struct balance_result *result)
{
	for (unsigned p = 0; p < b->processor_count; p++)
		if (b->processor[p].source == SOURCE_STALLED)
			relieve_empty(b, p, UINT32_MAX, BALANCE_EVACUATE, result);
	for (unsigned p = 0; p < b->processor_count; p++)
		if (b->processor[p].source == SOURCE_SLEEPING)
			relieve_empty(b, p, b->settings.coalesce_ceiling, BALANCE_COALESCE, result);
	relieve_hot(b, result);
}
