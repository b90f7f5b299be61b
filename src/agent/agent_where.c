/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which rows are wanted: VPorts of which this host is host or destination, or was; this host's statuses, and all of VPorts that move or that
 * others have; the hosts that they move to.  Nobody else's change is heard of, and as long as nothing moves a question is short, since a
 * server holds each change against all of it.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/agent_state.h"
#include "ovsdb/ovsdb_put.h"

static json_t *where_clause(const char *column, const char *function, json_t *value)
{
	json_t *array = json_array();

	array = ovsdb_append(array, json_string(column));
	array = ovsdb_append(array, json_string(function));
	return ovsdb_append(array, value);
}

static json_t *uuid_value(const struct ovsdb_uuid *uuid)
{
	char text[OVSDB_UUID_LEN + 1];

	ovsdb_uuid_write(uuid, text);
	return ovsdb_append(ovsdb_append(json_array(), json_string("uuid")), json_string(text));
}

static int name_compare(const void *a, const void *b)
{
	return strcmp((*(const struct agent_vport *const *)a)->name, (*(const struct agent_vport *const *)b)->name);
}

/* sorted_list returns all VPorts in the order of their names, so that the same ones are the same question. */
static const struct agent_vport **sorted_list(const struct agent *agent, size_t *count)
{
	const struct agent_vport **list, *vport = NULL;
	size_t all = 0;

	while ((vport = agent_vport_next(agent, vport)) != NULL)
		all++;
	list = malloc((all + 1) * sizeof(const struct agent_vport *));
	*count = 0;
	while (list && (vport = agent_vport_next(agent, vport)) != NULL)
		list[(*count)++] = vport;
	if (list)
		qsort(list, *count, sizeof(const struct agent_vport *), name_compare);
	return list;
}

/* has_left: it is, or was, something here, and the store's row of it is another host's, or gone, or not here yet. */
static bool has_left(const struct agent_vport *vport)
{
	return (vport->facts.mine.state != FLEET_NO_STATUS || vport->facts.local != FLEET_ABSENT) &&
	       (!vport->has_row || vport->facts.place == FLEET_ELSEWHERE);
}

/* needs_others: what to do with it depends on what other hosts say of it. */
static bool needs_others(const struct agent_vport *vport)
{
	return vport->has_row && vport->facts.place != FLEET_ELSEWHERE && (vport->facts.moves || vport->contested);
}

static json_t *vports_wanted(const struct agent *agent, const struct agent_vport *const *list, size_t count)
{
	json_t *where = json_array();

	if (!agent->known)
		where = ovsdb_append(where, json_false());
	if (agent->known) {
		where = ovsdb_append(where, where_clause("host", "includes", uuid_value(&agent->self)));
		where = ovsdb_append(where, where_clause("destination", "includes", uuid_value(&agent->self)));
	}
	for (size_t i = 0; i < count; i++)
		if (has_left(list[i]))
			where = ovsdb_append(where, where_clause("name", "==", json_string(list[i]->name)));
	return where;
}

static json_t *statuses_wanted(const struct agent *agent, const struct agent_vport *const *list, size_t count)
{
	json_t *where = ovsdb_append(json_array(), where_clause("host", "==", json_string(agent->config->host)));

	for (size_t i = 0; i < count; i++)
		if (needs_others(list[i]))
			where = ovsdb_append(where, where_clause("vport", "==", json_string(list[i]->name)));
	return where;
}

/* hosts_wanted: this one, and the destinations of what is to leave it. */
static json_t *hosts_wanted(const struct agent *agent, const struct agent_vport *const *list, size_t count)
{
	json_t *where = ovsdb_append(json_array(), where_clause("name", "==", json_string(agent->config->host)));

	for (size_t i = 0; i < count; i++)
		if (list[i]->has_row && list[i]->facts.moves && list[i]->facts.place == FLEET_IS_HOST)
			where = ovsdb_append(where,
					     where_clause("_uuid", "==", uuid_value(&list[i]->wanted.destination)));
	return where;
}

/* know_followed: of most VPorts all that is needed came together; of some, others' statuses, or where it is now, come when asked for. */
static void know_followed(struct agent *agent)
{
	bool follows = agent->known && ovsdb_session_state(agent->session) == OVSDB_FOLLOWING;
	bool settled = ovsdb_session_settled(agent->session);
	struct agent_vport *vport = NULL;

	while ((vport = agent_vport_next(agent, vport)) != NULL)
		vport->facts.followed = follows && (settled || !(has_left(vport) || needs_others(vport)));
}

void agent_ask(struct agent *agent)
{
	size_t count;
	const struct agent_vport **list = sorted_list(agent, &count);
	uint64_t now = now_ns();

	if (!list)
		return; /* memory: nothing is decided in this pass */
	ovsdb_session_where(agent->session, FLEET_VPORT, vports_wanted(agent, list, count), now);
	ovsdb_session_where(agent->session, FLEET_STATUS, statuses_wanted(agent, list, count), now);
	ovsdb_session_where(agent->session, FLEET_HOST, hosts_wanted(agent, list, count), now);
	free(list);
	know_followed(agent);
}
