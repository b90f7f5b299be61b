/* SPDX-License-Identifier: BSD-2-Clause */
/* RSSv2 parameters (spec 11.2): m are the members, the plain numbers the steps of the processing order. */
#include <string.h>

#include "cases.h"

static const uint16_t usual_table[] = { 4, 5, 6, 7 };

/* table_move puts a table, and a default processor, onto a VPort whose parameters all point at 4. */
static void table_move(struct trial *t, uint32_t vport, const uint16_t table[], unsigned entries, uint16_t fallback)
{
	for (unsigned i = 0; i < entries; i++)
		DONE(t, move_entry(t, 4, vport, (uint16_t)i, table[i]));
	DONE(t, move_default(t, 4, vport, fallback));
}

/* entries_set changes the number of entries and leaves RSS as on says. */
static vmmq_status entries_set(struct trial *t, bool on, uint32_t entries)
{
	struct rss2 rss = rss2_params(RSS2_ENTRIES | (on ? RSS2_ENABLE : 0));

	rss.entries = entries;
	return rss2_set(t, 1, &rss);
}

static vmmq_status queues_set(struct trial *t, bool on, uint32_t queues)
{
	struct rss2 rss = rss2_params(RSS2_QUEUES | (on ? RSS2_ENABLE : 0));

	rss.queues = queues;
	return rss2_set(t, 1, &rss);
}

static vmmq_status enable(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY);

	return rss2_set(t, 1, &rss);
}

static vmmq_status disable(struct trial *t)
{
	struct rss2 rss = rss2_params(0);

	return rss2_set(t, 1, &rss);
}

/* prepared: RSS off, four entries tracked as 4 5 6 7, default processor 7.  ready: and on. */
static void prepared(struct trial *t)
{
	vport_ready(t, 1);
	DONE(t, entries_set(t, false, 4));
	table_move(t, 1, usual_table, 4, 7);
}

static void ready(struct trial *t)
{
	prepared(t);
	DONE(t, enable(t));
}

static void flag_enable_is_state(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	struct rss2 rss = rss2_params(RSS2_ENABLE);

	ready(t);
	DONE(t, rss2_set(t, 1, &rss)); /* set: stays on */
	follows_table(t, 1, usual_table, 4);
	rss.flags = 0; /* clear: off */
	DONE(t, rss2_set(t, 1, &rss));
	unhashed(t, &frame, 1, 4);
	CHECK(t, !(rss2_get(t, 1).flags & RSS2_ENABLE), "the query says that RSS is on");
}

static void flag_info(struct trial *t)
{
	struct frame frame = tcp_to(1, 2794);
	struct rss2 rss = rss2_params(RSS2_ENABLE);

	ready(t);
	rss.information = 0xffffff02; /* not flagged: not read */
	DONE(t, rss2_set(t, 1, &rss));
	follows_table(t, 1, usual_table, 4);
	rss.flags = RSS2_ENABLE | RSS2_INFO;
	rss.information = VMMQ_HASH_IPV4 | 1;
	DONE(t, rss2_set(t, 1, &rss));
	hashed(t, &frame, 1, usual_table[0x323e8fc2 % 4], VMMQ_HASH_IPV4, 0x323e8fc2);
}

static void flag_key(struct trial *t)
{
	struct frame frame = tcp_to(1, 3);
	struct rss2 rss = rss2_params(RSS2_ENABLE);
	uint32_t hash;

	ready(t);
	memset(rss.key, 0x11, 20);
	DONE(t, rss2_set(t, 1, &rss)); /* not flagged */
	follows_table(t, 1, usual_table, 4);
	rss.flags |= RSS2_KEY;
	DONE(t, rss2_set(t, 1, &rss));
	hash = shape_hash(rss.key, &(struct shape){ .kind = TCP4, .sport = 3 }, true);
	hashed(t, &frame, 1, usual_table[hash % 4], VMMQ_HASH_TCP_IPV4, hash);
}

