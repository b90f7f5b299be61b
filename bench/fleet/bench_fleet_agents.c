/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench-fleet-agents any|leader|relay REMOTE...: hosts without a switch, many in a process, by the client, the writer and the transactions that vmmqd
 * has, on any server, on the leader only, or on the first, which is a relay of the others.  Reads lines "NAME UUID", one a host,
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
#include "fleet/fleet_write.h"
#include "ovsdb/ovsdb_writer.h"

#define TOGETHER 64 /* statuses of a transaction, as src/agent has it */
#define MS_NS    UINT64_C(1000000)

/* A status that is being written, or was, and is not seen in the rows yet. */
struct written {
	char vport[FLEET_NAME_MAX + 1];
	int64_t generation;
};

struct agent {
	struct ovsdb_client *client;
	struct ovsdb_writer *writer;
	char name[FLEET_NAME_MAX + 1], uuid[OVSDB_UUID_LEN + 1];
	bool follows, writes, waits;
	struct written *written; /* the last `writing` of them are under way */
	size_t written_count, written_room, writing;
	uint64_t begun_ns, rest_ns; /* the last transaction, and until when reports wait */
	bool rests;
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

static void written_drop(struct agent *agent, size_t at)
{
	agent->written[at] = agent->written[--agent->written_count];
}

static bool is_written(const struct agent *agent, const char *vport)
{
	for (size_t i = 0; i < agent->written_count; i++)
		if (strcmp(agent->written[i].vport, vport) == 0)
			return true;
	return false;
}

/* written_seen forgets what the rows say by now; nothing is under way. */
static void written_seen(struct agent *agent, const struct ovsdb_rows *rows)
{
	for (size_t i = agent->written_count; i-- > 0;) {
		const struct ovsdb_row *status = agent_status_of(rows, agent->written[i].vport);

		if (status && number_of(status, FLEET_STATUS_GENERATION) >= agent->written[i].generation)
			written_drop(agent, i);
	}
}

static bool written_add(struct agent *agent, const char *vport, int64_t generation)
{
	struct written *more;

	if (agent->written_count == agent->written_room) {
		more = realloc(agent->written, (agent->written_room + TOGETHER) * sizeof(*more));
		if (!more)
			return false;
		agent->written = more;
		agent->written_room += TOGETHER;
	}
	more = &agent->written[agent->written_count++];
	snprintf(more->vport, sizeof(more->vport), "%s", vport);
	more->generation = generation;
	return true;
}

static void agent_written(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	struct agent *agent = context;
	const uint64_t now = now_ns();

	(void)results;
	for (size_t i = agent->written_count - agent->writing; i < agent->written_count; i++)
		if (outcome == OVSDB_COMMITTED)
			vport_tell('A', agent->written[i].vport, agent->written[i].generation);
	if (outcome != OVSDB_COMMITTED)
		agent->written_count -= agent->writing;
	if (outcome == OVSDB_REFUSED)
		fprintf(stderr, "%s: %s\n", agent->name, why);
	agent->writing = 0;
	agent->writes = false;
	if (outcome != OVSDB_LOST)
		agent->rest_ns = now + fleet_rest_ns(now - agent->begun_ns, agent->name);
}

static json_t *status_add(json_t *operations, const struct agent *agent, const struct ovsdb_row *row,
			  const struct ovsdb_row *status)
{
	int64_t generation = number_of(row, FLEET_VPORT_GENERATION);
	struct fleet_vport wanted = { .generation = generation };
	struct fleet_write write = {
		.host = agent->name,
		.vport = text_of(row, FLEET_VPORT_NAME),
		.action = status ? FLEET_WRITE : FLEET_CLAIM,
		.status = { FLEET_ACTIVE, generation },
		.reason = "",
		.row = row->uuid,
		.wanted = &wanted,
	};

	ovsdb_uuid_read(&wanted.host, agent->uuid);
	if (status) {
		write.mine = (struct fleet_status){ FLEET_ACTIVE, number_of(status, FLEET_STATUS_GENERATION) };
		write.mine_row = status->uuid;
	}
	return fleet_write_add(operations, &write);
}

/* agent_gather returns the operations of all statuses that are due, as far as one transaction has them; NULL: none is. */
static json_t *agent_gather(struct agent *agent, const struct ovsdb_rows *rows)
{
	const struct ovsdb_row *row = NULL;
	json_t *operations = NULL;

	while (agent->writing < TOGETHER && (row = ovsdb_rows_next(rows, FLEET_VPORT, row))) {
		const char *name = text_of(row, FLEET_VPORT_NAME);
		int64_t generation = number_of(row, FLEET_VPORT_GENERATION);
		const struct ovsdb_row *status = agent_status_of(rows, name);

		if ((status && number_of(status, FLEET_STATUS_GENERATION) == generation) || is_written(agent, name))
			continue;
		agent->rests = status && !operations && now_ns() < agent->rest_ns;
		if (agent->rests || !written_add(agent, name, generation))
			continue;
		agent->writing++;
		operations = status_add(operations ? operations : json_array(), agent, row, status);
	}
	return operations;
}

static void agent_write(struct agent *agent)
{
	const struct ovsdb_rows *rows = ovsdb_session_rows(ovsdb_client_session(agent->client));
	struct ovsdb_session *session;
	struct ovsdb_why why;
	json_t *operations;

	written_seen(agent, rows);
	operations = agent_gather(agent, rows);
	if (!operations)
		return;
	session = ovsdb_writer_session(agent->writer, now_ns());
	agent->waits = !session;
	agent->begun_ns = now_ns();
	agent->writes =
	    session && ovsdb_session_transact(session, operations, agent_written, agent, agent->begun_ns, &why);
	if (agent->writes)
		return;
	if (!session)
		json_decref(operations);
	agent->written_count -= agent->writing;
	agent->writing = 0;
}

static void agent_run(struct agent *agent)
{
	struct ovsdb_session *session = ovsdb_client_session(agent->client);
	bool follows;

	ovsdb_writer_run(agent->writer, now_ns());
	follows = ovsdb_session_state(session) == OVSDB_FOLLOWING;
	if (follows && !agent->follows)
		printf("F %s %" PRIu64 " %" PRIu64 "\n", agent->name, ovsdb_session_counts(session)->whole, now_ns());
	if (!follows && agent->follows)
		printf("D %s %" PRIu64 "\n", agent->name, now_ns());
	agent->follows = follows;
	agent->rests = agent->rests && now_ns() < agent->rest_ns;
	if (!follows || agent->writes)
		return;
	if (agent->waits && !ovsdb_writer_session(agent->writer, now_ns()))
		return;
	agent_write(agent);
	ovsdb_writer_run(agent->writer, now_ns());
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
		.near_count = strcmp(words[0], "relay") == 0,
	};
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = number };
	struct ovsdb_why why;

	agent->client = ovsdb_client_create(&params, now_ns(), &why);
	if (!agent->client) {
		fprintf(stderr, "bench-fleet-agents: %s\n", why.text);
		return false;
	}
	agent->writer = ovsdb_writer_create(&params, agent->client, now_ns(), &why);
	if (!agent->writer) {
		fprintf(stderr, "bench-fleet-agents: %s\n", why.text);
		return false;
	}
	agent_where(agent);
	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ovsdb_writer_fd(agent->writer), &event) == 0;
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

static uint64_t agent_wake_ns(const struct agent *agent)
{
	uint64_t wake = ovsdb_writer_wake_ns(agent->writer);

	return agent->rests && agent->rest_ns < wake ? agent->rest_ns : wake;
}

static int agents_timeout_ms(uint64_t now)
{
	uint64_t wake = UINT64_MAX;

	for (size_t i = 0; i < agent_count; i++)
		if (agent_wake_ns(&agents[i]) < wake)
			wake = agent_wake_ns(&agents[i]);
	if (wake <= now)
		return 0;
	return wake - now > 1000 * SECOND_NS ? -1 : (int)((wake - now) / MS_NS + 1);
}

static void agents_run_due(uint64_t now)
{
	for (size_t i = 0; i < agent_count; i++)
		if (agent_wake_ns(&agents[i]) <= now)
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
