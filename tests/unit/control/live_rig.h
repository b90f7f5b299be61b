/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the running switch are built on: DPDK, a folder of their own, configurations from text, one
 * request.
 */
#ifndef VMMQ_UNIT_CONTROL_LIVE_RIG_H
#define VMMQ_UNIT_CONTROL_LIVE_RIG_H

#include "unit/config/config_random.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config_export.h"
#include "config/config_yaml.h"
#include "control/live.h"
#include "engine/eal.h"
#include "unit/hang.h"
#include "unit/ports/device_spec.h"

#define RIG_THREADS 4

static char rig_folder[64];
static char rig_state[80];
static struct live *rig_left; /* open: a test that fails leaves it so */

/* rig_clean removes what the tests have left in the folder. */
static inline void rig_clean(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal", ".lock", ".new", ".new-journal" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s%s", rig_state, suffixes[i]);
		unlink(path);
	}
}

static inline int rig_start(void **state)
{
	char error[256];

	(void)state;
	snprintf(rig_folder, sizeof(rig_folder), "/tmp/vmmq-live-XXXXXX");
	if (!mkdtemp(rig_folder))
		return -1;
	snprintf(rig_state, sizeof(rig_state), "%s/state.db", rig_folder);
	if (eal_start(RIG_THREADS, 256, error, sizeof(error)) == 0)
		return 0;
	print_error("%s\n", error);
	return -1;
}

static inline int rig_end(void **state)
{
	(void)state;
	rig_clean();
	rmdir(rig_folder);
	if (!rig_left) /* its threads would never come to their end */
		eal_stop();
	return 0;
}

/* rig_fresh is a test's setup; after one that failed with threads running there is nothing to run the next one on. */
static inline int rig_fresh(void **state)
{
	(void)state;
	if (rig_left)
		return -1;
	rig_clean();
	random_start();
	return 0;
}

static inline void rig_parse(const char *yaml, struct vmmq_config *config)
{
	struct config_error error;

	if (vmmq_config_parse(yaml, strlen(yaml), config, &error))
		fail_msg("line %u: %s: %s", error.line, error.path, error.text);
}

static inline void rig_close(struct live *live)
{
	rig_left = NULL;
	live_close(live);
}

static inline struct live *rig_open_config(const struct vmmq_config *seed, const char *state, bool reseed)
{
	const struct live_params params = {
		.seed = seed, .state = state, .reseed = reseed, .host_buffers = 2047, .allow_devargs = true
	};
	char error[512];
	struct live *live = live_open(&params, error, sizeof(error));

	if (!live)
		fail_msg("%s", error);
	rig_left = live;
	return live;
}

/* rig_open starts with a YAML text, or with NULL what is in the state. */
static inline struct live *rig_open(const char *yaml, const char *state)
{
	struct vmmq_config seed;
	struct live *live;

	if (!yaml)
		return rig_open_config(NULL, state, false);
	rig_parse(yaml, &seed);
	live = rig_open_config(&seed, state, false);
	vmmq_config_fini(&seed);
	return live;
}

/* rig_refused opens what cannot be opened; the error must have the words. */
static inline void rig_refused(const char *yaml, const char *state, const char *words)
{
	struct vmmq_config seed = { 0 };
	struct live_params params = {
		.seed = yaml ? &seed : NULL, .state = state, .host_buffers = 2047, .allow_devargs = true
	};
	char error[512] = "";

	if (yaml)
		rig_parse(yaml, &seed);
	assert_null(live_open(&params, error, sizeof(error)));
	if (!strstr(error, words))
		fail_msg("\"%s\" is not in \"%s\"", words, error);
	vmmq_config_fini(&seed);
}

/* rig_run carries out one request. */
static inline vmmq_status rig_run(struct live *live, live_request_fn *run, void *argument, struct vmmq_why *why)
{
	struct live_request request = { .run = run, .argument = argument };
	struct live_request *one = &request;

	live_execute(live, &one, 1);
	if (why)
		*why = request.why;
	return request.status;
}

static inline void rig_must(struct live *live, live_request_fn *run, void *argument)
{
	struct vmmq_why why;
	vmmq_status status = rig_run(live, run, argument, &why);

	if (status != VMMQ_SUCCESS)
		fail_msg("%s: %s: %s", vmmq_status_name(status), why.path, why.text);
}

/* rig_export returns the running configuration as text, to be freed. */
static inline char *rig_export(struct live *live)
{
	struct vmmq_config config;
	char *yaml;

	assert_true(live_config(live, &config));
	yaml = config_export(&config);
	assert_non_null(yaml);
	vmmq_config_fini(&config);
	return yaml;
}

/* rig_dump returns all rows of the database as text, to be freed. */
static inline char *rig_dump(const char *state)
{
	static const char *const queries[] = { "SELECT name,moderation,mtu,processors,running,uplink,"
					       "rx_queues,last_filter FROM adapter",
					       "SELECT * FROM vport ORDER BY id",
					       "SELECT * FROM filter ORDER BY id" };
	sqlite3 *db;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(sqlite3_open_v2(state, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, HANG_MS);
	for (size_t i = 0; i < 3; i++) {
		sqlite3_stmt *statement;

		assert_int_equal(sqlite3_prepare_v2(db, queries[i], -1, &statement, NULL), SQLITE_OK);
		while (sqlite3_step(statement) == SQLITE_ROW) {
			for (int c = 0; c < sqlite3_column_count(statement); c++) {
				const uint8_t *byte = sqlite3_column_blob(statement, c);

				for (int b = 0; b < sqlite3_column_bytes(statement, c); b++)
					fprintf(out, byte[b] >= 0x20 && byte[b] < 0x7f ? "%c" : "\\%02x", byte[b]);
				fputc('|', out);
			}
			fputc('\n', out);
		}
		sqlite3_finalize(statement);
	}
	sqlite3_close(db);
	fclose(out);
	return text;
}

#endif
