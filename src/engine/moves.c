/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Naming a move too many costs a needless gate; naming one too few would cost the order, so whatever is not plainly the same
 * counts as mixed.
 */
#include "engine/moves.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "engine/adapter_state.h"
#include "engine/moved_filters.h"
#include "engine/moved_inner.h"

#define TARGETS_MAX (VMMQ_TABLE_ENTRIES_MAX + 1)
#define SLOT_WORDS  ((UINT16_MAX + 1) / 64)

/* The search: what was found, and which pairs of processors it concerns. */
struct search {
	const struct vmmq_adapter *adapter;
	struct moves *moves;
	uint64_t *row; /* of each processor that packets come from: bits of those that they go to */
	size_t row_words;
};

#define FIRST_ROOM 8u

static struct lane_change *change_add(struct moves *moves, struct lane_change change)
{
	struct lane_change *larger =
	    array_room(moves->change, &moves->change_room, moves->change_count + 1u, FIRST_ROOM, sizeof(change));

	if (!larger)
		return NULL;
	moves->change = larger;
	moves->change[moves->change_count] = change;
	return &moves->change[moves->change_count++];
}

static processor_slot slot_of(const struct search *search, struct vmmq_processor processor)
{
	return search->adapter->slot_of[processor.v];
}

static void slots_add(uint64_t slots[], processor_slot slot)
{
	slots[slot / 64] |= 1ull << slot % 64;
}

/* targets_add adds the distinct processors that a VPort's packets go to; false: memory. */
static bool targets_add(struct search *search, const struct vmmq_steering *steering, uint32_t *first, uint32_t *count)
{
	struct moves *moves = search->moves;
	uint64_t seen[SLOT_WORDS];
	processor_slot *target =
	    array_room(moves->slot, &moves->slot_room, moves->slot_count + TARGETS_MAX, TARGETS_MAX, sizeof(*target));
	uint32_t n = 0;

	if (!target)
		return false;
	moves->slot = target;
	target = &moves->slot[moves->slot_count];
	*first = moves->slot_count;
	if (!steering->rss_enabled) {
		target[n++] = slot_of(search, steering->primary);
	} else {
		memset(seen, 0, search->row_words * sizeof(seen[0]));
		slots_add(seen, slot_of(search, steering->default_processor));
		for (unsigned i = 0; i <= steering->index_mask; i++)
			slots_add(seen, slot_of(search, steering->table[i]));
		for (size_t k = 0; k < search->row_words; k++)
			for (uint64_t left = seen[k]; left; left &= left - 1)
				target[n++] = (processor_slot)(64 * k + (unsigned)__builtin_ctzll(left));
	}
	*count = n;
	moves->slot_count += n;
	return true;
}

static void row_add(struct search *search, processor_slot from, processor_slot to)
{
	slots_add(&search->row[from * search->row_words], to);
}

/* rows_add notes all pairs of a mixed change. */
static void rows_add(struct search *search, const struct lane_change *change)
{
	const processor_slot *from = &search->moves->slot[change->from], *to = &search->moves->slot[change->to];
	uint64_t all[SLOT_WORDS];

	memset(all, 0, search->row_words * sizeof(all[0]));
	for (uint32_t i = 0; i < change->to_count; i++)
		slots_add(all, to[i]);
	for (uint32_t i = 0; i < change->from_count; i++)
		for (size_t k = 0; k < search->row_words; k++)
			search->row[from[i] * search->row_words + k] |= all[k];
}

static bool mixed_add(struct search *search, struct vmmq_vport_id vport, struct vmmq_vport_id old,
		      const struct vmmq_steering *from, const struct vmmq_steering *to)
{
	struct lane_change change = { .kind = LANES_MIXED, .vport = vport, .old = old };

	if (!targets_add(search, from, &change.from, &change.from_count) ||
	    !targets_add(search, to, &change.to, &change.to_count) || !change_add(search->moves, change))
		return false;
	rows_add(search, &change);
	return true;
}

