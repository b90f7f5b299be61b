/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/backoff.h"

#include <rte_pause.h>
#include <sched.h>
#include <time.h>

#include "base/clock.h"

#define SPINS       256u  /* before the CPU is left to others: they may need it to be done */
#define PATIENCE_NS 20000 /* how long a thread waits for others without giving up its CPU */
#define NAP_NS      20000

void backoff_spin(unsigned *spins)
{
	if ((*spins)++ < SPINS)
		rte_pause();
	else
		sched_yield();
}

/*
 * In the end it sleeps rather than yields: those who are waited for may need this very CPU, and who yields it to a busy
 * thread has it back only after that one's time slice.
 */
void backoff_wait(uint64_t started)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	if (now_ns() - started < PATIENCE_NS)
		rte_pause();
	else
		nanosleep(&nap, NULL);
}
