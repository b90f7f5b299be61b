/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet hosts: a line for each host. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmmq/fleet/fleet.h"
#include "vmmq/fleet/fleet_room.h"
#include "vmmq/show/show.h"

static json_t *host_json(const struct ovsdb_rows *rows, const struct fleet_room *room)
{
	const char *name = fleet_text(room->host, FLEET_HOST_NAME);
	json_t *json =
	    json_pack("{s:s, s:b, s:I, s:I}", "host", name, "drain", fleet_true(room->host, FLEET_HOST_DRAIN),
		      "vports", (json_int_t)room->vports, "arriving", (json_int_t)room->arriving);

	if (!room->status)
		return json;
	json_object_set_new(json, "processors",
			    json_integer(fleet_number(room->status, FLEET_HOST_STATUS_PROCESSORS)));
	json_object_set_new(json, "version", json_string(fleet_text(room->status, FLEET_HOST_STATUS_VERSION)));
	json_object_set_new(json, "heartbeat", json_integer(fleet_number(room->status, FLEET_HOST_STATUS_HEARTBEAT)));
	json_object_set_new(json, "age", json_integer(fleet_age(rows, name)));
	return json;
}

static void host_add(struct libscols_table *table, const json_t *host)
{
	bool known = json_object_get(host, "processors");
	char processors[SHOW_TEXT_MAX], vports[SHOW_TEXT_MAX], arriving[SHOW_TEXT_MAX], age[48];
	const char *texts[] = { show_string(host, "host"),
				known ? processors : "-",
				known ? show_string(host, "version") : "-",
				known ? fleet_age_text((int64_t)show_number(host, "age"), age) : "never",
				vports,
				arriving,
				show_true(host, "drain") ? "yes" : "no" };

	snprintf(processors, sizeof(processors), "%" PRIu64, show_number(host, "processors"));
	snprintf(vports, sizeof(vports), "%" PRIu64, show_number(host, "vports"));
	snprintf(arriving, sizeof(arriving), "%" PRIu64, show_number(host, "arriving"));
	show_row(table, texts, SHOW_COUNT(texts));
}

static void hosts_print(const json_t *list)
{
	static const char *const columns[] = { "~HOST",   ">PROCESSORS", "VERSION", "LAST THERE",
					       ">VPORTS", ">ARRIVING",   "DRAIN" };
	struct libscols_table *table = show_table(columns, SHOW_COUNT(columns));
	const json_t *host;
	size_t i;

	json_array_foreach(list, i, host) host_add(table, host);
	show_table_print(table);
}

static int cmd_fleet_hosts_run(const struct command_line *line)
{
	struct fleet_store store;
	int status = fleet_open_for(&store, line, NULL, false);
	struct fleet_room *rooms = NULL;
	json_t *list = json_array();
	size_t count = 0;

	if (status == COMMAND_DONE)
		rooms = fleet_rooms(fleet_store_rows(&store), &count);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, host_json(fleet_store_rows(&store), &rooms[i]));
	if (status == COMMAND_DONE && command_flag(line, "json"))
		fleet_print(line, json_pack("{s:O}", "hosts", list));
	else if (status == COMMAND_DONE)
		hosts_print(list);
	json_decref(list);
	free(rooms);
	fleet_store_close(&store);
	return status;
}

static const struct command_option options[] = { FLEET_OPTIONS_STORE };

const struct command fleet_hosts = {
	.name = "fleet hosts",
	.summary = "all hosts: processors, version, when they were last there",
	.operands = "",
	.options = options,
	.option_count = FLEET_COUNT(options),
	.description = "Shows the hosts of the fleet. LAST THERE is by the host's clock, which it tells once a "
		       "minute. VPORTS are on "
		       "it, ARRIVING on their way there. DRAIN: it is to be emptied, and nothing is moved there.",
	.examples = "vmmq fleet hosts --store tcp:192.0.2.1:6641,tcp:192.0.2.2:6641",
	.run = cmd_fleet_hosts_run,
};
