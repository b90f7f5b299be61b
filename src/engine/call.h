/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs a processor, and messages to it.  At any time one thread at most holds a processor: the one in
 * vmmq_processors_run(), for as long as that lasts, or in vmmq_processor_poll(), or one that stands in for nobody else being
 * there, to serve calls.  A call is pushed on the processor's stack; whoever holds the processor runs it, between two turns or
 * while it waits for a call of its own, so that two processors that call each other both get on.
 */
#ifndef VMMQ_ENGINE_CALL_H
#define VMMQ_ENGINE_CALL_H

#include <stdatomic.h>
#include <stdbool.h>

struct processor;
struct vmmq_adapter;

/* On its caller's stack until it is done. */
struct call {
	void (*function)(void *argument);
	void *argument;
	bool changes_polls; /* not to be run inside a poll */
	struct call *next;
	atomic_bool done; /* K2: the server's last touch; caller: acquire */
};

/* thread_self returns an address that is this thread's alone while it lives. */
const void *thread_self(void);

/* processor_hold waits until nobody else holds the processor; false: this thread held it already. */
bool processor_hold(struct processor *processor);
void processor_release(struct processor *processor);
/* processor_is_held_here tells whether this thread holds the processor. */
bool processor_is_held_here(const struct processor *processor);

/* processors_turning_here tells whether this thread is inside a turn of any of the adapter's processors: for asserts. */
bool processors_turning_here(const struct vmmq_adapter *adapter);

/* processor_serve runs the calls that wait for the processor.  Its holder only. */
void processor_serve(struct processor *processor);
/* processor_is_called tells whether there are any. */
bool processor_is_called(const struct processor *processor);
/* processor_call runs a call as vmmq_processor_call() does, and returns when that is done. */
void processor_call(struct processor *processor, struct call *call);

#endif
