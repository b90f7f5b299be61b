/* SPDX-License-Identifier: BSD-2-Clause */
/* The state database: whose it is, what is refused and left alone, and that any configuration survives in it. */
#include "unit/control/state_rig.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static void states_survive(void **unused)
{
	struct state_db *db = must_open();

	(void)unused;
	assert_true(state_db_is_new(db));
	for (unsigned i = 0; i < 50; i++) {
		struct state state, again;

		random_config(&state);
		must(db, state_db_replace(db, &state));
		state_db_close(db);
		db = must_open();
		assert_false(state_db_is_new(db));
		must(db, state_db_load(db, &again));
		config_same(&state.config, &again.config);
		for (size_t v = 0; v < state.config.vport_count; v++)
			for (size_t f = 0; f < state.config.vports[v].filter_count; f++)
				assert_int_equal(state.config.vports[v].filters[f].id,
						 again.config.vports[v].filters[f].id);
		assert_int_equal(state.last_filter_id, again.last_filter_id);
		assert_int_equal(state.running_count, again.running_count);
		assert_memory_equal(state.running, again.running, state.running_count * sizeof(*state.running));
		state_fini(&state);
		state_fini(&again);
	}
	state_db_close(db);
}

static void a_second_process_is_told_who_has_it(void **unused)
{
	struct state_db *db = must_open();
	char owner[64];

	(void)unused;
	snprintf(owner, sizeof(owner), "process %ld uses this state", (long)getpid());
	refused(owner);
	state_db_close(db);
	db = must_open(); /* and a lock that was given up is none */
	state_db_close(db);
}

/* The lock of a process that was killed does not count, though its file is there. */
static void a_dead_owner_is_no_obstacle(void **unused)
{
	char owner[64], error[512];
	struct state_db *db;
	int ends[2];
	pid_t child;
	char ready;

	(void)unused;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (state_db_open(rig_state, error, sizeof(error)) && write(ends[1], "x", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &ready, 1), 1);
	snprintf(owner, sizeof(owner), "process %ld uses this state", (long)child);
	refused(owner);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	db = must_open();
	state_db_close(db);
	close(ends[0]);
	close(ends[1]);
}

/* Another name of the same file is the same state. */
static void a_link_leads_to_the_same_lock(void **unused)
{
	char path[128], error[512];
	struct state_db *db;

	(void)unused;
	make_state();
	snprintf(path, sizeof(path), "%s/link", rig_folder);
	assert_int_equal(symlink(rig_state, path), 0);
	db = must_open();
	assert_null(state_db_open(path, error, sizeof(error)));
	assert_non_null(strstr(error, "uses this state"));
	state_db_close(db);
	unlink(path);
}