static bool steering_hash_is_same(const struct vmmq_steering *a, const struct vmmq_steering *b)
{
	return a->rss_enabled && b->rss_enabled && a->hash_types == b->hash_types && a->tunnels == b->tunnels &&
	       a->vxlan_port == b->vxlan_port && memcmp(&a->key, &b->key, sizeof(a->key)) == 0;
}

/* pair_add adds a lane to the pair of its processors; the pairs of a change are the last ones, ascending by to. */
static bool pair_add(struct search *search, struct lane_change *change, unsigned lane, struct vmmq_processor from,
		     struct vmmq_processor to)
{
	struct moves *moves = search->moves;
	struct lane_pair pair = { .from = slot_of(search, from), .to = slot_of(search, to) };
	uint32_t at = change->pair;

	if (from.v == to.v)
		return true;
	while (at < moves->pair_count &&
	       (moves->pair[at].to < pair.to || (moves->pair[at].to == pair.to && moves->pair[at].from < pair.from)))
		at++;
	if (at == moves->pair_count || moves->pair[at].to != pair.to || moves->pair[at].from != pair.from) {
		struct lane_pair *larger =
		    array_room(moves->pair, &moves->pair_room, moves->pair_count + 1u, FIRST_ROOM, sizeof(pair));

		if (!larger)
			return false;
		moves->pair = larger;
		memmove(&moves->pair[at + 1], &moves->pair[at], (moves->pair_count - at) * sizeof(pair));
		moves->pair[at] = pair;
		moves->pair_count++;
		row_add(search, pair.from, pair.to);
	}
	lane_set_add(&moves->pair[at].lanes, lane);
	return true;
}

static bool pairs_add_entries(struct search *search, struct lane_change *change, const struct vmmq_steering *from,
			      const struct vmmq_steering *to)
{
	for (unsigned i = 0; i <= to->index_mask; i++) {
		/* Where the table has shrunk, packets of several lanes have come together in this one. */
		for (unsigned k = i; k <= (from->index_mask > to->index_mask ? from->index_mask : i);
		     k += to->index_mask + 1u)
			if (!pair_add(search, change, i, from->table[k & from->index_mask], to->table[i]))
				return false;
	}
	return pair_add(search, change, LANE_DEFAULT, from->default_processor, to->default_processor);
}

/* lanes_add: packets stay with their hash, or with the primary processor. */
static bool lanes_add(struct search *search, struct vmmq_vport_id vport, const struct vmmq_steering *from,
		      const struct vmmq_steering *to)
{
	struct moves *moves = search->moves;
	struct lane_change change = { .kind = LANES_MOVED, .vport = vport, .old = vport, .pair = moves->pair_count };
	bool fits;

	if (!to->rss_enabled)
		fits = pair_add(search, &change, LANE_PRIMARY, from->primary, to->primary);
	else
		fits = pairs_add_entries(search, &change, from, to);
	change.pair_count = moves->pair_count - change.pair;
	if (to->rss_enabled && from->index_mask != to->index_mask) {
		change.kind = LANES_RENUMBERED;
		change.from_mask = from->index_mask;
		change.to_mask = to->index_mask;
		fits = fits && targets_add(search, from, &change.from, &change.from_count) &&
		       targets_add(search, to, &change.to, &change.to_count);
	} else if (!change.pair_count) {
		return fits;
	}
	return fits && change_add(moves, change);
}

static bool steering_compare(struct search *search, struct vmmq_vport_id vport, const struct vmmq_steering *from,
			     const struct vmmq_steering *to)
{
	if (steering_hash_is_same(from, to) || (!from->rss_enabled && !to->rss_enabled))
		return lanes_add(search, vport, from, to);
	return mixed_add(search, vport, vport, from, to);
}

