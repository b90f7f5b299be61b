/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model: what the test believes that the adapter's NIC switch says, flat and simple, and a history of it.  Control
 * writes version v before the view that it describes can be seen; a packet that was steered by some view between two
 * versions must then agree with one of the models between them.
 */
#ifndef VMMQ_RACE_MODEL_H
#define VMMQ_RACE_MODEL_H

#include <stdatomic.h>
#include <vmmq/rss.h>
#include <vmmq/types.h>

#define PROCESSORS_MAX 16u
#define VPORTS_MAX     32u /* besides VPort 0 */
#define MACS_MAX       (2 * VPORTS_MAX + 2)
#define RULES          4u /* of a MAC: untagged or zero, VLAN_A, VLAN_B, any */
#define RULE_ANY       3u
#define KEYS           4u
#define VLAN_A         10u
#define VLAN_B         20u
#define VLAN_OTHER     30u   /* no filter names it: only "any" matches */
#define NOBODY         0xffu /* no filter of this MAC and rule */

/* Processors by their place in the adapter's list. */
struct model_rss {
	uint8_t exists;
	uint8_t enabled;
	uint8_t key;
	uint8_t primary;
	uint8_t default_processor;
	uint8_t index_mask;
	uint16_t types; /* VMMQ_HASH_* >> 8 */
	uint8_t table[VMMQ_TABLE_ENTRIES_MAX];
};

struct model {
	struct model_rss vport[VPORTS_MAX + 1];
	uint8_t owner[MACS_MAX][RULES]; /* VPort, or NOBODY */
};
#define MODEL_WORDS ((sizeof(struct model) + 7) / 8)

#define HISTORY 2048u /* versions; a packet that is under way for longer cannot be compared any more */

struct history {
	_Atomic uint64_t published;   /* the newest version; control: release */
	_Atomic uint64_t effective;   /* every source steers by this version or a newer one; control: release */
	_Atomic uint64_t drained;     /* all that was steered by older versions is indicated; control: release */
	_Atomic uint64_t overwritten; /* versions below may be gone from the ring; look here after reading */
	_Atomic uint64_t word[HISTORY][MODEL_WORDS]; /* H1: whoever reads a new word also sees overwritten */
};

/* history_write makes model the version after the newest one. */
void history_write(struct history *history, const struct model *model);
/* history_byte reads one byte of a version's model: one in the ring. */
static inline uint8_t history_byte(const struct history *history, uint64_t version, size_t offset)
{
	uint64_t word =
	    atomic_load_explicit(&history->word[version % HISTORY][offset / 8], memory_order_acquire); /* H1 */

	return (uint8_t)(word >> offset % 8 * 8);
}

/* A key by its number, 0 to KEYS - 1. */
void model_key(unsigned number, uint8_t key[VMMQ_KEY_LEN]);

/* What a flow's packets look like to the model. */
enum flow_tag { TAG_NONE, TAG_ZERO, TAG_A, TAG_B, TAG_OTHER, TAG_COUNT };
enum flow_kind { KIND_TCP4, KIND_UDP4, KIND_TCP6, KIND_UDP6, KIND_ICMP4, KIND_ARP, KIND_COUNT };

struct model_flow {
	uint8_t mac; /* number */
	uint8_t tag;
	uint8_t kind;
	uint32_t hash[KEYS][2]; /* of addresses and ports, of addresses only */
};

/* Where the model sends a packet, and what stands beside it. */
struct model_verdict {
	uint8_t vport;
	uint8_t processor;
	bool strip;
	uint16_t entry; /* VMMQ_NO_ENTRY */
	uint32_t hash_type;
	uint32_t hash;
	enum vmmq_via via;
};
struct model_verdict model_steer(const struct history *history, uint64_t version, const struct model_flow *flow);

#endif
