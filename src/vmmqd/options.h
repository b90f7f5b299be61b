/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of vmmqd.  One table gives parsing, --help and the manual page. */
#ifndef VMMQD_OPTIONS_H
#define VMMQD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Paths are NULL where the default is meant (paths.h). */
struct options {
	const char *config;
	const char *fallback_config;
	const char *state;
	const char *socket;
	const char *sockets;
	const char *change_group, *read_group;
	const char *metrics;
	bool telemetry;
	bool reseed;
	bool allow_devargs;
	bool keep_capabilities;
	const char *interfaces, *pci_devices; /* patterns that ports may have; NULL: any */
	bool copy;
	bool pin;
	bool hugepages;
	int log_level; /* as in syslog(3) */
	uint32_t buffers;
};

/*
 * options_parse returns true with *options filled; false when the process is to exit with *status: after --help and the like, or a
 * wrong command line, about which everything has been printed.
 */
bool options_parse(int argc, char **argv, struct options *options, int *status);

#endif
