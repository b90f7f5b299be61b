/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state database: one SQLite file that has all that must survive the process: adapter, VPorts, filters.  What
 * state_db_commit() has returned true for is on the disk.
 *
 * One process at a time: PATH.lock is locked as long as the database is open, and has the owner's pid in it; a lock
 * file whose owner died is no obstacle.  Control thread only.
 */
#ifndef VMMQ_CONTROL_STATE_DB_H
#define VMMQ_CONTROL_STATE_DB_H

#include <stddef.h>
#include <vmmq/filter.h>

#include "config/config_model.h"

#define STATE_DB_APPLICATION 0x766d6d71 /* "vmmq", in the file's header */
/*
 * 1 had devargs where 2 has ports; both began without control_frames; 3 has scaling; 4 has owners.  All are read (state_db_migrate.c).
 */
#define STATE_DB_VERSION_FIRST 1
#define STATE_DB_VERSION       4

struct state_db;

/* All that is in it.  running: the processors that the adapter is made with; config's are the RSS processor set. */
struct state {
	struct vmmq_config config;
	struct vmmq_processor *running;
	size_t running_count;
	uint32_t last_filter_id; /* ever given; they are not given again */
};
void state_fini(struct state *state);

/*
 * state_db_open locks and opens; a file that does not exist, or is empty, is made by state_db_replace() only,
 * complete and at once.
 * One of an earlier version is made one of this, before anything else.  A file that is damaged, another program's, or newer than this one is left as it is.  NULL with a sentence in error.
 */
struct state_db *state_db_open(const char *path, char *error, size_t error_len);
bool state_db_is_new(const struct state_db *db);
/*
 * state_db_put_aside gives a state that cannot be used another name, with what SQLite has beside it: PATH.unusable-TIME (UTC), which
 * is put into kept.  STATE_ASIDE_IN_USE: another process has it, and error says which.  STATE_ASIDE_FAILED: it stays, and error says why.
 */
enum state_aside { STATE_ASIDE_DONE, STATE_ASIDE_IN_USE, STATE_ASIDE_FAILED };
#define STATE_ASIDE_MARK ".unusable-"
enum state_aside state_db_put_aside(const char *path, char *kept, size_t kept_len, char *error, size_t error_len);
void state_db_close(struct state_db *db);

/*
 * Both return false with state_db_error().  state_db_load: *state is the caller's, for state_fini(); values are in
 * range.
 */
bool state_db_load(struct state_db *db, struct state *state);
bool state_db_replace(struct state_db *db, const struct state *state);

/*
 * One transaction.  state_db_begin, any number of changes, state_db_commit; after any of them has returned false, or
 * instead of commit, state_db_rollback (which cannot fail).  put adds or replaces.  VPorts before their filters, and
 * the reverse to delete.
 */
bool state_db_begin(struct state_db *db);
bool state_db_put_vport(struct state_db *db, const struct config_vport *vport);
bool state_db_delete_vport(struct state_db *db, struct vmmq_vport_id id);
bool state_db_put_filter(struct state_db *db, const struct vmmq_filter *filter);
bool state_db_delete_filter(struct state_db *db, uint32_t id);
bool state_db_set_last_filter(struct state_db *db, uint32_t id);
bool state_db_set_processors(struct state_db *db, const struct vmmq_processor *processors, size_t count);
bool state_db_set_balance(struct state_db *db, const struct config_balance *balance);
bool state_db_set_uplink(struct state_db *db, const struct port_spec *uplink, uint32_t rx_queues);
bool state_db_commit(struct state_db *db);
void state_db_rollback(struct state_db *db);

/*
 * state_db_error says what went wrong last, a sentence without a final stop: "/var/lib/vmmq/state.db: database or
 * disk is full".
 */
const char *state_db_error(const struct state_db *db);

#endif
