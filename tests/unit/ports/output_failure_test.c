/* SPDX-License-Identifier: BSD-2-Clause */
/* Where what is written finds no room, or nobody who reads it. */
#include "unit/ports/output_file_rig.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		test_in_directory(test_dev_full),
		test_in_directory(test_file_size_limit),
		test_in_directory(test_full_disk),
		test_in_directory(test_reader_has_gone),
		test_in_directory(test_nonblocking_standard_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
