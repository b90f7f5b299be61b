/* SPDX-License-Identifier: BSD-2-Clause */
/* What the policy does in the situations that it is made for, one by one. */
#include "unit/balance/balance_rig.h"

#define PPM(percent) ((uint32_t)((percent)*10000))

static void set_loads(struct world *w, uint32_t first, unsigned count, uint32_t load)
{
	for (unsigned i = 0; i < count; i++)
		w->load[first + i] = load;
}

/* A VPort of four lanes on processor 0, and three idle processors: everything is even after one tick, with one lane left there. */
static void an_overloaded_processor_is_relieved_in_one_tick(void **state)
{
	struct world *w = world_make(4);

	(void)state;
	world_add(w, 4, 4, 0, 1);
	set_loads(w, 0, 4, PPM(60));
	world_start(w);
	assert_int_equal(world_tick(w), 3);
	assert_int_equal(w->move[0].why, BALANCE_GROW);
	assert_int_equal(w->move[0].used, 2);
	assert_int_equal(w->move[2].used, 4);
	assert_int_equal(world_peak(w), PPM(60));
	assert_int_equal(world_run(w, 1000), 0);
	world_end(w);
}

/* Of equal lanes and processors the last lane and the first processor are taken, in every run. */
static void ties_are_broken_in_one_way(void **state)
{
	struct world *w = world_make(3);

	(void)state;
	world_add(w, 4, 3, 0, 1);
	set_loads(w, 0, 4, PPM(30));
	world_start(w);
	assert_int_equal(world_tick(w), 2);
	assert_int_equal(w->move[0].lane, 3);
	assert_int_equal(w->move[0].to, 1);
	assert_int_equal(w->move[1].lane, 2);
	assert_int_equal(w->move[1].to, 2);
	world_end(w);
}

static void static_vports_and_pinned_lanes_stay(void **state)
{
	struct world *w = world_make(2);

	(void)state;
	world_add(w, 4, 2, 0, 1);
	world_add(w, 4, 2, 0, 1);
	w->vport[0].dynamic = false;
	w->pinned[4] = w->pinned[5] = true;
	set_loads(w, 0, 8, PPM(20));
	world_start(w);
	assert_int_equal(world_run(w, 100), 2);
	assert_int_equal(w->lane_processor[6], 1);
	assert_int_equal(w->lane_processor[7], 1);
	balance_pin(w->balance, 4, false);
	assert_int_equal(world_run(w, 100), 1);
	assert_int_equal(w->lane_processor[4], 1);
	world_end(w);
}

/* A VPort grows up to its queue pairs and no further. */
static void growth_ends_at_the_queue_pairs(void **state)
{
	struct world *w = world_make(8);

	(void)state;
	world_add(w, 16, 3, 0, 1);
	set_loads(w, 0, 16, PPM(15));
	world_start(w);
	world_run(w, 50);
	assert_int_equal(world_used(w, 0), 3);
	assert_true(world_peak(w) <= PPM(90));
	world_end(w);
}

/* VPorts that may use one processor each go as wholes, idle lanes and all. */
static void a_vport_of_one_queue_pair_goes_as_a_whole(void **state)
{
	struct world *w = world_make(2);

	(void)state;
	for (unsigned v = 0; v < 4; v++) {
		uint32_t first = world_add(w, 8, 1, 0, 1);

		set_loads(w, first, 4, PPM(9)); /* and four idle ones */
	}
	world_start(w);
	assert_int_equal(world_tick(w), 16);
	assert_int_equal(w->move[0].together, 8);
	for (unsigned v = 0; v < 4; v++)
		assert_int_equal(world_used(w, v), 1);
	assert_int_equal(world_peak(w), PPM(72));
	assert_int_equal(world_run(w, 500), 0);
	world_end(w);
}

/* A lane too big for any processor is named and stays; what stands beside it goes. */
static void an_elephant_is_named_and_left_alone(void **state)
{
	struct world *w = world_make(3);
	bool named = false;

	(void)state;
	world_add(w, 6, 3, 0, 1);
	set_loads(w, 0, 6, PPM(8));
	w->load[2] = PPM(95);
	world_start(w);
	for (unsigned tick = 0; tick < 40; tick++) {
		world_tick(w);
		for (unsigned i = 0; i < w->result.elephant_count; i++) {
			assert_int_equal(w->result.elephant[i].lane, 2);
			assert_int_equal(w->result.elephant[i].load, PPM(95));
			named = true;
		}
	}
	assert_true(named);
	assert_int_equal(w->lane_processor[2], 0);
	assert_int_equal(world_processor_load(w, 0), PPM(95));
	world_end(w);
}

