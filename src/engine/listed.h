/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which inboxes a processor looks into: those that are listed.  A source that publishes to one that is not lists it, by
 * pushing it on the processor's stack; the processor takes the stack whole, behind its own list, and serves that.  While
 * the list is longer than LISTED_KEPT, an inbox leaves it when a turn finds nothing in it: those listed first leave first.
 * So one that is fed turn by turn stays, few stay in any case, and publishing to one that stays costs one load more.  Its
 * flag is set as long as it is on the stack or the list, so it is never there twice.
 *
 * None is left with something in it: the source publishes (L1) and then looks at the flag (L2), the processor clears the
 * flag (L3) and then looks at the tail once more (L4).  All four are sequentially consistent, so one of the two sees the
 * other; where both do, the exchange of the flag says who lists it.  Between that and its push a source may be stopped for a
 * while: then what it has published comes late, but it looks at "armed" only behind the push.  What is on the list while
 * the processor falls asleep is among what it looks at last (D4: interrupt.h), as is the stack.
 */
#ifndef VMMQ_ENGINE_LISTED_H
#define VMMQ_ENGINE_LISTED_H

#include "engine/inbox.h"

#define LISTED_KEPT 4u /* so many cost less to look into than to take off and list again */

/* Inboxes that were listed since the processor last looked. */
struct inbox_stack {
	_Atomic(struct inbox *) top; /* L5: pushed by sources, taken whole by the processor */
};

/* inbox_list sets the flag; true: it was not set, and the inbox's place in a list is the caller's to fill in. */
static inline bool inbox_list(struct inbox *inbox)
{
	return !atomic_exchange_explicit(&inbox->listed, true, memory_order_seq_cst); /* L2, pairs with L3 */
}

/* inbox_stack_push: sequentially consistent, because the source looks at "armed" next (D1: interrupt.h). */
static inline void inbox_stack_push(struct inbox_stack *stack, struct inbox *inbox)
{
	inbox->beside = atomic_load_explicit(&stack->top, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&stack->top, &inbox->beside, inbox, memory_order_seq_cst,
						      memory_order_relaxed)) /* L5 */
		;
}

/* inbox_show publishes what was put, and lists the inbox at its processor.  Source only. */
static inline void inbox_show(struct inbox *inbox, struct inbox_stack *stack)
{
	inbox_publish(inbox); /* L1 */
	if (atomic_load_explicit(&inbox->listed, memory_order_seq_cst) /* L2 */)
		return;
	if (inbox_list(inbox))
		inbox_stack_push(stack, inbox);
}

/* inbox_stack_empty is the processor's own last look before it sleeps. */
static inline bool inbox_stack_empty(const struct inbox_stack *stack)
{
	return !atomic_load_explicit(&stack->top, memory_order_seq_cst); /* L5 */
}

/* inbox_stack_take returns all of it as a list, oldest first; *count grows by its length.  Processor only. */
static inline struct inbox *inbox_stack_take(struct inbox_stack *stack, unsigned *count)
{
	struct inbox *latest, *first = NULL;

	if (!atomic_load_explicit(&stack->top, memory_order_relaxed))
		return NULL;
	latest = atomic_exchange_explicit(&stack->top, NULL, memory_order_seq_cst); /* L5 */
	while (latest) {
		struct inbox *next = latest->beside;

		latest->beside = first;
		first = latest;
		latest = next;
		(*count)++;
	}
	return first;
}

/*
 * inbox_leave clears the flag of an inbox in which nothing was found.  true: it must go off the list, and its place may be
 * overwritten by now; false: something has come meanwhile, and it stays.  Processor only; leaving is its own, so that
 * control does not free the inbox in between (L7, source_end.c).
 */
static inline bool inbox_leave(struct inbox *inbox, _Atomic(struct inbox *) *leaving)
{
	bool leaves;

	atomic_store_explicit(leaving, inbox, memory_order_seq_cst);        /* L7 */
	atomic_store_explicit(&inbox->listed, false, memory_order_seq_cst); /* L3, pairs with L2 */
	leaves = atomic_load_explicit(&inbox->tail, memory_order_seq_cst) == inbox->next /* L4 */ ||
		 !inbox_list(inbox); /* its source has just done that: it is on the stack */
	atomic_store_explicit(leaving, NULL, memory_order_release); /* L7 */
	return leaves;
}

#endif
