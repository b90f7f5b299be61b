/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the balance of the running switch. */
#ifndef VMMQ_CONTROL_LIVE_BALANCE_STATE_H
#define VMMQ_CONTROL_LIVE_BALANCE_STATE_H

#include "balance/balance_load.h"
#include "control/live_balance.h"
#include "control/live_moved.h"

#define BALANCE_TOLD_MAX 1024u /* moves that are remembered: a power of two */

/* A dynamic VPort: its lanes are lane[first .. first + count). */
struct balanced_vport {
	struct vmmq_vport_id id;
	uint32_t first, used_first;
	uint16_t count,
	    used_count; /* used[used_first .. + used_count): the processors that they are on, once it is known */
	bool used_known;
	uint16_t entry_count;
	bool rss;   /* lanes are entries and default processor, else the primary one */
	bool quiet; /* nothing had come when it was last looked at */
	uint32_t queue_pairs, min_queue_pairs;
	uint64_t bytes;   /* at the processors of its lanes, when it was last looked at */
	uint64_t read_ns; /* when its lanes were read */
};

struct live_balance {
	int timer; /* -1: there is none */
	uint32_t armed_ms;
	bool stale; /* VPorts, lanes, processors or settings are no longer what all below is made from */
	char reason[256];

	struct balance *policy; /* NULL: no VPort is dynamic, or see reason */
	struct balance_meter *meter;
	uint64_t read_ns; /* last reading; 0: none */
	unsigned processor_count;
	struct vmmq_processor *processor; /* in the order of the RSS processor set */
	uint16_t *index_of;               /* by processor number */
	struct balance_work *work;
	struct balance_seen *seen;
	bool any_behind; /* some processor was, when it was read */
	bool *held_back; /* by processor number: it has stalled, and the host does not wait for it */

	struct balanced_vport *vport;
	unsigned vport_count, cursor; /* cursor: the next one to be read */
	uint32_t *place_of;           /* by VPort id: 1 + place; 0: it is not here */
	uint32_t lane_count;
	uint8_t *lane;             /* VMMQ_LANE_* or the entry */
	struct vmmq_processor *at; /* where it is */
	uint16_t *index;           /* the same, as the policy counts processors */
	uint16_t *used;            /* see struct balanced_vport */
	uint32_t *packets, *load;

	struct balance_result result;
	struct live_balance_elephant elephant[BALANCE_ELEPHANTS_MAX];
	unsigned elephant_count;
	uint64_t elephant_ns;

	struct live_balance_info info;
	struct live_balance_move told[BALANCE_TOLD_MAX];
	uint64_t told_count;
};

/* live_balance_init makes an empty one; false: memory, or descriptors.  live_balance_fini takes NULL. */
bool live_balance_init(struct live *live);
void live_balance_fini(struct live *live);
/* live_balance_follow: a batch that is not the balance's own has taken effect. */
void live_balance_follow(struct live *live, const struct live_batch *batch);

/* lanes_make makes all lanes of the dynamic VPorts anew, and a policy for them; false: reason says why there is none. */
bool balance_lanes_make(struct live *live, uint64_t now_ns);
void balance_lanes_free(struct live_balance *b);
/* balance_lanes_read takes what has been done since the last reading; false: too much time has passed, or none. */
bool balance_lanes_read(struct live *live, uint64_t now_ns);
/* balance_lane_put: a lane is on that processor now; its packets are counted from here on. */
void balance_lane_put(struct live *live, struct balanced_vport *vport, uint32_t lane,
		      struct vmmq_processor processor);
/* balance_moves_make carries out what the policy has planned, remembers and tells it. */
void balance_moves_make(struct live *live, uint64_t now_ns);

#endif
