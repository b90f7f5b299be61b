/* SPDX-License-Identifier: BSD-2-Clause */
/* How far it is, in one line of a terminal that is drawn over again; where nobody looks, nothing. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_PROGRESS_H
#define VMMQ_VMMQ_FLEET_FLEET_PROGRESS_H

#include <stdio.h>

#include "base/terminal.h"

/* fleet_progress shows text on standard error; "": takes the line away. */
static inline void fleet_progress(const char *text)
{
	if (terminal_is_interactive(stderr))
		fprintf(stderr, "\r\033[K%.*s", TERMINAL_COLUMNS - 1, text);
}

#endif
