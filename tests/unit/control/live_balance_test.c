/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dynamic VMMQ on a running switch: adapter, NIC switch, state and ports are the real ones; the clock and what processors have done are the
 * test's.  It defines the functions that the controller reads counters with (src/engine/load_read.c), so that no other ones are linked.
 */
#include "unit/control/live_requests.h"

#include "control/live_balance.h"
#include "control/live_moved.h"

#define PROCESSORS 4
#define TICK_NS    UINT64_C(10000000)
#define PACKET_NS  100 /* that a packet costs */
#define VPORTS     8

static const char dynamic[] =
    "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
    "vports:\n"
    "  - {id: 1, name: web, queue_pairs: 4, scaling: dynamic,\n"
    "     rss: {enabled: true, indirection_table: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]}}\n"
    "  - {id: 2, name: fixed, queue_pairs: 4,\n"
    "     rss: {enabled: true, indirection_table: [0, 1, 0, 1]}}\n"
    "  - {id: 3, name: plain, queue_pairs: 2, scaling: dynamic, primary_processor: 1}\n";

/* What has been done, as the fake counters tell it. */
static struct world {
	struct live *live;
	uint64_t now_ns;
	uint32_t rate[VPORTS][VMMQ_LANES_MAX]; /* packets a tick */
	uint32_t packets[PROCESSORS][VPORTS][VMMQ_LANES_MAX];
	struct vmmq_processor_load load[PROCESSORS];
	uint32_t refuses[PROCESSORS]; /* packets a tick, beside the rates */
	bool stalled[PROCESSORS];
	bool measured;
} world;

void vmmq_load_measure(struct vmmq_adapter *adapter, bool on)
{
	(void)adapter;
	world.measured = on;
}

void vmmq_processor_load_read(const struct vmmq_adapter *adapter, struct vmmq_processor processor,
			      uint64_t turns_before, struct vmmq_processor_load *load)
{
	(void)adapter;
	*load = world.load[processor.v];
	load->is_behind = world.stalled[processor.v] && load->turns == turns_before;
}

void vmmq_lanes_read(const struct vmmq_adapter *adapter, struct vmmq_vport_id vport, const uint8_t lane[],
		     const struct vmmq_processor at[], unsigned count, uint32_t packets[])
{
	(void)adapter;
	for (unsigned i = 0; i < count; i++)
		packets[i] = world.packets[at[i].v][vport.v][lane[i]];
}

static struct vmmq_rss_params effective(uint16_t vport)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(world.live->sw, (struct vmmq_vport_id){ vport }, &info));
	return *info.rss;
}

static struct vmmq_rss_params requested(uint16_t vport)
{
	struct vmmq_rss_params rss;

	assert_true(live_rss_requested(world.live, (struct vmmq_vport_id){ vport }, &rss));
	return rss;
}

/* work_lane does a tick of one lane where the NIC switch steers it. */
static void work_lane(uint16_t vport, unsigned lane, struct vmmq_processor at)
{
	uint32_t packets = world.rate[vport][lane];

	if (world.stalled[at.v])
		return;
	world.packets[at.v][vport][lane] += packets;
	world.load[at.v].packets += packets;
	world.load[at.v].busy_ns += (uint64_t)PACKET_NS * packets;
}

static void work(void)
{
	for (uint16_t vport = 0; vport < VPORTS; vport++) {
		struct vmmq_vport_info info;
		struct vmmq_rss_params rss;

		if (!vmmq_vport_get(world.live->sw, (struct vmmq_vport_id){ vport }, &info))
			continue;
		rss = *info.rss;
		for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++)
			if (world.rate[vport][lane])
				work_lane(vport, lane, *live_lane(&rss, lane));
	}
	for (unsigned p = 0; p < PROCESSORS; p++) {
		world.load[p].turns += !world.stalled[p];
		world.load[p].refused += world.refuses[p];
	}
}

static void ticks(unsigned count)
{
	while (count--) {
		world.now_ns += TICK_NS;
		work();
		live_balance_tick(world.live, world.now_ns);
	}
}

