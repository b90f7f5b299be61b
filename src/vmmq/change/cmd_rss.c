/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq rss: how a VPort of a running vmmqd is spread over processors. */
#include <stdio.h>
#include <string.h>

#include "vmmq/change/parameters.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct parameter set_rows[] = { PARAMETERS_RSS{ FIELD_ENCAPSULATION, "no-encapsulation", NULL, NULL,
							     true } };

static int cmd_rss_set_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = parameters_take(line, set_rows, COUNT(set_rows), params);

	if (status == COMMAND_DONE && json_object_size(params) == 0)
		status = command_usage(line, "nothing to change: give one of --table, --default, --types, --key, "
					     "--encapsulation and --vxlan-port");
	if (status == COMMAND_DONE)
		status = parameter_vport(line, "vport", command_operand(line, 0), params);
	if (status == COMMAND_DONE)
		return daemon_change(line, "rss.set", params, NULL, NULL);
	json_decref(params);
	return status;
}

/* clang-format off */
static const struct command_option set_options[] = {
	OPTIONS_RSS
	{ 0, "no-encapsulation", NULL, false, "look into no tunnel" },
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};
/* clang-format on */

static const struct command rss_set = {
	.name = "rss set",
	.summary = "change table, default processor, hash types or key",
	.operands = "VPORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = set_options,
	.option_count = COUNT(set_options),
	.description =
	    "Changes what is given, all or nothing, and leaves RSS on or off as it is. VPORT is an id or a "
	    "name. Processors are numbers, or group:number.",
	.examples = "vmmq rss set web --table 0,1,2,3,0,1,2,3 --default 0\n\n"
		    "vmmq rss set 3 --types ipv4,tcp_ipv4 --key random",
	.run = cmd_rss_set_run,
};

static int ask_for_vport(const struct command_line *line, const char *method)
{
	json_t *params = json_object();
	int status = parameter_vport(line, "vport", command_operand(line, 0), params);

	if (status == COMMAND_DONE)
		return daemon_change(line, method, params, NULL, NULL);
	json_decref(params);
	return status;
}

static int run_enable(const struct command_line *line)
{
	return ask_for_vport(line, "rss.enable");
}

static int run_disable(const struct command_line *line)
{
	return ask_for_vport(line, "rss.disable");
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

static const struct command rss_enable = {
	.name = "rss enable",
	.summary = "spread a VPort by hash",
	.operands = "VPORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = COUNT(options),
	.description = "Turns RSS on for a VPort (id or name), with the table, key and types that it has.",
	.examples = "vmmq rss enable web",
	.run = run_enable,
};

static const struct command rss_disable = {
	.name = "rss disable",
	.summary = "send all of a VPort to its primary processor",
	.operands = "VPORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = COUNT(options),
	.description = "Turns RSS off for a VPort (id or name). Table, key and types are kept for when it is turned "
		       "on again.",
	.examples = "vmmq rss disable web",
	.run = run_disable,
};

/* rss_read_move makes a move of "5=1", "default=0" or "primary=2"; NULL: it is none. */
static json_t *rss_read_move(const char *text, char *hint)
{
	size_t len = strcspn(text, "=");
	json_t *move = json_object(), *entry, *processor;
	char what[16] = "";

	snprintf(what, sizeof(what), "%.*s", (int)(len < 15 ? len : 15), text);
	if (strcmp(what, "default") == 0 || strcmp(what, "primary") == 0) {
		json_object_set_new(move, what, json_true());
	} else {
		entry = parameter_value(schema_field(FIELD_TABLE_ENTRY), what, hint);
		json_object_set_new(move, "entry", entry);
	}
	processor = text[len] ? parameter_value(schema_field(FIELD_PROCESSOR), text + len + 1, hint) : NULL;
	json_object_set_new(move, "processor", processor);
	if (json_object_size(move) == 2)
		return move;
	json_decref(move);
	return NULL;
}

static int read_moves(const struct command_line *line, json_t *params)
{
	static const struct parameter row = { FIELD_MOVES, "MOVE", "move", rss_read_move, false };
	unsigned count = command_operand_count(line) - 1;
	json_t *moves;
	int status = COMMAND_DONE;

	if (!schema_count_fits(schema_field(FIELD_MOVES), count))
		return command_usage(line, "%u moves; %d to %d can be made at once", count, FIELD_MOVES_MIN,
				     FIELD_MOVES_MAX);
	moves = json_array();
	for (unsigned i = 1; i <= count && status == COMMAND_DONE; i++) {
		status = parameters_operand(line, &row, command_operand(line, i), params);
		if (status == COMMAND_DONE)
			json_array_append(moves, json_object_get(params, row.key));
	}
	json_object_del(params, row.key);
	json_object_set_new(params, "moves", moves);
	return status;
}

static int cmd_rss_move_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = parameter_vport(line, "vport", command_operand(line, 0), params);

	if (status == COMMAND_DONE)
		status = read_moves(line, params);
	if (status == COMMAND_DONE)
		return daemon_change(line, "rss.move", params, NULL, NULL);
	json_decref(params);
	return status;
}

static const struct command rss_move = {
	.name = "rss move",
	.summary = "move entries, the default or the primary processor",
	.operands = "VPORT MOVE...",
	.operand_min = 2,
	.operand_max = 1000,
	.options = options,
	.option_count = COUNT(options),
	.description = "Carries out the moves as one RSSv2 group, all or nothing, without loss and without changing "
		       "the order of a flow. VPORT is an id or a name. MOVE is ENTRY=PROCESSOR for an entry of the "
		       "indirection table, default=PROCESSOR or primary=PROCESSOR.",
	.examples = "vmmq rss move web 5=1 6=1\n\n"
		    "vmmq rss move 3 default=0 primary=2",
	.run = cmd_rss_move_run,
};

static const struct command *const family[] = { &rss_set, &rss_enable, &rss_disable, &rss_move, NULL };

const struct command cmd_rss = {
	.name = "rss",
	.family = family,
	.summary = "change how a VPort is spread over processors",
	.operands = "",
	.description = "Changes RSS parameters of VPorts of a running vmmqd, under traffic. A change is on disk and "
		       "in effect when the command ends; one that is refused has changed nothing.",
};
