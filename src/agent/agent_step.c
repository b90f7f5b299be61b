/* SPDX-License-Identifier: BSD-2-Clause */
/* Each VPort's next step: decided, and begun: a request of the running switch's, or a transaction. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "agent/agent_state.h"
#include "control/live_fleet.h"

static bool step_refuse(struct agent_vport *vport, const char *why)
{
	vport->refused_at = vport->agent->changes;
	snprintf(vport->refused_why, sizeof(vport->refused_why), "%s", why);
	for (char *c = vport->refused_why; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return false;
}

/* place_backend: the directory is this host's to say, the name is safe (fleet_vport_read). */
static bool place_backend(struct agent_vport *vport, struct port_spec *backend)
{
	const struct config_fleet *config = vport->agent->config;
	int len;

	if (!config->sockets)
		return true;
	backend->kind = PORT_VHOST_USER;
	backend->mode = config->mode;
	len = snprintf(backend->place, sizeof(backend->place), "%s/%s.sock", config->sockets, vport->name);
	if (len >= 0 && (size_t)len < sizeof(backend->place))
		return true;
	return step_refuse(vport,
			   "name: with this host's directory of sockets it is longer than a socket's path can be");
}

/* step_place makes of the row what this host is asked for, into vport->placed. */
static bool step_place(struct agent_vport *vport)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(live_adapter(vport->agent->live));
	uint8_t key[VMMQ_KEY_LEN] = { 0 };
	struct ovsdb_why why;

	fleet_placed_fini(&vport->placed);
	if (!vport->wanted.has_key && getrandom(key, sizeof(key), 0) != sizeof(key))
		return step_refuse(vport, strerror(errno));
	if (!fleet_vport_place(&vport->wanted, vmmq_nic_switch_processors(sw), key, &vport->placed, &why))
		return step_refuse(vport, why.text);
	vport->placed.owner = vport->wanted.has_key ? OWNER_FLEET : OWNER_FLEET_OWN_KEY;
	return place_backend(vport, &vport->placed.backend);
}

/* step_compare completes the facts: whether the row can be taken, and is what is here. */
static void step_compare(struct agent_vport *vport)
{
	struct agent *agent = vport->agent;
	struct fleet_facts *facts = &vport->facts;

	if (!vport->has_row || facts->place == FLEET_ELSEWHERE)
		return;
	if (!vport->row_good)
		step_refuse(vport, vport->row_why.text);
	else if (vport->refused_at != agent->changes && vport->applied_at != agent->intent && step_place(vport) &&
		 live_fleet_is(agent->live, &vport->placed)) {
		vport->applied_at = agent->intent;
		fleet_placed_fini(&vport->placed);
	}
	facts->refused = vport->refused_at == agent->changes;
	facts->applied = facts->local != FLEET_ABSENT && vport->applied_at == agent->intent;
}

static const char *status_reason(const struct agent_vport *vport, const struct fleet_decision *decision,
				 char text[AGENT_REASON_MAX])
{
	text[0] = '\0';
	if (vport->facts.refused && decision->status.state == FLEET_REFUSED)
		snprintf(text, AGENT_REASON_MAX, "%s", vport->refused_why);
	else if (vport->facts.refused && decision->status.state == FLEET_ACTIVE)
		snprintf(text, AGENT_REASON_MAX, "generation %lld: %.900s", (long long)vport->facts.generation,
			 vport->refused_why);
	else if (vport->facts.other_active && decision->status.state == FLEET_PREPARED)
		snprintf(text, AGENT_REASON_MAX, "it is active on %s", vport->active_on);
	return text;
}

/* status_said: that is what stands there. */
static bool status_said(const struct agent_vport *vport, const struct fleet_decision *decision, const char *reason)
{
	return decision->action == FLEET_WRITE && decision->status.state == vport->facts.mine.state &&
	       decision->status.generation == vport->facts.mine.generation && strcmp(vport->mine_reason, reason) == 0;
}

