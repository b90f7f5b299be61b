/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet's whole way through the core: ours in bursts on each instruction set, ours one by one (the reference), and the
 * textbook's.  Frames are in the cache, as a burst is just after it has been written there, or in memory.
 */
#include <emmintrin.h>
#include <rte_cycles.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_core.h"

#define PROCESSORS 16u

struct steering_work {
	struct vmmq_view view; /* its implementation is exchanged */
	enum vmmq_toeplitz_impl best;
	const struct textbook *textbook;
	bool cached;
	uint64_t random;
	uint8_t (*frame)[FRAME_ROOM];
	const uint8_t *frame_at[PACKETS];
	uint32_t len[PACKETS];
	uint16_t processor[PACKETS];
};

typedef void steer_burst(struct steering_work *w, const uint8_t *const frame[], const uint32_t len[],
			 uint16_t processor[]);

/*
 * run steers all packets in bursts, and returns what they would take if each burst took the median, so that other work on
 * the machine does not count.  Cached: each burst is first copied to where the one before it was, outside the time.
 */
static inline __attribute__((always_inline)) uint64_t run(struct steering_work *w, steer_burst *steer)
{
	static _Alignas(64) uint8_t room[BURST][FRAME_ROOM];
	const uint8_t *room_at[BURST];
	static double cycles[PACKETS / BURST];
	uint64_t start;

	for (unsigned i = 0; i < BURST; i++)
		room_at[i] = room[i];
	for (unsigned at = 0; at < PACKETS; at += BURST) {
		for (unsigned i = 0; w->cached && i < BURST; i++)
			memcpy(room[i], w->frame_at[at + i], FRAME_ROOM);
		start = rte_rdtsc_precise();
		steer(w, w->cached ? room_at : w->frame_at + at, w->len + at, w->processor + at);
		cycles[at / BURST] = (double)(rte_rdtsc_precise() - start);
	}
	return (uint64_t)(median_of(cycles, PACKETS / BURST) * (PACKETS / BURST));
}

/* run_from evicts the frames first if they are to come from memory. */
static inline __attribute__((always_inline)) uint64_t run_from(void *context, steer_burst *steer)
{
	struct steering_work *w = context;

	for (unsigned i = 0; !w->cached && i < PACKETS; i++)
		for (unsigned byte = 0; byte < FRAME_ROOM; byte += 64)
			_mm_clflush(w->frame[i] + byte);
	_mm_mfence();
	return run(w, steer);
}

static void steer_nothing(struct steering_work *w, const uint8_t *const frame[], const uint32_t len[],
			  uint16_t processor[])
{
	(void)w;
	(void)frame;
	(void)len;
	(void)processor;
}

static void steer_ours(struct steering_work *w, const uint8_t *const frame[], const uint32_t len[],
		       uint16_t processor[])
{
	struct vmmq_verdict verdict[BURST];

	vmmq_classify_burst(&w->view, frame, len, verdict, BURST);
	for (unsigned i = 0; i < BURST; i++)
		processor[i] = verdict[i].processor.v;
}

static void steer_reference(struct steering_work *w, const uint8_t *const frame[], const uint32_t len[],
			    uint16_t processor[])
{
	for (unsigned i = 0; i < BURST; i++) {
		struct vmmq_verdict verdict;

		vmmq_classify(&w->view, frame[i], len[i], &verdict, NULL);
		processor[i] = verdict.processor.v;
	}
}

static void steer_textbook(struct steering_work *w, const uint8_t *const frame[], const uint32_t len[],
			   uint16_t processor[])
{
	textbook_burst(w->textbook, false, frame, len, processor, BURST);
}

static void steer_textbook_gfni(struct steering_work *w, const uint8_t *const frame[], const uint32_t len[],
				uint16_t processor[])
{
	textbook_burst(w->textbook, true, frame, len, processor, BURST);
}

static uint64_t run_nothing(void *context)
{
	return run_from(context, steer_nothing);
}

static uint64_t run_burst(void *context)
{
	struct steering_work *w = context;

	w->view.toeplitz = w->best;
	return run_from(w, steer_ours);
}

