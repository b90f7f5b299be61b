/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The agent: follows the fleet's store (docs/fleet.md), makes of the running switch what it says of this host's VPorts, and writes their
 * status.  What to do is decided in fleet/fleet_decide.h; here are the rows, the requests and the transactions.
 * A part of the control loop: one descriptor, a tick every 100 ms, nothing waits.  Control thread only.
 */
#ifndef VMMQ_AGENT_AGENT_H
#define VMMQ_AGENT_AGENT_H

#include <jansson.h>

#include "config/config_model.h"
#include "control/live.h"
#include "fleet/fleet_decide.h"
#include "ovsdb/ovsdb_session.h"

struct agent;

/* config: taken over.  state: path of the state, beside which is kept where the store was left; "": nowhere. */
struct agent_params {
	struct config_fleet *config;
	struct live *live;
	const char *state;
	const char *version; /* of this program; outlives the agent */
};

/* agent_create returns NULL with a sentence in error: a server that is none, or no memory.  config is freed then, too. */
struct agent *agent_create(const struct agent_params *params, char *error, size_t error_len);
/* agent_destroy: what is under way (live_submit()) has ended, or will never be taken. */
void agent_destroy(struct agent *agent);

/* agent_fd is readable when agent_run() has something to do; also after live_run().  agent_tick: every 100 ms. */
int agent_fd(const struct agent *agent);
void agent_run(struct agent *agent);
void agent_tick(struct agent *agent);
/* agent_hold: from now on nothing is changed: the program stops. */
void agent_hold(struct agent *agent);

/* agent_heard: an event of the running switch, of which a VPort may now be possible that was not. */
void agent_heard(struct agent *agent, const json_t *event);

/* How it is with the store, for who watches. */
struct agent_figures {
	bool connected;
	uint64_t since;       /* of the connection, or of its end; seconds since 1970 */
	uint64_t connections; /* how often a server was followed */
	uint64_t apart_ns;    /* since when none is; 0: one is */
	uint64_t vports[FLEET_STATES];
	uint64_t outcomes[OVSDB_LOST + 1]; /* of transactions about statuses */
};
void agent_figures(const struct agent *agent, struct agent_figures *figures);
const char *agent_outcome_name(enum ovsdb_outcome outcome); /* "committed" */

/* agent_config: what it was created with; the agent's. */
struct config_fleet *agent_config(const struct agent *agent);

/* agent_record returns what `fleet.show` answers; NULL: memory. */
json_t *agent_record(const struct agent *agent);

#endif
