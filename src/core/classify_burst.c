/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast twin of classify.c: the same steps, each done for the whole burst before the next, so that the cache misses
 * of one packet (frame, filter bucket, steering, table entry) overlap with the work on others, and the hashes are computed
 * several at a time.  Everyday packets pass without a branch that depends on their kind.
 * Equal to vmmq_classify() on every input; classify_burst_test.c holds them together.
 */
#include <vmmq/classify.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/burst_choose.h"
#include "core/burst_runs.h"
#include "core/filter_table.h"
#include "core/given_tag.h"
#include "core/spread.h"

RARE void parse_other(struct burst *b, unsigned i)
{
	struct vmmq_headers *headers = &b->headers[i];
	struct lane *lane = &b->lane[i];

	lane->runt = parse_given(b->frame[i], b->len[i], given_tag(b->given, i), headers) == VMMQ_PARSE_RUNT;
	lane->plain.tagged = headers->tagged;
	lane->plain.tci = headers->tagged ? headers->tci : 0;
}

static inline void burst_parse(struct burst *b)
{
	const struct vmmq_filter_table *filters = b->view->filters;
	const uint8_t *const *frame = b->frame;
	const uint32_t *len = b->len;

	for (unsigned i = 0, count = b->count; i < count; i++) {
		struct lane *lane = &b->lane[i];

		lane->runt = false;
		lane->is_plain = plain_parse(frame[i], len[i], &lane->plain);
		if (!lane->is_plain) {
			parse_other(b, i);
			if (lane->runt)
				continue;
		} else if (given_tag(b->given, i)) {
			lane->plain.tagged = true;
			lane->plain.tci = given_tag(b->given, i)->tci;
		}
		lane->key = filter_key_of(frame[i], lane->plain.tci & VID_MASK);
		lane->slots = filter_slots(filters, lane->key);
		__builtin_prefetch(&filters->bucket[lane->slots.first]);
		__builtin_prefetch(&filters->bucket[lane->slots.second]);
	}
}

/* filter_any is the lookup's second half, when the exact rule has found nothing. */
RARE const struct filter_entry *filter_any(const struct vmmq_filter_table *table, uint64_t key)
{
	const struct filter_entry *found = NULL;

	if (table->has_any)
		found = filter_find(table, key | VMMQ_VLAN_ANY);
	return found ? found : &table->none;
}

typedef unsigned filter_hits_fn(const struct vmmq_filter_table *table, struct filter_slots slots, uint64_t key);

ALWAYS_INLINE void burst_match(struct burst *b, filter_hits_fn *hits_of)
{
	const struct vmmq_filter_table *filters = b->view->filters;

	for (unsigned i = 0, count = b->count; i < count; i++) {
		struct lane *lane = &b->lane[i];
		unsigned hits;

		if (lane->runt) {
			lane->filter = (struct filter_entry){ 0 };
			lane->rss = filter_steering(b->view, VMMQ_DEFAULT_VPORT);
			continue;
		}
		hits = hits_of(filters, lane->slots, lane->key);
		lane->filter = hits ? *filter_hit(filters, lane->slots, hits) : *filter_any(filters, lane->key);
		lane->rss = filter_steering(b->view, lane->filter.vport);
		__builtin_prefetch(lane->rss);
		__builtin_prefetch((const uint8_t *)lane->rss + CACHE_LINE);
	}
}

/* burst_match_inner: packets that encapsulated filters match are theirs, whatever the others have found. */
RARE void burst_match_inner(struct burst *b)
{
	for (unsigned i = 0; i < b->count; i++) {
		const struct lane_payload payload = lane_payload(b, i);
		struct lane *lane = &b->lane[i];
		const struct filter_entry *inner;

		if (!payload.at)
			continue;
		inner = inner_filter_match(b->view, b->frame[i], b->len[i], payload.protocol, payload.at,
					   lane->plain.tci & VID_MASK, &b->tunnel[i]);
		if (inner) {
			lane->filter = *inner;
			lane->rss = filter_steering(b->view, inner->vport);
			b->tunnels |= (uint32_t)((lane->rss->tunnels & b->tunnel[i].type) != 0) << i;
		}
	}
}

/* work_hash repeats the last input to make its group full, so that only whole groups are hashed. */
static inline void work_hash(struct work *work, toeplitz_bulk *bulk)
{
	unsigned count = work->count;

	if (!count)
		return;
	for (unsigned k = 0; k < TOEPLITZ_GROUP - 1; k++) {
		work->key[count + k] = work->key[count - 1];
		work->input[count + k] = work->input[count - 1];
	}
	bulk(work->key, work->input, work->hash, (count + TOEPLITZ_GROUP - 1) / TOEPLITZ_GROUP * TOEPLITZ_GROUP);
}

static inline void burst_prefetch_entries(const struct burst *b)
{
	for (unsigned i = 0, count = b->count; i < count; i++) {
		const struct lane *lane = &b->lane[i];

		__builtin_prefetch(&lane->rss->table[*lane->hash & lane->rss->index_mask]);
	}
}

