/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSS parameters of one VPort, and the immutable snapshot of them that packets are steered by.
 * Rules: spec sections 6.2, 6.7, 7 and 11.1.
 */
#ifndef VMMQ_RSS_H
#define VMMQ_RSS_H

#include <vmmq/status.h>
#include <vmmq/toeplitz.h>
#include <vmmq/tunnel.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VMMQ_TABLE_ENTRIES_MAX 128 /* a power of two from 1 (spec 7) */

/*
 * struct vmmq_rss_params: the parameters as a person or a request states them.
 * While enabled is false, table, default processor, key and types are kept ("tracked") but steer nothing; the primary
 * processor steers everything.  table[0 .. entry_count) are processors, entry_count a power of two.
 * receive_hash: hash without RSS (spec 10.6): packets are hashed and reported so, but the primary processor steers them.
 * RSS and receive hash exclude each other; a VPort has one key and one set of types, for whichever is on.
 * encapsulation: in these tunnels the inner headers are hashed; none at first (spec 16).
 */
struct vmmq_rss_params {
	bool enabled;
	bool receive_hash;
	uint32_t hash_types; /* OR of VMMQ_HASH_* */
	uint8_t key[VMMQ_KEY_LEN];
	struct vmmq_processor primary;
	struct vmmq_processor default_processor;
	struct vmmq_encapsulation encapsulation;
	uint16_t entry_count;
	struct vmmq_processor table[VMMQ_TABLE_ENTRIES_MAX];
};

/* vmmq_rss_params_init gives the state of a new VPort (spec 11.1): RSS off, one entry, everything on primary. */
VMMQ_API void vmmq_rss_params_init(struct vmmq_rss_params *params, struct vmmq_processor primary);

/*
 * vmmq_encapsulation_check: INVALID_PARAMETER for an unknown tunnel, and for a VXLAN port that is 0 or another wanted tunnel's, while VXLAN is
 * among them.
 */
VMMQ_API vmmq_status vmmq_encapsulation_check(const struct vmmq_encapsulation *wanted, struct vmmq_why *why);

/* An RSS processor set: count processors, preferred first, no duplicates.  Owned by whoever made it. */
struct vmmq_processor_set {
	const struct vmmq_processor *processor;
	size_t count;
};
VMMQ_API bool vmmq_processor_set_has(const struct vmmq_processor_set *set, struct vmmq_processor processor);

/*
 * vmmq_rss_queues_used counts the distinct processors that params (entry_count at most 128) steers to: table and default processor while RSS is
 * on, the primary alone while it is off (spec 7, 11.3).
 */
VMMQ_API unsigned vmmq_rss_queues_used(const struct vmmq_rss_params *params);

/*
 * vmmq_rss_check validates params against the adapter's processor set and the VPort's queue_pairs.
 * Always: entry_count a power of two from 1 to 128 (INVALID_LENGTH), no unknown type or tunnel bit, with VXLAN a port that no
 * other of the tunnels has (INVALID_PARAMETER).
 * RSS or receive hash on: at least one type, and not both of them on (INVALID_PARAMETER).
 * RSS on: default processor and every entry in the set (INVALID_DATA); distinct processors, the default included, at
 * most queue_pairs (NO_QUEUES).  RSS off: primary in the set (INVALID_DATA).
 * On refusal *why (may be NULL) names the field.  Changes nothing.
 */
VMMQ_API vmmq_status vmmq_rss_check(const struct vmmq_rss_params *params, const struct vmmq_processor_set *set,
				    unsigned queue_pairs, struct vmmq_why *why);

/*
 * struct vmmq_steering: what the packet path reads of a VPort, immutable.  The first line holds all that a packet
 * without a hash needs.  hash_types is 0 when nothing is to be hashed: RSS and receive hash are off.  Only parameters
 * that steer are up to date: primary while RSS is off; table and default processor while it is on.
 * direct_types: those of hash_types with which ports of the outer header are hashed without looking for a tunnel first.
 * Layout: not ABI.
 */
struct vmmq_steering {
	uint32_t hash_types;
	uint32_t direct_types;
	uint16_t index_mask; /* entries - 1 */
	bool rss_enabled;
	uint8_t tunnels; /* that are looked into: VMMQ_TUNNEL_*; 0 when nothing is hashed */
	struct vmmq_processor primary;
	struct vmmq_processor default_processor;
	struct vmmq_toeplitz_key key;
	struct vmmq_processor table[VMMQ_TABLE_ENTRIES_MAX];
	uint16_t vxlan_port; /* 0 unless VXLAN is among the tunnels */
	struct vmmq_encapsulation
	    filtered; /* tunnels in which encapsulated filters of the VPort match, hashed or not */
};

/* vmmq_steering_init fills a snapshot from params that vmmq_rss_check() has accepted. */
VMMQ_API void vmmq_steering_init(struct vmmq_steering *steering, const struct vmmq_rss_params *params);

#ifdef __cplusplus
}
#endif
#endif
