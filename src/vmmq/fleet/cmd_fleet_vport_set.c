/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet vport set: another intent for a VPort. */
#include <string.h>

#include "vmmq/fleet/fleet.h"
#include "vmmq/fleet/fleet_check.h"
#include "vmmq/fleet/fleet_flags.h"

/* What is taken away: the flag, the option that it contradicts, and the column. */
static const char *const taken_away[][3] = {
	{ "no-vlan", "vlan", "vlans" },
	{ "no-types", "types", "hash_types" },
	{ "no-key", "key", "hash_key" },
	{ "no-host", "host", "host" },
};

static int flags_take_away(const struct command_line *line, json_t *columns)
{
	for (size_t i = 0; i < FLEET_COUNT(taken_away); i++) {
		if (!command_flag(line, taken_away[i][0]))
			continue;
		if (command_flag(line, taken_away[i][1]))
			return command_usage(line, "--%s and --%s contradict each other", taken_away[i][1],
					     taken_away[i][0]);
		json_object_set_new(columns, taken_away[i][2], fleet_nothing());
	}
	if (json_object_size(columns) == 0 && !command_flag(line, "host"))
		return command_usage(line, "nothing to change: give one of the options");
	return COMMAND_DONE;
}

/* host_may_change: a VPort that is somewhere gets elsewhere by a move. */
static int host_may_change(const struct fleet_store *store, const struct ovsdb_row *vport, const json_t *columns)
{
	const char *name = fleet_text(vport, FLEET_VPORT_NAME), *to = command_value(store->line, "host");
	const char *host = fleet_host_name(fleet_store_rows(store), vport, FLEET_VPORT_HOST);

	if (!json_object_get(columns, "host"))
		return COMMAND_DONE;
	if (fleet_uuid(vport, FLEET_VPORT_DESTINATION))
		return command_fail(store->line,
				    "%s is on its way from %s to %s; 'vmmq fleet move %s' with --finish or --cancel "
				    "ends that",
				    name, host,
				    fleet_host_name(fleet_store_rows(store), vport, FLEET_VPORT_DESTINATION), name);
	if (to && host[0] && strcmp(to, host) != 0)
		return command_fail(store->line, "%s is on %s; 'vmmq fleet move %s %s' moves it", name, host, name,
				    to);
	return COMMAND_DONE;
}

static int vport_change(struct fleet_store *store, const struct fleet_kept *read, json_t *columns, json_t *guard)
{
	int64_t generation = read->column[FLEET_VPORT_GENERATION].item[0].key.integer;
	char why[FLEET_SENTENCE_MAX];

	if (!fleet_change_kept(store, read, json_incref(columns), json_incref(guard), why))
		return command_fail(store->line, "%s", why);
	fleet_change_print(store->line, command_operand(store->line, 0), generation + 1);
	return COMMAND_DONE;
}

/* vport_set: read is the row as it was read, wanted what it is to become. */
static int vport_set(struct fleet_store *store, json_t *columns)
{
	const struct ovsdb_row *row = fleet_vport_needed(store, command_operand(store->line, 0));
	struct fleet_kept read = { 0 }, wanted = { 0 };
	json_t *guard;
	struct fleet_vport vport;
	int status;

	if (!row)
		return COMMAND_REFUSED;
	guard = json_array();
	status = fleet_host_take(store, columns);
	if (status == COMMAND_DONE)
		status = host_may_change(store, row, columns);
	if (status == COMMAND_DONE && (!fleet_keep(&read, store, row) || !fleet_keep(&wanted, store, row)))
		status = command_fail(store->line, OVSDB_NO_MEMORY);
	if (status == COMMAND_DONE)
		status = fleet_columns_check(store->line, &wanted, columns, &vport);
	if (status == COMMAND_DONE)
		status = fleet_fits_at(store, &vport, &vport.host, guard);
	if (status == COMMAND_DONE)
		status = fleet_fits_at(store, &vport, &vport.destination, guard);
	if (status == COMMAND_DONE)
		status = vport_change(store, &read, columns, guard);
	json_decref(guard);
	fleet_kept_fini(&read);
	fleet_kept_fini(&wanted);
	return status;
}

static int cmd_fleet_vport_set_run(const struct command_line *line)
{
	json_t *columns = json_object();
	int status = fleet_flags_take(line, columns);
	struct fleet_store store;

	if (status == COMMAND_DONE)
		status = flags_take_away(line, columns);
	if (status == COMMAND_DONE) {
		status = fleet_open_for(&store, line, command_operand(line, 0), true);
		if (status == COMMAND_DONE)
			status = vport_set(&store, columns);
		fleet_store_close(&store);
	}
	json_decref(columns);
	return status;
}

/* clang-format off */
static const struct command_option set_options[] = {
	{ 0, "mac", "MAC,...", false, "receives frames to these, and no others" },
	FLEET_OPTIONS_VPORT,
	{ 0, "no-vlan", NULL, false, "untagged frames" },
	{ 0, "no-types", NULL, false, "the six hash types without _ex" },
	{ 0, "no-key", NULL, false, "each host makes a key of its own" },
	{ 0, "host", "HOST", false, "where it is to be, when it is nowhere" },
	{ 0, "no-host", NULL, false, "take it away from its host" },
	FLEET_OPTIONS_STORE,
};
/* clang-format on */

const struct command fleet_vport_set = {
	.name = "fleet vport set",
	.summary = "change a VPort",
	.operands = "NAME",
	.operand_min = 1,
	.operand_max = 1,
	.options = set_options,
	.option_count = FLEET_COUNT(set_options),
	.description = "Changes what is given, all or nothing, and leaves the rest as it is. What the host would "
		       "refuse is refused here, "
		       "and so is a change of what somebody else has changed meanwhile.",
	.examples =
	    "vmmq fleet vport set web --queue-pairs 8 --scaling dynamic\n\nvmmq fleet vport set web --no-host",
	.run = cmd_fleet_vport_set_run,
};
