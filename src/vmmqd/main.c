/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmqd: a VMMQ switch for virtual machines. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/command.h"
#include "vmmqd/daemon.h"
#include "vmmqd/log.h"

/* Standard streams that are closed would be taken by the next files opened. */
static void standard_streams_open(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Each client, port and processor takes descriptors: use as many as we may have. */
static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	static struct paths paths;
	struct options options;
	char error[PATH_MAX + 256];
	int status;

	standard_streams_open();
	setlocale(LC_CTYPE, "");
	if (!options_parse(argc, argv, &options, &status)) {
		if (fflush(stdout) == 0)
			return status;
		fprintf(stderr, "vmmqd: standard output: %s\n", strerror(errno));
		return COMMAND_REFUSED;
	}
	log_open(options.log_level);
	if (paths_choose(&options, &paths, error, sizeof(error))) {
		log_line(LOG_LEVEL_ERROR, "%s", error);
		return COMMAND_REFUSED;
	}
	raise_descriptor_limit();
	daemon_block_signals();
	return daemon_run(&options, &paths);
}
