/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source's memory of where lanes have been: as long as what it had put there for a VPort has not been indicated, a later
 * move of the lane must wait for it too.  Holder of the source only, but where told otherwise.
 */
#ifndef VMMQ_ENGINE_TRAIL_H
#define VMMQ_ENGINE_TRAIL_H

#include <stdatomic.h>

#include "engine/gate.h"

#define TRAIL_BUCKETS 64u

struct trail {
	struct lane_wait *wait[TRAIL_BUCKETS]; /* by owner modulo TRAIL_BUCKETS */
	_Atomic uint32_t count[TRAIL_BUCKETS]; /* control: relaxed */
};

/* trail_look forgets what is over and returns the list in which a VPort's waits are, among others'. */
struct lane_wait *trail_look(struct trail *trail, struct vmmq_vport_id owner);
/* trail_add adds a wait; it is the trail's from then on. */
void trail_add(struct trail *trail, struct lane_wait *wait);
/* trail_renumber: the owner's table had from_mask + 1 entries and has to_mask + 1 now. */
void trail_renumber(struct trail *trail, struct vmmq_vport_id owner, unsigned from_mask, unsigned to_mask);
/* trail_mix: the owner's packets may come by any lane now. */
void trail_mix(struct trail *trail, struct vmmq_vport_id owner);
/* trail_count returns how many waits a VPort has.  trail_count_about: at most so many, as of a while ago; any thread. */
uint32_t trail_count(const struct trail *trail, struct vmmq_vport_id owner);
uint32_t trail_count_about(const struct trail *trail, struct vmmq_vport_id owner);
void trail_fini(struct trail *trail);

#endif
