/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet vport: what VPorts of the fleet are to be. */
#include <string.h>

#include "ovsdb/ovsdb_put.h"
#include "schema/field.h"
#include "vmmq/fleet/fleet.h"
#include "vmmq/fleet/fleet_check.h"
#include "vmmq/fleet/fleet_flags.h"

/* column_give puts a value where none was given. */
static void column_give(json_t *columns, const char *column, json_t *value)
{
	if (!json_object_get(columns, column))
		json_object_set(columns, column, value);
	json_decref(value);
}

static void columns_complete(json_t *columns, const char *name)
{
	static const char *const rss_columns[] = { "indirection_table", "default_queue", "hash_types", "hash_key" };
	bool spread = false;

	for (size_t i = 0; i < FLEET_COUNT(rss_columns); i++)
		spread = spread || json_object_get(columns, rss_columns[i]);
	column_give(columns, "name", json_string(name));
	column_give(columns, "generation", json_integer(1));
	column_give(columns, "vlans", fleet_nothing());
	column_give(columns, "queue_pairs", json_integer(FIELD_QUEUE_PAIRS_INITIAL));
	column_give(columns, "rss", json_string(spread ? "on" : "off"));
	column_give(columns, "hash_types", fleet_nothing());
	column_give(columns, "hash_key", fleet_nothing());
	column_give(columns, "indirection_table", json_pack("[s, [[i, i]]]", "map", 0, 0));
	column_give(columns, "default_queue", json_integer(0));
	column_give(columns, "primary_queue", json_integer(0));
	column_give(columns, "scaling", json_string("static"));
	column_give(columns, "host", fleet_nothing());
	column_give(columns, "destination", fleet_nothing());
	column_give(columns, "activation", json_string("at_once"));
}

#define PUTS 16 /* tries of an addition that others' are in the way of */

/* name_is_free asks the store. */
static bool name_is_free(struct fleet_store *store, const char *name)
{
	json_t *operations = json_pack("[o]", fleet_wait_none("VPort", "name", name));
	struct ovsdb_why why;
	bool is_free = operations && fleet_store_transact(store, operations, NULL, &why) == OVSDB_COMMITTED;

	json_decref(operations);
	return is_free;
}

/* vport_is_there: the row is as it was to be added. */
static bool vport_is_there(const struct fleet_store *store, const char *name, const struct fleet_kept *kept)
{
	const struct ovsdb_row *row = fleet_vport_named(fleet_store_rows(store), name);
	bool equal = row;

	for (unsigned i = 0; equal && i < FLEET_VPORT_COLUMN_COUNT; i++) {
		const struct ovsdb_type type = fleet_column_type(FLEET_VPORT, i);

		equal = ovsdb_datum_equal(&type, &kept->column[i], &row->column[i]);
	}
	return equal;
}

/* vport_insert: *others: it was something else than the VPort's name that somebody was faster with. */
static int vport_insert(struct fleet_store *store, const char *name, json_t *columns, const struct fleet_kept *kept,
			json_t *guard, bool *others)
{
	json_t *operations = json_pack("[o]", fleet_wait_none("VPort", "name", name));
	json_t *insert = json_pack("{s:s, s:s, s:O}", "op", "insert", "table", "VPort", "row", columns);
	enum ovsdb_outcome outcome = OVSDB_REFUSED;
	struct ovsdb_why why = { OVSDB_NO_MEMORY };
	bool again = false;

	*others = false;
	if (operations && json_array_extend(operations, guard) == 0 && json_array_append(operations, insert) == 0)
		outcome = fleet_carry_out(store, operations, &again, &why);
	json_decref(insert);
	json_decref(operations);
	if (outcome == OVSDB_CONFLICT && again && vport_is_there(store, name, kept))
		outcome = OVSDB_COMMITTED;
	*others = outcome == OVSDB_CONFLICT && name_is_free(store, name);
	if (outcome == OVSDB_CONFLICT)
		return *others ? COMMAND_REFUSED
			       : command_fail(store->line,
					      "somebody else has added a VPort \"%s\" meanwhile; nothing was changed",
					      name);
	if (outcome == OVSDB_LOST)
		return command_fail(store->line, "%s: whether it was added is not known; 'vmmq fleet show' tells",
				    why.text);
	if (outcome == OVSDB_REFUSED)
		return command_fail(store->line, "the store refuses it: %s", why.text);
	fleet_change_print(store->line, name, 1);
	return COMMAND_DONE;
}

