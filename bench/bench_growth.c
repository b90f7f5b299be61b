/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_growth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/eal.h"

#define MEMORY_MB   64
#define ROUNDS      25u
#define ROUNDS_FEW  3u
#define POINTS_MAX  8u
#define WARM_BLOCKS 4u /* before each round: other points have had the caches meanwhile */

/* Where a curve stands still. */
static const struct growth_params base = { .vports = 64, .processors = 4, .flows = 65536, .moves = 0, .bursts = 1 };

struct curve {
	const char *title;
	const char *note;
	const char *unit;
	void (*grow)(struct growth_params *params, uint32_t at);
	unsigned count;
	uint32_t at[POINTS_MAX];
};

static void grow_vports(struct growth_params *params, uint32_t at)
{
	params->vports = at;
}

static void grow_processors(struct growth_params *params, uint32_t at)
{
	params->processors = at;
}

static void grow_processors_and_bursts(struct growth_params *params, uint32_t at)
{
	params->processors = at;
	params->bursts = at;
}

static void grow_flows(struct growth_params *params, uint32_t at)
{
	params->flows = at;
}

static void grow_moves(struct growth_params *params, uint32_t at)
{
	params->moves = at;
}

/* bench/run finds them by "Growth: ", and a point by the number that its name ends with. */
static const struct curve curves[] = {
	{ .title = "Growth: VPorts",
	  .note = "4 processors, 65,536 flows; a turn of each processor after each burst of 32",
	  .unit = "VPorts",
	  .grow = grow_vports,
	  .count = 7,
	  .at = { 1, 4, 16, 64, 256, 1024, 4096 } },
	{ .title = "Growth: processors, 32 packets for each",
	  .note = "64 VPorts, 65,536 flows; a turn of each after as many bursts of 32 as there are processors",
	  .unit = "processors",
	  .grow = grow_processors_and_bursts,
	  .count = 8,
	  .at = { 1, 2, 4, 8, 16, 32, 64, 128 } },
	{ .title = "Growth: processors, 32 packets for all",
	  .note = "64 VPorts, 65,536 flows; a turn of each after each burst of 32",
	  .unit = "processors",
	  .grow = grow_processors,
	  .count = 8,
	  .at = { 1, 2, 4, 8, 16, 32, 64, 128 } },
	{ .title = "Growth: flows",
	  .note = "64 VPorts, 4 processors; a turn of each processor after each burst of 32",
	  .unit = "flows",
	  .grow = grow_flows,
	  .count = 6,
	  .at = { 1024, 4096, 16384, 65536, 262144, 1048576 } },
	{ .title = "Growth: moves",
	  .note = "64 VPorts, 4 processors, 65,536 flows; of single entries, each with a packet received and not yet "
		  "indicated; cycles per packet without those of the moves",
	  .unit = "moves a second",
	  .grow = grow_moves,
	  .count = 6,
	  .at = { 0, 5000, 10000, 20000, 50000, 100000 } },
};

static bool curve_make(const struct curve *curve, struct rte_mempool *pool, struct growth_point *point[])
{
	for (unsigned p = 0; p < curve->count; p++) {
		struct growth_params params = base;

		curve->grow(&params, curve->at[p]);
		point[p] = growth_point_make(&params, pool);
		if (!point[p])
			return false;
	}
	return true;
}

static void report_moves(struct growth_point *point)
{
	struct growth_moves *moves = &point->moves;
	unsigned count = moves->count < GROWTH_LATENCIES ? (unsigned)moves->count : GROWTH_LATENCIES;

	if (!count)
		return;
	report_samples("  request to effective", "us", moves->latency_us, count); /* sorts */
	report_value("  request to effective, p99", "us", percentile(moves->latency_us, count, 99));
	report_value("  moves made", "a second",
		     (double)moves->count * (double)rte_get_tsc_hz() / (double)moves->clock_tsc);
	report_value("  gates passed", "a move", (double)growth_gates(point) / (double)moves->count);
}

static void curve_report(const struct curve *curve, struct growth_point *point[], double cycles[][ROUNDS],
			 unsigned rounds)
{
	static double ratio[POINTS_MAX][ROUNDS];

	for (unsigned p = 0; p < curve->count; p++) /* before anything is sorted */
		for (unsigned r = 0; r < rounds; r++)
			ratio[p][r] = cycles[p][r] / cycles[0][r];
	for (unsigned p = 0; p < curve->count; p++) {
		char name[48];

		snprintf(name, sizeof(name), "%s: %u", curve->unit, curve->at[p]);
		report_samples(name, "cycles/packet", cycles[p], rounds);
		if (p)
			report_samples("  against the first", "times", ratio[p], rounds);
		report_moves(point[p]);
	}
}

static bool curve_run(const struct curve *curve, struct rte_mempool *pool, bool quick)
{
	static double cycles[POINTS_MAX][ROUNDS];
	struct growth_point *point[POINTS_MAX] = { NULL };
	unsigned rounds = quick ? ROUNDS_FEW : ROUNDS;
	bool whole = true;

	report_section(curve->title, curve->note);
	if (!curve_make(curve, pool, point))
		return false;
	for (unsigned r = 0; r < rounds; r++)
		for (unsigned i = 0; i < curve->count; i++) {
			unsigned p = (i + r) % curve->count;

			growth_point_run(point[p], quick ? 1 : WARM_BLOCKS);
			cycles[p][r] = growth_point_run(point[p], quick ? 1 : GROWTH_PACKETS / GROWTH_BLOCK);
		}
	curve_report(curve, point, cycles, rounds);
	for (unsigned p = 0; p < curve->count; p++)
		whole &= growth_point_end(point[p]);
	return whole;
}

static bool params_are_possible(const struct growth_params *params)
{
	return params->vports >= 1 && params->vports < UINT16_MAX && params->processors >= 1 &&
	       params->processors <= GROWTH_PROCESSORS && params->flows >= 1 && params->bursts >= 1 &&
	       !(GROWTH_BLOCK / GROWTH_BURST % params->bursts);
}

/* only_run runs one point alone, for a profiler: what counts is block_run() in the second growth_point_run(). */
static bool only_run(const char *text, struct rte_mempool *pool)
{
	struct growth_params params;
	struct growth_point *point;

	if (sscanf(text, "%u,%u,%u,%u,%u", &params.vports, &params.processors, &params.flows, &params.moves,
		   &params.bursts) != 5 ||
	    !params_are_possible(&params)) {
		fprintf(stderr, "usage: bench-growth --only VPORTS,PROCESSORS,FLOWS,MOVES,BURSTS\n");
		return false;
	}
	point = growth_point_make(&params, pool);
	if (!point)
		return false;
	growth_point_run(point, GROWTH_PACKETS / GROWTH_BLOCK);
	printf("%.1f cycles/packet\n", growth_point_run(point, GROWTH_PACKETS / GROWTH_BLOCK));
	return growth_point_end(point);
}

int main(int argc, char *argv[])
{
	const char *only = argc == 3 && !strcmp(argv[1], "--only") ? argv[2] : NULL;
	struct rte_mempool *pool;
	struct options options;
	char error[256];

	if (!only && !bench_options(argc, argv, &options))
		return 2;
	if (eal_start(1, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "bench-growth: %s\n", error);
		return 1;
	}
	pool = growth_pool_make();
	if (!pool)
		return 1;
	if (only)
		return only_run(only, pool) ? 0 : 1;
	report_begin("bench-growth", options.json);
	for (size_t c = 0; c < RTE_DIM(curves); c++)
		if (!curve_run(&curves[c], pool, options.quick))
			return 1;
	return report_end();
}
