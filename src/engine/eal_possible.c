/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eal_possible.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/eal.h"

#define CPUS               "/sys/devices/system/cpu"
#define DESCRIPTORS        32u /* of the EAL itself, and of a program that does something with it */
#define DESCRIPTORS_THREAD 8u
#define THREADS            8u   /* the EAL's, and of a program that does something with it */
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

static void *thread_pass(void *gate)
{
	pthread_mutex_lock(gate);
	pthread_mutex_unlock(gate);
	return NULL;
}

/* threads_make makes so many at once, and ends them; 0, or the errno with which one was refused, and *made. */
static int threads_make(unsigned count, unsigned *made)
{
	static pthread_t thread[EAL_THREADS_MAX + THREADS];
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	pthread_attr_t small;
	int error = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, (size_t)PTHREAD_STACK_MIN + (64u << 10));
	pthread_mutex_lock(&gate);
	for (*made = 0; *made < count && !error; *made += !error)
		error = pthread_create(&thread[*made], &small, thread_pass, &gate);
	pthread_mutex_unlock(&gate);
	for (unsigned i = 0; i < *made; i++)
		pthread_join(thread[i], NULL);
	pthread_attr_destroy(&small);
	return error;
}

/* threads_suffice: the EAL panics where a worker cannot be made.  The limit may be a user's or a cgroup's: only trying tells. */
static bool threads_suffice(const struct eal_params *params, char *error, size_t error_len)
{
	unsigned made, needed = params->threads + THREADS;
	int refused = threads_make(needed, &made);

	if (!refused)
		return true;
	snprintf(error, error_len,
		 "%u threads can be made here (%s), and %u are needed at least: raise the limit (TasksMax= and "
		 "LimitNPROC= of a unit, ulimit -u, pids.max of a container)",
		 made, strerror(refused), needed);
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
	       threads_suffice(params, error, error_len) && cpus_are_known(error, error_len);
}
