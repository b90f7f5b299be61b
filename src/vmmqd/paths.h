/* SPDX-License-Identifier: BSD-2-Clause */
/* Where state and sockets are unless the command line says so. */
#ifndef VMMQD_PATHS_H
#define VMMQD_PATHS_H

#include <limits.h>
#include <stddef.h>

#include "vmmqd/options.h"

struct paths {
	char state[PATH_MAX];
	char socket[PATH_MAX];
	char sockets[PATH_MAX]; /* directory of vhost-user and memif sockets, absolute */
};

/*
 * paths_choose fills paths from options, the user and its environment, and makes the directories of those that were not
 * given.  Returns 0, or -1 with a sentence in error.
 */
int paths_choose(const struct options *options, struct paths *paths, char *error, size_t error_len);

#endif
