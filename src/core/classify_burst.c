/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast twin of classify.c: the same steps, each done for the whole burst before the next, so that the cache misses
 * of one packet (filter bucket, steering, table entry) overlap with the work on others, and the hash is taken
 * straight from the frame.  Equal to vmmq_classify() on every input; classify_test.c holds them together.
 */
#include <vmmq/classify.h>

#include "core/device_hash.h"
#include "core/filter_table.h"
#include "core/given_tag.h"
#include "core/hash_type.h"
#include "core/spread.h"
#include "core/toeplitz_clmul.h"

#define BURST         32u
#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* What one packet carries from step to step. */
struct lane {
	struct vmmq_headers headers;
	uint64_t mac;
	const struct vmmq_steering *rss;
	uint8_t shape; /* enum shape */
};

#if defined(__x86_64__)

#define PLAIN_IPV4 0x45 /* version 4, no options */

/*
 * The everyday packets have at most one tag, IPv4 without options or IPv6 without extension headers, TCP or UDP in full, and
 * are no fragments.  Packets of one shape are hashed together, so that the CPU can foresee what comes next.
 */
enum shape { PLAIN_IPV4_SHAPE, PLAIN_IPV6_SHAPE, OTHER_SHAPE, SHAPES };

static inline void headers_plain(struct vmmq_headers *h, enum vmmq_l3 l3, enum vmmq_l4 l4, uint16_t l3_offset,
				 uint16_t src, uint16_t dst, uint16_t l4_offset)
{
	h->outcome = VMMQ_PARSE_OK;
	h->l3 = (uint8_t)l3;
	h->l4 = (uint8_t)l4;
	h->fragment = false;
	h->home_offset = 0;
	h->rh2_offset = 0;
	h->src_offset = l3_offset + src;
	h->dst_offset = l3_offset + dst;
	h->l4_offset = l3_offset + l4_offset;
}

/* plain_l4 tells whether the protocol is TCP or UDP; its header's length, which must be present, is for the caller to ask. */
static inline bool plain_l4(uint8_t protocol)
{
	return (protocol == PROTO_TCP) | (protocol == PROTO_UDP);
}

/* parse_plain fills in what later steps read of an everyday packet; OTHER_SHAPE is for vmmq_parse() to decide. */
static inline enum shape parse_plain_headers(const uint8_t *frame, uint32_t len, struct vmmq_headers *h)
{
	uint16_t at = ETHERNET_LEN;
	uint16_t ethertype;

	if (len < ETHERNET_LEN + TAG_LEN + IPV4_LEN_MIN + UDP_LEN)
		return OTHER_SHAPE;
	ethertype = load_be16(frame + 12);
	h->tagged = ethertype_is_tag(ethertype);
	h->tci = 0;
	if (h->tagged) {
		h->tci = load_be16(frame + 14);
		ethertype = load_be16(frame + 16);
		at += TAG_LEN;
	}
	if (ethertype == ETHERTYPE_IPV4) {
		uint8_t protocol = frame[at + 9];
		uint32_t l4_len = protocol == PROTO_TCP ? TCP_LEN : UDP_LEN;

		if ((frame[at] != PLAIN_IPV4) | !plain_l4(protocol) | (len < at + IPV4_LEN_MIN + l4_len) |
		    ((load_be16(frame + at + 6) & IPV4_FRAGMENT_MASK) != 0))
			return OTHER_SHAPE;
		headers_plain(h, VMMQ_L3_IPV4, protocol == PROTO_TCP ? VMMQ_L4_TCP : VMMQ_L4_UDP, at, 12, 16,
			      IPV4_LEN_MIN);
		return PLAIN_IPV4_SHAPE;
	}
	if (ethertype == ETHERTYPE_IPV6 && len >= at + (uint32_t)IPV6_LEN + TCP_LEN) {
		uint8_t protocol = frame[at + 6];

		if ((frame[at] >> 4 != 6) | !plain_l4(protocol))
			return OTHER_SHAPE;
		headers_plain(h, VMMQ_L3_IPV6, protocol == PROTO_TCP ? VMMQ_L4_TCP : VMMQ_L4_UDP, at, 8, 24,
			      IPV6_LEN);
		return PLAIN_IPV6_SHAPE;
	}
	return OTHER_SHAPE;
}

static inline void burst_parse(const struct vmmq_view *view, const uint8_t *frame, uint32_t len,
			       const struct vmmq_given_tag *tag, struct lane *lane, struct vmmq_verdict *verdict)
{
	struct vmmq_headers *h = &lane->headers;
	struct filter_slots slots;

	*verdict = (struct vmmq_verdict){ .entry = VMMQ_NO_ENTRY };
	lane->shape = (uint8_t)parse_plain_headers(frame, len, h);
	if (lane->shape == OTHER_SHAPE && parse_given(frame, len, tag, h) == VMMQ_PARSE_RUNT) {
		verdict->drop = VMMQ_DROP_RUNT;
		return;
	}
	if (tag) {
		h->tagged = true;
		h->tci = tag->tci;
	}
	lane->mac = filter_mac(frame);
	slots = filter_slots(view->filters, filter_key(lane->mac, h->tagged ? h->tci & VID_MASK : 0));
	__builtin_prefetch(&view->filters->bucket[slots.first]);
	__builtin_prefetch(&view->filters->bucket[slots.second]);
}

