/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes while every core is busy: how long they take, and what they cost the traffic. */
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench_engine.h"

#define CHANGES           2000u
#define LATENCY_NS        (8ull * SECOND_NS) /* enough of them, when each takes long */
#define PAUSE_NS          500000u
#define PHASE_NS          (SECOND_NS / 10)
#define ROUNDS            31u
#define MOVES_A_SECOND    10000u
#define TIMEOUT_NS        (10ull * SECOND_NS)
#define GOAL_EFFECTIVE_US 1000.0
#define GOAL_DIP          3.0

/* The changes of one run; they go round the VPorts. */
struct changes {
	struct load *load;
	struct vmmq_rss_params rss[LOAD_VPORTS + 1];
	uint64_t random;
};

static void changes_begin(struct changes *changes, struct load *load)
{
	changes->load = load;
	changes->random = 3;
	for (uint16_t v = 1; v <= LOAD_VPORTS; v++)
		changes->rss[v] = bench_rss(v, load->processors);
}

/* A change alters one VPort's parameters in the switch. */
typedef void change_fn(struct changes *changes, struct vmmq_rss_params *rss);

static void move_entry(struct changes *changes, struct vmmq_rss_params *rss)
{
	unsigned entry = random_below(&changes->random, rss->entry_count);

	rss->table[entry].v = (uint16_t)((rss->table[entry].v + 1) % changes->load->processors);
}

static void change_table(struct changes *changes, struct vmmq_rss_params *rss)
{
	for (unsigned i = 0; i < rss->entry_count; i++)
		rss->table[i].v = (uint16_t)random_below(&changes->random, changes->load->processors);
}

static void change_key(struct changes *changes, struct vmmq_rss_params *rss)
{
	for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
		rss->key[i] = (uint8_t)random_u64(&changes->random);
}

/* change makes one and applies it; timeout_ns 0: publishes it, and leaves it to take effect by itself.  false: refused. */
static bool change(struct changes *changes, change_fn *alter, bool wait_drained, uint64_t timeout_ns,
		   struct vmmq_change_report *report)
{
	uint16_t vport = (uint16_t)(1 + random_below(&changes->random, LOAD_VPORTS));
	struct vmmq_adapter *adapter = changes->load->adapter;
	vmmq_status status;

	alter(changes, &changes->rss[vport]);
	status =
	    vmmq_rss_set(vmmq_adapter_switch(adapter), (struct vmmq_vport_id){ vport }, &changes->rss[vport], NULL);
	if (status == VMMQ_SUCCESS)
		status = vmmq_adapter_apply(adapter, wait_drained, timeout_ns, report);
	if (status == VMMQ_SUCCESS || (status == VMMQ_PENDING && !timeout_ns))
		return true;
	fprintf(stderr, "bench-engine: a change was refused: %s\n", vmmq_status_name(status));
	return false;
}

static void report_latency(const char *kind, const char *what, double us[], unsigned count, bool has_goal)
{
	char name[96];

	snprintf(name, sizeof(name), "%s: %s", kind, what);
	report_samples(name, "us", us, count); /* sorts */
	snprintf(name, sizeof(name), "%s: %s, p99", kind, what);
	report_value(name, "us", percentile(us, count, 99));
	if (has_goal)
		report_goal("< 1000 us", percentile(us, count, 99) < GOAL_EFFECTIVE_US);
}

/*
 * latency makes changes one after the other, each a while after the one before has drained, as a control thread does that
 * waits for requests: one that never slept would use up its share of the CPUs, and its latency would be the scheduler's.
 */
static bool latency(struct changes *changes, const char *kind, change_fn *alter, double scale)
{
	static double effective[CHANGES], drained[CHANGES];
	uint64_t until = now_ns() + (uint64_t)(LATENCY_NS * scale);
	unsigned n = 0;

	while (n < CHANGES && now_ns() < until) {
		struct vmmq_change_report report;
		uint64_t started, planned, whole;

		bench_pause_ns(PAUSE_NS);
		started = now_ns();
		if (!change(changes, alter, true, TIMEOUT_NS, &report))
			return false;
		whole = now_ns() - started;
		planned = whole > report.drained_ns ? whole - report.drained_ns
						    : 0; /* switch, and the freeing of old views */
		effective[n] = (double)(report.effective_ns + planned) / 1e3;
		drained[n++] = (double)whole / 1e3;
	}
	report_latency(kind, "request to effective", effective, n, true);
	report_latency(kind, "request to last packet of the old view", drained, n, false);
	return true;
}

static bool latencies(const struct load_params *params, double scale)
{
	static struct changes changes;
	static struct load load;

	if (!load_start(&load, params))
		return false;
	changes_begin(&changes, &load);
	bench_pause_ns((uint64_t)(PHASE_NS * scale));
	return latency(&changes, "move of one entry", move_entry, scale) &&
	       latency(&changes, "whole table", change_table, scale) && latency(&changes, "key", change_key, scale) &&
	       load_stop(&load);
}

bool bench_change_latency(double scale)
{
	const struct load_params busy = { .sources = 2, .processors = 2, .polled = true };
	const struct load_params crowded = { .sources = 2, .processors = 2 };

	report_section("Changes under full load, every core busy: latency",
		       "2 processors that each poll a source at full speed, and control as a third thread");
	if (!latencies(&busy, scale))
		return false;
	report_section(
	    "The same with twice as many busy threads as cores",
	    "2 sources and 2 processors as threads of their own: a source that the scheduler has stopped in "
	    "the middle of a burst steers by the old view until it runs again");
	return latencies(&crowded, scale);
}

