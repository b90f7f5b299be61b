/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/call.h"

#include <assert.h>

#include "base/clock.h"
#include "engine/adapter_state.h"
#include "engine/backoff.h"

/* The processors that this thread holds; its address is the thread's name. */
static _Thread_local struct processor *held_processors;

const void *thread_self(void)
{
	return &held_processors;
}

bool processor_is_held_here(const struct processor *processor)
{
	/* Only this thread ever writes its own name there, so what it reads of it is never stale. */
	return atomic_load_explicit(&processor->holder, memory_order_relaxed) == thread_self();
}

static bool processor_try_hold(struct processor *processor)
{
	const void *nobody = NULL;

	if (!atomic_compare_exchange_strong_explicit(&processor->holder, &nobody, thread_self(), memory_order_acquire,
						     memory_order_relaxed)) /* H1 */
		return false;
	processor->beside = held_processors;
	held_processors = processor;
	return true;
}

void processor_release(struct processor *processor)
{
	struct processor **at = &held_processors;

	assert(processor_is_held_here(processor));
	while (*at != processor)
		at = &(*at)->beside;
	*at = processor->beside;
	atomic_store_explicit(&processor->holder, NULL, memory_order_release); /* H1 */
}

bool processors_turning_here(const struct vmmq_adapter *adapter)
{
	for (const struct processor *processor = held_processors; processor; processor = processor->beside)
		if (processor->adapter == adapter && processor->turning)
			return true;
	return false;
}

bool processor_is_called(const struct processor *processor)
{
	return atomic_load_explicit(&processor->calls, memory_order_seq_cst) || processor->pending; /* D4 */
}

/* calls_take moves what was pushed behind what is pending, oldest first. */
static void calls_take(struct processor *processor)
{
	struct call **end = &processor->pending, *latest, *first = NULL;

	if (!atomic_load_explicit(&processor->calls, memory_order_relaxed))
		return;
	latest = atomic_exchange_explicit(&processor->calls, NULL, memory_order_acquire); /* K1 */
	while (latest) {
		struct call *next = latest->next;

		latest->next = first;
		first = latest;
		latest = next;
	}
	while (*end)
		end = &(*end)->next;
	*end = first;
}

/* call_next takes the oldest call that may run now off the list; NULL: there is none. */
static struct call *call_next(struct processor *processor)
{
	calls_take(processor);
	for (struct call **at = &processor->pending; *at; at = &(*at)->next) {
		struct call *call = *at;

		if (call->changes_polls && processor->polling)
			continue;
		*at = call->next;
		return call;
	}
	return NULL;
}

void processor_serve(struct processor *processor)
{
	struct call *call;

	assert(processor_is_held_here(processor));
	/* One by one, so that a call which waits inside can serve those behind it. */
	while ((call = call_next(processor))) {
		call->function(call->argument);
		atomic_store_explicit(&call->done, true, memory_order_release); /* K2 */
	}
}

/* held_processors_serve serves all processors of this thread, while it waits for another one's. */
static void held_processors_serve(void)
{
	/* A call that is served takes processors on and off the front of the list only, and has them off when it is done. */
	for (struct processor *processor = held_processors; processor; processor = processor->beside)
		processor_serve(processor);
}

bool processor_hold(struct processor *processor)
{
	uint64_t started = 0;

	if (processor_is_held_here(processor))
		return false;
	while (!processor_try_hold(processor)) {
		started = started ? started : now_ns();
		held_processors_serve();
		backoff_wait(started);
	}
	return true;
}

static void call_push(struct processor *processor, struct call *call)
{
	call->next = atomic_load_explicit(&processor->calls, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&processor->calls, &call->next, call, memory_order_seq_cst,
						      memory_order_relaxed)) /* K1, and D1: interrupt.h */
		;
	interrupt_ring(&processor->interrupt);
}

void processor_call(struct processor *processor, struct call *call)
{
	uint64_t started = now_ns();

	if (processor_is_held_here(processor)) {
		call->function(call->argument);
		return;
	}
	/* The processor may be in a move, waiting for this thread to end its edit. */
	assert(!edit_is_held_here(processor->adapter));
	call_push(processor, call);
	while (!atomic_load_explicit(&call->done, memory_order_acquire)) { /* pairs with K2 */
		if (processor_try_hold(processor)) {
			processor_serve(processor);
			processor_release(processor);
			continue;
		}
		held_processors_serve();
		backoff_wait(started);
	}
}

vmmq_status vmmq_processor_call(struct vmmq_adapter *adapter, struct vmmq_processor number,
				void (*function)(void *argument), void *argument)
{
	struct processor *processor = processor_find(adapter, number);
	struct call call = { .function = function, .argument = argument };

	if (!processor)
		return VMMQ_INVALID_PARAMETER;
	processor_call(processor, &call);
	return VMMQ_SUCCESS;
}
