/* SPDX-License-Identifier: BSD-2-Clause */
/* What a vmmqd of an ordinary user does not need for its ports, it gives up before anybody can talk to it. */
#ifndef VMMQD_PRIVILEGES_H
#define VMMQD_PRIVILEGES_H

#include <stdint.h>

#include "config/config_model.h"

/* privileges_of returns the capabilities (base/capability.h) that the ports of a configuration need. */
uint64_t privileges_of(const struct vmmq_config *config);

/*
 * privileges_give_up keeps those of needed that the process has, and gives up the others.  Root's it leaves: who owns all files needs no
 * capability to be everything.  Before there are threads.
 */
void privileges_give_up(uint64_t needed);

#endif