static void flag_queues(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE);

	ready(t);
	rss.queues = 0;
	DONE(t, rss2_set(t, 1, &rss)); /* not flagged */
	CHECK(t, rss2_get(t, 1).queues == 4, "%u queues of 4", rss2_get(t, 1).queues);
	DONE(t, queues_set(t, true, 9));
	CHECK(t, rss2_get(t, 1).queues == 9, "%u queues of 9", rss2_get(t, 1).queues);
}

static void flag_entries(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE);

	ready(t);
	rss.entries = 3;
	DONE(t, rss2_set(t, 1, &rss)); /* not flagged */
	CHECK(t, rss2_get(t, 1).entries == 4, "%u entries of 4", rss2_get(t, 1).entries);
	DONE(t, entries_set(t, true, 16));
	CHECK(t, rss2_get(t, 1).entries == 16, "%u entries of 16", rss2_get(t, 1).entries);
}

static void flag_unknown(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | 0x20);

	ready(t);
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss2_set(t, 1, &rss));
}

static void off_ignores_hash(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_INFO | RSS2_KEY | RSS2_ENTRIES | RSS2_QUEUES), after;

	ready(t);
	rss.information = 0xffffff02;
	memset(rss.key, 0xee, 40);
	rss.entries = 8;
	rss.queues = 7;
	DONE(t, rss2_set(t, 1, &rss)); /* off; the counts change all the same */
	after = rss2_get(t, 1);
	CHECK(t, after.entries == 8 && after.queues == 7, "%u entries of 8, %u queues of 7", after.entries,
	      after.queues);
	rss = rss2_params(RSS2_ENABLE);
	DONE(t, rss2_set(t, 1, &rss)); /* hash information and key are those of before */
	follows_table(t, 1, usual_table, 4);
}

static void member_information(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY);
	struct frame frame = tcp_to(1, 1);

	ready(t);
	rss.information = VMMQ_HASH_TYPES_DEFAULT; /* function 0: off */
	DONE(t, rss2_set(t, 1, &rss));
	unhashed(t, &frame, 1, 4);
	rss.information = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss2_set(t, 1, &rss));
	rss.information = VMMQ_HASH_TCP_IPV4 | 2;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss2_set(t, 1, &rss));
	rss.information = 0x00020001;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss2_set(t, 1, &rss));
	rss.information = VMMQ_HASH_TCP_IPV4 | 1;
	DONE(t, rss2_set(t, 1, &rss));
}

static void member_key(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_KEY);
	struct request *r;

	ready(t);
	r = rss2_request(t, 1, &rss);
	PUT(r, rss_parameters_v2, key_size, 39);
	REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	PUT(r, rss_parameters_v2, key_size, 41);
	REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	PUT(r, rss_parameters_v2, key_size, 40);
	PUT(r, rss_parameters_v2, key_offset, 27); /* inside the fixed part */
	REFUSE_AS(t, request_send(t, r), VMMQ_INVALID_LENGTH, VMMQ_INVALID_PARAMETER);
	PUT(r, rss_parameters_v2, key_offset, 29);
	REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
	PUT(r, rss_parameters_v2, key_offset, 0xfffffff0);
	REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
}

static void member_queues(struct trial *t)
{
	vport_ready(t, 1);
	DONE(t, queues_set(t, false, 9));
	CHECK(t, vport_get(t, 1).queue_pairs == 9, "NumQueuePairs is %u", vport_get(t, 1).queue_pairs);
	DONE(t, vport_set_queue_pairs(t, 1, 6));
	CHECK(t, rss2_get(t, 1).queues == 6, "NumberOfQueues is %u", rss2_get(t, 1).queues);
	REFUSE(t, VMMQ_INVALID_PARAMETER, queues_set(t, false, 0));
	REFUSE(t, VMMQ_INVALID_PARAMETER, queues_set(t, false, 17));
}