static inline void burst_spread(const struct burst *b, struct vmmq_verdict verdict[])
{
	for (unsigned i = 0, count = b->count; i < count; i++) {
		const struct lane *lane = &b->lane[i];
		bool strip = lane->filter.strip & lane->plain.tagged;
		struct vmmq_verdict *v = &verdict[i];

		*v = (struct vmmq_verdict){
			.hash = *lane->hash,
			.hash_type = lane->hash_type,
			.vport = lane->filter.vport,
			.entry = VMMQ_NO_ENTRY,
			.tci = lane->plain.tci & (uint16_t)-strip,
			.strip = strip,
			.filter_id = lane->filter.filter_id,
		};

		if (lane->runt)
			*v = (struct vmmq_verdict){ .entry = VMMQ_NO_ENTRY, .drop = VMMQ_DROP_RUNT };
		else
			verdict_spread(lane->rss, v);
	}
}

ALWAYS_INLINE void burst_classify(struct burst *b, filter_hits_fn *hits_of, struct vmmq_verdict verdict[])
{
	const struct toeplitz_ops *toeplitz = toeplitz_ops((enum vmmq_toeplitz_impl)b->view->toeplitz);

	burst_parse(b);
	burst_match(b, hits_of);
	b->tunnels = 0;
	if (b->view->filters->inner.slot)
		burst_match_inner(b);
	burst_choose(b);
	work_hash(&b->work[0], toeplitz->ipv4);
	work_hash(&b->work[1], toeplitz->ipv6);
	burst_prefetch_entries(b);
	burst_spread(b, verdict);
}

static void classify_portable(struct burst *b, struct vmmq_verdict verdict[])
{
	burst_classify(b, filter_hits, verdict);
}

#if defined(__x86_64__)

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline unsigned filter_hits_avx2(const struct vmmq_filter_table *table, struct filter_slots slots,
					     uint64_t key)
{
	const __m256i *first = (const void *)table->bucket[slots.first].key;
	const __m256i *second = (const void *)table->bucket[slots.second].key;
	__m256i keys = _mm256_set1_epi64x((long long)key);
	__m256d a = _mm256_castsi256_pd(_mm256_cmpeq_epi64(keys, _mm256_load_si256(first)));
	__m256d c = _mm256_castsi256_pd(_mm256_cmpeq_epi64(keys, _mm256_load_si256(second)));

	return (unsigned)_mm256_movemask_pd(a) | (unsigned)_mm256_movemask_pd(c) << FILTER_BUCKET_ENTRIES;
}

AVX2 static void classify_avx2(struct burst *b, struct vmmq_verdict verdict[])
{
	burst_classify(b, filter_hits_avx2, verdict);
}

#endif

/* The instruction set is that of the hash, so that one choice forces everything. */
static void burst_run(struct burst *b, struct vmmq_verdict verdict[])
{
#if defined(__x86_64__)
	if (b->view->toeplitz == VMMQ_TOEPLITZ_VPCLMUL || b->view->toeplitz == VMMQ_TOEPLITZ_GFNI) {
		classify_avx2(b, verdict);
		return;
	}
#endif
	classify_portable(b, verdict);
}

/* burst_run_runs classifies the first of each run, and gives the others what that one has; false: there are hardly any, and nothing was done. */
static bool burst_run_runs(struct burst *b, struct vmmq_verdict verdict[])
{
	const unsigned count = b->count;
	struct vmmq_verdict first[BURST];
	struct runs runs;

	if (!b->view->outer_only || !runs_may_be(b->frame, b->len, count))
		return false;
	runs_find(&runs, b->frame, b->len, count);
	b->frame = runs.frame;
	b->len = runs.len;
	b->count = runs.count;
	burst_run(b, first);
	b->count = count;
	for (unsigned i = 0; i < count; i++)
		verdict[i] = first[runs.of[i]];
	return true;
}

static void classify_all(const struct vmmq_view *view, struct given *given, const uint8_t *const frame[],
			 const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
	struct burst b;

	b.view = view;
	b.given = given;
	for (unsigned done = 0; done < count; done += b.count) {
		b.frame = frame + done;
		b.len = len + done;
		b.count = count - done < BURST ? count - done : BURST;
		for (unsigned i = 0; i < b.count; i++)
			__builtin_prefetch(b.frame[i]);
		if (given)
			given_advance(given, done);
		if (given || !burst_run_runs(&b, verdict + done))
			burst_run(&b, verdict + done);
	}
}

/* classify_bitwise: the reference, one by one. */
static void classify_bitwise(const struct vmmq_view *view, struct given *given, const uint8_t *const frame[],
			     const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
	struct vmmq_headers headers;

	for (unsigned i = 0; i < count; i++)
		classify_one(view, given, i, frame[i], len[i], &verdict[i], &headers);
}

void vmmq_classify_burst(const struct vmmq_view *view, const uint8_t *const frame[], const uint32_t len[],
			 struct vmmq_verdict verdict[], unsigned count)
{
	if (view->toeplitz == VMMQ_TOEPLITZ_BITWISE)
		classify_bitwise(view, NULL, frame, len, verdict, count);
	else
		classify_all(view, NULL, frame, len, verdict, count);
}

void vmmq_classify_burst_given(const struct vmmq_view *view, struct vmmq_given *beside, const uint8_t *const frame[],
			       const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
	struct given given = { .beside = beside };

	beside->sampled = count;
	given_advance(&given, 0);
	if (view->toeplitz == VMMQ_TOEPLITZ_BITWISE)
		classify_bitwise(view, &given, frame, len, verdict, count);
	else
		classify_all(view, &given, frame, len, verdict, count);
}
