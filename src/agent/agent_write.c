/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transactions: one for each status.  All wait for this host's status being what the decision was made on; a claim besides for no other
 * host's being active, and for the VPort's row being what it was.
 */
#include <string.h>
#include <time.h>

#include "agent/agent_state.h"

#define WAIT         "s:s, s:i, s:s, s:s" /* op, timeout, until, table */
#define WAITS(table) "op", "wait", "timeout", 0, "until", "==", "table", table

/* where_mine is this host's status of the VPort. */
static json_t *where_mine(const struct agent_vport *vport)
{
	return json_pack("[[s, s, s], [s, s, s]]", "vport", "==", vport->name, "host",
			 "==", vport->agent->config->host);
}

static json_t *wait_mine(const struct agent_vport *vport)
{
	const struct fleet_status *mine = &vport->facts.mine;
	json_t *rows = mine->state == FLEET_NO_STATUS
			   ? json_array()
			   : json_pack("[{s:I, s:s}]", "generation", (json_int_t)mine->generation, "state",
				       fleet_state_name(mine->state));

	return json_pack("{" WAIT ", s:o, s:[s, s], s:o}", WAITS("VPort_Status"), "where", where_mine(vport),
			 "columns", "generation", "state", "rows", rows);
}

static json_t *wait_others(const struct agent_vport *vport)
{
	return json_pack("{" WAIT ", s:[[s, s, s], [s, s, s], [s, s, s]], s:[s], s:[]}", WAITS("VPort_Status"),
			 "where", "vport", "==", vport->name, "host", "!=", vport->agent->config->host, "state",
			 "==", "active", "columns", "host", "rows");
}

static json_t *host_value(const struct ovsdb_uuid *host)
{
	static const struct ovsdb_uuid none;
	char text[OVSDB_UUID_LEN + 1];

	if (memcmp(host, &none, sizeof(none)) == 0)
		return json_pack("[s, []]", "set");
	ovsdb_uuid_write(host, text);
	return json_pack("[s, s]", "uuid", text);
}

static json_t *wait_row(const struct agent_vport *vport)
{
	const struct fleet_vport *wanted = &vport->wanted;

	return json_pack("{" WAIT ", s:[[s, s, s]], s:[s, s, s], s:[{s:I, s:o, s:o}]}", WAITS("VPort"), "where",
			 "name", "==", vport->name, "columns", "generation", "host", "destination", "rows",
			 "generation", (json_int_t)wanted->generation, "host", host_value(&wanted->host),
			 "destination", host_value(&wanted->destination));
}

static json_t *change_mine(const struct agent_vport *vport, const struct fleet_decision *decision, const char *reason)
{
	const char *state = fleet_state_name(decision->status.state);
	json_int_t generation = (json_int_t)decision->status.generation;

	if (decision->action == FLEET_DELETE)
		return json_pack("{s:s, s:s, s:o}", "op", "delete", "table", "VPort_Status", "where",
				 where_mine(vport));
	if (vport->facts.mine.state != FLEET_NO_STATUS)
		return json_pack("{s:s, s:s, s:o, s:{s:I, s:s, s:s}}", "op", "update", "table", "VPort_Status",
				 "where", where_mine(vport), "row", "generation", generation, "state", state,
				 "reason", reason);
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:I, s:s, s:s}}", "op", "insert", "table", "VPort_Status", "row",
			 "vport", vport->name, "host", vport->agent->config->host, "generation", generation, "state",
			 state, "reason", reason);
}

/* write_done is an ovsdb_transacted.  Whatever it was, what is to be done now is decided anew. */
static void write_done(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	struct agent_vport *vport = context;

	(void)results;
	(void)why;
	vport->writes = AGENT_WRITES_NOTHING;
	if (outcome == OVSDB_COMMITTED && vport->status_changes == vport->written_at)
		vport->writes = AGENT_WROTE;
	if (outcome == OVSDB_COMMITTED)
		vport->agent->refusal[0] = '\0'; /* another one's is told again when it is tried again */
	if (outcome == OVSDB_CONFLICT)
		vport->contested = true;
	if (outcome == OVSDB_REFUSED)
		snprintf(vport->agent->refusal, sizeof(vport->agent->refusal), "%s: %s", vport->name, why);
	else
		vport->agent->dirty =
		    true; /* one that is refused would be again: the next change, or a retry, asks */
}

void agent_write(struct agent_vport *vport, const struct fleet_decision *decision, const char *reason)
{
	struct agent *agent = vport->agent;
	struct ovsdb_why why;
	json_t *operations;

	if (decision->action == FLEET_CLAIM)
		operations = json_pack("[o, o, o, o]", wait_mine(vport), wait_others(vport), wait_row(vport),
				       change_mine(vport, decision, reason));
	else
		operations = json_pack("[o, o]", wait_mine(vport), change_mine(vport, decision, reason));
	vport->written_at = vport->status_changes;
	if (ovsdb_session_transact(agent->session, operations, write_done, vport, now_ns(), &why))
		vport->writes = AGENT_WRITES;
	else
		snprintf(agent->refusal, sizeof(agent->refusal), "%s: %s", vport->name, why.text);
}

static json_t *beat_row(const struct agent *agent, bool first)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(live_adapter(agent->live));
	json_t *row = json_pack("{s:I, s:s, s:I}", "processors", (json_int_t)vmmq_nic_switch_processors(sw)->count,
				"version", agent->version, "heartbeat", (json_int_t)time(NULL));

	if (first)
		json_object_set_new(row, "host", json_string(agent->config->host));
	return row;
}

static void beat_done(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why);

/* first_beat_done is an ovsdb_transacted: one that was not carried out is made up for by the next beat. */
static void first_beat_done(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	struct agent *agent = context;

	(void)results;
	agent->beating = false;
	if (outcome == OVSDB_REFUSED)
		snprintf(agent->refusal, sizeof(agent->refusal), "Host_Status: %s", why);
}

static void beat_write(struct agent *agent, bool first)
{
	struct ovsdb_why why;
	json_t *operation;

	if (first)
		operation = json_pack("[{s:s, s:s, s:o}]", "op", "insert", "table", "Host_Status", "row",
				      beat_row(agent, true));
	else
		operation = json_pack("[{s:s, s:s, s:[[s, s, s]], s:o}]", "op", "update", "table", "Host_Status",
				      "where", "host", "==", agent->config->host, "row", beat_row(agent, false));
	agent->beating = ovsdb_session_transact(agent->session, operation, first ? first_beat_done : beat_done, agent,
						now_ns(), &why);
}

static void beat_done(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	struct agent *agent = context;
	const json_t *count = json_object_get(json_array_get(results, 0), "count");

	(void)why;
	agent->beating = false;
	if (outcome == OVSDB_COMMITTED && json_integer_value(count) == 0)
		beat_write(agent, true);
}

void agent_beat(struct agent *agent)
{
	if (!agent->beating)
		beat_write(agent, false);
}