static void member_queues_pool(struct trial *t)
{
	struct vmmq_conformance_setup setup = usual;

	setup.vports = 4;
	setup.queue_pairs = 10;
	trial_open(t, &setup);
	vport_ready(t, 1);
	REFUSE_AS(t, queues_set(t, false, 7), VMMQ_RESOURCES, VMMQ_INVALID_PARAMETER);
	DONE(t, queues_set(t, false, 6));
}

static void member_entries(struct trial *t)
{
	static const uint32_t wrong[] = { 0, 3, 5, 100, 129, 256, 0x80000000, 0xffffffff };

	ready(t);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		REFUSE(t, VMMQ_INVALID_PARAMETER, entries_set(t, true, wrong[i]));
	DONE(t, disable(t));
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		REFUSE(t, VMMQ_INVALID_PARAMETER, entries_set(t, false, wrong[i]));
	DONE(t, entries_set(t, false, table_limit(t)));
}

static void step_length(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY);

	ready(t);
	request_short(t, rss2_request(t, 1, &rss), 68);
}

static void step_vport(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY);
	struct request *r;

	vport_ready(t, 1);
	REFUSE_AS(t, rss2_set(t, 9, &rss), VMMQ_INVALID_PORT);
	REFUSE_AS(t, rss2_set(t, 65537, &rss), VMMQ_INVALID_PORT);
	rss.flags = 0;
	REFUSE_AS(t, rss2_set(t, 9, &rss), VMMQ_INVALID_PORT);
	r = rss2_request(t, 1, &rss);
	request_put(r, 0, 0x89, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	request_put(r, 0, 0xc8, 1);
	request_put(r, 1, 0, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
}

/* Length comes before VPort, and VPort before members. */
static void step_first_order(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY);
	struct request *r;

	rss.information = 0x2;
	REFUSE_AS(t, rss2_set(t, 9, &rss), VMMQ_INVALID_PORT);
	r = rss2_request(t, 9, &rss);
	PUT(r, rss_parameters_v2, key_size, 39);
	REFUSE(t, VMMQ_INVALID_LENGTH, request_send(t, r));
}

static void step_no_change(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY | RSS2_QUEUES | RSS2_ENTRIES);
	const char *before;

	ready(t);
	before = state_take(t);
	DONE(t, rss2_set(t, 1, &rss));
	state_same(t, before, "every CHANGED flag, with values as they are");
}

static void step_staying(struct trial *t)
{
	ready(t);
	REFUSE(t, VMMQ_NO_QUEUES, queues_set(t, true, 3));
	DONE(t, move_entry(t, 7, 1, 3, 4));
	DONE(t, move_default(t, 7, 1, 4));
	DONE(t, queues_set(t, true, 3));
	REFUSE(t, VMMQ_NO_QUEUES, queues_set(t, true, 2));
}

static void step_shrink(struct trial *t)
{
	ready(t);
	REFUSE(t, VMMQ_INVALID_DATA, entries_set(t, true, 2));
	REFUSE(t, VMMQ_INVALID_DATA, entries_set(t, true, 1));
	DONE(t, move_entry(t, 6, 1, 2, 4));
	REFUSE(t, VMMQ_INVALID_DATA, entries_set(t, true, 2)); /* entry 3 still differs */
	DONE(t, move_entry(t, 7, 1, 3, 5));
	DONE(t, entries_set(t, true, 2));
	follows_table(t, 1, usual_table, 2);
}

static void step_shrink_off(struct trial *t)
{
	prepared(t);
	REFUSE(t, VMMQ_INVALID_DATA, entries_set(t, false, 2));
	DONE(t, entries_set(t, false, 8));
	DONE(t, entries_set(t, false, 4));
	DONE(t, enable(t));
	follows_table(t, 1, usual_table, 4);
}

