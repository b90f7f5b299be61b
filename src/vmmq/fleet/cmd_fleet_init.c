/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet init: what a new store needs before hosts may connect. */
#include <string.h>

#include "ovsdb/ovsdb_put.h"
#include "schema/value.h"
#include "vmmq/fleet/fleet.h"

enum { FLEET, CONNECTION, ROLE, PERMISSION, HOST, TABLE_COUNT };
enum { CONNECTION_TARGET, CONNECTION_ROLE };
enum { ROLE_NAME, ROLE_PERMISSIONS };
enum { PERMISSION_TABLE, PERMISSION_AUTHORIZATION, PERMISSION_INSERT_DELETE, PERMISSION_UPDATE };

static const struct ovsdb_column fleet_columns[] = { { "connections", OVSDB_UUID, OVSDB_VOID } };
static const struct ovsdb_column connection_columns[] = {
	[CONNECTION_TARGET] = { "target", OVSDB_STRING, OVSDB_VOID },
	[CONNECTION_ROLE] = { "role", OVSDB_STRING, OVSDB_VOID },
};
static const struct ovsdb_column role_columns[] = {
	[ROLE_NAME] = { "name", OVSDB_STRING, OVSDB_VOID },
	[ROLE_PERMISSIONS] = { "permissions", OVSDB_STRING, OVSDB_UUID },
};
static const struct ovsdb_column permission_columns[] = {
	[PERMISSION_TABLE] = { "table", OVSDB_STRING, OVSDB_VOID },
	[PERMISSION_AUTHORIZATION] = { "authorization", OVSDB_STRING, OVSDB_VOID },
	[PERMISSION_INSERT_DELETE] = { "insert_delete", OVSDB_BOOLEAN, OVSDB_VOID },
	[PERMISSION_UPDATE] = { "update", OVSDB_STRING, OVSDB_VOID },
};
static const struct ovsdb_column host_columns[] = { { "name", OVSDB_STRING, OVSDB_VOID } };

static const struct ovsdb_table tables[] = {
	[FLEET] = { "Fleet", fleet_columns, FLEET_COUNT(fleet_columns) },
	[CONNECTION] = { "Connection", connection_columns, FLEET_COUNT(connection_columns) },
	[ROLE] = { "RBAC_Role", role_columns, FLEET_COUNT(role_columns) },
	[PERMISSION] = { "RBAC_Permission", permission_columns, FLEET_COUNT(permission_columns) },
	[HOST] = { "Host", host_columns, FLEET_COUNT(host_columns) },
};
static const struct ovsdb_wanted wanted = { FLEET_DATABASE, tables, TABLE_COUNT };

/* A host changes what it says itself, and nothing else: of these tables its own rows' columns, in the order of their names. */
#define HOST_ROLE  "host"
#define UPDATE_MAX 3
static const struct permission {
	const char *table, *label;
	const char *update[UPDATE_MAX];
} permissions[] = {
	{ "Host_Status", "host_status", { "heartbeat", "processors", "version" } },
	{ "VPort_Status", "vport_status", { "generation", "reason", "state" } },
};

/* What is missing: operations, and its names for people. */
struct plan {
	json_t *operations, *made;
};

static const struct ovsdb_row *row_with(const struct ovsdb_rows *rows, unsigned table, const char *text)
{
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(rows, table, row)) && strcmp(fleet_text(row, 0), text) != 0)
		;
	return row;
}

static void init_plan_add(struct plan *plan, json_t *operation)
{
	plan->operations = ovsdb_append(plan->operations, operation);
}

static json_t *insert_json(const char *table, const char *label, json_t *row)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "op", "insert", "table", table, "uuid-name", label, "row", row);
}

static bool permission_is(const struct ovsdb_row *row, const struct permission *permission)
{
	const struct ovsdb_datum *update = &row->column[PERMISSION_UPDATE];

	if (strcmp(fleet_text(row, PERMISSION_TABLE), permission->table) != 0 || update->count != UPDATE_MAX ||
	    row->column[PERMISSION_AUTHORIZATION].count != 1 ||
	    strcmp(fleet_text(row, PERMISSION_AUTHORIZATION), "host") != 0 ||
	    !fleet_true(row, PERMISSION_INSERT_DELETE))
		return false;
	for (size_t i = 0; i < UPDATE_MAX; i++)
		if (strcmp(update->item[i].key.text, permission->update[i]) != 0)
			return false;
	return true;
}

