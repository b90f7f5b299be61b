/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receive filter table: every filter sits in one of two 64-byte buckets that its (MAC, VLAN rule) names, so a lookup
 * of one rule reads two cache lines at most.  The table is built whole when configuration changes: keys go to the
 * emptier of their buckets, and if one finds both full, everything starts again with another seed and, every few
 * seeds, twice the buckets.  Encapsulated filters stand apart (inner_filter.h), in the same block.
 */
#include "core/filter_table.h"

#include <errno.h>
#include <stdlib.h>

#define SEEDS_PER_SIZE 4

static size_t filter_bucket_entries(const struct filter_bucket *bucket)
{
	size_t n = 0;

	while (n < FILTER_BUCKET_ENTRIES && bucket->key[n] != FILTER_KEY_FREE)
		n++;
	return n;
}

static bool filter_bucket_has(const struct filter_bucket *bucket, uint64_t key)
{
	for (size_t i = 0; i < filter_bucket_entries(bucket); i++)
		if (bucket->key[i] == key)
			return true;
	return false;
}

/* filter_table_insert returns 0, EEXIST for a key that is there, or EAGAIN when both buckets are full. */
static int filter_table_insert(struct vmmq_filter_table *table, const struct vmmq_filter *filter)
{
	uint64_t key = filter_key(filter_mac(filter->mac), filter->vlan);
	struct filter_slots slots = filter_slots(table, key);
	struct filter_bucket *first = &table->bucket[slots.first], *second = &table->bucket[slots.second];
	struct filter_bucket *emptier =
	    filter_bucket_entries(first) <= filter_bucket_entries(second) ? first : second;
	size_t n = filter_bucket_entries(emptier);

	if (filter_bucket_has(first, key) || filter_bucket_has(second, key))
		return EEXIST;
	if (n == FILTER_BUCKET_ENTRIES)
		return EAGAIN;
	emptier->key[n] = key;
	emptier->entry[n] = filter_entry_make(filter);
	if (filter->vlan == VMMQ_VLAN_ANY)
		table->has_any = true;
	return 0;
}

static struct vmmq_filter_table *filter_table_alloc(size_t bucket_count, size_t inner_slots, uint64_t seed)
{
	size_t inner_at = sizeof(struct vmmq_filter_table) + bucket_count * sizeof(struct filter_bucket);
	size_t lines = (inner_slots * sizeof(struct inner_filter) + CACHE_LINE - 1) / CACHE_LINE;
	size_t size = inner_at + lines * CACHE_LINE;
	struct vmmq_filter_table *table = aligned_alloc(CACHE_LINE, size);

	if (!table)
		return NULL;
	memset(table, 0, size);
	for (size_t i = 0; i < bucket_count; i++)
		for (size_t n = 0; n < FILTER_BUCKET_ENTRIES; n++)
			table->bucket[i].key[n] = FILTER_KEY_FREE;
	table->bucket_mask = bucket_count - 1;
	table->seed = seed;
	if (inner_slots)
		table->inner = (struct inner_filters){ .slot = (void *)((uint8_t *)table + inner_at),
						       .mask = (uint32_t)inner_slots - 1 };
	return table;
}

static int filter_table_fill(struct vmmq_filter_table *table, const struct vmmq_filter *filters, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int error = filters[i].encapsulated ? inner_filter_insert(&table->inner, &filters[i])
						    : filter_table_insert(table, &filters[i]);

		if (error)
			return error;
	}
	return 0;
}

struct vmmq_filter_table *vmmq_filter_table_create(const struct vmmq_filter *filters, size_t count)
{
	size_t inner_count = inner_filters_count(filters, count), inner_slots = inner_count ? 2 : 0;
	size_t bucket_count = 1;

	/* Both at most half full to begin with. */
	while (bucket_count * FILTER_BUCKET_ENTRIES < 2 * (count - inner_count))
		bucket_count *= 2;
	while (inner_slots < 2 * inner_count)
		inner_slots *= 2;
	for (uint64_t seed = 1;; seed++) {
		struct vmmq_filter_table *table =
		    filter_table_alloc(bucket_count, inner_slots, seed * 0x9e3779b97f4a7c15u);
		int error = table ? filter_table_fill(table, filters, count) : ENOMEM;

		if (!error)
			return table;
		vmmq_filter_table_destroy(table);
		if (error != EAGAIN) {
			errno = error;
			return NULL;
		}
		if (seed % SEEDS_PER_SIZE == 0)
			bucket_count *= 2;
	}
}

void filter_table_strip_all(struct vmmq_filter_table *table)
{
	table->none.strip = true;
	for (size_t i = 0; i <= table->bucket_mask; i++)
		for (size_t n = 0; n < filter_bucket_entries(&table->bucket[i]); n++)
			table->bucket[i].entry[n].strip = true;
	inner_filters_strip_all(&table->inner);
}

void vmmq_filter_table_destroy(struct vmmq_filter_table *table)
{
	free(table);
}

struct vmmq_filter_match vmmq_filter_match(const struct vmmq_filter_table *table, const uint8_t *frame,
					   const struct vmmq_headers *headers)
{
	return filter_match(table, filter_mac(frame), headers->tagged, headers->tci);
}
