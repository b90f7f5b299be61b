/* SPDX-License-Identifier: BSD-2-Clause */
/* Request files (docs/oid.md). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_read.h"
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

int oid_file_read(const struct command_line *line, const char *path, struct oid_request *request)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len;
	char *bytes = fd < 0 ? NULL : file_read_rest(fd, OID_FILE_HEADER_LEN + OID_BUFFER_MAX, &len);
	int reason = errno;
	const uint8_t *header = (const uint8_t *)bytes;

	*request = (struct oid_request){ .buffer = NULL };
	if (fd >= 0)
		close(fd);
	if (!bytes)
		return command_fail(line, "%s: %s", path, strerror(reason));
	if (len < OID_FILE_HEADER_LEN || memcmp(header, OID_FILE_MAGIC, 8) != 0) {
		free(bytes);
		return command_fail(
		    line, "%s: not a request file: it does not begin with " OID_FILE_MAGIC " and 16 bytes more",
		    path);
	}
	request->oid = file_get32(header + 8);
	request->method = file_get32(header + 12);
	request->flags = file_get32(header + 16);
	request->vport = file_get32(header + 20);
	request->length = len - OID_FILE_HEADER_LEN;
	request->buffer = memmove(bytes, bytes + OID_FILE_HEADER_LEN, request->length);
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
