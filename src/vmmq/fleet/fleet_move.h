/* SPDX-License-Identifier: BSD-2-Clause */
/* A VPort on its way from one host to another (docs/fleet.md). */
#ifndef VMMQ_VMMQ_FLEET_FLEET_MOVE_H
#define VMMQ_VMMQ_FLEET_FLEET_MOVE_H

#include "vmmq/fleet/fleet_change.h"

struct fleet_move {
	struct ovsdb_uuid vport, host; /* host: the one that it goes to */
	char name[FLEET_NAME_MAX + 1], from[FLEET_NAME_MAX + 1], to[FLEET_NAME_MAX + 1];
	int64_t generation; /* what is said of one before is of an earlier move */
	bool first_frame;
};

/* How far it is, by what both hosts say. */
enum fleet_step {
	STEP_PREPARING, /* the destination has not said anything */
	STEP_PREPARED,
	STEP_LET_GO, /* the source has; the destination is to activate it */
	STEP_TAKEN,  /* the destination has activated it; the source is to let go */
	STEP_DONE,   /* it may be finished: the destination becomes its host */
	STEP_REFUSED,
	STEP_FINISHED, /* by somebody: it is on its way no more, and where it was to go */
	STEP_CHANGED,  /* by somebody else: it goes elsewhere, or nowhere */
	STEP_GONE,     /* the VPort has been removed */
};

/* fleet_move_read reads the move that a VPort is in; false: it is in none. */
bool fleet_move_read(struct fleet_move *move, const struct ovsdb_rows *rows, const struct ovsdb_row *vport);
enum fleet_step fleet_move_step(const struct fleet_move *move, const struct ovsdb_rows *rows);
/* fleet_move_say writes a step in words, with the reason where a host has refused it; what is waited for, and since when that host is silent. */
void fleet_move_say(const struct fleet_move *move, const struct ovsdb_rows *rows, char text[FLEET_SENTENCE_MAX]);

/*
 * Each is one transaction, refused where what it rests on has changed: a beginning, the VPort; an end, that the destination has it and the
 * source has not; to take it back, that the destination has not.  guard: as fleet_vport_fits, or NULL; taken.  False: why.  fleet_move_end also succeeds where somebody else has ended it so.
 */
bool fleet_move_begin(struct fleet_store *store, const struct fleet_kept *vport, const struct ovsdb_uuid *host,
		      bool first_frame, json_t *guard, char why[FLEET_SENTENCE_MAX]);
bool fleet_move_end(struct fleet_store *store, const struct fleet_move *move, char why[FLEET_SENTENCE_MAX]);
bool fleet_move_cancel(struct fleet_store *store, const struct fleet_move *move, char why[FLEET_SENTENCE_MAX]);

#endif
