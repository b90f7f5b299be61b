/* SPDX-License-Identifier: BSD-2-Clause */
/* A crew is the processors that share a thread: turn after turn, and asleep together when none of them has anything to do. */
#include <rte_cycles.h>
#include <rte_pause.h>
#include <sched.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/adapter_state.h"
#include "engine/asleep.h"
#include "engine/call.h"
#include "engine/cpu_share.h"

struct crew {
	struct vmmq_adapter *adapter;
	unsigned count;
	struct processor **processor;
	struct interrupt **interrupt;
	struct pollfd *fd; /* of the interrupts, then of the polls */
	unsigned fd_room;
	uint64_t stamp;         /* TSC when the turn under way began */
	struct cpu_share share; /* in ticks of the TSC */
};

static void crew_fini(struct crew *crew)
{
	free(crew->processor);
	free(crew->interrupt);
	free(crew->fd);
}

static bool crew_init(struct crew *crew, struct vmmq_adapter *adapter, const struct vmmq_processor number[],
		      unsigned count)
{
	*crew = (struct crew){
		.adapter = adapter,
		.count = count,
		.processor = calloc(count, sizeof(struct processor *)),
		.interrupt = calloc(count, sizeof(struct interrupt *)),
		.fd = calloc(count, sizeof(struct pollfd)),
		.fd_room = count,
	};
	if (!crew->processor || !crew->interrupt || !crew->fd) {
		crew_fini(crew);
		return false;
	}
	for (unsigned i = 0; i < count; i++) {
		crew->processor[i] = processor_find(adapter, number[i]);
		crew->interrupt[i] = &crew->processor[i]->interrupt;
	}
	return true;
}

/* crew_room makes room for the descriptors of all polls; false: memory. */
static bool crew_room(struct crew *crew)
{
	unsigned needed = crew->count;
	struct pollfd *fd;

	for (unsigned i = 0; i < crew->count; i++)
		needed += crew->processor[i]->poll_count;
	if (needed <= crew->fd_room)
		return true;
	fd = realloc(crew->fd, needed * sizeof(*fd));
	if (!fd)
		return false;
	crew->fd = fd;
	crew->fd_room = needed;
	return true;
}

/* crew_watch lists the polls' descriptors and returns how many there are with those of the interrupts; *nap_ns: 0 for ever. */
static unsigned crew_watch(struct crew *crew, uint32_t *nap_ns)
{
	unsigned n = crew->count;

	*nap_ns = 0;
	for (unsigned i = 0; i < crew->count; i++) {
		const struct processor *processor = crew->processor[i];

		for (unsigned j = 0; j < processor->poll_count; j++) {
			const struct vmmq_poll *poll = &processor->polls[j];

			if (poll->fd >= 0)
				crew->fd[n++] = (struct pollfd){ .fd = poll->fd, .events = POLLIN };
			else if (!*nap_ns || poll->nap_ns < *nap_ns)
				*nap_ns = poll->nap_ns;
		}
	}
	return n;
}

/* crew_hold_polls keeps the lists of polls as they are: a call that changes them waits (or no longer does). */
static void crew_hold_polls(struct crew *crew, bool held)
{
	for (unsigned i = 0; i < crew->count; i++)
		crew->processor[i]->polling = held;
}

/* crew_arm_polls arms or disarms all of them; true: one says that there is something to poll. */
static bool crew_arm_polls(struct crew *crew, bool armed)
{
	bool work = false;

	crew_hold_polls(crew, true);
	for (unsigned i = 0; i < crew->count; i++) {
		const struct processor *processor = crew->processor[i];

		for (unsigned j = 0; j < processor->poll_count; j++)
			if (processor->polls[j].arm)
				work |= processor->polls[j].arm(processor->polls[j].context, armed);
	}
	crew_hold_polls(crew, false);
	return work;
}

/* crew_count_busy charges the time since the last stamp to a processor that has moved n packets in it. */
static void crew_count_busy(struct crew *crew, struct processor *processor, unsigned n)
{
	uint64_t now = rte_rdtsc();

	if (n)
		counter_add(&processor->busy_tsc, now - crew->stamp);
	crew->stamp = now;
}

/* crew_count_polled is crew_count_busy() for what was spent in polls. */
static void crew_count_polled(struct crew *crew, struct processor *processor, unsigned n)
{
	uint64_t started = crew->stamp;

	crew_count_busy(crew, processor, n);
	if (n)
		counter_add(&processor->polled_tsc, crew->stamp - started);
}

/* crew_poll_armed polls everything once, while it is armed; true: something came. */
static bool crew_poll_armed(struct crew *crew)
{
	unsigned sum = 0;

	crew->stamp = rte_rdtsc();
	crew_hold_polls(crew, true);
	for (unsigned i = 0; i < crew->count; i++) {
		struct processor *processor = crew->processor[i];
		unsigned n = 0;

		for (unsigned j = 0; j < processor->poll_count; j++)
			n += processor->polls[j].poll(processor->polls[j].context);
		processor_poll_end(processor);
		crew_count_polled(crew, processor, n);
		sum += n;
	}
	crew_hold_polls(crew, false);
	return sum > 0;
}

