/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moving indirection table entries (spec 11.3): plain numbers are the rules, s the statuses of commands, w those of
 * whole requests, o the order of checks, d the deviations of Microsoft's sample driver that must not be here.
 */
#include <string.h>

#include "cases.h"
#include "cases_move.h"
#include "cases_queries.h"

static void addressed_to_vport(struct trial *t)
{
	struct command command = { .vport = 1, .target = 5 };
	struct request *r;

	rss_ready(t, 1);
	r = move_request(t, 4, &command, 1);
	r->vport = 1;
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
}

static void two_vports(struct trial *t)
{
	struct command command[] = { { .vport = 1, .target = 5 }, { .vport = 2, .target = 6 } };

	rss_ready(t, 1);
	rss_ready(t, 2);
	DONE(t, move_send(t, 4, command, 2));
	DONE(t, command[0].status);
	DONE(t, command[1].status);
	follows_table(t, 1, (const uint16_t[]){ 5, 5, 6, 7 }, 4);
	follows_table(t, 2, (const uint16_t[]){ 6, 5, 6, 7 }, 4);
}

static void effective_on_return(struct trial *t)
{
	struct frame frame = tcp_to(1, sport_for(0, 4));

	rss_ready(t, 1);
	DONE(t, move_entry(t, 4, 1, 0, 6));
	t->seen_count = 0;
	arrive(t, &frame); /* nothing else runs in between */
	trial_poll_all(t);
	CHECK(t, t->seen_count == 1 && t->seen[0].packet.processor == 6,
	      "the next packet is not indicated on processor 6");
}

static void actor_entries(struct trial *t)
{
	rss_ready(t, 1);
	for (uint16_t actor = 5; actor <= 8; actor++)
		REFUSE(t, VMMQ_NOT_ACCEPTED, move_entry(t, actor, 1, 0, 5));
	REFUSE(t, VMMQ_NOT_ACCEPTED, move_entry(t, 68, 1, 0, 5)); /* 1:4 is not 0:4 */
	DONE(t, move_entry(t, 4, 1, 0, 5));
	REFUSE(t, VMMQ_NOT_ACCEPTED, move_default(t, 4, 1, 5));
	DONE(t, move_default(t, 7, 1, 5));
}

static void actor_inactive(struct trial *t)
{
	vport_ready(t, 1); /* RSS off: table and default processor are inactive */
	REFUSE(t, VMMQ_NOT_ACCEPTED, move_entry(t, 5, 1, 0, 6));
	REFUSE(t, VMMQ_NOT_ACCEPTED, move_default(t, 5, 1, 6));
	REFUSE(t, VMMQ_NOT_ACCEPTED, move_primary(t, 5, 1, 6));
	DONE(t, move_entry(t, 4, 1, 0, 6));
	DONE(t, move_default(t, 4, 1, 6));
	DONE(t, move_primary(t, 4, 1, 6));
	rss_ready(t, 2); /* RSS on: the primary is inactive */
	REFUSE(t, VMMQ_NOT_ACCEPTED, move_primary(t, 5, 2, 6));
}

static void to_itself(struct trial *t)
{
	const char *before;

	rss_ready(t, 1);
	before = state_take(t);
	DONE(t, move_entry(t, 4, 1, 0, 4));
	DONE(t, move_default(t, 7, 1, 7));
	DONE(t, move_primary(t, 4, 1, 4));
	state_same(t, before, "moves from a processor to itself");
}

/* Entries come from several processors to one, which passes them on at once. */
static void incoming_first(struct trial *t)
{
	struct command on[] = { { .vport = 1, .index = 0, .target = 69 },
				{ .vport = 1, .index = 1, .target = 69 },
				{ .vport = 1, .index = 2, .target = 69 } };

	rss_ready(t, 1);
	DONE(t, vport_set_queue_pairs(t, 1, 8));
	for (uint16_t i = 0; i < 3; i++)
		DONE(t, move_entry(t, 4 + i, 1, i, 68));
	DONE(t, move(t, 68, on, 3));
	follows_table(t, 1, (const uint16_t[]){ 69, 69, 69, 7 }, 4);
}

