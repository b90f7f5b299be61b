/* SPDX-License-Identifier: BSD-2-Clause */
/* The conformance checklist (spec 21). */
#include <string.h>

#include "cases.h"
#include "cases_checklist.h"
#include "cases_types.h"

/* Three filters of three kinds, four kinds of tags. */
static void twelve_cells(struct trial *t)
{
	static const int kinds[] = { UNTAGGED, 10, ANY_VLAN };
	static const struct {
		bool tagged;
		uint16_t tci;
	} tags[] = { { false, 0 }, { true, 0xe000 }, { true, 10 }, { true, 11 } };
	static const char matches[3][4] = { "yy--", "--s-", "ysss" }; /* s: and strip */

	for (unsigned k = 0; k < 3; k++) {
		struct vmmq_ndis_vport_parameters params = vport_params(k + 1);

		DONE(t, vport_make(t, &params));
		DONE(t, vport_activate(t, k + 1));
		if (filter_set(t, k + 1, mac_of(k + 1), kinds[k], NULL) != VMMQ_SUCCESS && k == 2)
			break; /* may be refused */
		for (unsigned tag = 0; tag < 4; tag++) {
			const struct shape shape = { .kind = TCP4, .tagged = tags[tag].tagged, .tci = tags[tag].tci };
			struct frame frame = frame_make(mac_of(k + 1), &shape);
			const struct seen *seen;

			if (matches[k][tag] == '-') {
				not_on(t, &frame, k + 1);
				continue;
			}
			seen = receive_one(t, &frame);
			CHECK(t, seen->packet.vport == k + 1 && seen->packet.stripped == (matches[k][tag] == 's'),
			      "row %u, column %u: VPort %u, tag %s", k, tag, seen->packet.vport,
			      seen->packet.stripped ? "taken out" : "left");
		}
	}
}

static void no_indication_outside(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);
	struct frame frame = tcp_to(1, 1);
	uint32_t id = 0;

	DONE(t, vport_make(t, &params));
	DONE(t, vport_activate(t, 1));
	not_on(t, &frame, 1);
	DONE(t, filter_set(t, 1, mac_of(1), UNTAGGED, &id));
	unhashed(t, &frame, 1, 4);
	DONE(t, filter_clear(t, id));
	not_on(t, &frame, 1);
	DONE(t, vport_delete(t, 1));
	not_on(t, &frame, 1);
}

/* Numbered packets of eight flows, a move now and then, processors that run now and then. */
static void filter_moves_under_load(struct trial *t)
{
	uint32_t id = rss_ready(t, 1), on = 1, sent = 0;
	uint64_t state = 6;
	bool seen[800] = { false };

	rss_ready(t, 2);
	t->seen_count = 0;
	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 0; i < 8; i++, sent++) {
			struct frame frame = tcp_to(1, (uint16_t)(1 + i));

			frame.byte[38] = (uint8_t)(sent >> 8); /* the TCP sequence number */
			frame.byte[39] = (uint8_t)sent;
			arrive(t, &frame);
		}
		DONE(t, filter_move(t, id, on, 3 - on));
		on = 3 - on;
		if (random_next(&state) % 3 == 0)
			t->subject->poll(t->nic, usual_table[random_next(&state) % 4]);
	}
	trial_poll_all(t);
	CHECK(t, t->seen_count == sent, "%u packets, %u indicated", sent, t->seen_count);
	for (unsigned i = 0; i < t->seen_count; i++) {
		unsigned number = (unsigned)(t->seen[i].frame.byte[38] << 8 | t->seen[i].frame.byte[39]);

		CHECK(t, number < 800 && !seen[number], "packet %u is indicated twice", number);
		CHECK(t, t->seen[i].packet.vport == 1 || t->seen[i].packet.vport == 2, "packet %u is on VPort %u",
		      number, t->seen[i].packet.vport);
		seen[number] = true;
	}
}

static void unhashable(struct trial *t)
{
	struct frame arp = frame_make(mac_of(1), &(struct shape){ .kind = ARP }), tcp = tcp_to(1, 1);

	rss_ready(t, 1);
	for (unsigned i = 0; i < 4; i++) { /* between hashed ones: nothing stale stands beside it */
		hashed(t, &tcp, 1, usual_table[tcp_hash(1) % 4], VMMQ_HASH_TCP_IPV4, tcp_hash(1));
		unhashed(t, &arp, 1, 7);
	}
	DONE(t, rss_disable(t, 1));
	unhashed(t, &tcp, 1, 4);
	unhashed(t, &arp, 1, 4);
}

