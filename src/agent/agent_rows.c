/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts: what the store's rows and the running switch say of each VPort. */
#include <stdio.h>
#include <string.h>

#include "agent/agent_state.h"
#include "control/live_fleet.h"

static const struct ovsdb_uuid no_host;

static bool uuid_is(const struct ovsdb_uuid *a, const struct ovsdb_uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* column_text returns the one text of a column, or "": a server's schema may allow more or fewer. */
static const char *column_text(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].count == 1 ? row->column[column].item[0].key.text : "";
}

/* read_self finds this host's row. */
static void read_self(struct agent *agent)
{
	const struct ovsdb_rows *rows = ovsdb_session_rows(agent->session);
	const struct ovsdb_row *row = NULL;

	agent->known = false;
	while ((row = ovsdb_rows_next(rows, FLEET_HOST, row)) != NULL) {
		const struct ovsdb_datum *drain = &row->column[FLEET_HOST_DRAIN];

		if (strcmp(column_text(row, FLEET_HOST_NAME), agent->config->host) != 0)
			continue;
		agent->known = true;
		agent->self = row->uuid;
		agent->drain = drain->count == 1 && drain->item[0].key.boolean;
	}
}

static void read_destination(const struct agent *agent, struct agent_vport *vport)
{
	const struct ovsdb_row *host =
	    ovsdb_rows_find(ovsdb_session_rows(agent->session), FLEET_HOST, &vport->wanted.destination);
	const char *name = host ? column_text(host, FLEET_HOST_NAME) : "";

	if (strlen(name) <= FLEET_NAME_MAX)
		memcpy(vport->destination_name, name, strlen(name) + 1);
}

static enum fleet_place place_of(const struct agent *agent, const struct fleet_vport *wanted)
{
	if (uuid_is(&wanted->host, &agent->self))
		return FLEET_IS_HOST;
	return uuid_is(&wanted->destination, &agent->self) ? FLEET_IS_DESTINATION : FLEET_ELSEWHERE;
}

static void read_row(struct agent *agent, const struct ovsdb_row *row)
{
	struct fleet_vport wanted;
	struct agent_vport *vport;
	struct ovsdb_why why;
	bool good = fleet_vport_read(&wanted, row->column, &why);

	vport = agent_vport_get(agent, wanted.name);
	if (!vport)
		return;
	vport->has_row = true;
	vport->row_good = good;
	vport->row = row->uuid;
	vport->wanted = wanted;
	vport->row_why = why;
	vport->facts.generation = wanted.generation;
	vport->facts.activation = wanted.activation;
	vport->facts.place = place_of(agent, &wanted);
	vport->facts.moves = !uuid_is(&wanted.host, &no_host) && !uuid_is(&wanted.destination, &no_host);
	if (vport->facts.moves && vport->facts.place == FLEET_IS_HOST)
		read_destination(agent, vport);
}

static void read_rows(struct agent *agent)
{
	const struct ovsdb_rows *rows = ovsdb_session_rows(agent->session);
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(rows, FLEET_VPORT, row)) != NULL)
		read_row(agent, row);
}

static void read_status(struct agent *agent, const struct ovsdb_row *row)
{
	const struct ovsdb_datum *generation = &row->column[FLEET_STATUS_GENERATION];
	const char *host = column_text(row, FLEET_STATUS_HOST);
	struct fleet_status status = { 0 };
	struct agent_vport *vport = agent_vport_get(agent, column_text(row, FLEET_STATUS_VPORT));

	if (!vport || !fleet_state_read(&status.state, column_text(row, FLEET_STATUS_STATE)))
		return;
	if (generation->count == 1)
		status.generation = generation->item[0].key.integer;
	if (strcmp(host, agent->config->host) == 0) {
		vport->facts.mine = status;
		vport->mine_row = row->uuid;
		snprintf(vport->mine_reason, sizeof(vport->mine_reason), "%s", column_text(row, FLEET_STATUS_REASON));
		return;
	}
	if (status.state == FLEET_ACTIVE) {
		vport->facts.other_active = true;
		snprintf(vport->active_on, sizeof(vport->active_on), "%.64s", host);
	}
	if (vport->destination_name[0] && strcmp(host, vport->destination_name) == 0)
		vport->facts.destination = status;
}

static void read_statuses(struct agent *agent)
{
	const struct ovsdb_rows *rows = ovsdb_session_rows(agent->session);
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(rows, FLEET_STATUS, row)) != NULL)
		read_status(agent, row);
}

/* read_frames tells whether the guest has sent something since its VPort was first seen held. */
static void read_frames(const struct agent *agent, struct agent_vport *vport, struct vmmq_vport_id id)
{
	struct host_counters counters;

	host_counters_read(live_host(agent->live), id, &counters);
	if (!vport->counted)
		vport->frames_before = counters.from_guest_packets;
	vport->counted = true;
	vport->facts.frame = counters.from_guest_packets > vport->frames_before;
}

static void read_switch(struct agent *agent)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(live_adapter(agent->live));

	for (int32_t id = live_fleet_next(agent->live, -1); id >= 0; id = live_fleet_next(agent->live, id)) {
		struct vmmq_vport_info info;
		struct agent_vport *vport;

		if (!vmmq_vport_get(sw, (struct vmmq_vport_id){ (uint16_t)id }, &info) ||
		    !(vport = agent_vport_get(agent, info.name)))
			continue;
		vport->facts.local = info.state == VMMQ_VPORT_ACTIVATED ? FLEET_RUNS : FLEET_HELD;
		if (vport->facts.local == FLEET_HELD)
			read_frames(agent, vport, info.id);
	}
}

void agent_read(struct agent *agent)
{
	struct agent_vport *vport = NULL;

	read_self(agent);
	while ((vport = agent_vport_next(agent, vport)) != NULL) {
		vport->has_row = vport->row_good = false;
		vport->mine_reason[0] = vport->active_on[0] = vport->destination_name[0] = '\0';
		vport->facts = (struct fleet_facts){ .place = FLEET_GONE };
	}
	read_rows(agent);
	read_statuses(agent);
	read_switch(agent);
	while ((vport = agent_vport_next(agent, vport)) != NULL) {
		if (vport->facts.local != FLEET_HELD)
			vport->counted = false;
		if (vport->facts.mine.state == FLEET_ACTIVE)
			vport->contested = false;
		vport->facts.claimed = vport->claimed;
		if (vport->writes == AGENT_WROTE && vport->status_changes != vport->written_at)
			vport->writes = AGENT_WRITES_NOTHING;
	}
}
