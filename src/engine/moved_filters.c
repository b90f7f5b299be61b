/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/moved_filters.h"

#include <stdlib.h>

#include "core/filter_table.h"

/* filters_owner returns the VPort of the packets that a filter key stands for: its own filter's, else the MAC's ANY, else 0. */
static struct vmmq_vport_id filters_owner(const struct vmmq_filter_table *table, uint64_t key)
{
	const struct filter_entry *found = filter_find(table, key);

	if (!found && table->has_any)
		found = filter_find(table, key | VMMQ_VLAN_ANY);
	return found ? found->vport : (struct vmmq_vport_id){ 0 };
}

static size_t table_entries(const struct vmmq_filter_table *table)
{
	return (table->bucket_mask + 1) * FILTER_BUCKET_ENTRIES;
}

static bool moved_filters_init(struct moved_filters *moved, size_t most)
{
	size_t slots = 16;

	while (slots < 2 * most)
		slots *= 2;
	*moved = (struct moved_filters){ .room = most, .seen_mask = slots - 1 };
	moved->pair = malloc(most * sizeof(*moved->pair));
	moved->seen = calloc(slots, sizeof(*moved->seen));
	return moved->pair && moved->seen;
}

void moved_filters_fini(struct moved_filters *moved)
{
	free(moved->pair);
	free(moved->seen);
}

/* moved_filters_add adds a pair unless it is there; two different VPorts, so that no pair is 0. */
static void moved_filters_add(struct moved_filters *moved, struct vmmq_vport_id old, struct vmmq_vport_id vport)
{
	uint32_t both = (uint32_t)old.v << 16 | vport.v;
	size_t at = both * 0x9e3779b1u >> 8;

	while (moved->seen[at & moved->seen_mask]) {
		if (moved->seen[at & moved->seen_mask] == both)
			return;
		at++;
	}
	moved->seen[at & moved->seen_mask] = both;
	moved->pair[moved->count++] = (struct vport_pair){ old, vport };
}

/*
 * An entry's own table need not be searched for it.  Both tables' keys count: of one that is new, or no longer there, the
 * packets go between its VPort and the MAC's ANY filter's, or VPort 0.
 */
bool moved_filters_find(struct moved_filters *moved, const struct vmmq_filter_table *from,
			const struct vmmq_filter_table *to)
{
	if (!moved_filters_init(moved, table_entries(from) + table_entries(to)))
		return false;
	for (uint64_t b = 0; b <= to->bucket_mask; b++) {
		for (unsigned i = 0; i < FILTER_BUCKET_ENTRIES && to->bucket[b].entry[i].filter_id; i++) {
			const struct filter_entry *entry = &to->bucket[b].entry[i];
			struct vmmq_vport_id old = filters_owner(from, entry->key);

			if (old.v != entry->vport.v)
				moved_filters_add(moved, old, entry->vport);
		}
	}
	for (uint64_t b = 0; b <= from->bucket_mask; b++) {
		for (unsigned i = 0; i < FILTER_BUCKET_ENTRIES && from->bucket[b].entry[i].filter_id; i++) {
			const struct filter_entry *entry = &from->bucket[b].entry[i];
			struct vmmq_vport_id new = filters_owner(to, entry->key);

			if (new.v != entry->vport.v)
				moved_filters_add(moved, entry->vport, new);
		}
	}
	return true;
}
