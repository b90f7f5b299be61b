/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/interrupt.h"

#include <sys/eventfd.h>
#include <unistd.h>

bool interrupt_init(struct interrupt *interrupt)
{
	atomic_init(&interrupt->armed, false);
	atomic_init(&interrupt->taken, 0);
	interrupt->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return interrupt->event_fd >= 0;
}

void interrupt_fini(struct interrupt *interrupt)
{
	if (interrupt->event_fd >= 0)
		close(interrupt->event_fd);
}

bool interrupt_ring(struct interrupt *interrupt)
{
	const uint64_t one = 1;

	if (!atomic_load_explicit(&interrupt->armed, memory_order_seq_cst)) /* D2 */
		return false;
	if (!atomic_exchange_explicit(&interrupt->armed, false, memory_order_seq_cst))
		return false;
	if (write(interrupt->event_fd, &one, sizeof(one)) < 0) {
		/* Only when its counter is full, and then the descriptor is readable as it is. */
	}
	return true;
}

void interrupt_arm(struct interrupt *interrupt)
{
	atomic_store_explicit(&interrupt->armed, true, memory_order_seq_cst); /* D3; D4 is processor_has_work() */
}

void interrupt_disarm(struct interrupt *interrupt)
{
	atomic_store_explicit(&interrupt->armed, false, memory_order_relaxed);
}

/* interrupt_clear empties the event and counts it. */
static void interrupt_clear(struct interrupt *interrupt)
{
	uint64_t rings;

	if (read(interrupt->event_fd, &rings, sizeof(rings)) == sizeof(rings))
		atomic_store_explicit(&interrupt->taken,
				      atomic_load_explicit(&interrupt->taken, memory_order_relaxed) + 1,
				      memory_order_relaxed);
}

bool interrupt_wait(struct interrupt *const interrupt[], unsigned count, struct pollfd fd[], unsigned fd_count,
		    const struct timespec *timeout)
{
	int ready;

	for (unsigned i = 0; i < count; i++)
		fd[i] = (struct pollfd){ .fd = interrupt[i]->event_fd, .events = POLLIN };
	ready = ppoll(fd, fd_count, timeout, NULL);
	for (unsigned i = 0; i < count; i++) {
		interrupt_disarm(interrupt[i]);
		interrupt_clear(interrupt[i]);
	}
	return ready != 0;
}
