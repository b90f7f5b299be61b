/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cpu_list writes the CPUs that this process may run on: "0,1,5". */
static void cpu_list(char *list, size_t len)
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

/* last_line points error at what the EAL said last, without its line end. */
static void last_line(char *said, char *error, size_t error_len)
{
	char *line;

	while (*said && said[strlen(said) - 1] == '\n')
		said[strlen(said) - 1] = '\0';
	line = strrchr(said, '\n');
	snprintf(error, error_len, "DPDK's EAL does not start: %s",
		 *said ? (line ? line + 1 : said) : rte_strerror(rte_errno));
}

static int init(unsigned threads, unsigned memory_mb)
{
	char cpus[1024], lcores[1200], memory[16];
	char program[] = "vmmq", no_huge[] = "--no-huge", no_pci[] = "--no-pci", no_shconf[] = "--no-shconf";
	char no_telemetry[] = "--no-telemetry", lcores_option[] = "--lcores", memory_option[] = "-m";
	char *argv[] = { program,       no_huge, no_pci,        no_shconf, no_telemetry,
			 lcores_option, lcores,  memory_option, memory,    NULL };

	cpu_list(cpus, sizeof(cpus));
	snprintf(lcores, sizeof(lcores), "(0-%u)@(%s)", threads, cpus);
	snprintf(memory, sizeof(memory), "%u", memory_mb);
	return rte_eal_init((int)(sizeof(argv) / sizeof(argv[0])) - 1, argv);
}

int eal_start(unsigned threads, unsigned memory_mb, char *error, size_t error_len)
{
	char *said = NULL;
	size_t said_len = 0;
	FILE *log = open_memstream(&said, &said_len);
	FILE *silence;
	int result;

	if (!log) {
		snprintf(error, error_len, "out of memory");
		return -1;
	}
	rte_openlog_stream(log);
	result = init(threads, memory_mb);
	fflush(log);
	if (result < 0)
		last_line(said, error, error_len);
	silence = fopen("/dev/null", "w");
	rte_openlog_stream(silence); /* the process's from here on */
	fclose(log);
	free(said);
	return result < 0 ? -1 : 0;
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
}
