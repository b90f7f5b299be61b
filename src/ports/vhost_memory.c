/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A front end shares its guest's memory as files, and may make these shorter while we read and write them: the kernel then sends
 * SIGBUS to the thread that touches what is no more.  It gets memory of our own in that place, with zeroes, so that whoever was
 * about to read or write goes on; and the front end is disconnected.
 */
#include "ports/vhost_user.h"

#include <rte_vhost.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACES 16384u /* regions of all front ends: 8 each, and a log */
#define HUGE   (UINT64_C(1) << 30)

/* A mapping that is not to be trusted.  link: written last, and cleared first; the handler reads on any thread. */
struct place {
	struct vhost_link *_Atomic link;
	_Atomic uintptr_t start;
	_Atomic size_t len;
	bool is_log; /* relay */
};

static struct place place[PLACES];
static atomic_uint places_end;  /* none at or behind it was ever used */
static struct sigaction before; /* what SIGBUS did */

/* The front end whose message the library's thread deals with: memory of it may be mapped and not guarded yet. */
static struct vhost_link *_Atomic dealing;
static _Thread_local bool is_library __attribute__((tls_model("initial-exec")));

void vhost_memory_message(struct vhost_link *link)
{
	is_library = true;
	atomic_store_explicit(&dealing, link, memory_order_release);
}

static void memory_lost(struct vhost_link *link)
{
	atomic_store_explicit(&link->memory_lost, true, memory_order_release);
	vhost_relay_wake();
}

static bool memory_replace(uintptr_t start, size_t len)
{
	return mmap((void *)start, len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static bool replace_guarded(uintptr_t address)
{
	unsigned end = atomic_load_explicit(&places_end, memory_order_acquire);

	for (unsigned i = 0; i < end; i++) {
		struct vhost_link *link = atomic_load_explicit(&place[i].link, memory_order_acquire);
		uintptr_t start = atomic_load_explicit(&place[i].start, memory_order_relaxed);
		size_t len = atomic_load_explicit(&place[i].len, memory_order_relaxed);

		if (!link || address - start >= len)
			continue;
		if (!memory_replace(start, len))
			return false;
		memory_lost(link);
		return true;
	}
	return false;
}

/* replace_unguarded: the page that the library's thread has just mapped, of whatever size. */
static bool replace_unguarded(uintptr_t address)
{
	struct vhost_link *link = atomic_load_explicit(&dealing, memory_order_acquire);

	if (!is_library || !link)
		return false;
	for (uint64_t size = 4096; size <= HUGE; size *= 512)
		if (memory_replace(address & ~(size - 1), size)) {
			memory_lost(link);
			return true;
		}
	return false;
}

static void memory_signal(int number, siginfo_t *info, void *context)
{
	uintptr_t address = (uintptr_t)info->si_addr;

	if (info->si_code == BUS_ADRERR && (replace_guarded(address) || replace_unguarded(address)))
		return;
	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(number, info, context);
	} else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
		before.sa_handler(number);
	} else {
		signal(SIGBUS, SIG_DFL); /* it is not ours: it happens again, and ends the process as it would have */
	}
}

bool vhost_memory_init(void)
{
	struct sigaction action = { .sa_sigaction = memory_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

	return before.sa_sigaction == memory_signal || sigaction(SIGBUS, &action, &before) == 0;
}

/* memory_guard notes one mapping.  Relay. */
static void memory_guard(struct vhost_link *link, uintptr_t start, size_t len, bool is_log)
{
	unsigned i = 0, end = atomic_load_explicit(&places_end, memory_order_relaxed);

	while (i < end && atomic_load_explicit(&place[i].link, memory_order_relaxed))
		i++;
	if (i == PLACES)
		return;
	place[i].is_log = is_log;
	atomic_store_explicit(&place[i].start, start, memory_order_relaxed);
	atomic_store_explicit(&place[i].len, len, memory_order_relaxed);
	atomic_store_explicit(&place[i].link, link, memory_order_release);
	if (i == end)
		atomic_store_explicit(&places_end, end + 1, memory_order_release);
}

static void memory_forget(const struct vhost_link *link, bool is_log)
{
	unsigned end = atomic_load_explicit(&places_end, memory_order_relaxed);

	for (unsigned i = 0; i < end; i++)
		if (atomic_load_explicit(&place[i].link, memory_order_relaxed) == link && place[i].is_log == is_log)
			atomic_store_explicit(&place[i].link, NULL, memory_order_release);
}

void vhost_memory_guard(struct vhost_link *link)
{
	struct rte_vhost_memory *memory = NULL;

	memory_forget(link, false);
	if (rte_vhost_get_mem_table(link->vid, &memory))
		return;
	for (uint32_t i = 0; i < memory->nregions; i++)
		memory_guard(link, (uintptr_t)memory->regions[i].mmap_addr, memory->regions[i].mmap_size, false);
	free(memory);
}

void vhost_memory_guard_log(struct vhost_link *link)
{
	uint64_t start = 0, len = 0;

	memory_forget(link, true);
	if (rte_vhost_get_log_base(link->vid, &start, &len) == 0 && start)
		memory_guard(link, (uintptr_t)start, len, true);
}

void vhost_memory_forget(struct vhost_link *link)
{
	struct vhost_link *was = link;

	memory_forget(link, false);
	memory_forget(link, true);
	atomic_compare_exchange_strong(&dealing, &was, NULL);
}
