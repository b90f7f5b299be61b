/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that is full or broken: what cannot be written is refused, and neither the switch nor the state knows of it.
 */
#include "unit/control/live_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "unit/control/faulty_calls.h"
#include "unit/control/faulty_vfs.h"

static const char one[] = "adapter: {processors: [0, 1], moderation: interrupt}\n"
			  "vports: [{id: 1, filters: [{mac: \"02:00:00:00:00:01\"}]}]\n";

/* A request with a bit of everything; argument: a number that makes it another change each time. */
static vmmq_status change(struct live *live, void *argument, struct vmmq_why *why)
{
	unsigned number = *(unsigned *)argument;
	struct config_vport vport = { .queue_pairs = 1 + number % 100, .flood_limit = number, .anti_spoofing = true };
	const uint8_t mac[VMMQ_MAC_LEN] = { 2, 0, 0, 1, (uint8_t)(number >> 8), (uint8_t)number };
	struct vmmq_vport_id id;
	uint32_t filter;

	vmmq_rss_params_init(&vport.rss, (struct vmmq_processor){ 0 });
	if (live_vport_add(live, &vport, &id, why) != VMMQ_SUCCESS)
		return VMMQ_FAILURE;
	if (vmmq_filter_set(live_switch(live), id, mac, VMMQ_VLAN_ANY, &filter, why) != VMMQ_SUCCESS)
		return VMMQ_FAILURE;
	vport.id.v = 1;
	return live_vport_set(live, &vport, LIVE_VPORT_QUEUE_PAIRS | LIVE_VPORT_FLOOD_LIMIT, why);
}

/* copy_file copies what there is of a file: what a process that was killed now would leave. */
static void copy_file(const char *suffix)
{
	char from[128], to[128], bytes[4096];
	ssize_t len;
	int in, out;

	snprintf(from, sizeof(from), "%s%s", rig_state, suffix);
	snprintf(to, sizeof(to), "%s/copy%s", rig_folder, suffix);
	unlink(to);
	in = open(from, O_RDONLY);
	if (in < 0)
		return;
	out = open(to, O_WRONLY | O_CREAT, 0600);
	while ((len = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)len), len);
	close(in);
	close(out);
}

/* dump_after_a_kill returns what the state would be read as if the process were killed now. */
static char *dump_after_a_kill(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char path[128], *dump;

	copy_file("");
	copy_file("-wal");
	snprintf(path, sizeof(path), "%s/copy", rig_folder);
	dump = rig_dump(path);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/copy%s", rig_folder, suffixes[i]);
		unlink(path);
	}
	return dump;
}

/* refused_cleanly sees that a change which was refused is nowhere. */
static void refused_cleanly(struct live *live, const char *before, const char *dump)
{
	char *after = rig_export(live);

	assert_string_equal(before, after);
	free(after);
	after = dump_after_a_kill();
	assert_string_equal(dump, after);
	free(after);
}

static void fail_everywhere(unsigned faults, bool syncs_only)
{
	struct live *live = rig_open(one, rig_state);
	unsigned until, number = 0, refused = 0, spared = 0;

	for (until = 0; spared < 3; until++) {
		char *before = rig_export(live), *dump = dump_after_a_kill();
		struct vmmq_why why;
		vmmq_status status;

		number++;
		faulty_arm(until, faults, syncs_only);
		status = rig_run(live, change, &number, &why);
		spared = faulty_disarm() ? 0 : spared + 1;
		if (status != VMMQ_SUCCESS) {
			assert_int_equal(status, VMMQ_RESOURCES);
			assert_non_null(strstr(why.text, "the state cannot be written: "));
			refused_cleanly(live, before, dump);
			rig_must(live, change, &number);
			refused++;
		}
		free(before);
		free(dump);
	}
	print_message("%u faults from the %u-th on: %u requests refused\n", faults, until, refused);
	assert_true(refused > 0);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	rig_close(live);
}

static void every_operation_fails_once(void **state)
{
	(void)state;
	fail_everywhere(1, false);
}

