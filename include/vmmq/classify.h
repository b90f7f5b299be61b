/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One packet's way: parse -> match -> hash -> entry -> processor, and the OOB that goes with it.
 * Rules: spec section 5.1, steps 1 to 7.
 */
#ifndef VMMQ_CLASSIFY_H
#define VMMQ_CLASSIFY_H

#include <vmmq/filter.h>
#include <vmmq/parse.h>
#include <vmmq/rss.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * struct vmmq_view: everything a packet is steered by at one instant, immutable: the receive filters and each VPort's
 * steering.  Made by struct vmmq_nic_switch (vmmq/nic_switch.h) or by hand.
 * chunk[id / VMMQ_VIEW_CHUNK]->steering[id % VMMQ_VIEW_CHUNK] is the VPort's snapshot; every VPort that a filter names has
 * one, and so has VPort 0.
 */
#define VMMQ_VIEW_CHUNK 64u
/* Layout: not ABI. */
struct vmmq_view_chunk {
	const struct vmmq_steering *steering[VMMQ_VIEW_CHUNK];
};
/* Layout: not ABI. */
struct vmmq_view {
	const struct vmmq_filter_table *filters;
	const struct vmmq_view_chunk *const *chunk;
	uint32_t chunk_count;
	uint32_t toeplitz; /* enum vmmq_toeplitz_impl, resolved: never AUTO */
	bool outer_only;   /* no VPort and no filter looks into tunnels; false is always right, and slower */
};

/* vmmq_view_steering returns the snapshot of a VPort, or NULL when the view has no such VPort. */
VMMQ_API const struct vmmq_steering *vmmq_view_steering(const struct vmmq_view *view, struct vmmq_vport_id vport);

#define VMMQ_NO_ENTRY 0xffffu

/*
 * struct vmmq_verdict: where a packet goes and what goes with it out of band (spec 8), 24 bytes.
 * A dropped packet has only drop.  hash_type 0 means no hash: hash is then 0.  A hash of value 0 is legal, so ask
 * hash_type, never hash.  entry is VMMQ_NO_ENTRY unless via is the table.
 */
struct vmmq_verdict {
	uint32_t hash;
	uint32_t hash_type; /* one VMMQ_HASH_* bit, with VMMQ_HASH_INNER where it is a hash of inner headers; or 0 */
	struct vmmq_vport_id vport;
	struct vmmq_processor processor;
	uint16_t entry;
	uint16_t tci; /* of the stripped tag; valid with strip */
	uint8_t via;  /* enum vmmq_via */
	uint8_t drop; /* enum vmmq_drop */
	bool strip; /* take the outermost tag (4 bytes at offset 12, or in metadata) out of the frame: it is in tci */
	bool reserved;
	uint32_t filter_id; /* 0: no filter matched */
};

/*
 * vmmq_classify steers one frame of len bytes: the reference, one step after the other, and what explains.
 * headers: NULL, or filled with what the parser saw (outcome RUNT for a dropped packet).
 * Never writes to the frame.  Thread-safe; no allocation, lock or call outside the core.
 */
VMMQ_API void vmmq_classify(const struct vmmq_view *view, const uint8_t *frame, size_t len,
			    struct vmmq_verdict *verdict, struct vmmq_headers *headers);

/*
 * Tags that stand beside a frame, in metadata, and not in it: a device took them out, or is to put them in.  A tag is one in the
 * frame or in metadata (spec 4.3), and one in metadata is outside of all in the frame.
 * count: 0 there is none; 1; 2: a second one stands there, inside of this one.  tci: of the outermost.
 */
struct vmmq_given_tag {
	uint16_t tci;
	uint8_t count;
	uint8_t reserved;
};

/*
 * vmmq_classify_tagged is vmmq_classify() for a frame beside which a tag stands (NULL: none): the verdict is the one for the
 * frame with the tag in it, but that there is nothing to take out of the frame where it says strip.  headers: likewise; offsets
 * are the frame's.
 */
VMMQ_API void vmmq_classify_tagged(const struct vmmq_view *view, const uint8_t *frame, size_t len,
				   const struct vmmq_given_tag *tag, struct vmmq_verdict *verdict,
				   struct vmmq_headers *headers);

/*
 * vmmq_classify_burst steers count frames, with the same verdicts as vmmq_classify() gives one by one, but with the
 * steps interleaved over the burst so that memory latency overlaps.  Any count; 32 is a good one.
 */
VMMQ_API void vmmq_classify_burst(const struct vmmq_view *view, const uint8_t *const frame[], const uint32_t len[],
				  struct vmmq_verdict verdict[], unsigned count);

/*
 * What a device hashes with: its key, and the types that it selects from as spec 6.3 says; hash_types 0: nothing is known.
 * Layout: not ABI.
 */
struct vmmq_device_hash {
	uint32_t hash_types;
	struct vmmq_toeplitz_key key;
};
/* A packet's hash as its device gave it; given false: it gave none. */
struct vmmq_given_hash {
	uint32_t value;
	bool given;
};

