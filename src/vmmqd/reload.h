/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQD_RELOAD_H
#define VMMQD_RELOAD_H

#include "control/live.h"

/*
 * configuration_reload reads the configuration file again, makes the running switch equal to it, and logs what changed,
 * or why nothing did.
 */
void configuration_reload(struct live *live, const char *file);

#endif
