/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports/output_file.h"

enum {
	MORE_THAN_BUFFER = 300 << 10,
	FILE_LIMIT = 400 << 10,
};

static char directory[64];
static char error[1024];

/* in_directory names a file in the test's own directory; up to four names live at a time. */
static const char *in_directory(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", directory, name);
	return p;
}

static void expect_text(const char *message, const char *part)
{
	if (!strstr(message, part))
		fail_msg("\"%s\" does not say \"%s\"", message, part);
}

static void expect_content(const char *path, const char *content)
{
	char found[256] = "";
	FILE *stream = fopen(path, "rb");

	if (!stream)
		fail_msg("%s does not exist", path);
	assert_int_equal(fread(found, 1, sizeof(found) - 1, stream), strlen(content));
	fclose(stream);
	assert_string_equal(found, content);
}

static void expect_absent(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), -1);
}

static off_t file_len(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void make_file(const char *path, const char *content, mode_t mode)
{
	FILE *stream = fopen(path, "wb");

	assert_non_null(stream);
	fputs(content, stream);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static struct output_file *open_ok(const char *path)
{
	struct output_file *out = output_file_open(path, error, sizeof(error));

	if (!out)
		fail_msg("%s", error);
	return out;
}

static void write_text(struct output_file *out, const char *text)
{
	output_file_write(out, text, strlen(text));
}

/* byte_at is what pattern output has at an offset; its period is no power of two. */
static uint8_t byte_at(size_t offset)
{
	return (uint8_t)(offset % 251);
}

static void write_pattern(struct output_file *out, size_t len)
{
	uint8_t *data = malloc(len);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = byte_at(i);
	output_file_write(out, data, len);
	free(data);
}

static void finish_ok(struct output_file *out)
{
	if (output_file_finish(out, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

static void expect_refused(const char *path, const char *part)
{
	assert_null(output_file_open(path, error, sizeof(error)));
	expect_text(error, path);
	expect_text(error, part);
}

static void test_new_file_appears_when_finished(void **state)
{
	const char *path = in_directory("out");
	struct output_file *out = open_ok(path);

	(void)state;
	write_text(out, "one ");
	write_text(out, "two");
	expect_absent(path);
	assert_int_equal(access(in_directory("out.partial"), F_OK), 0);
	finish_ok(out);
	expect_content(path, "one two");
	expect_absent(in_directory("out.partial"));
}

static void test_nothing_written_is_an_empty_file(void **state)
{
	(void)state;
	finish_ok(open_ok(in_directory("out")));
	expect_content(in_directory("out"), "");
}

static void test_old_file_stays_until_finished(void **state)
{
	const char *path = in_directory("out");
	struct stat st;

	(void)state;
	make_file(path, "old", 0640);
	make_file(in_directory("out.partial"), "of an earlier run, and longer", 0600);
	struct output_file *out = open_ok(path);

	write_text(out, "new");
	expect_content(path, "old");
	finish_ok(out);
	expect_content(path, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void test_abandon_leaves_partial(void **state)
{
	const char *path = in_directory("out");
	char partial[128] = "?";

	(void)state;
	make_file(path, "old", 0644);
	struct output_file *out = open_ok(path);

	write_text(out, "half of it");
	output_file_abandon(out, partial, sizeof(partial));
	expect_content(path, "old");
	assert_string_equal(partial, in_directory("out.partial"));
	expect_content(partial, "half of it");
}

static void test_abandon_of_nothing_leaves_nothing(void **state)
{
	const char *path = in_directory("out");
	char partial[128] = "?";

	(void)state;
	output_file_abandon(open_ok(path), partial, sizeof(partial));
	assert_string_equal(partial, "");
	expect_absent(path);
	expect_absent(in_directory("out.partial"));
}

static void test_symbolic_link_is_followed(void **state)
{
	const char *target = in_directory("target"), *link = in_directory("link");
	struct stat st;

	(void)state;
	make_file(target, "old", 0644);
	assert_int_equal(symlink("target", link), 0);
	struct output_file *out = open_ok(link);

	write_text(out, "new");
	finish_ok(out);
	expect_content(target, "new");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void test_dangling_link_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", in_directory("link")), 0);
	expect_refused(in_directory("link"), "symbolic link to something that does not exist");
}

/* What is written in pieces of every size around the buffer's is what is in the file. */
static void test_pieces_of_every_size(void **state)
{
	const char *path = in_directory("out");
	struct output_file *out = open_ok(path);
	const size_t sizes[] = { 1, 3, (256 << 10) - 5, 2, 256 << 10, (512 << 10) + 7, 0, 11 };
	size_t total = 0;
	uint8_t *data = malloc(2 << 20), *found = malloc(2 << 20);

	(void)state;
	for (size_t i = 0; i < 2 << 20; i++)
		data[i] = (uint8_t)(i * 7 + (i >> 8));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		output_file_write(out, data + total, sizes[i]);
		total += sizes[i];
	}
	finish_ok(out);
	FILE *stream = fopen(path, "rb");

	assert_int_equal(fread(found, 1, 2 << 20, stream), total);
	assert_memory_equal(found, data, total);
	fclose(stream);
	free(data);
	free(found);
}

static void test_one_path_twice_is_refused(void **state)
{
	const char *path = in_directory("out");
	struct output_file *out = open_ok(path);

	(void)state;
	write_text(out, "first");
	expect_refused(path, "is being written already");
	finish_ok(out);
	expect_content(path, "first");
}

static void test_bad_paths(void **state)
{
	(void)state;
	expect_refused(directory, "is a directory");
	expect_refused(in_directory("missing/out"), "missing does not exist; create it first");
	expect_refused(in_directory("missing/"), "is not the path of a file");
	expect_refused("", "is not the path of a file");
	make_file(in_directory("file"), "", 0644);
	expect_refused(in_directory("file/out"), "Not a directory");
	assert_int_equal(mkfifo(in_directory("pipe.partial"), 0600), 0);
	expect_refused(in_directory("pipe"), "pipe.partial cannot be created");
}

#define NOBODY 65534

static void test_unwritable(void **state)
{
	bool is_root = geteuid() == 0;

	(void)state;
	if (is_root) { /* root writes everywhere, so be nobody for a moment */
		assert_int_equal(chown(directory, NOBODY, NOBODY), 0);
		assert_int_equal(setresuid(NOBODY, NOBODY, 0), 0);
	}
	make_file(in_directory("out"), "old", 0444);
	expect_refused(in_directory("out"), "exists and is not writable");
	assert_int_equal(mkdir(in_directory("locked"), 0555), 0);
	expect_refused(in_directory("locked/out"), "must be writable");
	assert_int_equal(rmdir(in_directory("locked")), 0);
	if (is_root) {
		assert_int_equal(setresuid(0, 0, 0), 0);
		assert_int_equal(chown(directory, 0, 0), 0);
	}
}

static void test_dev_full(void **state)
{
	struct output_file *out = open_ok("/dev/full");

	(void)state;
	write_text(out, "a little");
	assert_false(output_file_failed(out)); /* still in the buffer */
	write_pattern(out, MORE_THAN_BUFFER);
	assert_true(output_file_failed(out));
	assert_int_equal(output_file_finish(out, error, sizeof(error)), -1);
	assert_string_equal(error, "/dev/full: no space left on the device after 0 bytes");

	out = open_ok("/dev/full");
	write_text(out, "a little");
	assert_int_equal(output_file_finish(out, error, sizeof(error)), -1);
	expect_text(error, "no space left on the device");
}

/* expect_failure_with_partial ends a file of which limit bytes found room. */
static void expect_failure_with_partial(struct output_file *out, const char *path, off_t limit, const char *reason)
{
	char expected[768], partial[160];

	assert_true(output_file_failed(out));
	assert_int_equal(output_file_finish(out, error, sizeof(error)), -1);
	snprintf(partial, sizeof(partial), "%s.partial", path);
	snprintf(expected, sizeof(expected), "%s: %s after %lld bytes; what was written is in %s", path, reason,
		 (long long)limit, partial);
	assert_string_equal(error, expected);
	assert_int_equal(file_len(partial), limit);
	expect_absent(path);
}

static void test_file_size_limit(void **state)
{
	const struct rlimit limit = { FILE_LIMIT, RLIM_INFINITY };
	struct rlimit before;
	struct output_file *out = open_ok(in_directory("out"));

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	write_pattern(out, 2 * MORE_THAN_BUFFER);
	setrlimit(RLIMIT_FSIZE, &before);
	expect_failure_with_partial(out, in_directory("out"), FILE_LIMIT,
				    "the file is larger than the file system or 'ulimit -f' allows");
}

static void test_full_disk(void **state)
{
	const char *disk = in_directory("disk");

	(void)state;
	if (geteuid() != 0)
		skip(); /* needs root, to mount */
	assert_int_equal(mkdir(disk, 0755), 0);
	/* A mount namespace of our own: the disk goes with this process, whatever happens. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL); /* cannot be done, nor is it needed, in a chroot */
	assert_int_equal(mount("tmpfs", disk, "tmpfs", 0, "size=400k"), 0);
	struct output_file *out = open_ok(in_directory("disk/out"));

	write_pattern(out, 2 * MORE_THAN_BUFFER);
	expect_failure_with_partial(out, in_directory("disk/out"), FILE_LIMIT, "no space left on the device");
	umount2(disk, MNT_DETACH);
}

/* with_standard_output runs body while standard output is fd. */
static void with_standard_output(int fd, void (*body)(void))
{
	fflush(stdout);
	int saved = dup(STDOUT_FILENO);

	dup2(fd, STDOUT_FILENO);
	close(fd);
	body();
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static int finish_status;

static void write_to_standard_output(void)
{
	struct output_file *out = output_file_open("-", error, sizeof(error));

	if (out)
		write_pattern(out, 4 * MORE_THAN_BUFFER);
	finish_status = out ? output_file_finish(out, error, sizeof(error)) : -1;
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
		finish_status = -2; /* it was closed */
}

static void test_reader_has_gone(void **state)
{
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	with_standard_output(ends[1], write_to_standard_output);
	assert_int_equal(finish_status, -1);
	assert_string_equal(error, "standard output: the program that reads it has gone (broken pipe) after 0 bytes");
}

/* The child exits with 0 when it has read exactly the pattern that the parent writes. */
static pid_t start_reader(int ends[2])
{
	pid_t child = fork();

	if (child != 0)
		return child;
	size_t total = 0;
	uint8_t buffer[4099];
	ssize_t len;

	close(ends[1]);
	while ((len = read(ends[0], buffer, sizeof(buffer))) > 0)
		for (ssize_t i = 0; i < len; i++)
			if (buffer[i] != byte_at(total++))
				_exit(2);
	_exit(total == 4 * MORE_THAN_BUFFER ? 0 : 1);
}

/* A pipe that does not block is filled faster than it is read: nothing is lost. */
static void test_nonblocking_standard_output(void **state)
{
	int ends[2], status;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid_t child = start_reader(ends);

	close(ends[0]);
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	with_standard_output(ends[1], write_to_standard_output);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(finish_status, 0);
	assert_int_equal(status, 0);
}

static int make_directory(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(directory, sizeof(directory), "%s/output_file.XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
	static const char *const names[] = {
		"out", "out.partial", "target", "target.partial", "link", "file", "pipe", "pipe.partial",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(in_directory(names[i]));
	rmdir(in_directory("disk"));
	return rmdir(directory); /* fails where a test has left something unexpected */
}

#define test_in_directory(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_directory(test_new_file_appears_when_finished),
		test_in_directory(test_nothing_written_is_an_empty_file),
		test_in_directory(test_old_file_stays_until_finished),
		test_in_directory(test_abandon_leaves_partial),
		test_in_directory(test_abandon_of_nothing_leaves_nothing),
		test_in_directory(test_symbolic_link_is_followed),
		test_in_directory(test_dangling_link_is_refused),
		test_in_directory(test_pieces_of_every_size),
		test_in_directory(test_one_path_twice_is_refused),
		test_in_directory(test_bad_paths),
		test_in_directory(test_unwritable),
		test_in_directory(test_dev_full),
		test_in_directory(test_file_size_limit),
		test_in_directory(test_full_disk),
		test_in_directory(test_reader_has_gone),
		test_in_directory(test_nonblocking_standard_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
