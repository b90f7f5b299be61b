/* SPDX-License-Identifier: BSD-2-Clause */
/* RSSv1: flags, and enable, update, disable (spec 10.2, 10.3). */
#include <string.h>

#include "cases.h"

#define BASE_CPU_UNCHANGED  0x01u
#define HASH_INFO_UNCHANGED 0x02u
#define ITABLE_UNCHANGED    0x04u
#define HASH_KEY_UNCHANGED  0x08u
#define DISABLE_RSS         0x10u
#define DEFAULT_UNCHANGED   0x20u
#define ALL_UNCHANGED                                                                                                \
	(BASE_CPU_UNCHANGED | HASH_INFO_UNCHANGED | ITABLE_UNCHANGED | HASH_KEY_UNCHANGED | DEFAULT_UNCHANGED)

static const uint16_t usual_table[] = { 4, 5, 6, 7 };

/* garbage: every member that a flag may cover is wrong, or leaves the buffer. */
static struct request *garbage(struct trial *t, uint16_t flags)
{
	struct rss rss = rss_params();
	struct request *r;

	rss.flags = flags;
	rss.base_cpu = 0xdead;
	rss.information = 0xdeadbe02;
	rss.default_processor = 999;
	r = rss_request(t, 1, &rss);
	PUT(r, rss_parameters, table_size, 0xffff);
	PUT(r, rss_parameters, table_offset, 0xfffffff0);
	PUT(r, rss_parameters, key_size, 0xffff);
	PUT(r, rss_parameters, key_offset, 0xffffff00);
	return r;
}

static void base_unchanged(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.flags = ALL_UNCHANGED;
	rss.base_cpu = 3;
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, usual_table, 4);
}

static void info_unchanged(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.flags = HASH_INFO_UNCHANGED;
	rss.information = 0xffffff; /* would be refused */
	DONE(t, rss_set(t, 1, &rss));
	rss.information = 0; /* would switch off */
	DONE(t, rss_set(t, 1, &rss));
	CHECK(t, rss_get(t, 1).information == (VMMQ_HASH_TYPES_DEFAULT | 1u), "hash information 0x%x",
	      rss_get(t, 1).information);
	follows_table(t, 1, usual_table, 4);
}

static void info_changed(struct trial *t)
{
	struct rss rss = rss_params();
	struct frame tcp = tcp_to(1, 2794);

	rss_ready(t, 1);
	rss.information = VMMQ_HASH_IPV4 | 1;
	DONE(t, rss_set(t, 1, &rss));
	hashed(t, &tcp, 1, rss.table[0x323e8fc2 % 4], VMMQ_HASH_IPV4, 0x323e8fc2);
	rss.information = VMMQ_HASH_IPV6 | 1;
	DONE(t, rss_set(t, 1, &rss)); /* types that it does not name are off */
	unhashed(t, &tcp, 1, 7);
}

static void table_unchanged(struct trial *t)
{
	struct rss rss = rss_params();
	struct request *r;

	rss_ready(t, 1);
	rss.flags = ITABLE_UNCHANGED;
	r = rss_request(t, 1, &rss);
	PUT(r, rss_parameters, table_size, 3);
	PUT(r, rss_parameters, table_offset, 0xffffffff);
	PUT(r, rss_parameters, mask_count, 0xffffffff);
	PUT(r, rss_parameters, mask_size, 0xffffffff);
	DONE(t, request_send(t, r));
	rss.table[0] = rss.table[1] = 999;
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, usual_table, 4);
}

static void table_changed(struct trial *t)
{
	struct rss rss = rss_params();
	const uint16_t table[] = { 7, 6, 69, 7, 7, 7, 6, 69 };

	rss_ready(t, 1);
	rss.entries = 8;
	memcpy(rss.table, table, sizeof(table));
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, table, 8);
	rss.entries = 1; /* smaller without repetition: RSSv1 replaces */
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, table, 1);
}