/* crew_wait sleeps; false: nothing came, a nap was over. */
static bool crew_wait(struct crew *crew)
{
	struct timespec timeout = { 0 };
	uint32_t nap_ns;
	unsigned n = crew_watch(crew, &nap_ns);
	bool woken;

	timeout.tv_sec = nap_ns / SECOND_NS;
	timeout.tv_nsec = nap_ns % SECOND_NS;
	for (unsigned i = 0; i < crew->count; i++)
		processor_fall_asleep(crew->processor[i]);
	woken = interrupt_wait(crew->interrupt, crew->count, crew->fd, n, nap_ns ? &timeout : NULL);
	for (unsigned i = 0; i < crew->count; i++)
		processor_wake_up(crew->processor[i]);
	return woken;
}

/*
 * crew_sleep arms everything, looks once more, and sleeps if there is still nothing to do.  The polls come last: what they
 * say they say of a moment at which everything else is armed.  false: a nap was over, and nothing had come.
 */
static bool crew_sleep(struct crew *crew)
{
	bool to_poll, work = false, woken = true;

	for (unsigned i = 0; i < crew->count; i++)
		interrupt_arm(crew->interrupt[i]);
	to_poll = crew_arm_polls(crew, true);
	if (to_poll && !crew_poll_armed(crew)) /* who still says so has work left over */
		to_poll = crew_arm_polls(crew, true);
	for (unsigned i = 0; i < crew->count && !work; i++)
		work = processor_has_work(crew->processor[i]);
	if (!work && !to_poll && !atomic_load_explicit(&crew->adapter->stopping, memory_order_seq_cst))
		woken = crew_wait(crew);
	for (unsigned i = 0; i < crew->count; i++)
		interrupt_disarm(crew->interrupt[i]);
	crew_arm_polls(crew, false);
	if (work)
		sched_yield(); /* what the last turn left is behind a closed gate: let those go on for whom that waits */
	return woken;
}

/* crew_is_sleepless: something is polled that could not wake the crew. */
static bool crew_is_sleepless(const struct crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++) {
		const struct processor *processor = crew->processor[i];

		for (unsigned j = 0; j < processor->poll_count; j++)
			if (processor->polls[j].fd < 0 && !processor->polls[j].nap_ns)
				return true;
	}
	return false;
}

static bool crew_may_sleep(struct crew *crew, uint64_t idle_since)
{
	const struct vmmq_adapter_params *params = &crew->adapter->params;

	if (params->moderation == VMMQ_MODERATION_POLL)
		return false;
	if (params->moderation == VMMQ_MODERATION_ADAPTIVE && now_ns() - idle_since < params->idle_ns)
		return false;
	return !crew_is_sleepless(crew) && crew_room(crew);
}

static unsigned crew_turn(struct crew *crew)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < crew->count; i++) {
		unsigned n = processor_turn(crew->processor[i]);

		crew_count_busy(crew, crew->processor[i], n);
		sum += n;
	}
	return sum;
}

/* crew_stay stays awake after a turn that began at started and in which nothing was done; it yields where others want the CPU. */
static void crew_stay(struct crew *crew, uint64_t started)
{
	uint64_t now = crew->stamp;

	if (!cpu_share_idle(&crew->share, started, now)) {
		rte_pause();
		return;
	}
	sched_yield();
	crew->stamp = rte_rdtsc();
	cpu_share_yielded(&crew->share, now, crew->stamp);
}

static void crew_run(struct crew *crew)
{
	uint64_t idle_since = 0; /* 0: not idle */

	crew->stamp = rte_rdtsc();
	cpu_share_init(&crew->share, rte_get_tsc_hz(), crew->stamp);
	while (!atomic_load_explicit(&crew->adapter->stopping, memory_order_acquire)) {
		uint64_t started = crew->stamp;

		if (crew_turn(crew)) {
			cpu_share_busy(&crew->share);
			idle_since = 0;
			continue;
		}
		if (!idle_since)
			idle_since = now_ns();
		if (!crew_may_sleep(crew, idle_since)) {
			crew_stay(crew, started);
			continue;
		}
		if (crew_sleep(crew))
			idle_since = 0; /* else it naps again after one turn in vain */
		cpu_share_busy(&crew->share);
		crew->stamp = rte_rdtsc();
	}
}

/* crew_is_possible tells whether the processors exist, each is named once, and this thread runs none of them already. */
static bool crew_is_possible(const struct vmmq_adapter *adapter, const struct vmmq_processor number[], unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct vmmq_processor_set before = { number, i };
		const struct processor *processor = processor_find(adapter, number[i]);

		if (!processor || processor_is_held_here(processor) || vmmq_processor_set_has(&before, number[i]))
			return false;
	}
	return count > 0;
}

vmmq_status vmmq_processors_run(struct vmmq_adapter *adapter, const struct vmmq_processor number[], unsigned count)
{
	struct crew crew;

	if (!crew_is_possible(adapter, number, count))
		return VMMQ_INVALID_PARAMETER;
	if (!crew_init(&crew, adapter, number, count))
		return VMMQ_RESOURCES;
	for (unsigned i = 0; i < count; i++)
		processor_hold(crew.processor[i]);
	crew_run(&crew);
	/* Who calls from now on stands in; who has called already finds that out. */
	for (unsigned i = 0; i < count; i++)
		processor_release(crew.processor[i]);
	crew_fini(&crew);
	return VMMQ_SUCCESS;
}

void vmmq_adapter_stop(struct vmmq_adapter *adapter)
{
	atomic_store_explicit(&adapter->stopping, true, memory_order_seq_cst);
	for (processor_slot i = 0; i < adapter->processor_count; i++)
		interrupt_ring(&adapter->processor[i].interrupt);
}
