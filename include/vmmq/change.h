/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes of the NIC switch taking effect on a running adapter, under the ordering promise: by control, all at once, or by a
 * processor that moves table entries away from itself.  What is meant by threads: vmmq/adapter.h.
 */
#ifndef VMMQ_CHANGE_H
#define VMMQ_CHANGE_H

#include <vmmq/request.h>
#include <vmmq/status.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vmmq_adapter;

/* What applying a change took.  Times in nanoseconds from the call. */
struct vmmq_change_report {
	uint64_t effective_ns; /* every source steers by the new view */
	uint64_t drained_ns;   /* the last packet steered by the old view was indicated; 0: not waited for */
	uint32_t
	    moves; /* (old processor, new processor) pairs between which packets may have moved; 0: nothing changed */
};

/*
 * vmmq_adapter_apply publishes the switch's current view and returns when every source steers by it.  What it needs memory for was
 * done when the switch's group was prepared: an operation, prepare or commit on an adapter's switch that would lack it is refused
 * with RESOURCES, and nothing has changed.
 * wait_drained: also wait until everything steered by older views has been indicated; needs the processors to run.
 * Returns SUCCESS, or PENDING after timeout_ns: the change is published; a source that is still inside a burst follows at its
 * next one.  (PENDING, too, while memory for a gate that turned out to be needed as well stays short; and with wait_drained
 * when memory is too short to note what to wait for.)  report may be NULL.
 * Threads: control; with wait_drained not from inside an indication, which it would wait for.
 */
VMMQ_API vmmq_status vmmq_adapter_apply(struct vmmq_adapter *adapter, bool wait_drained, uint64_t timeout_ns,
					struct vmmq_change_report *report);

/*
 * vmmq_vport_quiesce waits until nothing of a VPort is outstanding: everything received so far is indicated, what was
 * indicated on it is returned, what it sent is complete.  After its filters were cleared and that was applied, nothing is
 * indicated on it any more once this returns true, and it may be deleted (spec 3.2).  false: timeout_ns came first.
 * Threads: control; not from inside an indication, which it would wait for.
 */
VMMQ_API bool vmmq_vport_quiesce(struct vmmq_adapter *adapter, struct vmmq_vport_id vport, uint64_t timeout_ns);

/*
 * vmmq_adapter_move is vmmq_rss_move() (vmmq/request.h) on a running adapter: commands on behalf of processor actor,
 * effective when it returns: every packet that a source looks at from then on is steered by the new entries, under the
 * ordering promise.  Callable on a processor from inside an indication or a completion: it never sleeps and never waits for a
 * processor, only for bursts that sources are in the middle of and for another such call.  Elsewhere it goes to the
 * actor by vmmq_processor_call(); an actor that is not one of the adapter's processors is acted for by the caller, and its
 * commands are NOT_ACCEPTED unless they are about an inactive parameter that points there.
 * Where memory is short, for gates too, all commands that were not refused otherwise are refused with RESOURCES, and nothing has
 * changed.  Returns SUCCESS, or PENDING when a gate turned out to be needed for which memory had not been made sure of, and it
 * was short just then: some source still steers by the old entries and follows by itself.
 * Threads: any, as for vmmq_processor_call().
 */
VMMQ_API vmmq_status vmmq_adapter_move(struct vmmq_adapter *adapter, struct vmmq_processor actor,
				       struct vmmq_rss_move *move, size_t count, struct vmmq_why *why);

/*
 * vmmq_adapter_edit_begin and _end exclude moves: vmmq_adapter_move() takes part in no group, so whoever edits the switch on
 * another thread meanwhile, or reads it, brackets that, up to and with vmmq_adapter_apply(), by these, and is as short.
 * Brackets nest.  While vmmq_adapter_apply(), vmmq_vport_quiesce() or vmmq_source_destroy() waits for others inside them, they
 * are open.
 * Threads: any; both on the same one.
 */
VMMQ_API void vmmq_adapter_edit_begin(struct vmmq_adapter *adapter);
VMMQ_API void vmmq_adapter_edit_end(struct vmmq_adapter *adapter);

#ifdef __cplusplus
}
#endif
#endif
