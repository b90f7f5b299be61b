/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet release: what a dead host has said of a VPort counts no more. */
#include <string.h>

#include "vmmq/fleet/fleet.h"

/*
 * move_settle: a move that the dead host is a part of ends: where the VPort was there, the destination is its host; where it was to go there, it
 * stays.  NULL: it is in no such move.
 */
static json_t *move_settle(const struct ovsdb_rows *rows, const struct ovsdb_row *vport, const char *host)
{
	const struct ovsdb_uuid *destination = fleet_uuid(vport, FLEET_VPORT_DESTINATION);

	if (!destination)
		return NULL;
	if (strcmp(fleet_host_name(rows, vport, FLEET_VPORT_DESTINATION), host) == 0)
		return json_pack("{s:o}", "destination", fleet_nothing());
	if (strcmp(fleet_host_name(rows, vport, FLEET_VPORT_HOST), host) == 0)
		return json_pack("{s:o, s:o}", "host", fleet_reference(destination), "destination", fleet_nothing());
	return NULL;
}

static bool row_remove(struct fleet_store *store, const struct ovsdb_row *status, char why[FLEET_SENTENCE_MAX])
{
	json_t *operations = json_pack(
	    "[o, o]", fleet_wait_row(FLEET_STATUS, &status->uuid, status->column, FLEET_STATUS_COLUMN_COUNT),
	    fleet_delete(FLEET_STATUS, &status->uuid));
	const struct ovsdb_uuid uuid = status->uuid;
	struct ovsdb_why said;
	bool again;
	enum ovsdb_outcome outcome = fleet_carry_out(store, operations, &again, &said);

	json_decref(operations);
	if (outcome == OVSDB_COMMITTED ||
	    (outcome == OVSDB_CONFLICT && again && !ovsdb_rows_find(fleet_store_rows(store), FLEET_STATUS, &uuid)))
		return true;
	snprintf(why, FLEET_SENTENCE_MAX, "%s",
		 outcome == OVSDB_CONFLICT ? "what the host says of it has changed meanwhile: look at it"
					   : said.text);
	return false;
}

static bool status_remove(struct fleet_store *store, const struct ovsdb_row *vport, const struct ovsdb_row *status,
			  const char *host, char why[FLEET_SENTENCE_MAX])
{
	json_t *columns = vport ? move_settle(fleet_store_rows(store), vport, host) : NULL;

	if (!columns)
		return row_remove(store, status, why);
	return fleet_change_vport(
	    store, vport, columns,
	    json_pack("[o, o]",
		      fleet_wait_row(FLEET_STATUS, &status->uuid, status->column, FLEET_STATUS_COLUMN_COUNT),
		      fleet_delete(FLEET_STATUS, &status->uuid)),
	    why);
}

static int vport_release(struct fleet_store *store, const char *name, const char *host)
{
	const struct ovsdb_rows *rows = fleet_store_rows(store);
	const struct ovsdb_row *status = fleet_status_of(rows, name, host);
	int64_t age = fleet_age(rows, host);
	char why[FLEET_SENTENCE_MAX], when[48];

	if (!status)
		return command_fail(store->line, "%s has not said anything of %s, so nothing is to be released", host,
				    name);
	if (age >= 0 && age <= FLEET_ALIVE && !command_flag(store->line, "force"))
		return command_fail(
		    store->line,
		    "%s was there %s, so it lets go of %s by itself when that is moved or removed. "
		    "--force releases it all the same: make sure that it is dead, or two hosts may have it",
		    host, fleet_age_text(age, when), name);
	if (!status_remove(store, fleet_vport_named(rows, name), status, host, why))
		return command_fail(store->line, "%s", why);
	if (!command_flag(store->line, "json"))
		printf("%s does not count as being on %s any more. %s must not come back without the store in "
		       "reach: it would go on with what it had.\n",
		       name, host, host);
	fleet_print(store->line, json_pack("{s:s, s:s}", "vport", name, "released", host));
	return COMMAND_DONE;
}

static int cmd_fleet_release_run(const struct command_line *line)
{
	const char *name = command_operand(line, 0), *host = command_operand(line, 1);
	struct fleet_store store;
	int status = fleet_open_for(&store, line, name, true);

	if (status == COMMAND_DONE)
		status = vport_release(&store, name, host);
	fleet_store_close(&store);
	return status;
}

static const struct command_option options[] = {
	{ 0, "force", NULL, false, "although the host was there within the last three minutes" },
	FLEET_OPTIONS_STORE,
};

const struct command fleet_release = {
	.name = "fleet release",
	.summary = "a dead host has a VPort no more",
	.operands = "NAME HOST",
	.operand_min = 2,
	.operand_max = 2,
	.options = options,
	.option_count = FLEET_COUNT(options),
	.description = "A VPort is activated nowhere while a host says that it is active there; a host that is dead "
		       "says so for ever. This deletes "
		       "what it has said. Make sure that the host is dead, or that its virtual machines are, before: "
		       "a host that only cannot reach "
		       "the store goes on, and two would have the VPort. A move away from the host ends with it, and "
		       "so does one to it, which is "
		       "taken back.",
	.examples = "vmmq fleet move web hv2 --no-wait && vmmq fleet release web hv1",
	.run = cmd_fleet_release_run,
};