/* role_is_ours: it grants what it is to grant, and no more. */
static bool role_is_ours(const struct ovsdb_rows *rows, const struct ovsdb_row *role)
{
	const struct ovsdb_datum *granted = &role->column[ROLE_PERMISSIONS];

	if (granted->count != FLEET_COUNT(permissions))
		return false;
	for (size_t i = 0; i < granted->count; i++) {
		const struct ovsdb_row *row = ovsdb_rows_find(rows, PERMISSION, &granted->item[i].value.uuid);

		if (!row || strcmp(granted->item[i].key.text, permissions[i].table) != 0 ||
		    !permission_is(row, &permissions[i]))
			return false;
	}
	return true;
}

static json_t *permission_json(const struct permission *permission)
{
	json_t *update = json_array();

	for (size_t i = 0; i < UPDATE_MAX; i++)
		update = ovsdb_append(update, json_string(permission->update[i]));
	return json_pack("{s:s, s:s, s:b, s:[s, o]}", "table", permission->table, "authorization", "host",
			 "insert_delete", 1, "update", "set", update);
}

static int role_plan(const struct fleet_store *store, struct plan *plan)
{
	const struct ovsdb_rows *rows = fleet_store_rows(store);
	const struct ovsdb_row *role = row_with(rows, ROLE, HOST_ROLE);
	json_t *granted = json_array();

	if (role) {
		json_decref(granted);
		if (role_is_ours(rows, role))
			return COMMAND_DONE;
		return command_fail(store->line,
				    "the store has another role \"" HOST_ROLE "\": its permissions are not those of "
				    "docs/fleet.md; delete it with ovsdb-client, and repeat");
	}
	init_plan_add(plan, fleet_wait_none("RBAC_Role", "name", HOST_ROLE));
	for (size_t i = 0; i < FLEET_COUNT(permissions); i++) {
		init_plan_add(plan,
			      insert_json("RBAC_Permission", permissions[i].label, permission_json(&permissions[i])));
		granted = ovsdb_append(
		    granted, json_pack("[s, [s, s]]", permissions[i].table, "named-uuid", permissions[i].label));
	}
	init_plan_add(plan,
		      insert_json("RBAC_Role", "role",
				  json_pack("{s:s, s:[s, o]}", "name", HOST_ROLE, "permissions", "map", granted)));
	plan->made = ovsdb_append(plan->made, json_string("role " HOST_ROLE));
	return COMMAND_DONE;
}

/* connection_join puts the new connection into the one row of Fleet, or makes that. */
static void connection_join(const struct ovsdb_rows *rows, struct plan *plan)
{
	const struct ovsdb_row *fleet = ovsdb_rows_next(rows, FLEET, NULL);
	json_t *connection = json_pack("[s, [[s, s]]]", "set", "named-uuid", "connection");

	if (fleet) {
		init_plan_add(plan, json_pack("{s:s, s:s, s:[[s, s, o]], s:[[s, s, o]]}", "op", "mutate", "table",
					      "Fleet", "where", "_uuid", "==", fleet_reference(&fleet->uuid),
					      "mutations", "connections", "insert", connection));
		return;
	}
	init_plan_add(plan, json_pack("{s:s, s:i, s:s, s:[], s:[s], s:s, s:[]}", "op", "wait", "timeout", 0, "table",
				      "Fleet", "where", "columns", "connections", "until", "==", "rows"));
	init_plan_add(plan, insert_json("Fleet", "fleet", json_pack("{s:o}", "connections", connection)));
}

static int listen_plan(const struct fleet_store *store, struct plan *plan)
{
	const char *target = command_value(store->line, "listen");
	const struct ovsdb_rows *rows = fleet_store_rows(store);
	const struct ovsdb_row *connection = target ? row_with(rows, CONNECTION, target) : NULL;
	char made[300];

	if (!target || (connection && strcmp(fleet_text(connection, CONNECTION_ROLE), HOST_ROLE) == 0))
		return COMMAND_DONE;
	if (connection)
		return command_fail(store->line,
				    "the store listens on %s already, with the role \"%s\" and not \"" HOST_ROLE "\"",
				    target, fleet_text(connection, CONNECTION_ROLE));
	init_plan_add(plan, fleet_wait_none("Connection", "target", target));
	init_plan_add(plan, insert_json("Connection", "connection",
					json_pack("{s:s, s:s}", "target", target, "role", HOST_ROLE)));
	connection_join(rows, plan);
	snprintf(made, sizeof(made), "connection %s", target);
	plan->made = ovsdb_append(plan->made, json_string(made));
	return COMMAND_DONE;
}

