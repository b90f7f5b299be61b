/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session that keeps itself connected: to one of several servers, to the next when that has gone, is not of the cluster any more, is
 * behind or talks nonsense.  One descriptor and one time to wake up, for a loop that has others too; nothing here waits, and memory is
 * bounded by the session's limits.
 */
#ifndef VMMQ_OVSDB_OVSDB_CLIENT_H
#define VMMQ_OVSDB_OVSDB_CLIENT_H

#include "ovsdb/ovsdb_session.h"
#include "ovsdb/ovsdb_tls.h"

#define OVSDB_REMOTES_MAX 24

#define OVSDB_HOME_NS                                                                                                \
	(300 * SECOND_NS) /* so often, by chance up to twice, a client looks for a server that it prefers */

struct ovsdb_client_params {
	struct ovsdb_session_params session; /* its seed is the client's to choose */
	const char *const *remote;           /* ovsdb_remote.h */
	unsigned remote_count;
	unsigned
	    near_count; /* so many of them, from the first, are preferred: another is followed while none of them is good; 0: all are alike */
	struct ovsdb_tls_files
	    tls;        /* needed where a remote is ssl:; outlives the client, which reads them for each connection */
	bool tls_later; /* files that cannot be used yet are no reason not to begin */
	uint64_t retry_ns; /* the first wait, ovsdb_retry.h; 0: a second */
	uint64_t home_ns;  /* 0: OVSDB_HOME_NS */
};

struct ovsdb_client_status {
	enum ovsdb_session_state state;
	const char *remote; /* the present server, or the one that comes next */
	uint64_t since_ns;  /* since when it is followed, or none is */
	unsigned failures;  /* servers that were tried since one was followed for some time */
	char why
	    [512]; /* for what the last connection ended, or was none, with its server; "": there was none before */
};

struct ovsdb_client;

/* ovsdb_client_create reads remotes and files; the first connection is ovsdb_client_run's.  NULL: *why. */
struct ovsdb_client *ovsdb_client_create(const struct ovsdb_client_params *params, uint64_t now_ns,
					 struct ovsdb_why *why);
void ovsdb_client_destroy(struct ovsdb_client *c);

/* ovsdb_client_fd returns a descriptor that is readable when there is something to do; the client's, and always the same. */
int ovsdb_client_fd(const struct ovsdb_client *c);
/* ovsdb_client_wake_ns: when there will be something to do whatever that descriptor says. */
uint64_t ovsdb_client_wake_ns(const struct ovsdb_client *c);
/* ovsdb_client_run does what there is to do, without waiting.  After calls to the session, too. */
void ovsdb_client_run(struct ovsdb_client *c, uint64_t now_ns);

/* ovsdb_client_pause: there is no connection, and none is wanted; one there was is as one that was lost.  _resume: from now on one is. */
void ovsdb_client_pause(struct ovsdb_client *c);
void ovsdb_client_resume(struct ovsdb_client *c, uint64_t now_ns);

/* ovsdb_client_session: to ask and look; its connection is the client's. */
struct ovsdb_session *ovsdb_client_session(struct ovsdb_client *c);
void ovsdb_client_status(const struct ovsdb_client *c, struct ovsdb_client_status *status);

#endif
