/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A processor's turn: calls -> poll what is assigned to it -> DPC: drain the inboxes, gates respected, and indicate ->
 * completions.  Who takes turns, and when it sleeps: crew.c.
 */
#include <assert.h>
#include <rte_cycles.h>

#include "engine/adapter_state.h"
#include "engine/call.h"
#include "engine/indicate.h"
#include "engine/source.h"

/* inbox_drain returns whether there was any packet in the inbox; *count grows by the packets taken. */
static bool inbox_drain(struct processor *processor, struct inbox *inbox, unsigned *count)
{
	struct rte_mbuf *packet[DPC_BATCH];
	struct inbox_sight sight;
	unsigned n = inbox_take(inbox, packet, DPC_BATCH, &sight);

	counter_add(&processor->gates, sight.gates_passed);
	if (!sight.waiting)
		return false;
	if (sight.waiting > counter_read(&processor->inbox_high))
		atomic_store_explicit(&processor->inbox_high, sight.waiting, memory_order_relaxed);
	counter_add(&processor->gate_waits, sight.gate_closed);
	counter_add(&processor->held, sight.held);
	if (n)
		indicate_batch(processor, inbox, packet, n);
	inbox_indicated(inbox, n);
	*count += n;
	return true;
}

/*
 * inbox_drain_share: where many senders share an inbox it is given the turns that inboxes of their own would have had.  Returns whether
 * there was any packet in it.
 */
static bool inbox_drain_share(struct processor *processor, struct inbox *inbox, unsigned *count)
{
	unsigned before, turns = 0;
	bool any = false;

	do {
		before = *count;
		any |= inbox_drain(processor, inbox, count);
	} while (*count - before == DPC_BATCH &&
		 ++turns < atomic_load_explicit(&inbox->source->senders, memory_order_relaxed));
	return any;
}

/*
 * inboxes_serve serves a list of inboxes once, and takes those off it that had nothing, down to LISTED_KEPT, and those whose
 * source is gone; returns its end.
 */
static struct inbox **inboxes_serve(struct processor *processor, struct inbox **list, unsigned *count)
{
	struct inbox *inbox;

	while ((inbox = *list)) {
		struct inbox *next = inbox->beside;

		if (atomic_load_explicit(&inbox->is_left, memory_order_acquire)) { /* L6 */
			*list = next;
			processor->listed_count--;
			source_let_go(inbox->source);
		} else if (inbox_drain_share(processor, inbox, count) || processor->listed_count <= LISTED_KEPT ||
			   !inbox_leave(inbox, &processor->leaving)) {
			list = &inbox->beside;
		} else {
			*list = next;
			processor->listed_count--;
		}
	}
	return list;
}

/*
 * processor_dpc serves every listed inbox once, DPC_BATCH packets for each of its senders at most, so no source waits behind another's
 * backlog.  Those listed meanwhile come last: one that has just left the list may be among them, but nothing was taken from it yet.
 */
static unsigned processor_dpc(struct processor *processor)
{
	unsigned n = 0;
	struct inbox **end = inboxes_serve(processor, &processor->listed, &n);

	*end = inbox_stack_take(&processor->fresh, &processor->listed_count);
	inboxes_serve(processor, end, &n);
	if (n) {
		counter_add(&processor->dpcs, 1);
		counter_add(&processor->packets, n);
	}
	return n;
}

unsigned processor_turn(struct processor *processor)
{
	unsigned n = 0;

	assert(processor_is_held_here(processor) && !processor->turning);
	processor->turning = true;
	counter_add(&processor->turns, 1);
	if (processor_is_called(processor))
		processor_serve(processor);
	if (processor->poll_count)
		n = processor_poll_all(processor);
	n += processor_dpc(processor);
	n += processor_complete(processor);
	processor_poll_end(processor);
	processor->turning = false;
	return n;
}

/* processor_is_inside tells whether this thread is in a turn of the processor, or in one of its polls. */
static bool processor_is_inside(const struct processor *processor)
{
	return processor_is_held_here(processor) && (processor->turning || processor->polling);
}

unsigned vmmq_processor_poll(struct vmmq_adapter *adapter, struct vmmq_processor number)
{
	struct processor *processor = processor_find(adapter, number);
	uint64_t started;
	bool taken;
	unsigned n;

	if (!processor || processor_is_inside(processor))
		return 0;
	taken = processor_hold(processor);
	started = rte_rdtsc();
	n = processor_turn(processor);
	if (n)
		counter_add(&processor->busy_tsc, rte_rdtsc() - started);
	if (taken)
		processor_release(processor);
	return n;
}

bool processor_has_work(const struct processor *processor)
{
	for (const struct inbox *inbox = processor->listed; inbox; inbox = inbox->beside)
		if (inbox->held_count ||
		    atomic_load_explicit(&inbox->tail, memory_order_seq_cst) != inbox->next) /* D4 */
			return true;
	return !inbox_stack_empty(&processor->fresh) || processor_is_called(processor) || /* D4 */
	       !send_stack_empty(&processor->completions);
}

bool processor_is_behind(const struct processor *processor)
{
	for (const struct vmmq_source *source = processor->adapter->sources; source; source = source->next) {
		const struct inbox *inbox = source_inbox_find(source, processor->slot);

		if (inbox && inbox_has_packets(inbox))
			return true;
	}
	return !send_stack_empty(&processor->completions);
}
