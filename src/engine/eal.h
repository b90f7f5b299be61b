/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DPDK's EAL for a program of ours: unprivileged, without files that outlast it, and silent unless told otherwise.  Its
 * threads float over the CPUs that the process may use, so there may be more of them than CPUs.
 */
#ifndef VMMQ_ENGINE_EAL_H
#define VMMQ_ENGINE_EAL_H

#include <stdbool.h>
#include <stddef.h>

#define EAL_THREADS_MAX 120

/*
 * What the EAL says, a line at a time without its end.  severity: as in syslog(3), 3 (error) to 7 (debug).  Called on any
 * thread, one at a time.
 */
typedef void eal_log_fn(void *context, int severity, const char *line);

/*
 * threads: worker threads besides the caller's, 1 to EAL_THREADS_MAX.  memory_mb: memory, which is taken from the system as it
 * is used.  hugepages: take it from those instead, as much as is needed, when memory_mb of them can be had.
 * pci: look for PCI devices.  telemetry: DPDK's telemetry socket, in its usual place if that is ours, else in a private
 * directory, which the log tells.  log may be NULL.
 */
struct eal_params {
	unsigned threads;
	unsigned memory_mb;
	bool hugepages;
	bool pci;
	bool telemetry;
	eal_log_fn *log;
	void *log_context;
};

/* Where memory comes from: hugepages, or why it does not (a sentence).  unused: though there are some. */
struct eal_memory {
	bool huge, unused;
	const char *why;
};

/*
 * eal_start_with initialises the EAL.  Once per process.  Returns 0, or -1 with what the EAL said in error.
 * eal_start does it for a program that needs nothing but memory and threads.
 * eal_memory: after a start.
 */
int eal_start_with(const struct eal_params *params, char *error, size_t error_len);
int eal_start(unsigned threads, unsigned memory_mb, char *error, size_t error_len);
const struct eal_memory *eal_memory(void);

/* eal_run starts run(argument) on worker thread 0 to threads - 1; eal_wait waits until all workers have returned. */
int eal_run(unsigned thread, int (*run)(void *argument), void *argument);
void eal_wait(void);
void eal_stop(void);

#endif
