/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq apply: make a running vmmqd equal to a configuration file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_file.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"
#include "vmmq/input/configuration.h"

#define APPLY_MS 120000 /* thousands of VPorts with backends take their time */

static int apply_refuse(const struct command_line *line, const char *path, const struct config_error *error)
{
	char refusal[CONFIGURATION_REFUSAL_MAX];

	configuration_refusal(path, error, refusal);
	return command_fail(line, "%s", refusal);
}

/* apply_check refuses a wrong file before a daemon is asked, with line and column. */
static int apply_check(const struct command_line *line, const char *path, const char *text, size_t len)
{
	struct vmmq_nic_switch *sw;
	struct vmmq_config config;
	struct config_error error;

	if (!configuration_parse(text, len, &config, &sw, &error))
		return apply_refuse(line, path, &error);
	vmmq_nic_switch_destroy(sw);
	vmmq_config_fini(&config);
	return COMMAND_DONE;
}

static void apply_show(const json_t *result, bool dry_run)
{
	const json_t *changes = json_object_get(result, "changes"), *change;
	size_t i, count = json_array_size(changes);

	json_array_foreach(changes, i, change)
	    printf("%-15s %s\n", json_string_value(json_object_get(change, "change")),
		   json_string_value(json_object_get(change, "text")));
	if (count == 0)
		puts("nothing to change");
	else
		printf("%zu change%s %s\n", count, count == 1 ? "" : "s", dry_run ? "to make" : "made");
}

static int apply_send(const struct command_line *line, const char *text, size_t len)
{
	bool dry_run = command_flag(line, "dry-run");
	struct client *client = daemon_connect(line);
	json_t *result;

	if (!client)
		return COMMAND_REFUSED;
	client_timeout(client, APPLY_MS);
	result = daemon_call(line, client, "config.apply",
			     json_pack("{s:s%, s:b}", "yaml", text, len, "dry_run", dry_run));
	client_close(client);
	if (!result)
		return COMMAND_REFUSED;
	if (command_flag(line, "json"))
		daemon_json(result);
	else
		apply_show(result, dry_run);
	json_decref(result);
	return COMMAND_DONE;
}

static int cmd_apply_run(const struct command_line *line)
{
	const char *path = command_operand(line, 0);
	struct config_error error;
	size_t len;
	char *text;
	int status;

	memset(&error, 0, sizeof(error));
	if (config_file_read(path, &text, &len, &error))
		return apply_refuse(line, path, &error);
	status = apply_check(line, path, text, len);
	if (status == COMMAND_DONE)
		status = apply_send(line, text, len);
	free(text);
	return status;
}

static const struct command_option options[] = {
	{ 'n', "dry-run", NULL, false, "show what would change, and change nothing" },
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};

const struct command cmd_apply = {
	.name = "apply",
	.summary = "make a running vmmqd equal to a configuration file",
	.operands = "FILE",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description = "Reads a configuration (YAML; - is standard input), checks it as 'vmmq check' does, and makes "
		       "the running switch equal to it, all or nothing and under traffic: VPorts are told apart by "
		       "id, filters by MAC and VLAN. Prints every change.",
	.examples = "vmmq apply four-vms.yaml --dry-run\n\n"
		    "vmmq apply four-vms.yaml",
	.run = cmd_apply_run,
};