static void completed(struct trial *t, struct vmmq_conformance_completion c, uint32_t vport, uint16_t processor)
{
	CHECK(t, c.vport == vport && c.processor == processor && c.status == VMMQ_SUCCESS,
	      "completed by VPort %u on processor %u with %s; expected %u, %u, SUCCESS", c.vport, c.processor,
	      status_name(c.status), vport, processor);
}

static void completions(struct trial *t)
{
	rss_ready(t, 1);
	for (uint32_t hash = 0x1000; hash < 0x1010; hash++)
		completed(t, send_one(t, 1, hash, VMMQ_HASH_TCP_IPV4 | 1), 1, usual_table[hash % 4]);
	completed(t, send_one(t, 1, 0, VMMQ_HASH_TCP_IPV4 | 1), 1, 4);  /* a hash of 0 is a hash */
	completed(t, send_one(t, 1, 0x1001, VMMQ_HASH_TCP_IPV4), 1, 7); /* no function: absent */
	completed(t, send_one(t, 1, 0x1001, 0), 1, 7);
	completed(t, send_one(t, 9, 0x1001, VMMQ_HASH_TCP_IPV4 | 1), 0, 4);
	DONE(t, rss_disable(t, 1));
	completed(t, send_one(t, 1, 0x1001, VMMQ_HASH_TCP_IPV4 | 1), 1, 4);
}

/* Each member by itself: flag set or clear, value equal or different. */
static void unchanged_flags_v1(struct trial *t)
{
	static const uint16_t flags[] = { 0x02, 0x04, 0x08, 0x20 };

	for (unsigned i = 0; i < 16; i++) {
		bool promise = i & 1, different = i & 2;
		struct rss rss = rss_params();
		const char *before;

		trial_open(t, NULL);
		rss_ready(t, 1);
		before = state_take(t);
		rss.flags = promise ? flags[i / 4] : 0;
		if (different && i / 4 == 0)
			rss.information = VMMQ_HASH_IPV4 | 1;
		if (different && i / 4 == 1)
			rss.table[0] = 5;
		if (different && i / 4 == 2)
			rss.key[0] ^= 0x80;
		if (different && i / 4 == 3)
			rss.default_processor = 4;
		DONE(t, rss_set(t, 1, &rss));
		if (promise || !different)
			state_same(t, before, promise ? "an UNCHANGED flag" : "equal values");
		else
			CHECK(t, strcmp(before, state_take(t)), "flag 0x%x clear and another value: nothing changes",
			      flags[i / 4]);
	}
}

static void changed_flags_v2(struct trial *t)
{
	static const uint32_t flags[] = { RSS2_INFO, RSS2_KEY, RSS2_QUEUES, RSS2_ENTRIES };

	for (unsigned i = 0; i < 16; i++) {
		bool changed = i & 1, different = i & 2;
		struct rss2 rss = rss2_params(RSS2_ENABLE | (changed ? flags[i / 4] : 0));
		const char *before;

		trial_open(t, NULL);
		rss_ready(t, 1);
		before = state_take(t);
		if (different && i / 4 == 0)
			rss.information = VMMQ_HASH_IPV4 | 1;
		if (different && i / 4 == 1)
			rss.key[0] ^= 0x80;
		if (different && i / 4 == 2)
			rss.queues = 5;
		if (different && i / 4 == 3)
			rss.entries = 8;
		DONE(t, rss2_set(t, 1, &rss));
		if (!changed || !different)
			state_same(t, before, changed ? "equal values" : "no CHANGED flag");
		else
			CHECK(t, strcmp(before, state_take(t)), "flag 0x%x and another value: nothing changes",
			      flags[i / 4]);
	}
}

static vmmq_status entries_set(struct trial *t, uint32_t entries)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_ENTRIES);

	rss.entries = entries;
	return rss2_set(t, 1, &rss);
}

static void grow_keeps(struct trial *t)
{
	unsigned limit = table_limit(t);
	uint16_t processor[64];

	rss_ready(t, 1);
	for (uint16_t i = 0; i < 64; i++) {
		struct frame frame = tcp_to(1, i);

		processor[i] = receive_one(t, &frame)->packet.processor;
	}
	for (uint32_t entries = 8; entries <= limit; entries *= 2) {
		DONE(t, entries_set(t, entries));
		for (uint16_t i = 0; i < 64; i++) {
			struct frame frame = tcp_to(1, i);

			hashed(t, &frame, 1, processor[i], VMMQ_HASH_TCP_IPV4, tcp_hash(i));
		}
	}
}