static void write_file(const char *bytes, size_t len)
{
	int fd = open(rig_state, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void what_is_not_ours_is_left_alone(void **unused)
{
	(void)unused;
	write_file("adapter: {processors: [0]}\n", 27);
	left_alone("no SQLite database");
	rig_clean();
	sql("CREATE TABLE songs(name TEXT); INSERT INTO songs VALUES('x');");
	left_alone("not a vmmqd's state");
	rig_clean();
	make_state();
	sql("PRAGMA journal_mode=DELETE; PRAGMA user_version=5;");
	left_alone("a newer one wrote it");
	rig_clean();
	assert_int_equal(mkdir(rig_state, 0700), 0);
	refused("");
	rmdir(rig_state);
}

static void an_empty_file_is_no_state_yet(void **unused)
{
	struct state_db *db;

	(void)unused;
	write_file("", 0);
	db = must_open();
	assert_true(state_db_is_new(db));
	state_db_close(db);
	make_state();
}

/*
 * Wherever a page is spoilt: refused with a sentence, or, where nothing tells (a byte of a key, unused space), read.
 */
static void damage_is_noticed(void **unused)
{
	unsigned noticed = 0;
	size_t len;
	char *good;
	struct state before;
	struct state_db *db;

	(void)unused;
	make_state();
	db = must_open();
	must(db, state_db_load(db, &before));
	state_db_close(db);
	good = read_all(rig_state, &len);
	for (unsigned i = 0; i < 300; i++) {
		char *bad = malloc(len), error[512];
		size_t at = 100 + random_below((uint32_t)len - 132);
		struct state after;

		memcpy(bad, good, len);
		random_bytes(bad + at, 32);
		rig_clean();
		write_file(bad, len);
		free(bad);
		db = state_db_open(rig_state, error, sizeof(error));
		if (!db) {
			assert_non_null(strstr(error, rig_state));
			noticed++;
		} else if (!state_db_load(db, &after)) {
			assert_non_null(strstr(state_db_error(db), rig_state));
			noticed++;
		} else {
			state_fini(&after);
		}
		state_db_close(db);
	}
	print_message("%u of 300 noticed\n", noticed);
	assert_true(noticed > 5);
	rig_clean();
	write_file(good, len / 2);
	refused("damaged");
	free(good);
	state_fini(&before);
}

/* Rows that SQLite finds in order and that make no sense. */
static void senseless_values_are_refused(void **unused)
{
	static const struct {
		const char *sql, *words;
	} cases[] = {
		{ "DELETE FROM adapter", "it has no adapter" },
		{ "PRAGMA foreign_keys=OFF; DELETE FROM vport WHERE id=0", "0" },
		{ "UPDATE vport SET backend='net_null0' WHERE id=0", "vport 0: backend is no port" },
		{ "UPDATE vport SET backend='{\"tap\":{\"interface\":\"a\",\"queues\":99}}' WHERE id=0",
		  "vport 0: backend is no port" },
		{ "UPDATE vport SET backend='{\"tap\":{}}' WHERE id=0", "vport 0: backend is no port" },
		{ "UPDATE vport SET backend='{}' WHERE id=0", "vport 0: backend is no port" },
		{ "UPDATE adapter SET uplink='[]'", "adapter 0: uplink is no port" },
		{ "UPDATE adapter SET mtu=67", "adapter 0: mtu is out of range" },
		{ "UPDATE adapter SET processors='[0,'", "processors is no list of processors" },
		{ "UPDATE adapter SET processors='[]'", "processors is no list of processors" },
		{ "UPDATE adapter SET running='[0,65536]'", "running is no list of processors" },
		{ "UPDATE adapter SET last_filter=-1", "last_filter is out of range" },
		{ "UPDATE vport SET key=x'00' WHERE id=0", "vport 0: key has a wrong length" },
		{ "UPDATE vport SET encapsulation=128 WHERE id=0", "vport 0: encapsulation is out of range" },
		{ "UPDATE vport SET vxlan_port=0 WHERE id=0", "vport 0: vxlan_port is out of range" },
		{ "UPDATE vport SET queue_pairs=0 WHERE id=0", "vport 0: queue_pairs is out of range" },
		{ "UPDATE vport SET min_queue_pairs=17 WHERE id=0", "vport 0: min_queue_pairs is out of range" },
		{ "UPDATE vport SET owner=3 WHERE id=0", "vport 0: owner is out of range" },
		{ "UPDATE adapter SET balance='{\"tick\":10}'", "balance is out of range" },
		{ "UPDATE vport SET rss_enabled=2 WHERE id=0", "vport 0: rss_enabled is out of range" },
		{ "UPDATE vport SET indirection_table='[0,\"1\"]' WHERE id=0",
		  "vport 0: indirection_table is no list" },
		{ "UPDATE vport SET flood_limit=10000001 WHERE id=0", "vport 0: flood_limit is out of range" },
		{ "UPDATE vport SET name=printf('%.*c',2000,'x') WHERE id=0",
		  "vport 0: name is no text of a legal length" },
		{ "INSERT INTO vport SELECT "
		  "65536,name,queue_pairs,rss_enabled,receive_hash,hash_types,key,primary_processor,"
		  "default_processor,indirection_table,backend,anti_spoofing,flood_limit,deactivated,flags,"
		  "interrupt_moderation,affinity_group,affinity_mask,control_frames,encapsulation,vxlan_port,"
		  "dynamic,min_queue_pairs,owner FROM "
		  "vport WHERE id=0",
		  "vport 65536: id is out of range" },
		{ "INSERT INTO filter VALUES(900,0,x'0102',0)", "filter 900: mac has a wrong length" },
		{ "INSERT INTO filter VALUES(900,0,x'0102030405060708',0)", "filter 900: mac has a wrong length" },
		{ "INSERT INTO filter VALUES(900,0,x'010203040506',70000)", "filter 900: vlan is out of range" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct state_db *db;
		struct state state;

		rig_clean();
		make_state();
		sql(cases[i].sql);
		db = must_open();
		if (state_db_load(db, &state))
			fail_msg("%s: it is read", cases[i].sql);
		if (!strstr(state_db_error(db), cases[i].words))
			fail_msg("%s: %s", cases[i].sql, state_db_error(db));
		state_db_close(db);
	}
}

/* Every file of the database, at the moment in which SQLite has just opened it, or made it. */
static struct {
	sqlite3_vfs vfs, *real;
	unsigned seen;
} watching;

static int watch_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	int result = watching.real->xOpen(watching.real, name, file, flags, out);
	struct stat found;

	(void)vfs;
	if (result == SQLITE_OK && name && stat(name, &found) == 0) {
		assert_int_equal(found.st_mode & 077, 0);
		watching.seen++;
	}
	return result;
}

static void see_all_private(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct stat found;
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", rig_state, ends[i]);
		assert_int_equal(stat(path, &found), 0);
		assert_int_equal(found.st_mode & 0777, 0600);
	}
}

/* Hash secret keys are in the state: whatever the umask, nobody else can read it, not for a moment. */
static void nobody_else_reads_it(void **unused)
{
	struct state_db *db;
	struct state state;
	mode_t before = umask(0);

	(void)unused;
	watching.real = sqlite3_vfs_find(NULL);
	watching.vfs = *watching.real;
	watching.vfs.zName = "watching";
	watching.vfs.xOpen = watch_open;
	sqlite3_vfs_register(&watching.vfs, 1);
	db = must_open();
	random_config(&state);
	must(db, state_db_replace(db, &state)); /* made */
	must(db, state_db_replace(db, &state)); /* written over */
	see_all_private();
	assert_true(watching.seen >= 3);
	state_fini(&state);
	state_db_close(db);
	sqlite3_vfs_unregister(&watching.vfs);
	sqlite3_vfs_register(watching.real, 1);
	umask(before);
}

static void a_folder_that_is_not_there(void **unused)
{
	char error[512];

	(void)unused;
	assert_null(state_db_open("/nonexistent/folder/state.db", error, sizeof(error)));
	assert_non_null(strstr(error, "/nonexistent/folder/state.db.lock: No such file or directory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(states_survive, rig_fresh),
		cmocka_unit_test_setup(a_second_process_is_told_who_has_it, rig_fresh),
		cmocka_unit_test_setup(a_dead_owner_is_no_obstacle, rig_fresh),
		cmocka_unit_test_setup(a_link_leads_to_the_same_lock, rig_fresh),
		cmocka_unit_test_setup(what_is_not_ours_is_left_alone, rig_fresh),
		cmocka_unit_test_setup(an_empty_file_is_no_state_yet, rig_fresh),
		cmocka_unit_test_setup(damage_is_noticed, rig_fresh),
		cmocka_unit_test_setup(senseless_values_are_refused, rig_fresh),
		cmocka_unit_test_setup(nobody_else_reads_it, rig_fresh),
		cmocka_unit_test_setup(a_folder_that_is_not_there, rig_fresh),
	};

	return cmocka_run_group_tests(tests, state_start, state_end);
}
