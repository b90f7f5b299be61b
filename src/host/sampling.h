/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Headers of what is indicated for one lane of a VPort, for who asks which flows those are.  While nobody asks, an indication costs one load for
 * it, and a packet nothing.
 */
#ifndef VMMQ_HOST_SAMPLING_H
#define VMMQ_HOST_SAMPLING_H

#include <stdatomic.h>
#include <vmmq/receive.h>

#include "host/host.h"

/*
 * FREE: control's to give, a processor's to claim.  CLAIMED: that processor's, as long as it takes: a stalled one keeps it.  READY: control's.
 * Who claims slots of an older round by mistake fills them for that one.
 */
enum sampling_state { SAMPLING_FREE, SAMPLING_CLAIMED, SAMPLING_READY };
struct sampling_slot {
	_Atomic uint32_t state; /* P1 */
	uint32_t round;
	struct host_sample sample;
};

/* wanted: 0, or what is looked for: round << 32 | VPort << 16 | lane.  Control: rw; processors: acquire, and 0 when there is no slot left. */
struct sampling {
	_Atomic uint64_t wanted; /* W1 */
	uint32_t round;          /* control: rw; from 1 */
	struct sampling_slot *slot;
	_Atomic uint32_t next;
};

void sampling_fini(struct sampling *sampling);

/* sampling_take takes what is looked for out of an indication, which is the caller's.  Processor only. */
void sampling_take(struct sampling *sampling, uint64_t wanted, const struct vmmq_indication *indication);

static inline void sampling_look(struct sampling *sampling, const struct vmmq_indication *indication)
{
	uint64_t wanted = atomic_load_explicit(&sampling->wanted, memory_order_acquire); /* W1 */

	if (__builtin_expect(wanted != 0, 0))
		sampling_take(sampling, wanted, indication);
}

#endif