/*
 * What stands beside the frames of a burst.  device and hash (by frame): both or neither; tag (by frame): NULL when there is none.
 * until_sample: in, the how many-th hash that would be taken from the device is computed all the same, 0: none; out, how many
 * are left.  sampled: out, the frame whose was, or count.  Which one it is depends on the order in which frames are worked on.
 */
struct vmmq_given {
	const struct vmmq_device_hash *device;
	const struct vmmq_given_hash *hash;
	const struct vmmq_given_tag *tag;
	uint32_t until_sample;
	unsigned sampled;
};

/*
 * vmmq_classify_burst_given is vmmq_classify_burst() for frames from a device.  Tags are as for vmmq_classify_tagged().
 * Where a packet's VPort hashes with the very key and the very types of the device, and a type is selected, the hash is the given
 * one and is not computed: of plain TCP and UDP only, over IPv4 without options or IPv6 without extension headers, untagged or
 * behind one 802.1Q tag, and not of UDP to the ports of tunnels (2152, 4754, 4789, 4790, 6080, 6081, 6635, 8472).  Of all else
 * devices differ in what they hash.
 */
VMMQ_API void vmmq_classify_burst_given(const struct vmmq_view *view, struct vmmq_given *given,
					const uint8_t *const frame[], const uint32_t len[],
					struct vmmq_verdict verdict[], unsigned count);

/*
 * Which hash type applies to parsed headers, and why: the procedure of spec 6.3.
 *   X(name, JSON name, spec section, what a person is told)
 */
/* clang-format off */
#define VMMQ_HASH_RULES(X) \
	X(RSS_OFF,       "rss_off",       "5.1",  "RSS is off for this VPort: the primary processor gets everything") \
	X(UNPARSED,      "unparsed",      "5.3",  "the headers cannot be interpreted, so nothing is hashed") \
	X(FRAGMENT_L3,   "fragment_l3",   "6.3",  "a fragment is hashed by its addresses only") \
	X(FRAGMENT_NONE, "fragment_none", "5.3",  "a fragment, and no addresses-only type is enabled for its IP version") \
	X(L4,            "l4",            "6.3",  "the type for this transport protocol is enabled: addresses and ports") \
	X(L3_TYPE_OFF,   "l3_type_off",   "5.3",  "the type for this transport protocol is not enabled: addresses only") \
	X(L3_PROTOCOL,   "l3_protocol",   "5.3",  "neither TCP nor UDP: addresses only") \
	X(NO_TYPE,       "no_type",       "5.3",  "no enabled hash type applies to this packet") \
	X(TUNNEL_OUTER,  "tunnel_outer",  "16",   "no TCP or UDP can be found inside the tunnel: outer addresses only")
/* clang-format on */

enum vmmq_hash_rule {
#define X(name, text, section, sentence) VMMQ_RULE_##name,
	VMMQ_HASH_RULES(X)
#undef X
	    VMMQ_RULE_COUNT
};
VMMQ_API const char *vmmq_hash_rule_name(enum vmmq_hash_rule rule);
VMMQ_API const char *vmmq_hash_rule_section(enum vmmq_hash_rule rule);
VMMQ_API const char *vmmq_hash_rule_sentence(enum vmmq_hash_rule rule);

/*
 * A choice of hash type: type 0 = no hash.  home, rh2: the substituted address takes part (spec 6.4).
 * inner: it is for the headers inside the tunnel (spec 16).
 */
struct vmmq_hash_choice {
	uint32_t type;
	enum vmmq_hash_rule rule;
	bool home;
	bool rh2;
	bool inner;
};
/* vmmq_hash_choose applies 6.3: hash_types are the enabled ones; rss_enabled: the VPort has RSS, or receive hash, on. */
VMMQ_API struct vmmq_hash_choice vmmq_hash_choose(const struct vmmq_headers *headers, uint32_t hash_types,
						  bool rss_enabled);
/*
 * vmmq_hash_choose_tunnel is the same for a tunnel that the VPort looks into: where TCP or UDP stands directly behind the inner IP
 * header, 6.3 is applied to the inner headers, else to the outer addresses.
 */
VMMQ_API struct vmmq_hash_choice vmmq_hash_choose_tunnel(const struct vmmq_headers *outer,
							 const struct vmmq_tunnel *tunnel, uint32_t hash_types,
							 bool rss_enabled);

/*
 * vmmq_hash_input writes the bytes that choice hashes, in wire order, and returns how many: 8, 12, 32 or 36, or 0
 * when there is no hash.  frame and headers belong together: for an inner choice frame + tunnel.offset and tunnel.inner.
 */
VMMQ_API size_t vmmq_hash_input(const uint8_t *frame, const struct vmmq_headers *headers,
				const struct vmmq_hash_choice *choice, uint8_t input[VMMQ_HASH_INPUT_MAX]);

#ifdef __cplusplus
}
#endif
#endif