static struct live *begin(const char *yaml, const char *state)
{
	world = (struct world){ .now_ns = 5 * TICK_NS };
	world.live = rig_open(yaml, state);
	return world.live;
}

/* skewed: all 16 entries of VPort 1 have load, of which processor 0 could not do more: 0.9 of it. */
static void skewed(void)
{
	for (unsigned entry = 0; entry < 16; entry++)
		world.rate[1][entry] = 90000 / 16;
}

/* most_over_mean of what processors do in a tick, of those that do anything. */
static double most_over_mean(void)
{
	struct vmmq_processor_load before[PROCESSORS];
	uint64_t sum = 0, most = 0;
	unsigned used = 0;

	memcpy(before, world.load, sizeof(before));
	work();
	for (unsigned p = 0; p < PROCESSORS; p++) {
		uint64_t busy = world.load[p].busy_ns - before[p].busy_ns;

		sum += busy;
		used += busy > 0;
		most = busy > most ? busy : most;
	}
	return used ? (double)most * used / (double)sum : 0;
}

static unsigned used_by(uint16_t vport)
{
	struct vmmq_rss_params rss = effective(vport);

	return vmmq_rss_queues_used(&rss);
}

static uint64_t moves_made(void)
{
	struct live_balance_info info;
	uint64_t sum = 0;

	live_balance_info(world.live, &info);
	for (unsigned i = 0; i < BALANCE_REASON_COUNT; i++)
		sum += info.moves[i];
	return sum;
}

static void load_moves_and_nothing_is_requested(void **unused)
{
	struct live *live = begin(dynamic, rig_state);
	char *before = rig_export(live), *after, *dump = rig_dump(rig_state), *dumped;
	struct heard heard = { "" };
	struct live_latency latency, later;

	(void)unused;
	live_latency(live, &latency);
	live_listen(live, hear, &heard);
	skewed();
	ticks(2);
	assert_true(world.measured);
	ticks(10);
	assert_true(moves_made() > 0);
	assert_true(most_over_mean() < 1.1);
	assert_true(used_by(1) > 1 && used_by(1) <= 4);
	assert_non_null(strstr(heard.text, "balance.moved 1 processor 0 had "));

	after = rig_export(live);
	dumped = rig_dump(rig_state);
	assert_string_equal(before, after);
	assert_string_equal(dump, dumped);
	live_latency(live, &later);
	assert_int_equal(latency.requests, later.requests); /* nobody has asked for it */
	assert_int_equal(requested(1).table[5].v, 0);
	rig_close(live);
	free(after);
	free(dumped);

	live = begin(NULL, rig_state);
	for (unsigned entry = 0; entry < 16; entry++)
		assert_int_equal(effective(1).table[entry].v, 0);
	rig_close(live);
	free(before);
	free(dump);
}

static void what_is_static_stays(void **unused)
{
	struct live *live = begin(dynamic, "");
	struct vmmq_rss_params before = effective(2), after;

	(void)unused;
	world.rate[2][0] = world.rate[2][2] = 45000;
	ticks(20);
	after = effective(2);
	assert_memory_equal(before.table, after.table, sizeof(before.table));
	assert_int_equal(moves_made(), 0);
	rig_close(live);

	live = begin(three, "");
	ticks(5);
	assert_false(world.measured);
	rig_close(live);
}

/* Two processors that both have nearly all of their time as load, and one of them refuses what it cannot do. */
static void what_is_refused_is_seen(void **unused)
{
	static const char full[] =
	    "adapter: {processors: [0, 1], moderation: interrupt}\n"
	    "vports:\n"
	    "  - {id: 1, name: web, queue_pairs: 2, scaling: dynamic,\n"
	    "     rss: {enabled: true, indirection_table: [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]}}\n";
	struct live *live = begin(full, "");
	struct vmmq_rss_params rss;
	unsigned to_0 = 0;

	(void)unused;
	for (unsigned entry = 0; entry < 16; entry++)
		world.rate[1][entry] = entry % 2 ? 12500 : 11750;
	ticks(50);
	assert_int_equal(moves_made(), 0);
	world.refuses[1] = 30000;
	ticks(30);
	rss = effective(1);
	for (unsigned entry = 0; entry < 16; entry++)
		to_0 += rss.table[entry].v == 0;
	assert_int_equal(to_0, 9);
	rig_close(live);
}

