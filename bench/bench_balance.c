/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-balance: what a tick of the balancing policy takes, of a thread that does nothing else: 1,000 VPorts, 64 processors, ticks of 10 ms, so
 * that 100 us are 1 % of a core.  Every lane has load.  Quiet: loads as they were, with noise, and nothing to move.  Busy: the ticks with moves
 * after all loads have become others (Zipf, in another order).  Meter: counters to loads.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "balance/balance.h"
#include "balance/balance_load.h"
#include "bench.h"
#include "engine/eal.h"

#define VPORTS      1000u
#define PROCESSORS  64u
#define TICKS       400u
#define TICKS_QUICK 4u
#define STEPS       20u
#define STEP_TICKS  100u
#define LOADS       8u /* loads that are drawn, and taken in turns: more than a cache of lanes */
#define QUEUE_PAIRS 16u
#define EXPONENT    0.8
#define MEAN        650000.0 /* ppm of a processor */
#define MEMORY_MB   64
#define GOAL_US     100.0

struct bench_world {
	uint32_t lanes;
	struct balance_vport vport[VPORTS];
	uint16_t *processor;
	uint32_t *load[LOADS], *packets;
	struct balance_seen seen[PROCESSORS];
	struct balance_move *move;
	struct balance *balance;
	struct balance_meter *meter;
};

static uint64_t seed = 1;

static void loads_even(const struct bench_world *w, uint32_t load[])
{
	double each = MEAN * PROCESSORS / w->lanes;

	for (uint32_t i = 0; i < w->lanes; i++)
		load[i] = (uint32_t)(each * (0.95 + 0.1 * random_below(&seed, 1000) / 1000.0));
}

static void loads_zipf(const struct bench_world *w, uint32_t load[])
{
	double sum = 0;

	for (uint32_t i = 0; i < w->lanes; i++)
		sum += pow(i + 1, -EXPONENT);
	for (uint32_t i = 0; i < w->lanes; i++)
		load[i] = (uint32_t)(pow(i + 1, -EXPONENT) / sum * MEAN * PROCESSORS);
	for (uint32_t i = w->lanes; i-- > 1;) {
		uint32_t other = random_below(&seed, i + 1), kept = load[i];

		load[i] = load[other];
		load[other] = kept;
	}
}

static bool world_make(struct bench_world *w, unsigned lanes_each, bool zipf)
{
	struct balance_settings settings;
	char error[256] = "out of memory";
	bool made = true;

	*w = (struct bench_world){ .lanes = VPORTS * lanes_each };
	balance_settings_default(&settings);
	w->processor = calloc(w->lanes, sizeof(*w->processor));
	w->packets = calloc(w->lanes, sizeof(*w->packets));
	w->move = calloc(settings.budget, sizeof(*w->move));
	for (unsigned i = 0; i < LOADS; i++)
		made &= (w->load[i] = calloc(w->lanes, sizeof(*w->load[i]))) != NULL;
	if (w->processor && w->packets && w->move && made) {
		for (unsigned v = 0; v < VPORTS; v++)
			w->vport[v] = (struct balance_vport){ (uint16_t)lanes_each, QUEUE_PAIRS, 1, true };
		for (uint32_t i = 0; i < w->lanes; i++)
			w->processor[i] = (uint16_t)((i / lanes_each * QUEUE_PAIRS + i % QUEUE_PAIRS) % PROCESSORS);
		for (unsigned i = 0; i < LOADS; i++)
			zipf ? loads_zipf(w, w->load[i]) : loads_even(w, w->load[i]);
		w->balance =
		    balance_create(&settings, PROCESSORS, w->vport, VPORTS, w->processor, error, sizeof(error));
		w->meter = balance_meter_create(w->lanes, PROCESSORS);
	}
	if (w->balance && w->meter)
		return true;
	fprintf(stderr, "bench-balance: %s\n", error);
	return false;
}

static void world_free(struct bench_world *w)
{
	for (unsigned i = 0; i < LOADS; i++)
		free(w->load[i]);
	free(w->processor);
	free(w->packets);
	free(w->move);
	balance_destroy(w->balance);
	balance_meter_destroy(w->meter);
}

