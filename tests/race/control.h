/* SPDX-License-Identifier: BSD-2-Clause */
/* Control: draws changes of all kinds, makes them in the switch and in the model, and applies them without end. */
#ifndef VMMQ_RACE_CONTROL_H
#define VMMQ_RACE_CONTROL_H

#include <vmmq/counters.h>
#include <vmmq/status.h>

#include "race.h"

/* X(name, JSON name, weight): how often it is drawn. */
#define CHANGES(X)                                                                                                   \
	X(ENTRY, "entry", 8)                                                                                         \
	X(ENTRIES, "entries", 4)                                                                                     \
	X(TABLE, "table", 4)                                                                                         \
	X(GROW, "table_grow", 2)                                                                                     \
	X(SHRINK, "table_shrink", 2)                                                                                 \
	X(DEFAULT, "default_processor", 2)                                                                           \
	X(PRIMARY, "primary_processor", 2)                                                                           \
	X(ENABLE, "rss_enable", 3)                                                                                   \
	X(DISABLE, "rss_disable", 1)                                                                                 \
	X(TYPES, "hash_types", 2)                                                                                    \
	X(KEY, "key", 2)                                                                                             \
	X(QUEUES, "queue_pairs", 2)                                                                                  \
	X(FILTER_ADD, "filter_add", 3)                                                                               \
	X(FILTER_DELETE, "filter_delete", 2)                                                                         \
	X(FILTER_MOVE, "filter_move", 4)                                                                             \
	X(VPORT_ADD, "vport_add", 2)                                                                                 \
	X(VPORT_DELETE, "vport_delete", 1)                                                                           \
	X(PROCESSORS, "processor_set", 1)

enum change {
#define X(name, text, weight) CHANGE_##name,
	CHANGES(X)
#undef X
	    CHANGE_COUNT
};

struct control {
	struct race *race;
	struct random random;
	struct vmmq_nic_switch *nic_switch;
	struct model model;
	uint32_t filter[MACS_MAX][RULES]; /* filter ids; 0: none */

	/* balancer.c: packets of each lane, and where they were counted, when it was last looked at */
	struct seen_lane {
		uint32_t packets;
		uint8_t place;
	} seen[VPORTS_MAX + 1][VMMQ_LANES_MAX];
	uint64_t balanced; /* moves by load */

	uint64_t changes[CHANGE_COUNT]; /* made and kept */
	uint64_t refused;
	uint64_t groups; /* of more than one change */
	uint64_t applies;
	uint64_t pending; /* applies that did not wait for their effect */
	uint64_t failed;  /* applies that ended in neither SUCCESS nor PENDING, or waited in vain: none should */
	uint32_t *effective_us; /* one for each apply that waited for its effect */
	size_t effective_count;
	size_t effective_room;
};

/* changes.c: change_draw makes one random change in the switch and, if it is accepted, in control->model. */
vmmq_status change_draw(struct control *control, enum change *kind);
/* change_begin gives all VPorts parameters and filters to begin with; false: the switch refused. */
bool change_begin(struct control *control);

/* balancer.c: balance_change moves what the load wants to have moved, as one group. */
void balance_change(struct control *control);

/* control.c */
bool control_begin(struct control *control, struct race *race);
/* control_run makes changes until time_ns. */
void control_run(struct control *control, uint64_t until_ns);

#endif
