/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replication of group-addressed packets, a bounded number of copies a turn: each processor has a queue of packets that are to be
 * copied to the members of their VLAN, and works it off beside its other work, so that a storm cannot starve it.  Order
 * is kept per processor.
 */
#ifndef VMMQ_HOST_FLOOD_H
#define VMMQ_HOST_FLOOD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmmq/types.h>

struct rte_mbuf;
struct frame;
struct host_processor;

#define FLOOD_JOBS   256u /* packets waiting, a power of two */
#define FLOOD_COPIES 256u /* in one turn */

struct flood_job {
	struct rte_mbuf *packet;
	struct vmmq_vport_id from; /* charged with it */
	bool from_uplink;          /* else its own VPort gets no copy */
	bool control;              /* only those get one that are trusted with control frames */
	bool taken;                /* some member has got a copy */
	uint32_t *share;           /* where it is counted */
	uint16_t vid;
	uint32_t next; /* VPort id of the members that are still to come */
};

/* Processor: rw; control, to see whether anything waits: relaxed. */
struct flood {
	struct flood_job job[FLOOD_JOBS];
	_Atomic uint32_t head, tail;
};

/*
 * flood_put queues a packet that is the caller's; its tag, if any, is in the frame, which begins as frame says but for the
 * tag.  A VPort may have as many waiting as there is still room for.  false: it has too many; the packet stays the caller's.
 */
bool flood_put(struct host_processor *on, struct rte_mbuf *packet, const struct frame *frame, uint16_t vid,
	       struct vmmq_vport_id from, bool from_uplink);

/* flood_poll makes copies; flood_arm is true while any are to be made.  context: the host_processor. */
unsigned flood_poll(void *context);
bool flood_arm(void *context, bool armed);

/* flood_waiting returns the packets that wait.  Any thread. */
static inline uint32_t flood_waiting(const struct flood *flood)
{
	return atomic_load_explicit(&flood->tail, memory_order_relaxed) -
	       atomic_load_explicit(&flood->head, memory_order_relaxed);
}

/* flood_drain frees what waits, when the processors have ended. */
void flood_drain(struct host_processor *on);

#endif