static void shrink_needs_repeat(struct trial *t)
{
	unsigned limit = table_limit(t);
	uint16_t last = (uint16_t)(limit - 1);

	rss_ready(t, 1);
	DONE(t, entries_set(t, limit));
	DONE(t, move_entry(t, 7, 1, last, 4));
	REFUSE(t, VMMQ_INVALID_DATA, entries_set(t, limit / 2));
	REFUSE(t, VMMQ_INVALID_DATA, entries_set(t, 4));
	DONE(t, move_entry(t, 4, 1, last, 7));
	DONE(t, entries_set(t, 4));
	REFUSE(t, VMMQ_INVALID_DATA, entries_set(t, 2));
}

static void queue_bound(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_QUEUES);
	struct rss v1 = rss_params();
	struct command evacuate[] = { { .vport = 1, .index = 3, .target = 4 },
				      { .vport = 1, .flags = MOVE_DEFAULT, .target = 4 } };

	rss_ready(t, 1);
	rss.queues = 3;
	REFUSE(t, VMMQ_NO_QUEUES, rss2_set(t, 1, &rss));           /* on shrink */
	REFUSE(t, VMMQ_NO_QUEUES, vport_set_queue_pairs(t, 1, 3)); /* on shrink */
	REFUSE(t, VMMQ_NO_QUEUES, move_default(t, 7, 1, 68));      /* on move */
	vport_ready(t, 2);
	DONE(t, vport_set_queue_pairs(t, 2, 3));
	REFUSE(t, VMMQ_NO_QUEUES, rss_set(t, 2, &v1)); /* on enable */
	DONE(t, move(t, 7, evacuate, 2));
	DONE(t, move_entry(t, 5, 1, 1, 4));
	DONE(t, move_entry(t, 6, 1, 2, 4));
	follows_table(t, 1, (const uint16_t[]){ 4, 4, 4, 4 }, 4);
	rss.queues = 1;
	DONE(t, rss2_set(t, 1, &rss));
}

static void group_atomicity(struct trial *t)
{
	struct command command[] = { { .vport = 1, .index = 0, .target = 5 },
				     { .vport = 1, .index = 1, .target = 5 },
				     { .vport = 2, .index = 0, .target = 6 },
				     { .vport = 1, .index = 0, .target = 7 } };

	rss_ready(t, 1);
	rss_ready(t, 2);
	DONE(t, move_send(t, 4, command, 4)); /* which looks for PENDING */
	ANSWERS(t, VMMQ_NOT_ACCEPTED, command[0].status);
	ANSWERS(t, VMMQ_NOT_ACCEPTED, command[1].status);
	DONE(t, command[2].status);
	DONE(t, command[3].status);
	follows_table(t, 1, (const uint16_t[]){ 7, 5, 6, 7 }, 4);
	follows_table(t, 2, (const uint16_t[]){ 6, 5, 6, 7 }, 4);
}

static void actor(struct trial *t)
{
	rss_ready(t, 1);
	REFUSE(t, VMMQ_NOT_ACCEPTED, move_entry(t, 5, 1, 0, 6));
	DONE(t, move_entry(t, 4, 1, 0, 4));
	DONE(t, move_primary(t, 4, 1, 6)); /* inactive: tracked */
	default_processor_is(t, 1, 7);
	DONE(t, rss_disable(t, 1)); /* and effective on the transition */
	default_processor_is(t, 1, 6);
}

/* No packet goes to the primary processor once RSS is on. */
static void straight_to_table(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENTRIES);

	vport_ready(t, 1);
	rss.entries = 4;
	DONE(t, rss2_set(t, 1, &rss));
	for (uint16_t i = 0; i < 4; i++)
		DONE(t, move_entry(t, 4, 1, i, (uint16_t)(5 + i % 3)));
	DONE(t, move_default(t, 4, 1, 6));
	rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY);
	DONE(t, rss2_set(t, 1, &rss));
	t->seen_count = 0;
	for (uint16_t sport = 1; sport <= 100; sport++) {
		struct frame frame = tcp_to(1, sport);

		arrive(t, &frame);
	}
	trial_poll_all(t);
	for (unsigned i = 0; i < t->seen_count; i++)
		CHECK(t, t->seen[i].packet.processor != 4, "a packet is indicated on the primary processor");
	follows_table(t, 1, (const uint16_t[]){ 5, 6, 7, 5 }, 4);
}

