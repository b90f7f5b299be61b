/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet show: what VPorts are to be, beside what hosts say of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/fleet/fleet.h"
#include "vmmq/show/show.h"

#define VLAN_STORED_ANY 4095 /* in the store */

/* All that is said of VPorts, in their order: one goes on where the VPort before has ended. */
struct said {
	const struct ovsdb_row **status;
	size_t count, at;
};

static json_t *status_json(const struct ovsdb_row *status)
{
	return json_pack("{s:s, s:s, s:I, s:s}", "host", fleet_text(status, FLEET_STATUS_HOST), "state",
			 fleet_text(status, FLEET_STATUS_STATE), "generation",
			 (json_int_t)fleet_number(status, FLEET_STATUS_GENERATION), "reason",
			 fleet_text(status, FLEET_STATUS_REASON));
}

static json_t *said_json(struct said *said, const char *vport)
{
	json_t *list = json_array();

	while (said->at < said->count && strcmp(fleet_text(said->status[said->at], FLEET_STATUS_VPORT), vport) < 0)
		said->at++;
	for (; said->at < said->count && strcmp(fleet_text(said->status[said->at], FLEET_STATUS_VPORT), vport) == 0;
	     said->at++)
		json_array_append_new(list, status_json(said->status[said->at]));
	return list;
}

/* column_json writes sets as lists, maps of entries as the list of their values, and what is absent as null. */
static json_t *column_json(const struct ovsdb_row *vport, enum fleet_vport_column column)
{
	const struct ovsdb_type type = fleet_column_type(FLEET_VPORT, column);
	const struct ovsdb_datum *datum = &vport->column[column];
	bool is_list = column == FLEET_VPORT_MACS || column == FLEET_VPORT_VLANS || column == FLEET_VPORT_HASH_TYPES;
	json_t *list;

	if (!is_list && type.value == OVSDB_VOID)
		return datum->count ? ovsdb_datum_json(&type, datum) : json_null();
	list = json_array();
	for (size_t i = 0; i < datum->count; i++) {
		const union ovsdb_atom *atom = is_list ? &datum->item[i].key : &datum->item[i].value;

		json_array_append_new(list, type.key == OVSDB_STRING ? json_string(atom->text)
								     : json_integer(atom->integer));
	}
	return list;
}

static json_t *intent_json(const struct ovsdb_rows *rows, const struct ovsdb_row *vport, unsigned column_count,
			   struct said *said)
{
	json_t *json = json_object();

	for (unsigned i = 0; i < column_count; i++) {
		const char *name = fleet_wanted.table[FLEET_VPORT].column[i].name;

		if (i == FLEET_VPORT_HOST || i == FLEET_VPORT_DESTINATION)
			json_object_set_new(json, name,
					    fleet_uuid(vport, i) ? json_string(fleet_host_name(rows, vport, i))
								 : json_null());
		else
			json_object_set_new(json, name, column_json(vport, i));
	}
	json_object_set_new(json, "status", said_json(said, fleet_text(vport, FLEET_VPORT_NAME)));
	return json;
}

/* A line of the table: a host that a VPort is or goes to, or another that says something of it. */
static void place_add(struct libscols_table *table, const json_t *vport, const char *host, const char *arrow,
		      const json_t *status, bool first)
{
	char generation[SHOW_TEXT_MAX], where[SHOW_TEXT_MAX + FLEET_NAME_MAX];
	uint64_t wanted = show_number(vport, "generation");
	const char *texts[] = { first ? show_string(vport, "name") : "", where,
				status ? show_string(status, "state") : "-", generation,
				status ? show_string(status, "reason") : "" };

	snprintf(where, sizeof(where), "%s%s", arrow, host);
	if (status)
		snprintf(generation, sizeof(generation), "%" PRIu64 "/%" PRIu64, show_number(status, "generation"),
			 wanted);
	else
		snprintf(generation, sizeof(generation), "-/%" PRIu64, wanted);
	show_row(table, texts, SHOW_COUNT(texts));
}

static const json_t *status_by(const json_t *vport, const char *host)
{
	const json_t *status;
	size_t i;

	json_array_foreach(json_object_get(vport, "status"), i, status)
	{
		if (strcmp(show_string(status, "host"), host) == 0)
			return status;
	}
	return NULL;
}

/* lines_add: its host, its destination, and whoever else has not let go of it. */
static void lines_add(struct libscols_table *table, const json_t *vport)
{
	const char *host = show_string(vport, "host"), *destination = show_string(vport, "destination");
	const json_t *status;
	size_t i;

	place_add(table, vport, host[0] ? host : "none", "", status_by(vport, host), true);
	if (destination[0])
		place_add(table, vport, destination, "-> ", status_by(vport, destination), false);
	json_array_foreach(json_object_get(vport, "status"), i, status)
	{
		const char *by = show_string(status, "host");

		if (strcmp(by, host) != 0 && strcmp(by, destination) != 0 &&
		    strcmp(show_string(status, "state"), "released") != 0)
			place_add(table, vport, by, "", status, false);
	}
}

static void vports_print(const json_t *list)
{
	static const char *const columns[] = { "~VPORT", "HOST", "STATE", ">GENERATION", "~REASON" };
	struct libscols_table *table = show_table(columns, SHOW_COUNT(columns));
	const json_t *vport;
	size_t i;

	json_array_foreach(list, i, vport) lines_add(table, vport);
	show_table_print(table);
}

