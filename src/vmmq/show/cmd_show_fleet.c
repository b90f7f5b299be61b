/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show fleet: the store that a vmmqd follows, and what of it is here. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vmmq/show/show.h"

static void print_transactions(const json_t *counts)
{
	show_line(
	    "transactions", "%llu committed, %llu in conflict, %llu refused, %llu lost",
	    (unsigned long long)show_number(counts, "committed"), (unsigned long long)show_number(counts, "conflict"),
	    (unsigned long long)show_number(counts, "refused"), (unsigned long long)show_number(counts, "lost"));
}

static void print_connection(const json_t *record)
{
	time_t since = (time_t)show_number(record, "since");
	struct tm local;
	char text[SHOW_TEXT_MAX];

	localtime_r(&since, &local);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	show_head("Fleet, host %s", show_string(record, "host"));
	if (show_true(record, "connected"))
		show_line("connected", "%s, since %s", show_string(record, "server"), text);
	else
		show_line("connected", "no, since %s%s%s", text, *show_string(record, "reason") ? ": " : "",
			  show_string(record, "reason"));
	if (*show_string(record, "writes_to"))
		show_line("writes to", "%s", show_string(record, "writes_to"));
	show_line("connections", "%llu", (unsigned long long)show_number(record, "connections"));
	print_transactions(json_object_get(record, "transactions"));
	if (show_true(record, "connected") && !show_true(record, "known"))
		show_line("host", "the store has no host of that name: nothing is taken from it");
	if (show_true(record, "drain"))
		show_line("drain", "it is to be emptied");
	show_line("refused", "%s", show_string(record, "refused"));
}

static void print_fleet_vports(const json_t *list)
{
	static const char *const columns[] = {
		"~NAME", ">VPORT", "PLACE", ">GENERATION", "HERE", "STATE", "~REASON"
	};
	struct libscols_table *table;
	const json_t *vport;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(list, i, vport)
	{
		char id[SHOW_TEXT_MAX] = "", generation[SHOW_TEXT_MAX];
		const char *texts[] = { show_string(vport, "name"),  id,
					show_string(vport, "place"), generation,
					show_string(vport, "here"),  show_string(vport, "state"),
					show_string(vport, "reason") };

		if (json_is_integer(json_object_get(vport, "vport")))
			snprintf(id, sizeof(id), "%llu", (unsigned long long)show_number(vport, "vport"));
		snprintf(generation, sizeof(generation), "%llu",
			 (unsigned long long)show_number(vport, "generation"));
		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
}

static void print_fleet(const json_t *record)
{
	if (!show_true(record, "configured")) {
		puts("no fleet: the configuration that vmmqd was started with has no fleet section");
		return;
	}
	print_connection(record);
	print_fleet_vports(json_object_get(record, "vports"));
}

static int run_show_fleet(const struct command_line *line)
{
	return show_ask(line, "fleet.show", NULL, print_fleet);
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

const struct command show_fleet = {
	.name = "show fleet",
	.summary = "the fleet's store, and what of it is here",
	.operands = "",
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description =
	    "Shows which server of the fleet's store vmmqd follows, and since when; or since when it follows none, "
	    "and "
	    "why. For each VPort of the fleet's that concerns this host: whether it is its host or destination, its "
	    "generation in the store, what is here of it, and the state and reason that this host has written.",
	.examples = "vmmq show fleet",
	.run = run_show_fleet,
};
