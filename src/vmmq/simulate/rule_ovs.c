/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open vSwitch's automatic load balance of PMD threads, as its manual describes it (topics/dpdk/pmd): loads are looked at every 10 s; when a
 * thread has had 95 % or more in 6 of them in a row, all receive queues are dealt out anew in a trial, largest first to the thread with
 * least; when that lowers the variance of the threads' loads by 25 % or more, it is done.  At most once a minute.  A receive queue is what
 * static RSS makes of a VPort on a processor: all of its lanes that were there at first.
 */
#include <stdlib.h>
#include <string.h>

#include "vmmq/simulate/rule.h"

#define OVS_INTERVAL    (10u * SERIES_TICKS_SEC)
#define OVS_INTERVALS   6u
#define OVS_LOAD        950000u /* ppm */
#define OVS_IMPROVEMENT 25u     /* percent */

struct ovs_queue {
	uint64_t load;
	unsigned processor, trial;
};

struct ovs {
	uint32_t ticks, queue_count;
	uint32_t *lane_queue;
	struct ovs_queue *queue;
	uint32_t *order;
	uint64_t *busy;   /* by processor, over an interval */
	unsigned *in_row; /* by processor: intervals at or above OVS_LOAD */
	uint64_t *trial;  /* by processor */
};

static void ovs_destroy(void *state)
{
	struct ovs *o = state;

	free(o->lane_queue);
	free(o->queue);
	free(o->order);
	free(o->busy);
	free(o->in_row);
	free(o->trial);
	free(o);
}

/* ovs_queues numbers the queues: VPort and first processor. */
static void ovs_queues(struct ovs *o, const struct series *series)
{
	uint32_t first = 0;

	for (uint32_t lane = 0; lane < series->lane_count; lane++) {
		uint32_t before = lane;

		if (lane && series->lane[lane].vport != series->lane[lane - 1].vport)
			first = lane;
		while (before > first && series->lane_processor[before - 1] != series->lane_processor[lane])
			before--;
		if (before > first) {
			o->lane_queue[lane] = o->lane_queue[before - 1];
			continue;
		}
		o->queue[o->queue_count].processor = series->lane_processor[lane];
		o->lane_queue[lane] = o->queue_count++;
	}
}

static void *ovs_create(const struct series *series, char error[SERIES_ERROR_MAX])
{
	struct ovs *o = calloc(1, sizeof(*o));

	(void)error;
	if (!o)
		return NULL;
	o->lane_queue = calloc(series->lane_count, sizeof(*o->lane_queue));
	o->queue = calloc(series->lane_count, sizeof(*o->queue));
	o->order = calloc(series->lane_count, sizeof(*o->order));
	o->busy = calloc(series->processor_count, sizeof(*o->busy));
	o->in_row = calloc(series->processor_count, sizeof(*o->in_row));
	o->trial = calloc(series->processor_count, sizeof(*o->trial));
	if (o->lane_queue && o->queue && o->order && o->busy && o->in_row && o->trial) {
		ovs_queues(o, series);
		return o;
	}
	ovs_destroy(o);
	return NULL;
}

static int ovs_by_load(const void *a, const void *b, void *context)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct ovs *o = context;

	if (o->queue[x].load != o->queue[y].load)
		return o->queue[x].load < o->queue[y].load ? 1 : -1;
	return x < y ? -1 : 1;
}

static double load_variance(const uint64_t load[], unsigned count)
{
	double mean = 0, sum = 0;

	for (unsigned p = 0; p < count; p++)
		mean += (double)load[p] / count;
	for (unsigned p = 0; p < count; p++)
		sum += ((double)load[p] - mean) * ((double)load[p] - mean);
	return sum / count;
}

/* ovs_deal deals the queues out in a trial, and returns the variance of what comes out. */
static double ovs_deal(struct ovs *o, unsigned processors)
{
	memset(o->trial, 0, processors * sizeof(*o->trial));
	for (uint32_t q = 0; q < o->queue_count; q++)
		o->order[q] = q;
	qsort_r(o->order, o->queue_count, sizeof(*o->order), ovs_by_load, o);
	for (uint32_t i = 0; i < o->queue_count; i++) {
		struct ovs_queue *queue = &o->queue[o->order[i]];
		unsigned least = 0;

		for (unsigned p = 1; p < processors; p++)
			if (o->trial[p] < o->trial[least])
				least = p;
		queue->trial = least;
		o->trial[least] += queue->load;
	}
	return load_variance(o->trial, processors);
}

/* ovs_apply counts a queue as one move, whatever it has of lanes. */
static void ovs_apply(struct ovs *o, struct rule_world *world)
{
	uint64_t moves = world->moves;

	for (uint32_t q = 0; q < o->queue_count; q++)
		moves += o->queue[q].processor != o->queue[q].trial;
	for (uint32_t lane = 0; lane < world->series->lane_count; lane++)
		rule_move(world, lane, o->queue[o->lane_queue[lane]].trial);
	for (uint32_t q = 0; q < o->queue_count; q++)
		o->queue[q].processor = o->queue[q].trial;
	world->moves = moves;
}

/* ovs_judge ends an interval of 10 s; true: a processor has been overloaded for a minute. */
static bool ovs_judge(struct ovs *o, unsigned processors)
{
	bool overloaded = false;

	for (unsigned p = 0; p < processors; p++) {
		o->in_row[p] = o->busy[p] >= (uint64_t)OVS_LOAD * OVS_INTERVAL ? o->in_row[p] + 1 : 0;
		overloaded |= o->in_row[p] >= OVS_INTERVALS;
		o->busy[p] = 0;
	}
	return overloaded;
}

static void ovs_tick(void *state, struct rule_world *world)
{
	unsigned processors = world->series->processor_count;
	struct ovs *o = state;

	for (uint32_t lane = 0; lane < world->series->lane_count; lane++)
		o->queue[o->lane_queue[lane]].load += world->load[lane];
	for (unsigned p = 0; p < processors; p++)
		o->busy[p] += world->processor_load[p];
	if (++o->ticks % OVS_INTERVAL)
		return;
	if (ovs_judge(o, processors)) {
		double after = ovs_deal(o, processors), before;

		memset(o->trial, 0, processors * sizeof(*o->trial));
		for (uint32_t q = 0; q < o->queue_count; q++)
			o->trial[o->queue[q].processor] += o->queue[q].load;
		before = load_variance(o->trial, processors);
		memset(o->in_row, 0, processors * sizeof(*o->in_row));
		if ((before - after) * 100 >= before * OVS_IMPROVEMENT && before > 0)
			ovs_apply(o, world);
	}
	if (o->ticks % (OVS_INTERVAL * OVS_INTERVALS) == 0)
		for (uint32_t q = 0; q < o->queue_count; q++)
			o->queue[q].load = 0;
}

const struct rule rule_ovs = { "ovs", "queues, after a minute at 95 %, for 25 % less variance", ovs_create, ovs_tick,
			       ovs_destroy };
