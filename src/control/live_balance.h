/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dynamic VMMQ on the running switch: reads what processors and lanes of dynamic VPorts do, asks the policy (balance/balance.h), and
 * carries out its moves as RSSv2 moves (vmmq_rss_move()) of the NIC switch, under the ordering promise.  docs/balance.md.
 * Moves are in effect and not requested: control/live_moved.h.  While a batch is on its way to the disk nothing is moved.
 * Control thread only.
 */
#ifndef VMMQ_CONTROL_LIVE_BALANCE_H
#define VMMQ_CONTROL_LIVE_BALANCE_H

#include <vmmq/counters.h>

#include "balance/balance.h"
#include "control/live.h"

/*
 * live_balance_fd is readable when live_balance_run() has something to do: each tick while a VPort is dynamic, else never.
 * live_balance_tick is what that does, at a moment (CLOCK_MONOTONIC); for tests with a clock of their own.
 */
int live_balance_fd(const struct live *live);
void live_balance_run(struct live *live);
void live_balance_tick(struct live *live, uint64_t now_ns);

/*
 * What is there to be told.  reason: "", or a sentence why nothing moves.  lanes: of dynamic VPorts; tick_ns: of the control thread's
 * time, that the last tick has taken, the longest, and all of them.  moves: by reason; refused: moves that the switch did not take;
 * waited: ticks in which nothing could be moved, since a change was on its way to the disk.
 */
struct live_balance_info {
	const struct config_balance *settings;
	const char *reason;
	unsigned processors, vports, lanes;
	uint64_t ticks, waited, refused, moves[BALANCE_REASON_COUNT];
	uint64_t tick_last_ns, tick_max_ns, tick_sum_ns;
};
void live_balance_info(const struct live *live, struct live_balance_info *info);

/* Of a processor and of a VPort, by place, below the numbers in live_balance_info; loads in ppm, as the policy sees them. */
struct live_balance_processor {
	struct vmmq_processor processor;
	uint32_t load, lanes; /* of the dynamic VPorts' */
	bool in_use, stalled;
};
void live_balance_processor(const struct live *live, unsigned place, struct live_balance_processor *processor);
struct live_balance_vport {
	struct vmmq_vport_id id;
	uint32_t load, used; /* used: processors that table and default processor name, or the primary one */
	uint32_t moved, pinned;
};
void live_balance_vport(const struct live *live, unsigned place, struct live_balance_vport *vport);

/* A lane of a VPort: an entry, VMMQ_LANE_DEFAULT or VMMQ_LANE_PRIMARY.  requested: where it was before the balance moved it. */
struct live_balance_lane {
	uint8_t lane;
	bool moved, pinned;
	struct vmmq_processor requested, effective;
	uint32_t load; /* ppm; 0 where the balance does not look: the VPort is static, or the lane is not active */
};
/* live_balance_lanes fills lane[] with the VPort's lanes; returns how many there are, 0 for a static VPort. */
unsigned live_balance_lanes(const struct live *live, struct vmmq_vport_id id,
			    struct live_balance_lane lane[VMMQ_LANES_MAX]);

/* An elephant of the last tick that had one, by place; false: there are no more, or it was more than a second ago. */
struct live_balance_elephant {
	struct vmmq_vport_id id;
	uint8_t lane;
	struct vmmq_processor processor;
	uint32_t load, mean;
};
bool live_balance_elephant(const struct live *live, unsigned place, struct live_balance_elephant *elephant);

/* A move that was made, place 0 the latest; false: there are no more that are remembered.  at_ns: CLOCK_MONOTONIC. */
struct live_balance_move {
	uint64_t at_ns;
	struct vmmq_vport_id id;
	uint8_t lane;
	struct vmmq_processor from, to;
	struct balance_move move;
};
bool live_balance_move(const struct live *live, unsigned place, struct live_balance_move *move);
/* live_lane_text writes "entry 21", "default processor" or "primary processor". */
const char *live_lane_text(unsigned lane, char text[24]);
/* live_move_reason says why as a sentence. */
const char *live_move_reason(const struct live_balance_move *move, char text[BALANCE_REASON_MAX]);

#endif
