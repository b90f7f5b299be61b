/* SPDX-License-Identifier: BSD-2-Clause */
/* Send-complete: on the processor that the table named, in batches, in the order in which the buffers became free. */
#include "engine/complete.h"

#include "engine/adapter_state.h"
#include "engine/sender.h"

#define COMPLETION_BATCH 64u

void sends_finish(struct send_run *run)
{
	struct processor *processor;

	if (!run->latest)
		return;
	processor = run->latest->processor;
	send_stack_push(&processor->completions, run->latest, run->oldest);
	interrupt_ring(&processor->interrupt); /* the sends may be gone by now */
	*run = (struct send_run){ NULL, NULL };
}

void send_finish(struct send *send)
{
	struct send_run run = { send, send };

	sends_finish(&run);
}

/* sends_oldest_first turns a stack's list around. */
static struct send *sends_oldest_first(struct send *latest)
{
	struct send *first = NULL;

	while (latest) {
		struct send *next = latest->next;

		latest->next = first;
		first = latest;
		latest = next;
	}
	return first;
}

/*
 * completions_settle: the completion function has returned.  Sends of one sender and VPort come one after the other mostly, and are
 * counted together.  What says that a sender has none left is the last touch of it: from then on it may be gone.
 */
static void completions_settle(struct vmmq_adapter *adapter, const struct vmmq_send_complete send[], unsigned count)
{
	while (count) {
		unsigned n = 1;

		while (n < count && send[n].sender == send[0].sender && send[n].vport.v == send[0].vport.v)
			n++;
		atomic_fetch_sub_explicit(&adapter->sending[send[0].vport.v], n, memory_order_release);
		atomic_fetch_sub_explicit(&send[0].sender->incomplete, n, memory_order_release);
		send += n;
		count -= n;
	}
}

static void completions_deliver(struct processor *processor, const struct vmmq_send_complete send[], unsigned count)
{
	struct vmmq_adapter *adapter = processor->adapter;
	struct vmmq_completion completion = { .processor = processor->number, .count = count, .send = send };

	adapter->params.complete(adapter->params.context, &completion);
	counter_add(&processor->completed, count);
	completions_settle(adapter, send, count);
}

/* sends_recycle gives a run of one sender's sends back to it, for its next packets, and empties it. */
static void sends_recycle(struct send_run *run)
{
	if (run->latest)
		send_stack_push(&run->latest->complete.sender->recycled, run->latest, run->oldest);
	*run = (struct send_run){ NULL, NULL };
}

/*
 * completions_take reads sends from the front of a list, as many as a batch has room for, and gives them back to their senders, so that the
 * completion function may send again; returns how many.
 */
static unsigned completions_take(struct send **list, struct vmmq_send_complete batch[COMPLETION_BATCH])
{
	struct send_run run = { NULL, NULL };
	struct send *send = *list;
	unsigned n = 0;

	for (; send && n < COMPLETION_BATCH; n++) {
		struct send *next = send->next;

		batch[n] = send->complete;
		if (run.latest && run.latest->complete.sender != send->complete.sender)
			sends_recycle(&run);
		send_run_add(&run, send);
		send = next;
	}
	sends_recycle(&run);
	*list = send;
	return n;
}

unsigned processor_complete(struct processor *processor)
{
	struct send_stack *stack = &processor->completions;
	struct vmmq_send_complete batch[COMPLETION_BATCH];
	unsigned total = 0;
	struct send *send;

	if (!atomic_load_explicit(&stack->top, memory_order_relaxed))
		return 0;
	atomic_store_explicit(&stack->delivering, true, memory_order_seq_cst); /* T2 */
	send = sends_oldest_first(send_stack_take(stack));
	while (send) {
		unsigned n = completions_take(&send, batch);

		completions_deliver(processor, batch, n);
		total += n;
	}
	atomic_store_explicit(&stack->delivering, false, memory_order_release); /* T2 */
	return total;
}