static void at_once_again(struct trial *t)
{
	static const uint16_t way[] = { 4, 6, 5, 7, 4, 5, 6, 4 };
	struct frame frame = tcp_to(1, sport_for(0, 4));

	rss_ready(t, 1);
	for (unsigned i = 0; i + 1 < COUNT(way); i++) {
		arrive(t, &frame);
		DONE(t, move_entry(t, way[i], 1, 0, way[i + 1]));
	}
	trial_poll_all(t);
	CHECK(t, t->seen_count == COUNT(way) - 1, "%u of %zu packets are indicated", t->seen_count, COUNT(way) - 1);
	follows_table(t, 1, (const uint16_t[]){ 4, 5, 6, 7 }, 4);
}

static void no_pending(struct trial *t)
{
	struct command command[] = {
		{ .vport = 1, .index = 0, .target = 5 },   { .vport = 1, .index = 99, .target = 5 },
		{ .vport = 9, .index = 0, .target = 5 },   { .vport = 99, .index = 0, .target = 5 },
		{ .vport = 1, .index = 0, .target = 999 }, { .vport = 1, .flags = 4, .target = 5 },
		{ .vport = 2, .index = 1, .target = 5 },
	};

	rss_ready(t, 1);
	rss_ready(t, 2);
	DONE(t, move_send(t, 4, command, COUNT(command))); /* which looks for PENDING */
}

static void refused_whole_no_pending(struct trial *t)
{
	struct command command = { .vport = 1, .target = 5 };
	struct vmmq_ndis_rss_entry entry;
	struct request *r;

	rss_ready(t, 1);
	r = move_request(t, 4, &command, 1);
	PUT(r, rss_set_entries, flags, 1);
	REFUSE(t, VMMQ_INVALID_PARAMETER, request_send(t, r));
	memcpy(&entry, r->byte + 20, sizeof(entry));
	CHECK(t, entry.status != VMMQ_PENDING && entry.status != VMMQ_SUCCESS, "the command is left as %s",
	      status_name(entry.status));
}

static void group_fails(struct trial *t)
{
	struct command command[] = { { .vport = 1, .index = 0, .target = 5 },
				     { .vport = 1, .index = 1, .target = 4 }, /* points at 5 */
				     { .vport = 1, .flags = MOVE_PRIMARY, .target = 6 } };

	rss_ready(t, 1);
	REFUSE(t, VMMQ_NOT_ACCEPTED, move(t, 4, command, 3));
	command[1] = (struct command){ .vport = 1, .index = 4, .target = 4 };
	REFUSE(t, VMMQ_INVALID_PARAMETER, move(t, 4, command, 3));
	command[1] = (struct command){ .vport = 1, .index = 0, .target = 9 };
	REFUSE_AS(t, move(t, 4, &command[1], 2), VMMQ_INVALID_DATA);
}

static void group_succeeds(struct trial *t)
{
	struct command command[] = { { .vport = 1, .index = 0, .target = 5 },
				     { .vport = 1, .flags = MOVE_DEFAULT, .target = 6 },
				     { .vport = 1, .flags = MOVE_PRIMARY, .target = 6 } };

	rss_ready(t, 1);
	DONE(t, move_default(t, 7, 1, 4));
	DONE(t, move(t, 4, command, 3));
	follows_table(t, 1, (const uint16_t[]){ 5, 5, 6, 7 }, 4);
	default_processor_is(t, 1, 6);
	DONE(t, rss_disable(t, 1));
	default_processor_is(t, 1, 6);
}

