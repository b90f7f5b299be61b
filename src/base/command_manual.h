/* SPDX-License-Identifier: BSD-2-Clause */
/* What the table of commands says, as manual pages in roff. */
#ifndef VMMQ_BASE_COMMAND_MANUAL_H
#define VMMQ_BASE_COMMAND_MANUAL_H

#include <stdio.h>

#include "base/command.h"

/* command_manual writes the page of a command, a family or, for its root, the program. */
void command_manual(FILE *out, const struct program *program, const struct command *command);

/*
 * command_manuals writes vmmq.1 and vmmq-COMMAND.1, all pages of a program with commands, into an existing directory.
 * Returns 0, or -1 with the name of the file that could not be written in failed and the reason in errno.
 */
int command_manuals(const char *directory, const struct program *program, char *failed, size_t failed_len);

#endif
