/* SPDX-License-Identifier: BSD-2-Clause */
/* What a port needs that this process may not do, for a sentence about why it failed. */
#ifndef VMMQ_PORTS_ETHDEV_PRIVILEGE_H
#define VMMQ_PORTS_ETHDEV_PRIVILEGE_H

#include "base/capability.h"
#include "ports/ethdev_port.h"

#define ETHDEV_PRIVILEGE_MAX (CAPABILITY_TEXT_MAX + 160)

/*
 * ethdev_privilege_missing tells whether a kind of port lacks capabilities, and writes ": it needs CAP_NET_RAW: " with what would help
 * (ethdev_privilege_cure()); else text stays as it is.
 */
bool ethdev_privilege_missing(enum ethdev_kind kind, char text[ETHDEV_PRIVILEGE_MAX]);

#endif
