/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads that are made, for comparing rules without a file: the same name and seed give the same load. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/simulate/series.h"

struct made {
	const char *name;
	unsigned processors, vports, lanes; /* of each VPort */
	double seconds;
	double share;  /* mean load of a processor: total / processors */
	double step_s; /* when it becomes Zipf, or another share; 0: never */
	double step_share;
	double step_zipf; /* exponent; 0: even */
	double noise;     /* standard deviation of a lane's load, a share of it, anew in each tick */
};

static const struct made all_made[] = {
	{ "zipf-step", 4, 1, 128, 120, 0.65, 2, 0.65, 1.2, 0 },
	{ "low", 4, 4, 32, 20, 0.10, 10, 0.65, 0, 0 },
	{ "constant", 4, 1, 128, 600, 0.65, 0, 0, 0, 0.10 },
	{ "large", 64, 1000, 16, 10, 0.65, 2, 0.65, 0.6, 0 },
};

static uint64_t made_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static double made_uniform(uint64_t *state)
{
	return (double)(made_random(state) >> 11) / 9007199254740992.0;
}

/* made_normal: the sum of twelve uniform numbers is near enough, and has no far tail. */
static double made_normal(uint64_t *state)
{
	double sum = -6;

	for (unsigned i = 0; i < 12; i++)
		sum += made_uniform(state);
	return sum;
}

/* zipf_weights gives the lanes, in an order that the seed shuffles, the weights 1 / rank^exponent, 1 in all. */
static void zipf_weights(double weight[], uint32_t count, double exponent, uint64_t *state)
{
	double sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += weight[i] = pow(i + 1, -exponent);
	for (uint32_t i = count; i-- > 1;) {
		uint32_t other = (uint32_t)(made_random(state) % (i + 1));
		double kept = weight[i];

		weight[i] = weight[other];
		weight[other] = kept;
	}
	for (uint32_t i = 0; i < count; i++)
		weight[i] /= sum;
}

static bool made_write(struct series *s, uint32_t tick, const double weight[], double total, double noise,
		       uint64_t *state)
{
	for (uint32_t lane = 0; lane < s->lane_count; lane++) {
		double load = weight[lane] * total * (1 + (noise > 0 ? noise * made_normal(state) : 0));

		if (!series_add(s, tick, lane, load > 0 ? (uint32_t)(load * BALANCE_WHOLE + 0.5) : 0))
			return false;
	}
	return true;
}

static bool made_fill(struct series *s, const struct made *made, double weight[], uint64_t seed)
{
	uint32_t step = (uint32_t)(made->step_s * SERIES_TICKS_SEC);

	for (uint32_t lane = 0; lane < s->lane_count; lane++)
		weight[lane] = 1.0 / s->lane_count;
	if (!made_write(s, 0, weight, made->share * made->processors, made->noise, &seed))
		return false;
	for (uint32_t tick = 1; made->noise > 0 && tick < s->ticks; tick++)
		if (!made_write(s, tick, weight, made->share * made->processors, made->noise, &seed))
			return false;
	if (!step || step >= s->ticks)
		return true;
	if (made->step_zipf > 0)
		zipf_weights(weight, s->lane_count, made->step_zipf, &seed);
	return made_write(s, step, weight, made->step_share * made->processors, 0, &seed);
}

static bool made_shape(struct series *s, const struct made *made, char error[SERIES_ERROR_MAX])
{
	uint16_t *ids = calloc(made->vports, sizeof(*ids)), *counts = calloc(made->vports, sizeof(*counts));
	const uint16_t **lanes = calloc(made->vports, sizeof(*lanes));
	uint16_t list[VMMQ_TABLE_ENTRIES_MAX];
	bool shaped = false;

	for (unsigned l = 0; l < made->lanes; l++)
		list[l] = (uint16_t)l;
	for (unsigned v = 0; ids && counts && lanes && v < made->vports; v++) {
		ids[v] = (uint16_t)(v + 1);
		lanes[v] = list;
		counts[v] = (uint16_t)made->lanes;
	}
	if (ids && counts && lanes)
		shaped = series_plain(s, made->processors, made->vports, ids, lanes, counts, error);
	else
		snprintf(error, SERIES_ERROR_MAX, "out of memory");
	for (uint32_t lane = 0; shaped && lane < s->lane_count;
	     lane++) /* tables of many VPorts begin where the last ended */
		s->lane_processor[lane] = (uint16_t)(lane % made->processors);
	free(ids);
	free(counts);
	free(lanes);
	return shaped;
}

bool series_generate(struct series *s, const char *name, uint64_t seed, double seconds, char error[SERIES_ERROR_MAX])
{
	const struct made *made = NULL;
	double *weight;

	for (size_t i = 0; i < sizeof(all_made) / sizeof(all_made[0]); i++)
		if (strcmp(all_made[i].name, name) == 0)
			made = &all_made[i];
	if (!made) {
		snprintf(error, SERIES_ERROR_MAX, "found \"%s\"; one of " SERIES_NAMES " is needed", name);
		return false;
	}
	if (!made_shape(s, made, error))
		return false;
	s->ticks = (uint32_t)((seconds > 0 ? seconds : made->seconds) * SERIES_TICKS_SEC + 0.5);
	weight = calloc(s->lane_count, sizeof(*weight));
	if (weight && made_fill(s, made, weight, seed)) {
		free(weight);
		return true;
	}
	free(weight);
	series_fini(s);
	snprintf(error, SERIES_ERROR_MAX, "no memory for so many loads: at most %u are possible", SERIES_EVENTS_MAX);
	return false;
}
