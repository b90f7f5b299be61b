/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection to a server: a socket that never waits, with TLS between it and the session or not. */
#ifndef VMMQ_OVSDB_OVSDB_LINK_H
#define VMMQ_OVSDB_OVSDB_LINK_H

#include <stdint.h>

#include "ovsdb/ovsdb_remote.h"
#include "ovsdb/ovsdb_session.h"
#include "ovsdb/ovsdb_tls.h"

/* Zeroed with fd -1: none. */
struct ovsdb_link {
	int fd;
	bool connecting;
	struct ovsdb_tls *tls; /* NULL: none */
};

/*
 * ovsdb_link_open begins to connect.  identity: of TLS; NULL where the remote needs none.  True, and link->fd -1: it is there, and has as many who wait for it to
 * accept them as its socket holds.
 */
bool ovsdb_link_open(struct ovsdb_link *link, const struct ovsdb_remote *remote, struct ovsdb_tls_identity *identity,
		     struct ovsdb_why *why);
void ovsdb_link_close(struct ovsdb_link *link);

/* ovsdb_link_connected: *connected is whether it is now.  False: it will not be. */
bool ovsdb_link_connected(struct ovsdb_link *link, bool *connected, struct ovsdb_why *why);

/*
 * ovsdb_link_carry brings to the session what has come, at most a quarter of a MiB at a time, and from it what there is room for.
 * *more: there is something that the socket did not take.  False: the connection is over; *why, or ovsdb_session_why, where that says something.
 */
bool ovsdb_link_carry(struct ovsdb_link *link, struct ovsdb_session *session, uint64_t now_ns, bool *more,
		      struct ovsdb_why *why);

#endif
