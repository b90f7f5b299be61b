/* SPDX-License-Identifier: BSD-2-Clause */
#include "configuration.h"

#include <stdio.h>
#include <string.h>

#include "control/build_switch.h"

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

bool configuration_read(const char *file, struct vmmq_config *config, struct vmmq_nic_switch **sw,
			struct config_error *error)
{
	struct vmmq_why why;

	*sw = NULL;
	if (vmmq_config_load(file, config, error))
		return false;
	if (switch_from_config(config, sw, &why) == VMMQ_SUCCESS)
		return true;
	vmmq_config_fini(config);
	memset(error, 0, sizeof(*error));
	snprintf(error->path, sizeof(error->path), "%s", why.path);
	snprintf(error->text, sizeof(error->text), "%s", why.text);
	return false;
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
