/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts of guests that moderation has put off (ethdev_moderate()): the processor that delivered has the queue on its list, and makes them when
 * their time has come, by the poll and the timer of what waits for backends.
 */
#include "host/switch.h"

void calls_note(struct host_processor *on, struct transmit_queue *queue)
{
	struct calls *calls = &on->calls;
	uint64_t due = ethdev_call(queue->guest->port.dev, queue->number);

	if (!due || queue->called_by)
		return; /* who has it on the list looks again */
	if (!calls->first || due < calls->due_ns)
		calls->due_ns = due;
	queue->called_by = on;
	queue->next_called = calls->first;
	calls->first = queue;
}

/* call_make makes a queue's interrupt if it is due; returns when to look again, 0: it is done. */
static uint64_t call_make(struct transmit_queue *queue, uint64_t now)
{
	uint64_t due;

	if (!transmit_try_lock(queue))
		return now;
	due = ethdev_call(queue->guest->port.dev, queue->number);
	if (!due)
		queue->called_by = NULL;
	transmit_unlock(queue);
	return due;
}

void calls_poll(struct host_processor *on)
{
	struct transmit_queue **at = &on->calls.first, *queue;
	const uint64_t now = now_ns();
	uint64_t next = UINT64_MAX;

	if (now < on->calls.due_ns)
		return;
	while ((queue = *at)) {
		struct transmit_queue *after =
		    queue->next_called; /* another processor may list it as soon as it is not ours */
		uint64_t due = call_make(queue, now);

		if (due) {
			next = due < next ? due : next;
			at = &queue->next_called;
		} else {
			*at = after;
		}
	}
	on->calls.due_ns = next;
}

/* call_unlist runs on the processor that has the queue on its list; by now it may have taken it off. */
static void call_unlist(void *argument)
{
	struct transmit_queue *queue = argument, **at;

	if (!queue->called_by)
		return;
	at = &queue->called_by->calls.first;
	while (*at != queue)
		at = &(*at)->next_called;
	*at = queue->next_called;
	queue->called_by = NULL;
}

void calls_close(struct guest *guest)
{
	struct host *host = guest->host;

	for (uint16_t i = 0; guest->port.transmit && i < guest->port.tx_queues; i++) {
		struct transmit_queue *queue = &guest->port.transmit[i];
		const struct host_processor *by;

		transmit_lock(queue);
		by = queue->called_by;
		transmit_unlock(queue);
		if (by)
			vmmq_processor_call(host->adapter, by->number, call_unlist, queue);
	}
}
