/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a server is, in the words of ovsdb(7): unix:PATH, tcp:ADDRESS:PORT, ssl:ADDRESS:PORT. */
#ifndef VMMQ_OVSDB_OVSDB_REMOTE_H
#define VMMQ_OVSDB_OVSDB_REMOTE_H

#include <sys/socket.h>

#include "ovsdb/ovsdb_why.h"

#define OVSDB_REMOTE_MAX 128 /* characters, and the end */

struct ovsdb_remote {
	char text[OVSDB_REMOTE_MAX];
	bool tls;
	struct sockaddr_storage address;
	socklen_t address_len;
};

/*
 * ovsdb_remote_read reads one.  An address is IPv4, or IPv6 in brackets, and no name: to look one up would wait for others.  The port is
 * 1 to 65535 and may be left out: 6640.
 */
bool ovsdb_remote_read(struct ovsdb_remote *remote, const char *text, struct ovsdb_why *why);

#endif
