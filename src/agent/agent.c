/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/agent_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text_hash.h"
#include "control/live_fleet.h"

#define PASSES_MAX 8 /* in one turn: a step of each VPort each */

struct agent_vport *agent_vport_get(struct agent *agent, const char *name)
{
	struct agent_vport **place = &agent->bucket[text_hash(name) % AGENT_BUCKETS], *vport;

	for (vport = *place; vport; vport = vport->next)
		if (strcmp(vport->name, name) == 0)
			return vport;
	if (!name[0] || strlen(name) > FLEET_NAME_MAX || agent->count == AGENT_VPORTS_MAX)
		return NULL;
	vport = calloc(1, sizeof(*vport));
	if (!vport)
		return NULL;
	vport->agent = agent;
	memcpy(vport->name, name, strlen(name) + 1);
	vport->facts.place = FLEET_GONE;
	vport->next = *place;
	*place = vport;
	agent->count++;
	return vport;
}

struct agent_vport *agent_vport_next(const struct agent *agent, const struct agent_vport *vport)
{
	unsigned at = vport ? text_hash(vport->name) % AGENT_BUCKETS + 1 : 0;

	if (vport && vport->next)
		return vport->next;
	for (; at < AGENT_BUCKETS; at++)
		if (agent->bucket[at])
			return agent->bucket[at];
	return NULL;
}

static bool vport_is_over(const struct agent_vport *vport)
{
	return !vport->has_row && vport->facts.mine.state == FLEET_NO_STATUS && vport->facts.local == FLEET_ABSENT &&
	       vport->writes == AGENT_WRITES_NOTHING && vport->doing == FLEET_REST;
}

static void vport_free(struct agent_vport *vport)
{
	fleet_placed_fini(&vport->placed);
	free(vport);
}

/* agent_forget forgets VPorts that neither store nor switch has; all: and all others. */
static void agent_forget(struct agent *agent, bool all)
{
	for (unsigned i = 0; i < AGENT_BUCKETS; i++)
		for (struct agent_vport **place = &agent->bucket[i]; *place;) {
			struct agent_vport *vport = *place;

			if (all || vport_is_over(vport)) {
				*place = vport->next;
				agent->count--;
				vport_free(vport);
			} else {
				place = &vport->next;
			}
		}
}

static const char *store_text(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].count == 1 ? row->column[column].item[0].key.text : "";
}

/* row_changed is an ovsdb_row_changed. */
static void row_changed(void *context, unsigned table, const struct ovsdb_row *before, const struct ovsdb_row *after)
{
	const struct ovsdb_row *row = after ? after : before;
	struct agent *agent = context;
	struct agent_vport *vport;

	agent->dirty = true;
	if (table == FLEET_STATUS) {
		vport = agent_vport_get(agent, store_text(row, FLEET_STATUS_VPORT));
		if (vport && strcmp(store_text(row, FLEET_STATUS_HOST), agent->config->host) == 0)
			vport->status_changes++;
		return;
	}
	agent->changes++;
	vport = table == FLEET_VPORT ? agent_vport_get(agent, store_text(row, FLEET_VPORT_NAME)) : NULL;
	if (!vport)
		return;
	vport->row_changes++;
	vport->applied_at = 0;
}

static bool client_make(struct agent *agent, char *error, size_t error_len)
{
	const struct config_fleet *config = agent->config;
	const struct ovsdb_client_params params = {
		.session = { .wanted = &agent->followed, .changed = row_changed, .context = agent },
		.remote = (const char *const *)config->servers,
		.remote_count = (unsigned)config->server_count,
		.near_count = (unsigned)config->relay_count,
		.tls = { config->private_key, config->certificate, config->ca_certificate },
		.tls_later = true, /* a host forwards whatever the store's matters are */
	};
	struct ovsdb_why why;

	agent->followed = fleet_wanted;
	agent->followed.table_count = AGENT_FOLLOWED;
	agent->client = ovsdb_client_create(&params, now_ns(), &why);
	if (!agent->client) {
		snprintf(error, error_len, "fleet: %s", why.text);
		return false;
	}
	agent->session = ovsdb_client_session(agent->client);
	agent->writer = ovsdb_writer_create(&params, agent->client, now_ns(), &why);
	if (!agent->writer)
		snprintf(error, error_len, "fleet: %s", why.text);
	return agent->writer;
}

struct agent *agent_create(const struct agent_params *params, char *error, size_t error_len)
{
	struct agent *agent = calloc(1, sizeof(*agent));

	if (!agent) {
		config_fleet_free(params->config);
		snprintf(error, error_len, "out of memory");
		return NULL;
	}
	agent->config = params->config;
	agent->live = params->live;
	agent->version = params->version;
	agent->intent = agent->changes = 1;
	agent->dirty = true;
	agent->since = time(NULL);
	if (!client_make(agent, error, error_len)) {
		agent_destroy(agent);
		return NULL;
	}
	agent->saved = agent_saved_open(params->state, agent->session);
	agent_read(agent);
	agent_ask(agent); /* before the first server is asked for everything */
	return agent;
}

void agent_destroy(struct agent *agent)
{
	if (!agent)
		return;
	agent_saved_close(agent->saved);
	ovsdb_writer_destroy(agent->writer); /* this tells of transactions that are lost, and so does the next */
	ovsdb_client_destroy(agent->client);
	agent_forget(agent, true);
	config_fleet_free(agent->config);
	free(agent);
}

struct config_fleet *agent_config(const struct agent *agent)
{
	return agent->config;
}

