/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest is interrupted by its front end's descriptor, an eventfd, which both have: so a front end can make it block, and fill it, while a
 * processor is about to write to it.  Who writes is noted, so that the relay can send it a signal now and then.  That ends
 * a write that blocks, and only such: then the front end is disconnected.
 */
#include "ports/vhost_user.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>

#define CALLERS_MAX 1024u  /* threads that have ever interrupted a guest */
#define SIGNAL      SIGURG /* ignored where nobody handles it */

/* A thread that calls: w; others: r.  ring: that it writes for now; NULL: none. */
struct caller {
	_Alignas(64) pthread_t thread;
	struct vhost_ring *_Atomic ring;
};

static struct caller callers[CALLERS_MAX];
static atomic_uint places_taken;
static _Thread_local struct caller *caller_of_thread __attribute__((tls_model("initial-exec")));

static void caller_signalled(int number)
{
	(void)number; /* the write that was interrupted ends */
}

bool vhost_call_init(void)
{
	const struct sigaction action = { .sa_handler = caller_signalled };

	return sigaction(SIGNAL, &action, NULL) == 0;
}

/* caller_here returns the thread's place, made at its first call; NULL: there are too many, and nobody looks after it. */
static struct caller *caller_here(void)
{
	struct caller *caller = caller_of_thread;
	sigset_t signal;
	unsigned place;

	if (caller || atomic_load_explicit(&places_taken, memory_order_relaxed) >= CALLERS_MAX)
		return caller;
	place = atomic_fetch_add_explicit(&places_taken, 1, memory_order_relaxed);
	if (place >= CALLERS_MAX)
		return NULL;
	sigemptyset(&signal);
	sigaddset(&signal, SIGNAL);
	pthread_sigmask(SIG_UNBLOCK, &signal, NULL);
	caller = &callers[place];
	caller->thread = pthread_self();
	caller_of_thread = caller;
	return caller;
}

bool vhost_ring_call(struct vhost_ring *ring)
{
	int fd = atomic_load_explicit(&ring->call_fd, memory_order_relaxed);
	struct caller *caller;

	if (fd < 0 || !virtio_ring_wants_call(&ring->is))
		return false;
	caller = caller_here();
	if (caller)
		atomic_store_explicit(&caller->ring, ring, memory_order_release);
	if (eventfd_write(fd, 1) && errno == EINTR) {
		atomic_store_explicit(&ring->call_fd, -1, memory_order_relaxed);
		atomic_store_explicit(&ring->call_blocks, true, memory_order_release);
		vhost_relay_wake();
	}
	if (caller)
		atomic_store_explicit(&caller->ring, NULL, memory_order_release);
	return true;
}

void vhost_calls_interrupt(const struct vhost_port *vhost)
{
	unsigned count = atomic_load_explicit(&places_taken, memory_order_relaxed);

	for (unsigned i = 0; i < count && i < CALLERS_MAX; i++) {
		const struct vhost_ring *ring = atomic_load_explicit(&callers[i].ring, memory_order_acquire);

		if (ring && (!vhost || ring->of == vhost))
			pthread_kill(callers[i].thread, SIGNAL);
	}
}
