/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq filter: receive filters of a running vmmqd. */
#include "vmmq/change/parameters.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct parameter option_rows[] = {
	{ .field = FIELD_VLAN },
	{ .field = FIELD_ENCAPSULATED },
	{ .field = FIELD_VNI },
};
static const struct parameter mac_row = { .field = FIELD_FILTER, .option = "MAC", .key = "filter" };
static const struct parameter filter_row = { .field = FIELD_FILTER_ID, .option = "FILTER" };

/* read_add fills params from VPORT, MAC, MAC/VLAN, and the options. */
static int read_add(const struct command_line *line, json_t *params)
{
	int status = parameter_vport(line, "vport", command_operand(line, 0), params);
	json_t *filter;

	if (status == COMMAND_DONE)
		status = parameters_operand(line, &mac_row, command_operand(line, 1), params);
	if (status != COMMAND_DONE)
		return status;
	filter = json_incref(json_object_get(params, "filter"));
	json_object_del(params, "filter");
	json_object_update(params, filter);
	json_decref(filter);
	return parameters_take(line, option_rows, COUNT(option_rows), params);
}

static int cmd_filter_add_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = read_add(line, params);

	if (status == COMMAND_DONE)
		return daemon_change(line, "filter.add", params, "filter", "filter");
	json_decref(params);
	return status;
}

/* clang-format off */
static const struct command_option add_options[] = {
	SCHEMA_FILTER(SCHEMA_OPTION_ROW)
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};
/* clang-format on */

static const struct command filter_add = {
	.name = "filter add",
	.summary = "let a VPort receive what is sent to a MAC",
	.operands = "VPORT MAC[/VLAN][@VNI]",
	.operand_min = 2,
	.operand_max = 2,
	.options = add_options,
	.option_count = COUNT(add_options),
	.description =
	    "Gives a VPort (id or name) one more receive filter, and prints the filter's id. A pair of MAC "
	    "and VLAN leads to one VPort, once. With --encapsulated the MAC is one inside a tunnel that the VPort "
	    "looks "
	    "into ('vmmq rss set --encapsulation'), of the network --vni or of all; @VNI and @any behind the MAC "
	    "mean the same.",
	.examples = "vmmq filter add web 02:00:00:00:00:02\n\n"
		    "vmmq filter add 3 02:00:00:00:00:02 --vlan 10\n\n"
		    "vmmq filter add web 02:00:00:00:00:02 --encapsulated --vni 5001",
	.run = cmd_filter_add_run,
};

static int cmd_filter_del_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = parameters_operand(line, &filter_row, command_operand(line, 0), params);

	if (status == COMMAND_DONE)
		return daemon_change(line, "filter.delete", params, NULL, NULL);
	json_decref(params);
	return status;
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

static const struct command filter_del = {
	.name = "filter del",
	.summary = "clear a filter",
	.operands = "FILTER",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = COUNT(options),
	.description =
	    "Clears the receive filter of that id. What it matched goes to the default VPort from then on, "
	    "unless a wider filter matches.",
	.examples = "vmmq filter del 12",
	.run = cmd_filter_del_run,
};

static int cmd_filter_move_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = parameters_operand(line, &filter_row, command_operand(line, 0), params);

	if (status == COMMAND_DONE)
		status = parameter_vport(line, "to", command_operand(line, 1), params);
	if (status == COMMAND_DONE)
		return daemon_change(line, "filter.move", params, NULL, NULL);
	json_decref(params);
	return status;
}

static const struct command filter_move = {
	.name = "filter move",
	.summary = "give a filter to another VPort",
	.operands = "FILTER VPORT",
	.operand_min = 2,
	.operand_max = 2,
	.options = options,
	.option_count = COUNT(options),
	.description = "Moves the receive filter of that id to another VPort (id or name): from one packet to the "
		       "next, without loss and without changing the order of a flow.",
	.examples = "vmmq filter move 12 mail",
	.run = cmd_filter_move_run,
};

static const struct command *const family[] = { &filter_add, &filter_del, &filter_move, NULL };

const struct command cmd_filter = {
	.name = "filter",
	.family = family,
	.summary = "add, clear and move receive filters",
	.operands = "",
	.description = "Changes which VPort gets what is sent to a MAC and VLAN. A change is on disk and in effect "
		       "when the command ends; one that is refused has changed nothing.",
};
