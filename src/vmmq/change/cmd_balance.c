/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq balance: how a running vmmqd moves the load of dynamic VPorts. */
#include "vmmq/change/parameters.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const struct parameter balance_rows[] = {
	SCHEMA_BALANCE(PARAMETER_ROW)
	{ .field = FIELD_BALANCE_COALESCE, .option = "coalesce" },
};

static const struct command_option balance_options[] = {
	SCHEMA_BALANCE(SCHEMA_OPTION_ROW)
	{ 0, "coalesce", NULL, false, "low load is put on few processors, so that the others sleep" },
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};
/* clang-format on */

static int cmd_balance_set_run(const struct command_line *line)
{
	json_t *params = json_object();
	int status = parameters_take(line, balance_rows, COUNT(balance_rows), params);

	if (status == COMMAND_DONE && json_object_size(params) == 0)
		status = command_usage(line, "nothing to change: give one of the options");
	if (status == COMMAND_DONE)
		return daemon_change(line, "balance.set", params, NULL, NULL);
	json_decref(params);
	return status;
}

static const struct command balance_set = {
	.name = "balance set",
	.summary = "change how load is moved by itself",
	.operands = "",
	.options = balance_options,
	.option_count = COUNT(balance_options),
	.description =
	    "Changes how the load of VPorts with scaling: dynamic is moved, for the whole adapter. Which "
	    "VPorts are dynamic says 'vmmq vport set VPORT --scaling'; what is moved, 'vmmq show balance'.",
	.examples = "vmmq balance set --target 60\n\nvmmq balance set --no-coalesce",
	.run = cmd_balance_set_run,
};

static const struct command *const family[] = { &balance_set, NULL };

const struct command cmd_balance = {
	.name = "balance",
	.family = family,
	.summary = "change how load is moved by itself",
	.operands = "",
	.description = "Changes how the load of dynamic VPorts is moved. A change is on disk and in effect when the "
		       "command ends; one that is refused has changed nothing.",
};
