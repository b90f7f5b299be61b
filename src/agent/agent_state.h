/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the agent share: agent.c its life, agent_rows.c what the store says, agent_where.c which rows are wanted of it,
 * agent_step.c what is done here, agent_write.c what is written there, agent_saved.c what is kept on the disk.
 */
#ifndef VMMQ_AGENT_AGENT_STATE_H
#define VMMQ_AGENT_AGENT_STATE_H

#include "agent/agent.h"
#include "base/clock.h"
#include "fleet/fleet_decide.h"
#include "fleet/fleet_write.h"
#include "ovsdb/ovsdb_writer.h"

#define AGENT_REASON_MAX 1024 /* bytes of a status's reason, as the schema has it */
#define AGENT_VPORTS_MAX 8192 /* of which a host keeps account, whatever a store has: some 35 MiB */
#define AGENT_BUCKETS    1024
#define AGENT_BATCH_MAX  256 /* requests that are submitted together */
/*
 * Statuses in one transaction: a server looks through all statuses for each that is claimed, 1 to 2 ms where there are 20,000, and does nothing else
 * meanwhile.
 */
#define AGENT_WRITES_MAX 64
#define HEARTBEAT_NS     (45 * SECOND_NS) /* and up to a quarter of a minute more, each host its own */
#define AGENT_RETRY_NS   (10 * SECOND_NS) /* what was refused here is tried again */
#define AGENT_LATE_NS    (3 * SECOND_NS)  /* what the store has not answered for so long is helped on */
#define AGENT_FOLLOWED   3                /* tables: not Host_Status */

/* A transaction about a status. */
enum agent_write {
	AGENT_WRITES_NOTHING,
	AGENT_WRITES,
	AGENT_WROTE, /* done, and not seen in the rows yet */
};

/* A VPort that the store says something of, or that is here. */
struct agent_vport {
	struct agent *agent;
	struct agent_vport *next; /* in its bucket */
	char name[FLEET_NAME_MAX + 1];

	/* Of the rows, made anew in each pass. */
	bool has_row, row_good;
	struct ovsdb_uuid row;
	struct fleet_vport wanted;
	struct ovsdb_why row_why;
	struct fleet_facts facts;
	struct ovsdb_uuid mine_row;                /* of facts.mine, where there is one */
	char mine_reason[AGENT_REASON_MAX + 1];    /* of facts.mine */
	char active_on[FLEET_NAME_MAX + 1];        /* another host that has it, or "" */
	char destination_name[FLEET_NAME_MAX + 1]; /* of the row's destination, or "" */

	/* Kept. */
	uint64_t row_changes;    /* of the VPort's row */
	uint64_t status_changes; /* of this host's status */
	uint64_t written_at;     /* status_changes when the transaction began */
	uint64_t write_ns;       /* when it began, and then when it was carried out */
	enum agent_write writes;
	bool claims;    /* with that transaction */
	bool claimed;   /* facts.claimed */
	bool alone;     /* its transaction is not to be one with others', since one like that was not carried out */
	bool contested; /* a claim has failed: others' statuses of it are to be known */
	uint64_t applied_at; /* agent->intent when what is here was what the row says; 0: it has changed */
	uint64_t refused_at; /* agent->changes when it was refused here; 0: not */
	char refused_why[AGENT_REASON_MAX];
	bool counted; /* frames_before is known */
	uint64_t frames_before;
	struct live_request request;
	enum fleet_action doing; /* request's */
	uint64_t doing_for;      /* row_changes when it began */
	struct config_vport placed;
};

struct agent {
	struct config_fleet *config;
	struct live *live;
	const char *version;
	struct ovsdb_wanted followed;
	struct ovsdb_client *client;
	struct ovsdb_session *session; /* client's */
	struct ovsdb_writer *writer;
	struct agent_writes *gathers; /* of this pass, until agent_write_all() */
	bool writing;                 /* what a pass has gathered is under way */
	bool waits;                   /* for a server to write by */
	struct agent_vport *bucket[AGENT_BUCKETS];
	size_t count;           /* in all of them */
	struct ovsdb_uuid self; /* of this host's row */
	bool known, drain;      /* there is such a row, and what it says */
	uint64_t intent;        /* changes of the switch by others; from 1 */
	uint64_t changes;       /* the same, of VPorts' and hosts' rows, and the agent's own of the switch */
	bool dirty;             /* something may be to be done */
	bool held;
	bool was_settled;
	bool complained;
	bool told;    /* of a connection, in events and records, which do not speak of moments in between */
	time_t since; /* of the connection, or of its end */
	uint64_t connections, parted_ns; /* how often one was told, and when the last one ended */
	uint64_t heartbeat_ns, retry_ns, look_ns;
	uint64_t rest_ns; /* until when reports wait (fleet_rest_ns) */
	bool rests;       /* one does */
	bool beating;
	uint64_t outcomes[OVSDB_LOST + 1]; /* of transactions about statuses */
	char refusal[512]; /* of what the store has refused last to take from this host; "": nothing */
	struct live_request *batch[AGENT_BATCH_MAX];
	struct agent_vport *batch_of[AGENT_BATCH_MAX];
	size_t batch_count;
	bool under_way;
	struct agent_saved *saved;
};

/* agent_vport_get returns the one of that name, made where there is none; NULL: memory, or the name is none.  agent_vport_next: of NULL the first. */
struct agent_vport *agent_vport_get(struct agent *agent, const char *name);
struct agent_vport *agent_vport_next(const struct agent *agent, const struct agent_vport *vport);

/* agent_read fills in what rows and switch say. */
void agent_read(struct agent *agent);
/*
 * agent_ask tells the session which rows are wanted from now on, and completes the facts with whether those that a decision needs are here.
 */
void agent_ask(struct agent *agent);
/* agent_step_all decides about each VPort, and begins what is to be done. */
void agent_step_all(struct agent *agent);

/*
 * agent_write gathers what is decided for one transaction; reason: "" for none.  agent_write_all begins it.  What cannot be begun now is decided anew
 * when it can.
 */
void agent_write(struct agent_vport *vport, const struct fleet_decision *decision, const char *reason);
void agent_write_all(struct agent *agent);
/* agent_write_look helps on what the store is late with. */
void agent_write_look(struct agent *agent, uint64_t now);
/* agent_beat writes this host's own status; false: there is no server to write by yet. */
bool agent_beat(struct agent *agent);

/*
 * agent_saved_open reads what was kept, into the session; NULL: memory, or there is no place.  agent_saved_tick keeps it, where it has changed, by a
 * thread that ends.  agent_saved_close: a disk that stands still has it for ever, with what it writes, and the process should end.
 */
struct agent_saved *agent_saved_open(const char *state, struct ovsdb_session *session);
void agent_saved_tick(struct agent_saved *saved, const struct ovsdb_session *session, uint64_t now);
void agent_saved_close(struct agent_saved *saved);

#endif
