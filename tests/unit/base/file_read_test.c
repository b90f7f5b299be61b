/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/file_read.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/file_read_test.XXXXXX";

/* write_bytes leaves len bytes of a pattern, with NULs in it, in the file. */
static void write_bytes(size_t len)
{
	FILE *file = fopen(path, "w");

	for (size_t i = 0; i < len; i++)
		putc((int)(i % 251), file);
	fclose(file);
}

/* expect_pattern checks what a reader has returned, of which the length stands in *read_len. */
static void expect_pattern(char *bytes, const size_t *read_len, size_t begin, size_t wanted)
{
	size_t len = *read_len;

	assert_non_null(bytes);
	assert_int_equal(len, wanted);
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)bytes[i] != (begin + i) % 251)
			fail_msg("byte %zu of %zu", i, len);
	assert_int_equal(bytes[len], '\0');
	free(bytes);
}

static void every_byte_and_a_nul(void **state)
{
	static const size_t lens[] = { 0, 1, 16383, 16384, 16385, 65536, 100000 };
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		write_bytes(lens[i]);
		expect_pattern(file_read(path, 100000, &len), &len, 0, lens[i]);
	}
}

static void too_much_is_refused(void **state)
{
	size_t len;

	(void)state;
	write_bytes(20000);
	expect_pattern(file_read(path, 20000, &len), &len, 0, 20000);
	assert_null(file_read(path, 19999, &len));
	assert_int_equal(errno, EFBIG);
	assert_null(file_read(path, 0, &len));
	assert_int_equal(errno, EFBIG);
}

static void what_cannot_be_read(void **state)
{
	size_t len;

	(void)state;
	assert_null(file_read("/nonexistent/file", 10, &len));
	assert_int_equal(errno, ENOENT);
	assert_null(file_read("/", 10, &len));
	assert_int_equal(errno, EISDIR);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	char sent[1000];
	int ends[2], kept;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i % 251);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], sent, sizeof(sent)), sizeof(sent));
	close(ends[1]);
	assert_int_equal(read(ends[0], sent, 7), 7);
	expect_pattern(file_read_rest(ends[0], 1000, &len), &len, 7, 993);
	close(ends[0]);

	write_bytes(300);
	kept = dup(STDIN_FILENO);
	assert_non_null(freopen(path, "r", stdin));
	expect_pattern(file_read("-", 1000, &len), &len, 0, 300);
	dup2(kept, STDIN_FILENO);
	close(kept);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

/* A pipe that nobody writes to, also in a file's place, is refused without waiting; a file is read. */
static void only_a_regular_file(void **state)
{
	char fifo[sizeof(path) + 8];
	size_t len;

	(void)state;
	snprintf(fifo, sizeof(fifo), "%s.fifo", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	errno = 0;
	assert_null(file_read_regular(fifo, 100, &len));
	assert_int_equal(errno, ESPIPE);
	unlink(fifo);
	assert_null(file_read_regular(fifo, 100, &len));
	assert_int_equal(errno, ENOENT);
	assert_null(file_read_regular("-", 100, &len));
	assert_int_equal(errno, ESPIPE);
	assert_null(file_read_regular("/dev/zero", 100, &len));
	assert_int_equal(errno, ESPIPE);
	assert_null(file_read_regular("/tmp", 100, &len));
	assert_int_equal(errno, EISDIR);
	write_bytes(100);
	expect_pattern(file_read_regular(path, 100, &len), &len, 0, 100);
	assert_null(file_read_regular(path, 99, &len));
	assert_int_equal(errno, EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_and_a_nul), cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(what_cannot_be_read),  cmocka_unit_test(a_pipe_is_read_to_its_end),
		cmocka_unit_test(only_a_regular_file),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
