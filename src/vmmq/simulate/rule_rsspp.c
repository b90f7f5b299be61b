/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSS++ (Barbette, Katsikas, Maguire, Kostic: RSS++: load and state-aware receive side scaling, CoNEXT 2019) as we read its description:
 * every 100 ms, with loads averaged over them, one core more where those in use have more than 0.8 on average, or one less where one less
 * would have below 0.8; then from each core that is more than 0.02 above the mean, most loaded first, its buckets, largest first, as far
 * as they fit its excess, to the core that is furthest below.  A core that is given up hands over all its buckets.
 */
#include <stdlib.h>
#include <string.h>

#include "vmmq/simulate/rule.h"

#define RSSPP_TICKS     10u     /* 100 ms */
#define RSSPP_TARGET    800000u /* ppm */
#define RSSPP_THRESHOLD 20000

struct rsspp {
	unsigned ticks, cores;
	uint32_t lane_count;
	uint64_t *sum;      /* by lane, over ticks */
	uint32_t *order;    /* lanes of one core, sorted */
	int64_t *imbalance; /* by core: above the mean */
};

static void rsspp_destroy(void *state)
{
	struct rsspp *r = state;

	free(r->sum);
	free(r->order);
	free(r->imbalance);
	free(r);
}

static void *rsspp_create(const struct series *series, char error[SERIES_ERROR_MAX])
{
	struct rsspp *r = calloc(1, sizeof(*r));

	(void)error;
	if (!r)
		return NULL;
	r->cores = series->processor_count;
	r->lane_count = series->lane_count;
	r->sum = calloc(r->lane_count, sizeof(*r->sum));
	r->order = calloc(r->lane_count, sizeof(*r->order));
	r->imbalance = calloc(series->processor_count, sizeof(*r->imbalance));
	if (r->sum && r->order && r->imbalance)
		return r;
	rsspp_destroy(r);
	return NULL;
}

static int rsspp_by_load(const void *a, const void *b, void *context)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct rsspp *r = context;

	if (r->sum[x] != r->sum[y])
		return r->sum[x] < r->sum[y] ? 1 : -1;
	return x < y ? -1 : 1;
}

/* rsspp_cores: how many are to be in use; one more or less in a tick. */
static void rsspp_cores(struct rsspp *r, uint64_t total, unsigned most)
{
	if (total > (uint64_t)r->cores * RSSPP_TARGET && r->cores < most)
		r->cores++;
	else if (r->cores > 1 && total < (uint64_t)(r->cores - 1) * RSSPP_TARGET)
		r->cores--;
}

/* rsspp_core: the one of those in use, or of those given up, with the largest imbalance that has not been looked at. */
static unsigned rsspp_most(const struct rsspp *r, unsigned count, const bool done[])
{
	unsigned found = count;

	for (unsigned p = 0; p < count; p++)
		if (!done[p] && r->imbalance[p] > (p < r->cores ? RSSPP_THRESHOLD : INT64_MIN + 1) &&
		    (found == count || r->imbalance[p] > r->imbalance[found]))
			found = p;
	return found;
}

static unsigned rsspp_least(const struct rsspp *r)
{
	unsigned found = 0;

	for (unsigned p = 1; p < r->cores; p++)
		if (r->imbalance[p] < r->imbalance[found])
			found = p;
	return found;
}

static void rsspp_relieve(struct rsspp *r, struct rule_world *world, unsigned from)
{
	bool given_up = from >= r->cores;
	uint32_t count = 0;

	for (uint32_t lane = 0; lane < r->lane_count; lane++)
		if (world->processor[lane] == from && (given_up || r->sum[lane]))
			r->order[count++] = lane;
	qsort_r(r->order, count, sizeof(*r->order), rsspp_by_load, r);
	for (uint32_t i = 0; i < count && (given_up || r->imbalance[from] > RSSPP_THRESHOLD); i++) {
		int64_t load = (int64_t)r->sum[r->order[i]];
		unsigned to = rsspp_least(r);

		if (!given_up && (load > r->imbalance[from] || load > -r->imbalance[to]))
			continue;
		rule_move(world, r->order[i], to);
		r->imbalance[from] -= load;
		r->imbalance[to] += load;
	}
}

static void rsspp_balance(struct rsspp *r, struct rule_world *world)
{
	unsigned count = world->series->processor_count, from;
	bool done[BALANCE_PROCESSORS_MAX] = { false };
	uint64_t total = 0;

	memset(r->imbalance, 0, count * sizeof(*r->imbalance));
	for (uint32_t lane = 0; lane < r->lane_count; lane++) {
		r->sum[lane] /= RSSPP_TICKS;
		total += r->sum[lane];
		r->imbalance[world->processor[lane]] += (int64_t)r->sum[lane];
	}
	rsspp_cores(r, total, count);
	for (unsigned p = 0; p < r->cores; p++)
		r->imbalance[p] -= (int64_t)(total / r->cores);
	while ((from = rsspp_most(r, count, done)) < count) {
		done[from] = true;
		rsspp_relieve(r, world, from);
	}
	memset(r->sum, 0, r->lane_count * sizeof(*r->sum));
}

static void rsspp_tick(void *state, struct rule_world *world)
{
	struct rsspp *r = state;

	for (uint32_t lane = 0; lane < r->lane_count; lane++)
		r->sum[lane] += world->load[lane];
	if (++r->ticks % RSSPP_TICKS == 0)
		rsspp_balance(r, world);
}

const struct rule rule_rsspp = { "rss++", "entries, every 100 ms, target 0.8, threshold 2 %", rsspp_create,
				 rsspp_tick, rsspp_destroy };
