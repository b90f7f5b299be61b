/* SPDX-License-Identifier: BSD-2-Clause */
/* One rule through a load series, and what came of it. */
#ifndef VMMQ_VMMQ_SIMULATE_SIMULATE_H
#define VMMQ_VMMQ_SIMULATE_SIMULATE_H

#include "vmmq/simulate/rule.h"

#define SIMULATE_WAIT_MAX_MS 100u /* work that would wait longer is lost */

/*
 * struct simulate_result.  Only ticks with load count; a processor is awake in a tick in which it has load, and the mean is over those.
 * above_s: time in which the most loaded processor has more than 1.1 times the mean, and more than the largest lane; above_longest_s: the
 * longest stretch of it.  peak, peak_most: the most loaded processor over the mean, on average and at most.
 * wait_p99_ms: 99 of 100 parts of the work wait at most so long behind what its processor has not done yet.
 * lost: share of the work that would have waited longer than SIMULATE_WAIT_MAX_MS.
 */
struct simulate_result {
	double loaded_s, above_s, above_longest_s;
	double peak, peak_most;
	double wait_p99_ms, lost;
	uint64_t moves;
	double awake;
};

/*
 * simulate_run: log is told of the moves of rules that have reasons, or NULL.  Returns false with a sentence in error: memory, or what the
 * rule does not take.
 */
bool simulate_run(const struct series *series, const struct rule *rule, struct simulate_result *result,
		  void (*log)(void *context, uint32_t tick, const struct balance_move *move), void *log_context,
		  char error[SERIES_ERROR_MAX]);

#endif