/*
 * What control does in a phase: nothing; wake up every millisecond; then also make ten moves, each one published by itself,
 * and wait until the last is effective; or wake up for each move and wait for each.
 */
enum phase { NOTHING, WAKE_ONLY, TENS, ONE_BY_ONE, PHASES };

struct dip {
	double mpps[PHASES][ROUNDS];
	double per_cpu[PHASES][ROUNDS]; /* packets per microsecond of the processors' CPU time */
	double moves[PHASES][ROUNDS];   /* a second */
	double cpu[PHASES][ROUNDS];     /* of a core, by control */
};

static uint64_t own_cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

/* moves_make makes moves of one entry, each its own view, and waits for the last; false: refused. */
static bool moves_make(struct changes *changes, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!change(changes, move_entry, false, i + 1 == count ? TIMEOUT_NS : 0, NULL))
			return false;
	return true;
}

/* ticks makes moves at a steady pace, catching up when it is late; returns how many it made. */
static uint64_t ticks(struct changes *changes, enum phase phase, uint64_t until)
{
	unsigned per_tick = phase == ONE_BY_ONE ? 1 : 10;
	uint64_t next = now_ns(), moves = 0;

	while (now_ns() < until) {
		uint64_t now;

		if (phase != WAKE_ONLY && !moves_make(changes, per_tick))
			return 0;
		moves += phase == WAKE_ONLY ? 0 : per_tick;
		next += (uint64_t)per_tick * SECOND_NS / MOVES_A_SECOND;
		now = now_ns();
		if (next > now)
			bench_pause_ns(next - now);
	}
	return moves;
}

static bool run_phase(struct changes *changes, enum phase phase, struct dip *dip, unsigned round, uint64_t phase_ns)
{
	uint64_t packets = load_indicated(changes->load), started = now_ns(), own = own_cpu_ns(), moves = 0, took;
	uint64_t cpu = load_cpu_ns(changes->load);

	if (phase == NOTHING)
		bench_pause_ns(phase_ns);
	else
		moves = ticks(changes, phase, started + phase_ns);
	took = now_ns() - started;
	packets = load_indicated(changes->load) - packets;
	dip->mpps[phase][round] = (double)packets * 1e3 / (double)took;
	dip->per_cpu[phase][round] = (double)packets * 1e3 / (double)(load_cpu_ns(changes->load) - cpu);
	dip->moves[phase][round] = (double)moves * SECOND_NS / (double)took;
	dip->cpu[phase][round] = 100.0 * (double)(own_cpu_ns() - own) / (double)took;
	return phase <= WAKE_ONLY || moves;
}

static void report_dip(const char *name, double with[], const double without[], bool all_made)
{
	double percent[ROUNDS];

	for (unsigned r = 0; r < ROUNDS; r++)
		percent[r] = 100.0 * (1 - with[r] / without[r]);
	report_samples(name, "%", percent, ROUNDS);
	report_goal("< 3 %", all_made && median_of(percent, ROUNDS) < GOAL_DIP);
}

static void report_phase(struct dip *dip, enum phase phase, const char *how)
{
	double moves[ROUNDS];
	bool all_made;
	char name[128];

	memcpy(moves, dip->moves[phase], sizeof(moves));
	all_made = median_of(moves, ROUNDS) > 0.98 * MOVES_A_SECOND;
	snprintf(name, sizeof(name), "%s: dip in packets per second", how);
	report_dip(name, dip->mpps[phase], dip->mpps[NOTHING], all_made);
	snprintf(name, sizeof(name), "%s: dip per CPU time of the processors", how);
	report_dip(name, dip->per_cpu[phase], dip->per_cpu[NOTHING], all_made);
	snprintf(name, sizeof(name), "%s: moves made", how);
	report_samples(name, "a second", moves, ROUNDS);
	snprintf(name, sizeof(name), "%s: control's own CPU time", how);
	report_samples(name, "% of a core", dip->cpu[phase], ROUNDS);
}

static void report_phases(struct dip *dip)
{
	double percent[ROUNDS];

	report_phase(dip, TENS, "ten each ms");
	report_phase(dip, ONE_BY_ONE, "one each 100 us");
	for (unsigned r = 0; r < ROUNDS; r++)
		percent[r] = 100.0 * (1 - dip->mpps[WAKE_ONLY][r] / dip->mpps[NOTHING][r]);
	report_samples("for comparison, 1,000 wake-ups without moves: dip", "%", percent, ROUNDS);
	report_samples("throughput without moves", "Mpps", dip->mpps[NOTHING], ROUNDS);
}

bool bench_change_dip(double scale)
{
	static struct changes changes;
	static struct dip dip;
	static struct load load;
	const struct load_params params = { .sources = 2, .processors = 2, .polled = true };

	report_section(
	    "10,000 moves of one entry a second under full load: what the traffic loses",
	    "alternating phases of 100 ms; control takes its CPU time from the two processors, which the second "
	    "figure leaves out");
	if (!load_start(&load, &params))
		return false;
	changes_begin(&changes, &load);
	bench_pause_ns((uint64_t)(PHASE_NS * scale));
	for (unsigned r = 0; r < ROUNDS; r++)
		for (unsigned p = 0; p < PHASES; p++)
			if (!run_phase(&changes, (enum phase)((p + r) % PHASES), &dip, r,
				       (uint64_t)(PHASE_NS * scale)))
				return false;
	report_phases(&dip);
	return load_stop(&load);
}
