/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DPDK's EAL for a program of ours: unprivileged, without hugepages, PCI devices or files of its own, and silent.  Its
 * threads float over the CPUs that the process may use, so there may be more of them than CPUs.
 */
#ifndef VMMQ_ENGINE_EAL_H
#define VMMQ_ENGINE_EAL_H

#include <stddef.h>

#define EAL_THREADS_MAX 120

/*
 * eal_start initialises the EAL with threads worker threads besides the caller's, 1 to EAL_THREADS_MAX, and memory_mb of
 * memory, which is taken from the system as it is used.  Once per process.  Returns 0, or -1 with what the EAL said
 * in error.
 */
int eal_start(unsigned threads, unsigned memory_mb, char *error, size_t error_len);

/* eal_run starts run(argument) on worker thread 0 to threads - 1; eal_wait waits until all workers have returned. */
int eal_run(unsigned thread, int (*run)(void *argument), void *argument);
void eal_wait(void);
void eal_stop(void);

#endif
