/* SPDX-License-Identifier: BSD-2-Clause */
/* All VPorts leave a host, a few at a time. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_LEAVE_H
#define VMMQ_VMMQ_FLEET_FLEET_LEAVE_H

#include "vmmq/fleet/fleet_move.h"

#define FLEET_TRIES 4 /* hosts that one VPort is offered to */

enum leaver_state {
	LEAVER_WAITS,
	LEAVER_MOVES,
	LEAVER_LEFT,  /* it is elsewhere, or has been removed */
	LEAVER_STAYS, /* why says why */
};

struct leaver {
	struct ovsdb_uuid vport;
	char name[FLEET_NAME_MAX + 1];
	enum leaver_state state;
	struct fleet_move move; /* while it moves, and after it has left */
	struct ovsdb_uuid refused[FLEET_TRIES];
	unsigned refused_count;
	char why[FLEET_SENTENCE_MAX];
};

struct fleet_leave {
	struct fleet_store *store;
	struct ovsdb_uuid host;
	bool first_frame;
	struct leaver *leaver;
	size_t count, parallel;
};

/* fleet_leave_init lists what is on the host; false: memory is short. */
bool fleet_leave_init(struct fleet_leave *leave, struct fleet_store *store, const struct ovsdb_row *host);
void fleet_leave_fini(struct fleet_leave *leave);

/* fleet_leave_go does what can be done now: ends moves, takes those back that are refused, and begins others. */
void fleet_leave_go(struct fleet_leave *leave);
/* fleet_leave_is_over: none waits or moves.  fleet_leave_is_due: fleet_leave_go has something to do; for fleet_store_wait. */
bool fleet_leave_is_over(const struct fleet_leave *leave);
bool fleet_leave_is_due(void *leave);
size_t fleet_leave_count(const struct fleet_leave *leave, enum leaver_state state);
/* fleet_leave_stop: what still waits or moves stays, with the reason. */
void fleet_leave_stop(struct fleet_leave *leave);

#endif
