/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-controller: what a tick of vmmqd's controller of dynamic VMMQ takes of the control thread: reading the engine's counters, the
 * policy, moves and their effect.  1,000 VPorts, 64 processors, ticks of 10 ms, so that 100 us are 1 % of a core.  The switch is a running one;
 * what processors would have counted is written into their counters by hand, between the ticks.
 * bench-controller --count LANES BUSY TICKS: nothing but that many ticks inside controller_counted(), for callgrind, of BUSY in 1,000 VPorts
 * with load; prints their number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench.h"
#include "config/config_yaml.h"
#include "control/live_balance.h"
#include "engine/adapter_state.h"
#include "engine/eal.h"

#define VPORTS      1000u
#define PROCESSORS  64u
#define QUEUE_PAIRS 16u
#define TICKS       200u
#define TICKS_QUICK 4u
#define WARM        4u
#define TICK_NS     UINT64_C(10000000)
#define MEMORY_MB   256
#define THREADS     2u
#define GOAL_US     100.0

struct controller_world {
	struct live *live;
	struct vmmq_adapter *adapter;
	unsigned lanes, busy; /* VPorts with load, of VPORTS */
	uint64_t now_ns, seed;
	uint64_t cycles; /* of a packet: so many that processors have two thirds of their time to do */
};

uint64_t controller_counted(struct controller_world *w, unsigned ticks);

static char *controller_yaml(unsigned lanes)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fputs("adapter: {moderation: interrupt, processors: [", out);
	for (unsigned p = 0; p < PROCESSORS; p++)
		fprintf(out, "%s%u", p ? ", " : "", p);
	fputs("]}\nvports:\n", out);
	for (unsigned v = 1; v <= VPORTS; v++) {
		fprintf(out,
			"  - {id: %u, queue_pairs: %u, scaling: dynamic, rss: {enabled: true, default_processor: %u, "
			"indirection_table: [",
			v, QUEUE_PAIRS, v * QUEUE_PAIRS % PROCESSORS);
		for (unsigned i = 0; i < lanes; i++)
			fprintf(out, "%s%u", i ? ", " : "", (v * QUEUE_PAIRS + i % QUEUE_PAIRS) % PROCESSORS);
		fputs("]}}\n", out);
	}
	fclose(out);
	return text;
}

static bool controller_open(struct controller_world *w, unsigned lanes, unsigned busy)
{
	char *yaml = controller_yaml(lanes), error[512];
	struct vmmq_config config;
	struct config_error wrong;
	struct live_params params = { .seed = &config, .state = "", .host_buffers = 2047 };

	if (vmmq_config_parse(yaml, strlen(yaml), &config, &wrong)) {
		fprintf(stderr, "bench-controller: line %u: %s: %s\n", wrong.line, wrong.path, wrong.text);
		return false;
	}
	free(yaml);
	*w = (struct controller_world){ .lanes = lanes, .busy = busy, .now_ns = SECOND_NS, .seed = 1 };
	w->cycles = rte_get_tsc_hz() / 100 * 2 / 3 * PROCESSORS / ((uint64_t)lanes * busy * 21);
	w->live = live_open(&params, error, sizeof(error));
	vmmq_config_fini(&config);
	if (!w->live) {
		fprintf(stderr, "bench-controller: %s\n", error);
		return false;
	}
	w->adapter = live_adapter(w->live);
	return true;
}

/* lane_works counts packets of a lane where it is, as the processor would. */
static void lane_works(struct controller_world *w, uint16_t vport, unsigned entry, struct vmmq_processor at,
		       uint64_t packets)
{
	struct processor *processor = processor_find(w->adapter, at);
	struct vport_slot_counters *counters = vport_counters_at(processor, (struct vmmq_vport_id){ vport });

	counter_add(&counters->entry[entry], packets);
	counter_add(&counters->bytes, 64 * packets);
	counter_add(&processor->packets, packets);
	counter_add(&processor->turns, 1);
	counter_add(&processor->busy_tsc, packets * w->cycles);
}

static void controller_works(struct controller_world *w)
{
	struct live_balance_lane lane[VMMQ_LANES_MAX];

	for (uint16_t v = 1; v <= w->busy; v++) {
		unsigned count = live_balance_lanes(w->live, (struct vmmq_vport_id){ v }, lane);

		for (unsigned i = 0; i < count && lane[i].lane < VMMQ_LANE_DEFAULT; i++)
			lane_works(w, v, lane[i].lane, lane[i].effective, 20 + random_below(&w->seed, 3));
	}
}

__attribute__((noinline, noclone)) uint64_t controller_counted(struct controller_world *w, unsigned ticks)
{
	while (ticks--)
		live_balance_tick(w->live, w->now_ns += TICK_NS);
	__asm__ volatile("" ::: "memory");
	return w->now_ns;
}

/* one_tick: us of this thread's time. */
static double controller_tick_us(struct controller_world *w)
{
	struct timespec before, after;

	controller_works(w);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	controller_counted(w, 1);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (double)(after.tv_sec - before.tv_sec) * 1e6 + (double)(after.tv_nsec - before.tv_nsec) / 1e3;
}

static bool bench_controller_lanes(unsigned lanes, unsigned busy, bool quick)
{
	unsigned ticks = quick ? TICKS_QUICK : TICKS;
	struct controller_world w;
	char title[120];
	double us[TICKS];

	snprintf(title, sizeof(title),
		 "Controller, 64 processors, 1,000 dynamic VPorts with %u entries each, %u with load", lanes, busy);
	report_section(title, "1 % of a core is 100 us in a tick of 10 ms");
	if (!controller_open(&w, lanes, busy))
		return false;
	for (unsigned i = 0; i < WARM; i++)
		controller_tick_us(&w);
	for (unsigned i = 0; i < ticks; i++)
		us[i] = controller_tick_us(&w);
	report_samples("a tick", "us", us, ticks);
	report_goal("median below 100 us", percentile(us, ticks, 50) < GOAL_US);
	live_close(w.live);
	return true;
}

static int controller_count(char *argv[])
{
	unsigned ticks = (unsigned)atoi(argv[2]);
	struct controller_world w;

	if (!controller_open(&w, (unsigned)atoi(argv[0]), (unsigned)atoi(argv[1])))
		return 1;
	for (unsigned i = 0; i < WARM + ticks; i++) {
		controller_works(&w);
		if (i < WARM)
			live_balance_tick(w.live, w.now_ns += TICK_NS);
		else
			controller_counted(&w, 1);
	}
	printf("%u\n", ticks);
	fflush(stdout);
	_exit(0); /* nothing of what is taken apart would be counted */
}

int main(int argc, char *argv[])
{
	bool counts = argc == 5 && strcmp(argv[1], "--count") == 0;
	struct options options = { 0 };
	char error[256];

	if (!counts && !bench_options(argc, argv, &options))
		return 2;
	if (eal_start(THREADS, MEMORY_MB, error, sizeof(error))) {
		fprintf(stderr, "bench-controller: %s\n", error);
		return 1;
	}
	if (counts)
		return controller_count(argv + 2);
	report_begin("bench-controller", options.json);
	if (!bench_controller_lanes(16, VPORTS, options.quick) ||
	    !bench_controller_lanes(16, VPORTS / 10, options.quick) ||
	    !bench_controller_lanes(128, VPORTS, options.quick))
		return 1;
	return report_end();
}