/* Where no single move helps, two do: 30, 20, 20 and 30, 20 become 60 and 60. */
static void coarse_lanes_are_exchanged(void **state)
{
	struct world *w = world_make(2);
	unsigned ticks = 0;

	(void)state;
	world_add(w, 5, 2, 0, 1);
	w->lane_processor[3] = w->lane_processor[4] = 1;
	w->load[0] = w->load[3] = PPM(30);
	w->load[1] = w->load[2] = w->load[4] = PPM(20);
	world_start(w);
	while (world_tick(w) == 0)
		assert_true(++ticks < 5); /* 1.17 times the mean is not enough in the first one */
	assert_int_equal(w->result.move_count, 2);
	assert_int_equal(w->move[0].why, BALANCE_EXCHANGE);
	assert_int_equal(world_peak(w), PPM(60));
	assert_int_equal(world_run(w, 200), 0);
	world_end(w);
}

/* 10 % of four processors end on one, the first, and a step is spread again in the tick that sees it. */
static void low_load_is_coalesced_and_a_step_spread_at_once(void **state)
{
	struct world *w = world_make(4);

	(void)state;
	world_add(w, 32, 4, 0, 4);
	set_loads(w, 0, 32, PPM(40) / 32);
	world_start(w);
	assert_int_equal(world_run(w, 99), 0);
	world_run(w, 200);
	assert_int_equal(world_awake(w), 1);
	assert_int_equal(world_processor_load(w, 0), 32 * (PPM(40) / 32));
	assert_true(balance_in_use(w->balance, 0) && !balance_in_use(w->balance, 3));
	assert_int_equal(world_run(w, 500), 0);
	set_loads(w, 0, 32, PPM(260) / 32);
	world_tick(w);
	assert_int_equal(world_awake(w), 4);
	assert_true(world_peak(w) * 100 <= PPM(65) * 104ull);
	world_end(w);
}

/* What static VPorts keep awake stays in use, and the others coalesce onto it too. */
static void coalescing_leaves_what_must_stay(void **state)
{
	struct world *w = world_make(4);

	(void)state;
	world_add(w, 4, 4, 3, 1);
	w->vport[0].dynamic = false;
	world_add(w, 8, 4, 0, 4);
	w->vport[1].min_queue_pairs = 2;
	set_loads(w, 0, 4, PPM(5));
	set_loads(w, 4, 8, PPM(2));
	world_start(w);
	world_run(w, 3000);
	assert_int_equal(world_processor_load(w, 1) + world_processor_load(w, 2), 0);
	assert_true(balance_in_use(w->balance, 3));
	assert_true(world_used(w, 1) >= 2);
	assert_int_equal(world_run(w, 8000), 0);
	world_end(w);
}

/* A processor that has work and does nothing of it loses all of its lanes, idle ones last, and gets none until it has run again. */
static void a_stalled_processor_is_left(void **state)
{
	struct world *w = world_make(3);

	(void)state;
	world_add(w, 12, 3, 0, 3);
	set_loads(w, 0, 6, PPM(20));
	world_start(w);
	assert_int_equal(world_run(w, 20), 0);
	w->seen[1].life = BALANCE_STUCK;
	assert_int_equal(world_run(w, 2), 0);
	assert_int_equal(world_tick(w), 4);
	assert_true(balance_stalled(w->balance, 1));
	assert_int_equal(w->move[0].why, BALANCE_EVACUATE);
	assert_int_equal(w->move[0].lane_load, PPM(20));
	assert_int_equal(w->move[3].lane_load, 0);
	w->seen[1].life = BALANCE_IDLE;
	assert_int_equal(world_run(w, 500), 0);
	assert_true(balance_stalled(w->balance, 1));
	w->seen[1].life = BALANCE_RAN;
	assert_int_equal(world_run(w, 99), 0);
	assert_false(balance_stalled(w->balance, 1));
	world_end(w);
}

