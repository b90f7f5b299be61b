/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ROOM 16384

/* room_double makes room for twice as many bytes and a NUL. */
static bool room_double(char **bytes, size_t *room)
{
	size_t wanted = *room ? 2 * *room : FIRST_ROOM;
	char *larger = realloc(*bytes, wanted + 1);

	if (!larger)
		return false;
	*bytes = larger;
	*room = wanted;
	return true;
}

/* read_all leaves what it could allocate in *bytes; returns 0 or an errno. */
static int read_all(int fd, size_t max, char **bytes, size_t *len)
{
	size_t room = 0;

	*bytes = NULL;
	for (*len = 0; *len <= max;) {
		ssize_t got;

		if (*len == room && !room_double(bytes, &room))
			return ENOMEM;
		got = read(fd, *bytes + *len, room - *len);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return errno;
		*len += got > 0 ? (size_t)got : 0;
	}
	return EFBIG;
}

char *file_read_rest(int fd, size_t max, size_t *len)
{
	char *bytes;
	int reason = read_all(fd, max, &bytes, len);

	if (reason == 0) {
		bytes[*len] = '\0';
		return bytes;
	}
	free(bytes);
	errno = reason;
	return NULL;
}

char *file_read(const char *path, size_t max, size_t *len)
{
	bool standard_input = strcmp(path, "-") == 0;
	int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), reason;
	char *bytes;

	if (fd < 0)
		return NULL;
	bytes = file_read_rest(fd, max, len);
	reason = errno;
	if (!standard_input)
		close(fd);
	errno = reason;
	return bytes;
}
