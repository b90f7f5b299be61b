/* SPDX-License-Identifier: BSD-2-Clause */
/* A state of an earlier version becomes one of ours, in one transaction: it is the old one, or whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/port_json.h"
#include "control/state_db_private.h"

#define STRING(x)  #x
#define LITERAL(x) STRING(x)

/*
 * migrated_port returns the text that version 2 has for the devargs of version 1, the caller's to free; NULL: memory.  Devargs that no
 * typed port says, or none that could be read again, were accepted once, and stay as they are.
 */
static char *migrated_port(const char *devargs, bool uplink)
{
	struct port_spec spec, again;
	json_t *object = NULL;
	char *text;

	if (port_spec_from_devargs(&spec, devargs)) {
		if (uplink)
			spec.queues = 0; /* rx_queues says how many */
		object = port_json(&spec);
	}
	if (!object || !port_from_json(object, &again)) {
		json_decref(object);
		object = json_pack("{s:s}", port_kind_text(PORT_DEVICE), devargs);
	}
	text = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return text;
}

/* migrate_ports rewrites a column of devargs; select gives rowid and devargs, update takes them in the other order. */
static bool migrate_ports(struct state_db *db, const char *select, const char *update, bool uplink)
{
	sqlite3_stmt *from = NULL, *to = NULL;
	bool good = sqlite3_prepare_v2(db->sqlite, select, -1, &from, NULL) == SQLITE_OK &&
		    sqlite3_prepare_v2(db->sqlite, update, -1, &to, NULL) == SQLITE_OK;
	int step = SQLITE_DONE;

	while (good && (step = sqlite3_step(from)) == SQLITE_ROW) {
		char *text = migrated_port((const char *)sqlite3_column_text(from, 1), uplink);

		sqlite3_bind_text(to, 1, text, -1, SQLITE_TRANSIENT);
		sqlite3_bind_int64(to, 2, sqlite3_column_int64(from, 0));
		good = text && sqlite3_step(to) == SQLITE_DONE;
		sqlite3_reset(to);
		free(text);
	}
	good = good && step == SQLITE_DONE;
	if (!good)
		state_db_fail_sqlite(db);
	sqlite3_finalize(from);
	sqlite3_finalize(to);
	return good;
}

/* migrate_version reads the version as it is now, which may be in the write-ahead log only. */
static bool migrate_version(struct state_db *db, int *version)
{
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(db->sqlite, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_ROW;

	*version = good ? sqlite3_column_int(statement, 0) : 0;
	if (!good)
		state_db_fail_sqlite(db);
	sqlite3_finalize(statement);
	return good;
}

bool state_db_check_version(struct state_db *db)
{
	int version;

	if (!migrate_version(db, &version))
		return false;
	if (version > STATE_DB_VERSION)
		return state_db_fail(
		    db,
		    "this state has version %d, and this vmmqd knows up to %d: a newer one wrote it; it was "
		    "left alone: install that one again, or bring back a copy from before",
		    version, STATE_DB_VERSION);
	return version >= STATE_DB_VERSION_FIRST ||
	       state_db_fail(db, "this state has version %d, which no vmmqd has written; it was left alone", version);
}

/* Columns that have come since the first version, and what an earlier state means by not having them: VPort 0 is trusted, nothing moves. */
static const struct migrate_column {
	const char *has, *add;
} columns[] = {
	{ "SELECT 1 FROM pragma_table_info('vport') WHERE name='control_frames'",
	  "ALTER TABLE vport ADD COLUMN control_frames INTEGER NOT NULL DEFAULT 0;"
	  "UPDATE vport SET control_frames=1 WHERE id=0;" },
	{ "SELECT 1 FROM pragma_table_info('vport') WHERE name='encapsulation'",
	  "ALTER TABLE vport ADD COLUMN encapsulation INTEGER NOT NULL DEFAULT 0;" },
	{ "SELECT 1 FROM pragma_table_info('vport') WHERE name='vxlan_port'",
	  "ALTER TABLE vport ADD COLUMN vxlan_port INTEGER NOT NULL DEFAULT 4789;" },
	{ "SELECT 1 FROM pragma_table_info('vport') WHERE name='dynamic'",
	  "ALTER TABLE vport ADD COLUMN dynamic INTEGER NOT NULL DEFAULT 0;" },
	{ "SELECT 1 FROM pragma_table_info('vport') WHERE name='min_queue_pairs'",
	  "ALTER TABLE vport ADD COLUMN min_queue_pairs INTEGER NOT NULL DEFAULT 1;" },
	{ "SELECT 1 FROM pragma_table_info('vport') WHERE name='owner'",
	  "ALTER TABLE vport ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;" },
	{ "SELECT 1 FROM pragma_table_info('adapter') WHERE name='balance'",
	  "ALTER TABLE adapter ADD COLUMN balance TEXT;" },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool migrate_has_column(struct state_db *db, const struct migrate_column *column, bool *has)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db->sqlite, column->has, -1, &statement, NULL) != SQLITE_OK)
		return state_db_fail_sqlite(db);
	*has = sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	return true;
}

static bool migrate_is_complete(struct state_db *db, bool *complete)
{
	*complete = true;
	for (size_t i = 0; i < COLUMNS && *complete; i++)
		if (!migrate_has_column(db, &columns[i], complete))
			return false;
	return true;
}

static bool migrate_add_columns(struct state_db *db)
{
	for (size_t i = 0; i < COLUMNS; i++) {
		bool has = false;

		if (!migrate_has_column(db, &columns[i], &has) || (!has && !state_db_run(db, columns[i].add)))
			return false;
	}
	return true;
}

static bool migrate_all_ports(struct state_db *db)
{
	return migrate_ports(db, "SELECT id,backend FROM vport WHERE backend IS NOT NULL ORDER BY id",
			     "UPDATE vport SET backend=?1 WHERE id=?2", false) &&
	       migrate_ports(db, "SELECT only,uplink FROM adapter WHERE uplink IS NOT NULL",
			     "UPDATE adapter SET uplink=?1 WHERE only=?2", true);
}

bool state_db_migrate(struct state_db *db)
{
	bool complete = false;
	int version;

	if (!migrate_version(db, &version) || !migrate_is_complete(db, &complete))
		return false;
	if (version == STATE_DB_VERSION && complete)
		return true;
	if (state_db_run(db, "BEGIN IMMEDIATE;") && migrate_add_columns(db) &&
	    (version > 1 || migrate_all_ports(db)) &&
	    state_db_run(db, "PRAGMA user_version=" LITERAL(STATE_DB_VERSION) ";") && state_db_run(db, "COMMIT;"))
		return true;
	state_db_rollback(db);
	return false;
}
