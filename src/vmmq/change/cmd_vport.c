/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq vport: add, change and delete VPorts of a running vmmqd. */
#include "vmmq/change/parameters.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const struct parameter add_rows[] = {
	{ .field = FIELD_NEW_VPORT_ID },
	SCHEMA_VPORT(PARAMETER_ROW)
	{ .field = FIELD_FILTERS, .option = "mac" },
};

static const struct parameter rss_rows[] = { PARAMETERS_RSS };
/* clang-format on */

static int cmd_vport_add_run(const struct command_line *line)
{
	json_t *params = json_object(), *rss = json_object();
	int status = parameters_take(line, add_rows, COUNT(add_rows), params);

	if (status == COMMAND_DONE)
		status = parameters_take(line, rss_rows, COUNT(rss_rows), rss);
	if (status != COMMAND_DONE) {
		json_decref(params);
		json_decref(rss);
		return status;
	}
	if (json_object_size(rss)) {
		json_object_set_new(rss, "enabled", json_boolean(!command_flag(line, "no-rss")));
		json_object_set(params, "rss", rss);
	}
	json_decref(rss);
	return daemon_change(line, "vport.add", params, "VPort", "vport");
}

/* clang-format off */
static const struct command_option add_options[] = {
	SCHEMA_NEW_VPORT(SCHEMA_OPTION_ROW)
	{ 0, "mac", "MAC[/VLAN][@VNI],...", false,
	  "receive filters: untagged frames to MAC; with /VLAN those of that VLAN; with /any all; with @VNI or @any to MAC inside tunnels" },
	SCHEMA_VPORT(SCHEMA_OPTION_ROW)
	OPTIONS_RSS
	{ 0, "no-rss", NULL, false, "keep RSS off although RSS parameters are given" },
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};
/* clang-format on */

static const struct command vport_add = {
	.name = "vport add",
	.summary = "add a VPort",
	.operands = "",
	.options = add_options,
	.option_count = COUNT(add_options),
	.description =
	    "Adds a VPort with its receive filters, RSS parameters and backend, all or nothing, and prints "
	    "its id. Options are called as the keys of the configuration file (docs/configuration.md), "
	    "which has their defaults. Giving any of --table, --default, --types and --key turns RSS on.",
	.examples = "vmmq vport add --name web --mac 02:00:00:00:00:01 --queue-pairs 4 \\\n"
		    "    --table 0,1,2,3 --default 0 \\\n"
		    "    --backend vhost_user:web.sock,queues=4\n\n"
		    "vmmq vport add --id 7 --mac 02:00:00:00:00:07,02:00:00:00:00:07/10 --key random",
	.run = cmd_vport_add_run,
};

/* clang-format off */
static const struct parameter set_rows[] = {
	SCHEMA_VPORT(PARAMETER_ROW)
	{ .field = FIELD_ANTI_SPOOFING, .option = "anti-spoofing" },
	{ .field = FIELD_CONTROL_FRAMES, .option = "no-control-frames" },
	{ .field = FIELD_BACKEND, .option = "no-backend", .null = true },
};
/* clang-format on */

static int cmd_vport_set_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = parameters_take(line, set_rows, COUNT(set_rows), params);

	if (status == COMMAND_DONE && json_object_size(params) == 0)
		status = command_usage(line, "nothing to change: give one of the options");
	if (status == COMMAND_DONE)
		status = parameter_vport(line, "vport", command_operand(line, 0), params);
	if (status == COMMAND_DONE)
		return daemon_change(line, "vport.set", params, NULL, NULL);
	json_decref(params);
	return status;
}

/* clang-format off */
static const struct command_option set_options[] = {
	SCHEMA_VPORT(SCHEMA_OPTION_ROW)
	{ 0, "no-backend", NULL, false, "take its backend away" },
	{ 0, "anti-spoofing", NULL, false, "it may send with source addresses of its filters only" },
	{ 0, "no-control-frames", NULL, false, "it is not trusted with frames to reserved group addresses" },
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};
/* clang-format on */

static const struct command vport_set = {
	.name = "vport set",
	.summary = "change a VPort",
	.operands = "VPORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = set_options,
	.option_count = COUNT(set_options),
	.description = "Changes what is given, all or nothing. VPORT is an id or a name; all digits are an id. RSS "
		       "parameters are changed with 'vmmq rss', filters with 'vmmq filter'.",
	.examples = "vmmq vport set web --queue-pairs 8\n\n"
		    "vmmq vport set 3 --no-backend",
	.run = cmd_vport_set_run,
};

static int cmd_vport_del_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = parameter_vport(line, "vport", command_operand(line, 0), params);

	if (status != COMMAND_DONE) {
		json_decref(params);
		return status;
	}
	if (command_flag(line, "with-filters"))
		json_object_set_new(params, "with_filters", json_true());
	return daemon_change(line, "vport.delete", params, NULL, NULL);
}

static const struct command_option del_options[] = {
	{ 0, "with-filters", NULL, false, "clear its filters too; a VPort that has some is not deleted otherwise" },
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};

static const struct command vport_del = {
	.name = "vport del",
	.summary = "delete a VPort",
	.operands = "VPORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = del_options,
	.option_count = COUNT(del_options),
	.description = "Deletes a VPort (id or name; all digits are an id) and closes its backend. What it was about "
		       "to receive is delivered first. VPort 0 cannot be deleted.",
	.examples = "vmmq vport del web --with-filters",
	.run = cmd_vport_del_run,
};

static const struct command *const family[] = { &vport_add, &vport_set, &vport_del, NULL };

const struct command cmd_vport = {
	.name = "vport",
	.family = family,
	.summary = "add, change and delete VPorts",
	.operands = "",
	.description = "Changes the VPorts of a running vmmqd. A change is on disk and in effect when the command "
		       "ends; one that is refused has changed nothing.",
};
