/* SPDX-License-Identifier: BSD-2-Clause */
/* The signals that end a program, as a descriptor to poll beside others.  One at a time; one thread. */
#ifndef VMMQ_VMMQ_END_SIGNALS_H
#define VMMQ_VMMQ_END_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* before: the signals that were blocked when they were opened. */
struct end_signals {
	int fd;
	sigset_t before;
};

/*
 * end_signals_open blocks SIGINT, SIGTERM and SIGHUP, and with quit SIGQUIT; fd becomes readable when one of them comes.
 * false: see errno; nothing has changed.
 * end_signals_close takes those that have come, since they were meant for us and have been obeyed, and lets go of them.
 */
bool end_signals_open(struct end_signals *signals, bool quit);
void end_signals_close(struct end_signals *signals);

#endif
