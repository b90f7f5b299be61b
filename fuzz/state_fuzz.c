/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A state database that somebody else has written: any bytes as the file, or, after "sql ", statements carried out on a good one.  What
 * is loaded is a configuration that can be exported; what is not is refused with a sentence.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config_export.h"
#include "config/config_yaml.h"
#include "control/state_db.h"
#include "fuzz.h"
#include "scratch.h"

enum { STEPS_MAX = 200000 }; /* of SQLite's machine, each a thousand instructions, for a statement without end */

static const char good[] =
    "adapter: {processors: [0, 1], uplink: {tap: {interface: up}}}\n"
    "vports:\n"
    "  - {id: 1, name: web, queue_pairs: 4, filters: [{mac: \"02:00:00:00:00:01\"}, {mac: "
    "\"02:00:00:00:00:01\", vlan: 7}],\n"
    "     rss: {enabled: true, indirection_table: [0, 1, 1, 0]}, backend: {vhost_user: {socket: "
    "/tmp/web.sock, queues: 2}}}\n"
    "  - {id: 300, name: mail, filters: [{mac: \"02:00:00:00:00:02\", vlan: any}]}\n";

static void files_remove(const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", ".lock", ".new", ".new-journal" };
	char name[160];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

static void good_make(const char *path)
{
	struct state state = { .running_count = 2, .last_filter_id = 3 };
	struct config_error wrong;
	struct state_db *db;
	char error[512];

	fuzz_check(vmmq_config_parse(good, sizeof(good) - 1, &state.config, &wrong) == 0);
	for (size_t i = 0, id = 1; i < state.config.vport_count; i++)
		for (size_t f = 0; f < state.config.vports[i].filter_count; f++)
			state.config.vports[i].filters[f].id = (uint32_t)id++;
	state.running = calloc(2, sizeof(*state.running));
	memcpy(state.running, state.config.processors, 2 * sizeof(*state.running));
	db = state_db_open(path, error, sizeof(error));
	fuzz_check(db && state_db_replace(db, &state));
	state_db_close(db);
	state_fini(&state);
}

static int enough(void *steps)
{
	return ++*(unsigned *)steps > STEPS_MAX / 1000;
}

static void sql_run(const char *path, const uint8_t *sql, size_t len)
{
	unsigned steps = 0;
	char *text = calloc(1, len + 1);
	sqlite3 *db;

	memcpy(text, sql, len);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
		sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
		sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0); /* no other files */
		sqlite3_progress_handler(db, 1000, enough, &steps);
		sqlite3_exec(db, text, NULL, NULL, NULL);
	}
	sqlite3_close(db);
	free(text);
}

static void load(const char *path)
{
	char error[512] = "", *text;
	struct state_db *db = state_db_open(path, error, sizeof(error));
	struct state state;

	if (!db) {
		fuzz_check(error[0]);
		return;
	}
	if (!state_db_is_new(db) && state_db_load(db, &state)) {
		text = config_export(&state.config);
		fuzz_check(text);
		free(text);
		state_fini(&state);
	} else if (!state_db_is_new(db)) {
		fuzz_check(state_db_error(db)[0]);
	}
	state_db_close(db);
}

void fuzz_state(const uint8_t *data, size_t len)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/state.db", scratch_folder());
	files_remove(path);
	if (len >= 4 && memcmp(data, "sql ", 4) == 0) {
		good_make(path);
		sql_run(path, data + 4, len - 4);
	} else {
		scratch_write(path, data, len);
	}
	load(path);
}
