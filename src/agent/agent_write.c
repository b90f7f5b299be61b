/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transactions: one for all statuses that a pass decides about, and the next when it has ended, so that what comes meanwhile is one again.
 * A status that the store does not take goes alone from then on, until it has been taken, and holds up no others.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/agent_state.h"
#include "ovsdb/ovsdb_put.h"

/* What is written together.  end: how many operations there are up to those of each. */
struct agent_writes {
	struct agent *agent;
	json_t *operations;
	bool alone;
	uint64_t begun_ns;
	size_t count, end[AGENT_WRITES_MAX];
	struct agent_vport *vport[AGENT_WRITES_MAX];
};

static struct agent_writes *writes_create(struct agent *agent, bool alone)
{
	struct agent_writes *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->agent = agent;
	w->alone = alone;
	w->operations = json_array();
	return w;
}

static void writes_free(struct agent_writes *w)
{
	json_decref(w->operations);
	free(w);
}

/* failed_at returns the place of the VPort whose operation failed; count: none's, or that is not known. */
static size_t failed_at(const struct agent_writes *w, const json_t *results)
{
	size_t failed = 0, place = 0;

	if (w->count == 1)
		return 0;
	while (failed < json_array_size(results) && !json_object_get(json_array_get(results, failed), "error"))
		failed++;
	if (failed == json_array_size(results))
		return w->count;
	while (place < w->count && failed >= w->end[place])
		place++;
	return place;
}

static void vport_written(struct agent_vport *vport)
{
	if (vport->status_changes == vport->written_at)
		vport->writes = AGENT_WROTE;
	vport->write_ns = now_ns();
	vport->claimed = vport->claims;
	vport->alone = false;
}

/* writes_refused: which one it was is known, or each goes for itself, which tells. */
static void writes_refused(struct agent_writes *w, enum ovsdb_outcome outcome, const json_t *results, const char *why)
{
	size_t failed = failed_at(w, results);
	struct agent *agent = w->agent;

	for (size_t i = 0; i < w->count; i++)
		if (failed == w->count || i == failed)
			w->vport[i]->alone = true;
	if (failed < w->count && outcome == OVSDB_CONFLICT)
		w->vport[failed]->contested = true;
	if (failed < w->count && outcome == OVSDB_REFUSED)
		snprintf(agent->refusal, sizeof(agent->refusal), "%s: %s", w->vport[failed]->name, why);
}

/* writes_done is an ovsdb_transacted.  Whatever it was, what is to be done now is decided anew. */
static void writes_done(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	struct agent_writes *w = context;
	struct agent *agent = w->agent;
	const uint64_t now = now_ns();

	for (size_t i = 0; i < w->count; i++) {
		w->vport[i]->writes = AGENT_WRITES_NOTHING;
		if (outcome == OVSDB_COMMITTED)
			vport_written(w->vport[i]);
	}
	if (outcome != OVSDB_LOST)
		agent->rest_ns = now + fleet_rest_ns(now - w->begun_ns, agent->config->host);
	if (outcome == OVSDB_COMMITTED)
		agent->refusal[0] = '\0'; /* another one's is told again when it is tried again */
	else if (outcome != OVSDB_LOST)
		writes_refused(w, outcome, results, why);
	/* One that is refused would be again: the next change, or a retry, asks. */
	if (outcome != OVSDB_REFUSED || !w->alone)
		agent->dirty = true;
	if (!w->alone)
		agent->writing = false;
	agent->outcomes[outcome]++;
	writes_free(w);
}

/* writes_begin takes them. */
static void writes_begin(struct agent_writes *w)
{
	struct agent *agent = w->agent;
	struct ovsdb_session *session = ovsdb_writer_session(agent->writer, now_ns());
	struct ovsdb_why why;

	w->begun_ns = now_ns();
	if (!ovsdb_session_transact(session, w->operations, writes_done, w, w->begun_ns, &why)) {
		snprintf(agent->refusal, sizeof(agent->refusal), "%s: %s", w->vport[0]->name, why.text);
		w->operations = NULL;
		writes_free(w);
		return;
	}
	w->operations = NULL;
	agent->writing = agent->writing || !w->alone;
	for (size_t i = 0; i < w->count; i++) {
		w->vport[i]->writes = AGENT_WRITES;
		w->vport[i]->written_at = w->vport[i]->status_changes;
		w->vport[i]->write_ns = now_ns();
		w->vport[i]->claimed = false;
	}
}

