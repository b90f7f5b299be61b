/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet: what the fleet's store says of all hosts and VPorts. */
#include <stdio.h>
#include <string.h>

#include "vmmq/commands.h"
#include "vmmq/figures.h"
#include "vmmq/fleet/fleet.h"

static json_t *where_is(const char *column, const char *text)
{
	return json_pack("[[s, s, s]]", column, "==", text);
}

int fleet_open_for(struct fleet_store *store, const struct command_line *line, const char *name, bool writes)
{
	static struct ovsdb_table places[FLEET_TABLE_COUNT]; /* followed by the store, to its end */
	static const struct ovsdb_wanted places_wanted = { FLEET_DATABASE, places, FLEET_TABLE_COUNT };
	struct fleet_follow follow = { .wanted = &fleet_wanted, .writes = writes };

	if (!name) {
		memcpy(places, fleet_wanted.table, sizeof(places));
		places[FLEET_VPORT].column_count = writes ? FLEET_VPORT_FILTER_COUNT : FLEET_VPORT_PLACE_COUNT;
		follow.wanted = &places_wanted;
	}
	if (name) {
		follow.where[FLEET_VPORT] = where_is("name", name);
		follow.where[FLEET_STATUS] = where_is("vport", name);
	}
	return fleet_store_open(store, line, &follow);
}

const struct ovsdb_row *fleet_vport_needed(const struct fleet_store *store, const char *name)
{
	const struct ovsdb_row *vport = fleet_vport_named(fleet_store_rows(store), name);

	if (!vport)
		command_fail(store->line, "the store has no VPort \"%.64s\"; 'vmmq fleet show' lists them", name);
	return vport;
}

const struct ovsdb_row *fleet_host_needed(const struct fleet_store *store, const char *name)
{
	const struct ovsdb_row *host = fleet_host_named(fleet_store_rows(store), name);

	if (!host)
		command_fail(
		    store->line,
		    "the store has no host \"%.64s\"; 'vmmq fleet hosts' lists them, 'vmmq fleet init' adds one",
		    name);
	return host;
}

void fleet_print(const struct command_line *line, json_t *result)
{
	if (command_flag(line, "json")) {
		json_dumpf(result, stdout, 0);
		putchar('\n');
	}
	json_decref(result);
}

void fleet_change_print(const struct command_line *line, const char *vport, int64_t generation)
{
	fleet_print(line, json_pack("{s:s, s:I}", "vport", vport, "generation", (json_int_t)generation));
}

const char *fleet_age_text(int64_t age, char text[48])
{
	char duration[FIGURE_SIZE];

	if (age < 0)
		return "never";
	snprintf(text, 48, "%s ago", figure_duration((double)age, duration));
	return text;
}

static const struct command *const family[] = { &fleet_init,         &fleet_hosts,       &fleet_show,
						&fleet_vport_family, &fleet_move,        &fleet_drain,
						&fleet_release,      &fleet_host_family, NULL };

const struct command cmd_fleet = {
	.name = "fleet",
	.family = family,
	.summary = "show and change what the store of a fleet says of hosts and VPorts",
	.operands = "",
	.description =
	    "Asks the store of a fleet (docs/fleet.md), which says what every VPort is and on which host it is; "
	    "the hosts carry it out. Changes are refused where somebody else was faster, and go to "
	    "servers of the cluster, never to a relay.",
};
