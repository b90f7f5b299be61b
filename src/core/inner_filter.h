/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Encapsulated filters: by the destination inside a tunnel, the outermost tag's VLAN and the network (spec 16.2).  A part of the filter
 * table, hashed with open addressing, at most half full: there are few of them, and only packets that may be tunnels ask.
 */
#ifndef VMMQ_CORE_INNER_FILTER_H
#define VMMQ_CORE_INNER_FILTER_H

#include <vmmq/classify.h>

#include "core/tunnel_header.h"

/* What a packet has that a filter matches. */
struct filter_entry {
	uint32_t filter_id; /* 0: none */
	struct vmmq_vport_id vport;
	bool strip;
	bool reserved;
};

struct inner_filter {
	uint64_t key;              /* filter_key(): MAC inside and VLAN rule */
	uint32_t vni;              /* VMMQ_VNI_ANY: of every network */
	struct filter_entry entry; /* filter_id 0: free */
};

struct inner_filters {
	struct inner_filter *slot; /* NULL: there are no such filters */
	uint32_t mask;             /* slots - 1 */
	bool has_any_vlan;
	bool names_networks;
};

static inline struct filter_entry filter_entry_make(const struct vmmq_filter *filter)
{
	return (struct filter_entry){
		.filter_id = filter->id,
		.vport = filter->vport,
		.strip = filter->vlan != VMMQ_VLAN_UNTAGGED_OR_ZERO,
	};
}

/* inner_filters_count returns how many of the filters are encapsulated. */
size_t inner_filters_count(const struct vmmq_filter *filters, size_t count);
/* inner_filter_insert returns 0, or EEXIST for one that is there; there is room. */
int inner_filter_insert(struct inner_filters *inner, const struct vmmq_filter *filter);
void inner_filters_strip_all(struct inner_filters *inner);

/* inner_filter_slot returns where such a filter is, or may be put. */
static inline struct inner_filter *inner_filter_slot(const struct inner_filters *inner, uint64_t key, uint32_t vni)
{
	uint64_t mixed = (key ^ (uint64_t)vni << 40) * 0x9e3779b97f4a7c15u;
	struct inner_filter *at;

	for (uint32_t i = (uint32_t)(mixed >> 32);; i++) {
		at = &inner->slot[i & inner->mask];
		if (!at->entry.filter_id || (at->key == key && at->vni == vni))
			return at;
	}
}

/* inner_filter_find returns the filter of exactly that key and network, or NULL.  There are some filters. */
static inline const struct inner_filter *inner_filter_find(const struct inner_filters *inner, uint64_t key,
							   uint32_t vni)
{
	const struct inner_filter *found = inner_filter_slot(inner, key, vni);

	return found->entry.filter_id ? found : NULL;
}

/* filter_steering returns the snapshot of a VPort that a filter names: there is one. */
static inline const struct vmmq_steering *filter_steering(const struct vmmq_view *view, struct vmmq_vport_id vport)
{
	return view->chunk[vport.v / VMMQ_VIEW_CHUNK]->steering[vport.v % VMMQ_VIEW_CHUNK];
}

/*
 * inner_filter_match returns what the encapsulated filters have for a packet, or NULL: none matches.  protocol: of its outer IP header,
 * whose payload is at offset at; a packet that is no fragment, and of UDP the header is there.  rule: by its outermost tag.  *tunnel: of one that matches,
 * the header as it was read for that.
 */
const struct filter_entry *inner_filter_match(const struct vmmq_view *view, const uint8_t *frame, size_t len,
					      uint8_t protocol, size_t at, vmmq_vlan_rule rule,
					      struct tunnel_header *tunnel);

#endif
