/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the state database: the connection, its statements, and how its parts report failures. */
#ifndef VMMQ_CONTROL_STATE_DB_PRIVATE_H
#define VMMQ_CONTROL_STATE_DB_PRIVATE_H

#include <limits.h>
#include <sqlite3.h>

#include "control/state_db.h"

enum state_statement {
	STATE_PUT_VPORT,
	STATE_DELETE_VPORT,
	STATE_PUT_FILTER,
	STATE_DELETE_FILTER,
	STATE_PUT_ADAPTER,
	STATE_SET_LAST_FILTER,
	STATE_SET_PROCESSORS,
	STATE_SET_UPLINK,
	STATE_SET_BALANCE,
	STATE_STATEMENTS,
};

struct state_db {
	sqlite3 *sqlite; /* NULL: the file does not exist yet */
	sqlite3_stmt *statement[STATE_STATEMENTS];
	int lock;
	bool unsettled; /* a commit has failed and may be in the write-ahead log all the same */
	char path[PATH_MAX];
	char error[512];
};

/* Everything below returns false with the error set. */
bool state_db_fail(struct state_db *db, const char *text, ...) __attribute__((format(printf, 2, 3)));
/* state_db_fail_sqlite takes SQLite's own message. */
bool state_db_fail_sqlite(struct state_db *db);
/* state_db_connect opens the file at path, which exists; it may be empty. */
bool state_db_connect(struct state_db *db, const char *path);
void state_db_disconnect(struct state_db *db);
bool state_db_run(struct state_db *db, const char *sql);
/* state_db_prepare makes the statements of state_db_write.c; the tables must exist. */
bool state_db_prepare(struct state_db *db);
/* state_db_write writes a whole state into empty tables, inside a transaction. */
bool state_db_write(struct state_db *db, const struct state *state);

/*
 * state_db_check_version refuses a state whose version this program does not know, before anything of it is looked at.
 * state_db_migrate makes what an earlier version has written a state of this one.
 */
bool state_db_check_version(struct state_db *db);
bool state_db_migrate(struct state_db *db);

/* state_db_sync_directory makes a file's name as durable as the file. */
bool state_db_sync_directory(struct state_db *db);

extern const char state_db_schema[];

/*
 * A filter's mac column has 6 bytes; of an encapsulated one 3 more, its VNI, 0 for any, so that (mac, vlan) is what it matches there, too.
 * A program that knows no such filters refuses the longer ones.
 */
#define STATE_INNER_MAC_LEN 9

#endif
