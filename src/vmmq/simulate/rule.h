/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules that move lanes, all driven by the same ticks: what they are and where they come from stands in docs/balance.md. */
#ifndef VMMQ_VMMQ_SIMULATE_RULE_H
#define VMMQ_VMMQ_SIMULATE_RULE_H

#include "vmmq/simulate/series.h"

/*
 * Where lanes are, in a run of one rule.  processor: by lane, an index.  load: by lane, in the tick that has passed.
 * processor_load: their sums.  A rule moves a lane with rule_move(), which keeps all of them and counts.
 */
struct rule_world {
	const struct series *series;
	uint16_t *processor;
	const uint32_t *load;
	uint64_t *processor_load;
	uint64_t moves;
	void *log_context;
	void (*log)(void *context, uint32_t tick, const struct balance_move *move); /* or NULL */
	uint32_t tick;
};
void rule_move(struct rule_world *world, uint32_t lane, unsigned processor);

/* struct rule: create returns its state, or NULL when memory is short (or error says why); tick is called after each tick. */
struct rule {
	const char *name;
	const char *what;
	void *(*create)(const struct series *series, char error[SERIES_ERROR_MAX]);
	void (*tick)(void *state, struct rule_world *world);
	void (*destroy)(void *state);
};

extern const struct rule rule_static, rule_rsspp, rule_ovs, rule_vmmq;

#endif