struct entry_move {
	uint16_t vport, entry, to;
	bool pin;
};

/* move_by_hand is what rss.move does. */
static vmmq_status move_by_hand(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct entry_move *move = argument;
	struct vmmq_rss_move command = { .vport_id = move->vport, .index = move->entry, .target = { move->to } };
	vmmq_status status =
	    vmmq_rss_move(live_switch(live), effective(move->vport).table[move->entry], &command, 1, why);

	if (status == VMMQ_SUCCESS)
		status = command.status;
	if (status == VMMQ_SUCCESS && move->pin)
		status = live_rss_pin(live, (struct vmmq_vport_id){ move->vport }, move->entry, why);
	return status;
}

static void a_pinned_entry_stays_until_it_is_said_again(void **unused)
{
	struct live *live = begin(dynamic, "");
	struct set again = { .vport = { .id = { 1 }, .dynamic = true }, .changed = LIVE_VPORT_SCALING };
	struct live_balance_lane lane[VMMQ_LANES_MAX];
	uint16_t at;

	(void)unused;
	skewed();
	world.rate[1][3] = 60000; /* where it goes there is too much */
	ticks(12);
	at = (uint16_t)((effective(1).table[3].v + 1) % PROCESSORS);
	rig_must(live, move_by_hand, &(struct entry_move){ 1, 3, at, true });
	assert_int_equal(requested(1).table[3].v, at);
	ticks(150);
	assert_int_equal(effective(1).table[3].v, at);
	assert_int_equal(live_balance_lanes(live, (struct vmmq_vport_id){ 1 }, lane), 18);
	assert_true(lane[3].pinned && !lane[3].moved);
	assert_true(lane[3].load > 500000);
	rig_must(live, set_vport, &again);
	live_balance_lanes(live, (struct vmmq_vport_id){ 1 }, lane);
	assert_false(lane[3].pinned);
	rig_close(live);
}

static void static_again_is_as_requested(void **unused)
{
	struct live *live = begin(dynamic, rig_state);
	struct set set = { .vport = { .id = { 1 }, .dynamic = false }, .changed = LIVE_VPORT_SCALING };
	uint64_t made;

	(void)unused;
	skewed();
	ticks(12);
	assert_true(used_by(1) > 1);
	rig_must(live, set_vport, &set);
	assert_int_equal(used_by(1), 1);
	made = moves_made();
	ticks(12);
	assert_int_equal(used_by(1), 1);
	assert_int_equal(moves_made(), made);
	rig_close(live);
}

static vmmq_status state_table(struct live *live, void *argument, struct vmmq_why *why)
{
	const struct vmmq_vport_id id = { 1 };
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	vmmq_status status = live_rss_restore(live, id, why);

	vmmq_vport_get(live_switch(live), id, &info);
	rss = *info.rss;
	rss.table[0].v = *(uint16_t *)argument;
	if (status == VMMQ_SUCCESS)
		status = vmmq_rss_set(live_switch(live), id, &rss, why);
	return status == VMMQ_SUCCESS ? live_rss_stated(live, id, why) : status;
}

static void a_change_by_hand_begins_with_what_was_requested(void **unused)
{
	struct live *live = begin(dynamic, rig_state);
	struct set fewer = { .vport = { .id = { 1 }, .queue_pairs = 2 }, .changed = LIVE_VPORT_QUEUE_PAIRS };
	uint16_t processor = 2;

	(void)unused;
	skewed();
	ticks(12);
	assert_true(used_by(1) > 1);
	rig_must(live, state_table, &processor);
	assert_int_equal(requested(1).table[0].v, 2);
	for (unsigned entry = 1; entry < 16; entry++)
		assert_int_equal(effective(1).table[entry].v, 0);
	ticks(12);
	assert_true(most_over_mean() < 1.1);
	/* What the balance uses does not stand in the way of fewer queue pairs. */
	rig_must(live, set_vport, &fewer);
	assert_int_equal(used_by(1), 2);
	ticks(30);
	assert_int_equal(used_by(1), 2);
	rig_close(live);
}

