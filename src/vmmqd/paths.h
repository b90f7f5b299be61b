/* SPDX-License-Identifier: BSD-2-Clause */
/* Where state and socket are unless the command line says so. */
#ifndef VMMQD_PATHS_H
#define VMMQD_PATHS_H

#include <limits.h>
#include <stddef.h>

#include "vmmqd/options.h"

struct paths {
	char state[PATH_MAX];
	char socket[PATH_MAX];
};

/*
 * paths_choose fills paths from options, the user and its environment, and makes the directories of those that were not
 * given.  Returns 0, or -1 with a sentence in error.
 */
int paths_choose(const struct options *options, struct paths *paths, char *error, size_t error_len);

#endif
