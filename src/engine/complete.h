/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends on their way back.  A device frees a buffer on whatever thread it likes; the send then goes onto the stack of the
 * processor that its VPort's table named, and that processor delivers the completion.  A stack takes from any number
 * of threads, is never full, and is emptied as a whole, so no node can be taken and put back under a push (no ABA).
 */
#ifndef VMMQ_ENGINE_COMPLETE_H
#define VMMQ_ENGINE_COMPLETE_H

#include <rte_mbuf_core.h>
#include <stdatomic.h>
#include <vmmq/send.h>

struct processor;

/* One send in flight; in its sender's array. */
struct send {
	struct rte_mbuf_ext_shared_info shared; /* counts the uplink mbufs that point into the sender's buffers */
	struct vmmq_send_complete complete;
	struct processor *processor;
	struct send *next; /* on a stack */
};

struct send_stack {
	_Atomic(struct send *) top; /* T1: pushed by any thread, taken whole by one */
	atomic_bool delivering;     /* T2: what was taken is not all delivered yet; taker: rw */
};

/*
 * send_stack_push puts a list on it: from latest on by next, to oldest.  Sequentially consistent, because the pusher looks at
 * "armed" next (D1: interrupt.h).
 */
static inline void send_stack_push(struct send_stack *stack, struct send *latest, struct send *oldest)
{
	oldest->next = atomic_load_explicit(&stack->top, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&stack->top, &oldest->next, latest, memory_order_seq_cst,
						      memory_order_relaxed)) /* T1 */
		;
}

/* send_stack_take returns all of it, latest first. */
static inline struct send *send_stack_take(struct send_stack *stack)
{
	if (!atomic_load_explicit(&stack->top, memory_order_relaxed))
		return NULL;
	return atomic_exchange_explicit(&stack->top, NULL, memory_order_seq_cst); /* T1 */
}

/*
 * send_stack_empty tells whether nothing is on it and nothing is being delivered.  The taker sets T2 before it takes, so
 * who finds the top empty because of that take sees T2.
 */
static inline bool send_stack_empty(const struct send_stack *stack)
{
	return !atomic_load_explicit(&stack->top, memory_order_seq_cst) &&      /* T1 */
	       !atomic_load_explicit(&stack->delivering, memory_order_seq_cst); /* T2 */
}

/* Sends of one processor, to be pushed together. */
struct send_run {
	struct send *latest, *oldest; /* NULL: none */
};

/* send_run_add adds a send, the latest. */
static inline void send_run_add(struct send_run *run, struct send *send)
{
	send->next = run->latest;
	run->latest = send;
	if (!run->oldest)
		run->oldest = send;
}

/* send_finish hands a send with its final status to its processor; sends_finish a run of them, and empties it.  Any thread, once per send. */
void send_finish(struct send *send);
void sends_finish(struct send_run *run);

#endif
