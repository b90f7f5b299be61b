/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requested and effective: where the balance of load has moved lanes of a VPort, and where a request wants them.  The NIC switch
 * has what is effective, for packets and NDIS requests; what is written to disk, exported and compared with a file is what was
 * requested.  Part of the extras, so it is edited in groups and taken back with them.
 */
#ifndef VMMQ_CONTROL_LIVE_MOVED_H
#define VMMQ_CONTROL_LIVE_MOVED_H

#include <vmmq/counters.h>

#include "control/live_state.h"

/* By lane: an entry of the table, VMMQ_LANE_DEFAULT or VMMQ_LANE_PRIMARY. */
struct live_moved {
	uint16_t entry_count; /* of the table, when this was last settled */
	struct {
		bool moved;  /* by the balance, from requested to effective */
		bool pinned; /* moved by hand: the balance leaves it */
		struct vmmq_processor requested, effective;
	} lane[VMMQ_LANES_MAX];
};

/* live_moved_copy gives extra a copy; false: memory. */
bool live_moved_copy(struct live_extra *extra, const struct live_moved *moved);

/* live_lane returns what a lane of params points to; NULL: the table has no such entry. */
struct vmmq_processor *live_lane(struct vmmq_rss_params *params, unsigned lane);

/* live_requested fills *rss with the parameters of a VPort as they were requested. */
void live_requested(const struct live *live, const struct vmmq_vport_info *info, struct vmmq_rss_params *rss);

/*
 * In the open group.  live_moved_note: the balance has moved a lane of a VPort from one processor to another.
 * live_moved_settle follows what a request has done to the VPort: what it has put elsewhere is no longer moved, what it has cloned is as its
 * original; live_moved_settle_all, of all VPorts.  Refused like vmmq_rss_check() when what was requested is not possible any more.
 * live_moved_release: everything as requested, and nothing pinned.  live_moved_leave: VPorts of which lanes were moved to other processors
 * than those are as requested.
 */
vmmq_status live_moved_note(struct live *live, struct vmmq_vport_id id, unsigned lane, struct vmmq_processor from,
			    struct vmmq_processor to, struct vmmq_why *why);
vmmq_status live_moved_settle(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why);
vmmq_status live_moved_settle_all(struct live *live, struct vmmq_why *why);
vmmq_status live_moved_release(struct live *live, struct vmmq_vport_id id, struct vmmq_why *why);
vmmq_status live_moved_leave(struct live *live, const struct vmmq_processor *processors, size_t count,
			     struct vmmq_why *why);

#endif
