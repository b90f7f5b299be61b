/* SPDX-License-Identifier: BSD-2-Clause */
/* What a port needs that this process, or nobody here, may do, for a sentence about why it failed. */
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

/*
 * ethdev_calls_refused tells, by trying them, whether the kernel or what filters its calls (seccomp) keeps one from the process that a kind of port
 * is made with, and writes ": bpf(2) is refused: " with what would help; else text stays as it is.
 */
bool ethdev_calls_refused(enum ethdev_kind kind, char text[ETHDEV_PRIVILEGE_MAX]);

#endif
