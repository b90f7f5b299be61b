/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/vhost_user.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/stale_socket.h"

#define BACKLOG 64

static bool socket_place_free(const char *path, char *error, size_t error_len)
{
	pid_t listener;

	switch (stale_socket_remove(path, &listener)) {
	case STALE_SOCKET_NONE:
		return true;
	case STALE_SOCKET_OTHER:
		snprintf(error, error_len, "%s exists and is not a socket: remove it, or give another path", path);
		return false;
	case STALE_SOCKET_ALIVE:
		if (listener == getpid())
			snprintf(error, error_len, "%s: another port has it: give each its own", path);
		else if (listener)
			snprintf(error, error_len, "%s: process %d listens on it: stop that, or give another path",
				 path, (int)listener);
		else
			snprintf(error, error_len,
				 "%s: another process listens on it: stop that, or give another path", path);
		return false;
	case STALE_SOCKET_STUCK:
		snprintf(error, error_len, "%s: a socket that nobody listens on cannot be removed: %s", path,
			 strerror(errno));
		return false;
	default:
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
		return false;
	}
}

static int socket_make(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address->sun_path, path, strlen(path) + 1);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int vhost_socket_open(struct vhost_port *vhost, const struct port_spec *wanted, char *error, size_t error_len)
{
	const char *path = vhost->port->interface;
	struct sockaddr_un address;
	int fd;

	if (!socket_place_free(path, error, error_len))
		return -1;
	fd = socket_make(path, &address);
	if (fd < 0) {
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		snprintf(error, error_len, "%s: the socket cannot be made: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	/* nobody can connect before listen(), so there is no moment at which the wrong owner or permissions hold */
	if (port_socket_adopt(wanted, error, error_len)) {
		if (listen(fd, BACKLOG) == 0) {
			vhost->listener.fd = fd;
			return 0;
		}
		snprintf(error, error_len, "%s: %s", path, strerror(errno));
	}
	close(fd);
	unlink(path);
	return -1;
}

struct ucred vhost_socket_peer(int socket)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);

	getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	return peer;
}

int vhost_socket_connect(const struct vhost_port *vhost)
{
	struct sockaddr_un address;
	int fd = socket_make(vhost->port->interface, &address);

	int reason;

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	reason = errno;
	if (fd >= 0)
		close(fd);
	return -reason;
}
