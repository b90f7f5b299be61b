/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NDIS requests as typed values: VPort parameters, RSSv1, RSSv2 and receive hash, with every flag and status that a VMMQ
 * miniport answers with.  The binary layouts that carry them are vmmq/ndis.h's business.
 * Rules: spec sections 3.4, 10, 11 and 12; choices where the sources contradict each other: section 19.
 *
 * Control thread only.  As all operations of the NIC switch (vmmq/nic_switch.h): a refused request changes nothing, *why
 * names the field; inside a group they take part in it.
 */
#ifndef VMMQ_REQUEST_H
#define VMMQ_REQUEST_H

#include <vmmq/nic_switch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NDIS_NIC_SWITCH_VPORT_INTERRUPT_MODERATION. */
enum vmmq_interrupt_moderation {
	VMMQ_INTERRUPT_MODERATION_UNDEFINED = 0,
	VMMQ_INTERRUPT_MODERATION_ADAPTIVE = 1,
	VMMQ_INTERRUPT_MODERATION_OFF = 2,
	VMMQ_INTERRUPT_MODERATION_LOW = 100,
	VMMQ_INTERRUPT_MODERATION_MEDIUM = 200,
	VMMQ_INTERRUPT_MODERATION_HIGH = 300,
};

/* GROUP_AFFINITY: processors of one group (spec 2.3). */
struct vmmq_affinity {
	uint16_t group;
	uint64_t mask;
};

/* Change flags of VPORT_PARAMETERS (spec 17.4). */
#define VMMQ_VPORT_FLAGS_CHANGED       0x00010000u
#define VMMQ_VPORT_NAME_CHANGED        0x00020000u
#define VMMQ_VPORT_INT_MOD_CHANGED     0x00040000u
#define VMMQ_VPORT_STATE_CHANGED       0x00080000u
#define VMMQ_VPORT_AFFINITY_CHANGED    0x00100000u
#define VMMQ_VPORT_QUEUE_PAIRS_CHANGED 0x00800000u

/*
 * What CREATE_VPORT and VPORT_PARAMETERS carry.  name: UTF-8, at most VMMQ_VPORT_NAME_MAX UTF-16 units; "" is legal
 * here, and so is NULL, which means "".
 */
struct vmmq_vport_params {
	uint32_t flags; /* change flags in a set; the low half are the VPort's own (spec 17.4) */
	uint32_t switch_id;
	uint32_t vport_id;
	const char *name;
	uint16_t attached_function; /* 0xffff: the PF */
	uint32_t queue_pairs;
	uint32_t interrupt_moderation;
	uint32_t state;
	struct vmmq_affinity affinity;
};
/*
 * vmmq_vport_create_params adds a VPort: deactivated, which its state says or, undefined, does not say (spec 3.1); the lowest
 * processor of its affinity is primary and default processor and the one table entry (2.3, 11.1).  Change flags are ignored.
 * INVALID_PARAMETER: switch other than 0; id 0, too large or in use; name too long; queue pairs 0, above their bound, or not
 * the others' on a symmetric adapter; another state; unknown moderation or own flag; empty affinity.  NOT_SUPPORTED: a function
 * other than the PF.  INVALID_DATA: that processor is outside the RSS processor set (the rest of the affinity are candidates
 * and not checked).  RESOURCES: queue pairs or memory.
 */
VMMQ_API vmmq_status vmmq_vport_create_params(struct vmmq_nic_switch *sw, const struct vmmq_vport_params *params,
					      struct vmmq_why *why);
/*
 * vmmq_vport_set_params applies the members whose change flag is set, all or none of them (spec 3.1, 3.4, 10.5, 11.1); the
 * others are not looked at.  state: deactivated to activated, or as it is.  affinity: moves the primary processor only, and
 * that is checked while RSS is off.
 * INVALID_PARAMETER: unknown VPort, and as above.  NOT_SUPPORTED: NDK or QoS flagged.  INVALID_DATA: an active primary
 * processor outside the set.  NO_QUEUES: RSS uses more processors.  RESOURCES: the adapter has too few queue pairs; memory.
 */
VMMQ_API vmmq_status vmmq_vport_set_params(struct vmmq_nic_switch *sw, const struct vmmq_vport_params *params,
					   struct vmmq_why *why);