static void step_grow(struct trial *t)
{
	unsigned limit = table_limit(t);

	ready(t);
	for (uint32_t entries = 8; entries <= limit; entries *= 2) {
		uint16_t table[128];

		DONE(t, entries_set(t, true, entries));
		for (unsigned i = 0; i < entries; i++)
			table[i] = usual_table[i % 4];
		follows_table(t, 1, table, entries);
	}
	DONE(t, entries_set(t, true, 4));
	follows_table(t, 1, usual_table, 4);
}

static void step_enable_set(struct trial *t)
{
	prepared(t);
	DONE(t, move_entry(t, 6, 1, 2, 9)); /* inactive: goes anywhere */
	REFUSE(t, VMMQ_INVALID_DATA, enable(t));
	DONE(t, move_entry(t, 9, 1, 2, 6));
	DONE(t, move_default(t, 7, 1, 132));
	REFUSE(t, VMMQ_INVALID_DATA, enable(t));
	DONE(t, move_default(t, 132, 1, 7));
	DONE(t, enable(t));
	follows_table(t, 1, usual_table, 4);
}

static void step_enable_queues(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY | RSS2_QUEUES);

	prepared(t);
	DONE(t, move_default(t, 7, 1, 68)); /* the fifth */
	REFUSE(t, VMMQ_NO_QUEUES, enable(t));
	rss.queues = 3;
	REFUSE(t, VMMQ_NO_QUEUES, rss2_set(t, 1, &rss));
	rss.queues = 5; /* counted against the new number */
	DONE(t, rss2_set(t, 1, &rss));
	follows_table(t, 1, usual_table, 4);
	default_processor_is(t, 1, 68);
}

static void step_disable_set(struct trial *t)
{
	ready(t);
	DONE(t, move_primary(t, 4, 1, 9)); /* inactive */
	REFUSE(t, VMMQ_INVALID_DATA, disable(t));
	DONE(t, move_primary(t, 9, 1, 5));
	DONE(t, disable(t));
	CHECK(t, vport_get(t, 1).affinity.mask == 1u << 5, "affinity 0x%llx",
	      (unsigned long long)vport_get(t, 1).affinity.mask);
	default_processor_is(t, 1, 5);
}

/* Queues are looked at before the table. */
static void step_order(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_QUEUES | RSS2_ENTRIES);

	ready(t);
	rss.queues = 3;
	rss.entries = 2;
	REFUSE(t, VMMQ_NO_QUEUES, rss2_set(t, 1, &rss));
	rss.entries = 3; /* but members before both */
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss2_set(t, 1, &rss));
}

/* Everything changes at once, with packets waiting: each is steered wholly by the old or the new parameters. */
static void step_commit(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY | RSS2_QUEUES | RSS2_ENTRIES);
	uint32_t hash;

	ready(t);
	for (unsigned i = 0; i < 40; i++)
		rss.key[i] = (uint8_t)(0x5a + 3 * i);
	rss.queues = 6;
	rss.entries = 8;
	DONE(t, rss2_set(t, 1, &rss));
	for (uint16_t sport = 1; sport < 20; sport++) {
		struct frame frame = tcp_to(1, sport);

		hash = shape_hash(rss.key, &(struct shape){ .kind = TCP4, .sport = sport }, true);
		hashed(t, &frame, 1, usual_table[hash % 4], VMMQ_HASH_TCP_IPV4, hash);
	}
	CHECK(t, vport_get(t, 1).queue_pairs == 6, "%u queue pairs of 6", vport_get(t, 1).queue_pairs);
}

/* All is good but the last thing that is checked. */
static void step_commit_nothing(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_INFO | RSS2_KEY | RSS2_QUEUES | RSS2_ENTRIES);

	ready(t);
	rss.key[0] ^= 0xff;
	rss.information = VMMQ_HASH_IPV4 | 1;
	rss.entries = 2;
	rss.queues = 8;
	REFUSE(t, VMMQ_INVALID_DATA, rss2_set(t, 1, &rss));
	rss.entries = 8;
	rss.queues = 3;
	REFUSE(t, VMMQ_NO_QUEUES, rss2_set(t, 1, &rss));
}

