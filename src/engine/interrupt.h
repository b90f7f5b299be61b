/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt of a processor: an eventfd that is rung only when the processor has armed it, that is, when it is
 * about to sleep.  A ring disarms, so any number of packets behind the first one cost no further ring (spec 5.1, step 9).
 *
 * No wake-up is lost: the source publishes (D1) and then looks at armed (D2), the processor arms (D3) and then looks at
 * the inboxes on its list, and at the stack of those that are not (D4); all four are sequentially consistent, so one of the
 * two sees the other.  A source that finds its inbox listed leaves it at D1: it is on the stack, or on the list, or has been
 * found empty by a processor that looks at its tail once more (listed.h).
 */
#ifndef VMMQ_ENGINE_INTERRUPT_H
#define VMMQ_ENGINE_INTERRUPT_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct interrupt {
	atomic_bool armed;
	int event_fd;
	_Atomic uint64_t taken; /* times the processor was woken; processor: rw */
};

/* interrupt_init returns false when there is no file descriptor to be had. */
bool interrupt_init(struct interrupt *interrupt);
void interrupt_fini(struct interrupt *interrupt);

/* interrupt_ring wakes the processor if it is armed; returns whether it was.  Any thread. */
bool interrupt_ring(struct interrupt *interrupt);

/* interrupt_arm before the last look at the inboxes, interrupt_disarm when that look found something. */
void interrupt_arm(struct interrupt *interrupt);
void interrupt_disarm(struct interrupt *interrupt);

/*
 * interrupt_wait sleeps until one of count armed interrupts rings, or a descriptor of the caller's is ready, or timeout is
 * over (NULL: for ever; then it returns false), and disarms all.  fd: fd_count of them; the first count are filled in
 * here, those behind are the caller's.
 */
bool interrupt_wait(struct interrupt *const interrupt[], unsigned count, struct pollfd fd[], unsigned fd_count,
		    const struct timespec *timeout);

#endif