static uint64_t run_gfni(void *context)
{
	struct steering_work *w = context;

	w->view.toeplitz = VMMQ_TOEPLITZ_GFNI;
	return run_from(w, steer_ours);
}

static uint64_t run_clmul(void *context)
{
	struct steering_work *w = context;

	w->view.toeplitz = VMMQ_TOEPLITZ_CLMUL;
	return run_from(w, steer_ours);
}

static uint64_t run_portable(void *context)
{
	struct steering_work *w = context;

	w->view.toeplitz = VMMQ_TOEPLITZ_PORTABLE;
	return run_from(w, steer_ours);
}

static uint64_t run_reference(void *context)
{
	struct steering_work *w = context;

	w->view.toeplitz = w->best;
	return run_from(w, steer_reference);
}

static uint64_t run_textbook(void *context)
{
	return run_from(context, steer_textbook);
}

static uint64_t run_textbook_gfni(void *context)
{
	return run_from(context, steer_textbook_gfni);
}

static void shuffle(void *context)
{
	struct steering_work *w = context;

	for (unsigned i = PACKETS - 1; i > 0; i--) {
		unsigned j = random_below(&w->random, i + 1);
		const uint8_t *frame = w->frame_at[i];
		uint32_t len = w->len[i];

		w->frame_at[i] = w->frame_at[j];
		w->len[i] = w->len[j];
		w->frame_at[j] = frame;
		w->len[j] = len;
	}
}

static bool vport_add(struct vmmq_nic_switch *sw, uint16_t v, uint64_t *random)
{
	struct vmmq_vport_id id = { v };
	struct vmmq_rss_params rss;
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;

	frame_mac(v, mac);
	vmmq_rss_params_init(&rss, (struct vmmq_processor){ (uint16_t)(v % PROCESSORS) });
	rss.enabled = true;
	rss.entry_count = VMMQ_TABLE_ENTRIES_MAX;
	for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
		rss.key[i] = (uint8_t)random_u64(random);
	for (unsigned i = 0; i < rss.entry_count; i++)
		rss.table[i].v = (uint16_t)random_below(random, PROCESSORS);
	return vmmq_vport_create(sw, id, "vport", PROCESSORS, rss.primary, NULL) == VMMQ_SUCCESS &&
	       vmmq_vport_activate(sw, id, NULL) == VMMQ_SUCCESS &&
	       vmmq_rss_set(sw, id, &rss, NULL) == VMMQ_SUCCESS &&
	       vmmq_filter_set(sw, id, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter, NULL) == VMMQ_SUCCESS &&
	       vmmq_filter_set(sw, id, mac, FRAME_VLAN, &filter, NULL) == VMMQ_SUCCESS;
}

static struct vmmq_nic_switch *switch_make(unsigned vports)
{
	struct vmmq_processor processor[PROCESSORS];
	struct vmmq_nic_switch_params params = { .processors = processor, .processor_count = PROCESSORS };
	struct vmmq_nic_switch *sw;
	uint64_t random = 2;

	for (uint16_t i = 0; i < PROCESSORS; i++)
		processor[i].v = i;
	if (vmmq_nic_switch_create(&params, &sw, NULL) != VMMQ_SUCCESS)
		return NULL;
	vmmq_nic_switch_begin(sw);
	for (unsigned v = 1; v <= vports; v++) {
		if (!vport_add(sw, (uint16_t)v, &random)) {
			vmmq_nic_switch_destroy(sw);
			return NULL;
		}
	}
	vmmq_nic_switch_commit(sw, NULL);
	return sw;
}

/* agree holds every racer but the first, which does nothing, to the reference. */
static bool agree(struct steering_work *w, const struct racer racer[], unsigned count)
{
	static uint16_t expected[PACKETS];

	run_reference(w);
	memcpy(expected, w->processor, sizeof(expected));
	for (unsigned c = 0; c < count; c++) {
		if (racer[c].run == run_nothing)
			continue;
		memset(w->processor, 0xff, sizeof(w->processor));
		racer[c].run(w);
		for (unsigned i = 0; i < PACKETS; i++) {
			if (w->processor[i] == expected[i])
				continue;
			fprintf(stderr, "bench-core: %s: packet %u goes to %u instead of %u\n", racer[c].name, i,
				w->processor[i], expected[i]);
			return false;
		}
	}
	return true;
}

