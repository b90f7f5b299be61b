/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the state database are built on. */
#ifndef VMMQ_UNIT_CONTROL_STATE_RIG_H
#define VMMQ_UNIT_CONTROL_STATE_RIG_H

#include "unit/control/live_rig.h"

#include <fcntl.h>

#include "control/state_db.h"

static inline struct state_db *must_open(void)
{
	char error[512];
	struct state_db *db = state_db_open(rig_state, error, sizeof(error));

	if (!db)
		fail_msg("%s", error);
	return db;
}

static inline void must(struct state_db *db, bool done)
{
	if (!done)
		fail_msg("%s", state_db_error(db));
}

static inline void refused(const char *words)
{
	char error[512] = "";

	assert_null(state_db_open(rig_state, error, sizeof(error)));
	if (!strstr(error, words) || !strstr(error, rig_state))
		fail_msg("\"%s\" is not in \"%s\"", words, error);
}

/* random_state gives the filters ids, as those of a running switch have. */
static inline void random_config(struct state *state)
{
	static const struct config_random what = { .devices = true, .any_adapter = true };

	memset(state, 0, sizeof(*state));
	config_random(&state->config, &what);
	for (size_t i = 0; i < state->config.vport_count; i++) {
		struct config_vport *vport = &state->config.vports[i];

		vport->ndis = (struct config_ndis){ .deactivated = random_below(2),
						    .flags = random_below(4),
						    .interrupt_moderation = random_below(301),
						    .affinity_group = (uint16_t)random_below(3),
						    .affinity_mask = random_u64() };
		for (size_t j = 0; j < vport->filter_count; j++)
			vport->filters[j].id = ++state->last_filter_id;
	}
	state->last_filter_id += random_below(3);
	state->running_count = 1 + random_below(3);
	state->running = calloc(state->running_count, sizeof(*state->running));
	for (size_t i = 0; i < state->running_count; i++)
		state->running[i].v = (uint16_t)random_u64();
}

static inline void make_state(void)
{
	struct state_db *db = must_open();
	struct state state;

	random_config(&state);
	must(db, state_db_replace(db, &state));
	state_fini(&state);
	state_db_close(db);
}

static inline char *read_all(const char *path, size_t *len)
{
	char *bytes = malloc(1 << 20);
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	*len = (size_t)read(fd, bytes, 1 << 20);
	close(fd);
	return bytes;
}

/* left_alone sees that a refusal has not changed the file. */
static inline void left_alone(const char *words)
{
	size_t before_len, after_len;
	char *before = read_all(rig_state, &before_len), *after;

	refused(words);
	after = read_all(rig_state, &after_len);
	assert_int_equal(before_len, after_len);
	assert_memory_equal(before, after, before_len);
	free(before);
	free(after);
}

static inline void sql(const char *text)
{
	sqlite3 *db;
	char *error = NULL;

	assert_int_equal(sqlite3_open(rig_state, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
	sqlite3_close(db);
}

static inline int state_start(void **state)
{
	(void)state;
	snprintf(rig_folder, sizeof(rig_folder), "/tmp/vmmq-live-XXXXXX");
	if (!mkdtemp(rig_folder))
		return -1;
	snprintf(rig_state, sizeof(rig_state), "%s/state.db", rig_folder);
	return 0;
}

static inline int state_end(void **state)
{
	(void)state;
	rig_clean();
	rmdir(rig_folder);
	return 0;
}

#endif
