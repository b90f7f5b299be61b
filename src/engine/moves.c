/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may move when one view follows another: every pair (from, to) of processors such that some packet goes to from under
 * the old view and to to under the new one.  Naming a pair too many costs a needless gate; naming one too few would
 * cost the order, so whatever is not plainly the same counts as moving between all pairs.
 */
#include <stdlib.h>
#include <string.h>

#include "core/filter_table.h"
#include "engine/adapter_state.h"

/* The pairs found so far: bit (to * count + from). */
struct pairs {
	const struct vmmq_adapter *adapter;
	uint64_t *bit;
	uint32_t found;
};

static void pairs_add(struct pairs *pairs, struct vmmq_processor from, struct vmmq_processor to)
{
	const struct vmmq_adapter *adapter = pairs->adapter;
	size_t at = (size_t)adapter->slot_of[to.v] * adapter->processor_count + adapter->slot_of[from.v];
	uint64_t bit = 1ull << at % 64;

	if (pairs->bit[at / 64] & bit)
		return;
	pairs->bit[at / 64] |= bit;
	pairs->found++;
}

/* steering_targets lists the distinct processors that a VPort's packets go to. */
static unsigned steering_targets(const struct vmmq_steering *steering,
				 struct vmmq_processor target[VMMQ_TABLE_ENTRIES_MAX + 1])
{
	struct vmmq_processor_set set = { target, 0 };

	if (!steering->rss_enabled) {
		target[0] = steering->primary;
		return 1;
	}
	target[set.count++] = steering->default_processor;
	for (unsigned i = 0; i <= steering->index_mask; i++)
		if (!vmmq_processor_set_has(&set, steering->table[i]))
			target[set.count++] = steering->table[i];
	return (unsigned)set.count;
}

/* pairs_add_moved: packets stay with their VPort, so that those which stay with their processor need no gate. */
static void pairs_add_moved(struct pairs *pairs, struct vmmq_processor from, struct vmmq_processor to)
{
	if (from.v != to.v)
		pairs_add(pairs, from, to);
}

/* pairs_add_all: from every target of one snapshot to every one of the other, of one VPort or of two. */
static void pairs_add_all(struct pairs *pairs, const struct vmmq_steering *from, const struct vmmq_steering *to,
			  void (*add)(struct pairs *pairs, struct vmmq_processor from, struct vmmq_processor to))
{
	struct vmmq_processor source[VMMQ_TABLE_ENTRIES_MAX + 1], target[VMMQ_TABLE_ENTRIES_MAX + 1];
	unsigned sources = steering_targets(from, source), count = steering_targets(to, target);

	for (unsigned i = 0; i < sources; i++)
		for (unsigned j = 0; j < count; j++)
			add(pairs, source[i], target[j]);
}

static bool steering_hash_is_same(const struct vmmq_steering *a, const struct vmmq_steering *b)
{
	return a->rss_enabled && b->rss_enabled && a->hash_types == b->hash_types &&
	       memcmp(&a->key, &b->key, sizeof(a->key)) == 0;
}

/* pairs_add_change: a VPort's steering changed.  With the same hash, a packet stays with its hash's entry. */
static void pairs_add_change(struct pairs *pairs, const struct vmmq_steering *from, const struct vmmq_steering *to)
{
	unsigned mask = from->index_mask | to->index_mask; /* of the larger table: masks are 2^k - 1 */

	if (!steering_hash_is_same(from, to)) {
		pairs_add_all(pairs, from, to, pairs_add_moved);
		return;
	}
	pairs_add_moved(pairs, from->default_processor, to->default_processor);
	for (unsigned i = 0; i <= mask; i++)
		pairs_add_moved(pairs, from->table[i & from->index_mask], to->table[i & to->index_mask]);
}

static void pairs_add_steering(struct pairs *pairs, const struct vmmq_view *from, const struct vmmq_view *to)
{
	uint32_t chunks = from->chunk_count < to->chunk_count ? from->chunk_count : to->chunk_count;

	/* A VPort that is in one view only has no filters in the other, and so no packets that move with it. */
	for (uint32_t c = 0; c < chunks; c++) {
		if (from->chunk[c] == to->chunk[c] || !from->chunk[c] || !to->chunk[c])
			continue;
		for (unsigned i = 0; i < VMMQ_VIEW_CHUNK; i++) {
			const struct vmmq_steering *a = from->chunk[c]->steering[i], *b = to->chunk[c]->steering[i];

			if (a && b && a != b)
				pairs_add_change(pairs, a, b);
		}
	}
}

/* filter_key_owner returns the VPort of the packets that a filter key stands for: its own filter's, else the MAC's ANY, else 0. */
static struct vmmq_vport_id filter_key_owner(const struct vmmq_filter_table *table, uint64_t key)
{
	const struct filter_entry *found = filter_find(table, key);

	if (!found)
		found = filter_find(table, key | VMMQ_VLAN_ANY);
	return found ? found->vport : (struct vmmq_vport_id){ 0 };
}

static void pairs_add_filters(struct pairs *pairs, const struct vmmq_filter_table *keys, const struct vmmq_view *from,
			      const struct vmmq_view *to)
{
	for (uint64_t b = 0; b <= keys->bucket_mask; b++) {
		for (unsigned i = 0; i < FILTER_BUCKET_ENTRIES && keys->bucket[b].entry[i].filter_id; i++) {
			uint64_t key = keys->bucket[b].key[i];
			struct vmmq_vport_id old = filter_key_owner(from->filters, key),
					     new = filter_key_owner(to->filters, key);

			if (old.v != new.v)
				pairs_add_all(pairs, vmmq_view_steering(from, old), vmmq_view_steering(to, new),
					      pairs_add);
		}
	}
}

static bool pairs_list(const struct pairs *pairs, struct move **moves, uint32_t *count)
{
	size_t n = pairs->adapter->processor_count;
	struct move *list = calloc(pairs->found + 1, sizeof(*list));

	if (!list)
		return false;
	*count = 0;
	for (size_t at = 0; at < n * n; at++) {
		if (pairs->bit[at / 64] >> at % 64 & 1)
			list[(*count)++] =
			    (struct move){ .to = (processor_slot)(at / n), .from = (processor_slot)(at % n) };
	}
	*moves = list;
	return true;
}

bool moves_between(const struct vmmq_adapter *adapter, const struct vmmq_view *from, const struct vmmq_view *to,
		   struct move **moves, uint32_t *count)
{
	size_t bits = (size_t)adapter->processor_count * adapter->processor_count;
	struct pairs pairs = { .adapter = adapter, .bit = calloc(bits / 64 + 1, sizeof(uint64_t)) };
	bool listed;

	if (!pairs.bit)
		return false;
	pairs_add_steering(&pairs, from, to);
	if (from->filters != to->filters) {
		pairs_add_filters(&pairs, from->filters, from, to);
		pairs_add_filters(&pairs, to->filters, from, to);
	}
	listed = pairs_list(&pairs, moves, count);
	free(pairs.bit);
	return listed;
}