/* With every processor stalled, or one alone, there is nowhere to go. */
static void nowhere_to_go_is_no_move(void **state)
{
	struct world *w = world_make(1), *all = world_make(3);

	(void)state;
	world_add(w, 4, 1, 0, 1);
	set_loads(w, 0, 4, PPM(90));
	world_start(w);
	assert_int_equal(world_run(w, 300), 0);
	world_end(w);
	world_add(all, 6, 3, 0, 3);
	set_loads(all, 0, 6, PPM(30));
	world_start(all);
	for (unsigned p = 0; p < 3; p++)
		all->seen[p].life = BALANCE_STUCK;
	assert_int_equal(world_run(all, 300), 0);
	world_end(all);
}

static void the_budget_is_kept_and_the_rest_follows(void **state)
{
	struct world *w = world_make(4);

	(void)state;
	w->settings.budget = 10;
	world_add(w, 128, 4, 0, 1);
	set_loads(w, 0, 128, PPM(2));
	world_start(w);
	for (unsigned tick = 0; tick < 9; tick++)
		assert_int_equal(world_tick(w), 10);
	world_run(w, 10);
	assert_true(world_peak(w) <= PPM(68));
	world_end(w);
}

static uint32_t noise(uint64_t *state, uint32_t load, unsigned percent)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return load * (100 - percent) / 100 + (uint32_t)((*state >> 33) % (load * 2 * percent / 100 + 1));
}

/* Ten minutes of constant load with 40 % of noise in each lane and tick: nothing is moved once it is even. */
static void noise_moves_nothing(void **state)
{
	struct world *w = world_make(4);
	uint64_t random = 7;

	(void)state;
	world_add(w, 32, 4, 0, 4);
	world_start(w);
	for (unsigned tick = 0; tick < 60000; tick++) {
		for (uint32_t i = 0; i < w->lanes; i++)
			w->load[i] = noise(&random, PPM(8), 40);
		assert_int_equal(world_tick(w), 0);
	}
	world_end(w);
}

/* Low load ends on one processor in spite of noise, and stays there: what is asleep is not taken for one that could not be emptied. */
static void noise_wakes_nobody(void **state)
{
	struct world *w = world_make(4);
	uint64_t random = 7;
	unsigned moves = 0;

	(void)state;
	world_add(w, 64, 4, 0, 4);
	world_start(w);
	for (unsigned tick = 0; tick < 10000; tick++) {
		for (uint32_t i = 0; i < w->lanes; i++)
			w->load[i] = noise(&random, PPM(40) / 64, 40);
		moves += world_tick(w);
		if (tick == 1000) {
			assert_int_equal(world_awake(w), 1);
			moves = 0;
		}
	}
	assert_int_equal(moves, 0);
	world_end(w);
}

/* Whoever cannot carry a move out says so, and is asked again later. */
static void a_refused_move_is_asked_for_again(void **state)
{
	struct world *w = world_make(2);

	(void)state;
	world_add(w, 2, 2, 0, 1);
	set_loads(w, 0, 2, PPM(50));
	world_start(w);
	assert_int_equal(world_tick(w), 1);
	balance_place(w->balance, w->move[0].lane, 0);
	w->lane_processor[w->move[0].lane] = 0;
	assert_int_equal(world_run(w, 40), 1);
	assert_int_equal(world_peak(w), PPM(50));
	world_end(w);
}

/* A target of a millionth of a processor wants more processors than there are, and gets those. */
static void the_smallest_target_takes_all_processors(void **state)
{
	struct world *w = world_make(3);

	(void)state;
	w->settings.target = 2;
	w->settings.coalesce_target = 1;
	world_add(w, 12, 3, 0, 1);
	set_loads(w, 0, 12, 15 * BALANCE_WHOLE);
	world_start(w);
	world_run(w, 10);
	assert_int_equal(world_awake(w), 3);
	world_end(w);
}

