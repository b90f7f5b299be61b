/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_listen.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/stale_socket.h"
#include "rpc/rpc_socket_access.h"

#define BACKLOG 1024

struct attempt {
	const char *path;
	struct sockaddr_un address;
	char *error;
	size_t error_len;
};

__attribute__((format(printf, 2, 3))) static int attempt_refuse(const struct attempt *attempt, const char *format,
								...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(attempt->error, attempt->error_len, "control socket %s: %s", attempt->path, text);
	return -1;
}

/* clear_the_way removes a socket that nobody listens on any more; 0 when the path is free then. */
static int clear_the_way(const struct attempt *attempt)
{
	pid_t listener;

	switch (stale_socket_remove(attempt->path, &listener)) {
	case STALE_SOCKET_NONE:
		return 0;
	case STALE_SOCKET_OTHER:
		return attempt_refuse(attempt, "something else than a socket is there");
	case STALE_SOCKET_ALIVE:
		if (listener)
			return attempt_refuse(attempt,
					      "process %d listens on it; stop that first, or give another --socket",
					      (int)listener);
		return attempt_refuse(attempt,
				      "another process listens on it; stop that first, or give another --socket");
	default:
		return attempt_refuse(attempt, "%s", strerror(errno));
	}
}

/* The socket accepts connections only when listen() is called, so nobody gets in before its permissions are right. */
static int attempt_make(const struct attempt *attempt, const struct rpc_groups *groups)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return attempt_refuse(attempt, "%s", strerror(errno));
	if (bind(fd, (const struct sockaddr *)&attempt->address, sizeof(attempt->address))) {
		attempt_refuse(attempt, "%s", strerror(errno));
		close(fd);
		return -1;
	}
	if (rpc_socket_access(attempt->path, groups) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	attempt_refuse(attempt, "%s", strerror(errno));
	unlink(attempt->path);
	close(fd);
	return -1;
}

int rpc_listen(const char *path, const struct rpc_groups *groups, char *error, size_t error_len)
{
	struct attempt attempt = { .path = path, .error = error, .error_len = error_len };

	attempt.address.sun_family = AF_UNIX;
	if (!path[0] || strlen(path) >= sizeof(attempt.address.sun_path))
		return attempt_refuse(&attempt, "the path of a socket has 1 to %zu characters",
				      sizeof(attempt.address.sun_path) - 1);
	memcpy(attempt.address.sun_path, path, strlen(path));
	if (clear_the_way(&attempt))
		return -1;
	return attempt_make(&attempt, groups);
}
