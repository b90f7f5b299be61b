/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are written in a folder of the test's own, and what is demanded of them. */
#ifndef VMMQ_UNIT_PORTS_OUTPUT_FILE_RIG_H
#define VMMQ_UNIT_PORTS_OUTPUT_FILE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports/output_file.h"

enum {
	MORE_THAN_BUFFER = 300 << 10,
	FILE_LIMIT = 400 << 10,
};

static char directory[64];
static char error[1024];

/* in_directory names a file in the test's own directory; up to four names live at a time. */
static inline const char *in_directory(const char *name)
{
	static char path[4][128];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", directory, name);
	return p;
}

static inline void expect_text(const char *message, const char *part)
{
	if (!strstr(message, part))
		fail_msg("\"%s\" does not say \"%s\"", message, part);
}

static inline void expect_content(const char *path, const char *content)
{
	char found[256] = "";
	FILE *stream = fopen(path, "rb");

	if (!stream)
		fail_msg("%s does not exist", path);
	assert_int_equal(fread(found, 1, sizeof(found) - 1, stream), strlen(content));
	fclose(stream);
	assert_string_equal(found, content);
}

static inline void expect_absent(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), -1);
}

static inline off_t file_len(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static inline void make_file(const char *path, const char *content, mode_t mode)
{
	FILE *stream = fopen(path, "wb");

	assert_non_null(stream);
	fputs(content, stream);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static inline struct output_file *open_ok(const char *path)
{
	struct output_file *out = output_file_open(path, error, sizeof(error));

	if (!out)
		fail_msg("%s", error);
	return out;
}

static inline void write_text(struct output_file *out, const char *text)
{
	output_file_write(out, text, strlen(text));
}

/* byte_at is what pattern output has at an offset; its period is no power of two. */
static inline uint8_t byte_at(size_t offset)
{
	return (uint8_t)(offset % 251);
}

static inline void write_pattern(struct output_file *out, size_t len)
{
	uint8_t *data = malloc(len);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++)
		data[i] = byte_at(i);
	output_file_write(out, data, len);
	free(data);
}

static inline void finish_ok(struct output_file *out)
{
	if (output_file_finish(out, error, sizeof(error)) != 0)
		fail_msg("%s", error);
}

static inline void expect_refused(const char *path, const char *part)
{
	assert_null(output_file_open(path, error, sizeof(error)));
	expect_text(error, path);
	expect_text(error, part);
}

static inline int make_directory(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(directory, sizeof(directory), "%s/output_file.XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	return mkdtemp(directory) ? 0 : -1;
}

static inline int remove_directory(void **state)
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

#endif
