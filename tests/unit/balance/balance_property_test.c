/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds for every world and every tick of the policy, whatever the loads. */
#include "balance/balance_state.h"
#include "unit/balance/balance_rig.h"
#include "unit/core/test_random.h"

#define WORLDS       80u
#define TICKS        60u
#define TICKS_TO_END 1500u

static uint32_t random_load(const struct world *w)
{
	uint32_t each = w->processors * BALANCE_WHOLE / (w->lanes + 1) + 1;

	switch (random_below(8)) {
	case 0:
	case 1:
		return 0;
	case 2:
		return random_below(8 * each) % BALANCE_LOAD_MAX; /* larger than the others */
	case 3:
		return random_one_in(20) ? random_below(BALANCE_WHOLE) : 0; /* an elephant */
	default:
		return random_below(each) % BALANCE_LOAD_MAX;
	}
}

static void random_loads(struct world *w)
{
	for (uint32_t i = 0; i < w->lanes; i++)
		w->load[i] = random_load(w);
	for (unsigned p = 0; p < w->processors; p++)
		w->seen[p].life = BALANCE_RAN;
}

static struct world *random_world(void)
{
	struct world *w = world_make(1 + random_below(random_one_in(4) ? 40 : 8));
	unsigned vports = 1 + random_below(20);

	w->settings.coalesce = random_one_in(2);
	w->settings.budget = 1 + random_below(200);
	w->settings.patience = 1 + random_below(20);
	w->settings.rest = random_below(12);
	for (unsigned v = 0; v < vports; v++) {
		unsigned queue_pairs = 1 + random_below(w->processors + 2);
		unsigned lanes = random_one_in(3) ? 1 : 1 + random_below(24);
		unsigned most = queue_pairs < w->processors ? queue_pairs : w->processors;

		world_add(w, lanes, queue_pairs, random_below(w->processors), 1 + random_below(most));
		w->vport[v].dynamic = !random_one_in(6);
		w->vport[v].min_queue_pairs = (uint16_t)random_below(queue_pairs + 1);
	}
	for (uint32_t i = 0; i < w->lanes; i++)
		w->pinned[i] = random_one_in(10);
	for (unsigned p = 1; p < w->processors; p++)
		w->excluded[p] = random_one_in(12);
	random_loads(w);
	return w;
}

static struct world *world_twin(const struct world *w)
{
	struct world *twin = malloc(sizeof(*twin));

	assert_non_null(twin);
	*twin = *w;
	return twin;
}

/* check_spread: single moves that relieve lower the larger load of the two, in the figures that their reasons state. */
static void check_spread(const struct balance_move *m)
{
	if ((m->why == BALANCE_SPREAD || m->why == BALANCE_GROW) && m->together == 1 && m->lane_load)
		assert_true(m->to_load + m->lane_load < m->from_load);
}

/* check_peak: the loads as the policy has them, after its moves and with them undone: the largest is no larger. */
static void check_peak(const struct world *w)
{
	uint64_t load[BALANCE_PROCESSORS_MAX], peak[2] = { 0, 0 };

	for (unsigned p = 0; p < w->processors; p++) {
		load[p] = w->balance->processor[p].load;
		peak[1] = load[p] > peak[1] ? load[p] : peak[1];
	}
	for (unsigned i = w->result.move_count; i-- > 0;) {
		load[w->move[i].to] -= w->move[i].lane_load;
		load[w->move[i].from] += w->move[i].lane_load;
	}
	for (unsigned p = 0; p < w->processors; p++)
		peak[0] = load[p] > peak[0] ? load[p] : peak[0];
	assert_true(peak[1] <= peak[0]);
}

/* check_moves: before: where lanes were.  used: processors by VPort before. */
static void check_moves(struct world *w, const uint16_t before[], const unsigned used[])
{
	bool emptied = false;

	assert_true(w->result.move_count <= w->settings.budget);
	for (unsigned i = 0; i < w->result.move_count; i++) {
		const struct balance_move *m = &w->move[i];
		char text[BALANCE_REASON_MAX];

		assert_true(m->to < w->processors && m->from < w->processors && m->from != m->to);
		assert_int_equal(m->vport, w->lane_vport[m->lane]);
		assert_true(w->vport[m->vport].dynamic);
		assert_false(w->pinned[m->lane]);
		assert_false(w->excluded[m->to]);
		assert_false(balance_stalled(w->balance, m->to));
		assert_int_equal(balance_lane_processor(w->balance, m->lane), w->lane_processor[m->lane]);
		assert_true(strlen(balance_reason_text(m, "processor 1", "processor 2", text)) > 20);
		emptied |= m->why == BALANCE_COALESCE || m->why == BALANCE_EVACUATE;
		check_spread(m);
	}
	for (unsigned v = 0; v < w->vports; v++) {
		unsigned now = world_used(w, v);

		assert_true(now <= used[v] || now <= w->vport[v].queue_pairs);
		assert_true(emptied || now >= used[v] || now >= w->vport[v].min_queue_pairs);
	}
	if (!emptied)
		check_peak(w);
	for (uint32_t i = 0; i < w->lanes; i++)
		if (!w->vport[w->lane_vport[i]].dynamic || w->pinned[i])
			assert_int_equal(before[i], w->lane_processor[i]);
}

