/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * States of every shape that a vmmqd has ever written become states of this version, with all that was in them; those of later versions
 * are left alone.  A new version, or a new column, adds its shape here.
 */
#include "unit/control/state_rig.h"

#include <sys/wait.h>

#include "ports/port_spec.h"
#include "unit/control/faulty_calls.h"

#define DEVARGS 1  /* ports are the words that DPDK takes; else JSON */
#define TRUSTED 2  /* VPorts say whether they are trusted with control frames */
#define TUNNELS 4  /* VPorts say which tunnels they look into */
#define SCALED  8  /* and whether their load moves by itself */
#define OWNED   16 /* and whose they are */

static const struct shape {
	const char *name;
	int version;
	unsigned has;
} shapes[] = {
	{ "version 1, as first made", 1, DEVARGS },     { "version 1 with control_frames", 1, DEVARGS | TRUSTED },
	{ "version 2, as first made", 2, 0 },           { "version 2 with control_frames", 2, TRUSTED },
	{ "version 3", 3, TRUSTED | TUNNELS | SCALED }, { "version 4", 4, TRUSTED | TUNNELS | SCALED | OWNED },
};
#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static const char tables[] =
    "CREATE TABLE adapter(only INTEGER PRIMARY KEY CHECK(only = 1), name TEXT NOT NULL, moderation INTEGER NOT NULL,"
    " mtu INTEGER NOT NULL, processors TEXT NOT NULL, running TEXT NOT NULL, uplink TEXT, rx_queues INTEGER NOT NULL,"
    " last_filter INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0%s) STRICT;"
    "CREATE TABLE vport(id INTEGER PRIMARY KEY, name TEXT NOT NULL, queue_pairs INTEGER NOT NULL,"
    " rss_enabled INTEGER NOT NULL, receive_hash INTEGER NOT NULL, hash_types INTEGER NOT NULL, key BLOB NOT NULL,"
    " primary_processor INTEGER NOT NULL, default_processor INTEGER NOT NULL, indirection_table TEXT NOT NULL,"
    " backend TEXT, anti_spoofing INTEGER NOT NULL, flood_limit INTEGER NOT NULL, deactivated INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, interrupt_moderation INTEGER NOT NULL, affinity_group INTEGER NOT NULL,"
    " affinity_mask INTEGER NOT NULL%s%s%s%s) STRICT;"
    "CREATE TABLE filter(id INTEGER PRIMARY KEY, vport INTEGER NOT NULL REFERENCES vport(id), mac BLOB NOT NULL,"
    " vlan INTEGER NOT NULL, UNIQUE(mac, vlan)) STRICT;"
    "CREATE INDEX filter_vport ON filter(vport);"
    "INSERT INTO adapter VALUES(1,'vmmq0',2,1500,'[0]','[0,3]','%s',2,7,0%s);";

/* What each VPort's backend was called, is called, and is shown as; VPort 0 comes first. */
static const struct {
	const char *devargs, *json, *shown;
} backends[] = {
	{ NULL, NULL, "none" },
	{ "net_vhost1,iface=/run/vmmq/web.sock,queues=4",
	  "{\"vhost_user\":{\"socket\":\"/run/vmmq/web.sock\",\"queues\":4}}",
	  "vhost_user /run/vmmq/web.sock, server, 4 queues" },
	{ "net_vhost2,iface=/run/vmmq/db.sock,client=1",
	  "{\"vhost_user\":{\"socket\":\"/run/vmmq/db.sock\",\"mode\":\"client\"}}",
	  "vhost_user /run/vmmq/db.sock, client" },
	{ "net_tap3,iface=tap3", "{\"tap\":{\"interface\":\"tap3\"}}", "tap tap3" },
	{ "net_null4,copy=1", "{\"device\":\"net_null4,copy=1\"}", "device net_null4,copy=1" },
	{ "net_tap5,iface=tap5,remote=eth0", "{\"device\":\"net_tap5,iface=tap5,remote=eth0\"}",
	  "device net_tap5,iface=tap5,remote=eth0" },
};
#define VPORTS (sizeof(backends) / sizeof(backends[0]))

