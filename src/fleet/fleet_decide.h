/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a host does next with one VPort of the fleet: from what the store says, as far as it is known here, and what is here, to one step.
 * Pure: no I/O, no clock, nothing remembered.  After a step, or when something is known that was not, it is asked again; a host that
 * dies between two steps goes on from what it finds.
 *
 * Never two hosts have a VPort active, but for a moment with FLEET_FIRST_FRAME.  A status of state ACTIVE is the right to be it: it is
 * written before a host activates, in a transaction that fails where another host has it (claim), and changed to another state only
 * after the host has let go, and that is on its disk.  And a host activates only what a claim of its own was told to be carried out
 * for, since when it has not written another state: a status that is read may be one from before, of a server that is behind.  So it
 * does not matter how old what a host knows is.
 */
#ifndef VMMQ_FLEET_FLEET_DECIDE_H
#define VMMQ_FLEET_FLEET_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "fleet/fleet_vport.h"

/* As the store has them; NONE: no row. */
enum fleet_state { FLEET_NO_STATUS, FLEET_PREPARED, FLEET_ACTIVE, FLEET_RELEASED, FLEET_REFUSED, FLEET_STATES };
const char *fleet_state_name(enum fleet_state state); /* "prepared"; "" */
/* fleet_state_read: false: it is no state. */
bool fleet_state_read(enum fleet_state *state, const char *name);

struct fleet_status {
	enum fleet_state state;
	int64_t generation;
};

/* What this host is to a VPort. */
enum fleet_place {
	FLEET_GONE,      /* the store has no such VPort */
	FLEET_ELSEWHERE, /* it is neither host nor destination */
	FLEET_IS_HOST,
	FLEET_IS_DESTINATION,
};

enum fleet_local {
	FLEET_ABSENT,
	FLEET_HELD, /* there, and deactivated */
	FLEET_RUNS, /* activated */
};

struct fleet_facts {
	/* What the store says. */
	bool followed; /* it does so now; else it once did */
	enum fleet_place place;
	int64_t generation;
	bool moves; /* host and destination are both there */
	enum fleet_activation activation;
	struct fleet_status mine;
	bool claimed; /* the last that this process had carried out, or has begun, is a claim, and was carried out */
	struct fleet_status destination; /* of the destination, where this is the host */
	bool other_active;               /* some other host's */
	/* What is here. */
	enum fleet_local local;
	bool refused; /* the row cannot be taken, or could not be carried out here */
	bool applied; /* what is here is what the row says */
	bool frame;   /* its guest has sent one here */
};

enum fleet_action {
	FLEET_REST,
	/* Here: */
	FLEET_APPLY,    /* make it, held, or make what is there as the row says, held or running as it is */
	FLEET_ACTIVATE, /* held to running */
	FLEET_REMOVE,
	/* In the store, on this host's status, as long as that is still what facts.mine says: */
	FLEET_WRITE,  /* status, where another one stands there; a reason is the caller's to add, and to compare */
	FLEET_CLAIM,  /* status, unless another host's is ACTIVE or the VPort's row is another one by now */
	FLEET_DELETE, /* take it away */
};

struct fleet_decision {
	enum fleet_action action;
	struct fleet_status status; /* WRITE, CLAIM */
};

struct fleet_decision fleet_decide(const struct fleet_facts *facts);

#endif
