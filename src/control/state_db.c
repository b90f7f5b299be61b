/* SPDX-License-Identifier: BSD-2-Clause */
/* The database as a file: made, recognised, opened, closed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/state_db_private.h"
#include "control/state_lock.h"

#define BUSY_MS 250 /* somebody reads or copies the file: a change waits that long */

#define WRITE_MAX (64u << 10) /* bytes of one write of SQLite's: a page, and a frame's header */

#define STRING(x)  #x
#define LITERAL(x) STRING(x)

const char state_db_schema[] = "PRAGMA application_id=" LITERAL(
    STATE_DB_APPLICATION) ";"
			  "PRAGMA user_version=" LITERAL(
			      STATE_DB_VERSION) ";"
						"CREATE TABLE adapter("
						" only INTEGER PRIMARY KEY CHECK(only = 1), name TEXT NOT NULL, "
						"moderation INTEGER NOT NULL,"
						" mtu INTEGER NOT NULL, processors TEXT NOT NULL, running TEXT NOT "
						"NULL, uplink TEXT,"
						" rx_queues INTEGER NOT NULL, last_filter INTEGER NOT NULL,"
						" settled INTEGER NOT NULL DEFAULT 0, balance TEXT) STRICT;"
						"CREATE TABLE vport("
						" id INTEGER PRIMARY KEY, name TEXT NOT NULL, queue_pairs INTEGER "
						"NOT NULL,"
						" rss_enabled INTEGER NOT NULL, receive_hash INTEGER NOT NULL, "
						"hash_types INTEGER NOT NULL,"
						" key BLOB NOT NULL, primary_processor INTEGER NOT NULL, "
						"default_processor INTEGER NOT NULL,"
						" indirection_table TEXT NOT NULL, backend TEXT, anti_spoofing "
						"INTEGER NOT NULL,"
						" flood_limit INTEGER NOT NULL, deactivated INTEGER NOT NULL, flags "
						"INTEGER NOT NULL,"
						" interrupt_moderation INTEGER NOT NULL, affinity_group INTEGER NOT "
						"NULL,"
						" affinity_mask INTEGER NOT NULL, control_frames INTEGER NOT NULL "
						"DEFAULT 0,"
						" encapsulation INTEGER NOT NULL DEFAULT 0,"
						" vxlan_port INTEGER NOT NULL DEFAULT 4789,"
						" dynamic INTEGER NOT NULL DEFAULT 0,"
						" min_queue_pairs INTEGER NOT NULL DEFAULT 1,"
						" owner INTEGER NOT NULL DEFAULT 0) STRICT;"
						"CREATE TABLE filter("
						" id INTEGER PRIMARY KEY, vport INTEGER NOT NULL REFERENCES "
						"vport(id),"
						" mac BLOB NOT NULL, vlan INTEGER NOT NULL, UNIQUE(mac, vlan)) "
						"STRICT;"
						"CREATE INDEX filter_vport ON filter(vport);";

bool state_db_fail(struct state_db *db, const char *text, ...)
{
	size_t len = (size_t)snprintf(db->error, sizeof(db->error), "%.200s: ", db->path);
	va_list values;

	va_start(values, text);
	vsnprintf(db->error + len, sizeof(db->error) - len, text, values);
	va_end(values);
	return false;
}

static bool fail_damaged(struct state_db *db, const char *how)
{
	return state_db_fail(
	    db,
	    "this state is damaged (%s); it was left alone: bring back a copy, or remove it to begin with the "
	    "configuration file",
	    how);
}

/*
 * db_is_at_limit: SQLite calls a write that failed with EFBIG an I/O error, and has forgotten the reason by now.  What is left to find
 * out is whether there is a limit that a file of the database has come to.
 */
static bool db_is_at_limit(const struct state_db *db)
{
	static const char *const ends[] = { "", "-wal", "-journal" };
	char path[PATH_MAX];
	struct rlimit limit;
	struct stat found;

	if (getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", db->path, ends[i]);
		if (stat(path, &found) == 0 && (rlim_t)found.st_size + WRITE_MAX > limit.rlim_cur)
			return true;
	}
	return false;
}

bool state_db_fail_sqlite(struct state_db *db)
{
	int system = sqlite3_system_errno(db->sqlite);
	int code = sqlite3_errcode(db->sqlite) & 0xff;

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return fail_damaged(db, sqlite3_errmsg(db->sqlite));
	if (code == SQLITE_IOERR && db_is_at_limit(db))
		return state_db_fail(db, "database or disk is full: a file has come to its limit (RLIMIT_FSIZE)");
	if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && system)
		return state_db_fail(db, "%s: %s", sqlite3_errmsg(db->sqlite), strerror(system));
	return state_db_fail(db, "%s", sqlite3_errmsg(db->sqlite));
}

const char *state_db_error(const struct state_db *db)
{
	return db->error;
}

bool state_db_is_new(const struct state_db *db)
{
	return !db->sqlite;
}

bool state_db_run(struct state_db *db, const char *sql)
{
	return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK || state_db_fail_sqlite(db);
}

bool state_db_connect(struct state_db *db, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &db->sqlite, flags, NULL) != SQLITE_OK)
		return state_db_fail_sqlite(db);
	sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	return state_db_run(db, "PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;");
}

void state_db_disconnect(struct state_db *db)
{
	for (unsigned i = 0; i < STATE_STATEMENTS; i++)
		sqlite3_finalize(db->statement[i]);
	memset(db->statement, 0, sizeof(db->statement));
	sqlite3_close(db->sqlite);
	db->sqlite = NULL;
}

