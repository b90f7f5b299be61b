/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show drops: what was dropped, where and why. */
#include <stdio.h>
#include <string.h>

#include "vmmq/figures.h"
#include "vmmq/show/show.h"

/* print_meanings explains each reason once. */
static void print_meanings(const json_t *drops)
{
	const json_t *drop;
	size_t i, before;

	putchar('\n');
	json_array_foreach(drops, i, drop)
	{
		const char *reason = show_string(drop, "reason");

		for (before = 0; before < i; before++)
			if (strcmp(show_string(json_array_get(drops, before), "reason"), reason) == 0)
				break;
		if (before == i)
			show_line(reason, "%s", show_string(drop, "meaning"));
	}
}

static void print_drops(const json_t *record)
{
	static const char *const columns[] = { ">VPORT", "~NAME", "WHERE", "REASON", ">PACKETS" };
	const json_t *list = json_object_get(record, "drops"), *drop;
	struct libscols_table *table;
	size_t i;

	if (json_array_size(list) == 0) {
		puts("nothing was dropped");
		return;
	}
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(list, i, drop)
	{
		char vport[SHOW_TEXT_MAX], packets[SHOW_TEXT_MAX];
		const char *texts[] = { vport, show_string(drop, "name"), show_string(drop, "where"),
					show_string(drop, "reason"),
					figure_exact(show_number(drop, "packets"), packets) };

		snprintf(vport, sizeof(vport), "%llu", (unsigned long long)show_number(drop, "vport"));
		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
	print_meanings(list);
}

static int run_drops(const struct command_line *line)
{
	return show_ask(line, "drops.show", NULL, print_drops);
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

const struct command show_drops = {
	.name = "show drops",
	.summary = "what was dropped, where and why",
	.operands = "",
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description =
	    "Shows the packets that were dropped since vmmqd runs, by VPort and reason. A drop is charged to "
	    "the VPort that caused it.",
	.examples = "vmmq show drops",
	.run = run_drops,
};