static vmmq_status step_run(struct live *live, void *argument, struct vmmq_why *why)
{
	struct agent_vport *vport = argument;

	if (vport->doing == FLEET_APPLY)
		return live_fleet_put(live, &vport->placed, why);
	if (vport->doing == FLEET_ACTIVATE)
		return live_fleet_activate(live, vport->name, why);
	return live_fleet_remove(live, vport->name, why);
}

/* step_refused: why as people read it, without the path to the VPort that a file would have. */
static void step_refused(struct agent_vport *vport, const struct vmmq_why *why)
{
	const char *path = why->path, *end;
	char text[AGENT_REASON_MAX];

	if (strncmp(path, "vports[", 7) == 0 && (end = strchr(path, ']')) != NULL)
		path = end[1] == '.' ? end + 2 : end + 1;
	snprintf(text, sizeof(text), "%s%s%s", path, *path ? ": " : "", why->text);
	step_refuse(vport, text);
}

/* step_done: while it was on its way to the disk the row may have become another one. */
static void step_done(struct agent_vport *vport)
{
	vport->refused_at = 0;
	if (vport->doing == FLEET_APPLY && vport->doing_for == vport->row_changes)
		vport->applied_at = vport->agent->intent;
	else if (vport->doing == FLEET_REMOVE)
		vport->applied_at = 0;
}

/* batch_done is a live_done_fn. */
static void batch_done(void *context)
{
	struct agent *agent = context;

	agent->under_way = false;
	for (size_t i = 0; i < agent->batch_count; i++)
		agent->changes += agent->batch[i]->status == VMMQ_SUCCESS;
	for (size_t i = 0; i < agent->batch_count; i++) {
		struct agent_vport *vport = agent->batch_of[i];

		if (vport->request.status == VMMQ_SUCCESS)
			step_done(vport);
		else if (vport->doing_for == vport->row_changes)
			step_refused(vport, &vport->request.why);
		vport->doing = FLEET_REST;
		fleet_placed_fini(&vport->placed);
	}
	agent->batch_count = 0;
	agent->dirty = true;
}

static void batch_add(struct agent_vport *vport, enum fleet_action action)
{
	struct agent *agent = vport->agent;

	if (agent->batch_count == AGENT_BATCH_MAX) {
		agent->dirty = true;
		return;
	}
	vport->doing = action;
	vport->doing_for = vport->row_changes;
	vport->request = (struct live_request){ .run = step_run, .argument = vport, .of_fleet = true };
	agent->batch_of[agent->batch_count] = vport;
	agent->batch[agent->batch_count++] = &vport->request;
}

static void step_one(struct agent_vport *vport)
{
	char text[AGENT_REASON_MAX];
	struct fleet_decision decision;
	const char *reason;

	if (vport->writes != AGENT_WRITES_NOTHING)
		return;
	step_compare(vport);
	decision = fleet_decide(&vport->facts);
	switch (decision.action) {
	case FLEET_REST:
		return;
	case FLEET_APPLY:
		if (vport->placed.name || step_place(vport))
			batch_add(vport, FLEET_APPLY);
		else
			vport->agent->dirty = true;
		return;
	case FLEET_ACTIVATE:
	case FLEET_REMOVE:
		batch_add(vport, decision.action);
		return;
	default:
		reason = status_reason(vport, &decision, text);
		if (!status_said(vport, &decision, reason))
			agent_write(vport, &decision, reason);
	}
}

void agent_step_all(struct agent *agent)
{
	struct agent_vport *vport = NULL;

	while ((vport = agent_vport_next(agent, vport)) != NULL)
		step_one(vport);
	agent_write_all(agent);
	if (!agent->batch_count)
		return;
	agent->under_way = true;
	if (live_submit(agent->live, agent->batch, agent->batch_count, batch_done, agent))
		batch_done(agent);
}
