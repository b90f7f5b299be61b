/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_server.h"

#include <inttypes.h>
#include <string.h>

enum { NAME, MODEL, CONNECTED, LEADER, CLUSTER };

/* Not its column "schema": ovsdb-server 3.1 leaves that as it was when the database is converted. */
static const struct ovsdb_column columns[] = {
	[NAME] = { "name", OVSDB_STRING, OVSDB_VOID },
	[MODEL] = { "model", OVSDB_STRING, OVSDB_VOID },
	[CONNECTED] = { "connected", OVSDB_BOOLEAN, OVSDB_VOID },
	[LEADER] = { "leader", OVSDB_BOOLEAN, OVSDB_VOID },
	[CLUSTER] = { "cid", OVSDB_UUID, OVSDB_VOID },
};

static const struct ovsdb_table tables[] = { { "Database", columns, sizeof(columns) / sizeof(columns[0]) } };

const struct ovsdb_wanted ovsdb_server_wanted = { "_Server", tables, 1 };

const struct ovsdb_schema ovsdb_server_schema = {
	.type = { {
	    [NAME] = { OVSDB_STRING, OVSDB_VOID, 1, 1 },
	    [MODEL] = { OVSDB_STRING, OVSDB_VOID, 1, 1 },
	    [CONNECTED] = { OVSDB_BOOLEAN, OVSDB_VOID, 1, 1 },
	    [LEADER] = { OVSDB_BOOLEAN, OVSDB_VOID, 1, 1 },
	    [CLUSTER] = { OVSDB_UUID, OVSDB_VOID, 0, 1 },
	} },
};

static const struct ovsdb_row *database_find(const struct ovsdb_rows *rows, const char *database)
{
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(rows, 0, row)) && strcmp(row->column[NAME].item[0].key.text, database) != 0)
		;
	return row;
}

static bool uuid_is_zero(const struct ovsdb_uuid *uuid)
{
	static const struct ovsdb_uuid zero;

	return memcmp(uuid, &zero, sizeof(zero)) == 0;
}

bool ovsdb_cluster_differs(const struct ovsdb_server *server, const struct ovsdb_progress *seen)
{
	return !uuid_is_zero(&server->cluster) && !uuid_is_zero(&seen->cluster) &&
	       memcmp(&server->cluster, &seen->cluster, sizeof(seen->cluster)) != 0;
}

void ovsdb_progress_see(struct ovsdb_progress *seen, const struct ovsdb_server *server, uint64_t index)
{
	bool other = ovsdb_cluster_differs(server, seen);

	if (uuid_is_zero(&server->cluster))
		return;
	seen->cluster = server->cluster;
	if (other || index > seen->index)
		seen->index = index;
}

bool ovsdb_server_judge(struct ovsdb_server *server, const struct ovsdb_rows *rows, const char *database,
			bool leader_only, const struct ovsdb_progress *seen, uint64_t index, struct ovsdb_why *why)
{
	const struct ovsdb_row *row = database_find(rows, database);

	*server = (struct ovsdb_server){ 0 };
	if (!row)
		return ovsdb_refuse(why, "it has no database %s", database);
	server->relay = strcmp(row->column[MODEL].item[0].key.text, "relay") == 0;
	if (!row->column[CONNECTED].item[0].key.boolean)
		return ovsdb_refuse(why, "it is not connected to %s",
				    server->relay ? "what it relays" : "its cluster");
	server->leads = row->column[LEADER].item[0].key.boolean && !server->relay;
	if (leader_only && !server->leads)
		return ovsdb_refuse(why, "it is not the leader");
	if (row->column[CLUSTER].count)
		server->cluster = row->column[CLUSTER].item[0].key.uuid;
	if (index && !ovsdb_cluster_differs(server, seen) && index < seen->index)
		return ovsdb_refuse(why,
				    "it is behind: at index %" PRIu64 ", where its cluster was at %" PRIu64 " before",
				    index, seen->index);
	return true;
}
