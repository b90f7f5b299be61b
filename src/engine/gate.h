/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gates: what keeps packets in order when their lane moves from one processor to another.
 *
 * A gate stands in an inbox before the first packet of the moved lanes.  It holds those lanes of one VPort, and nothing else,
 * until all that may precede them elsewhere has been indicated.  It waits for packets, never for another gate: a lane that
 * goes from O to N to M while O stands still waits at M for what is at O as well, because its source remembers where it has
 * been (source.h, "trail").  Packets that it waits for were put before it, so some processor can always go on.
 *
 * The source puts a gate into fresh; the processor takes fresh as a whole at the start of a turn.  As long as it has not, and
 * as long as no packet of the VPort has been put behind it, another gate of the VPort is added to it: what stands still
 * gathers no more gates than packets, however often lanes move to and fro.  Why this keeps order: docs/architecture.md.
 */
#ifndef VMMQ_ENGINE_GATE_H
#define VMMQ_ENGINE_GATE_H

#include <stdbool.h>
#include <stdint.h>
#include <vmmq/types.h>

#include "engine/lane_set.h"

struct inbox;

/*
 * A list of waits has no more than so many of one owner for one inbox: one more takes the place of all, with their lanes and the
 * last of their positions, and waits for all VPorts' packets there.  They too were put before the gate, so nothing can wait
 * for itself.  Filters that wander among thousands of VPorts would otherwise leave a wait for each VPort with each of them.
 */
#define LANE_WAITS_APART 4u

/* Lanes wait until the packets of a VPort below position, in an inbox of the same source, have been indicated. */
struct lane_wait {
	struct lane_wait *next;
	const struct inbox *inbox;
	uint64_t position;
	struct lane_set lanes;      /* of the gate's, or of the trail's, VPort */
	struct vmmq_vport_id vport; /* whose packets; not its own where a filter has moved */
	struct vmmq_vport_id owner; /* in a trail: whose lanes */
	bool is_for_all;            /* all VPorts' packets */
};

struct gate {
	struct gate *next;
	struct lane_wait *waits;
	struct lane_set closed; /* processor: rw: the lanes that wait, as it saw them this turn */
	uint64_t position;      /* the packets from here on are behind it */
	uint32_t mark;          /* how many packets of the VPort had been put before it, modulo 2^32 */
	struct vmmq_vport_id vport;
};

/* What gates and waits are made of, so that either can be had from one list. */
union gate_block {
	union gate_block *next;
	struct gate gate;
	struct lane_wait wait;
};

/* lane_wait_is_over tells whether what is waited for has been indicated.  Once it is, it stays so.  Any thread. */
bool lane_wait_is_over(const struct lane_wait *wait);

/*
 * lane_waits_add adds a wait to a list in which each lane waits at most once for one inbox and VPort: the later position takes
 * its lanes from the earlier one.  What becomes empty, wait itself perhaps, is freed, and so is what wait stands for as well
 * (LANE_WAITS_APART).
 */
void lane_waits_add(struct lane_wait **list, struct lane_wait *wait);
/* lane_waits_prune frees the waits of a list that are over; true: there were some. */
bool lane_waits_prune(struct lane_wait **list);
void lane_waits_free(struct lane_wait *list);

/* gate_absorb adds the waits of a gate to another one of the same VPort, and frees it. */
void gate_absorb(struct gate *gate, struct gate *other);
void gates_free(struct gate *list);

#endif