/* What has been requested must be possible, too, although it is not in effect now. */
static void a_change_that_what_was_requested_does_not_allow_is_refused(void **unused)
{
	static const char low[] = "adapter: {processors: [0, 1, 2, 3], moderation: interrupt}\n"
				  "vports:\n"
				  "  - {id: 1, name: web, queue_pairs: 4, scaling: dynamic,\n"
				  "     rss: {enabled: true, indirection_table: [0, 1, 2, 3]}}\n";
	struct live *live = begin(low, "");
	struct set fewer = { .vport = { .id = { 1 }, .queue_pairs = 2 }, .changed = LIVE_VPORT_QUEUE_PAIRS };
	struct vmmq_why why;

	(void)unused;
	for (unsigned entry = 0; entry < 4; entry++)
		world.rate[1][entry] = 1000;
	ticks(250);
	assert_int_equal(used_by(1), 1); /* low load: all on the first */
	assert_int_equal(rig_run(live, set_vport, &fewer, &why), VMMQ_NO_QUEUES);
	assert_string_equal(why.path, "queue_pairs");
	assert_int_equal(used_by(1), 1);
	rig_close(live);
}

static void few_processors_at_low_load_and_no_fewer_than_wanted(void **unused)
{
	static const char low[] = "adapter: {processors: [0, 1, 2, 3], moderation: interrupt, balance: {tick: 5}}\n"
				  "vports:\n"
				  "  - {id: 1, name: web, queue_pairs: 4, min_queue_pairs: 2, scaling: dynamic,\n"
				  "     rss: {enabled: true, indirection_table: [0, 1, 2, 3, 0, 1, 2, 3]}}\n";
	struct live *live = begin(low, "");
	struct live_balance_processor processor;

	(void)unused;
	for (unsigned entry = 0; entry < 8; entry++)
		world.rate[1][entry] = 1000;
	ticks(600);
	assert_int_equal(used_by(1), 2);
	live_balance_processor(live, 3, &processor);
	assert_false(processor.in_use);
	/* And back in the tick that shows it. */
	for (unsigned entry = 0; entry < 8; entry++)
		world.rate[1][entry] = 40000;
	ticks(3);
	assert_true(used_by(1) > 2);
	rig_close(live);
}

static unsigned entries_at(uint16_t processor)
{
	struct vmmq_rss_params rss = effective(1);
	unsigned count = 0;

	for (unsigned entry = 0; entry < rss.entry_count; entry++)
		count += rss.table[entry].v == processor;
	return count;
}

static void a_processor_that_stalls_is_left(void **unused)
{
	struct live *live = begin(dynamic, "");

	(void)unused;
	skewed();
	ticks(12);
	world.stalled[0] = true;
	for (unsigned i = 0; i < 15; i++) {
		unsigned before = entries_at(0);

		ticks(1);
		assert_true(entries_at(0) <= before); /* what it does not do any more is no reason to give it more */
	}
	for (unsigned entry = 0; entry < 16; entry++)
		assert_int_not_equal(effective(1).table[entry].v, 0);
	world.stalled[0] = false;
	ticks(120);
	assert_true(most_over_mean() < 1.15); /* 16 entries do not divide by 3 */
	rig_close(live);
}

/* Deleted, added, made static and grown between reading and moving; processors taken away: what is left goes on. */
static void vports_come_and_go(void **unused)
{
	struct live *live = begin(dynamic, "");
	struct vmmq_vport_id web = { 1 };
	struct add add = new_vport(1, "again");

	(void)unused;
	skewed();
	ticks(4);
	rig_must(live, delete_vport_whole, &web);
	ticks(4);
	add.vport.dynamic = true;
	add.vport.queue_pairs = 4;
	add.vport.rss.enabled = true;
	add.vport.rss.entry_count = 16;
	for (unsigned entry = 0; entry < 16; entry++)
		add.vport.rss.table[entry].v = 3;
	add.vport.rss.default_processor.v = 3;
	rig_must(live, add_vport, &add);
	ticks(14);
	assert_true(most_over_mean() < 1.1);
	assert_int_equal(requested(1).table[7].v, 3);
	rig_close(live);
}