static bool writes_add(struct agent_writes *w, struct agent_vport *vport, const struct fleet_decision *decision,
		       const char *reason)
{
	const struct fleet_write write = {
		.host = vport->agent->config->host,
		.vport = vport->name,
		.action = decision->action,
		.status = decision->status,
		.reason = reason,
		.mine = vport->facts.mine,
		.mine_row = vport->mine_row,
		.row = vport->row,
		.wanted = &vport->wanted,
		.others = vport->facts.moves || vport->contested,
		.alone = w->alone,
	};

	w->operations = fleet_write_add(w->operations, &write);
	if (!w->operations)
		return false;
	vport->claims = decision->action == FLEET_CLAIM;
	w->vport[w->count] = vport;
	w->end[w->count++] = json_array_size(w->operations);
	return true;
}

void agent_write(struct agent_vport *vport, const struct fleet_decision *decision, const char *reason)
{
	struct agent *agent = vport->agent;
	struct agent_writes *w = vport->alone ? NULL : agent->gathers;

	/* With what does not wait it goes, too. */
	if (!w && now_ns() < agent->rest_ns && fleet_rests(decision->action, decision->status, vport->facts.mine)) {
		agent->rests = true;
		return;
	}
	agent->waits = !ovsdb_writer_session(agent->writer, now_ns());
	if (agent->waits || (!vport->alone && agent->writing) || (w && w->count == AGENT_WRITES_MAX))
		return; /* a server to write by, or the end of what is under way, asks again */
	if (!w)
		w = writes_create(agent, vport->alone);
	if (!vport->alone)
		agent->gathers = w;
	if (w && writes_add(w, vport, decision, reason)) {
		if (vport->alone)
			writes_begin(w);
		return;
	}
	snprintf(agent->refusal, sizeof(agent->refusal), "%s: " OVSDB_NO_MEMORY, vport->name);
	agent->gathers = vport->alone ? agent->gathers : NULL;
	if (w)
		writes_free(w);
}

void agent_write_all(struct agent *agent)
{
	struct agent_writes *w = agent->gathers;

	agent->gathers = NULL;
	if (w)
		writes_begin(w);
}

/*
 * agent_write_look: ovsdb-server puts a transaction aside while the end of its log is not carried out, and looks at it again when its database
 * changes (ovsdb/trigger.c).  A new leader may take that end back, which changes nothing; so that it does not lie there until somebody writes,
 * this host does, by its heartbeat.  What was carried out and is not seen since is decided anew: somebody may have changed it again.
 */
void agent_write_look(struct agent *agent, uint64_t now)
{
	struct agent_vport *vport = NULL;

	while ((vport = agent_vport_next(agent, vport)) != NULL) {
		if (now < vport->write_ns + AGENT_LATE_NS)
			continue;
		if (vport->writes == AGENT_WRITES)
			agent->heartbeat_ns = 0;
		if (vport->writes == AGENT_WROTE) {
			vport->writes = AGENT_WRITES_NOTHING;
			agent->dirty = true;
		}
	}
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

static bool beat_write(struct agent *agent, bool first)
{
	struct ovsdb_session *session = ovsdb_writer_session(agent->writer, now_ns());
	struct ovsdb_why why;
	json_t *operation;

	if (!session)
		return false;
	if (first)
		operation = json_pack("[{s:s, s:s, s:o}]", "op", "insert", "table", "Host_Status", "row",
				      beat_row(agent, true));
	else
		operation = json_pack("[{s:s, s:s, s:[[s, s, s]], s:o}]", "op", "update", "table", "Host_Status",
				      "where", "host", "==", agent->config->host, "row", beat_row(agent, false));
	agent->beating =
	    ovsdb_session_transact(session, operation, first ? first_beat_done : beat_done, agent, now_ns(), &why);
	return true;
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

bool agent_beat(struct agent *agent)
{
	return agent->beating || beat_write(agent, false);
}
