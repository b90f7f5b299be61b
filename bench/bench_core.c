/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench_core.h"

#include <stdio.h>

#include "engine/eal.h"

#define ROUNDS       31
#define ROUNDS_QUICK 3
#define MEMORY_MB    256

int main(int argc, char *argv[])
{
	struct options options;
	char error[256];
	unsigned rounds;

	if (!bench_options(argc, argv, &options))
		return 2;
	rounds = options.quick ? ROUNDS_QUICK : ROUNDS;
	if (eal_start(1, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "bench-core: %s\n", error);
		return 1;
	}
	report_begin("bench-core", options.json);
	if (!bench_toeplitz(rounds) || !bench_classify(rounds))
		return 1;
	return report_end();
}
