/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long a processor has slept, readable while it sleeps.  One word, so that readers never see half of a change: twice
 * the time slept so far when it is awake; when it is asleep, that minus twice the time at which it fell asleep, plus one.
 * All in TSC cycles, modulo 2^63.
 */
#ifndef VMMQ_ENGINE_ASLEEP_H
#define VMMQ_ENGINE_ASLEEP_H

#include <rte_cycles.h>

#include "engine/processor_state.h"

/* processor_asleep_tsc returns the time slept up to now. */
static inline uint64_t processor_asleep_tsc(const struct processor *processor)
{
	uint64_t word = counter_read(&processor->asleep);

	return (word & 1 ? word - 1 + 2 * rte_rdtsc() : word) / 2;
}

static inline void processor_fall_asleep(struct processor *processor)
{
	atomic_store_explicit(&processor->asleep, counter_read(&processor->asleep) - 2 * rte_rdtsc() + 1,
			      memory_order_relaxed);
}

static inline void processor_wake_up(struct processor *processor)
{
	atomic_store_explicit(&processor->asleep, 2 * processor_asleep_tsc(processor), memory_order_relaxed);
}

#endif
