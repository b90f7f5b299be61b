/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/config_file.h"
#include "config/config_tree.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int refuse(struct config_error *error, int reason)
{
	return config_error_set(error, 0, 0, "", "cannot be read: %s", strerror(reason));
}

/* read_fully appends what fd has left to *bytes, doubling it as it goes. */
static int read_fully(int fd, char **bytes, size_t *len, struct config_error *error)
{
	size_t capacity = 0;

	for (*bytes = NULL, *len = 0; *len <= CONFIG_FILE_LEN_MAX;) {
		ssize_t got;

		if (*len == capacity) {
			char *larger = realloc(*bytes, capacity ? capacity * 2 : 16384);

			if (!larger)
				return refuse(error, ENOMEM);
			*bytes = larger;
			capacity = capacity ? capacity * 2 : 16384;
		}
		got = read(fd, *bytes + *len, capacity - *len);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return refuse(error, errno);
		*len += got > 0 ? (size_t)got : 0;
	}
	return config_error_set(error, 0, 0, "", "larger than %u MiB", CONFIG_FILE_LEN_MAX >> 20);
}

int config_file_read(const char *path, char **bytes, size_t *len, struct config_error *error)
{
	bool standard_input = strcmp(path, "-") == 0;
	int fd = standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int status;

	if (fd < 0)
		return refuse(error, errno);
	status = read_fully(fd, bytes, len, error);
	if (!standard_input)
		close(fd);
	if (status) {
		free(*bytes);
		*bytes = NULL;
	}
	return status;
}