/*
 * vmmq_vport_get_params fills *params with what the VPort has now; name is valid until it changes.  INVALID_PORT if unknown.
 * affinity: as last stated, but the primary processor alone once that was moved elsewhere by another request.
 */
VMMQ_API vmmq_status vmmq_vport_get_params(const struct vmmq_nic_switch *sw, uint32_t vport_id,
					   struct vmmq_vport_params *params);

/* RSSv1 flags (spec 10.2). */
#define VMMQ_RSS_BASE_CPU_UNCHANGED          0x0001u
#define VMMQ_RSS_HASH_INFO_UNCHANGED         0x0002u
#define VMMQ_RSS_ITABLE_UNCHANGED            0x0004u
#define VMMQ_RSS_HASH_KEY_UNCHANGED          0x0008u
#define VMMQ_RSS_DISABLE                     0x0010u
#define VMMQ_RSS_DEFAULT_PROCESSOR_UNCHANGED 0x0020u

/* OID_GEN_RECEIVE_SCALE_PARAMETERS.  table, key: read only when their UNCHANGED flag is clear. */
struct vmmq_rss_v1 {
	uint16_t flags;
	uint16_t base_cpu;
	uint32_t hash_information;
	const struct vmmq_processor *table;
	size_t entry_count;
	const uint8_t *key;
	size_t key_len;
	struct vmmq_processor default_processor;
};
/*
 * vmmq_rss_v1_set enables RSS, updates it, or turns it off (spec 10.3): DISABLE, or hash function 0 in information that is not
 * flagged unchanged, and then nothing else is looked at.  Off, table, key, types and default processor are kept, but the
 * next enable supplies everything again; the default processor alone may be left as it is, as revisions 1 and 2 must.
 * base_cpu is ignored (10.4).  A member that is equal to what is there is no change.  Order of checks, and statuses:
 * INVALID_LENGTH table or key; INVALID_PORT unknown VPort (an inactive one is configured ahead); INVALID_PARAMETER unknown
 * flag; INVALID_OID receive hash is on; INVALID_PARAMETER a first enable that leaves something out, hash information;
 * INVALID_DATA default processor or entry outside the RSS processor set, or on disabling the primary processor; NO_QUEUES
 * more processors than queue pairs; RESOURCES memory.
 */
VMMQ_API vmmq_status vmmq_rss_v1_set(struct vmmq_nic_switch *sw, uint32_t vport_id, const struct vmmq_rss_v1 *request,
				     struct vmmq_why *why);

/* OID_GEN_RECEIVE_HASH: hash without RSS (spec 10.6).  Flags: ENABLE 1, HASH_INFO_UNCHANGED 2, HASH_KEY_UNCHANGED 4. */
#define VMMQ_RECEIVE_HASH_ENABLE         0x1u
#define VMMQ_RECEIVE_HASH_INFO_UNCHANGED 0x2u
#define VMMQ_RECEIVE_HASH_KEY_UNCHANGED  0x4u
struct vmmq_receive_hash {
	uint32_t flags;
	uint32_t hash_information;
	const uint8_t *key;
	size_t key_len;
};
/*
 * vmmq_receive_hash_set turns it on or off.  On, packets carry a hash, without an entry, and the primary processor gets them.
 * A VPort has one key and one set of types, for RSS and for this.  Off to on supplies everything.
 * INVALID_LENGTH key; INVALID_PORT; INVALID_PARAMETER unknown flag; INVALID_OID RSS is on (NOT_SUPPORTED would do as well);
 * INVALID_PARAMETER something left out, hash information (function 0 included); RESOURCES memory.
 */
VMMQ_API vmmq_status vmmq_receive_hash_set(struct vmmq_nic_switch *sw, uint32_t vport_id,
					   const struct vmmq_receive_hash *request, struct vmmq_why *why);

/* RSSv2 flags (spec 11.2). */
#define VMMQ_RSS_V2_ENABLE                    0x01u
#define VMMQ_RSS_V2_HASH_INFO_CHANGED         0x02u
#define VMMQ_RSS_V2_HASH_KEY_CHANGED          0x04u
#define VMMQ_RSS_V2_NUMBER_OF_QUEUES_CHANGED  0x08u
#define VMMQ_RSS_V2_NUMBER_OF_ENTRIES_CHANGED 0x10u

