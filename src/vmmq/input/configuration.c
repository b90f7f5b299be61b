/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/configuration.h"

#include <stdio.h>
#include <string.h>

#include "config/build_switch.h"
#include "vmmq/client/daemon_ask.h"

void configuration_refusal(const char *file, const struct config_error *error, char text[CONFIGURATION_REFUSAL_MAX])
{
	const char *path_end = error->path[0] ? ": " : "";
	char place[32] = "";

	if (strcmp(file, "-") == 0)
		file = "standard input";
	if (error->line)
		snprintf(place, sizeof(place), ":%u:%u", error->line, error->column);
	snprintf(text, CONFIGURATION_REFUSAL_MAX, "%.400s%s: %s%s%s", file, place, error->path, path_end,
		 error->text);
}

/* make_switch completes a configuration that has been read, or frees it. */
static bool make_switch(struct vmmq_config *config, struct vmmq_nic_switch **sw, struct config_error *error)
{
	struct vmmq_why why;

	if (switch_from_config(config, sw, &why) == VMMQ_SUCCESS)
		return true;
	vmmq_config_fini(config);
	memset(error, 0, sizeof(*error));
	snprintf(error->path, sizeof(error->path), "%s", why.path);
	snprintf(error->text, sizeof(error->text), "%s", why.text);
	return false;
}

bool configuration_read(const char *file, struct vmmq_config *config, struct vmmq_nic_switch **sw,
			struct config_error *error)
{
	*sw = NULL;
	return vmmq_config_load(file, config, error) == 0 && make_switch(config, sw, error);
}

bool configuration_parse(const char *yaml, size_t len, struct vmmq_config *config, struct vmmq_nic_switch **sw,
			 struct config_error *error)
{
	*sw = NULL;
	return vmmq_config_parse(yaml, len, config, error) == 0 && make_switch(config, sw, error);
}

int configuration_load(const struct command_line *line, const char *file, struct vmmq_config *config,
		       struct vmmq_nic_switch **sw)
{
	struct config_error error;
	char text[CONFIGURATION_REFUSAL_MAX];

	if (configuration_read(file, config, sw, &error))
		return COMMAND_DONE;
	configuration_refusal(file, &error, text);
	return command_fail(line, "%s", text);
}

static int configuration_fetch(const struct command_line *line, struct vmmq_config *config,
			       struct vmmq_nic_switch **sw)
{
	json_t *result = daemon_ask(line, "config.show", NULL), *yaml = json_object_get(result, "yaml");
	char text[CONFIGURATION_REFUSAL_MAX];
	struct config_error error;
	int status = COMMAND_DONE;

	if (!result)
		return COMMAND_REFUSED;
	if (!json_is_string(yaml)) {
		status = command_fail(line, "config.show: the answer has no yaml");
	} else if (json_is_string(json_object_get(result, "notice"))) {
		status = command_fail(line, "config.show: %s; ask as a member of vmmqd's --change-group",
				      json_string_value(json_object_get(result, "notice")));
	} else if (!configuration_parse(json_string_value(yaml), json_string_length(yaml), config, sw, &error)) {
		configuration_refusal("the running configuration", &error, text);
		status = command_fail(line, "%s", text);
	}
	json_decref(result);
	return status;
}

int configuration_choice(const struct command_line *line)
{
	bool file = command_flag(line, "config"), daemon = command_flag(line, "connect");

	if (file && daemon)
		return command_usage(line, "--config and --connect: one of them is enough");
	if (!file && !daemon)
		return command_usage(line, "--config FILE is needed, or --connect PATH");
	return COMMAND_DONE;
}

int configuration_choose(const struct command_line *line, struct vmmq_config *config, struct vmmq_nic_switch **sw)
{
	if (command_flag(line, "connect"))
		return configuration_fetch(line, config, sw);
	return configuration_load(line, command_value(line, "config"), config, sw);
}
