/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processors' threads: EAL workers, each with its share of the processors, on the CPU of its number where there
 * is one.
 */
#include <pthread.h>
#include <rte_lcore.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/live_state.h"
#include "engine/eal.h"

/* control: rw before the start and after the end; the thread: pinned_cpu, before it posts started */
struct live_thread {
	struct vmmq_adapter *adapter;
	struct vmmq_processor *processor;
	unsigned count;
	bool pin;
	int pinned_cpu; /* -1: it floats */
	sem_t *started;
};

/* pin_to binds the calling thread to a CPU that it may use already; *before is how it was. */
static int pin_to(unsigned cpu, cpu_set_t *before)
{
	cpu_set_t set;

	if (cpu >= CPU_SETSIZE || pthread_getaffinity_np(pthread_self(), sizeof(*before), before) ||
	    !CPU_ISSET(cpu, before))
		return -1;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return pthread_setaffinity_np(pthread_self(), sizeof(set), &set) ? -1 : (int)cpu;
}

/* A thread with several processors serves CPUs of several numbers, so it floats. */
static int live_thread_run(void *argument)
{
	struct live_thread *thread = argument;
	cpu_set_t before;
	int result;

	if (thread->pin && thread->count == 1)
		thread->pinned_cpu = pin_to(thread->processor[0].v, &before);
	sem_post(thread->started);
	result = vmmq_processors_run(thread->adapter, thread->processor, thread->count) == VMMQ_SUCCESS ? 0 : -1;
	if (thread->pinned_cpu >= 0)
		pthread_setaffinity_np(pthread_self(), sizeof(before), &before);
	return result;
}

/* live_threads_deal gives the processors to the threads, round robin. */
static struct vmmq_processor *live_threads_deal(struct live *live, struct live_thread *thread, unsigned threads)
{
	struct vmmq_processor *dealt = calloc(live->running_count, sizeof(*dealt));
	size_t at = 0;

	for (unsigned t = 0; dealt && t < threads; t++) {
		thread[t].processor = dealt + at;
		for (size_t i = t; i < live->running_count; i += threads)
			dealt[at++] = live->running[i];
		thread[t].count = (unsigned)(dealt + at - thread[t].processor);
	}
	return dealt;
}

static void note_cpus(struct live *live)
{
	for (size_t i = 0; i < live->running_count; i++)
		live->cpu[i] = live->threads[i % live->thread_count].pinned_cpu;
}

static bool start_all(struct live *live, bool pin, sem_t *started, char *error, size_t error_len)
{
	for (unsigned t = 0; t < live->thread_count; t++) {
		struct live_thread *thread = &live->threads[t];

		thread->adapter = live->adapter;
		thread->pin = pin;
		thread->pinned_cpu = -1;
		thread->started = started;
		if (eal_run(t, live_thread_run, thread)) {
			snprintf(error, error_len, "thread %u of %u for processors does not start", t + 1,
				 live->thread_count);
			return false;
		}
		live->threads_run = true;
		while (sem_wait(started))
			; /* interrupted by a signal */
	}
	return true;
}

bool live_threads_start(struct live *live, bool pin, char *error, size_t error_len)
{
	unsigned workers = rte_lcore_count() - 1;
	sem_t started;
	bool good;

	if (!workers) {
		snprintf(error, error_len, "there is no thread for processors to run on");
		return false;
	}
	live->thread_count = workers < live->running_count ? workers : (unsigned)live->running_count;
	live->threads = calloc(live->thread_count, sizeof(*live->threads));
	if (!live->threads || !live_threads_deal(live, live->threads, live->thread_count)) {
		free(live->threads);
		live->threads = NULL;
		snprintf(error, error_len, "out of memory");
		return false;
	}
	sem_init(&started, 0, 0);
	good = start_all(live, pin, &started, error, error_len);
	sem_destroy(&started);
	if (good)
		note_cpus(live);
	return good;
}

void live_threads_stop(struct live *live)
{
	vmmq_adapter_stop(live->adapter);
	if (live->threads_run)
		eal_wait();
	if (live->threads)
		free(live->threads[0].processor);
	free(live->threads);
	live->threads = NULL;
}
