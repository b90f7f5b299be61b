/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/call.h"

#include "engine/adapter.h"

/* The processors that this thread holds; its address is the thread's name. */
static _Thread_local struct processor *held;

const void *thread_self(void)
{
	return &held;
}

bool processor_is_held_here(const struct processor *processor)
{
	/* Only this thread ever writes its own name there, so what it reads of it is never stale. */
	return atomic_load_explicit(&processor->holder, memory_order_relaxed) == thread_self();
}

static bool try_hold(struct processor *processor)
{
	const void *nobody = NULL;

	if (!atomic_compare_exchange_strong_explicit(&processor->holder, &nobody, thread_self(), memory_order_acquire,
						     memory_order_relaxed)) /* H1 */
		return false;
	processor->beside = held;
	held = processor;
	return true;
}

void processor_release(struct processor *processor)
{
	struct processor **at = &held;

	while (*at != processor)
		at = &(*at)->beside;
	*at = processor->beside;
	atomic_store_explicit(&processor->holder, NULL, memory_order_release); /* H1 */
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

	/* One by one, so that a call which waits inside can serve those behind it. */
	while ((call = call_next(processor))) {
		call->function(call->argument);
		atomic_store_explicit(&call->done, true, memory_order_release); /* K2 */
	}
}

/* serve_held serves all processors of this thread, while it waits for another one's. */
static void serve_held(void)
{
	/* A call that is served takes processors on and off the front of the list only, and has them off when it is done. */
	for (struct processor *processor = held; processor; processor = processor->beside)
		processor_serve(processor);
}

bool processor_hold(struct processor *processor)
{
	uint64_t started = 0;

	if (processor_is_held_here(processor))
		return false;
	while (!try_hold(processor)) {
		started = started ? started : now_ns();
		serve_held();
		wait_a_little(started);
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
	call_push(processor, call);
	while (!atomic_load_explicit(&call->done, memory_order_acquire)) { /* pairs with K2 */
		if (try_hold(processor)) {
			processor_serve(processor);
			processor_release(processor);
			continue;
		}
		serve_held();
		wait_a_little(started);
	}
}

void vmmq_processor_call(struct vmmq_adapter *adapter, struct vmmq_processor number, void (*function)(void *argument),
			 void *argument)
{
	struct call call = { .function = function, .argument = argument };

	processor_call(processor_find(adapter, number), &call);
}