static void key_unchanged(struct trial *t)
{
	struct rss rss = rss_params();
	struct request *r;

	rss_ready(t, 1);
	rss.flags = HASH_KEY_UNCHANGED;
	rss.key[0] ^= 0xff;
	DONE(t, rss_set(t, 1, &rss));
	r = rss_request(t, 1, &rss);
	PUT(r, rss_parameters, key_size, 3);
	PUT(r, rss_parameters, key_offset, 0xffffffff);
	DONE(t, request_send(t, r));
	follows_table(t, 1, usual_table, 4);
}

static void key_changed(struct trial *t)
{
	struct rss rss = rss_params();
	struct frame frame = tcp_to(1, 77);
	uint32_t hash;

	rss_ready(t, 1);
	for (unsigned i = 0; i < 40; i++)
		rss.key[i] = (uint8_t)(i * 7 + 3);
	DONE(t, rss_set(t, 1, &rss));
	hash = shape_hash(rss.key, &(struct shape){ .kind = TCP4, .sport = 77 }, true);
	hashed(t, &frame, 1, rss.table[hash % 4], VMMQ_HASH_TCP_IPV4, hash);
}

static void disable_ignores(struct trial *t)
{
	struct frame frame = tcp_to(1, 1);
	struct request *r;

	rss_ready(t, 1);
	DONE(t, move_primary(t, 4, 1, 6));
	r = garbage(t, DISABLE_RSS);
	DONE(t, request_send(t, r));
	unhashed(t, &frame, 1, 6);
	DONE(t, rss_disable(t, 1)); /* again */
	unhashed(t, &frame, 1, 6);
	r = garbage(t, 0xffdf); /* every other flag, unknown ones too */
	DONE(t, request_send(t, r));
}

static void default_unchanged(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.flags = DEFAULT_UNCHANGED;
	rss.default_processor = 999;
	DONE(t, rss_set(t, 1, &rss));
	default_processor_is(t, 1, 7);
}

static void default_changed(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.default_processor = 5;
	DONE(t, rss_set(t, 1, &rss));
	default_processor_is(t, 1, 5);
	follows_table(t, 1, usual_table, 4);
}

static void clear_promises_nothing(struct trial *t)
{
	struct rss rss = rss_params();
	const char *before;

	rss_ready(t, 1);
	before = state_take(t);
	DONE(t, rss_set(t, 1, &rss));
	state_same(t, before, "the same parameters, no flag set");
	rss.flags = ALL_UNCHANGED;
	DONE(t, rss_set(t, 1, &rss));
	state_same(t, before, "the same parameters, all flags set");
}

static void function_zero(struct trial *t)
{
	struct rss rss = rss_params();
	struct frame frame = tcp_to(1, 1);

	rss_ready(t, 1);
	rss.information = VMMQ_HASH_TYPES_DEFAULT;
	rss.default_processor = 999; /* not looked at */
	DONE(t, rss_set(t, 1, &rss));
	unhashed(t, &frame, 1, 4);
}

static void unknown_flag(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.flags = 0x40;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss_set(t, 1, &rss));
	rss.flags = 0x8000;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss_set(t, 1, &rss));
}

const struct line lines_v1_flags[] = {
	RULE("10.2/1", "BASE_CPU_UNCHANGED 0x1"),
	CASE(base_unchanged, "With all flags set, a base CPU that differs is not looked at"),
	RULE("10.2/2", "HASH_INFO_UNCHANGED 0x2: function and types as before"),
	CASE(info_unchanged, "Set: types that would be refused, and function 0, are not read"),
	CASE(info_changed, "Clear: other types take effect; those that are not named are off"),
	RULE("10.2/3", "ITABLE_UNCHANGED 0x4: table and its place as before"),
	CASE(table_unchanged, "Set: table, size, offset and masks are not read"),
	CASE(table_changed, "Clear: a larger table, and a smaller one, take effect"),
	RULE("10.2/4", "HASH_KEY_UNCHANGED 0x8"),
	CASE(key_unchanged, "Set: key, size and offset are not read"),
	CASE(key_changed, "Clear: another key takes effect"),
	RULE("10.2/5", "DISABLE_RSS 0x10: every other flag and member is ignored, RSS is off"),
	CASE(disable_ignores, "With nonsense everywhere else; twice"),
	RULE("10.2/6", "DEFAULT_PROCESSOR_UNCHANGED 0x20, revision 3"),
	CASE(default_unchanged, "Set: the member is not read"),
	CASE(default_changed, "Clear: another default processor takes effect, the table stays"),
	RULE("10.2/7", "A flag that is clear promises nothing; hash function 0 disables RSS too"),
	CASE(clear_promises_nothing, "Equal values with no flag, and with all flags, change nothing"),
	CASE(function_zero, "Hash function 0: off, nothing else is looked at"),
	CASE(unknown_flag, "Flags that do not exist are refused"),
	END_OF_LINES,
};

