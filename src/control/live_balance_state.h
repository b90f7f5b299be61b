/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the balance of the running switch. */
#ifndef VMMQ_CONTROL_LIVE_BALANCE_STATE_H
#define VMMQ_CONTROL_LIVE_BALANCE_STATE_H

#include "balance/balance_load.h"
#include "control/live_balance.h"
#include "control/live_flows.h"
#include "control/live_moved.h"

#define TOKENS_MAX       16384u /* lanes that are read in one tick at most, when there was nothing new for a while */
#define BALANCE_TOLD_MAX 1024u  /* moves that are remembered: a power of two */

/* A dynamic VPort: its lanes are lane[first .. first + count). */
struct balanced_vport {
	struct vmmq_vport_id id;
	uint32_t first;
	uint16_t count;
	uint16_t entry_count;
	bool rss; /* lanes are entries and default processor, else the primary one */
	uint32_t queue_pairs, min_queue_pairs;
};

struct live_balance {
	int timer; /* -1: there is none */
	uint32_t armed_ms;
	bool stale;  /* VPorts, lanes, processors or settings are no longer what all below is made from */
	bool failed; /* there are dynamic VPorts, and reason says why they are not balanced */
	char reason[256];

	struct balance *policy; /* NULL: no VPort is dynamic, or see reason */
	struct balance_meter *meter;
	uint64_t read_ns; /* last reading; 0: none */
	unsigned processor_count;
	struct vmmq_processor *processor; /* in the order of the RSS processor set */
	uint16_t *index_of;               /* by processor number */
	struct balance_work *work;
	struct balance_seen *seen;
	uint32_t *known;    /* ppm: load of each, when its lanes were last read for news */
	bool *news;         /* it is another one now */
	uint32_t *lanes_at; /* how many are on each */
	bool *held_back;    /* by processor number: it has stalled, and the host does not wait for it */

	struct balanced_vport *vport;
	unsigned vport_count;
	unsigned cursor, cursor_lane, news_cursor; /* what is read next, in turn and for news */
	uint32_t tokens;                           /* lanes that may be read now */
	uint32_t tick;                             /* counts readings */
	uint32_t *place_of;                        /* by VPort id: 1 + place; 0: it is not here */
	uint32_t lane_count;
	uint8_t *lane;             /* VMMQ_LANE_* or the entry */
	struct vmmq_processor *at; /* where it is */
	uint16_t *index;           /* the same, as the policy counts processors */
	uint32_t *read_tick;       /* when it was read */
	uint32_t *packets, *load;

	struct balance_result result;
	struct live_balance_elephant elephant[BALANCE_ELEPHANTS_MAX];
	unsigned elephant_count;
	uint64_t elephant_ns;
	struct live_flows_of sampled; /* whose flows somebody wants to know */
	uint64_t sampled_ns;          /* since when; 0: nobody does */

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
bool balance_lanes_make(struct live *live);
void balance_lanes_free(struct live_balance *b);
/* balance_lanes_read takes what has been done since the last reading; false: too much time has passed, or none. */
bool balance_lanes_read(struct live *live, uint64_t now_ns);
/* balance_lane_put: a lane is on that processor now; its packets are counted from here on. */
void balance_lane_put(struct live *live, struct balanced_vport *vport, uint32_t lane,
		      struct vmmq_processor processor);
/* balance_moves_make carries out what the policy has planned, remembers and tells it. */
void balance_moves_make(struct live *live, uint64_t now_ns);

#endif
