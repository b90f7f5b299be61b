/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/moved_filters.h"

#include <stdlib.h>

#include "core/filter_table.h"

#define SEEN_FIRST 256u

/* filters_owner returns the VPort of the packets that a filter key stands for: its own filter's, else the MAC's ANY, else 0. */
static struct vmmq_vport_id filters_owner(const struct vmmq_filter_table *table, uint64_t key)
{
	const struct filter_entry *found = filter_find(table, key);

	if (!found && table->has_any)
		found = filter_find(table, key | VMMQ_VLAN_ANY);
	return found ? found->vport : (struct vmmq_vport_id){ 0 };
}

void moved_filters_fini(struct moved_filters *moved)
{
	free(moved->pair);
	free(moved->seen);
}

/* seen_slot returns where both are, or may be put. */
static uint32_t *seen_slot(uint32_t *seen, size_t count, uint32_t both)
{
	size_t at = both * 0x9e3779b1u >> 8;

	while (seen[at % count] && seen[at % count] != both) /* count is a power of two */
		at++;
	return &seen[at % count];
}

/* moved_filters_grow makes room for one pair more; false: memory. */
static bool moved_filters_grow(struct moved_filters *moved)
{
	size_t wanted = moved->seen_count ? 2 * moved->seen_count : SEEN_FIRST;
	struct vport_pair *pair;
	uint32_t *seen;

	if (2 * moved->count < moved->seen_count)
		return true;
	pair = realloc(moved->pair, wanted / 2 * sizeof(*pair));
	if (!pair)
		return false;
	moved->pair = pair;
	seen = calloc(wanted, sizeof(*seen));
	if (!seen)
		return false;
	for (size_t i = 0; i < moved->seen_count; i++)
		if (moved->seen[i])
			*seen_slot(seen, wanted, moved->seen[i]) = moved->seen[i];
	free(moved->seen);
	moved->seen = seen;
	moved->seen_count = wanted;
	return true;
}

/* Both are not the same VPort: so no pair is 0. */
bool moved_filters_add(struct moved_filters *moved, struct vmmq_vport_id old, struct vmmq_vport_id vport)
{
	uint32_t both = (uint32_t)old.v << 16 | vport.v, *slot;

	if (old.v == vport.v)
		return true;
	if (!moved_filters_grow(moved))
		return false;
	slot = seen_slot(moved->seen, moved->seen_count, both);
	if (*slot)
		return true;
	*slot = both;
	moved->pair[moved->count++] = (struct vport_pair){ old, vport };
	return true;
}

/*
 * filters_look adds what has gone of one table's keys.  A key stands at the same place in a table that was built of the same
 * keys, so most need no search.
 */
static bool filters_look(struct moved_filters *moved, const struct vmmq_filter_table *keys,
			 const struct vmmq_filter_table *other, bool keys_are_new)
{
	bool alike = keys->seed == other->seed && keys->bucket_mask == other->bucket_mask;

	for (uint64_t b = 0; b <= keys->bucket_mask; b++) {
		for (unsigned i = 0; i < FILTER_BUCKET_ENTRIES && keys->bucket[b].entry[i].filter_id; i++) {
			const struct filter_entry *entry = &keys->bucket[b].entry[i];
			uint64_t key = keys->bucket[b].key[i];
			struct vmmq_vport_id there;

			if (alike && other->bucket[b].key[i] == key)
				there = other->bucket[b].entry[i].vport;
			else
				there = filters_owner(other, key);
			if (!(keys_are_new ? moved_filters_add(moved, there, entry->vport)
					   : moved_filters_add(moved, entry->vport, there)))
				return false;
		}
	}
	return true;
}

/*
 * Both tables' keys count: of one that is new, or no longer there, the packets go between its VPort and the MAC's ANY filter's,
 * or VPort 0.
 */
bool moved_filters_find(struct moved_filters *moved, const struct vmmq_filter_table *from,
			const struct vmmq_filter_table *to)
{
	return filters_look(moved, to, from, true) && filters_look(moved, from, to, false);
}
