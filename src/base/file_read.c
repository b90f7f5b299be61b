/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* read_and_close reads a file that has been opened; errno stays that of the reading. */
static char *read_and_close(int fd, size_t max, size_t *len)
{
	char *bytes = file_read_rest(fd, max, len);
	int reason = errno;

	close(fd);
	errno = reason;
	return bytes;
}

char *file_read(const char *path, size_t max, size_t *len)
{
	int fd;

	if (strcmp(path, "-") == 0)
		return file_read_rest(STDIN_FILENO, max, len);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? NULL : read_and_close(fd, max, len);
}

char *file_read_regular(const char *path, size_t max, size_t *len)
{
	struct stat found;
	int fd;

	if (strcmp(path, "-") == 0) {
		errno = ESPIPE;
		return NULL;
	}
	/* O_NONBLOCK: a pipe is opened although nobody writes to it. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) {
		close(fd);
		errno = ESPIPE;
		return NULL;
	}
	return read_and_close(fd, max, len);
}
