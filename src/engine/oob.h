/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OOB on an mbuf (spec 8): the hash value where all DPDK code looks for it (hash.rss and its flag), the stripped tag in
 * vlan_tci with its flags and its type in vlan_tci_outer (which has no meaning of its own without the flags of a second
 * tag), and VPort id, hash information and table entry in a dynamic field of ours.
 */
#ifndef VMMQ_ENGINE_OOB_H
#define VMMQ_ENGINE_OOB_H

#include <assert.h>
#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>
#include <stdbool.h>
#include <vmmq/classify.h>

#include "engine/lane_set.h"

struct oob_field {
	uint32_t hash_information; /* type | function | VMMQ_HASH_INNER; 0: no hash */
	uint16_t vport;
	uint16_t entry; /* of the table; or one of the two below */
};
#define OOB_ENTRY_DEFAULT 0xffffu
#define OOB_ENTRY_PRIMARY 0xfffeu
static_assert(OOB_ENTRY_PRIMARY >= VMMQ_TABLE_ENTRIES_MAX, "no entry of a table has its number");

/* oob_lane returns the lane that a packet came by. */
static inline unsigned oob_lane(const struct oob_field *field)
{
	if (field->entry < VMMQ_TABLE_ENTRIES_MAX)
		return field->entry;
	return field->entry == OOB_ENTRY_PRIMARY ? LANE_PRIMARY : LANE_DEFAULT;
}

/* Where the field is, the same for every adapter in the process: DPDK registers by name.  -1 before oob_register(). */
extern int oob_offset;

/* oob_register finds room for the field; false when no mbuf space is left. */
bool oob_register(void);

static inline struct oob_field *oob_field(struct rte_mbuf *packet)
{
	return RTE_MBUF_DYNFIELD(packet, oob_offset, struct oob_field *);
}

/* oob_set_hash gives a packet that is to be sent a hash; hash_information 0: none. */
static inline void oob_set_hash(struct rte_mbuf *packet, uint32_t hash, uint32_t hash_information)
{
	packet->hash.rss = hash;
	oob_field(packet)->hash_information = hash_information;
}

/* oob_set writes all of a packet's OOB, so nothing stale stays from the buffer's earlier life. */
static inline void oob_set(struct rte_mbuf *packet, const struct vmmq_verdict *verdict)
{
	struct oob_field *field = oob_field(packet);
	uint64_t flags =
	    packet->ol_flags & ~(RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED |
				 RTE_MBUF_F_RX_QINQ | RTE_MBUF_F_RX_QINQ_STRIPPED);
	struct oob_field now = { .vport = verdict->vport.v };

	if (verdict->hash_type) {
		flags |= RTE_MBUF_F_RX_RSS_HASH;
		now.hash_information = verdict->hash_type | VMMQ_HASH_FUNCTION_TOEPLITZ;
	}
	now.entry = verdict->via == VMMQ_VIA_TABLE     ? verdict->entry
		    : verdict->via == VMMQ_VIA_PRIMARY ? OOB_ENTRY_PRIMARY
						       : OOB_ENTRY_DEFAULT;
	if (verdict->strip)
		flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	packet->ol_flags = flags;
	packet->hash.rss = verdict->hash;
	packet->vlan_tci = verdict->tci;
	*field = now;
}

#endif
