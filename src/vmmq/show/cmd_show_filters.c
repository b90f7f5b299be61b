/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show filters: which MAC and VLAN leads to which VPort. */
#include <stdio.h>

#include "vmmq/show/show.h"

static const char *show_vlan_text(const json_t *vlan, char text[SHOW_TEXT_MAX])
{
	if (json_is_string(vlan))
		return json_string_value(vlan);
	if (!json_is_integer(vlan))
		return "untagged";
	snprintf(text, SHOW_TEXT_MAX, "%lld", (long long)json_integer_value(vlan));
	return text;
}

static void print_filters(const json_t *record)
{
	static const char *const columns[] = { ">FILTER", "MAC", "VLAN", ">VPORT", "~NAME" };
	const json_t *list = json_object_get(record, "filters"), *filter;
	struct libscols_table *table;
	size_t i;

	if (json_array_size(list) == 0) {
		puts("no filters");
		return;
	}
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(list, i, filter)
	{
		char id[SHOW_TEXT_MAX], vlan[SHOW_TEXT_MAX], vport[SHOW_TEXT_MAX];
		const char *texts[] = { NULL, show_string(filter, "mac"),
					show_vlan_text(json_object_get(filter, "vlan"), vlan), NULL,
					show_string(filter, "name") };

		snprintf(id, sizeof(id), "%llu", (unsigned long long)show_number(filter, "filter"));
		snprintf(vport, sizeof(vport), "%llu", (unsigned long long)show_number(filter, "vport"));
		texts[0] = id;
		texts[3] = vport;
		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
}

static int run_filters(const struct command_line *line)
{
	const char *vport = command_operand_count(line) ? command_operand(line, 0) : NULL;

	return show_ask(line, "filters.show", vport, print_filters);
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

const struct command show_filters = {
	.name = "show filters",
	.summary = "receive filters, of all VPorts or of one",
	.operands = "[VPORT]",
	.operand_max = 1,
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description = "Shows which MAC and VLAN leads to which VPort. FILTER is the id that 'vmmq filter' takes.",
	.examples = "vmmq show filters\n\n"
		    "vmmq show filters web",
	.run = run_filters,
};