static inline void burst_match(const struct vmmq_view *view, struct lane *lane, struct vmmq_verdict *verdict)
{
	const struct vmmq_headers *h = &lane->headers;
	struct vmmq_filter_match match = filter_match(view->filters, lane->mac, h->tagged, h->tci);
	const struct vmmq_view_chunk *chunk = view->chunk[match.vport.v / VMMQ_VIEW_CHUNK];

	verdict->filter_id = match.filter_id;
	verdict->vport = match.vport;
	verdict->strip = match.strip;
	verdict->tci = match.strip ? h->tci : 0;
	lane->rss = chunk->steering[match.vport.v % VMMQ_VIEW_CHUNK];
	__builtin_prefetch(lane->rss);
	__builtin_prefetch((const uint8_t *)lane->rss + CACHE_LINE);
}

TOEPLITZ_CLMUL static inline uint32_t hash_clmul(const struct vmmq_toeplitz_key *key, const uint8_t *frame,
						 const struct vmmq_headers *h, const struct vmmq_hash_choice *choice)
{
	const uint8_t *src = frame + (choice->home ? h->home_offset : h->src_offset);
	const uint8_t *dst = frame + (choice->rh2 ? h->rh2_offset : h->dst_offset);
	unsigned words;
	__m128i shares;

	if (h->l3 == VMMQ_L3_IPV4) {
		shares =
		    _mm_xor_si128(toeplitz_share(key, 0, load_be32(src)), toeplitz_share(key, 1, load_be32(dst)));
		words = 2;
	} else {
		shares = _mm_xor_si128(toeplitz_share_words(key, 0, src, 4), toeplitz_share_words(key, 4, dst, 4));
		words = 8;
	}
	if (choice->rule == VMMQ_RULE_L4)
		shares = _mm_xor_si128(shares, toeplitz_share(key, words, load_be32(frame + h->l4_offset)));
	return toeplitz_result(shares);
}

static inline void verdict_hash_set(const struct lane *lane, uint32_t type, uint32_t hash,
				    struct vmmq_verdict *verdict)
{
	verdict->hash_type = type;
	verdict->hash = hash;
	__builtin_prefetch(&lane->rss->table[hash & lane->rss->index_mask]);
}

/* burst_hash: regular tells of headers that are headers_are_plain() without a look at them. */
TOEPLITZ_CLMUL __attribute__((noinline)) static void burst_hash(const uint8_t *frame, const struct lane *lane,
								struct given *given, unsigned i, bool regular,
								struct vmmq_verdict *verdict)
{
	struct vmmq_hash_choice choice = hash_choose(&lane->headers, lane->rss->hash_types, lane->rss->hash_types);

	if (!choice.type)
		return;
	if (given && (regular || headers_are_plain(&lane->headers)) &&
	    hash_is_given(given, i, frame, &lane->headers, lane->rss))
		verdict_hash_set(lane, choice.type, given->hash[i].value, verdict);
	else
		verdict_hash_set(lane, choice.type, hash_clmul(&lane->rss->key, frame, &lane->headers, &choice),
				 verdict);
}

/* burst_hash_plain: an everyday packet's addresses and ports are words in a row; l4_type is hashed if the VPort has it. */
TOEPLITZ_CLMUL static inline void burst_hash_plain(const uint8_t *frame, const struct lane *lane, struct given *given,
						   unsigned i, uint32_t l4_type, uint32_t ex_types, unsigned words,
						   struct vmmq_verdict *verdict)
{
	const struct vmmq_toeplitz_key *key = &lane->rss->key;

	if ((lane->rss->hash_types & (l4_type | ex_types)) != l4_type) /* nothing hashed: no type at all */
		burst_hash(frame, lane, given, i, true, verdict);
	else if (hash_is_given(given, i, frame, &lane->headers, lane->rss))
		verdict_hash_set(lane, l4_type, given->hash[i].value, verdict);
	else
		verdict_hash_set(
		    lane, l4_type,
		    toeplitz_result(toeplitz_share_words(key, 0, frame + lane->headers.src_offset, words)), verdict);
}

/* Lanes of one shape. */
struct lanes {
	unsigned count;
	uint8_t lane[BURST];
};

