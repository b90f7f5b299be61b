/* SPDX-License-Identifier: BSD-2-Clause */
/* What `fleet.show` answers (docs/rpc.md). */
#include <string.h>

#include "agent/agent_state.h"
#include "control/live_fleet.h"

static const char *place_text(enum fleet_place place)
{
	static const char *const texts[] = {
		[FLEET_GONE] = "gone",
		[FLEET_ELSEWHERE] = "elsewhere",
		[FLEET_IS_HOST] = "host",
		[FLEET_IS_DESTINATION] = "destination",
	};

	return texts[place];
}

static const char *local_text(enum fleet_local local)
{
	static const char *const texts[] = {
		[FLEET_ABSENT] = "absent",
		[FLEET_HELD] = "deactivated",
		[FLEET_RUNS] = "activated",
	};

	return texts[local];
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *record_one(const struct agent *agent, const struct agent_vport *vport)
{
	const struct fleet_facts *facts = &vport->facts;
	enum fleet_local local = FLEET_ABSENT;
	struct vmmq_vport_id id = { 0 };
	bool active;

	if (live_fleet_find(agent->live, vport->name, &id, &active))
		local = active ? FLEET_RUNS : FLEET_HELD;
	return json_pack("{s:s, s:o, s:s, s:I, s:s, s:s, s:o, s:I, s:o}", "name", vport->name, "vport",
			 local == FLEET_ABSENT ? json_null() : json_integer(id.v), "place", place_text(facts->place),
			 "generation", (json_int_t)facts->generation, "activation",
			 facts->activation == FLEET_FIRST_FRAME ? "first_frame" : "at_once", "here",
			 local_text(local), "state", text_or_null(fleet_state_name(facts->mine.state)),
			 "state_generation", (json_int_t)facts->mine.generation, "reason",
			 text_or_null(vport->mine_reason));
}

static json_t *record_all(const struct agent *agent)
{
	const struct agent_vport *vport = NULL;
	json_t *list = json_array();

	while ((vport = agent_vport_next(agent, vport)) != NULL)
		json_array_append_new(list, record_one(agent, vport));
	return list;
}

void agent_figures(const struct agent *agent, struct agent_figures *figures)
{
	const struct agent_vport *vport = NULL;

	*figures = (struct agent_figures){
		.connected = agent->told,
		.since = (uint64_t)agent->since,
		.connections = agent->connections,
		.apart_ns = agent->told ? 0 : now_ns() - agent->parted_ns,
	};
	memcpy(figures->outcomes, agent->outcomes, sizeof(figures->outcomes));
	while ((vport = agent_vport_next(agent, vport)) != NULL)
		figures->vports[vport->facts.mine.state]++;
}

const char *agent_outcome_name(enum ovsdb_outcome outcome)
{
	static const char *const names[] = {
		[OVSDB_COMMITTED] = "committed",
		[OVSDB_CONFLICT] = "conflict",
		[OVSDB_REFUSED] = "refused",
		[OVSDB_LOST] = "lost",
	};

	return names[outcome];
}

static json_t *record_transactions(const struct agent *agent)
{
	json_t *record = json_object();

	for (unsigned i = 0; i <= OVSDB_LOST; i++)
		json_object_set_new(record, agent_outcome_name((enum ovsdb_outcome)i),
				    json_integer((json_int_t)agent->outcomes[i]));
	return record;
}

json_t *agent_record(const struct agent *agent)
{
	struct ovsdb_client_status status;

	ovsdb_client_status(agent->client, &status);
	return json_pack(
	    "{s:b, s:s, s:b, s:b, s:b, s:s, s:I, s:o, s:o, s:s?, s:I, s:o, s:o}", "configured", 1, "host",
	    agent->config->host, "known", agent->known, "drain", agent->drain, "connected", agent->told, "server",
	    status.remote, "since", (json_int_t)agent->since, "reason", text_or_null(agent->told ? "" : status.why),
	    "refused", text_or_null(agent->refusal), "writes_to", ovsdb_writer_remote(agent->writer), "connections",
	    (json_int_t)agent->connections, "transactions", record_transactions(agent), "vports", record_all(agent));
}