static int host_plan(const struct fleet_store *store, struct plan *plan, const char *name, unsigned number)
{
	char label[32], made[FLEET_NAME_MAX + 8];

	if (row_with(fleet_store_rows(store), HOST, name))
		return COMMAND_DONE;
	for (unsigned i = 0; i < number; i++)
		if (strcmp(command_operand(store->line, i), name) == 0)
			return COMMAND_DONE;
	snprintf(label, sizeof(label), "host%u", number);
	init_plan_add(plan, fleet_wait_none("Host", "name", name));
	init_plan_add(plan, insert_json("Host", label, json_pack("{s:s, s:b}", "name", name, "drain", 0)));
	snprintf(made, sizeof(made), "host %s", name);
	plan->made = ovsdb_append(plan->made, json_string(made));
	return COMMAND_DONE;
}

static int init_plan_make(const struct fleet_store *store, struct plan *plan)
{
	int status = role_plan(store, plan);

	if (status == COMMAND_DONE)
		status = listen_plan(store, plan);
	for (unsigned i = 0; status == COMMAND_DONE && i < command_operand_count(store->line); i++)
		status = host_plan(store, plan, command_operand(store->line, i), i);
	return status;
}

static void init_plan_print(const struct command_line *line, const struct plan *plan)
{
	const json_t *made;
	size_t i;

	json_array_foreach(plan->made, i, made)
	{
		if (!command_flag(line, "json"))
			printf("%s added\n", json_string_value(made));
	}
	fleet_print(line, json_pack("{s:O}", "added", plan->made));
}

/* init_try plans and carries out; *again: somebody else has added some of it meanwhile, or it is not known whether we have. */
static int init_try(const struct command_line *line, bool *again)
{
	struct plan plan = { json_array(), json_array() };
	const struct fleet_follow follow = { .wanted = &wanted, .writes = true };
	enum ovsdb_outcome outcome = OVSDB_COMMITTED;
	struct fleet_store store;
	struct ovsdb_why why;
	int status = fleet_store_open(&store, line, &follow);

	if (status == COMMAND_DONE)
		status = init_plan_make(&store, &plan);
	if (status == COMMAND_DONE && json_array_size(plan.made))
		outcome = fleet_store_transact(&store, plan.operations, NULL, &why);
	*again = outcome == OVSDB_CONFLICT || outcome == OVSDB_LOST;
	if (outcome != OVSDB_COMMITTED)
		status = *again ? COMMAND_REFUSED : command_fail(line, "the store refuses it: %s", why.text);
	else if (status == COMMAND_DONE)
		init_plan_print(line, &plan);
	fleet_store_close(&store);
	json_decref(plan.operations);
	json_decref(plan.made);
	return status;
}

static int words_check(const struct command_line *line)
{
	const char *target = command_value(line, "listen");
	char hint[VALUE_HINT_MAX] = "";

	if (target && (strncmp(target, "pssl:", 5) != 0 || !target[5] || strlen(target) > 256))
		return command_usage(
		    line,
		    "--listen: found \"%.100s\"; pssl:PORT or pssl:PORT:ADDRESS is needed: without TLS no "
		    "host is told from another",
		    target);
	for (unsigned i = 0; i < command_operand_count(line); i++) {
		const char *name = command_operand(line, i);

		if (strlen(name) > FLEET_NAME_MAX || !value_text(name, 1, FLEET_NAME_MAX, hint))
			return command_usage(line, "HOST: found \"%.100s\"%s; a name of 1 to %d bytes is needed",
					     name, hint, FLEET_NAME_MAX);
	}
	return COMMAND_DONE;
}

#define TRIES 5

static int cmd_fleet_init_run(const struct command_line *line)
{
	int status = words_check(line);
	bool again = status == COMMAND_DONE;

	for (unsigned i = 0; again && i < TRIES; i++)
		status = init_try(line, &again);
	if (again)
		return command_fail(line, "others change the store all the time, or its servers go: repeat this");
	return status;
}

static const struct command_option options[] = {
	{ 0, "listen", "TARGET", false,
	  "where servers listen to hosts, such as pssl:6640; they need --remote=db:VMMQ,Fleet,connections" },
	FLEET_OPTIONS_STORE,
};

const struct command fleet_init = {
	.name = "fleet init",
	.summary = "make what a new store needs, and add hosts",
	.operands = "[HOST]...",
	.operand_max = 256,
	.options = options,
	.option_count = FLEET_COUNT(options),
	.description =
	    "Adds to the store the role that lets a host change what it says itself and nothing else, where servers "
	    "listen to "
	    "hosts with that role, and hosts. What is there already stays as it is, so that twice is once.",
	.examples = "vmmq fleet init --store unix:/run/vmmq/store.sock --listen pssl:6640 hv1 hv2 hv3",
	.run = cmd_fleet_init_run,
};
