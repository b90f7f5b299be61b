/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_BASE_COMMAND_COMPLETION_H
#define VMMQ_BASE_COMMAND_COMPLETION_H

#include <stdio.h>

#include "base/command.h"

/* command_completion writes a completion script for bash, of a program with commands. */
void command_completion(FILE *out, const struct program *program);

#endif