static uint32_t db_read_be32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* db_recognise looks at the file's header itself, so that nothing of another program's is touched. */
static bool db_recognise(struct state_db *db, int fd, off_t size)
{
	static const char magic[16] = "SQLite format 3";
	uint8_t header[100];
	ssize_t len = pread(fd, header, sizeof(header), 0);

	if (len < 0)
		return state_db_fail(db, "%s", strerror(errno));
	if (len < (ssize_t)sizeof(header) || memcmp(header, magic, sizeof(magic)) != 0)
		return state_db_fail(
		    db, "this file of %lld bytes is no SQLite database, or it is damaged; it was left alone",
		    (long long)size);
	if (db_read_be32(header + 68) != STATE_DB_APPLICATION)
		return state_db_fail(db, "this SQLite database is not a vmmqd's state; it was left alone");
	return true;
}

/* db_look finds out whether there is a state; *exists when true. */
static bool db_look(struct state_db *db, bool *exists)
{
	int fd = open(db->path, O_RDWR | O_CLOEXEC);
	struct stat about;
	bool good;

	*exists = false;
	if (fd < 0)
		return errno == ENOENT || state_db_fail(db, "%s", strerror(errno));
	good = fstat(fd, &about) == 0 || state_db_fail(db, "%s", strerror(errno));
	if (good && !S_ISREG(about.st_mode))
		good = state_db_fail(db, "it is not a file");
	if (good && about.st_size) {
		*exists = true;
		good = db_recognise(db, fd, about.st_size);
	}
	close(fd);
	return good;
}

/* db_check asks SQLite whether everything hangs together; the answer "ok" is one row. */
static bool db_check(struct state_db *db)
{
	sqlite3_stmt *statement;
	char found[200] = "no answer";

	if (sqlite3_prepare_v2(db->sqlite, "PRAGMA integrity_check(1)", -1, &statement, NULL) != SQLITE_OK)
		return state_db_fail_sqlite(db);
	if (sqlite3_step(statement) == SQLITE_ROW)
		snprintf(found, sizeof(found), "%s", (const char *)sqlite3_column_text(statement, 0));
	else
		snprintf(found, sizeof(found), "%s", sqlite3_errmsg(db->sqlite));
	sqlite3_finalize(statement);
	return strcmp(found, "ok") == 0 || fail_damaged(db, found);
}

static bool db_open_existing(struct state_db *db)
{
	if (!state_db_connect(db, db->path))
		return false;
	/* Whatever is refused here is left alone: no checkpoint either, when it is closed. */
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (!state_db_check_version(db) || !db_check(db) || !state_db_run(db, "PRAGMA journal_mode=WAL;") ||
	    !state_db_migrate(db) || !state_db_prepare(db))
		return false;
	sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return true;
}

struct state_db *state_db_open(const char *path, char *error, size_t error_len)
{
	struct state_db *db = calloc(1, sizeof(*db));
	bool exists, taken;

	if (!db) {
		snprintf(error, error_len, "out of memory");
		return NULL;
	}
	/* One file, one lock, whatever links lead to it. */
	if (!realpath(path, db->path))
		snprintf(db->path, sizeof(db->path), "%s", path);
	db->lock = state_lock(db->path, &taken, error, error_len);
	if (db->lock < 0) {
		free(db);
		return NULL;
	}
	if (db_look(db, &exists) && (!exists || db_open_existing(db)))
		return db;
	snprintf(error, error_len, "%s", db->error);
	state_db_close(db);
	return NULL;
}

void state_db_close(struct state_db *db)
{
	if (!db)
		return;
	state_db_disconnect(db);
	state_unlock(db->lock);
	free(db);
}

/*
 * db_create makes an empty file.  The state has hash secret keys in it: nobody else may read it, from its first moment on, whatever the
 * umask; what SQLite puts beside the file gets the file's permissions.
 */
static bool db_create(struct state_db *db, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return state_db_fail(db, "%s: %s", path, strerror(errno));
	close(fd);
	return true;
}

/* state_db_sync_directory makes a file's name in it as durable as the file. */
bool state_db_sync_directory(struct state_db *db)
{
	char directory[PATH_MAX];
	char *slash;
	int fd, failed;

	memcpy(directory, db->path, sizeof(directory));
	slash = strrchr(directory, '/');
	if (slash)
		slash[slash == directory] = '\0';
	else
		snprintf(directory, sizeof(directory), ".");
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	failed = fd < 0 || fsync(fd);
	if (failed)
		state_db_fail(db, "%s: %s", directory, strerror(errno));
	if (fd >= 0)
		close(fd);
	return !failed;
}

/*
 * db_make writes the state into a new file beside, and gives it its name when it is complete: there is never half a
 * state to be found.
 */
static bool db_make(struct state_db *db, const struct state *state)
{
	char path[PATH_MAX + 8];
	bool written;

	snprintf(path, sizeof(path), "%s.new", db->path);
	unlink(path);
	written = db_create(db, path) && state_db_connect(db, path) &&
		  state_db_run(db, "PRAGMA journal_mode=MEMORY; BEGIN IMMEDIATE;") &&
		  state_db_run(db, state_db_schema) && state_db_prepare(db) && state_db_write(db, state) &&
		  state_db_run(db, "COMMIT;");
	state_db_disconnect(db);
	if (written && rename(path, db->path))
		written = state_db_fail(db, "%s", strerror(errno));
	if (!written)
		unlink(path);
	return written && state_db_sync_directory(db) && db_open_existing(db);
}

bool state_db_replace(struct state_db *db, const struct state *state)
{
	if (!db->sqlite)
		return db_make(db, state);
	if (state_db_begin(db) && state_db_run(db, "DELETE FROM filter; DELETE FROM vport; DELETE FROM adapter;") &&
	    state_db_write(db, state) && state_db_commit(db))
		return true;
	state_db_rollback(db);
	return false;
}
