/* SPDX-License-Identifier: BSD-2-Clause */
/* The receive filter table's shape and its lookup, inlined into the packet path. */
#ifndef VMMQ_CORE_FILTER_TABLE_H
#define VMMQ_CORE_FILTER_TABLE_H

#include <assert.h>
#include <vmmq/filter.h>

#include "base/cache_line.h"
#include "core/bytes.h"
#include "core/inner_filter.h"
#include "core/wire_format.h"

#define FILTER_BUCKET_ENTRIES 4

#define FILTER_KEY_FREE 0xfffeu /* no VLAN rule has this number, so no key is this one */

/* A bucket fills from its front.  Keys stand together, so that one instruction compares them all. */
struct filter_bucket {
	_Alignas(CACHE_LINE) uint64_t key[FILTER_BUCKET_ENTRIES];
	struct filter_entry entry[FILTER_BUCKET_ENTRIES];
};
static_assert(sizeof(struct filter_bucket) == CACHE_LINE, "a bucket is one cache line");

struct vmmq_filter_table {
	uint64_t seed;
	uint64_t bucket_mask;
	bool has_any;             /* a filter with VMMQ_VLAN_ANY exists, so a second lookup may help */
	struct filter_entry none; /* what a frame has that no filter matches: VPort 0 */
	struct inner_filters inner;
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

/* filter_key_of is the key of a frame of 8 bytes or more under the rule of a VLAN. */
static inline uint64_t filter_key_of(const uint8_t *frame, vmmq_vlan_rule vlan)
{
	return (load_be64(frame) & ~(uint64_t)0xffff) | vlan;
}

/*
 * filter_slots mixes the key with the seed: the halves of a 128-bit product XORed, as wyhash does; each half of that names
 * a bucket.
 */
static inline struct filter_slots filter_slots(const struct vmmq_filter_table *table, uint64_t key)
{
	unsigned __int128 product = (unsigned __int128)(key ^ table->seed) * 0x9e3779b97f4a7c15u;
	uint64_t h = (uint64_t)product ^ (uint64_t)(product >> 64);

	return (struct filter_slots){ (uint32_t)(h & table->bucket_mask), (uint32_t)(h >> 32 & table->bucket_mask) };
}

/* filter_hits returns a bit for each entry of the first bucket that has the key, and above them for each of the second. */
static inline unsigned filter_hits(const struct vmmq_filter_table *table, struct filter_slots slots, uint64_t key)
{
	const uint64_t *first = table->bucket[slots.first].key, *second = table->bucket[slots.second].key;
	unsigned hits = 0;

	for (unsigned i = 0; i < FILTER_BUCKET_ENTRIES; i++)
		hits |= (unsigned)(first[i] == key) << i | (unsigned)(second[i] == key)
							       << (FILTER_BUCKET_ENTRIES + i);
	return hits;
}

/* filter_hit returns the entry of the lowest bit of hits, which are not 0. */
static inline const struct filter_entry *filter_hit(const struct vmmq_filter_table *table, struct filter_slots slots,
						    unsigned hits)
{
	unsigned at = (unsigned)__builtin_ctz(hits);
	uint32_t bucket = at < FILTER_BUCKET_ENTRIES ? slots.first : slots.second;

	return &table->bucket[bucket].entry[at % FILTER_BUCKET_ENTRIES];
}

/* filter_table_strip_all makes every frame's tag one that moves to OOB, whatever its filter says.  Before anybody else sees the table. */
void filter_table_strip_all(struct vmmq_filter_table *table);

static inline const struct filter_entry *filter_find(const struct vmmq_filter_table *table, uint64_t key)
{
	struct filter_slots slots = filter_slots(table, key);
	unsigned hits = filter_hits(table, slots, key);

	return hits ? filter_hit(table, slots, hits) : NULL;
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
		found = &table->none;
	return (struct vmmq_filter_match){
		.filter_id = found->filter_id,
		.vport = found->vport,
		.strip = found->strip && tagged,
	};
}

#endif