/* vport_put: when what is on the host has changed between the question and the answer, it is asked again. */
static int vport_put(struct fleet_store *store, json_t *columns, const struct fleet_kept *kept,
		     const struct fleet_vport *vport)
{
	bool others = true;
	int status = COMMAND_REFUSED;

	for (unsigned i = 0; others && i < PUTS; i++) {
		json_t *guard = json_array();

		others = false;
		status = fleet_fits_at(store, vport, &vport->host, guard);
		if (status == COMMAND_DONE)
			status = vport_insert(store, vport->name, columns, kept, guard, &others);
		json_decref(guard);
	}
	if (others)
		return command_fail(store->line,
				    "what is on the host has changed %d times meanwhile; nothing was "
				    "changed: repeat this",
				    PUTS);
	return status;
}

static int vport_add(struct fleet_store *store, json_t *columns)
{
	const char *name = command_operand(store->line, 0);
	struct fleet_kept kept = { 0 };
	struct fleet_vport vport;
	int status = fleet_host_take(store, columns);

	if (status == COMMAND_DONE && fleet_vport_named(fleet_store_rows(store), name))
		status = command_fail(store->line, "the store has a VPort \"%s\" already", name);
	columns_complete(columns, name);
	if (status == COMMAND_DONE)
		status = fleet_columns_check(store->line, &kept, columns, &vport);
	if (status == COMMAND_DONE)
		status = vport_put(store, columns, &kept, &vport);
	fleet_kept_fini(&kept);
	return status;
}

static int cmd_fleet_vport_add_run(const struct command_line *line)
{
	json_t *columns = json_object();
	int status = fleet_flags_take(line, columns);
	struct fleet_store store;

	if (status == COMMAND_DONE) {
		status = fleet_open_for(&store, line, command_operand(line, 0), true);
		if (status == COMMAND_DONE)
			status = vport_add(&store, columns);
		fleet_store_close(&store);
	}
	json_decref(columns);
	return status;
}

/* clang-format off */
static const struct command_option add_options[] = {
	{ 0, "mac", "MAC,...", true, "receives frames to these" },
	FLEET_OPTIONS_VPORT,
	{ 0, "host", "HOST", false, "where it is to be (default: nowhere yet)" },
	FLEET_OPTIONS_STORE,
};
/* clang-format on */

static const struct command fleet_vport_add = {
	.name = "fleet vport add",
	.summary = "add a VPort",
	.operands = "NAME",
	.operand_min = 1,
	.operand_max = 1,
	.options = add_options,
	.option_count = FLEET_COUNT(add_options),
	.description = "Adds a VPort, which its host then makes. Queues are numbered from 0 and are the same on "
		       "every host, which maps "
		       "them to its processors. Giving any of --table, --default, --types and --key turns RSS on, "
		       "unless --rss says "
		       "otherwise. What the host would refuse is refused here.",
	.examples =
	    "vmmq fleet vport add web --mac 02:00:00:00:00:01 --queue-pairs 4 --table 0,1,2,3 \\\n    --host hv1",
	.run = cmd_fleet_vport_add_run,
};

static int cmd_fleet_vport_rm_run(const struct command_line *line)
{
	const char *name = command_operand(line, 0);
	char why[FLEET_SENTENCE_MAX];
	struct fleet_store store;
	int status = fleet_open_for(&store, line, name, true);
	const struct ovsdb_row *vport = status == COMMAND_DONE ? fleet_vport_needed(&store, name) : NULL;

	if (vport && !fleet_remove_vport(&store, vport, why))
		status = command_fail(line, "%s", why);
	else if (vport)
		fleet_print(line, json_pack("{s:s, s:b}", "vport", name, "removed", 1));
	else if (status == COMMAND_DONE)
		status = COMMAND_REFUSED;
	fleet_store_close(&store);
	return status;
}

static const struct command_option rm_options[] = { FLEET_OPTIONS_STORE };

static const struct command fleet_vport_rm = {
	.name = "fleet vport rm",
	.summary = "remove a VPort",
	.operands = "NAME",
	.operand_min = 1,
	.operand_max = 1,
	.options = rm_options,
	.option_count = FLEET_COUNT(rm_options),
	.description =
	    "Removes a VPort from the store; the host that it is on removes it then, whether traffic flows or not.",
	.examples = "vmmq fleet vport rm web",
	.run = cmd_fleet_vport_rm_run,
};

static const struct command *const family[] = { &fleet_vport_add, &fleet_vport_set, &fleet_vport_rm, NULL };

const struct command fleet_vport_family = {
	.name = "fleet vport",
	.family = family,
	.summary = "add, change and remove VPorts of the fleet",
	.operands = "",
	.description = "Changes what VPorts of the fleet are to be. A change is in the store when the command ends; "
		       "'vmmq fleet show' says what hosts have made of it.",
};
