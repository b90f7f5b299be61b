/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-moderation: what a VPort's interrupt moderation costs and saves.  A vhost-user port sends frames at a rate to a guest that sleeps until it
 * is interrupted and then takes what is there, without being interrupted meanwhile, as Linux' driver does: interrupts a second, and how long a
 * frame takes from being sent until the guest has it.
 */
#include "bench_moderation.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bench.h"

#define RUN_NS (SECOND_NS / 4)
#define ROUNDS 5u

struct traffic {
	const char *title;
	unsigned burst;
	uint64_t each_ns;
};

static int by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* measure reports each class, in rounds by turns, for one kind of traffic. */
static void measure(const struct traffic *traffic, double scale)
{
	static const struct {
		enum vmmq_interrupt_moderation moderation;
		const char *name;
	} class[] = { { VMMQ_INTERRUPT_MODERATION_OFF, "off" },
		      { VMMQ_INTERRUPT_MODERATION_ADAPTIVE, "adaptive" },
		      { VMMQ_INTERRUPT_MODERATION_LOW, "low" },
		      { VMMQ_INTERRUPT_MODERATION_MEDIUM, "medium" },
		      { VMMQ_INTERRUPT_MODERATION_HIGH, "high" } };
	enum { CLASSES = sizeof(class) / sizeof(class[0]) };
	double calls[CLASSES][ROUNDS], median[CLASSES][ROUNDS], late[CLASSES][ROUNDS], got[CLASSES][ROUNDS];
	const uint64_t ns = (uint64_t)((double)RUN_NS * scale);
	char name[96];

	for (unsigned r = 0; r < ROUNDS; r++)
		for (unsigned c = 0; c < CLASSES; c++) {
			const struct moderation_seen *seen =
			    moderation_run(class[c].moderation, traffic->burst, traffic->each_ns, ns);

			qsort(seen->us, seen->timed, sizeof(seen->us[0]), by_value);
			calls[c][r] = (double)seen->interrupts * SECOND_NS / (double)ns;
			got[c][r] = (double)seen->frames * SECOND_NS / (double)ns;
			median[c][r] = percentile(seen->us, seen->timed, 50);
			late[c][r] = percentile(seen->us, seen->timed, 99);
		}
	report_section(traffic->title, "");
	for (unsigned c = 0; c < CLASSES; c++) {
		snprintf(name, sizeof(name), "%s: interrupts", class[c].name);
		report_samples(name, "a second", calls[c], ROUNDS);
		snprintf(name, sizeof(name), "%s: frames", class[c].name);
		report_samples(name, "a second", got[c], ROUNDS);
		snprintf(name, sizeof(name), "%s: latency, median", class[c].name);
		report_samples(name, "us", median[c], ROUNDS);
		snprintf(name, sizeof(name), "%s: latency, 99th percentile", class[c].name);
		report_samples(name, "us", late[c], ROUNDS);
	}
}

int main(int argc, char *argv[])
{
	static const struct traffic some[] = {
		{ "Interrupt moderation: 500 frames a second, one by one", 1, 2000000 },
		{ "Interrupt moderation: 20,000 frames a second, one by one", 1, 50000 },
		{ "Interrupt moderation: 100,000 frames a second, one by one", 1, 10000 },
		{ "Interrupt moderation: 640,000 frames a second, in bursts of 16", 16, 25000 },
	};
	struct options options;

	if (!bench_options(argc, argv, &options))
		return 2;
	if (!moderation_open())
		return 1;
	report_begin("bench-moderation", options.json);
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		measure(&some[i], options.quick ? 0.01 : 1);
	moderation_close();
	return report_end();
}
