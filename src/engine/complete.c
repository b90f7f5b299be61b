/* SPDX-License-Identifier: BSD-2-Clause */
/* Send-complete: on the processor that the table named, in batches, in the order in which the buffers became free. */
#include "engine/complete.h"

#include "engine/adapter_state.h"

#define COMPLETION_BATCH 64u

void send_finish(struct send *send)
{
	struct processor *processor = send->processor;

	send_stack_push(&processor->completions, send);
	interrupt_ring(&processor->interrupt); /* send may be gone by now */
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

static void completions_deliver(struct processor *processor, const struct vmmq_send_complete send[], unsigned count)
{
	struct vmmq_adapter *adapter = processor->adapter;
	struct vmmq_completion completion = { .processor = processor->number, .count = count, .send = send };

	adapter->params.complete(adapter->params.context, &completion);
	counter_add(&processor->completed, count);
	for (unsigned i = 0; i < count; i++) {
		atomic_fetch_sub_explicit(&adapter->sending[send[i].vport.v], 1, memory_order_release);
		send_delivered(send[i].sender);
	}
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
		unsigned n = 0;

		while (send && n < COMPLETION_BATCH) {
			struct send *next = send->next;

			batch[n++] = send->complete;
			send_recycle(send);
			send = next;
		}
		completions_deliver(processor, batch, n);
		total += n;
	}
	atomic_store_explicit(&stack->delivering, false, memory_order_release); /* T2 */
	return total;
}
