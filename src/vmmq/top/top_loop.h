/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq top at a terminal: keys, samples, signals.  Returns enum command_exit. */
#ifndef VMMQ_VMMQ_TOP_TOP_LOOP_H
#define VMMQ_VMMQ_TOP_TOP_LOOP_H

#include "base/command.h"

int top_loop(const struct command_line *line, const char *path, double interval);

#endif