void groups_independent(struct trial *t)
{
	struct command command[] = {
		{ .vport = 1, .index = 0, .target = 5 },
		{ .vport = 2, .index = 1, .target = 4 },  /* fails */
		{ .vport = 1, .index = 99, .target = 5 }, /* fails */
		{ .vport = 2, .index = 0, .target = 6 },
		{ .vport = 9, .index = 0, .target = 6 }, /* fails */
		{ .vport = 1, .flags = MOVE_PRIMARY, .target = 7 },
	};
	const vmmq_status expected[] = { VMMQ_SUCCESS, VMMQ_NOT_ACCEPTED, VMMQ_INVALID_PARAMETER,
					 VMMQ_SUCCESS, VMMQ_INVALID_PORT, VMMQ_SUCCESS };

	rss_ready(t, 1);
	rss_ready(t, 2);
	DONE(t, move_send(t, 4, command, COUNT(command)));
	for (unsigned i = 0; i < COUNT(command); i++)
		trial_expect(t, expected[i], command[i].status, "each group by itself");
	follows_table(t, 1, (const uint16_t[]){ 5, 5, 6, 7 }, 4);
	follows_table(t, 2, (const uint16_t[]){ 6, 5, 6, 7 }, 4);
	CHECK(t, vport_get(t, 1).affinity.mask == 1u << 7, "the primary processor did not move");
}

static void groups_by_switch(struct trial *t)
{
	struct command command[] = { { .vport = 1, .index = 0, .target = 5 },
				     { .vport = 1, .index = 0, .target = 6, .switch_id = 1 } };

	rss_ready(t, 1);
	DONE(t, move_send(t, 4, command, 2));
	DONE(t, command[0].status);
	ANSWERS(t, VMMQ_INVALID_PARAMETER, command[1].status);
	follows_table(t, 1, (const uint16_t[]){ 5, 5, 6, 7 }, 4);
}

/* Processors 4 5 6 7 are all that VPort 1 may have; 4 is left for 68. */
static void evacuation(struct trial *t)
{
	struct command command[] = { { .vport = 1, .index = 0, .target = 68 },
				     { .vport = 1, .index = 4, .target = 68 },
				     { .vport = 1, .flags = MOVE_DEFAULT, .target = 68 } };
	struct rss rss = rss_params();

	vport_ready(t, 1);
	rss.entries = 8;
	memcpy(rss.table, (const uint16_t[]){ 4, 5, 6, 7, 4, 5, 6, 7 }, 16);
	rss.default_processor = 4;
	DONE(t, rss_set(t, 1, &rss));
	REFUSE(t, VMMQ_NO_QUEUES, move(t, 4, command, 2)); /* 4 would still be the default processor */
	DONE(t, move(t, 4, command, 3));
	follows_table(t, 1, (const uint16_t[]){ 68, 5, 6, 7, 68, 5, 6, 7 }, 8);
	default_processor_is(t, 1, 68);
}

static void many(struct trial *t)
{
	struct command command[128];
	struct rss rss = rss_params();
	uint16_t table[128];

	vport_ready(t, 1);
	rss.entries = table_limit(t);
	for (unsigned i = 0; i < rss.entries; i++) {
		rss.table[i] = 4;
		table[i] = (uint16_t)(5 + i % 2);
		command[i] = (struct command){ .vport = 1, .index = (uint16_t)i, .target = table[i] };
	}
	DONE(t, rss_set(t, 1, &rss));
	DONE(t, move(t, 4, command, rss.entries));
	follows_table(t, 1, table, rss.entries);
}

static vmmq_status inside_status[2];

/*
 * On the processor that indicates: its entry moves away, and on from there it is not accepted.  No check here may
 * end the case.
 */
