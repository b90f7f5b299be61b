/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where DPDK keeps its runtime directory: dpdk/<prefix> below $RUNTIME_DIRECTORY, else below /var/run for root and below
 * $XDG_RUNTIME_DIR, or /tmp, for others.  It asks neither whose that is nor who else is there, so in /tmp whoever comes
 * first shuts out all others.  Nobody looks for ours unless there is a telemetry socket in it: then it is the usual one
 * if that is ours, else, and always without telemetry, a private one below $TMPDIR or /tmp.  What is killed leaves that
 * behind: without telemetry only while the EAL starts.
 */
#ifndef VMMQ_ENGINE_EAL_DIRECTORY_H
#define VMMQ_ENGINE_EAL_DIRECTORY_H

#include <stdbool.h>

/*
 * eal_directory_enter makes rte_eal_init() use the right directory, by way of the environment: before it, while there is
 * one thread.  prefix: DPDK's file prefix.  Returns the private directory, which lasts until eal_directory_remove(), or
 * NULL: DPDK's usual one, also when none could be made.
 * eal_directory_leave gives the environment back, after rte_eal_init().
 * eal_directory_is_missing tells whether a private one was wanted last, and could not be made.
 * eal_directory_remove removes the private directory and what is in it, if there is one.
 */
const char *eal_directory_enter(const char *prefix, bool telemetry);
void eal_directory_leave(void);
bool eal_directory_is_missing(void);
void eal_directory_remove(void);

#endif