static void first_enable(struct trial *t)
{
	struct frame frame = tcp_to(1, 2794);
	struct rss rss = rss_params();

	vport_ready(t, 1);
	unhashed(t, &frame, 1, 4);
	DONE(t, rss_set(t, 1, &rss));
	hashed(t, &frame, 1, 4, VMMQ_HASH_TCP_IPV4, 0x51ccc178);
	follows_table(t, 1, usual_table, 4);
	default_processor_is(t, 1, 7);
}

static void first_needs_all(struct trial *t)
{
	static const uint16_t flags[] = { HASH_INFO_UNCHANGED, ITABLE_UNCHANGED, HASH_KEY_UNCHANGED, ALL_UNCHANGED };

	vport_ready(t, 1);
	for (unsigned i = 0; i < 4; i++) {
		struct rss rss = rss_params();

		rss.flags = flags[i];
		REFUSE(t, VMMQ_INVALID_PARAMETER, rss_set(t, 1, &rss));
	}
}

static void table_only(struct trial *t)
{
	struct rss rss = rss_params();
	const uint16_t table[] = { 7, 7, 4, 5 };

	rss_ready(t, 1);
	rss.flags = ALL_UNCHANGED & ~ITABLE_UNCHANGED;
	memcpy(rss.table, table, sizeof(table));
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, table, 4);
	default_processor_is(t, 1, 7);
}

/* Packets wait while the table changes: all come, each flow in order. */
static void table_under_traffic(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.flags = ALL_UNCHANGED & ~ITABLE_UNCHANGED;
	for (unsigned round = 0; round < 10; round++) {
		for (uint16_t sport = 1; sport <= 8; sport++) {
			struct frame frame = tcp_to(1, sport);

			arrive(t, &frame);
		}
		for (unsigned i = 0; i < 4; i++)
			rss.table[i] = (uint16_t)(4 + (i + round) % 4);
		DONE(t, rss_set(t, 1, &rss));
	}
	trial_poll_all(t);
	CHECK(t, t->seen_count == 80, "%u of 80 packets are indicated", t->seen_count);
}

static void disable_adapter(struct trial *t)
{
	struct frame frame = tcp_to(200, 1);
	struct rss rss = rss_params();

	DONE(t, rss_set(t, NO_VPORT, &rss)); /* addressed to the adapter: VPort 0 on a switch */
	hashed(t, &frame, 0, rss.table[tcp_hash(1) % 4], VMMQ_HASH_TCP_IPV4, tcp_hash(1));
	DONE(t, rss_disable(t, NO_VPORT));
	unhashed(t, &frame, 0, 4);
	rss.flags = HASH_KEY_UNCHANGED;
	REFUSE(t, VMMQ_INVALID_PARAMETER, rss_set(t, NO_VPORT, &rss));
}

static void disable_vport(struct trial *t)
{
	rss_ready(t, 1);
	DONE(t, rss_disable(t, 1));
	for (uint16_t sport = 1; sport <= 16; sport++) {
		struct frame frame = tcp_to(1, sport);

		unhashed(t, &frame, 1, 4);
	}
	default_processor_is(t, 1, 4);
}

