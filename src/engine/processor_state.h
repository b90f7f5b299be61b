/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A processor.  It belongs to the thread that holds it (call.h): that thread is meant below by "processor".  Its turn is
 * processor.c; who takes turns, and when it sleeps, is crew.c.
 */
#ifndef VMMQ_ENGINE_PROCESSOR_STATE_H
#define VMMQ_ENGINE_PROCESSOR_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/types.h>

#include "base/counter.h"
#include "engine/complete.h"
#include "engine/interrupt.h"
#include "engine/listed.h"
#include "engine/processor_slot.h"
#include "engine/vport_counters.h"

struct call;
struct vmmq_adapter;
struct vmmq_poll;

struct processor {
	/* constant */
	struct vmmq_adapter *adapter;
	struct vmmq_processor number;
	processor_slot slot;

	/* sources: they push inboxes that have something; the processor takes them */
	_Alignas(CACHE_LINE) struct inbox_stack fresh;

	/* any thread: pushes sends whose buffers are free again, and calls; the processor takes them all */
	_Alignas(CACHE_LINE) struct send_stack completions;
	_Atomic(struct call *) calls; /* K1 */
	_Atomic(const void *) holder; /* H1: thread_self() of the thread that runs it; NULL: nobody */

	/* sources: ring it; the processor: arms it */
	_Alignas(CACHE_LINE) struct interrupt interrupt;
	_Atomic uint64_t rung;      /* packets that rang it; sources: rw; any reader: relaxed */
	_Atomic uint64_t refused;   /* packets that found no room in its inboxes; sources: rw; any reader: relaxed */
	_Atomic uint64_t gave_away; /* sends that completed here without a record (vmmq_transfer()); senders: rw */

	/* processor: rw; any reader: relaxed */
	_Alignas(CACHE_LINE) _Atomic uint64_t turns;
	_Atomic uint64_t dpcs, packets, gates, gate_waits, held, inbox_high, completed;
	_Atomic uint64_t busy_tsc, polled_tsc;
	_Atomic uint64_t asleep; /* see processor_fall_asleep() */

	/* processor: rw */
	_Atomic(struct inbox *) leaving; /* L7: it is taking that one off its list; control: looks */
	struct inbox *listed;            /* those to look into, besides fresh */
	unsigned listed_count;
	struct vmmq_poll *polls;
	unsigned poll_count;
	bool polling;             /* in a function of one of the polls: they must not change now */
	bool turning;             /* in a turn: another one inside it would indicate out of order */
	struct call *pending;     /* taken from calls; oldest first */
	struct processor *beside; /* next in the list of what the holding thread holds */

	/* control: rw */
	uint64_t turns_seen; /* by vmmq_stalled() */

	/* processor: rw; any reader: acquire */
	_Atomic(struct vport_counters_chunk *) *counters; /* C1: chunks, made by the processor at first use */
};

/* vport_counters_find returns a VPort's counters at a processor, or NULL if nothing of it was indicated there.  Any thread. */
static inline struct vport_slot_counters *vport_counters_find(const struct processor *processor,
							      struct vmmq_vport_id vport)
{
	struct vport_counters_chunk *chunk =
	    atomic_load_explicit(&processor->counters[vport.v / COUNTERS_CHUNK], memory_order_acquire); /* C1 */

	return chunk ? &chunk->vport[vport.v % COUNTERS_CHUNK] : NULL;
}

/* processor_turn does one turn and returns what it moved.  The processor only, and not inside a turn. */
unsigned processor_turn(struct processor *processor);
/* processor_poll_all calls the poll functions and returns what they moved.  The processor only. */
unsigned processor_poll_all(struct processor *processor);
/* processor_poll_end tells the polls that the turn ends.  The processor only. */
void processor_poll_end(struct processor *processor);
/* processor_complete delivers what has been completed for the processor; returns how many.  The processor only. */
unsigned processor_complete(struct processor *processor);

/* processor_has_work tells whether the processor has anything to take: its own last look before it sleeps. */
bool processor_has_work(const struct processor *processor);
/* processor_is_behind tells whether anything is not yet indicated or completed.  Control. */
bool processor_is_behind(const struct processor *processor);

#endif