static void every_sync_fails_once(void **state)
{
	(void)state;
	fail_everywhere(1, true);
}

/* Each system call that SQLite makes for a change fails once, with each error that a disk, or who reads the file, may cause. */
static void every_call_fails_once(void **state)
{
	static const int errors[] = { EIO, ENOSPC, EAGAIN };
	struct live *live = rig_open(one, rig_state);
	unsigned number = 0, refused = 0, failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		for (unsigned until = 0, spared = 0; spared < 3; until++) {
			char *before = rig_export(live), *dump = dump_after_a_kill();
			struct vmmq_why why;
			vmmq_status status;

			number++;
			calls_arm(until, errors[i]);
			status = rig_run(live, change, &number, &why);
			spared = calls_disarm() ? 0 : spared + 1;
			failed += !spared;
			if (status != VMMQ_SUCCESS) {
				assert_int_equal(status, VMMQ_RESOURCES);
				assert_non_null(strstr(why.text, "the state cannot be written: "));
				refused_cleanly(live, before, dump);
				refused++;
			}
			free(before);
			free(dump);
		}
	}
	print_message("%u calls failed, %u requests refused\n", failed, refused);
	assert_true(refused > 10 && failed > refused / 2);
	number++;
	rig_must(live, change, &number);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	rig_close(live);
}

/* Somebody else has the file locked, for as long as he likes: refused, and good again afterwards. */
static void a_busy_state(void **state)
{
	struct live *live = rig_open(one, rig_state);
	char *before = rig_export(live), *dump = dump_after_a_kill();
	unsigned number = 1;
	struct vmmq_why why;
	sqlite3 *other;

	(void)state;
	assert_int_equal(sqlite3_open(rig_state, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(rig_run(live, change, &number, &why), VMMQ_RESOURCES);
	assert_non_null(strstr(why.text, "the state cannot be written: "));
	assert_non_null(strstr(why.text, "locked"));
	refused_cleanly(live, before, dump);
	sqlite3_close(other);
	rig_must(live, change, &number);
	free(before);
	free(dump);
	rig_close(live);
}

/* The disk stays broken for a while: nothing goes, and then everything goes on. */
static void a_disk_that_stays_broken(void **state)
{
	struct live *live = rig_open(one, rig_state);
	char *before = rig_export(live), *dump = dump_after_a_kill(), *after;
	unsigned number = 5;

	(void)state;
	for (unsigned until = 0; until < 2; until++) {
		struct vmmq_why why;

		faulty_arm(until, UINT_MAX, false);
		assert_int_equal(rig_run(live, change, &number, &why), VMMQ_RESOURCES);
		assert_int_equal(rig_run(live, change, &number, &why), VMMQ_RESOURCES);
		faulty_disarm();
		after = rig_export(live);
		assert_string_equal(before, after);
		free(after);
	}
	rig_must(live, change, &number);
	free(before);
	free(dump);
	before = rig_export(live);
	rig_close(live);
	live = rig_open(NULL, rig_state);
	after = rig_export(live);
	assert_string_equal(before, after);
	free(before);
	free(after);
	rig_close(live);
}

/* A batch that cannot be written as a whole is tried one by one. */
static void a_batch_falls_apart(void **state)
{
	struct live *live = rig_open(one, rig_state);
	unsigned numbers[3] = { 1, 2, 3 };
	struct live_request requests[3], *batch[3];
	struct vmmq_config running;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		requests[i] = (struct live_request){ .run = change, .argument = &numbers[i] };
		batch[i] = &requests[i];
	}
	faulty_arm(0, 2, true); /* the batch's, and what settles that */
	live_execute(live, batch, 3);
	assert_int_equal(faulty_disarm(), 2);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(requests[i].status, VMMQ_SUCCESS);
	assert_true(live_config(live, &running));
	assert_int_equal(running.vport_count, 5);
	vmmq_config_fini(&running);
	rig_close(live);
}

/* A file that may not grow any more, as with a quota. */
static void a_file_that_may_not_grow(void **state)
{
	struct live *live = rig_open(one, rig_state);
	char *before = rig_export(live), *dump = rig_dump(rig_state);
	struct rlimit limit, none;
	unsigned number = 9;
	struct vmmq_why why;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &none);
	limit = none;
	limit.rlim_cur = 1;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(rig_run(live, change, &number, &why), VMMQ_RESOURCES);
	setrlimit(RLIMIT_FSIZE, &none);
	assert_non_null(strstr(why.text, rig_state));
	refused_cleanly(live, before, dump);
	rig_must(live, change, &number);
	free(before);
	free(dump);
	rig_close(live);
}