static unsigned racers(struct steering_work *w, struct racer racer[])
{
	unsigned count = 0;

	racer[count++] = (struct racer){ "vmmq_classify_burst(), 32 packets", run_burst, w, PACKETS };
	if (vmmq_toeplitz_resolve(VMMQ_TOEPLITZ_GFNI) == VMMQ_TOEPLITZ_GFNI && w->best != VMMQ_TOEPLITZ_GFNI)
		racer[count++] = (struct racer){ "the same, gfni", run_gfni, w, PACKETS };
	if (vmmq_toeplitz_resolve(VMMQ_TOEPLITZ_CLMUL) == VMMQ_TOEPLITZ_CLMUL)
		racer[count++] = (struct racer){ "the same, clmul", run_clmul, w, PACKETS };
	racer[count++] = (struct racer){ "the same, portable", run_portable, w, PACKETS };
	racer[count++] = (struct racer){ "vmmq_classify(), the reference", run_reference, w, PACKETS };
	racer[count++] = (struct racer){ "textbook: rte_hash bulk, rte_softrss_be", run_textbook, w, PACKETS };
	if (gfni_supported())
		racer[count++] =
		    (struct racer){ "textbook: rte_hash bulk, rte_thash_gfni", run_textbook_gfni, w, PACKETS };
	racer[count++] = (struct racer){ "nothing: the clock alone", run_nothing, w, PACKETS };
	return count;
}

static bool compete(struct steering_work *w, unsigned vports, bool mixed, bool cached, unsigned rounds)
{
	struct racer racer[RACERS_MAX];
	unsigned count = racers(w, racer);
	char title[128];

	w->cached = cached;
	w->random = vports;
	for (unsigned i = 0; i < PACKETS; i++) {
		uint16_t vport = (uint16_t)(1 + random_below(&w->random, vports));

		w->frame_at[i] = w->frame[i];
		w->len[i] = frame_make(w->frame[i], mixed ? frame_mixed(&w->random) : FRAME_TCP4, vport, &w->random);
	}
	snprintf(title, sizeof(title), "Classify, %u VPort%s, %s, headers in %s", vports, vports > 1 ? "s" : "",
		 mixed ? "mixed packet kinds" : "TCP over IPv4 only", cached ? "cache" : "memory");
	report_section(title, "");
	if (!agree(w, racer, count))
		return false;
	bench_rounds(racer, count, rounds, shuffle, w);
	return true;
}

static bool with_vports(struct steering_work *w, unsigned vports, unsigned rounds)
{
	struct vmmq_nic_switch *sw = switch_make(vports);
	struct textbook *textbook = sw ? textbook_make(sw, vports + 1) : NULL;
	bool done = false;

	if (textbook) {
		w->view = *vmmq_nic_switch_view(sw);
		w->best = (enum vmmq_toeplitz_impl)w->view.toeplitz;
		w->textbook = textbook;
		done = compete(w, vports, false, true, rounds) && compete(w, vports, true, true, rounds) &&
		       compete(w, vports, false, false, rounds) && compete(w, vports, true, false, rounds);
	}
	textbook_free(textbook);
	vmmq_nic_switch_destroy(sw);
	return done;
}

bool bench_classify(unsigned rounds)
{
	static const unsigned vports[] = { 1, 64, 4096 };
	struct steering_work *w = calloc(1, sizeof(*w));
	bool done = w && (w->frame = aligned_alloc(64, PACKETS * sizeof(*w->frame)));

	for (unsigned i = 0; done && i < sizeof(vports) / sizeof(vports[0]); i++)
		done = with_vports(w, vports[i], rounds);
	if (w)
		free(w->frame);
	free(w);
	return done;
}
