/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the store was left, on the disk, so that after a start only what has changed comes.  It is a help and no more: what is missing, old or
 * wrong is read anew.  Keys are in it: nobody else may read it.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/agent_state.h"

#define SAVE_EVERY_NS (5 * SECOND_NS)
#define CLOSE_S       1 /* seconds that an end waits for the disk */

struct agent_saved {
	char path[PATH_MAX], beside[PATH_MAX];
	char *text; /* being written; the thread's until `ended` */
	pthread_t thread;
	bool writing;
	atomic_bool ended; /* S1 in saved_write() pairs with S2 in agent_saved_tick() */
	uint64_t saved_whole, saved_updates, next_ns;
};

struct agent_saved *agent_saved_open(const char *state, struct ovsdb_session *session)
{
	struct agent_saved *saved = state[0] ? calloc(1, sizeof(*saved)) : NULL;
	struct ovsdb_why why;
	json_t *json;

	if (!saved)
		return NULL;
	if (snprintf(saved->path, sizeof(saved->path), "%s.fleet", state) >= (int)sizeof(saved->path) ||
	    snprintf(saved->beside, sizeof(saved->beside), "%s.fleet.new", state) >= (int)sizeof(saved->beside)) {
		free(saved);
		return NULL;
	}
	json = json_load_file(saved->path, 0, NULL);
	if (json)
		ovsdb_session_restore(session, json, &why);
	json_decref(json);
	return saved;
}

/* saved_write is the thread: a whole file in the place of the old one, or nothing. */
static void *saved_write(void *context)
{
	struct agent_saved *saved = context;
	size_t len = strlen(saved->text);
	int fd;
	bool good;

	unlink(saved->beside);
	fd = open(saved->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	good = fd >= 0 && write(fd, saved->text, len) == (ssize_t)len && fdatasync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!good || rename(saved->beside, saved->path))
		unlink(saved->beside);
	atomic_store_explicit(&saved->ended, true, memory_order_release); /* S1 */
	return NULL;
}

static void saved_end(struct agent_saved *saved)
{
	saved->writing = false;
	free(saved->text);
	saved->text = NULL;
}

static void saved_begin(struct agent_saved *saved, const struct ovsdb_session *session)
{
	json_t *json = ovsdb_session_save(session);

	saved->text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!saved->text)
		return;
	atomic_store_explicit(&saved->ended, false, memory_order_relaxed);
	saved->writing = pthread_create(&saved->thread, NULL, saved_write, saved) == 0;
	if (saved->writing)
		return;
	free(saved->text);
	saved->text = NULL;
}

void agent_saved_tick(struct agent_saved *saved, const struct ovsdb_session *session, uint64_t now)
{
	const struct ovsdb_session_counts *counts = ovsdb_session_counts(session);

	if (!saved)
		return;
	if (saved->writing && atomic_load_explicit(&saved->ended, memory_order_acquire)) { /* S2 */
		pthread_join(saved->thread, NULL);
		saved_end(saved);
	}
	if (saved->writing || now < saved->next_ns || !ovsdb_session_settled(session) ||
	    (counts->whole == saved->saved_whole && counts->updates == saved->saved_updates))
		return;
	saved->next_ns = now + SAVE_EVERY_NS;
	saved->saved_whole = counts->whole;
	saved->saved_updates = counts->updates;
	saved_begin(saved, session);
}

void agent_saved_close(struct agent_saved *saved)
{
	struct timespec until;

	if (!saved)
		return;
	if (saved->writing) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += CLOSE_S;
		if (pthread_timedjoin_np(saved->thread, NULL, &until)) {
			pthread_detach(saved->thread);
			return;
		}
		saved_end(saved);
	}
	free(saved);
}
