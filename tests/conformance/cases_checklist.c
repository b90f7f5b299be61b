/* SPDX-License-Identifier: BSD-2-Clause */
/* The conformance checklist (spec 21). */
#include <arpa/inet.h>
#include <string.h>

#include "cases.h"
#include "cases_types.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const uint16_t usual_table[] = { 4, 5, 6, 7 };

/* random_next: the same numbers in every run. */
static uint32_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

struct vector {
	uint32_t type;
	const char *source;
	uint16_t sport;
	const char *destination;
	uint16_t dport;
	uint32_t hash;
};
static const struct vector vectors[] = {
#include "toeplitz_vectors.inc"
};

static enum kind kind_of(uint32_t type)
{
	bool udp = type & (VMMQ_HASH_UDP_IPV4 | VMMQ_HASH_UDP_IPV6 | VMMQ_HASH_UDP_IPV6_EX);
	bool v4 = type & (VMMQ_HASH_IPV4 | VMMQ_HASH_TCP_IPV4 | VMMQ_HASH_UDP_IPV4);

	return v4 ? udp ? UDP4 : TCP4 : udp ? UDP6 : TCP6;
}

static void vector_try(struct trial *t, const struct vector *v)
{
	enum kind kind = kind_of(v->type);
	int family = kind_is_v6(kind) ? AF_INET6 : AF_INET;
	size_t len = kind_is_v6(kind) ? 16 : 4;
	struct shape shape = { .kind = kind };
	uint8_t tuple[36];
	struct frame frame;
	struct rss rss = rss_params();

	CHECK(t, inet_pton(family, v->source, tuple) == 1 && inet_pton(family, v->destination, tuple + len) == 1,
	      "a vector cannot be read");
	memcpy(tuple + 2 * len,
	       (const uint8_t[]){ (uint8_t)(v->sport >> 8), (uint8_t)v->sport, (uint8_t)(v->dport >> 8),
				  (uint8_t)v->dport },
	       4);
	shape.tuple = tuple;
	rss.information = v->type | 1;
	DONE(t, rss_set(t, 1, &rss));
	frame = frame_make(mac_of(1), &shape);
	hashed(t, &frame, 1, usual_table[v->hash % 4], v->type, v->hash);
}

static void vectors_all(struct trial *t)
{
	vport_ready(t, 1);
	for (unsigned i = 0; i < COUNT(vectors); i++)
		vector_try(t, &vectors[i]);
}

static uint32_t hash_seen(struct trial *t, enum kind kind, const uint8_t tuple[36])
{
	struct frame frame = frame_make(mac_of(1), &(struct shape){ .kind = kind, .tuple = tuple });

	return receive_one(t, &frame)->packet.hash;
}

static void linear(struct trial *t)
{
	uint64_t state = 21;

	vport_ready(t, 1);
	for (unsigned round = 0; round < 60; round++) {
		enum kind kind = round % 2 ? TCP4 : UDP6;
		struct rss rss = rss_params();
		uint8_t a[36], b[36], both[36];
		uint32_t ha, hb, hboth;

		for (unsigned i = 0; i < 40; i++)
			rss.key[i] = (uint8_t)random_next(&state);
		for (unsigned i = 0; i < 36; i++) {
			a[i] = (uint8_t)random_next(&state);
			b[i] = (uint8_t)random_next(&state);
			both[i] = a[i] ^ b[i];
		}
		DONE(t, rss_set(t, 1, &rss));
		ha = hash_seen(t, kind, a);
		hb = hash_seen(t, kind, b);
		hboth = hash_seen(t, kind, both);
		CHECK(t, (ha ^ hb) == hboth, "T(a) ^ T(b) is 0x%08x, T(a ^ b) is 0x%08x", ha ^ hb, hboth);
		CHECK(t, ha == toeplitz(rss.key, a, kind == TCP4 ? 12 : 36), "a hash with a random key is wrong");
	}
}

static void two_keys(struct trial *t)
{
	const struct shape shape = { .kind = TCP4, .sport = 2794 };
	struct rss rss = rss_params();
	struct frame one = frame_make(mac_of(1), &shape), two = frame_make(mac_of(2), &shape);
	uint32_t hash;

	rss_ready(t, 1);
	vport_ready(t, 2);
	memset(rss.key, 0xa5, 40);
	rss.key[7] = 1;
	DONE(t, rss_set(t, 2, &rss));
	hash = shape_hash(rss.key, &shape, true);
	CHECK(t, hash != 0x51ccc178, "the two keys are no test");
	for (unsigned i = 0; i < 4; i++) {
		hashed(t, &one, 1, 4, VMMQ_HASH_TCP_IPV4, 0x51ccc178);
		hashed(t, &two, 2, usual_table[hash % 4], VMMQ_HASH_TCP_IPV4, hash);
	}
}

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

