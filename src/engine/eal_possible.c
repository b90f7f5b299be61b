/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eal_possible.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/eal.h"

#define CPUS               "/sys/devices/system/cpu"
#define DESCRIPTORS        32u /* of the EAL itself, and of a program that does something with it */
#define DESCRIPTORS_THREAD 8u
#define SPACE_MB           256u /* of address space beside the memory that is asked for: program, libraries, stacks */

/* descriptors_suffice: the EAL panics where it finds none for the pipes of its threads. */
static bool descriptors_suffice(const struct eal_params *params, char *error, size_t error_len)
{
	const rlim_t needed = DESCRIPTORS + DESCRIPTORS_THREAD * params->threads;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= needed)
		return true;
	snprintf(error, error_len,
		 "a process may have %" PRIu64 " descriptors here (RLIMIT_NOFILE), and %" PRIu64
		 " are needed at least: raise the limit (LimitNOFILE= of a unit, ulimit -n)",
		 (uint64_t)limit.rlim_cur, (uint64_t)needed);
	return false;
}

static bool space_suffices(const struct eal_params *params, char *error, size_t error_len)
{
	const uint64_t needed_mb = (uint64_t)params->memory_mb + SPACE_MB;
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >> 20 >= needed_mb)
		return true;
	snprintf(error, error_len,
		 "a process may have %" PRIu64 " MiB of address space here (RLIMIT_AS), and %" PRIu64
		 " are needed at least: raise the limit (LimitAS= of a unit, ulimit -v), or ask for fewer buffers",
		 (uint64_t)limit.rlim_cur >> 20, needed_mb);
	return false;
}

static bool cpus_are_known(char *error, size_t error_len)
{
	if (access(CPUS, R_OK | X_OK) == 0)
		return true;
	snprintf(error, error_len,
		 "%s cannot be read, where DPDK finds the CPUs: mount it (mount -t sysfs sysfs /sys)", CPUS);
	return false;
}

bool eal_possible(const struct eal_params *params, char *error, size_t error_len)
{
	return descriptors_suffice(params, error, error_len) && space_suffices(params, error, error_len) &&
	       cpus_are_known(error, error_len);
}
