/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration that a command works with. */
#ifndef VMMQ_VMMQ_INPUT_CONFIGURATION_H
#define VMMQ_VMMQ_INPUT_CONFIGURATION_H

#include <vmmq/nic_switch.h>

#include "base/command.h"
#include "config/config_yaml.h"

#define CONFIGURATION_REFUSAL_MAX 1024

/* What a refused file is told with: "FILE:12:5: vports[1].rss.key: ...".  An unknown line and an empty path are left out. */
void configuration_refusal(const char *file, const struct config_error *error, char text[CONFIGURATION_REFUSAL_MAX]);

/*
 * configuration_read reads a file ("-" is standard input) and makes the NIC switch that it describes.  Returns true with
 * both the caller's, for vmmq_config_fini() and vmmq_nic_switch_destroy(); false with *error set and nothing to free.
 */
bool configuration_read(const char *file, struct vmmq_config *config, struct vmmq_nic_switch **sw,
			struct config_error *error);

/* configuration_parse does the same with the len bytes of a file. */
bool configuration_parse(const char *yaml, size_t len, struct vmmq_config *config, struct vmmq_nic_switch **sw,
			 struct config_error *error);

/* configuration_load does the same for a command, and returns COMMAND_DONE, or COMMAND_REFUSED after having said why. */
int configuration_load(const struct command_line *line, const char *file, struct vmmq_config *config,
		       struct vmmq_nic_switch **sw);

/*
 * Commands that have --config FILE, and --connect PATH for the configuration that a vmmqd runs with.
 * configuration_choice returns COMMAND_DONE when one of them is given, else COMMAND_USAGE after having said so.
 * configuration_choose is configuration_load() with the one that is.
 */
int configuration_choice(const struct command_line *line);
int configuration_choose(const struct command_line *line, struct vmmq_config *config, struct vmmq_nic_switch **sw);

#endif