static void move_inside(struct trial *t, const struct vmmq_conformance_packet *packet)
{
	const struct command command = { .vport = 1, .index = 0, .target = 6 };
	uint8_t block[20 + 24];

	if (packet->processor != 4 || inside_status[0] != VMMQ_PENDING)
		return;
	for (unsigned i = 0; i < 2; i++) {
		struct vmmq_conformance_request request = {
			.oid = VMMQ_OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES,
			.method = METHOD,
			.vport = 0,
			.actor = packet->processor,
			.buffer = block,
			.len = sizeof(block),
		};

		memcpy(block, move_request(t, 4, &command, 1)->byte, sizeof(block));
		t->subject->request(t->nic, &request);
		memcpy(&inside_status[i], block + 40, 4);
	}
}

static void inside_indication(struct trial *t)
{
	struct frame frame = tcp_to(1, sport_for(0, 4));

	rss_ready(t, 1);
	inside_status[0] = VMMQ_PENDING;
	t->inside = move_inside;
	for (unsigned i = 0; i < 4; i++)
		arrive(t, &frame);
	trial_poll_all(t);
	t->inside = NULL;
	DONE(t, inside_status[0]);
	ANSWERS(t, VMMQ_NOT_ACCEPTED, inside_status[1]);
	CHECK(t, t->seen_count == 4, "%u of 4 packets are indicated", t->seen_count);
	follows_table(t, 1, (const uint16_t[]){ 6, 5, 6, 7 }, 4);
}

static void between_parameters(struct trial *t)
{
	struct rss2 rss = rss2_params(RSS2_ENABLE | RSS2_ENTRIES);

	rss_ready(t, 1);
	DONE(t, move_entry(t, 4, 1, 0, 5));
	rss.entries = 8;
	DONE(t, rss2_set(t, 1, &rss));
	DONE(t, move_entry(t, 5, 1, 4, 6));
	follows_table(t, 1, (const uint16_t[]){ 5, 5, 6, 7, 6, 5, 6, 7 }, 8);
}

static void not_seen_by_others(struct trial *t)
{
	trial_skip(t, "drivers above the NIC are not part of it");
}

