/* SPDX-License-Identifier: BSD-2-Clause */
/* A state that cannot be used makes room for another one, and is not lost. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control/state_db_private.h"
#include "control/state_lock.h"

#define ASIDE_MAX 100 /* within one second */

/* aside_name finds a name that nothing has. */
static bool aside_name(const char *path, char *kept, size_t kept_len)
{
	time_t now = time(NULL);
	char moment[32];
	struct stat found;
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(moment, sizeof(moment), "%Y%m%dT%H%M%SZ", &utc);
	for (unsigned i = 0; i < ASIDE_MAX; i++) {
		char again[16] = "";

		if (i)
			snprintf(again, sizeof(again), "-%u", i);
		if (snprintf(kept, kept_len, "%s" STATE_ASIDE_MARK "%s%s", path, moment, again) >= (int)kept_len)
			return false;
		if (lstat(kept, &found) && errno == ENOENT)
			return true;
	}
	return false;
}

/* aside_rename: what SQLite has beside the file goes first, as it means nothing without it. */
static bool aside_rename(const char *path, const char *kept)
{
	static const char *const ends[] = { "-wal", "-journal", "-shm", "" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char from[PATH_MAX + 8], to[PATH_MAX + 8];

		snprintf(from, sizeof(from), "%s%s", path, ends[i]);
		snprintf(to, sizeof(to), "%s%s", kept, ends[i]);
		if (rename(from, to) && errno != ENOENT)
			return false;
	}
	return true;
}

enum state_aside state_db_put_aside(const char *path, char *kept, size_t kept_len, char *error, size_t error_len)
{
	struct state_db db = { .sqlite = NULL };
	bool taken, done;

	if (!realpath(path, db.path))
		snprintf(db.path, sizeof(db.path), "%s", path);
	db.lock = state_lock(db.path, &taken, error, error_len);
	if (db.lock < 0)
		return taken ? STATE_ASIDE_IN_USE : STATE_ASIDE_FAILED;
	done = aside_name(db.path, kept, kept_len) && aside_rename(db.path, kept);
	if (!done)
		state_db_fail(&db, "it cannot be put aside: %s", strerror(errno));
	done = done && state_db_sync_directory(&db);
	if (!done)
		snprintf(error, error_len, "%s", db.error);
	state_unlock(db.lock);
	return done ? STATE_ASIDE_DONE : STATE_ASIDE_FAILED;
}
