/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets per second through sources -> inboxes -> processors, and what interrupts cost under load. */
#include <rte_mbuf.h>
#include <stdio.h>

#include "bench_engine.h"

#define ROUNDS    21u
#define ROUND_NS  (SECOND_NS / 10)
#define SETTLE_NS (SECOND_NS / 20)

/* measure appends rounds samples in Mpps. */
static void measure(const struct load *load, double sample[], unsigned rounds, uint64_t round_ns)
{
	for (unsigned r = 0; r < rounds; r++) {
		uint64_t packets = load_indicated(load), started = now_ns();

		bench_pause_ns(round_ns);
		packets = load_indicated(load) - packets;
		sample[r] = (double)packets * 1e3 / (double)(now_ns() - started);
	}
}

static bool one(struct load *load, const struct load_params *params, double sample[], unsigned rounds, double scale)
{
	if (!load_start(load, params))
		return false;
	bench_pause_ns((uint64_t)(SETTLE_NS * scale));
	measure(load, sample, rounds, (uint64_t)(ROUND_NS * scale));
	return load_stop(load);
}

bool bench_throughput(double scale)
{
	static const struct load_params setup[] = {
		{ .sources = 1, .processors = 1 },
		{ .sources = 2, .processors = 2 },
		{ .sources = 3, .processors = 4 },
		{ .sources = 2, .processors = 2, .polled = true },
	};
	static double sample[4][ROUNDS];
	static struct load load;

	report_section("Throughput, poll mode",
		       "64 VPorts, TCP and UDP over IPv4 and IPv6; a thread for each source and each processor");
	for (unsigned part = 0; part < 3; part++) /* alternately: all setups see the same disturbances */
		for (unsigned s = 0; s < 4; s++)
			if (!one(&load, &setup[s], sample[s] + part * (ROUNDS / 3), ROUNDS / 3, scale))
				return false;
	for (unsigned s = 0; s < 4; s++) {
		char name[64];

		snprintf(name, sizeof(name), "%u source%s, %u processor%s%s", setup[s].sources,
			 setup[s].sources > 1 ? "s" : "", setup[s].processors, setup[s].processors > 1 ? "s" : "",
			 setup[s].polled ? " that poll them: 2 threads" : "");
		report_samples(name, "Mpps", sample[s], ROUNDS);
	}
	return true;
}

struct mode {
	enum vmmq_moderation moderation;
	const char *name;
	double full[ROUNDS], cpu[ROUNDS], interrupts[ROUNDS];
};

static uint64_t interrupts(const struct load *load)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < load->processors; i++) {
		struct vmmq_processor_counters counters;

		vmmq_processor_counters_read(load->adapter, load->processor[i].number, &counters);
		sum += counters.interrupts;
	}
	return sum;
}

/* paced: a burst every period; CPU time of the processors, and interrupts, per burst. */
static bool paced(struct load *load, struct mode *mode, unsigned at, unsigned rounds, double scale)
{
	const struct load_params params = {
		.sources = 1, .processors = 2, .moderation = mode->moderation, .period_ns = 1000000
	};

	if (!load_start(load, &params))
		return false;
	bench_pause_ns((uint64_t)(SETTLE_NS * scale));
	for (unsigned r = at; r < at + rounds; r++) {
		uint64_t cpu = load_cpu_ns(load), rung = interrupts(load), packets = load_indicated(load);
		uint64_t started = now_ns();
		double bursts;

		bench_pause_ns((uint64_t)(ROUND_NS * scale));
		mode->cpu[r] = 100.0 * (double)(load_cpu_ns(load) - cpu) / (double)(now_ns() - started);
		bursts = (double)(load_indicated(load) - packets) / 32;
		mode->interrupts[r] = bursts > 0 ? (double)(interrupts(load) - rung) / bursts : 0;
	}
	return load_stop(load);
}

bool bench_moderation(double scale)
{
	static struct mode mode[] = {
		{ .moderation = VMMQ_MODERATION_POLL, .name = "poll" },
		{ .moderation = VMMQ_MODERATION_INTERRUPT, .name = "interrupt" },
		{ .moderation = VMMQ_MODERATION_ADAPTIVE, .name = "adaptive" },
	};
	static struct load load;
	char name[96];

	report_section("What the interrupt modes cost",
		       "full load: 2 sources, 2 processors; light load: 32 packets a millisecond to 2 processors");
	for (unsigned part = 0; part < 3; part++) {
		unsigned at = part * (ROUNDS / 3);

		for (unsigned m = 0; m < 3; m++) {
			const struct load_params full = { .sources = 2,
							  .processors = 2,
							  .moderation = mode[m].moderation };

			if (!one(&load, &full, mode[m].full + at, ROUNDS / 3, scale) ||
			    !paced(&load, &mode[m], at, ROUNDS / 3, scale))
				return false;
		}
	}
	for (unsigned m = 0; m < 3; m++) {
		snprintf(name, sizeof(name), "%s: full load", mode[m].name);
		report_samples(name, "Mpps", mode[m].full, ROUNDS);
		snprintf(name, sizeof(name), "%s: light load, processors' CPU time", mode[m].name);
		report_samples(name, "% of a core", mode[m].cpu, ROUNDS);
		snprintf(name, sizeof(name), "%s: light load, interrupts", mode[m].name);
		report_samples(name, "per burst", mode[m].interrupts, ROUNDS);
	}
	return true;
}
