/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show vports: a line for each VPort. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/figures.h"
#include "vmmq/show/show.h"

#define SHORT_MAX 10 /* characters of a list of processors, where there is a line for each VPort */

/* drop_sum adds up the members of an object of counters. */
static uint64_t drop_sum(const json_t *vport)
{
	json_t *drops = json_object_get(vport, "drops"), *count;
	uint64_t sum = 0;
	const char *reason;

	json_object_foreach(drops, reason, count) sum += (uint64_t)json_integer_value(count);
	return sum;
}

/* processors_in_short: a long list as how many there are from where to where; the caller frees it. */
static char *processors_in_short(const json_t *list)
{
	char *text = show_processors(list), *shorter;
	size_t count = json_array_size(list);
	json_int_t least, most;

	if (!text || strlen(text) <= SHORT_MAX)
		return text;
	least = most = json_integer_value(json_array_get(list, 0));
	for (size_t i = 1; i < count; i++) {
		json_int_t processor = json_integer_value(json_array_get(list, i));

		least = processor < least ? processor : least;
		most = processor > most ? processor : most;
	}
	if (asprintf(&shorter, "%zu in %lld-%lld", count, (long long)least, (long long)most) < 0)
		return text;
	free(text);
	return shorter;
}

static void show_add_vport(struct libscols_table *table, const json_t *vport)
{
	char id[SHOW_TEXT_MAX], queues[SHOW_TEXT_MAX], filters[SHOW_TEXT_MAX], packets[SHOW_TEXT_MAX],
	    drops[SHOW_TEXT_MAX];
	const json_t *backend = json_object_get(vport, "backend");
	char *processors = processors_in_short(json_object_get(vport, "processors_used"));
	const char *texts[] = { id,
				show_string(vport, "name"),
				show_string(vport, "rss"),
				queues,
				processors ? processors : "",
				filters,
				show_string(vport, "vlan"),
				figure_short(show_number(vport, "packets"), packets),
				figure_short(drop_sum(vport), drops),
				show_string(backend, "state") };

	snprintf(id, sizeof(id), "%llu", (unsigned long long)show_number(vport, "vport"));
	snprintf(queues, sizeof(queues), "%llu/%llu", (unsigned long long)show_number(vport, "queue_pairs_used"),
		 (unsigned long long)show_number(vport, "queue_pairs"));
	snprintf(filters, sizeof(filters), "%llu", (unsigned long long)show_number(vport, "filters"));
	show_row(table, texts, SHOW_COUNT(texts));
	free(processors);
}

static void print_vports(const json_t *record)
{
	static const char *const columns[] = { ">ID",      "~NAME", "RSS",      ">QUEUES", "PROCESSORS",
					       ">FILTERS", "VLAN",  ">PACKETS", ">DROPS",  "BACKEND" };
	const json_t *list = json_object_get(record, "vports"), *vport;
	struct libscols_table *table = show_table(columns, SHOW_COUNT(columns));
	size_t i;

	json_array_foreach(list, i, vport) show_add_vport(table, vport);
	show_table_print(table);
}

static int run_vports(const struct command_line *line)
{
	return show_ask(line, "vports.show", NULL, print_vports);
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

const struct command show_vports = {
	.name = "show vports",
	.summary = "all VPorts, a line each",
	.operands = "",
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description = "Shows all VPorts. QUEUES are the queue pairs that are used and those that may be; PROCESSORS "
		       "those that the VPort's packets go to.",
	.examples = "vmmq show vports",
	.run = run_vports,
};
