/* SPDX-License-Identifier: BSD-2-Clause */
/* What the table of commands says, as help. */
#ifndef VMMQ_BASE_COMMAND_HELP_H
#define VMMQ_BASE_COMMAND_HELP_H

#include <stdio.h>

#include "base/command.h"

/* command_help shows how to use a command, a family or, for its root, the program. */
void command_help(FILE *out, const struct program *program, const struct command *command);

/* command_synopsis writes "vmmq hash --type TYPE [OPTION]... SRC[:PORT] DST[:PORT]" without the program's name. */
void command_synopsis(FILE *out, const struct command *command);

/* The options that are not in a command's table: --help, and of the program itself --version, up to the count. */
const struct command_option *command_common_options(const struct command *command, size_t *count);

/*
 * command_begin parses a command line as command_parse() does, and answers --help and --version.  Returns true when the
 * command is to run; else the process is to exit with *status.
 */
bool command_begin(const struct program *program, const struct command *command, int argc, char **argv,
		   struct command_line *line, int *status);

#endif
