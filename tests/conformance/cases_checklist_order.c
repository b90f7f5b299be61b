/* SPDX-License-Identifier: BSD-2-Clause */
/* The checklist on order: what numbered packets of flows tell while tables change (spec 21/16). */
#include <string.h>

#include "cases_checklist.h"
#include "cases_types.h"

/* order_check: each flow's sequence numbers rise, and nothing is missing. */
static void order_check(struct trial *t, unsigned flows, unsigned each)
{
	unsigned next[8] = { 0 };

	CHECK(t, t->seen_count == flows * each, "%u packets, %u indicated", flows * each, t->seen_count);
	for (unsigned i = 0; i < t->seen_count; i++) {
		const uint8_t *frame = t->seen[i].frame.byte;
		unsigned flow = (unsigned)(frame[34] << 8 | frame[35]) - 1,
			 number = (unsigned)(frame[38] << 8 | frame[39]);

		CHECK(t, flow < flows && number == next[flow], "flow %u: packet %u where %u is due", flow, number,
		      flow < flows ? next[flow] : 0);
		next[flow]++;
	}
}

/* placed_check: each packet is where its entry pointed when it arrived, or since; table[r] is that of round r. */
static void placed_check(struct trial *t, uint16_t table[][4], unsigned rounds)
{
	for (unsigned i = 0; i < t->seen_count; i++) {
		const struct vmmq_conformance_packet *p = &t->seen[i].packet;
		unsigned round = t->seen[i].frame.byte[39];

		while (round < rounds && table[round][p->hash % 4] != p->processor)
			round++;
		CHECK(t, round < rounds,
		      "a packet of round %u is indicated on processor %u, where its entry has not pointed since",
		      t->seen[i].frame.byte[39], p->processor);
	}
}

/* The new processor may run before the old one: what overtakes is found. */
void order_kept(struct trial *t)
{
	uint16_t table[101][4] = { { 4, 5, 6, 7 } };
	uint64_t state = 16;

	rss_ready(t, 1);
	t->seen_count = 0;
	for (unsigned round = 0; round < 100; round++) {
		unsigned entry = random_next(&state) % 4;
		uint16_t target = usual_table[random_next(&state) % 4];

		for (uint16_t flow = 0; flow < 8; flow++) {
			struct frame frame = tcp_to(1, (uint16_t)(flow + 1));

			frame.byte[39] = (uint8_t)round;
			arrive(t, &frame);
		}
		DONE(t, move_entry(t, table[round][entry], 1, (uint16_t)entry, target));
		memcpy(table[round + 1], table[round], sizeof(table[0]));
		table[round + 1][entry] = target;
		for (unsigned polls = random_next(&state) % 4; polls > 0; polls--)
			t->subject->poll(t->nic, usual_table[random_next(&state) % 4]);
	}
	trial_poll_all(t);
	order_check(t, 8, 100);
	placed_check(t, table, 101);
}

void order_kept_parameters(struct trial *t)
{
	struct rss rss = rss_params();
	uint64_t state = 17;

	rss_ready(t, 1);
	t->seen_count = 0;
	for (unsigned round = 0; round < 60; round++) {
		for (uint16_t flow = 0; flow < 8; flow++) {
			struct frame frame = tcp_to(1, (uint16_t)(flow + 1));

			frame.byte[39] = (uint8_t)round;
			arrive(t, &frame);
		}
		rss.key[round % 40] = (uint8_t)random_next(&state);
		rss.entries = 1u << random_next(&state) % 4;
		for (unsigned i = 0; i < rss.entries; i++)
			rss.table[i] = usual_table[random_next(&state) % 4];
		DONE(t, round % 5 ? rss_set(t, 1, &rss) : rss_disable(t, 1));
		t->subject->poll(t->nic, usual_table[random_next(&state) % 4]);
	}
	trial_poll_all(t);
	order_check(t, 8, 60);
}
