/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a host writes of a VPort, as operations of a transaction: its status, as long as that is still what the decision was made on; with a
 * claim only as long as no other host's says active, and the VPort's row is the one that was decided about.  Those of several VPorts make one
 * transaction, which is carried out as a whole or not at all.
 */
#ifndef VMMQ_FLEET_FLEET_WRITE_H
#define VMMQ_FLEET_FLEET_WRITE_H

#include "fleet/fleet_decide.h"

struct fleet_write {
	const char *host, *vport; /* by name */
	enum fleet_action action; /* WRITE, CLAIM, DELETE */
	struct fleet_status status;
	const char *reason;       /* "": none */
	struct fleet_status mine; /* what stands there */
	struct ovsdb_uuid mine_row;
	/* A claim's: */
	struct ovsdb_uuid row; /* the VPort's */
	const struct fleet_vport *wanted;
	bool
	    others; /* hosts that may have said something of it, which is not in the way as long as it is not active */
	/*
	 * A status where there is none is one too many if there is one, which the store refuses as a whole by its index, without looking
	 * through all rows.  alone: looked for before, so that it is a conflict, of this VPort's; and so is whether others have said something.
	 */
	bool alone;
};

/* fleet_write_add returns the operations with those of one more, or NULL: memory; it takes the array. */
json_t *fleet_write_add(json_t *operations, const struct fleet_write *write);

/*
 * A store takes one transaction after the other, so what hosts report is in the way of what it is told, and of the statuses that other hosts wait for.
 * fleet_rests: nobody waits for this one, which says of what was active only that it still is, of which generation, and why not of the last.
 * fleet_rest_ns: for how long a host keeps such a one to itself after a transaction that took so long: ten times that, 1.5 s at most, and down to
 * half as long, by the host's name, so that those who began together do not go on together.  What comes meanwhile is one transaction then.
 */
bool fleet_rests(enum fleet_action action, struct fleet_status status, struct fleet_status mine);
uint64_t fleet_rest_ns(uint64_t took_ns, const char *host);

#endif