/* cpu_us: of this thread, so that whoever else has the CPU does not count. */
static double cpu_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void world_see(struct bench_world *w, const uint32_t load[])
{
	for (unsigned p = 0; p < PROCESSORS; p++)
		w->seen[p].load = 0;
	for (uint32_t i = 0; i < w->lanes; i++)
		w->seen[w->processor[i]].load += load[i];
}

/* one_tick: a tick with one of the loads, carried out; us of it. */
static double one_tick(struct bench_world *w, const uint32_t load[], unsigned *moves)
{
	struct balance_result result = { .move = w->move };
	double us, start;

	world_see(w, load);
	start = cpu_us();
	balance_tick(w->balance, load, w->seen, &result);
	us = cpu_us() - start;
	for (unsigned i = 0; i < result.move_count; i++)
		w->processor[w->move[i].lane] = w->move[i].to;
	*moves = result.move_count;
	return us;
}

static void measure_quiet(struct bench_world *w, double us[], unsigned ticks)
{
	unsigned moves;

	for (unsigned tick = 0; tick < ticks; tick++)
		us[tick] = one_tick(w, w->load[tick % LOADS], &moves);
}

/*
 * measure_busy: us of each tick with moves, after each of `steps` steps; returns how many these are, with the moves of all of them.
 * after_step: us of a tick on average, over all STEP_TICKS after a step.
 */
static unsigned measure_busy(struct bench_world *w, double us[], double after_step[], unsigned steps, uint64_t *all)
{
	unsigned count = 0, moves;

	*all = 0;
	for (unsigned step = 0; step <= steps; step++) {
		double sum = 0;

		for (unsigned tick = 0; tick < STEP_TICKS; tick++) {
			us[count] = one_tick(w, w->load[step % LOADS], &moves);
			sum += us[count];
			count += moves > 0 && step && count < TICKS - 1;
			*all += step ? moves : 0;
		}
		if (step)
			after_step[step - 1] = sum / STEP_TICKS;
	}
	return count;
}

static void measure_meter(struct bench_world *w, double us[], unsigned ticks)
{
	struct balance_work work[PROCESSORS] = { { 0 } };

	for (unsigned tick = 0; tick < ticks; tick++) {
		double start;

		for (uint32_t i = 0; i < w->lanes; i++)
			w->packets[i] += 1 + i % 7;
		for (unsigned p = 0; p < PROCESSORS; p++) {
			work[p].busy_ns += 6500000;
			work[p].packets += 4 * w->lanes / PROCESSORS;
		}
		start = cpu_us();
		balance_meter_read(w->meter, 10000000, w->packets, w->processor, work, w->load[0], w->seen);
		us[tick] = cpu_us() - start;
	}
}

static void report_ticks(const char *name, double us[], unsigned count)
{
	report_samples(name, "us", us, count);
	report_goal("median below 100 us", percentile(us, count, 50) < GOAL_US);
}

static bool bench_lanes(unsigned lanes_each, bool quick)
{
	unsigned ticks = quick ? TICKS_QUICK : TICKS, steps = quick ? 2 : STEPS, count;
	char title[80];
	double us[TICKS], after_step[STEPS];
	struct bench_world w;
	uint64_t moves;

	snprintf(title, sizeof(title), "Balance, 64 processors, 1,000 VPorts with %u lanes each", lanes_each);
	report_section(title, "1 % of a core is 100 us in a tick of 10 ms");
	if (!world_make(&w, lanes_each, false))
		return false;
	measure_quiet(&w, us, ticks);
	report_ticks("quiet tick", us, ticks);
	measure_meter(&w, us, ticks);
	report_ticks("counters to loads", us, ticks);
	world_free(&w);
	if (!world_make(&w, lanes_each, true))
		return false;
	count = measure_busy(&w, us, after_step, steps, &moves);
	report_samples("a tick with moves", "us", us, count);
	report_value("moves in it", "", count ? (double)moves / count : 0);
	report_ticks("a tick of the second after a step", after_step, steps);
	world_free(&w);
	return true;
}

int main(int argc, char *argv[])
{
	struct options options;
	char error[256];

	if (!bench_options(argc, argv, &options))
		return 2;
	if (eal_start(1, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "bench-balance: %s\n", error);
		return 1;
	}
	report_begin("bench-balance", options.json);
	if (!bench_lanes(16, options.quick) || !bench_lanes(128, options.quick))
		return 1;
	return report_end();
}
