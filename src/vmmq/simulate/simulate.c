/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work as a fluid: in each tick a processor gets the load of its lanes and does at most one tick's worth.  What is left waits, in front of
 * what comes next.  A lane that is moved leaves its waiting work where it is.
 */
#include "vmmq/simulate/simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_STEP_US 100u /* of the histogram of waiting */
#define WAIT_STEPS   (SIMULATE_WAIT_MAX_MS * 1000u / WAIT_STEP_US + 2)

struct simulation {
	struct rule_world world;
	uint32_t *load;
	uint64_t *backlog;         /* by processor, ppm of a tick */
	uint64_t wait[WAIT_STEPS]; /* work by how long it waits, rounded up */
	uint64_t work, lost;
	uint32_t loaded, above, above_now, above_longest;
	uint64_t awake;
	double peak, peak_most;
};

void rule_move(struct rule_world *world, uint32_t lane, unsigned processor)
{
	if (world->processor[lane] == processor)
		return;
	world->processor_load[world->processor[lane]] -= world->load[lane];
	world->processor_load[processor] += world->load[lane];
	world->processor[lane] = (uint16_t)processor;
	world->moves++;
}

/* simulate_events takes the loads of a tick; returns the first event of a later one. */
static size_t simulate_events(struct simulation *s, size_t at, uint32_t tick)
{
	const struct series *series = s->world.series;

	for (; at < series->event_count && series->event[at].tick == tick; at++) {
		const struct series_event *event = &series->event[at];
		uint64_t *sum = &s->world.processor_load[s->world.processor[event->lane]];

		*sum = *sum - s->load[event->lane] + event->load;
		s->load[event->lane] = event->load;
	}
	return at;
}

/* queue_work: half of what comes in a tick has come when a part of it comes. */
static void queue_work(struct simulation *s, unsigned processor, uint64_t load)
{
	const uint64_t most = (uint64_t)SIMULATE_WAIT_MAX_MS * 1000000 / SERIES_TICK_NS * BALANCE_WHOLE;
	uint64_t *backlog = &s->backlog[processor], before = *backlog, after;

	after = before + load > BALANCE_WHOLE ? before + load - BALANCE_WHOLE : 0;
	if (after > most) {
		s->lost += after - most;
		after = most;
	}
	*backlog = after;
	s->work += load;
	s->wait[((before + after) / 2 * (SERIES_TICK_NS / 1000) / BALANCE_WHOLE + WAIT_STEP_US - 1) / WAIT_STEP_US] +=
	    load;
}

static uint64_t largest_lane(const struct simulation *s)
{
	uint64_t largest = 0;

	for (uint32_t lane = 0; lane < s->world.series->lane_count; lane++)
		if (s->load[lane] > largest)
			largest = s->load[lane];
	return largest;
}

static void simulate_measure(struct simulation *s)
{
	uint64_t peak = 0, total = 0;
	unsigned awake = 0;
	double over;

	for (unsigned p = 0; p < s->world.series->processor_count; p++) {
		uint64_t load = s->world.processor_load[p];

		queue_work(s, p, load);
		awake += load != 0;
		total += load;
		peak = load > peak ? load : peak;
	}
	if (!total)
		return;
	s->loaded++;
	s->awake += awake;
	over = (double)peak * awake / (double)total;
	s->peak += over;
	s->peak_most = over > s->peak_most ? over : s->peak_most;
	if (over <= 1.1 || peak * 100 <= largest_lane(s) * 101) {
		s->above_now = 0;
		return;
	}
	s->above++;
	if (++s->above_now > s->above_longest)
		s->above_longest = s->above_now;
}

static double wait_percentile(const struct simulation *s, double share)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < WAIT_STEPS; i++) {
		sum += s->wait[i];
		if (sum && (double)sum >= share * (double)s->work)
			return i * WAIT_STEP_US / 1000.0;
	}
	return 0;
}

static void simulate_sum_up(const struct simulation *s, struct simulate_result *result)
{
	double loaded = s->loaded ? s->loaded : 1;

	*result = (struct simulate_result){
		.loaded_s = (double)s->loaded / SERIES_TICKS_SEC,
		.above_s = (double)s->above / SERIES_TICKS_SEC,
		.above_longest_s = (double)s->above_longest / SERIES_TICKS_SEC,
		.peak = s->peak / loaded,
		.peak_most = s->peak_most,
		.wait_p99_ms = wait_percentile(s, 0.99),
		.lost = s->work ? (double)s->lost / (double)s->work : 0,
		.moves = s->world.moves,
		.awake = (double)s->awake / loaded,
	};
}

static bool simulation_make(struct simulation *s, const struct series *series)
{
	s->world.series = series;
	s->world.processor = calloc(series->lane_count, sizeof(*s->world.processor));
	s->world.processor_load = calloc(series->processor_count, sizeof(*s->world.processor_load));
	s->world.load = s->load = calloc(series->lane_count, sizeof(*s->load));
	s->backlog = calloc(series->processor_count, sizeof(*s->backlog));
	if (!s->world.processor || !s->world.processor_load || !s->load || !s->backlog)
		return false;
	memcpy(s->world.processor, series->lane_processor, series->lane_count * sizeof(*s->world.processor));
	return true;
}

bool simulate_run(const struct series *series, const struct rule *rule, struct simulate_result *result,
		  void (*log)(void *context, uint32_t tick, const struct balance_move *move), void *log_context,
		  char error[SERIES_ERROR_MAX])
{
	struct simulation *s = calloc(1, sizeof(*s));
	void *state = NULL;
	size_t at = 0;

	snprintf(error, SERIES_ERROR_MAX, "out of memory");
	if (s && simulation_make(s, series))
		state = rule->create(series, error);
	if (state) {
		s->world.log = log;
		s->world.log_context = log_context;
		for (uint32_t tick = 0; tick < series->ticks; tick++) {
			s->world.tick = tick;
			at = simulate_events(s, at, tick);
			simulate_measure(s);
			rule->tick(state, &s->world);
		}
		simulate_sum_up(s, result);
		rule->destroy(state);
	}
	if (s) {
		free(s->world.processor);
		free(s->world.processor_load);
		free(s->load);
		free(s->backlog);
	}
	free(s);
	return state;
}
