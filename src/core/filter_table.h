/* SPDX-License-Identifier: BSD-2-Clause */
/* The receive filter table's shape and its lookup, inlined into the packet path. */
#ifndef VMMQ_CORE_FILTER_TABLE_H
#define VMMQ_CORE_FILTER_TABLE_H

#include <assert.h>
#include <vmmq/filter.h>

#include "base/cache_line.h"
#include "core/bytes.h"
#include "core/wire_format.h"

#define FILTER_BUCKET_ENTRIES 4

/* filter_id 0: free.  A bucket fills from its front. */
struct filter_entry {
	uint64_t key;
	uint32_t filter_id;
	struct vmmq_vport_id vport;
	bool strip;
	bool reserved;
};

struct filter_bucket {
	_Alignas(CACHE_LINE) struct filter_entry entry[FILTER_BUCKET_ENTRIES];
};
static_assert(sizeof(struct filter_bucket) == CACHE_LINE, "a bucket is one cache line");

struct vmmq_filter_table {
	uint64_t seed;
	uint64_t bucket_mask;
	bool has_any; /* a filter with VMMQ_VLAN_ANY exists, so a second lookup may help */
	struct filter_bucket bucket[];
};

struct filter_slots {
	uint32_t first;
	uint32_t second;
};

/* filter_mac returns the MAC's six bytes in the low 48 bits. */
static inline uint64_t filter_mac(const uint8_t *mac)
{
	return (uint64_t)load_be32(mac) << 16 | load_be16(mac + 4);
}

static inline uint64_t filter_key(uint64_t mac, vmmq_vlan_rule vlan)
{
	return mac << 16 | vlan;
}

/* filter_slots mixes the key with the seed (the finaliser of splitmix64); each half names a bucket. */
static inline struct filter_slots filter_slots(const struct vmmq_filter_table *table, uint64_t key)
{
	uint64_t h = key ^ table->seed;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	h ^= h >> 31;
	return (struct filter_slots){ (uint32_t)(h & table->bucket_mask), (uint32_t)(h >> 32 & table->bucket_mask) };
}

static inline const struct filter_entry *filter_bucket_find(const struct filter_bucket *bucket, uint64_t key)
{
	for (unsigned i = 0; i < FILTER_BUCKET_ENTRIES; i++)
		if (bucket->entry[i].key == key && bucket->entry[i].filter_id)
			return &bucket->entry[i];
	return NULL;
}

static inline const struct filter_entry *filter_find(const struct vmmq_filter_table *table, uint64_t key)
{
	struct filter_slots slots = filter_slots(table, key);
	const struct filter_entry *found = filter_bucket_find(&table->bucket[slots.first], key);

	return found ? found : filter_bucket_find(&table->bucket[slots.second], key);
}

/*
 * filter_match applies 4.3: a frame without a tag, or with a priority tag (VID 0), has VLAN rule 0; any other its VID.  The
 * exact rule goes before ANY.  tci: of the outermost tag, valid with tagged.
 */
static inline struct vmmq_filter_match filter_match(const struct vmmq_filter_table *table, uint64_t mac, bool tagged,
						    uint16_t tci)
{
	vmmq_vlan_rule exact = tagged ? tci & VID_MASK : VMMQ_VLAN_UNTAGGED_OR_ZERO;
	const struct filter_entry *found = filter_find(table, filter_key(mac, exact));

	if (!found && table->has_any)
		found = filter_find(table, filter_key(mac, VMMQ_VLAN_ANY));
	if (!found)
		return (struct vmmq_filter_match){ .vport = { 0 } };
	return (struct vmmq_filter_match){
		.filter_id = found->filter_id,
		.vport = found->vport,
		.strip = found->strip && tagged,
	};
}

#endif
