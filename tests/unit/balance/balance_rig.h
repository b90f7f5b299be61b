/* SPDX-License-Identifier: BSD-2-Clause */
/* A world for the policy: processors, VPorts, and loads that follow where their lanes are. */
#ifndef TESTS_UNIT_BALANCE_BALANCE_RIG_H
#define TESTS_UNIT_BALANCE_BALANCE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "balance/balance.h"

#define WORLD_VPORTS 64u
#define WORLD_LANES  (WORLD_VPORTS * BALANCE_LANES_MAX)

struct world {
	struct balance_settings settings;
	unsigned processors, vports;
	struct balance_vport vport[WORLD_VPORTS];
	uint16_t lane_processor[WORLD_LANES], lane_vport[WORLD_LANES];
	bool pinned[WORLD_LANES], excluded[BALANCE_PROCESSORS_MAX];
	uint32_t load[WORLD_LANES], lanes;
	struct balance_seen seen[BALANCE_PROCESSORS_MAX];
	struct balance_move move[4096];
	struct balance_result result;
	struct balance *balance;
};

/* world_add adds a VPort with `lanes` lanes on one processor after the other from `first` on, `spread` of them; returns its first lane. */
static inline uint32_t world_add(struct world *w, unsigned lanes, unsigned queue_pairs, unsigned first,
				 unsigned spread)
{
	uint32_t at = w->lanes;

	w->vport[w->vports] = (struct balance_vport){
		.lanes = (uint16_t)lanes, .queue_pairs = (uint16_t)queue_pairs, .min_queue_pairs = 1, .dynamic = true
	};
	for (unsigned i = 0; i < lanes; i++, w->lanes++) {
		w->lane_vport[w->lanes] = (uint16_t)w->vports;
		w->lane_processor[w->lanes] = (uint16_t)((first + i % spread) % w->processors);
	}
	w->vports++;
	return at;
}

static inline struct world *world_make(unsigned processors)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	balance_settings_default(&w->settings);
	w->processors = processors;
	return w;
}

static inline void world_start(struct world *w)
{
	char error[256] = "";

	w->balance =
	    balance_create(&w->settings, w->processors, w->vport, w->vports, w->lane_processor, error, sizeof(error));
	if (!w->balance)
		fail_msg("%s", error);
	for (uint32_t i = 0; i < w->lanes; i++)
		balance_pin(w->balance, i, w->pinned[i]);
	for (unsigned p = 0; p < w->processors; p++)
		balance_exclude(w->balance, p, w->excluded[p]);
	w->result.move = w->move;
}

static inline void world_end(struct world *w)
{
	balance_destroy(w->balance);
	free(w);
}

static inline uint64_t world_processor_load(const struct world *w, unsigned processor)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < w->lanes; i++)
		if (w->lane_processor[i] == processor)
			sum += w->load[i];
	return sum;
}

static inline uint64_t world_peak(const struct world *w)
{
	uint64_t peak = 0;

	for (unsigned p = 0; p < w->processors; p++)
		if (world_processor_load(w, p) > peak)
			peak = world_processor_load(w, p);
	return peak;
}

static inline uint64_t world_total(const struct world *w)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < w->lanes; i++)
		sum += w->load[i];
	return sum;
}

static inline unsigned world_used(const struct world *w, unsigned vport)
{
	bool used[BALANCE_PROCESSORS_MAX] = { false };
	unsigned count = 0;

	for (uint32_t i = 0; i < w->lanes; i++) {
		if (w->lane_vport[i] != vport || used[w->lane_processor[i]])
			continue;
		used[w->lane_processor[i]] = true;
		count++;
	}
	return count;
}

static inline unsigned world_awake(const struct world *w)
{
	unsigned count = 0;

	for (unsigned p = 0; p < w->processors; p++)
		count += world_processor_load(w, p) != 0;
	return count;
}

/* world_tick: a tick with the loads as they are; the moves are carried out.  Returns how many. */
static inline unsigned world_tick(struct world *w)
{
	for (unsigned p = 0; p < w->processors; p++)
		w->seen[p].load = (uint32_t)world_processor_load(w, p);
	balance_tick(w->balance, w->load, w->seen, &w->result);
	for (unsigned i = 0; i < w->result.move_count; i++)
		w->lane_processor[w->move[i].lane] = w->move[i].to;
	return w->result.move_count;
}

static inline unsigned world_run(struct world *w, unsigned ticks)
{
	unsigned moves = 0;

	while (ticks--)
		moves += world_tick(w);
	return moves;
}

#endif
