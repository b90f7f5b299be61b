/* SPDX-License-Identifier: BSD-2-Clause */
/* Rounds of bench-core: shuffled before each, every contender in turn, in an order that moves by one. */
#include "bench_core.h"

static double cycles_once(const struct racer *racer)
{
	return (double)racer->run(racer->context) / racer->packets;
}

void bench_rounds(const struct racer racer[], unsigned count, unsigned rounds, void (*shuffle)(void *context),
		  void *context)
{
	static double cycles[RACERS_MAX][ROUNDS_MAX], sample[ROUNDS_MAX], ratio[ROUNDS_MAX];

	for (unsigned c = 0; c < count; c++)
		cycles_once(&racer[c]); /* warm caches */
	for (unsigned r = 0; r < rounds; r++) {
		shuffle(context);
		for (unsigned i = 0; i < count; i++) {
			unsigned c = (i + r) % count;

			cycles[c][r] = cycles_once(&racer[c]);
		}
	}
	for (unsigned c = 0; c < count; c++) {
		for (unsigned r = 0; r < rounds; r++) {
			sample[r] = cycles[c][r];
			ratio[r] = cycles[c][r] / cycles[0][r];
		}
		report_samples(racer[c].name, "cycles/packet", sample, rounds);
		if (c)
			report_samples("  against the first", "times", ratio, rounds);
	}
}
