/* SPDX-License-Identifier: BSD-2-Clause */
/* One look at all lanes: those of the sources hang in chains by size afterwards, so that a fitting one is found without sorting. */
#include <string.h>

#include "balance/balance_state.h"

#define UNIT_LOAD_MAX ((1u << 27) - 1)

/* unit_hang puts a unit in front of its chain. */
static void unit_hang(struct balance *b, uint32_t unit, unsigned processor, uint32_t load)
{
	uint32_t *head;

	load = load < UNIT_LOAD_MAX ? load : UNIT_LOAD_MAX;
	head = &b->chain[processor * SIZES + size_class(load)];
	b->unit_load[unit] = load;
	b->unit_next[unit] = *head;
	*head = unit;
}

/*
 * collect_lanes writes down, without a branch, all lanes of sources, and returns how many: candidate has room for one more than there
 * are lanes.
 */
static uint32_t collect_lanes(struct balance *b)
{
	uint8_t is_source[BALANCE_PROCESSORS_MAX];
	uint32_t count = 0;

	for (unsigned p = 0; p < b->processor_count; p++)
		is_source[p] = b->processor[p].source != SOURCE_NONE;
	for (uint32_t lane = 0; lane < b->lane_count; lane++) {
		b->candidate[count] = lane;
		count += is_source[b->lane_processor[lane]];
	}
	return count;
}

/* must_go_whole: a VPort on as many processors as it may use leaves one of them with all its lanes for a further one. */
static bool must_go_whole(const struct balance *b, const struct vport_state *v)
{
	return v->used >= v->limits.queue_pairs && v->used < b->processor_count;
}

/* hang_lane hangs a lane that may be moved now. */
static void hang_lane(struct balance *b, uint32_t lane)
{
	unsigned p = b->lane_processor[lane];
	bool stalled = b->processor[p].source == SOURCE_STALLED;
	uint32_t load = lane_ppm(b, lane);

	if (load > lane_ppm(b, b->processor[p].largest) || b->lane_processor[b->processor[p].largest] != p)
		b->processor[p].largest = lane;

	if (b->lane_fixed[lane] || (b->tick < b->lane_rest[lane] && !stalled))
		return;
	if (load || stalled)
		unit_hang(b, lane, p, load);
}

/* hang_groups hangs what `count` candidates, all of one VPort, make as wholes. */
static void hang_groups(struct balance *b, const uint32_t candidate[], uint32_t count, unsigned vport)
{
	const uint8_t *uses = b->uses + (size_t)vport * b->processor_count;

	for (uint32_t i = 0; i < count; i++)
		b->group[b->lane_processor[candidate[i]]].lanes = 0;
	for (uint32_t i = 0; i < count; i++) {
		unsigned p = b->lane_processor[candidate[i]];
		bool movable = !b->lane_fixed[candidate[i]] &&
			       (b->tick >= b->lane_rest[candidate[i]] || b->processor[p].source == SOURCE_STALLED);

		if (b->group[p].lanes == 0) {
			b->group[p].first = candidate[i];
			b->group[p].load = 0;
		}
		b->group[p].load += lane_ppm(b, candidate[i]);
		b->group[p].lanes += movable;
		if (uses[p] > 1 && b->group[p].lanes == uses[p])
			unit_hang(b, b->lane_count + b->group[p].first, p, b->group[p].load);
	}
}

void balance_collect(struct balance *b)
{
	uint32_t count, i = 0;

	for (unsigned p = 0; p < b->processor_count; p++)
		if (b->processor[p].source != SOURCE_NONE)
			memset(&b->chain[p * SIZES], 0xff, SIZES * sizeof(*b->chain)); /* NO_UNIT */
	count = collect_lanes(b);
	while (i < count) {
		unsigned v = b->lane_vport[b->candidate[i]];
		uint32_t first = i;

		for (; i < count && b->lane_vport[b->candidate[i]] == v; i++)
			hang_lane(b, b->candidate[i]);
		if (b->vport[v].limits.dynamic && must_go_whole(b, &b->vport[v]))
			hang_groups(b, b->candidate + first, i - first, v);
	}
}
