/* SPDX-License-Identifier: BSD-2-Clause */
/* How a thread waits for another one: spinning for who will be done at once, sleeping in the end for who may not. */
#ifndef VMMQ_ENGINE_BACKOFF_H
#define VMMQ_ENGINE_BACKOFF_H

#include <stdint.h>

/* backoff_spin waits a moment, without sleeping, for somebody who will be done soon.  *spins: 0 to begin with. */
void backoff_spin(unsigned *spins);
/* backoff_wait waits a moment for those that have been waited for since started (now_ns()); it sleeps when that is long. */
void backoff_wait(uint64_t started);

#endif
