/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processors: turns, threads that take them, what is polled in them, and calls to them.  A processor is run by one thread at a
 * time.  What is meant by threads: vmmq/adapter.h.
 */
#ifndef VMMQ_PROCESSOR_H
#define VMMQ_PROCESSOR_H

#include <vmmq/status.h>
#include <vmmq/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vmmq_adapter;

/*
 * When a processor with nothing to do sleeps: never; at once; after it has had nothing to do for idle_ns.  One that is awake for
 * nothing yields its CPU where it has seen others run there, and does not enter the kernel where it has not: under SCHED_FIFO, where nobody
 * of the same priority would run by himself, threads that do not sleep need CPUs of their own.
 */
enum vmmq_moderation {
	VMMQ_MODERATION_POLL,
	VMMQ_MODERATION_INTERRUPT,
	VMMQ_MODERATION_ADAPTIVE,
};

/*
 * vmmq_processor_poll does one turn of a processor's loop: calls to it, its poll functions, then its DPC, then completions.
 * Returns the number of packets it moved.  It does nothing and returns 0 when the processor is not one of the adapter's, and
 * inside a turn of that very processor (from an indication, a completion, a poll, a call): a turn inside a turn would
 * indicate packets before those that the outer one has already taken.
 * Threads: the processor's; a thread that finds it run by another one waits for that.
 */
VMMQ_API unsigned vmmq_processor_poll(struct vmmq_adapter *adapter, struct vmmq_processor processor);

/*
 * vmmq_processors_run runs count processors on the calling thread, sleeping as moderation says, until
 * vmmq_adapter_stop().  Before anything has run: INVALID_PARAMETER when count is 0, a processor is not one of the adapter's, is
 * named twice or is run by this thread already; RESOURCES: memory.
 * Threads: the processors'; a thread that finds one run by another one waits for that.
 */
VMMQ_API vmmq_status vmmq_processors_run(struct vmmq_adapter *adapter, const struct vmmq_processor processor[],
					 unsigned count);

/*
 * vmmq_processor_call runs function(argument) on the processor, between two of its turns, and returns when that is done: the
 * message by which others act on a processor.  Called on the processor itself (from an indication, a completion, a poll)
 * it runs at once.  A processor that nobody runs at the moment is stood in for by the caller.  A processor that waits in a
 * call to another one runs those to itself meanwhile.
 * Returns SUCCESS, or INVALID_PARAMETER when the processor is not one of the adapter's: function is not called then.
 * Threads: any, but not from inside a drop or transmit function, and not between vmmq_adapter_edit_begin() and _end().
 */
VMMQ_API vmmq_status vmmq_processor_call(struct vmmq_adapter *adapter, struct vmmq_processor processor,
					 void (*function)(void *argument), void *argument);

/*
 * Something that a processor polls at the start of each turn, typically a device queue that feeds a source.
 * poll returns how many packets it moved.  What lets the processor sleep (moderation interrupt or adaptive):
 * fd: readable when there may be something to poll; -1: none, and then the processor naps at most nap_ns at a time, or, with
 * nap_ns 0, stays awake.  The fd is watched only; emptying it is the business of poll or arm.
 * arm (may be NULL): arm(context, true) before the processor sleeps or naps; true: there may be something to poll already.
 * Then everything is polled once more as it is armed, and where that finds nothing armed again: who still says true keeps
 * the processor awake.  arm(context, false) when it is awake again, whatever arm(true) returned.
 * end (may be NULL): at the end of each turn, when what was polled in it has been indicated, or is to wait; and when everything was polled
 * before the processor sleeps.
 * Threads: all called on the processor's.
 */
typedef unsigned vmmq_poll_fn(void *context);
struct vmmq_poll {
	vmmq_poll_fn *poll;
	void *context; /* names this poll: one processor polls one context once */
	bool (*arm)(void *context, bool armed);
	int fd;
	uint32_t nap_ns;
	void (*end)(void *context);
};
/*
 * vmmq_processor_add_poll, vmmq_processor_remove_poll: at any time, also while the processor runs or sleeps.  After the
 * latter has returned the poll is not, and will not be, called on that processor; a context it does not poll, and a processor
 * that is not one of the adapter's, is no error there.
 * INVALID_PARAMETER: it polls that context already, or is not one of the adapter's.  RESOURCES: memory.
 * Threads: as for vmmq_processor_call(); not from inside a poll.
 */
VMMQ_API vmmq_status vmmq_processor_add_poll(struct vmmq_adapter *adapter, struct vmmq_processor processor,
					     const struct vmmq_poll *poll);
VMMQ_API void vmmq_processor_remove_poll(struct vmmq_adapter *adapter, struct vmmq_processor processor,
					 const void *context);

/*
 * vmmq_stalled lists processors that have work waiting but have not made a turn since the last call, at most max, and
 * returns how many there are: call it every few hundred milliseconds to learn who has stopped polling.
 * Threads: control.
 */
VMMQ_API unsigned vmmq_stalled(struct vmmq_adapter *adapter, struct vmmq_processor stalled[], unsigned max);

#ifdef __cplusplus
}
#endif
#endif
