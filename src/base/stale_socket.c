/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stale_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* socket_knock connects to path.  0: somebody listens, *listener is who, 0 if unknown; else errno. */
static int socket_knock(const struct sockaddr_un *address, pid_t *listener)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), reason = 0;

	if (fd < 0)
		return errno;
	/* EAGAIN: so many are before us that they fill its queue */
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) && errno != EAGAIN)
		reason = errno;
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
		*listener = peer.pid;
	close(fd);
	return reason;
}

enum stale_socket stale_socket_remove(const char *path, pid_t *listener)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat found;
	int reason;

	*listener = 0;
	if (lstat(path, &found))
		return errno == ENOENT ? STALE_SOCKET_NONE : STALE_SOCKET_FAILED;
	if (!S_ISSOCK(found.st_mode))
		return STALE_SOCKET_OTHER;
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return STALE_SOCKET_FAILED;
	}
	memcpy(address.sun_path, path, strlen(path));
	reason = socket_knock(&address, listener);
	if (reason == 0)
		return STALE_SOCKET_ALIVE;
	if (reason == ECONNREFUSED)
		return unlink(path) == 0 || errno == ENOENT ? STALE_SOCKET_NONE : STALE_SOCKET_STUCK;
	errno = reason;
	return STALE_SOCKET_FAILED;
}