/* OID_GEN_RECEIVE_SCALE_PARAMETERS_V2.  Members without their CHANGED flag are not read, nor hash and key when it is off. */
struct vmmq_rss_v2 {
	uint32_t flags;
	uint32_t hash_information;
	const uint8_t *key;
	size_t key_len;
	uint32_t queues;
	uint32_t entries;
};
/*
 * vmmq_rss_v2_set makes RSS on or off as ENABLE says (function 0 in changed hash information means off), and changes the
 * number of queues and of entries either way.  Checks in the order of spec 11.2: INVALID_LENGTH key; INVALID_PORT;
 * INVALID_PARAMETER unknown flag; INVALID_OID to enable while receive hash is on; INVALID_PARAMETER hash information, queues,
 * entries; NO_QUEUES staying on; INVALID_DATA a shrinking table that does not repeat; INVALID_DATA, NO_QUEUES turning on;
 * INVALID_DATA turning off with the primary processor outside the set; RESOURCES queue pairs, memory; INVALID_PARAMETER queues
 * that are not the others' on a symmetric adapter.
 */
VMMQ_API vmmq_status vmmq_rss_v2_set(struct vmmq_nic_switch *sw, uint32_t vport_id, const struct vmmq_rss_v2 *request,
				     struct vmmq_why *why);

/*
 * vmmq_encapsulation_set is OID_TCP_OFFLOAD_PARAMETERS, as far as it is about encapsulation (spec 16): the adapter's, so of all VPorts.
 * Of the tunnels in mask, those in types are looked into and no others; what is not in mask stays.  vxlan_port 0: stays.
 * INVALID_PARAMETER as vmmq_encapsulation_check(), of any VPort; RESOURCES: memory.
 */
struct vmmq_encapsulation_set {
	uint16_t mask;
	uint16_t types;
	uint16_t vxlan_port;
};
VMMQ_API vmmq_status vmmq_encapsulation_set(struct vmmq_nic_switch *sw, const struct vmmq_encapsulation_set *request,
					    struct vmmq_why *why);

/* Flags of one command of OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES (spec 11.3); 0: the entry at index. */
#define VMMQ_RSS_MOVE_PRIMARY 0x1u
#define VMMQ_RSS_MOVE_DEFAULT 0x2u
/* Indices that stand for the two processors beside the table, when flags are 0 (spec 19.4). */
#define VMMQ_RSS_MOVE_INDEX_DEFAULT 0xffffu
#define VMMQ_RSS_MOVE_INDEX_PRIMARY 0xfffeu
struct vmmq_rss_move {
	uint32_t switch_id;
	uint32_t vport_id;
	uint32_t flags;
	uint16_t index;
	struct vmmq_processor target;
	vmmq_status status; /* out: one for the whole group, never PENDING */
};
/*
 * vmmq_rss_move carries out count commands on behalf of processor actor.  A group is a run of commands with one
 * (switch_id, vport_id): all of it succeeds or fails, whatever becomes of other groups.  Returns SUCCESS when the
 * request as a whole was in order, which a decoded one always is; what became of each command is in its status.
 * Any number of commands (spec 11.3 demands as many as entries).  *why is about the first group that fails, its path begins
 * with "command[N].".  A command that is carried out may point an inactive parameter anywhere; that takes effect, and is
 * checked, when RSS is turned on or off.
 * In order: INVALID_PARAMETER switch other than 0, VPort id beyond the maximum; INVALID_PORT no such VPort;
 * INVALID_PORT_STATE not activated; then for each command, seeing those before it done: INVALID_PARAMETER flags, index;
 * NOT_ACCEPTED it does not point at actor; SUCCESS target is actor; INVALID_DATA an active one to outside the RSS
 * processor set; then, for the group as a whole, NO_QUEUES; RESOURCES memory.
 */
VMMQ_API vmmq_status vmmq_rss_move(struct vmmq_nic_switch *sw, struct vmmq_processor actor,
				   struct vmmq_rss_move *move, size_t count, struct vmmq_why *why);

#ifdef __cplusplus
}
#endif
#endif