static vmmq_status apply_config(struct live *live, void *argument, struct vmmq_why *why)
{
	return live_apply(live, argument, why);
}

static void processors_that_are_taken_away_are_left(void **unused)
{
	struct live *live = begin(dynamic, "");
	struct vmmq_config wanted;

	(void)unused;
	skewed();
	ticks(12);
	assert_int_equal(used_by(1), 4);
	assert_true(live_config(live, &wanted));
	wanted.processor_count = 3;
	wanted.processors[0].v = 0;
	wanted.processors[1].v = 1;
	wanted.processors[2].v = 3;
	rig_must(live, apply_config, &wanted);
	vmmq_config_fini(&wanted);
	ticks(12);
	for (unsigned entry = 0; entry < 16; entry++)
		assert_int_not_equal(effective(1).table[entry].v, 2);
	assert_true(most_over_mean() < 1.15); /* 16 entries do not divide by 3 */
	rig_close(live);
}

/* Counters that go back, stand still or wrap move nothing that would not be moved anyway. */
static void strange_counters_do_no_harm(void **unused)
{
	struct live *live = begin(dynamic, "");
	uint64_t made;

	(void)unused;
	skewed();
	for (unsigned p = 0; p < PROCESSORS; p++)
		for (unsigned lane = 0; lane < VMMQ_LANES_MAX; lane++)
			world.packets[p][1][lane] = UINT32_MAX - 3 * 90000 / 16;
	ticks(12);
	assert_true(most_over_mean() < 1.1);
	made = moves_made();
	memset(world.packets, 0, sizeof(world.packets));
	memset(world.load, 0, sizeof(world.load));
	ticks(1);
	live_balance_tick(live, world.now_ns);               /* no time has passed */
	live_balance_tick(live, world.now_ns - 3 * TICK_NS); /* it goes back */
	ticks(20);
	assert_true(moves_made() - made <= 16);
	world.now_ns += 100 * SECOND_NS; /* nobody looked for long */
	ticks(20);
	assert_true(most_over_mean() < 1.1);
	made = moves_made();
	for (unsigned i = 0; i < 50; i++) /* they stand still, those of turns as well */
		live_balance_tick(live, world.now_ns += TICK_NS);
	assert_int_equal(moves_made(), made);
	ticks(20);
	assert_true(most_over_mean() < 1.1);
	rig_close(live);
}

/*
 * What is asked for in the instant of a tick is done before or after it, never within, for the control thread does both: here after the
 * counters were counted, and before they are read.
 */
static void in_that_instant(live_request_fn *request, void *argument)
{
	world.now_ns += TICK_NS;
	work();
	rig_must(world.live, request, argument);
	live_balance_tick(world.live, world.now_ns);
}

static void a_table_that_changes_in_that_instant_is_not_lost(void **unused)
{
	struct live *live = begin(dynamic, "");
	struct live_balance_info info;
	struct vmmq_rss_params wanted;

	(void)unused;
	skewed();
	ticks(1);
	for (uint16_t entry = 0; entry < 8; entry++)
		in_that_instant(move_by_hand, &(struct entry_move){ 1, entry, 3 - entry % 2, true });
	wanted = requested(1);
	ticks(30);
	for (uint16_t entry = 0; entry < 16; entry++) {
		assert_int_equal(requested(1).table[entry].v, wanted.table[entry].v);
		assert_int_equal(wanted.table[entry].v, entry < 8 ? 3 - entry % 2 : 0);
		if (entry < 8)
			assert_int_equal(effective(1).table[entry].v, wanted.table[entry].v);
	}
	live_balance_info(live, &info);
	assert_int_equal(info.refused, 0);
	assert_true(most_over_mean() < 1.15);
	rig_close(live);
}