/* fill writes until there is no room; returns the file's descriptor. */
static int fill(const char *folder)
{
	static const char zeros[4096];
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/fill", folder);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	while (write(fd, zeros, sizeof(zeros)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	return fd;
}

static void a_full_disk(void **state)
{
	char folder[96], path[112];
	struct live *live;
	char *before;
	struct vmmq_why why;
	unsigned number = 0;
	vmmq_status status;
	int fd;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/full", rig_folder);
	snprintf(path, sizeof(path), "%s/state.db", folder);
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(folder, 0700), 0);
	if (mount("none", folder, "tmpfs", 0, "size=1m")) {
		rmdir(folder);
		skip();
	}
	live = rig_open(one, path);
	fd = fill(folder);
	do { /* the write-ahead log may have room of its own */
		before = rig_export(live);
		number++;
		status = rig_run(live, change, &number, &why);
		if (status == VMMQ_SUCCESS)
			free(before);
	} while (status == VMMQ_SUCCESS && number < 1000);
	assert_int_equal(status, VMMQ_RESOURCES);
	assert_non_null(strstr(why.text, "full"));
	{
		char *after = rig_export(live);

		assert_string_equal(before, after);
		free(after);
	}
	assert_int_equal(ftruncate(fd, 0), 0);
	rig_must(live, change, &number);
	free(before);
	before = rig_export(live);
	rig_close(live);
	live = rig_open(NULL, path);
	{
		char *after = rig_export(live);

		assert_string_equal(before, after);
		free(after);
	}
	rig_close(live);
	free(before);
	close(fd);
	umount(folder);
	rmdir(folder);
}

/* The first start: wherever it fails, there is no state, or a whole one. */
static void making_a_state_fails_everywhere(void **state)
{
	struct vmmq_config seed;
	struct live_params params = {
		.seed = &seed, .state = rig_state, .host_buffers = 2047, .allow_devargs = true
	};
	unsigned until, spared = 0;

	(void)state;
	rig_parse(one, &seed);
	for (until = 0; !spared; until++) {
		char error[512];
		struct live *live;

		rig_clean();
		faulty_arm(until, UINT_MAX, false);
		live = live_open(&params, error, sizeof(error));
		spared = !faulty_disarm();
		if (live) {
			rig_close(live);
			continue;
		}
		assert_non_null(strstr(error, rig_state));
		live = rig_open(one, rig_state);
		rig_close(live);
	}
	print_message("%u places\n", until);
	assert_true(until > 5);
	vmmq_config_fini(&seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_operation_fails_once, rig_fresh),
		cmocka_unit_test_setup(every_sync_fails_once, rig_fresh),
		cmocka_unit_test_setup(every_call_fails_once, rig_fresh),
		cmocka_unit_test_setup(a_busy_state, rig_fresh),
		cmocka_unit_test_setup(a_disk_that_stays_broken, rig_fresh),
		cmocka_unit_test_setup(a_batch_falls_apart, rig_fresh),
		cmocka_unit_test_setup(a_file_that_may_not_grow, rig_fresh),
		cmocka_unit_test_setup(a_full_disk, rig_fresh),
		cmocka_unit_test_setup(making_a_state_fails_everywhere, rig_fresh),
	};

	calls_install();
	faulty_install();
	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