/* spoil sends a good request with each of its words wrong in several ways, and demands that refusals change nothing. */
static void spoil(struct trial *t, struct request *(*make)(struct trial *t), size_t from)
{
	static const uint32_t values[] = { 0, 0xffffffff, 0x80000000, 0x00010001, 0x7fff };
	unsigned refused = 0;
	size_t len;

	trial_open(t, NULL);
	rss_ready(t, 1);
	len = make(t)->len;
	for (size_t at = from; at < len && at < 80; at += 4)
		for (unsigned i = 0; i < COUNT(values); i++) {
			void *mark = t->memory;
			const char *before = state_take(t);
			struct request *r = make(t);

			request_put(r, at, values[i], 4);
			r->len = r->room = len;
			if (request_send(t, r) == VMMQ_SUCCESS &&
			    r->oid != VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES) {
				trial_open(t, NULL);
				rss_ready(t, 1);
			} else if (r->oid != VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES ||
				   memcmp(r->byte + 40, "\0\0\0\0", 4)) {
				refused++;
				state_same(t, before, "a request with a bad word");
			} else {
				trial_open(t, NULL);
				rss_ready(t, 1);
			}
			trial_release(t, mark);
		}
	CHECK(t, refused > 5, "only %u requests were refused", refused);
}

static struct request *good_v1(struct trial *t)
{
	struct rss rss = rss_params();

	rss.table[0] = 5;
	rss.key[5] = 1;
	rss.default_processor = 6;
	return rss_request(t, 1, &rss);
}
static struct request *good_v2(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY | RSS2_QUEUES | RSS2_ENTRIES);

	rss.queues = 5;
	rss.entries = 8;
	return rss2_request(t, 1, &rss);
}
static struct request *good_move(struct trial *t)
{
	return move_request(t, 4, &(struct command){ .vport = 1, .target = 5 }, 1);
}
static struct request *good_filter(struct trial *t)
{
	return filter_request(t, 1, mac_of(3), UNTAGGED);
}
static struct request *good_vport(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(2);

	return vport_request(t, METHOD, VMMQ_OID_NIC_SWITCH_CREATE_VPORT, &params);
}
static struct request *good_vport_set(struct trial *t)
{
	struct vmmq_ndis_vport_parameters params = vport_params(1);

	params.flags = 0x20000 | 0x800000;
	params.queue_pairs = 6;
	return vport_request(t, SET, VMMQ_OID_NIC_SWITCH_VPORT_PARAMETERS, &params);
}

static void spoiled_v1(struct trial *t)
{
	spoil(t, good_v1, 0);
}
static void spoiled_v2(struct trial *t)
{
	spoil(t, good_v2, 0);
}
static void spoiled_move(struct trial *t)
{
	spoil(t, good_move, 0);
}
static void spoiled_filter(struct trial *t)
{
	spoil(t, good_filter, 0);
}
static void spoiled_vport(struct trial *t)
{
	spoil(t, good_vport, 0);
	spoil(t, good_vport_set, 0);
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
static void order_kept(struct trial *t)
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

static void order_kept_parameters(struct trial *t)
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

/* An Ethernet frame for somebody else in VXLAN. */
static struct frame vxlan_frame(const uint8_t inner_mac[6])
{
	struct frame frame = frame_make(mac_of(1), &(struct shape){ .kind = UDP4, .sport = 777 });
	struct frame inner = frame_make(inner_mac, &(struct shape){ .kind = TCP6, .sport = 3 });

	frame.byte[36] = 0x12; /* port 4789 */
	frame.byte[37] = 0xb5;
	memset(frame.byte + 42, 0, 8);
	frame.byte[42] = 0x08;
	memcpy(frame.byte + 50, inner.byte, inner.len);
	frame.len = 50 + inner.len;
	return frame;
}

static void encapsulation_off(struct trial *t)
{
	struct frame vxlan = vxlan_frame(mac_of(2)), gre = tcp_to(1, 3);
	const uint8_t tuple[12] = { 66, 9, 149, 187, 161, 142, 100, 80, 777 >> 8, 777 & 255, 0x12, 0xb5 };
	uint32_t hash = toeplitz(well_known_key, tuple, 12);

	rss_ready(t, 1);
	rss_ready(t, 2);
	hashed(t, &vxlan, 1, usual_table[hash % 4], VMMQ_HASH_UDP_IPV4, hash);
	gre.byte[23] = 47;
	hashed(t, &gre, 1, usual_table[0x323e8fc2 % 4], VMMQ_HASH_IPV4, 0x323e8fc2);
}

static void encapsulation_filter(struct trial *t)
{
	struct frame vxlan = vxlan_frame(mac_of(50));
	struct request *r;
	const char *before;
	vmmq_status status;

	vport_ready(t, 1);
	before = state_take(t);
	r = filter_request(t, 1, mac_of(50), UNTAGGED);
	request_put(r, 48 + offsetof(struct vmmq_ndis_filter_field, flags), 0x3, 4);
	status = request_send(t, r);
	if (status != VMMQ_SUCCESS) {
		state_same(t, before, "a filter for inner headers");
		trial_expect(t, VMMQ_NOT_SUPPORTED, status, "a filter for inner headers");
		trial_skip(t, "the subject does not look at inner headers: it refuses such a filter, as it has to");
	}
	CHECK(t, receive_one(t, &vxlan)->packet.vport == 1, "an inner MAC that a filter names is not matched");
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
	CASE(encapsulation_filter, "A filter for inner headers is matched, or refused with NOT_SUPPORTED"),
	END_OF_LINES,
};