TOEPLITZ_CLMUL ALWAYS_INLINE void hash_lanes(const struct lanes lanes[SHAPES], const uint8_t *const frame[],
					     const struct lane lane[], struct given *given,
					     struct vmmq_verdict verdict[])
{
	for (unsigned k = 0; k < lanes[PLAIN_IPV4_SHAPE].count; k++) {
		unsigned i = lanes[PLAIN_IPV4_SHAPE].lane[k];

		burst_hash_plain(frame[i], &lane[i], given, i,
				 lane[i].headers.l4 == VMMQ_L4_TCP ? VMMQ_HASH_TCP_IPV4 : VMMQ_HASH_UDP_IPV4, 0, 3,
				 &verdict[i]);
	}
	for (unsigned k = 0; k < lanes[PLAIN_IPV6_SHAPE].count; k++) {
		unsigned i = lanes[PLAIN_IPV6_SHAPE].lane[k];

		burst_hash_plain(frame[i], &lane[i], given, i,
				 lane[i].headers.l4 == VMMQ_L4_TCP ? VMMQ_HASH_TCP_IPV6 : VMMQ_HASH_UDP_IPV6,
				 VMMQ_HASH_TCP_IPV6_EX | VMMQ_HASH_UDP_IPV6_EX, 9, &verdict[i]);
	}
	for (unsigned k = 0; k < lanes[OTHER_SHAPE].count; k++) {
		unsigned i = lanes[OTHER_SHAPE].lane[k];

		burst_hash(frame[i], &lane[i], given, i, false, &verdict[i]);
	}
}

TOEPLITZ_CLMUL ALWAYS_INLINE void classify_lanes(const struct vmmq_view *view, struct given *given,
						 const uint8_t *const frame[], const uint32_t len[],
						 struct vmmq_verdict verdict[], unsigned count)
{
	struct lanes lanes[SHAPES] = { 0 };
	struct lane lane[BURST];

	for (unsigned i = 0; i < count; i++)
		burst_parse(view, frame[i], len[i], given_tag(given, i), &lane[i], &verdict[i]);
	for (unsigned i = 0; i < count; i++) {
		struct lanes *shape = &lanes[lane[i].shape];

		if (verdict[i].drop)
			continue;
		burst_match(view, &lane[i], &verdict[i]);
		shape->lane[shape->count++] = (uint8_t)i;
	}
	hash_lanes(lanes, frame, lane, given, verdict);
	for (unsigned i = 0; i < count; i++)
		if (!verdict[i].drop)
			verdict_spread(lane[i].rss, &verdict[i]);
}

/* Two of it, so that whoever has nothing beside the frames does not pay for it. */
TOEPLITZ_CLMUL static void classify_computing(const struct vmmq_view *view, const uint8_t *const frame[],
					      const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
	classify_lanes(view, NULL, frame, len, verdict, count);
}

TOEPLITZ_CLMUL static void classify_given(const struct vmmq_view *view, struct given *given,
					  const uint8_t *const frame[], const uint32_t len[],
					  struct vmmq_verdict verdict[], unsigned count)
{
	classify_lanes(view, given, frame, len, verdict, count);
}

#endif

static void classify_bitwise(const struct vmmq_view *view, struct given *given, const uint8_t *const frame[],
			     const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
	struct vmmq_headers headers;

	for (unsigned i = 0; i < count; i++)
		classify_one(view, given, i, frame[i], len[i], &verdict[i], &headers);
}

/* classify_some: at most BURST packets. */
static void classify_some(const struct vmmq_view *view, struct given *given, const uint8_t *const frame[],
			  const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
#if defined(__x86_64__)
	if (view->toeplitz == VMMQ_TOEPLITZ_CLMUL && given) {
		classify_given(view, given, frame, len, verdict, count);
		return;
	}
	if (view->toeplitz == VMMQ_TOEPLITZ_CLMUL) {
		classify_computing(view, frame, len, verdict, count);
		return;
	}
#endif
	classify_bitwise(view, given, frame, len, verdict, count);
}

static inline unsigned burst_length(unsigned left)
{
	return left < BURST ? left : BURST;
}

void vmmq_classify_burst(const struct vmmq_view *view, const uint8_t *const frame[], const uint32_t len[],
			 struct vmmq_verdict verdict[], unsigned count)
{
	for (unsigned done = 0; done < count; done += BURST)
		classify_some(view, NULL, frame + done, len + done, verdict + done, burst_length(count - done));
}

void vmmq_classify_burst_given(const struct vmmq_view *view, struct vmmq_given *beside, const uint8_t *const frame[],
			       const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
	struct given given = { .beside = beside };

	beside->sampled = count;
	for (unsigned done = 0; done < count; done += BURST) {
		given.first = done;
		given.hash = beside->hash ? beside->hash + done : NULL;
		given.tag = beside->tag ? beside->tag + done : NULL;
		classify_some(view, &given, frame + done, len + done, verdict + done, burst_length(count - done));
	}
}