static void put_vport(FILE *out, const struct shape *shape, unsigned id)
{
	const char *port = shape->has & DEVARGS ? backends[id].devargs : backends[id].json;
	const char *quote = port ? "'" : "";

	fprintf(
	    out,
	    "INSERT INTO vport VALUES(%u,'v%u',4,1,0,1,zeroblob(40),3,0,'[0,3]',%s%s%s,1,1000,0,0,0,0,0%s%s%s%s);",
	    id, id, quote, port ? port : "NULL", quote, shape->has & TRUSTED ? (id == 4 ? ",1" : ",0") : "",
	    shape->has & TUNNELS ? (id == 3 ? ",5,8472" : ",0,4789") : "",
	    shape->has & SCALED ? (id == 3 ? ",1,2" : ",0,1") : "",
	    shape->has & OWNED ? (id == 2 ? ",2" : ",0") : "");
	fprintf(out, "INSERT INTO filter VALUES(%u,%u,x'0200000000%02x',%u);", id + 1, id, id, 10 * id);
}

static void make_shape(const struct shape *shape)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	rig_clean();
	fprintf(out, "PRAGMA journal_mode=WAL; PRAGMA application_id=0x766d6d71; PRAGMA user_version=%d; BEGIN;",
		shape->version);
	fprintf(
	    out, tables, shape->has & SCALED ? ", balance TEXT" : "",
	    shape->has & TRUSTED ? ", control_frames INTEGER NOT NULL DEFAULT 0" : "",
	    shape->has & TUNNELS
		? ", encapsulation INTEGER NOT NULL DEFAULT 0, vxlan_port INTEGER NOT NULL DEFAULT 4789"
		: "",
	    shape->has & SCALED ? ", dynamic INTEGER NOT NULL DEFAULT 0, min_queue_pairs INTEGER NOT NULL DEFAULT 1"
				: "",
	    shape->has & OWNED ? ", owner INTEGER NOT NULL DEFAULT 0" : "",
	    shape->has & DEVARGS ? "net_af_packet0,iface=eth0,qpairs=2" : "{\"af_packet\":{\"interface\":\"eth0\"}}",
	    shape->has & SCALED ? ",'{\"tick\":20,\"target\":60,\"tolerance\":9,\"budget\":64,\"coalesce\":false}'"
				: "");
	for (unsigned id = 0; id < VPORTS; id++)
		put_vport(out, shape, id);
	fprintf(out, "COMMIT;");
	fclose(out);
	sql(text);
	free(text);
}

static void see_port(const struct port_spec *port, const char *shown)
{
	char text[PORT_TEXT_MAX];

	port_spec_text(port, text, sizeof(text));
	assert_string_equal(text, shown);
}

static void see_vport(const struct shape *shape, const struct config_vport *vport)
{
	unsigned id = vport->id.v;
	char name[8];

	snprintf(name, sizeof(name), "v%u", id);
	assert_string_equal(vport->name, name);
	see_port(&vport->backend, backends[id].shown);
	assert_int_equal(vport->control_frames, shape->has & TRUSTED ? id == 4 : id == 0);
	assert_int_equal(vport->rss.encapsulation.types, shape->has & TUNNELS && id == 3 ? 5 : 0);
	assert_int_equal(vport->rss.encapsulation.vxlan_port, shape->has & TUNNELS && id == 3 ? 8472 : 4789);
	assert_int_equal(vport->dynamic, shape->has & SCALED && id == 3);
	assert_int_equal(vport->min_queue_pairs, shape->has & SCALED && id == 3 ? 2 : 1);
	assert_int_equal(vport->owner, shape->has & OWNED && id == 2 ? OWNER_FLEET_OWN_KEY : OWNER_HAND);
	assert_int_equal(vport->queue_pairs, 4);
	assert_true(vport->rss.enabled && vport->anti_spoofing);
	assert_int_equal(vport->rss.entry_count, 2);
	assert_int_equal(vport->rss.table[1].v, 3);
	assert_int_equal(vport->rss.primary.v, 3);
	assert_int_equal(vport->flood_limit, 1000);
	assert_int_equal(vport->filter_count, 1);
	assert_int_equal(vport->filters[0].id, id + 1);
	assert_int_equal(vport->filters[0].vlan, 10 * id);
	assert_int_equal(vport->filters[0].mac[5], id);
}

