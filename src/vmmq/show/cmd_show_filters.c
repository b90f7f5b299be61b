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

/* filter_inside_text says in which tunnels the MAC is looked for: "-" in none, it is the outermost header's. */
static const char *filter_inside_text(const json_t *filter, char text[SHOW_TEXT_MAX])
{
	const json_t *vni = json_object_get(filter, "vni");

	if (!json_is_true(json_object_get(filter, "encapsulated")))
		return "-";
	if (!json_is_integer(vni))
		return "any VNI";
	snprintf(text, SHOW_TEXT_MAX, "VNI %llu", (unsigned long long)json_integer_value(vni));
	return text;
}

static bool filters_are_inside(const json_t *list)
{
	const json_t *filter;
	size_t i;

	json_array_foreach(list, i, filter) if (json_is_true(json_object_get(filter, "encapsulated"))) return true;
	return false;
}

static void print_filters(const json_t *record)
{
	static const char *const columns[] = { ">FILTER", "MAC", "VLAN", ">VPORT", "~NAME", "INSIDE" };
	const json_t *list = json_object_get(record, "filters"), *filter;
	struct libscols_table *table;
	size_t i, column_count;

	if (json_array_size(list) == 0) {
		puts("no filters");
		return;
	}
	column_count = SHOW_COUNT(columns) - !filters_are_inside(list);
	table = show_table(columns, column_count);
	json_array_foreach(list, i, filter)
	{
		char id[SHOW_TEXT_MAX], vlan[SHOW_TEXT_MAX], vport[SHOW_TEXT_MAX], inside[SHOW_TEXT_MAX];
		const char *texts[] = {
			NULL, show_string(filter, "mac"),  show_vlan_text(json_object_get(filter, "vlan"), vlan),
			NULL, show_string(filter, "name"), filter_inside_text(filter, inside)
		};

		snprintf(id, sizeof(id), "%llu", (unsigned long long)show_number(filter, "filter"));
		snprintf(vport, sizeof(vport), "%llu", (unsigned long long)show_number(filter, "vport"));
		texts[0] = id;
		texts[3] = vport;
		show_row(table, texts, column_count);
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
