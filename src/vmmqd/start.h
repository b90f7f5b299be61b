/* SPDX-License-Identifier: BSD-2-Clause */
/* From options to a running switch. */
#ifndef VMMQD_START_H
#define VMMQD_START_H

#include "control/live.h"
#include "vmmqd/options.h"
#include "vmmqd/paths.h"

#define START_ERROR_MAX 1024

/*
 * start_config_again reads the configuration file while everything runs: never waits, only for a regular file.  false with
 * "FILE:LINE:COLUMN: PATH: ..." in error.
 */
bool start_config_again(const char *file, struct vmmq_config *config, char error[START_ERROR_MAX]);

/*
 * start_live starts the EAL, and on it what the state, or else the configuration, describes.  NULL with a sentence in error.
 * *fleet: what the configuration has of it, whatever the state; the caller's for config_fleet_free(), NULL: nothing.
 * start_stop closes both.
 */
struct live *start_live(const struct options *options, const struct paths *paths, struct config_fleet **fleet,
			char error[START_ERROR_MAX]);
void start_stop(struct live *live);

#endif
