/* SPDX-License-Identifier: BSD-2-Clause */
/* Request files (docs/oid.md). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/oid/cmd_oid.h"

static void file_put32(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t file_get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* read_rest reads to the end of the file: 0, or an errno. */
static int read_rest(FILE *file, struct oid_request *request)
{
	size_t capacity = 0, got;

	request->buffer = NULL;
	request->length = 0;
	do {
		uint8_t *grown;

		capacity = capacity ? 2 * capacity : 4096;
		if (capacity > 2 * (size_t)OID_BUFFER_MAX)
			return EFBIG;
		grown = realloc(request->buffer, capacity);
		if (!grown)
			return ENOMEM;
		request->buffer = grown;
		got = fread(grown + request->length, 1, capacity - request->length, file);
		request->length += got;
	} while (request->length == capacity);
	return ferror(file) ? (errno ? errno : EIO) : 0;
}

int oid_file_read(const struct command_line *line, const char *path, struct oid_request *request)
{
	uint8_t header[OID_FILE_HEADER_LEN];
	FILE *file = fopen(path, "rb");
	size_t got;
	int error;

	*request = (struct oid_request){ .buffer = NULL };
	if (!file)
		return command_fail(line, "%s: %s", path, strerror(errno));
	errno = 0;
	got = fread(header, 1, sizeof(header), file);
	error = ferror(file) ? errno : 0;
	if (!error && (got < sizeof(header) || memcmp(header, OID_FILE_MAGIC, 8) != 0)) {
		fclose(file);
		return command_fail(
		    line, "%s: not a request file: it does not begin with " OID_FILE_MAGIC " and 16 bytes more",
		    path);
	}
	if (!error)
		error = read_rest(file, request);
	fclose(file);
	if (error) {
		free(request->buffer);
		request->buffer = NULL;
		return command_fail(line, "%s: %s", path, strerror(error));
	}
	request->oid = file_get32(header + 8);
	request->method = file_get32(header + 12);
	request->flags = file_get32(header + 16);
	request->vport = file_get32(header + 20);
	return COMMAND_DONE;
}

int oid_file_write(const struct command_line *line, const char *path, const struct oid_request *request)
{
	uint8_t header[OID_FILE_HEADER_LEN] = OID_FILE_MAGIC;
	FILE *file = strcmp(path, "-") ? fopen(path, "wb") : stdout;
	bool failed;

	if (!file)
		return command_fail(line, "%s: %s", path, strerror(errno));
	file_put32(header + 8, request->oid);
	file_put32(header + 12, request->method);
	file_put32(header + 16, request->flags);
	file_put32(header + 20, request->vport);
	failed = fwrite(header, 1, sizeof(header), file) != sizeof(header) ||
		 fwrite(request->buffer, 1, request->length, file) != request->length;
	if (file == stdout)
		return COMMAND_DONE; /* whether that has worked is found out at the end */
	failed |= fclose(file) != 0;
	return failed ? command_fail(line, "%s: %s", path, strerror(errno)) : COMMAND_DONE;
}
