/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a server is one to follow, by the row that each keeps about our database in its database _Server (ovsdb-server(5)): a member of a
 * cluster that has lost the others goes on answering from what it knows.
 */
#ifndef VMMQ_OVSDB_OVSDB_SERVER_H
#define VMMQ_OVSDB_OVSDB_SERVER_H

#include "ovsdb/ovsdb_rows.h"

extern const struct ovsdb_wanted ovsdb_server_wanted;
extern const struct ovsdb_schema ovsdb_server_schema;

/* How far a cluster has come, as far as we know.  cluster: zero, and index: 0, where they are not: of a server alone, or a relay. */
struct ovsdb_progress {
	struct ovsdb_uuid cluster;
	uint64_t index;
};

struct ovsdb_server {
	bool relay, leads;         /* of a cluster, or is the only one */
	struct ovsdb_uuid cluster; /* zero: a server alone, or a relay, which does not say of which */
};

/*
 * ovsdb_server_judge looks into the rows of _Server.  index: the server's, 0 where it has none.  False: it is not to be followed, and *why
 * says what it is.  seen is only read.
 */
bool ovsdb_server_judge(struct ovsdb_server *server, const struct ovsdb_rows *rows, const char *database,
			bool leader_only, const struct ovsdb_progress *seen, uint64_t index, struct ovsdb_why *why);

/* ovsdb_cluster_differs: both are known, and are two. */
bool ovsdb_cluster_differs(const struct ovsdb_server *server, const struct ovsdb_progress *seen);
/* ovsdb_progress_see remembers how far the cluster of that server is. */
void ovsdb_progress_see(struct ovsdb_progress *seen, const struct ovsdb_server *server, uint64_t index);

#endif