const struct line lines_move[] = {
	RULE("11.3/1", "VPORT_ID_VALID must be clear: commands may name different VPorts"),
	CASE(addressed_to_vport, "Set: the request is refused"),
	CASE(two_vports, "Commands for two VPorts"),
	RULE("11.3/2", "It runs and completes on the processor that issued it, and never pends"),
	CASE(effective_on_return, "The packet behind it follows the new entry, nothing having run in between"),
	RULE("11.3/3", "What is moved must point at the actor, active or not, else NOT_ACCEPTED"),
	CASE(actor_entries, "Five other actors; a number of another group is another processor"),
	CASE(actor_inactive, "Inactive parameters, too"),
	RULE("11.3/4", "A move from a processor to itself succeeds"),
	CASE(to_itself, "Entry, default and primary processor; nothing changes"),
	RULE("11.3/5", "Incoming moves that were started elsewhere are finished first"),
	CASE(incoming_first, "Three entries come from three processors and are passed on"),
	RULE("11.3/6", "On SUCCESS it is moved: a further move from the new processor works at once"),
	CASE(at_once_again, "Seven moves with packets between them, none is lost"),
	RULE("11.3/7", "EntryStatus arrives as PENDING and is final in every command"),
	CASE(no_pending, "Seven commands, most of them wrong"),
	CASE(refused_whole_no_pending, "A request that is refused as a whole"),
	RULE("11.3/8", "A group, a run of commands of one switch and VPort, has one status: all or nothing"),
	CASE(group_fails, "A wrong actor, a wrong index, a wrong target among good commands"),
	CASE(group_succeeds, "Entry, default and primary processor in one group"),
	RULE("11.3/9", "Groups are independent, even two of one VPort"),
	CASE(groups_independent, "Six groups, three VPorts, every other one fails"),
	CASE(groups_by_switch, "The same VPort id of another switch is another group"),
	RULE("11.3/10", "Queues are counted after the whole group"),
	CASE(evacuation, "A processor is left for another, with as many queues as processors"),
	RULE("11.3/11", "At least as many commands as table entries"),
	CASE(many, "As many as the table may have"),
	RULE("11.3/12", "The caller may be inside a receive or send-complete call"),
	CASE(inside_indication, "A move from inside an indication, on its processor; a second one is not accepted"),
	RULE("11.3/13", "None is issued while PARAMETERS_V2 is in progress"),
	CASE(between_parameters, "Before and after it they count on each other"),
	RULE("11.3/14", "Invisible to filter drivers older than NDIS 6.80"),
	CASE(not_seen_by_others, "Filter drivers"),
	RULE("11.3/15", "A synchronous request answers neither PENDING nor REQUEST_ABORTED"),
	CASE(move_never_pends, "Good moves, wrong ones, and groups of both, with packets under way"),
	RULE("11.3/s1", "SUCCESS: applied, tracked, or a no-op"),
	CASE(status_success, "One each"),
	RULE("11.3/s2", "INVALID_PARAMETER: switch, VPort id, flags or index"),
	CASE(status_invalid_parameter, "Eleven wrong ones"),
	RULE("11.3/s3", "INVALID_PORT: there is no such VPort (see 19.5)"),
	CASE(status_invalid_port, "Well-formed ids that are free"),
	RULE("11.3/s4", "INVALID_PORT_STATE: not activated"),
	CASE(status_invalid_port_state, "Before and after activation"),
	RULE("11.3/s5", "NOT_ACCEPTED: the actor is not the current target"),
	CASE(actor_entries, "As 11.3/3"),
	RULE("11.3/s6", "INVALID_DATA: an active parameter to a target outside of the RSS set"),
	CASE(status_invalid_data, "Entry, default, primary processor"),
	RULE("11.3/s7", "NO_QUEUES: the group would exceed the number of queues"),
	CASE(status_no_queues, "One more is refused, an exchange is not"),
	RULE("11.3/s8", "ADAPTER_NOT_FOUND, ADAPTER_NOT_READY: adapter state"),
	CASE(adapter_state, "Without a switch no move succeeds"),
	RULE("11.3/s9", "RESOURCES is never for queue counts"),
	CASE(resources, "One queue too many is NO_QUEUES"),
	RULE("11.3/w1", "Whole request malformed, or its sizes: INVALID_LENGTH"),
	CASE(whole_lengths, "Entry size, offset, count, and products that overflow"),
	CASE(stride, "Entries may be further apart than they are long"),
	RULE("11.3/w2", "Header members: INVALID_PARAMETER"),
	CASE(whole_header, "Type, revision, flags"),
	RULE("11.3/o1",
	     "Order of checks: VPort, activation, flags and index, actor, no-op, RSS set; then the queue count"),
	CASE(order, "Commands that are wrong in all later ways as well"),
	RULE("11.3/o2", "Queues in use: processors of active parameters only"),
	CASE(counts_active_only, "An inactive primary, then an inactive table, cost nothing"),
	RULE("11.3/o3", "Two commands of a group for one entry: the second sees the first as done"),
	CASE(same_entry_twice, "It fails the actor check, unless the first was a no-op"),
	RULE("11.3/d1", "Not as the sample: one bad command fails its whole group"),
	CASE(sample_bad_command, "In the middle of good ones"),
	RULE("11.3/d2", "Not as the sample: on NO_QUEUES inactive and no-op commands of the group are reverted too"),
	CASE(sample_no_queues, "One of each beside the one that needs a queue"),
	RULE("11.3/d3", "Not as the sample: VPortId is compared with >="),
	CASE(sample_id_limit, "The number of VPorts itself, and one less"),
	RULE("11.3/d4", "Not as the sample: a failed enable leaves no counts behind"),
	CASE(sample_failed_enable, "Three failed ones; then the count is right, off and on"),
	RULE("11.3/d5", "Not as the sample: growing the table while RSS is off counts nothing"),
	CASE(sample_grow_off, "64 inactive entries, one queue"),
	END_OF_LINES,
};
