/* SPDX-License-Identifier: BSD-2-Clause */
/* The state database: whose it is, what is refused and left alone, and that any configuration survives in it. */
#include "unit/control/live_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "control/state_db.h"

static struct state_db *must_open(void)
{
	char error[512];
	struct state_db *db = state_db_open(rig_state, error, sizeof(error));

	if (!db)
		fail_msg("%s", error);
	return db;
}

static void must(struct state_db *db, bool done)
{
	if (!done)
		fail_msg("%s", state_db_error(db));
}

static void refused(const char *words)
{
	char error[512] = "";

	assert_null(state_db_open(rig_state, error, sizeof(error)));
	if (!strstr(error, words) || !strstr(error, rig_state))
		fail_msg("\"%s\" is not in \"%s\"", words, error);
}

/* random_state gives the filters ids, as those of a running switch have. */
static void random_config(struct state *state)
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

static void make_state(void)
{
	struct state_db *db = must_open();
	struct state state;

	random_config(&state);
	must(db, state_db_replace(db, &state));
	state_fini(&state);
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

static char *read_all(const char *path, size_t *len)
{
	char *bytes = malloc(1 << 20);
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	*len = (size_t)read(fd, bytes, 1 << 20);
	close(fd);
	return bytes;
}

/* left_alone sees that a refusal has not changed the file. */
static void left_alone(const char *words)
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

static void write_file(const char *bytes, size_t len)
{
	int fd = open(rig_state, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void sql(const char *text)
{
	sqlite3 *db;
	char *error = NULL;

	assert_int_equal(sqlite3_open(rig_state, &db), SQLITE_OK);
	if (sqlite3_exec(db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
	sqlite3_close(db);
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
	sql("PRAGMA journal_mode=DELETE; PRAGMA user_version=3;");
	left_alone("a newer one wrote it");
	rig_clean();
	assert_int_equal(mkdir(rig_state, 0700), 0);
	refused("");
	rmdir(rig_state);
}

/* The tables of version 1, as vmmqd 0.1.0 made them. */
static const char version_1[] =
    "PRAGMA journal_mode=WAL; PRAGMA application_id=0x766d6d71; PRAGMA user_version=1;"
    "CREATE TABLE adapter(only INTEGER PRIMARY KEY CHECK(only = 1), name TEXT NOT NULL, moderation INTEGER NOT NULL,"
    " mtu INTEGER NOT NULL, processors TEXT NOT NULL, running TEXT NOT NULL, uplink TEXT, rx_queues INTEGER NOT NULL,"
    " last_filter INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE vport(id INTEGER PRIMARY KEY, name TEXT NOT NULL, queue_pairs INTEGER NOT NULL,"
    " rss_enabled INTEGER NOT NULL, receive_hash INTEGER NOT NULL, hash_types INTEGER NOT NULL, key BLOB NOT NULL,"
    " primary_processor INTEGER NOT NULL, default_processor INTEGER NOT NULL, indirection_table TEXT NOT NULL,"
    " backend TEXT, anti_spoofing INTEGER NOT NULL, flood_limit INTEGER NOT NULL, deactivated INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, interrupt_moderation INTEGER NOT NULL, affinity_group INTEGER NOT NULL,"
    " affinity_mask INTEGER NOT NULL) STRICT;"
    "CREATE TABLE filter(id INTEGER PRIMARY KEY, vport INTEGER NOT NULL REFERENCES vport(id), mac BLOB NOT NULL,"
    " vlan INTEGER NOT NULL, UNIQUE(mac, vlan)) STRICT;"
    "CREATE INDEX filter_vport ON filter(vport);"
    "INSERT INTO adapter VALUES(1,'vmmq0',2,1500,'[0]','[0]','net_af_packet0,iface=eth0,qpairs=2',2,3,0);";

static void make_version_1(void)
{
	static const char *const backends[] = { "NULL",
						"'net_vhost1,iface=/run/vmmq/web.sock,queues=4'",
						"'net_vhost2,iface=/run/vmmq/db.sock,client=1'",
						"'net_tap3,iface=tap3'",
						"'net_null4,copy=1'",
						"'net_tap5,iface=tap5,remote=eth0'" };
	char row[512];

	sql(version_1);
	for (unsigned i = 0; i < 6; i++) {
		snprintf(row, sizeof(row),
			 "INSERT INTO vport VALUES(%u,'v%u',4,0,0,1,zeroblob(40),0,0,'[0]',%s,1,1000,0,0,0,0,0);", i,
			 i, backends[i]);
		sql(row);
	}
}

/* A state of version 1 has its ports typed, and is one of version 2 from then on; what no type says stays what it was. */
static void an_older_state_is_converted(void **unused)
{
	static const char *const ports[] = { "none",
					     "vhost_user /run/vmmq/web.sock, server, 4 queues",
					     "vhost_user /run/vmmq/db.sock, client",
					     "tap tap3",
					     "device net_null4,copy=1",
					     "device net_tap5,iface=tap5,remote=eth0" };
	struct state state;
	char text[PORT_TEXT_MAX];

	(void)unused;
	make_version_1();
	for (unsigned again = 0; again < 2; again++) {
		struct state_db *db = must_open();

		must(db, state_db_load(db, &state));
		state_db_close(db);
		port_spec_text(&state.config.uplink, text, sizeof(text));
		assert_string_equal(text, "af_packet eth0");
		assert_int_equal(state.config.uplink_rx_queues, 2);
		assert_int_equal(state.config.vport_count, 6);
		for (unsigned i = 0; i < 6; i++) {
			port_spec_text(&state.config.vports[i].backend, text, sizeof(text));
			assert_string_equal(text, ports[i]);
		}
		state_fini(&state);
	}
}

/* A process that is killed between the conversion and the first checkpoint: the file's own header says version 1 still. */
static void a_conversion_in_the_log_counts(void **unused)
{
	struct state state;
	struct state_db *db;
	pid_t child;
	int status;

	(void)unused;
	make_version_1();
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(must_open() ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	db = must_open();
	must(db, state_db_load(db, &state));
	assert_int_equal(state.config.vports[3].backend.kind, PORT_TAP);
	state_fini(&state);
	state_db_close(db);
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
		{ "UPDATE vport SET queue_pairs=0 WHERE id=0", "vport 0: queue_pairs is out of range" },
		{ "UPDATE vport SET rss_enabled=2 WHERE id=0", "vport 0: rss_enabled is out of range" },
		{ "UPDATE vport SET indirection_table='[0,\"1\"]' WHERE id=0",
		  "vport 0: indirection_table is no list" },
		{ "UPDATE vport SET flood_limit=10000001 WHERE id=0", "vport 0: flood_limit is out of range" },
		{ "UPDATE vport SET name=printf('%.*c',2000,'x') WHERE id=0",
		  "vport 0: name is no text of a legal length" },
		{ "INSERT INTO vport SELECT "
		  "65536,name,queue_pairs,rss_enabled,receive_hash,hash_types,key,primary_processor,"
		  "default_processor,indirection_table,backend,anti_spoofing,flood_limit,deactivated,flags,"
		  "interrupt_moderation,affinity_group,affinity_mask,control_frames FROM vport WHERE id=0",
		  "vport 65536: id is out of range" },
		{ "INSERT INTO filter VALUES(900,0,x'0102',0)", "filter 900: mac has a wrong length" },
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

/* A state from before VPorts were trusted with control frames: VPort 0 is, and no other. */
static void what_an_earlier_state_has_not(void **unused)
{
	struct state_db *db;
	struct state state;

	(void)unused;
	make_state();
	sql("ALTER TABLE vport DROP COLUMN control_frames");
	for (unsigned i = 0; i < 2; i++) {
		db = must_open();
		must(db, state_db_load(db, &state));
		assert_true(state.config.vport_count > 1);
		for (size_t v = 0; v < state.config.vport_count; v++)
			assert_int_equal(state.config.vports[v].control_frames, !state.config.vports[v].id.v);
		state_fini(&state);
		state_db_close(db);
	}
}

static void a_folder_that_is_not_there(void **unused)
{
	char error[512];

	(void)unused;
	assert_null(state_db_open("/nonexistent/folder/state.db", error, sizeof(error)));
	assert_non_null(strstr(error, "/nonexistent/folder/state.db.lock: No such file or directory"));
}

static int start(void **state)
{
	(void)state;
	snprintf(rig_folder, sizeof(rig_folder), "/tmp/vmmq-live-XXXXXX");
	if (!mkdtemp(rig_folder))
		return -1;
	snprintf(rig_state, sizeof(rig_state), "%s/state.db", rig_folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rig_clean();
	rmdir(rig_folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(states_survive, rig_fresh),
		cmocka_unit_test_setup(a_second_process_is_told_who_has_it, rig_fresh),
		cmocka_unit_test_setup(a_dead_owner_is_no_obstacle, rig_fresh),
		cmocka_unit_test_setup(a_link_leads_to_the_same_lock, rig_fresh),
		cmocka_unit_test_setup(what_is_not_ours_is_left_alone, rig_fresh),
		cmocka_unit_test_setup(an_older_state_is_converted, rig_fresh),
		cmocka_unit_test_setup(a_conversion_in_the_log_counts, rig_fresh),
		cmocka_unit_test_setup(an_empty_file_is_no_state_yet, rig_fresh),
		cmocka_unit_test_setup(damage_is_noticed, rig_fresh),
		cmocka_unit_test_setup(senseless_values_are_refused, rig_fresh),
		cmocka_unit_test_setup(what_an_earlier_state_has_not, rig_fresh),
		cmocka_unit_test_setup(a_folder_that_is_not_there, rig_fresh),
	};

	return cmocka_run_group_tests(tests, start, end);
}
