/* SPDX-License-Identifier: BSD-2-Clause */
/* What the table of commands says, as help, as manual pages and as a completion script. */
#ifndef VMMQ_VMMQ_COMMAND_MANUAL_H
#define VMMQ_VMMQ_COMMAND_MANUAL_H

#include <stdio.h>

#include "vmmq/command/command.h"

/* The table: the commands in the order in which they are shown, up to a NULL. */
typedef const struct command *const command_table[];

/* manual_overview shows all commands; manual_help shows one. */
void manual_overview(FILE *out, command_table commands);
void manual_help(FILE *out, const struct command *command);

/* What help and manual pages share: what vmmq is for; "vmmq hash --type TYPE [OPTION]... SRC[:PORT] DST[:PORT]". */
extern const char manual_purpose[];
void manual_synopsis(FILE *out, const struct command *command);

/* manual_completion writes a completion script for bash. */
void manual_completion(FILE *out, command_table commands);

/*
 * manual_pages writes vmmq.1 and vmmq-COMMAND.1 into an existing directory.  Returns 0, or -1 with the name of the file
 * that could not be written in failed and the reason in errno.
 */
int manual_pages(const char *directory, command_table commands, char *failed, size_t failed_len);

#endif
