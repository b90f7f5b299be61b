/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a client writes.  A server of a cluster that does not lead proposes each transaction on top of the last one that it knows, and again
 * when another one was first, so many who write by way of such servers delay each other without bound; the leader takes one after
 * the other.  So what is written goes to the leader: over the client's own connection where that is to the leader, else over a second one,
 * which is opened when there is something to write and closed soon after, since a server looks at each connection for each transaction.  Where no leader is among the servers
 * that are named, which is believed after OVSDB_WRITER_SEARCH_NS only, since there is none for a while when one has died, it goes to the one that
 * is followed, unless that is a relay.
 */
#ifndef VMMQ_OVSDB_OVSDB_WRITER_H
#define VMMQ_OVSDB_OVSDB_WRITER_H

#include "base/clock.h"
#include "ovsdb/ovsdb_client.h"

#define OVSDB_WRITER_OPEN_NS (SECOND_NS / 5) /* so long after the last transaction the second connection is closed */

#define OVSDB_WRITER_SEARCH_NS (15 * SECOND_NS)

struct ovsdb_writer;

/*
 * ovsdb_writer_create: for a client that outlives it, with the files of params, which was made from them too, and its servers but for those that are
 * preferred, which are relays; its session's rows are not
 * for the writer.  NULL: *why.
 */
struct ovsdb_writer *ovsdb_writer_create(const struct ovsdb_client_params *params, struct ovsdb_client *client,
					 uint64_t now_ns, struct ovsdb_why *why);
/* Transactions under way on the second connection are told OVSDB_LOST. */
void ovsdb_writer_destroy(struct ovsdb_writer *w);

/* ovsdb_writer_fd: readable when either connection has something to do; always the same.  ovsdb_writer_run: both are served; as those of a client. */
int ovsdb_writer_fd(const struct ovsdb_writer *w);
uint64_t ovsdb_writer_wake_ns(const struct ovsdb_writer *w);
void ovsdb_writer_run(struct ovsdb_writer *w, uint64_t now_ns);

/* ovsdb_writer_remote returns the leader that a second connection is open to, or NULL. */
const char *ovsdb_writer_remote(const struct ovsdb_writer *w);

/* ovsdb_writer_session returns the session to write by now; NULL: not yet, but from now on it is looked for. */
struct ovsdb_session *ovsdb_writer_session(struct ovsdb_writer *w, uint64_t now_ns);

#endif
