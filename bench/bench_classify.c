/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet's whole way through the core: ours in bursts, ours one by one (the reference), and the textbook's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_core.h"

#define PROCESSORS 16u

struct steering_work {
	const struct vmmq_view *view;
	const struct textbook *textbook;
	uint8_t (*frame)[FRAME_ROOM];
	const uint8_t *frame_at[PACKETS];
	uint32_t len[PACKETS];
	uint16_t processor[PACKETS];
};

static void run_burst(void *context)
{
	struct steering_work *w = context;
	struct vmmq_verdict verdict[BURST];

	for (unsigned at = 0; at < PACKETS; at += BURST) {
		vmmq_classify_burst(w->view, w->frame_at + at, w->len + at, verdict, BURST);
		for (unsigned i = 0; i < BURST; i++)
			w->processor[at + i] = verdict[i].processor.v;
	}
}

static void run_reference(void *context)
{
	struct steering_work *w = context;

	for (unsigned i = 0; i < PACKETS; i++) {
		struct vmmq_verdict verdict;

		vmmq_classify(w->view, w->frame_at[i], w->len[i], &verdict, NULL);
		w->processor[i] = verdict.processor.v;
	}
}

static void run_textbook(void *context)
{
	struct steering_work *w = context;

	for (unsigned at = 0; at < PACKETS; at += BURST)
		textbook_burst(w->textbook, false, w->frame_at + at, w->len + at, w->processor + at, BURST);
}

static void run_textbook_gfni(void *context)
{
	struct steering_work *w = context;

	for (unsigned at = 0; at < PACKETS; at += BURST)
		textbook_burst(w->textbook, true, w->frame_at + at, w->len + at, w->processor + at, BURST);
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

/* agree holds every contender to the reference. */
static bool agree(struct steering_work *w, const struct contender contender[], unsigned count)
{
	static uint16_t expected[PACKETS];

	run_reference(w);
	memcpy(expected, w->processor, sizeof(expected));
	for (unsigned c = 0; c < count; c++) {
		memset(w->processor, 0xff, sizeof(w->processor));
		contender[c].run(w);
		for (unsigned i = 0; i < PACKETS; i++) {
			if (w->processor[i] == expected[i])
				continue;
			fprintf(stderr, "bench-core: %s: packet %u goes to %u instead of %u\n", contender[c].name, i,
				w->processor[i], expected[i]);
			return false;
		}
	}
	return true;
}

static bool compete(struct steering_work *w, unsigned vports, bool mixed, unsigned rounds)
{
	struct contender contender[CONTENDERS_MAX] = {
		{ "vmmq_classify_burst(), 32 packets", run_burst, w },
		{ "vmmq_classify(), the reference", run_reference, w },
		{ "textbook: rte_hash bulk, rte_softrss_be", run_textbook, w },
	};
	unsigned count = 3;
	uint64_t random = vports;
	char title[128];

	if (gfni_supported())
		contender[count++] =
		    (struct contender){ "textbook: rte_hash bulk, rte_thash_gfni", run_textbook_gfni, w };
	for (unsigned i = 0; i < PACKETS; i++) {
		uint16_t vport = (uint16_t)(1 + random_below(&random, vports));

		w->frame_at[i] = w->frame[i];
		w->len[i] = frame_make(w->frame[i], mixed ? frame_mixed(&random) : FRAME_TCP4, vport, &random);
	}
	snprintf(title, sizeof(title), "Classify, %u VPort%s, %s", vports, vports > 1 ? "s" : "",
		 mixed ? "mixed packet kinds" : "TCP over IPv4 only");
	report_section(title, "");
	if (!agree(w, contender, count))
		return false;
	bench_compete(contender, count, rounds, PACKETS);
	return true;
}

static bool with_vports(struct steering_work *w, unsigned vports, unsigned rounds)
{
	struct vmmq_nic_switch *sw = switch_make(vports);
	struct textbook *textbook = sw ? textbook_make(sw, vports + 1) : NULL;
	bool done = false;

	if (textbook) {
		w->view = vmmq_nic_switch_view(sw);
		w->textbook = textbook;
		done = compete(w, vports, false, rounds) && compete(w, vports, true, rounds);
	}
	textbook_free(textbook);
	vmmq_nic_switch_destroy(sw);
	return done;
}

bool bench_classify(unsigned rounds)
{
	static const unsigned vports[] = { 1, 64, 1024, 4096 };
	struct steering_work *w = calloc(1, sizeof(*w));
	bool done = w && (w->frame = aligned_alloc(64, PACKETS * sizeof(*w->frame)));

	for (unsigned i = 0; done && i < sizeof(vports) / sizeof(vports[0]); i++)
		done = with_vports(w, vports[i], rounds);
	if (w)
		free(w->frame);
	free(w);
	return done;
}