/* see_whole sees that what was made of that shape is all there. */
static void see_whole(const struct shape *shape)
{
	struct state_db *db = must_open();
	struct state state;

	must(db, state_db_load(db, &state));
	state_db_close(db);
	assert_int_equal(state.config.balance.tick_ms, shape->has & SCALED ? 20 : 10);
	assert_int_equal(state.config.balance.target, shape->has & SCALED ? 60 : 70);
	assert_int_equal(state.config.balance.coalesce, !(shape->has & SCALED));
	see_port(&state.config.uplink, "af_packet eth0");
	assert_int_equal(state.config.uplink_rx_queues, 2);
	assert_int_equal(state.config.processor_count, 1);
	assert_int_equal(state.running_count, 2);
	assert_int_equal(state.last_filter_id, 7);
	assert_int_equal(state.config.vport_count, VPORTS);
	for (unsigned i = 0; i < VPORTS; i++)
		see_vport(shape, &state.config.vports[i]);
	state_fini(&state);
}

static void see_version(int version)
{
	sqlite3_stmt *statement;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(rig_state, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(statement, 0), version);
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

/* Read, converted, and what is converted is read as well, and written over. */
static void every_shape_is_read(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SHAPES; i++) {
		struct state_db *db;

		print_message("%s\n", shapes[i].name);
		make_shape(&shapes[i]);
		see_whole(&shapes[i]);
		see_whole(&shapes[i]);
		see_version(STATE_DB_VERSION);
		db = must_open();
		must(db, state_db_begin(db) && state_db_set_last_filter(db, 9) && state_db_commit(db));
		state_db_close(db);
	}
}

/* Wherever opening an old state fails, what comes next finds it as it was, or converted; never half. */
static void every_call_of_a_conversion_fails_once(void **unused)
{
	static const int errors[] = { EIO, ENOSPC, EACCES };
	unsigned refused = 0;

	(void)unused;
	for (size_t e = 0; e < sizeof(errors) / sizeof(errors[0]); e++) {
		for (unsigned until = 0, failed = 1; failed; until++) {
			const struct shape *shape = &shapes[until % (SHAPES - 1)];
			struct state_db *db;
			char error[512];

			make_shape(shape);
			calls_arm(until, errors[e]);
			db = state_db_open(rig_state, error, sizeof(error));
			failed = calls_disarm() != NULL;
			refused += !db;
			state_db_close(db);
			see_whole(shape);
		}
	}
	print_message("%u times refused\n", refused);
	assert_true(refused > 20);
}

/* killed runs what leaves the write-ahead log behind, as a process that is killed does. */
static void killed(void (*run)(void))
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void convert_and_die(void)
{
	if (!must_open())
		_exit(1);
}

/* A process that is killed between the conversion and the first checkpoint: the file's own header says version 1 still. */
static void a_conversion_in_the_log_counts(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SHAPES; i++) {
		make_shape(&shapes[i]);
		killed(convert_and_die);
		see_whole(&shapes[i]);
	}
}

static void renew_and_die(void)
{
	sqlite3 *db;

	if (sqlite3_open(rig_state, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA user_version=5; ALTER TABLE vport ADD COLUMN later TEXT;", NULL, NULL, NULL) !=
		SQLITE_OK)
		_exit(1);
}

/* A newer vmmqd that was killed before its first checkpoint: only the log says what version it is. */
static void a_newer_version_in_the_log_counts(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < SHAPES; i++) {
		make_shape(&shapes[i]);
		killed(renew_and_die);
		left_alone("this state has version 5, and this vmmqd knows up to 4: a newer one wrote it");
		see_version(5);
	}
}

/* What is merely old or new is never called damaged, nor is what nobody has written. */
static void no_version_is_damage(void **unused)
{
	static const int versions[] = { -1, 0, 5, 6, 1000, INT32_MAX };
	char error[512], text[64];

	(void)unused;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		make_shape(&shapes[SHAPES - 1]);
		snprintf(text, sizeof(text), "PRAGMA user_version=%d", versions[i]);
		sql(text);
		left_alone(versions[i] < 1 ? "which no vmmqd has written" : "a newer one wrote it");
		assert_null(state_db_open(rig_state, error, sizeof(error)));
		assert_null(strstr(error, "damage"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_shape_is_read, rig_fresh),
		cmocka_unit_test_setup(every_call_of_a_conversion_fails_once, rig_fresh),
		cmocka_unit_test_setup(a_conversion_in_the_log_counts, rig_fresh),
		cmocka_unit_test_setup(a_newer_version_in_the_log_counts, rig_fresh),
		cmocka_unit_test_setup(no_version_is_damage, rig_fresh),
	};

	calls_install();
	return cmocka_run_group_tests(tests, state_start, state_end);
}