const struct line lines_checklist[] = {
	RULE("21/1", "All rows of toeplitz-vectors.csv; XOR linearity on random input"),
	CASE(vectors_all, "Every row as a packet"),
	CASE(linear, "Sixty random keys and pairs of inputs"),
	RULE("21/2", "For every valid type combination and packet class the type is that of 6.3"),
	CASE(types_all, "342 combinations, 27 classes; type, hash and processor"),
	RULE("21/3", "Two VPorts with different keys give different hashes for one packet; the right VPort id stands "
		     "beside it"),
	CASE(two_keys, "Packets to both, alternating"),
	RULE("21/4", "The truth table of 4.3, all twelve cells"),
	CASE(twelve_cells, "Three filters at once on one NIC"),
	RULE("21/5", "No indication on a VPort before its first filter, after its last, after deletion"),
	CASE(no_indication_outside, "Each in turn"),
	RULE("21/6", "Filter move under load: none lost, none twice"),
	CASE(filter_moves_under_load, "800 numbered packets, 100 moves, processors that run at random"),
	RULE("21/7", "Unhashable: default processor, no hash; RSS off: primary processor, no hash"),
	CASE(unhashable, "Between packets with a hash"),
	RULE("21/8",
	     "A send completes on table[hash], the default processor without a hash, VPort 0's with a bad id"),
	CASE(completions, "Seventeen hashes, 0 among them; absent hashes; an unknown VPort; RSS off"),
	RULE("21/9", "Every UNCHANGED flag, set and clear, with equal and different values"),
	CASE(unchanged_flags_v1, "RSSv1: four members, sixteen requests"),
	CASE(changed_flags_v2, "RSSv2: four members, sixteen requests"),
	RULE("21/10", "Every rejection leaves the configuration byte-identical"),
	CASE(spoiled_v1, "RSSv1: every word of a good request spoiled in five ways"),
	CASE(spoiled_v2, "RSSv2: the same"),
	CASE(spoiled_move, "Moves: the same"),
	CASE(spoiled_filter, "SET_FILTER: the same"),
	CASE(spoiled_vport, "CREATE_VPORT and VPORT_PARAMETERS: the same"),
	RULE("21/11",
	     "Growing keeps every flow's processor; shrinking with a tail that does not repeat: INVALID_DATA"),
	CASE(grow_keeps, "64 flows, 4 entries to the limit"),
	CASE(shrink_needs_repeat, "The last entry differs"),
	RULE("21/12", "NO_QUEUES on shrink, on enable, on group move; evacuation to one processor passes"),
	CASE(queue_bound, "All of them"),
	RULE("21/13", "One bad command fails its whole group, others are unaffected, none is left PENDING"),
	CASE(group_atomicity, "Three groups"),
	RULE("21/14",
	     "Wrong actor: NOT_ACCEPTED; to itself: SUCCESS; an inactive move is effective on the transition"),
	CASE(actor, "Each"),
	RULE("21/15", "Enabling RSS goes straight to the tracked table"),
	CASE(straight_to_table, "100 packets, none to the primary processor"),
	RULE("21/16", "Each flow's order is kept through table moves"),
	CASE(order_kept, "Eight flows, 100 moves, processors that run at random and wrongly ordered"),
	CASE(order_kept_parameters, "The same with whole tables, keys, and RSS on and off"),
	RULE("21/17",
	     "Inner and outer headers of encapsulated packets (16), which has to be switched on by a request"),
	CASE(encapsulation_off, "Not switched on: VXLAN and GRE are ordinary packets"),
	CASE(encapsulation_on, "Switched on: the inner 4-tuple; without TCP or UDP inside the outer addresses"),
	CASE(encapsulation_port, "VXLAN by a port of one's own, which 0 keeps; and off again"),
	CASE(encapsulation_config, "TCP_OFFLOAD_CURRENT_CONFIG says what is on, and by which port"),
	RULE("21/18", "A filter with the encapsulation flag has the MAC inside a tunnel, and the VLAN of the "
		      "outermost tag (16.2)"),
	CASE(encapsulation_filter, "It is matched while that is switched on, or refused with NOT_SUPPORTED"),
	CASE(encapsulation_filter_vlan, "For untagged frames: an untagged one, and a tagged one"),
	CASE(encapsulation_filter_query, "What shows the filter shows the flag"),
	END_OF_LINES,
};