/* texts_joined: "a, b"; the caller frees it. */
static char *texts_joined(const json_t *list)
{
	const json_t *value;
	size_t i, len = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	json_array_foreach(list, i, value)
	{
		if (json_is_integer(value) && json_integer_value(value) == VLAN_STORED_ANY)
			fprintf(out, "%sany", i ? ", " : ""); /* queues end at 127 */
		else if (json_is_string(value))
			fprintf(out, "%s%s", i ? ", " : "", json_string_value(value));
		else
			fprintf(out, "%s%" JSON_INTEGER_FORMAT, i ? ", " : "", json_integer_value(value));
	}
	fclose(out);
	return text;
}

static void list_print(const char *name, const json_t *list, const char *none)
{
	char *text = texts_joined(list);

	show_line(name, "%s", text && text[0] ? text : none);
	free(text);
}

/* intent_print: all that one VPort is to be.  Keys are shown by --json alone, as for other VPorts. */
static void intent_print(const json_t *vport)
{
	const char *destination = show_string(vport, "destination");

	show_head("VPort %s, generation %" PRIu64, show_string(vport, "name"), show_number(vport, "generation"));
	show_line("host", "%s", show_string(vport, "host")[0] ? show_string(vport, "host") : "none");
	if (destination[0])
		show_line("on its way to", "%s, %s", destination,
			  strcmp(show_string(vport, "activation"), "at_once") == 0 ? "at once"
										   : "with its first frame there");
	list_print("MACs", json_object_get(vport, "macs"), "none");
	list_print("VLANs", json_object_get(vport, "vlans"), "untagged");
	show_line("queue pairs", "%" PRIu64, show_number(vport, "queue_pairs"));
	show_line("RSS", "%s", show_string(vport, "rss"));
	list_print("hash types", json_object_get(vport, "hash_types"), "the standard ones");
	show_line("hash secret key", "%s", show_string(vport, "hash_key")[0] ? "in the store" : "each host's own");
	list_print("indirection table", json_object_get(vport, "indirection_table"), "none");
	show_line("default queue", "%" PRIu64, show_number(vport, "default_queue"));
	show_line("primary queue", "%" PRIu64, show_number(vport, "primary_queue"));
	show_line("scaling", "%s", show_string(vport, "scaling"));
	putchar('\n');
}

static bool concerns_host(const json_t *vport, const char *host)
{
	return strcmp(show_string(vport, "host"), host) == 0 ||
	       strcmp(show_string(vport, "destination"), host) == 0 || status_by(vport, host);
}

static json_t *intents_json(const struct ovsdb_rows *rows, unsigned column_count, const char *at)
{
	struct said said = { 0 };
	const struct ovsdb_row **vports;
	json_t *list = json_array();
	size_t count;

	vports = fleet_sorted(rows, FLEET_VPORT, &count);
	said.status = fleet_sorted(rows, FLEET_STATUS, &said.count);
	for (size_t i = 0; i < count; i++) {
		json_t *vport = intent_json(rows, vports[i], column_count, &said);

		if (!at || concerns_host(vport, at))
			json_array_append(list, vport);
		json_decref(vport);
	}
	free(said.status);
	free(vports);
	return list;
}

static int show_what_is_there(const struct fleet_store *store, const char *name)
{
	const struct command_line *line = store->line;
	const char *at = command_value(line, "host");
	json_t *list;

	if ((name && !fleet_vport_needed(store, name)) || (at && !fleet_host_needed(store, at)))
		return COMMAND_REFUSED;
	list = intents_json(fleet_store_rows(store), name ? FLEET_VPORT_COLUMN_COUNT : FLEET_VPORT_PLACE_COUNT, at);
	if (command_flag(line, "json")) {
		fleet_print(line, json_pack("{s:O}", "vports", list));
	} else {
		if (name)
			intent_print(json_array_get(list, 0));
		vports_print(list);
	}
	json_decref(list);
	return COMMAND_DONE;
}

static int cmd_fleet_show_run(const struct command_line *line)
{
	const char *name = command_operand_count(line) ? command_operand(line, 0) : NULL;
	struct fleet_store store;
	int status;

	if (name && command_flag(line, "host"))
		return command_usage(line, "give a VPort or --host, not both");
	status = fleet_open_for(&store, line, name, false);
	if (status == COMMAND_DONE)
		status = show_what_is_there(&store, name);
	fleet_store_close(&store);
	return status;
}

static const struct command_option options[] = {
	{ 0, "host", "HOST", false, "only what is there, goes there, or that host says something of" },
	FLEET_OPTIONS_STORE,
};

const struct command fleet_show = {
	.name = "fleet show",
	.summary = "VPorts: what they are to be, and what hosts say of them",
	.operands = "[NAME]",
	.operand_max = 1,
	.options = options,
	.option_count = FLEET_COUNT(options),
	.description =
	    "Shows where all VPorts are, or one with all that it is to be. A line is a host: the one that the VPort "
	    "is on, "
	    "behind an "
	    "arrow the one that it goes to, and any other that has not let go of it. STATE is what that host says: "
	    "prepared, active, released or refused, \"-\" while it says nothing. GENERATION is the one that the host "
	    "has "
	    "applied, and the one that is intended.",
	.examples = "vmmq fleet show\n\nvmmq fleet show web --json",
	.run = cmd_fleet_show_run,
};
