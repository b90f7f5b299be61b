/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq uplink: give a running vmmqd an uplink, change it, take it away. */
#include "vmmq/change/parameters.h"
#include "vmmq/change/port_text.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const struct parameter set_rows[] = { SCHEMA_UPLINK(PARAMETER_ROW) };

static const struct command_option set_options[] = {
	SCHEMA_UPLINK(SCHEMA_OPTION_ROW)
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};

static const struct command_option clear_options[] = {
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};
/* clang-format on */

static int cmd_uplink_set_run(const struct command_line *line)
{
	static const struct parameter port = { .field = FIELD_UPLINK, .option = "PORT" };
	json_t *params = json_object();
	int status = parameters_operand(line, &port, command_operand(line, 0), params);

	/* The request has the port's kind among its own members. */
	if (status == COMMAND_DONE) {
		json_t *object = json_incref(json_object_get(params, schema_field(FIELD_UPLINK)->key));

		json_object_clear(params);
		json_object_update(params, object);
		json_decref(object);
		status = parameters_take(line, set_rows, COUNT(set_rows), params);
	}
	if (status == COMMAND_DONE)
		return daemon_change(line, "uplink.set", params, NULL, NULL);
	json_decref(params);
	return status;
}

static const struct command uplink_set = {
	.name = "uplink set",
	.summary = "give the switch an uplink, or another one",
	.operands = "PORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = set_options,
	.option_count = COUNT(set_options),
	.description =
	    "Makes PORT the uplink, in place of the one that there is. PORT is KIND:PLACE with KEY=VALUE behind "
	    "commas, as --backend of 'vmmq vport add' has it, without queues.",
	.examples = "vmmq uplink set af_xdp:eth0 --rx-queues 4\n\n"
		    "vmmq uplink set pci:0000:03:00.0",
	.run = cmd_uplink_set_run,
};

static int cmd_uplink_clear_run(const struct command_line *line)
{
	return daemon_change(line, "uplink.clear", json_object(), NULL, NULL);
}

static const struct command uplink_clear = {
	.name = "uplink clear",
	.summary = "take the uplink away",
	.operands = "",
	.options = clear_options,
	.option_count = COUNT(clear_options),
	.description = "Closes the uplink. Guests go on to reach each other.",
	.examples = "vmmq uplink clear",
	.run = cmd_uplink_clear_run,
};

static const struct command *const family[] = { &uplink_set, &uplink_clear, NULL };

const struct command cmd_uplink = {
	.name = "uplink",
	.family = family,
	.summary = "change the uplink",
	.operands = "",
	.description =
	    "Changes the uplink of a running vmmqd. A change is on disk and in effect when the command ends; one "
	    "that is refused has changed nothing.",
};
