/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receive filters: (destination MAC, VLAN rule) -> VPort; of encapsulated ones the MAC is one inside a tunnel.
 * Rules: spec section 4; the twelve cells of 4.3; 16.2.
 */
#ifndef VMMQ_FILTER_H
#define VMMQ_FILTER_H

#include <vmmq/parse.h>
#include <vmmq/status.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Which tags a filter's MAC is matched with (spec 4.3): a VLAN id, or one of the two rules below.
 * Two filters of one MAC may overlap only as (VLAN or untagged rule) inside ANY; the narrower one then wins.
 */
typedef uint16_t vmmq_vlan_rule;
#define VMMQ_VLAN_UNTAGGED_OR_ZERO                                                                                   \
	((vmmq_vlan_rule)0) /* no tag, or a priority tag (VID 0), which stays in the frame */
#define VMMQ_VLAN_ID_MIN 1u /* 1 to 4094: that VLAN only; the tag moves to OOB */
#define VMMQ_VLAN_ID_MAX 4094u
#define VMMQ_VLAN_ANY    ((vmmq_vlan_rule)0xffff) /* untagged and every VLAN; a tag of any VID moves to OOB */

#define VMMQ_VNI_ANY ((uint32_t)0)
#define VMMQ_VNI_MAX 0xffffffu

/*
 * A receive filter.  id: unique over the adapter, from 1; 0 means "no filter".
 * encapsulated: mac is the destination inside a tunnel that the filter's VPort looks into (vmmq/rss.h), whether its RSS is on or
 * off; the VLAN rule is about the outermost tag all the same.  vni: then VMMQ_VNI_ANY, or the only network (VNI or VSID) whose
 * packets match, 1 to VMMQ_VNI_MAX; otherwise 0.
 */
struct vmmq_filter {
	uint32_t id;
	struct vmmq_vport_id vport;
	vmmq_vlan_rule vlan;
	uint8_t mac[VMMQ_MAC_LEN];
	bool encapsulated;
	uint32_t vni;
};

/* What a lookup found.  filter_id 0: nothing matched, the packet is VPort 0's. */
struct vmmq_filter_match {
	uint32_t filter_id;
	struct vmmq_vport_id vport;
	bool strip; /* the frame's outermost tag moves to OOB */
};

/*
 * struct vmmq_filter_table: an immutable lookup table.  A lookup reads at most two cache lines per rule tried,
 * whatever the number of filters.
 */
struct vmmq_filter_table;

/*
 * vmmq_filter_table_create builds a table of count filters (0 is legal), copying them.
 * Returns NULL only when memory is short, or with EEXIST in errno when two filters are one but for VPort and id.
 * vmmq_filter_table_destroy frees it (NULL is legal); the caller sees to it that nobody reads it any more.
 */
VMMQ_API struct vmmq_filter_table *vmmq_filter_table_create(const struct vmmq_filter *filters, size_t count);
VMMQ_API void vmmq_filter_table_destroy(struct vmmq_filter_table *table);

/*
 * vmmq_filter_match finds the filter for a frame whose headers were parsed (outcome other than RUNT), of those that are not
 * encapsulated: which tunnels the others look into is known to a view only (vmmq/classify.h).
 * frame: at least its first VMMQ_MAC_LEN bytes.  Order: the exact rule first (the tag's VLAN, or untagged-or-zero),
 * then ANY.  Thread-safe.
 */
VMMQ_API struct vmmq_filter_match vmmq_filter_match(const struct vmmq_filter_table *table, const uint8_t *frame,
						    const struct vmmq_headers *headers);

#ifdef __cplusplus
}
#endif
#endif