static void enable_again(struct trial *t)
{
	static const uint16_t flags[] = { HASH_INFO_UNCHANGED, ITABLE_UNCHANGED, HASH_KEY_UNCHANGED };
	struct rss rss = rss_params();

	rss_ready(t, 1);
	DONE(t, rss_disable(t, 1));
	for (unsigned i = 0; i < 3; i++) {
		rss.flags = flags[i];
		REFUSE(t, VMMQ_INVALID_PARAMETER, rss_set(t, 1, &rss));
	}
	rss.flags = 0;
	DONE(t, rss_set(t, 1, &rss));
	follows_table(t, 1, usual_table, 4);
}

static void delete_enabled(struct trial *t)
{
	uint32_t filter = rss_ready(t, 1);

	DONE(t, filter_clear(t, filter));
	DONE(t, vport_delete(t, 1));
}

static void excludes_receive_hash(struct trial *t)
{
	struct rss rss = rss_params();

	vport_ready(t, 1);
	DONE(t, receive_hash_set(t, 1, 1, VMMQ_HASH_TCP_IPV4 | 1));
	REFUSE_AS(t, request_send(t, rss_request(t, 1, &rss)), VMMQ_INVALID_OID, VMMQ_NOT_SUPPORTED);
	DONE(t, receive_hash_set(t, 1, 0, 0));
	DONE(t, rss_set(t, 1, &rss));
	REFUSE_AS(t, request_send(t, receive_hash_request(t, 1, 1, VMMQ_HASH_TCP_IPV4 | 1)), VMMQ_INVALID_OID,
		  VMMQ_NOT_SUPPORTED);
}

static void receive_hash_steers_nothing(struct trial *t)
{
	vport_ready(t, 1);
	DONE(t, receive_hash_set(t, 1, 1, VMMQ_HASH_TCP_IPV4 | 1));
	for (uint16_t sport = 1; sport <= 16; sport++) {
		struct frame frame = tcp_to(1, sport);

		hashed(t, &frame, 1, 4, VMMQ_HASH_TCP_IPV4, tcp_hash(sport));
	}
}

static void failure_changes_nothing(struct trial *t)
{
	struct rss rss = rss_params();

	rss_ready(t, 1);
	rss.entries = 8; /* a new table, key and default processor, and one bad entry at the end */
	for (unsigned i = 0; i < 8; i++)
		rss.table[i] = i < 7 ? 4 : 9;
	rss.key[3] ^= 1;
	rss.default_processor = 5;
	rss.information = VMMQ_HASH_IPV4 | 1;
	REFUSE_AS(t, rss_set(t, 1, &rss), VMMQ_INVALID_DATA, VMMQ_INVALID_PARAMETER);
}

const struct line lines_v1_enable[] = {
	RULE("10.3/1", "First enable: all parameters are supplied; a hash stands beside packets from here on"),
	CASE(first_enable, "Without a hash before, with the published one after, by the table"),
	CASE(first_needs_all, "Leaving out hash information, table or key is refused"),
	RULE("10.3/2", "Table only: the usual rebalance, everything else flagged unchanged"),
	CASE(table_only, "The new table steers, default processor and hash stay"),
	CASE(table_under_traffic, "Ten tables while packets wait: none is lost or doubled"),
	RULE("10.3/3", "Disable on the adapter: as after initialisation; a later enable supplies everything again"),
	CASE(disable_adapter, "A request without VPORT_ID_VALID"),
	RULE("10.3/4", "Disable on a VPort: all its packets go to the processor given at CREATE_VPORT"),
	CASE(disable_vport, "Sixteen flows and ARP, without a hash"),
	CASE(enable_again, "The next enable supplies everything again"),
	RULE("10.3/5", "Delete while enabled: allowed"),
	CASE(delete_enabled, "After its filter was cleared"),
	RULE("10.3/6", "Enable while receive hash is active: INVALID_OID or NOT_SUPPORTED, and the reverse"),
	CASE(excludes_receive_hash, "Both directions"),
	CASE(receive_hash_steers_nothing,
	     "Receive hash: a hash beside packets, the primary processor gets all of them (10.6)"),
	RULE("10.3/7", "Failure of any kind: no observable change"),
	CASE(failure_changes_nothing, "The last of eight entries is bad, all members differ"),
	END_OF_LINES,
};
