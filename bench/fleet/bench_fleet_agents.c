/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-fleet-agents any|leader REMOTE...: hosts without a switch, many in a process, by the client that vmmqd has, on any server or on the
 * leader only.  Reads lines "NAME UUID", one a host,
 * to the end of the input; follows for each its own VPorts and statuses, and says of each VPort that it is active.  Tells in lines, with
 * times in nanoseconds of CLOCK_MONOTONIC: "S VPORT GENERATION TIME" seen, "A VPORT GENERATION TIME" the status is in the store,
 * "F HOST WHOLE TIME" follows a server (rows came whole so often), "D HOST TIME" does not any more.  Ends with SIGTERM.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "fleet/fleet_tables.h"
#include "ovsdb/ovsdb_client.h"
#include "ovsdb/ovsdb_put.h"

#define UNDER_WAY 40 /* transactions of one host; its session has 48 */
#define MS_NS     UINT64_C(1000000)

/* A status that is being written. */
struct writing {
	struct agent *agent;
	char vport[FLEET_NAME_MAX + 1]; /* "": a free place */
	int64_t generation;
};

struct agent {
	struct ovsdb_client *client;
	char name[FLEET_NAME_MAX + 1], uuid[OVSDB_UUID_LEN + 1];
	bool follows;
	struct writing writing[UNDER_WAY];
};

static struct agent *agents;
static size_t agent_count, agent_room;

static const char *text_of(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].item[0].key.text;
}

static int64_t number_of(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].item[0].key.integer;
}

static void vport_tell(char kind, const char *vport, int64_t generation)
{
	printf("%c %s %" PRId64 " %" PRIu64 "\n", kind, vport, generation, now_ns());
}

static void agent_changed(void *context, unsigned table, const struct ovsdb_row *before,
			  const struct ovsdb_row *after)
{
	(void)context;
	(void)before;
	if (table == FLEET_VPORT && after)
		vport_tell('S', text_of(after, FLEET_VPORT_NAME), number_of(after, FLEET_VPORT_GENERATION));
	if (table == FLEET_STATUS && after) /* also of what a server that was lost had carried out */
		vport_tell('A', text_of(after, FLEET_STATUS_VPORT), number_of(after, FLEET_STATUS_GENERATION));
}

static const struct ovsdb_row *agent_status_of(const struct ovsdb_rows *rows, const char *vport)
{
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(rows, FLEET_STATUS, row)) &&
	       strcmp(text_of(row, FLEET_STATUS_VPORT), vport) != 0)
		;
	return row;
}

/* writing_place: NULL: that VPort's status is being written, or all places are taken. */
static struct writing *writing_place(struct agent *agent, const char *vport)
{
	struct writing *place = NULL;

	for (unsigned i = 0; i < UNDER_WAY; i++) {
		if (strcmp(agent->writing[i].vport, vport) == 0)
			return NULL;
		if (!agent->writing[i].vport[0])
			place = &agent->writing[i];
	}
	return place;
}

static void agent_written(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	struct writing *writing = context;

	(void)results;
	if (outcome == OVSDB_COMMITTED)
		vport_tell('A', writing->vport, writing->generation);
	else if (outcome == OVSDB_REFUSED)
		fprintf(stderr, "%s: %s\n", writing->vport, why);
	writing->vport[0] = '\0';
}

static json_t *status_operation(const struct agent *agent, const char *vport, int64_t generation, bool there)
{
	if (there)
		return json_pack("[{s:s, s:s, s:[[s, s, s], [s, s, s]], s:{s:I}}]", "op", "update", "table",
				 "VPort_Status", "where", "vport", "==", vport, "host", "==", agent->name, "row",
				 "generation", (json_int_t)generation);
	/* It is not there, for all that is known: an answer may come before the row that it is about. */
	return json_pack(
	    "[{s:s, s:i, s:s, s:[[s, s, s], [s, s, s]], s:[s], s:s, s:[]}, {s:s, s:s, s:{s:s, s:s, s:I, s:s, s:s}}]",
	    "op", "wait", "timeout", 0, "table", "VPort_Status", "where", "vport", "==", vport, "host",
	    "==", agent->name, "columns", "state", "until", "==", "rows", "op", "insert", "table", "VPort_Status",
	    "row", "vport", vport, "host", agent->name, "generation", (json_int_t)generation, "state", "active",
	    "reason", "");
}

