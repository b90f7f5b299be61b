/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters that one thread writes and others read, each on a line of cache of its owner's. */
#ifndef VMMQ_BASE_COUNTER_H
#define VMMQ_BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/cache_line.h"

/* One writer: adding is a load and a store. */
static inline void counter_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline uint64_t counter_read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
