/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the adapter: who owns what, and who touches it. */
#ifndef VMMQ_ENGINE_ADAPTER_H
#define VMMQ_ENGINE_ADAPTER_H

#include <pthread.h>
#include <stdatomic.h>
#include <vmmq/adapter.h>

#include "base/clock.h"
#include "base/counter.h"
#include "engine/call.h"
#include "engine/complete.h"
#include "engine/inbox.h"
#include "engine/interrupt.h"
#include "engine/listed.h"

#define BURST     32u /* packets classified together */
#define DPC_BATCH 64u /* packets taken from one inbox in one DPC */

/* A processor by its place in the adapter's list: an index into arrays. */
typedef uint16_t processor_slot;
#define NO_SLOT ((processor_slot)0xffff)

/*
 * Packets that went to from under one view may go to to under the next.  from == to: some of them change VPort there, and a
 * batch is indicated VPort by VPort, so it must end between the two views.
 */
struct move {
	processor_slot to;
	processor_slot from;
};

/*
 * One link of the chain of views.  Sources walk it; links behind the slowest source are freed by the next one who edits.
 * moves: from the view before, ascending by to.
 */
struct view_link {
	const struct vmmq_view *view;
	uint64_t version;
	uint32_t move_count;
	struct move *moves;
	_Atomic(struct view_link *) next; /* V1: published by who holds edit */
};

/* Counters of one VPort at one processor; written by that processor only. */
struct vport_slot_counters {
	_Atomic uint64_t packets, bytes, indications;
	_Atomic uint64_t hashed[VMMQ_HASH_TYPE_COUNT];
	_Atomic uint64_t via[VMMQ_VIA_COUNT];
	_Atomic uint64_t entry[VMMQ_TABLE_ENTRIES_MAX];
};
#define COUNTERS_CHUNK 64u
struct vport_counters_chunk {
	struct vport_slot_counters vport[COUNTERS_CHUNK];
};

/* Drops by VPort and reason at one source; written by whoever holds the source. */
struct vport_drops {
	_Atomic uint64_t reason[VMMQ_DROP_COUNT];
};

/* A processor belongs to the thread that holds it: that is meant by "processor" below (src/engine/call.c). */
struct processor {
	struct vmmq_adapter *adapter;
	struct vmmq_processor number;
	processor_slot slot;

	/* sources: they push new inboxes (P1), and those that have something; the processor takes the latter */
	_Alignas(CACHE_LINE) _Atomic(struct inbox *) inboxes; /* all of them */
	struct inbox_stack fresh;

	/* any thread: pushes sends whose buffers are free again, and calls; the processor takes them all */
	_Alignas(CACHE_LINE) struct send_stack completions;
	_Atomic(struct call *) calls; /* K1 */
	_Atomic(const void *) holder; /* H1: thread_self() of the thread that runs it; NULL: nobody */

	/* sources: ring it; the processor: arms it */
	_Alignas(CACHE_LINE) struct interrupt interrupt;

	/* processor: rw; any reader: relaxed */
	_Alignas(CACHE_LINE) _Atomic uint64_t turns;
	_Atomic uint64_t dpcs, packets, gates, gate_waits, inbox_high, completed;
	_Atomic uint64_t busy_tsc;
	_Atomic uint64_t asleep; /* see processor_fall_asleep() */
	struct inbox *listed;    /* those to look into, besides fresh */
	unsigned listed_count;
	struct vmmq_poll *polls;
	unsigned poll_count;
	bool polling;             /* in a function of one of the polls: they must not change now */
	struct call *pending;     /* taken from calls; oldest first */
	struct processor *beside; /* next in the list of what the holding thread holds */

	/* control: rw */
	uint64_t turns_seen; /* by vmmq_stalled() */

	/* processor: rw; any reader: acquire */
	_Atomic(struct vport_counters_chunk *) *counters; /* C1: chunks, made by the processor at first use */
};

/* A gate that is to go into the inbox towards a processor. */
struct gate_plan {
	struct inbox *inbox;
	struct gate *gate;
	processor_slot slot;
};

struct vmmq_source {
	struct vmmq_adapter *adapter;
	enum vmmq_source_mode mode;
	struct vmmq_source *next;

	/* S1: held by the thread in vmmq_receive(), or by control that adopts a view in its stead */
	_Alignas(CACHE_LINE) atomic_flag busy;
	_Atomic uint64_t adopted; /* S2: version of the view below; control: acquire */

	/* holder of busy: rw */
	struct view_link *link;
	struct inbox **inbox;   /* by processor slot; NULL until the first packet */
	struct gate_plan *plan; /* room for a gate to every processor */
	struct inbox *touched[BURST];
	processor_slot touched_slot[BURST];
	unsigned touched_count;
	uint64_t gates;
	_Atomic uint64_t received;
	struct vport_drops *drops;      /* by VPort id */
	struct vmmq_device_hash device; /* what its packets may have been hashed with; control: rw, holding busy */
};

/*
 * Excludes other edits of the switch, and of the lists of sources and views.  It is held for microseconds, by threads that
 * must not sleep; who has tried for long becomes urgent, and those who are not then stand back.
 */
struct edit_lock {
	_Atomic(const void *) owner; /* E1: thread_self() of the thread that edits; NULL: nobody */
	atomic_uint urgent;
	unsigned depth; /* owner: rw */
};

