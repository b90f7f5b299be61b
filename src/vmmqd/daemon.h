/* SPDX-License-Identifier: BSD-2-Clause */
/* The control thread's loop. */
#ifndef VMMQD_DAEMON_H
#define VMMQD_DAEMON_H

#include "vmmqd/options.h"
#include "vmmqd/paths.h"

/* daemon_block_signals: before any thread is started, so that all inherit it. */
void daemon_block_signals(void);

/* daemon_run runs until a signal says stop.  Returns enum command_exit, after having logged why it is not COMMAND_DONE. */
int daemon_run(const struct options *options, const struct paths *paths);

#endif