/* One tick of two twins: the same input gives the same moves, and nothing that must hold is broken. */
static void step_twins(struct world *w, struct world *twin)
{
	static uint16_t before[WORLD_LANES];
	unsigned used[WORLD_VPORTS];

	memcpy(before, w->lane_processor, sizeof(before));
	for (unsigned v = 0; v < w->vports; v++)
		used[v] = world_used(w, v);
	world_tick(w);
	world_tick(twin);
	assert_int_equal(w->result.move_count, twin->result.move_count);
	assert_memory_equal(w->move, twin->move, w->result.move_count * sizeof(w->move[0]));
	check_moves(w, before, used);
}

static void what_must_hold_holds(void **state)
{
	(void)state;
	random_start();
	for (unsigned i = 0; i < WORLDS; i++) {
		struct world *w = random_world(), *twin = world_twin(w);

		world_start(w);
		world_start(twin);
		for (unsigned tick = 0; tick < TICKS; tick++) {
			if (random_one_in(6)) {
				random_loads(w);
				w->seen[random_below(w->processors)].life = BALANCE_STUCK;
				memcpy(twin->load, w->load, sizeof(w->load));
				memcpy(twin->seen, w->seen, sizeof(w->seen));
			}
			step_twins(w, twin);
		}
		world_end(w);
		world_end(twin);
	}
}

/* could_help: some movable lane of a processor could go to another and lower the larger of their loads by a 64th of the mean. */
static bool could_help(const struct world *w, uint32_t lane, uint64_t mean)
{
	uint64_t from = world_processor_load(w, w->lane_processor[lane]);

	for (unsigned p = 0; p < w->processors; p++)
		if (p != w->lane_processor[lane] && world_processor_load(w, p) + w->load[lane] + mean / 64 + 2 < from)
			return w->load[lane] > mean / 4096;
	return false;
}

/* Under constant load moves end, and where nothing but load limits them, no single move is left that would have helped. */
static void constant_load_comes_to_rest(void **state)
{
	(void)state;
	random_start();
	for (unsigned i = 0; i < WORLDS; i++) {
		struct world *w = random_world();
		uint64_t mean;

		w->settings.coalesce = i % 2;
		for (unsigned v = 0; !w->settings.coalesce && v < w->vports; v++)
			w->vport[v] = (struct balance_vport){ w->vport[v].lanes, (uint16_t)w->processors, 1, true };
		if (!w->settings.coalesce) {
			memset(w->pinned, 0, sizeof(w->pinned));
			memset(w->excluded, 0, sizeof(w->excluded));
		}
		world_start(w);
		world_run(w, TICKS_TO_END);
		assert_int_equal(world_run(w, 200), 0);
		mean = world_total(w) / w->processors;
		for (uint32_t lane = 0; !w->settings.coalesce && lane < w->lanes; lane++)
			if (world_processor_load(w, w->lane_processor[lane]) > mean * 1075 / 1000 + 5001)
				assert_false(could_help(w, lane, mean));
		world_end(w);
	}
}

static void twin_step(struct world *w, const struct world *of)
{
	memcpy(w->load, of->load, sizeof(w->load));
	memcpy(w->seen, of->seen, sizeof(w->seen));
	balance_tick(w->balance, w->load, w->seen, &w->result);
}

/* twin_of makes a world like another one that has not started yet. */
static struct world *twin_of(const struct world *w)
{
	struct world *twin = malloc(sizeof(*twin));

	assert_non_null(twin);
	*twin = *w;
	return twin;
}

static void moves_equal(const struct balance_move *a, const struct balance_move *b)
{
	assert_int_equal(a->lane, b->lane);
	assert_int_equal(a->from, b->from);
	assert_int_equal(a->to, b->to);
	assert_int_equal(a->why, b->why);
	assert_int_equal(a->from_load, b->from_load);
	assert_int_equal(a->lane_load, b->lane_load);
	assert_int_equal(a->mean, b->mean);
}

/* What this CPU averages with, and the plain rule: the same moves, for the same reasons, and the same loads of all lanes. */
static void averages_of_many_at_once_make_the_same_moves(void **state)
{
	unsigned moves = 0;

	(void)state;
	random_start();
	for (unsigned i = 0; i < WORLDS; i++) {
		struct world *w = random_world(), *twin = twin_of(w);

		world_start(w);
		world_start(twin);
		twin->balance->blend = balance_blend_plain;
		for (unsigned tick = 0; tick < TICKS; tick++) {
			if (random_one_in(10))
				random_loads(w);
			w->load[random_below(w->lanes)] = random_one_in(50) ? UINT32_MAX : random_load(w);
			world_tick(w);
			twin_step(twin, w);
			assert_int_equal(w->result.move_count, twin->result.move_count);
			for (unsigned m = 0; m < w->result.move_count; m++)
				moves_equal(&w->move[m], &twin->move[m]);
			assert_memory_equal(w->balance->lane_load, twin->balance->lane_load,
					    w->lanes * sizeof(*w->balance->lane_load));
			moves += w->result.move_count;
		}
		world_end(twin);
		world_end(w);
	}
	assert_true(moves > WORLDS);
	if (balance_blend_choose() == balance_blend_plain)
		printf("not run, for this CPU cannot: avx2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(averages_of_many_at_once_make_the_same_moves),
		cmocka_unit_test(what_must_hold_holds),
		cmocka_unit_test(constant_load_comes_to_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