static void settings_out_of_range_are_refused(void **state)
{
	static const struct {
		size_t offset;
		uint32_t value;
		const char *error;
	} wrong[] = {
		{ offsetof(struct balance_settings, stop), 999999,
		  "start 1070000, stop 999999: 1000000 <= stop <= start is needed" },
		{ offsetof(struct balance_settings, target), 1000001, "target 1000001: 1 to 1000000 is needed" },
		{ offsetof(struct balance_settings, coalesce_target), 700000,
		  "coalesce_target 700000: at least 1 and less than target 700000 is needed" },
		{ offsetof(struct balance_settings, coalesce_ceiling), 1,
		  "coalesce_ceiling 1: coalesce_target 500000 to 1000000 is needed" },
		{ offsetof(struct balance_settings, rest), 1000001,
		  "rest 1000001: at most 1000000 ticks are possible" },
		{ offsetof(struct balance_settings, budget), 0, "budget 0: at least one move in a tick is needed" },
	};
	struct balance_vport vport = { 1, 1, 1, true };
	struct balance_settings settings;
	const uint16_t outside = 2;
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		balance_settings_default(&settings);
		memcpy((char *)&settings + wrong[i].offset, &wrong[i].value, sizeof(uint32_t));
		assert_null(balance_create(&settings, 2, &vport, 1, &outside, error, sizeof(error)));
		assert_string_equal(error, wrong[i].error);
	}
	balance_settings_default(&settings);
	assert_null(balance_create(&settings, 2, &vport, 1, &outside, error, sizeof(error)));
	assert_string_equal(error, "lane 0 is on processor 2: there are only 2 processors");
	vport.lanes = 131;
	assert_null(balance_create(&settings, 2, &vport, 1, &outside, error, sizeof(error)));
	assert_string_equal(error, "vport 0: 131 lanes: 1 to 130 are needed");
}

static void reasons_are_sentences(void **state)
{
	struct balance_move move = { .vport = 0,
				     .used = 3,
				     .queue_pairs = 4,
				     .in_use = 4,
				     .together = 1,
				     .why = BALANCE_GROW,
				     .from_load = PPM(93.1),
				     .to_load = PPM(40),
				     .lane_load = PPM(12),
				     .mean = PPM(66) };
	char text[BALANCE_REASON_MAX];

	(void)state;
	assert_string_equal(
	    balance_reason_text(&move, "processor 1", "processor 3", text),
	    "processor 1 had 93.1 %, 1.41 times the mean of the 4 in use, 66.0 %; this takes 12.0 %, and "
	    "processor 3 had 40.0 %; now on 3 of at most 4 processors");
	move.why = BALANCE_COALESCE;
	assert_string_equal(balance_reason_text(&move, "processor 1", "processor 3", text),
			    "load is low, 66.0 % on average with 4 processors in use: processor 1 is to sleep; this "
			    "takes 12.0 %, and "
			    "processor 3 had 40.0 %");
	move.why = BALANCE_EVACUATE;
	move.together = 8;
	move.queue_pairs = 1;
	assert_string_equal(
	    balance_reason_text(&move, "processor 1", "processor 3", text),
	    "processor 1 has work and does nothing of it; this takes 12.0 %, and processor 3 had 40.0 %; all 8 "
	    "lanes there go, since the VPort may use 1 processor");
	assert_string_equal(balance_why_name(BALANCE_EXCHANGE), "exchange");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_overloaded_processor_is_relieved_in_one_tick),
		cmocka_unit_test(ties_are_broken_in_one_way),
		cmocka_unit_test(static_vports_and_pinned_lanes_stay),
		cmocka_unit_test(growth_ends_at_the_queue_pairs),
		cmocka_unit_test(a_vport_of_one_queue_pair_goes_as_a_whole),
		cmocka_unit_test(an_elephant_is_named_and_left_alone),
		cmocka_unit_test(coarse_lanes_are_exchanged),
		cmocka_unit_test(low_load_is_coalesced_and_a_step_spread_at_once),
		cmocka_unit_test(coalescing_leaves_what_must_stay),
		cmocka_unit_test(a_stalled_processor_is_left),
		cmocka_unit_test(nowhere_to_go_is_no_move),
		cmocka_unit_test(the_budget_is_kept_and_the_rest_follows),
		cmocka_unit_test(noise_moves_nothing),
		cmocka_unit_test(noise_wakes_nobody),
		cmocka_unit_test(a_refused_move_is_asked_for_again),
		cmocka_unit_test(the_smallest_target_takes_all_processors),
		cmocka_unit_test(settings_out_of_range_are_refused),
		cmocka_unit_test(reasons_are_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
