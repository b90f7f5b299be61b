/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_engine.h"

#include <stdio.h>

#include "engine/eal.h"

#define MEMORY_MB 512
#define QUICK     0.02

int main(int argc, char *argv[])
{
	struct options options;
	char error[256];
	double scale;

	if (!bench_options(argc, argv, &options))
		return 2;
	scale = options.quick ? QUICK : 1;
	if (eal_start(LOAD_THREADS_MAX, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "bench-engine: %s\n", error);
		return 1;
	}
	report_begin("bench-engine", options.json);
	if (!bench_path(scale) || !bench_throughput(scale) || !bench_change_latency(scale) ||
	    !bench_change_dip(scale) || !bench_moderation(scale) || !bench_idle(scale) || !bench_memory() ||
	    !bench_large())
		return 1;
	return report_end();
}