static bool views_compare(struct search *search, const struct vmmq_view *from, const struct vmmq_view *to)
{
	uint32_t chunks = from->chunk_count < to->chunk_count ? from->chunk_count : to->chunk_count;

	/* A VPort that is in one view only has no filters in the other, and so no packets that move with it. */
	for (uint32_t c = 0; c < chunks; c++) {
		if (from->chunk[c] == to->chunk[c] || !from->chunk[c] || !to->chunk[c])
			continue;
		for (unsigned i = 0; i < VMMQ_VIEW_CHUNK; i++) {
			const struct vmmq_steering *a = from->chunk[c]->steering[i], *b = to->chunk[c]->steering[i];
			struct vmmq_vport_id vport = { (uint16_t)(c * VMMQ_VIEW_CHUNK + i) };

			if (a && b && a != b && !steering_compare(search, vport, a, b))
				return false;
		}
	}
	return true;
}

/* anywhere_add adds a change for each VPort to which packets may have come from all others. */
static bool anywhere_add(struct search *search, const struct vports *anywhere, const struct vmmq_view *to)
{
	struct moves *moves = search->moves;
	uint32_t from = moves->slot_count, from_count = (uint32_t)search->adapter->processor_count;
	processor_slot *slot =
	    array_room(moves->slot, &moves->slot_room, from + from_count, TARGETS_MAX, sizeof(*slot));

	if (!slot)
		return false;
	moves->slot = slot;
	for (uint32_t i = 0; i < from_count; i++)
		slot[from + i] = (processor_slot)i;
	moves->slot_count += from_count;
	for (int32_t id = vports_next(anywhere, 0); id >= 0; id = vports_next(anywhere, (uint32_t)id + 1)) {
		struct vmmq_vport_id vport = { (uint16_t)id };
		struct lane_change change = {
			.kind = LANES_MIXED,
			.vport = vport,
			.old = vport,
			.from = from,
			.from_count = from_count,
			.is_for_all = true,
		};

		if (!targets_add(search, vmmq_view_steering(to, vport), &change.to, &change.to_count) ||
		    !change_add(moves, change))
			return false;
		rows_add(search, &change);
	}
	return true;
}

/* filters_compare adds a change for each two VPorts between which filters, and so packets, have gone. */
static bool filters_compare(struct search *search, const struct vmmq_view *from, const struct vmmq_view *to)
{
	struct moved_filters moved = { 0 };
	struct vports anywhere = { { 0 } };
	bool fits = from->filters == to->filters || moved_filters_find(&moved, from->filters, to->filters);

	fits = fits && moved_inner_find(&moved, &anywhere, from, to);
	for (size_t i = 0; fits && i < moved.count; i++) {
		struct vmmq_vport_id old = moved.pair[i].old, vport = moved.pair[i].vport;

		fits = mixed_add(search, vport, old, vmmq_view_steering(from, old), vmmq_view_steering(to, vport));
	}
	moved_filters_fini(&moved);
	if (fits && vports_next(&anywhere, 0) >= 0)
		fits = anywhere_add(search, &anywhere, to);
	return fits;
}

static uint32_t pairs_count(const struct search *search)
{
	uint32_t count = 0;

	for (size_t i = 0; i < search->adapter->processor_count * search->row_words; i++)
		count += (uint32_t)__builtin_popcountll(search->row[i]);
	return count;
}

bool moves_between(const struct vmmq_adapter *adapter, const struct vmmq_view *from, const struct vmmq_view *to,
		   struct moves *moves)
{
	struct search search = { .adapter = adapter,
				 .moves = moves,
				 .row_words = adapter->processor_count / 64u + 1 };
	bool fits;

	*moves = (struct moves){ 0 };
	search.row = calloc(adapter->processor_count * search.row_words, sizeof(*search.row));
	fits = search.row && views_compare(&search, from, to) && filters_compare(&search, from, to);
	if (fits)
		moves->processor_pairs = pairs_count(&search);
	else
		moves_fini(moves);
	free(search.row);
	return fits;
}

void moves_fini(struct moves *moves)
{
	free(moves->change);
	free(moves->pair);
	free(moves->slot);
	*moves = (struct moves){ 0 };
}
