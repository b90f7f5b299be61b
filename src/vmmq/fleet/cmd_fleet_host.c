/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet host: hosts that are no more. */
#include <stdio.h>
#include <string.h>

#include "ovsdb/ovsdb_put.h"
#include "vmmq/fleet/fleet.h"

#define NAMED_MAX 8 /* VPorts that a refusal names */

struct occupants {
	const struct ovsdb_rows *rows;
	const struct ovsdb_row *host;
	char text[NAMED_MAX * (FLEET_NAME_MAX + 48)];
	size_t len;
	unsigned count;
};

static void occupant_add(struct occupants *o, const char *vport, const char *how)
{
	if (o->count++ >= NAMED_MAX)
		return;
	o->len +=
	    (size_t)snprintf(o->text + o->len, sizeof(o->text) - o->len, "%s%.64s%s", o->len ? ", " : "", vport, how);
}

static bool is_at(const struct ovsdb_row *vport, enum fleet_vport_column column, const struct ovsdb_row *host)
{
	const struct ovsdb_uuid *uuid = fleet_uuid(vport, column);

	return uuid && memcmp(uuid, &host->uuid, sizeof(*uuid)) == 0;
}

/* occupants_find: what is to be on the host, what is on its way there, and what it has not let go of. */
static void occupants_find(struct occupants *o, const char *host)
{
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(o->rows, FLEET_VPORT, row)))
		if (is_at(row, FLEET_VPORT_HOST, o->host))
			occupant_add(o, fleet_text(row, FLEET_VPORT_NAME), "");
		else if (is_at(row, FLEET_VPORT_DESTINATION, o->host))
			occupant_add(o, fleet_text(row, FLEET_VPORT_NAME), " (on its way there)");
	while ((row = ovsdb_rows_next(o->rows, FLEET_STATUS, row)))
		if (strcmp(fleet_text(row, FLEET_STATUS_HOST), host) == 0 && fleet_state_is(row, "active"))
			occupant_add(o, fleet_text(row, FLEET_STATUS_VPORT), " (active there)");
}

static json_t *delete_of(enum fleet_table table, const char *host)
{
	return json_pack("{s:s, s:s, s:[[s, s, s]]}", "op", "delete", "table", fleet_wanted.table[table].name,
			 "where", "host", "==", host);
}

/* wait_not_active: that none is there the store sees to by itself: its references to the host. */
static json_t *wait_not_active(const char *host)
{
	return json_pack("{s:s, s:i, s:s, s:[[s, s, s], [s, s, s]], s:[s], s:s, s:[]}", "op", "wait", "timeout", 0,
			 "table", fleet_wanted.table[FLEET_STATUS].name, "where", "host", "==", host, "state",
			 "==", "active", "columns", "vport", "until", "==", "rows");
}

static bool host_is_gone(void *context)
{
	const struct fleet_store *store = context;

	return !fleet_host_named(fleet_store_rows(store), command_operand(store->line, 0));
}

static int host_delete(struct fleet_store *store, const struct ovsdb_row *host)
{
	const char *name = command_operand(store->line, 0);
	json_t *operations = json_pack("[o, o, o, o, o]",
				       fleet_wait_row(FLEET_HOST, &host->uuid, host->column, FLEET_HOST_COLUMN_COUNT),
				       wait_not_active(name), delete_of(FLEET_STATUS, name),
				       delete_of(FLEET_HOST_STATUS, name), fleet_delete(FLEET_HOST, &host->uuid));
	enum ovsdb_outcome outcome = OVSDB_REFUSED;
	struct ovsdb_why why = { OVSDB_NO_MEMORY };
	bool again = false;

	if (operations)
		outcome = fleet_carry_out(store, operations, &again, &why);
	json_decref(operations);
	if (outcome == OVSDB_CONFLICT && again && host_is_gone(store))
		outcome = OVSDB_COMMITTED;
	if (outcome == OVSDB_COMMITTED) {
		fleet_print(store->line, json_pack("{s:s, s:b}", "host", name, "removed", 1));
		return COMMAND_DONE;
	}
	if (outcome == OVSDB_CONFLICT)
		return command_fail(store->line,
				    "%s, or what is on it, has changed meanwhile; nothing was changed: "
				    "repeat this",
				    name);
	if (outcome == OVSDB_LOST)
		return command_fail(store->line, "%s: whether it was removed is not known; 'vmmq fleet hosts' tells",
				    why.text);
	return command_fail(store->line, "the store refuses it: %s", why.text);
}

static int host_remove(struct fleet_store *store)
{
	const char *name = command_operand(store->line, 0);
	struct occupants on = { .rows = fleet_store_rows(store) };

	on.host = fleet_host_needed(store, name);
	if (!on.host)
		return COMMAND_REFUSED;
	occupants_find(&on, name);
	if (on.count > NAMED_MAX)
		return command_fail(store->line, "%s is not empty: %s and %u more", name, on.text,
				    on.count - NAMED_MAX);
	if (on.count)
		return command_fail(store->line, "%s is not empty: %s", name, on.text);
	return host_delete(store, on.host);
}

static int cmd_fleet_host_rm_run(const struct command_line *line)
{
	struct fleet_store store;
	int status = fleet_open_for(&store, line, NULL, true);

	if (status == COMMAND_DONE)
		status = host_remove(&store);
	fleet_store_close(&store);
	return status;
}

static const struct command_option rm_options[] = { FLEET_OPTIONS_STORE };

static const struct command fleet_host_rm = {
	.name = "fleet host rm",
	.summary = "remove a host that nothing is on",
	.operands = "HOST",
	.operand_min = 1,
	.operand_max = 1,
	.options = rm_options,
	.option_count = FLEET_COUNT(rm_options),
	.description =
	    "Removes a host from the store, with all that it has said. Refused while VPorts are on it or on "
	    "their way there, or while it has one active ('vmmq fleet drain' moves them, 'vmmq fleet release' "
	    "takes those of a dead host). A vmmqd that goes on under that name takes nothing from the store "
	    "then.",
	.examples = "vmmq fleet drain hv1 && vmmq fleet host rm hv1",
	.run = cmd_fleet_host_rm_run,
};

static const struct command *const family[] = { &fleet_host_rm, NULL };

const struct command fleet_host_family = {
	.name = "fleet host",
	.family = family,
	.summary = "remove hosts of the fleet",
	.operands = "",
	.description = "Changes which hosts there are. 'vmmq fleet init' adds hosts, 'vmmq fleet hosts' shows them.",
};
