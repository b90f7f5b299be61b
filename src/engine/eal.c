/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/eal_directory.h"
#include "engine/eal_hugepages.h"
#include "engine/eal_possible.h"

#define PREFIX "vmmq" /* of DPDK's files */

/* What the EAL says goes to log once that is set; while it starts it is kept as well, for the reason of a failure. */
static struct {
	eal_log_fn *log;
	void *context;
	char last[256]; /* the last line */
	size_t len;     /* of what has come of the line now coming */
	char line[1024];
} eal_said;

static char memory_why[EAL_HUGEPAGES_WHY_MAX];
static struct eal_memory memory = { .why = memory_why };

/* cpu_list writes the CPUs that this process may run on: "0,1,5". */
static void cpu_list_write(char *list, size_t len)
{
	cpu_set_t set;
	size_t at = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set))
		CPU_SET(0, &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && at + 8 < len; cpu++)
		if (CPU_ISSET(cpu, &set))
			at += (size_t)snprintf(list + at, len - at, "%s%d", at ? "," : "", cpu);
}

static int eal_severity(void)
{
	/* RTE_LOG_CRIT 3 is LOG_CRIT 2, RTE_LOG_ERR 4 is LOG_ERR 3, ..., and nothing is worse than an error */
	int level = rte_log_cur_msg_loglevel() - 1;

	return level < 3 ? 3 : level > 7 ? 7 : level;
}

static void eal_log_end_line(void)
{
	eal_said.line[eal_said.len] = '\0';
	eal_said.len = 0;
	if (!eal_said.line[0])
		return;
	snprintf(eal_said.last, sizeof(eal_said.last), "%.255s", eal_said.line);
	if (eal_said.log)
		eal_said.log(eal_said.context, eal_severity(), eal_said.line);
}

static ssize_t eal_log_write(void *cookie, const char *text, size_t len)
{
	(void)cookie;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			eal_log_end_line();
		else if (eal_said.len + 1 < sizeof(eal_said.line))
			eal_said.line[eal_said.len++] = text[i];
	}
	return (ssize_t)len;
}

/* listen_to makes the EAL's log ours, line-buffered: one writer at a time, as stdio locks the stream. */
static bool eal_log_open(const struct eal_params *params)
{
	const cookie_io_functions_t functions = { .write = eal_log_write };
	FILE *stream = fopencookie(NULL, "w", functions);

	if (!stream)
		return false;
	setvbuf(stream, NULL, _IOLBF, BUFSIZ);
	eal_said.log = params->log;
	eal_said.context = params->log_context;
	rte_openlog_stream(stream); /* the process's from here on */
	return true;
}

static bool memory_choose(const struct eal_params *params)
{
	snprintf(memory_why, sizeof(memory_why), "no hugepages are wanted");
	memory = (struct eal_memory){ .why = memory_why };
	memory.huge = params->hugepages && eal_hugepages_suffice(params->memory_mb, &memory.unused, memory_why);
	memory.unused &= !memory.huge;
	return memory.huge;
}

static int eal_init(const struct eal_params *params)
{
	const bool huge = memory_choose(params);
	char cpus[1024], lcores[1200], memory_mb[16], prefix[] = "--file-prefix=" PREFIX;
	char program[] = "vmmq", no_huge[] = "--no-huge", no_shconf[] = "--no-shconf", in_memory[] = "--in-memory";
	char no_pci[] = "--no-pci", no_telemetry[] = "--no-telemetry";
	char lcores_option[] = "--lcores", memory_option[] = "-m";
	char *argv[16] = { program, lcores_option, lcores, prefix };
	int argc = 4;

	cpu_list_write(cpus, sizeof(cpus));
	snprintf(lcores, sizeof(lcores), "(0-%u)@(%s)", params->threads, cpus);
	snprintf(memory_mb, sizeof(memory_mb), "%u", params->memory_mb);
	if (huge) {
		argv[argc++] = in_memory;
	} else {
		argv[argc++] = no_huge;
		argv[argc++] = no_shconf;
		argv[argc++] = memory_option;
		argv[argc++] = memory_mb;
	}
	if (!params->pci)
		argv[argc++] = no_pci;
	if (!params->telemetry)
		argv[argc++] = no_telemetry;
	return rte_eal_init(argc, argv);
}

/* eal_start_in is eal_init() with the runtime directory of eal_directory.h, which is kept for telemetry only. */
static int eal_start_in(const struct eal_params *params)
{
	const char *directory = eal_directory_enter(PREFIX, params->telemetry);
	int status = eal_init(params);

	eal_directory_leave();
	if (status < 0 || !params->telemetry)
		eal_directory_remove();
	else if (directory)
		rte_log(RTE_LOG_WARNING, RTE_LOGTYPE_EAL,
			"EAL: the usual runtime directory cannot be used; telemetry is at %s/dpdk_telemetry.v2\n",
			rte_eal_get_runtime_dir());
	return status;
}

int eal_start_with(const struct eal_params *params, char *error, size_t error_len)
{
	if (params->threads < 1 || params->threads > EAL_THREADS_MAX) {
		snprintf(error, error_len, "%u threads are wanted; 1 to %u are possible", params->threads,
			 EAL_THREADS_MAX);
		return -1;
	}
	if (!eal_possible(params, error, error_len))
		return -1;
	if (!eal_log_open(params)) {
		snprintf(error, error_len, "out of memory");
		return -1;
	}
	if (eal_start_in(params) >= 0)
		return 0;
	if (params->telemetry && eal_directory_is_missing())
		snprintf(
		    error, error_len,
		    "there is no directory for DPDK's telemetry socket: neither the usual one, nor one in $TMPDIR "
		    "or /tmp, can be made: set TMPDIR to one that may be written to, or start without telemetry");
	else
		snprintf(error, error_len, "DPDK's EAL does not start: %s",
			 eal_said.last[0] ? eal_said.last : rte_strerror(rte_errno));
	return -1;
}

int eal_start(unsigned threads, unsigned memory_mb, char *error, size_t error_len)
{
	const struct eal_params params = { .threads = threads, .memory_mb = memory_mb };

	return eal_start_with(&params, error, error_len);
}

const struct eal_memory *eal_memory(void)
{
	return &memory;
}

int eal_run(unsigned thread, int (*run)(void *argument), void *argument)
{
	return rte_eal_remote_launch(run, argument, thread + 1);
}

void eal_wait(void)
{
	rte_eal_mp_wait_lcore();
}

void eal_stop(void)
{
	rte_eal_cleanup();
	eal_directory_remove();
}
