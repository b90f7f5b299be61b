/* SPDX-License-Identifier: BSD-2-Clause */
/* An adapter with nothing to do: its CPU time, and how soon it wakes. */
#include <rte_mbuf.h>
#include <sched.h>
#include <stdio.h>

#include "bench_engine.h"

#define IDLE_NS      (2ull * SECOND_NS)
#define TRIES        1000u
#define ASLEEP_NS    1000000u
#define GOAL_CPU     1.0
#define GOAL_WAKE_US 200.0

/* woken sends one packet and returns the microseconds until it is indicated. */
static double woken(struct load *load, uint16_t vport)
{
	struct rte_mbuf *packet = load_packet(load, vport);
	uint64_t before = load_indicated(load), started = now_ns(), latest = 0;

	while (!vmmq_receive(load->source[0].source, &packet, 1))
		;
	while (load_indicated(load) == before)
		sched_yield();
	for (unsigned i = 0; i < load->processors; i++) {
		uint64_t at = load->processor[i].indicated_ns;

		latest = at > latest ? at : latest;
	}
	return (double)(latest - started) / 1e3;
}

static bool idle(enum vmmq_moderation moderation, const char *mode, double scale)
{
	const struct load_params params = { .processors = 4, .moderation = moderation };
	static double us[TRIES];
	static struct load load;
	unsigned tries = (unsigned)(TRIES * scale);
	uint64_t cpu, wall;
	double percent;
	char name[96];

	if (!load_start(&load, &params))
		return false;
	bench_pause_ns(50 * ASLEEP_NS);
	wall = now_ns();
	cpu = load_cpu_ns(&load);
	bench_pause_ns((uint64_t)(IDLE_NS * scale));
	percent = 100.0 * (double)(load_cpu_ns(&load) - cpu) / (double)(now_ns() - wall);
	for (unsigned i = 0; i < tries; i++) {
		bench_pause_ns(ASLEEP_NS);
		us[i] = woken(&load, (uint16_t)(1 + i % LOAD_VPORTS));
	}
	snprintf(name, sizeof(name), "%s: CPU time of an idle adapter", mode);
	report_value(name, "% of a core", percent);
	report_goal("< 1 %", percent < GOAL_CPU);
	snprintf(name, sizeof(name), "%s: first packet after idling, until indicated", mode);
	report_samples(name, "us", us, tries);
	report_goal("200 us", percentile(us, tries, 50) < GOAL_WAKE_US);
	snprintf(name, sizeof(name), "%s: the same, p99", mode);
	report_value(name, "us", percentile(us, tries, 99));
	return load_stop(&load);
}

bool bench_idle(double scale)
{
	report_section("At rest", "4 processors, a thread each, and a packet after each millisecond of silence");
	return idle(VMMQ_MODERATION_INTERRUPT, "interrupt", scale) &&
	       idle(VMMQ_MODERATION_ADAPTIVE, "adaptive", scale);
}