struct vmmq_adapter {
	struct vmmq_adapter_params params; /* defaults filled in; pointers inside are not kept */
	struct vmmq_nic_switch *nic_switch;
	uint32_t vports;         /* ids are below */
	processor_slot *slot_of; /* by processor number */
	struct processor *processor;
	processor_slot processor_count;
	atomic_bool stopping;
	_Atomic uint32_t *held;    /* by VPort id: indicated and not yet returned */
	_Atomic uint32_t *sending; /* by VPort id: sent and not yet completed */

	/* apart from the above, which every packet's way reads */
	_Alignas(CACHE_LINE) struct edit_lock edit;

	/* control, or a processor that moves entries: rw, holding edit */
	struct vmmq_source *sources;
	struct vmmq_source *retired_sources;
	struct vmmq_sender *retired_senders; /* destroyed while stopping, with sends to be completed */
	struct view_link *oldest;
	struct view_link *newest;
	uint64_t stopped_drops; /* packets that were in inboxes when the adapter was destroyed */
};

/* processor_find returns the adapter's processor of that number, or NULL. */
static inline struct processor *processor_find(const struct vmmq_adapter *adapter, struct vmmq_processor number)
{
	processor_slot slot = adapter->slot_of[number.v];

	return slot == NO_SLOT ? NULL : &adapter->processor[slot];
}

/* source_hold and source_release bracket all use of a source; source_try_hold does not wait. */
bool source_try_hold(struct vmmq_source *source);
void source_hold(struct vmmq_source *source);
void source_release(struct vmmq_source *source);

/* source_has_adopted tells whether the source steers by that version or a later one.  Any thread. */
static inline bool source_has_adopted(const struct vmmq_source *source, uint64_t version)
{
	return atomic_load_explicit(&source->adopted, memory_order_acquire) >= version; /* pairs with S2 */
}

/*
 * source_adopt walks the source along the chain of views, placing the gates that each step needs, until the newest one or
 * one whose gates do not fit yet.  Returns true when the source steers by the newest view.  Holder only.
 */
bool source_adopt(struct vmmq_source *source);

/* senders_free frees a list of senders that have nothing incomplete. */
void senders_free(struct vmmq_sender *sender);

/* source_free frees a source whose inboxes are gone. */
void source_free(struct vmmq_source *source);

/* source_inbox returns the inbox towards a processor, made at first use; NULL: memory.  Holder only. */
struct inbox *source_inbox(struct vmmq_source *source, processor_slot slot);

/* counters_of returns a VPort's counters at a processor, made at first use; NULL: memory.  That processor only. */
struct vport_slot_counters *counters_of(struct processor *processor, struct vmmq_vport_id vport);

/* moves_between finds what may move from one view to the next.  *moves is malloc'ed; false: memory. */
bool moves_between(const struct vmmq_adapter *adapter, const struct vmmq_view *from, const struct vmmq_view *to,
		   struct move **moves, uint32_t *count);

/* packet_free_stopped frees a packet that was never indicated; context is the adapter. */
void packet_free_stopped(void *context, struct rte_mbuf *packet);

/* strip_tag takes the outermost tag out of a frame that is the adapter's own. */
void strip_tag(struct rte_mbuf *packet);

/* hand_over does with one packet what the verdict says; false: it must wait (WAIT mode).  Holder only. */
bool hand_over(struct vmmq_source *source, struct rte_mbuf *packet, const struct vmmq_verdict *verdict);
/* publish_touched shows the processors what was handed over, and interrupts them.  Holder only. */
void publish_touched(struct vmmq_source *source);
/* classify_packets classifies up to BURST packets, over segments, under the source's view.  Holder only. */
void classify_packets(struct vmmq_source *source, struct rte_mbuf *const packet[], struct vmmq_verdict verdict[],
		      unsigned count);

/*
 * link_make makes a link for a view, to follow the newest one (NULL: memory); link_publish puts it there; link_free is for one
 * that was not published.  links_reclaim frees what the slowest source has left behind.  Holding edit.
 */
struct view_link *link_make(const struct vmmq_adapter *adapter, const struct vmmq_view *view);
void link_publish(struct vmmq_adapter *adapter, struct view_link *link);
void link_free(struct view_link *link);
void links_reclaim(struct vmmq_adapter *adapter);

/*
 * edit_pause lets others edit, whether this thread holds the lock or not, while it waits for them; edit_resume takes the
 * lock again as often as it was held.
 */
unsigned edit_pause(struct vmmq_adapter *adapter);
void edit_resume(struct vmmq_adapter *adapter, unsigned depth);

/* spin waits a moment, without sleeping, for somebody who will be done soon.  *spins: 0 to begin with. */
void spin(unsigned *spins);
/* wait_a_little waits a moment for those that have been waited for since started; it sleeps when that is long. */
void wait_a_little(uint64_t started);

/* processor_turn does one turn and returns what it moved. */
unsigned processor_turn(struct processor *processor);
/* processor_poll_all calls the poll functions. */
unsigned processor_poll_all(struct processor *processor);

/* processor_complete delivers what has been completed for the processor; returns how many.  That processor only. */
unsigned processor_complete(struct processor *processor);

/* processor_has_work tells whether the processor has anything to take: its own last look before it sleeps. */
bool processor_has_work(const struct processor *processor);
/* processor_is_behind tells whether anything is not yet indicated or completed.  Any thread. */
bool processor_is_behind(const struct processor *processor);

/* adapter_out_of_memory is the one answer to that: RESOURCES. */
vmmq_status adapter_out_of_memory(struct vmmq_why *why);

#endif