int agent_fd(const struct agent *agent)
{
	return ovsdb_writer_fd(agent->writer);
}

void agent_hold(struct agent *agent)
{
	agent->held = true;
}

static void connection_tell(struct agent *agent, bool connected)
{
	struct ovsdb_client_status status;

	agent->complained = true;
	agent->told = connected;
	agent->connections += connected;
	if (!connected)
		agent->parted_ns = now_ns();
	agent->since = time(NULL);
	agent->heartbeat_ns = 0;
	ovsdb_client_status(agent->client, &status);
	live_tell(agent->live, connected ? "fleet.connected" : "fleet.disconnected",
		  json_pack("{s:s, s:s*}", "server", status.remote, "reason", connected ? NULL : status.why));
}

/* connection_complain: who begins without a store says once why. */
static void connection_complain(struct agent *agent)
{
	struct ovsdb_client_status status;

	ovsdb_client_status(agent->client, &status);
	if (status.why[0])
		connection_tell(agent, false);
}

/* writes_forget: after a connection has ended, rows say anew what was carried out. */
static void writes_forget(struct agent *agent)
{
	struct agent_vport *vport = NULL;

	while ((vport = agent_vport_next(agent, vport)) != NULL)
		if (vport->writes == AGENT_WROTE)
			vport->writes = AGENT_WRITES_NOTHING;
}

/* connection_look notices that a server is followed, or is not any more. */
static void connection_look(struct agent *agent)
{
	bool following = ovsdb_session_state(agent->session) == OVSDB_FOLLOWING;
	bool settled = ovsdb_session_settled(agent->session);

	if (settled != agent->was_settled)
		agent->dirty = true;
	agent->was_settled = settled;
	if (!following)
		writes_forget(agent);
	if (agent->told && !following)
		connection_tell(agent, false);
	else if (!agent->told && settled)
		connection_tell(agent, true);
	else if (!agent->complained)
		connection_complain(agent);
}

/* pass_make reads, asks and takes a step of each VPort, where something may be to be done, and it is possible now. */
static bool pass_make(struct agent *agent)
{
	if (!agent->dirty || agent->held || live_busy(agent->live))
		return false;
	agent->dirty = false;
	agent_read(agent);
	agent_ask(agent);
	agent_step_all(agent);
	agent_forget(agent, false);
	return true;
}

static bool beat_is_due(const struct agent *agent, uint64_t now)
{
	return agent->told && agent->known && now >= agent->heartbeat_ns;
}

void agent_run(struct agent *agent)
{
	unsigned passes = 0;
	uint64_t now;

	do {
		now = now_ns();
		ovsdb_writer_run(agent->writer, now); /* what the last pass has asked goes out, too */
		connection_look(agent);
		if (agent->waits && ovsdb_writer_session(agent->writer, now)) {
			agent->waits = false;
			agent->dirty = true;
		}
	} while (passes++ < PASSES_MAX && pass_make(agent));
	if (beat_is_due(agent, now) && ovsdb_session_settled(agent->session)) {
		if (agent_beat(agent)) /* those who came together do not write together for ever */
			agent->heartbeat_ns = now + HEARTBEAT_NS + text_hash(agent->config->host) % 15 * SECOND_NS;
		ovsdb_writer_run(agent->writer, now);
	}
}

/* guests_look: has one sent a frame whose VPort waits for that? */
static bool guests_look(const struct agent *agent)
{
	const struct agent_vport *vport = NULL;

	while ((vport = agent_vport_next(agent, vport)) != NULL) {
		struct host_counters counters;
		struct vmmq_vport_id id;

		if (!vport->counted || vport->facts.frame || vport->facts.activation != FLEET_FIRST_FRAME ||
		    vport->facts.place != FLEET_IS_DESTINATION ||
		    !live_fleet_find(agent->live, vport->name, &id, NULL))
			continue;
		host_counters_read(live_host(agent->live), id, &counters);
		if (counters.from_guest_packets > vport->frames_before)
			return true;
	}
	return false;
}

/* refusals_retry: a disk has room again, a directory of sockets was made, rights were given. */
static void refusals_retry(struct agent *agent)
{
	const struct agent_vport *vport = NULL;
	bool any = agent->refusal[0];

	while ((vport = agent_vport_next(agent, vport)) != NULL)
		any = any || vport->refused_at;
	if (!any)
		return;
	agent->changes++;
	agent->dirty = true;
}

void agent_tick(struct agent *agent)
{
	uint64_t now = now_ns();

	if (now >= agent->retry_ns) {
		agent->retry_ns = now + AGENT_RETRY_NS;
		refusals_retry(agent);
	}
	if (guests_look(agent))
		agent->dirty = true;
	if (agent->rests && now >= agent->rest_ns) {
		agent->rests = false;
		agent->dirty = true;
	}
	if (now >= agent->look_ns) {
		agent->look_ns = now + AGENT_LATE_NS;
		agent_write_look(agent, now);
	}
	if (agent->dirty || now >= ovsdb_writer_wake_ns(agent->writer) || beat_is_due(agent, now))
		agent_run(agent);
	agent_saved_tick(agent->saved, agent->session, now);
}

void agent_heard(struct agent *agent, const json_t *event)
{
	static const char *const kinds[] = { "vport.", "filter.", "rss.", "adapter." };
	const char *name = json_string_value(json_object_get(event, "event"));

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !agent->under_way; i++)
		if (strncmp(name, kinds[i], strlen(kinds[i])) == 0) {
			agent->intent++;
			agent->changes++;
			agent->dirty = true;
			return;
		}
}