const struct line lines_v2[] = {
	RULE("11.2/f1", "ENABLE_RSS 0x01 is a state: clear means off"),
	CASE(flag_enable_is_state, "A request with it, and one without"),
	RULE("11.2/f2", "HASH_INFO_CHANGED 0x02"),
	CASE(flag_info, "Clear: not read. Set: takes effect"),
	RULE("11.2/f3", "HASH_KEY_CHANGED 0x04"),
	CASE(flag_key, "Clear: not taken. Set: takes effect"),
	RULE("11.2/f4", "NUMBER_OF_QUEUES_CHANGED 0x08"),
	CASE(flag_queues, "Clear: not read. Set: takes effect"),
	RULE("11.2/f5", "NUMBER_OF_ENTRIES_CHANGED 0x10"),
	CASE(flag_entries, "Clear: not read. Set: takes effect"),
	CASE(flag_unknown, "A flag that does not exist is refused"),
	RULE("11.2/f6", "Off, hash information and key are ignored; queue and entry counts may change"),
	CASE(off_ignores_hash,
	     "All flags but ENABLE, nonsense as hash information; enabled again with what was before"),
	RULE("11.2/m1", "HashInformation: function 0 means off; may change at enable or later"),
	CASE(member_information, "Function 0; no type, reserved function, unknown type are refused"),
	RULE("11.2/m2", "HashSecretKey: 40 bytes, at or behind the fixed part"),
	CASE(member_key, "39, 41; inside the fixed part, beyond the buffer"),
	RULE("11.2/m3", "NumberOfQueues is the VPort's NumQueuePairs, changeable on or off"),
	CASE(member_queues, "Each shows the other; out of bounds is refused"),
	CASE(member_queues_pool, "More than the adapter has left is refused (RESOURCES, 10.5; or INVALID_PARAMETER)"),
	RULE("11.2/m4", "NumberOfIndirectionTableEntries: a power of two within the limit, changeable on or off"),
	CASE(member_entries, "Eight wrong ones, with RSS on and off"),
	RULE("11.2/1", "Length: INVALID_LENGTH; unknown VPort: INVALID_PORT; other bad members: INVALID_PARAMETER"),
	CASE(step_length, "Every shorter length"),
	CASE(step_vport, "Unknown VPort; wrong object type and revision"),
	CASE(step_first_order, "In that order"),
	RULE("11.2/2", "A changed flag whose value equals the current one is no change"),
	CASE(step_no_change, "All of them"),
	RULE("11.2/3", "Staying on with fewer queues than processors: NO_QUEUES"),
	CASE(step_staying, "Refused, accepted after entries have moved, the default processor counts"),
	RULE("11.2/4",
	     "Shrinking needs a removed part that repeats the rest, else INVALID_DATA; growing repeats the table"),
	CASE(step_shrink, "Refused until the last entry repeats"),
	CASE(step_order, "Queues are looked at before the table, members before both"),
	CASE(step_shrink_off, "The tracked table while RSS is off, too"),
	CASE(step_grow, "4 entries to the limit and back: no flow changes its processor"),
	RULE("11.2/5",
	     "Off to on: all processors in the RSS set, else INVALID_DATA; not more than queues, else NO_QUEUES"),
	CASE(step_enable_set, "An entry, then the default processor, outside of the set"),
	CASE(step_enable_queues, "Counted with the default processor, against the number in the same request"),
	RULE("11.2/6", "On to off: the primary processor is in the RSS set, else INVALID_DATA"),
	CASE(step_disable_set, "Outside, then moved inside"),
	RULE("11.2/7", "Commit as one unit; no failure after that"),
	CASE(step_commit, "Key, types, table size and queues at once"),
	CASE(step_commit_nothing, "Refused at the table, or at the queues: nothing is taken"),
	END_OF_LINES,
};