static void a_vport_that_goes_in_that_instant_is_no_harm(void **unused)
{
	struct live *live = begin(dynamic, "");
	struct live_balance_info info;
	struct vmmq_vport_id web = { 1 };
	uint64_t made;

	(void)unused;
	skewed();
	ticks(1);
	in_that_instant(delete_vport_whole, &web); /* in which its lanes would have been moved */
	made = moves_made();
	assert_int_equal(made, 0);
	ticks(12);
	live_balance_info(live, &info);
	assert_int_equal(info.vports, 1);
	assert_int_equal(info.refused, 0);
	assert_int_equal(moves_made(), made);
	rig_close(live);
}

static void while_the_disk_is_written_to_nothing_moves(void **unused)
{
	struct live *live = begin(dynamic, rig_state);
	struct add add = new_vport(5, "new");
	struct live_request request = { .run = add_vport, .argument = &add }, *one = &request;
	struct live_balance_info info;

	(void)unused;
	skewed();
	ticks(3);
	if (!live_submit(live, &one, 1, NULL, NULL)) {
		ticks(2);
		live_balance_info(live, &info);
		assert_int_equal(info.waited, 2);
	}
	live_execute(live, NULL, 0);
	assert_int_equal(request.status, VMMQ_SUCCESS);
	ticks(10);
	assert_true(most_over_mean() < 1.1);
	rig_close(live);
}

static void what_moved_is_remembered_with_its_reason(void **unused)
{
	struct live *live = begin(dynamic, "");
	struct live_balance_move move;
	struct live_balance_vport vport;
	struct live_balance_info info;
	char reason[BALANCE_REASON_MAX];

	(void)unused;
	live_balance_info(live, &info);
	assert_string_equal(info.reason, "");
	skewed();
	ticks(12);
	assert_true(live_balance_move(live, 0, &move));
	assert_int_equal(move.id.v, 1);
	assert_int_equal(move.from.v, 0);
	assert_non_null(strstr(live_move_reason(&move, reason), "processor 0 had "));
	live_balance_info(live, &info);
	assert_int_equal(info.vports, 2);
	assert_int_equal(info.lanes, 17 + 1);
	live_balance_vport(live, 0, &vport);
	assert_int_equal(vport.id.v, 1);
	assert_true(vport.moved > 0 && vport.pinned == 0);
	assert_in_range(vport.load, 850000, 950000);
	rig_close(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(load_moves_and_nothing_is_requested, rig_fresh),
		cmocka_unit_test_setup(what_is_static_stays, rig_fresh),
		cmocka_unit_test_setup(what_is_refused_is_seen, rig_fresh),
		cmocka_unit_test_setup(a_pinned_entry_stays_until_it_is_said_again, rig_fresh),
		cmocka_unit_test_setup(static_again_is_as_requested, rig_fresh),
		cmocka_unit_test_setup(a_change_by_hand_begins_with_what_was_requested, rig_fresh),
		cmocka_unit_test_setup(a_change_that_what_was_requested_does_not_allow_is_refused, rig_fresh),
		cmocka_unit_test_setup(few_processors_at_low_load_and_no_fewer_than_wanted, rig_fresh),
		cmocka_unit_test_setup(a_processor_that_stalls_is_left, rig_fresh),
		cmocka_unit_test_setup(vports_come_and_go, rig_fresh),
		cmocka_unit_test_setup(processors_that_are_taken_away_are_left, rig_fresh),
		cmocka_unit_test_setup(strange_counters_do_no_harm, rig_fresh),
		cmocka_unit_test_setup(a_table_that_changes_in_that_instant_is_not_lost, rig_fresh),
		cmocka_unit_test_setup(a_vport_that_goes_in_that_instant_is_no_harm, rig_fresh),
		cmocka_unit_test_setup(while_the_disk_is_written_to_nothing_moves, rig_fresh),
		cmocka_unit_test_setup(what_moved_is_remembered_with_its_reason, rig_fresh),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