static void agent_write(struct agent *agent)
{
	struct ovsdb_session *session = ovsdb_client_session(agent->client);
	const struct ovsdb_rows *rows = ovsdb_session_rows(session);
	const struct ovsdb_row *vport = NULL;
	struct ovsdb_why why;

	while ((vport = ovsdb_rows_next(rows, FLEET_VPORT, vport))) {
		const char *name = text_of(vport, FLEET_VPORT_NAME);
		int64_t generation = number_of(vport, FLEET_VPORT_GENERATION);
		const struct ovsdb_row *status = agent_status_of(rows, name);
		struct writing *writing;

		if (status && number_of(status, FLEET_STATUS_GENERATION) == generation)
			continue;
		writing = writing_place(agent, name);
		if (!writing)
			continue;
		*writing = (struct writing){ .agent = agent, .generation = generation };
		snprintf(writing->vport, sizeof(writing->vport), "%s", name);
		if (!ovsdb_session_transact(session, status_operation(agent, name, generation, status), agent_written,
					    writing, now_ns(), &why))
			writing->vport[0] = '\0';
	}
}

static void agent_run(struct agent *agent)
{
	struct ovsdb_session *session = ovsdb_client_session(agent->client);
	bool follows;

	ovsdb_client_run(agent->client, now_ns());
	follows = ovsdb_session_state(session) == OVSDB_FOLLOWING;
	if (follows && !agent->follows)
		printf("F %s %" PRIu64 " %" PRIu64 "\n", agent->name, ovsdb_session_counts(session)->whole, now_ns());
	if (!follows && agent->follows)
		printf("D %s %" PRIu64 "\n", agent->name, now_ns());
	agent->follows = follows;
	if (!follows)
		return;
	agent_write(agent);
	ovsdb_client_run(agent->client, now_ns());
}

static void agent_where(struct agent *agent)
{
	struct ovsdb_session *session = ovsdb_client_session(agent->client);

	ovsdb_session_where(session, FLEET_VPORT,
			    json_pack("[[s, s, [s, s]], [s, s, [s, s]]]", "host", "==", "uuid", agent->uuid,
				      "destination", "==", "uuid", agent->uuid),
			    now_ns());
	ovsdb_session_where(session, FLEET_HOST, json_pack("[[s, s, s]]", "name", "==", agent->name), now_ns());
	ovsdb_session_where(session, FLEET_STATUS, json_pack("[[s, s, s]]", "host", "==", agent->name), now_ns());
	ovsdb_session_where(session, FLEET_HOST_STATUS, json_pack("[[s, s, s]]", "host", "==", agent->name),
			    now_ns());
}

static bool agent_start(struct agent *agent, char **words, unsigned remote_count, int epoll_fd, size_t number)
{
	const struct ovsdb_client_params params = {
		.session = { .wanted = &fleet_wanted,
			     .leader_only = strcmp(words[0], "leader") == 0,
			     .changed = agent_changed,
			     .context = agent },
		.remote = (const char *const *)words + 1,
		.remote_count = remote_count,
	};
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = number };
	struct ovsdb_why why;

	agent->client = ovsdb_client_create(&params, now_ns(), &why);
	if (!agent->client) {
		fprintf(stderr, "bench-fleet-agents: %s\n", why.text);
		return false;
	}
	agent_where(agent);
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ovsdb_client_fd(agent->client), &event) == 0;
}

/* agents_read reads all hosts before the first is started: their places are given away. */
static bool agents_read(void)
{
	char name[FLEET_NAME_MAX + 1], uuid[OVSDB_UUID_LEN + 1];

	while (scanf("%64s %36s", name, uuid) == 2) {
		if (agent_count == agent_room) {
			struct agent *more = realloc(agents, (2 * agent_room + 16) * sizeof(*agents));

			if (!more)
				return false;
			agents = more;
			agent_room = 2 * agent_room + 16;
		}
		agents[agent_count] = (struct agent){ 0 };
		memcpy(agents[agent_count].name, name, sizeof(name));
		memcpy(agents[agent_count++].uuid, uuid, sizeof(uuid));
	}
	return agent_count;
}

static int agents_timeout_ms(uint64_t now)
{
	uint64_t wake = UINT64_MAX;

	for (size_t i = 0; i < agent_count; i++)
		if (ovsdb_client_wake_ns(agents[i].client) < wake)
			wake = ovsdb_client_wake_ns(agents[i].client);
	if (wake <= now)
		return 0;
	return wake - now > 1000 * SECOND_NS ? -1 : (int)((wake - now) / MS_NS + 1);
}

static void agents_run_due(uint64_t now)
{
	for (size_t i = 0; i < agent_count; i++)
		if (ovsdb_client_wake_ns(agents[i].client) <= now)
			agent_run(&agents[i]);
}

int main(int argc, char **argv)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	if (argc < 3 || epoll_fd < 0 || !agents_read())
		return 2;
	for (size_t i = 0; i < agent_count; i++)
		if (!agent_start(&agents[i], argv + 1, (unsigned)argc - 2, epoll_fd, i))
			return 1;
	while (true) {
		struct epoll_event events[64];
		int count;

		agents_run_due(now_ns());
		fflush(stdout);
		count = epoll_wait(epoll_fd, events, 64, agents_timeout_ms(now_ns()));
		for (int i = 0; i < count; i++)
			agent_run(&agents[events[i].data.u64]);
	}
}
