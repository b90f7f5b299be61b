/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/client/client_socket.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SYSTEM_SOCKET "/run/vmmq/vmmq.sock"
#define ANSWER_MAX    ((size_t)256 << 20) /* a daemon that never ends a line must not take all memory */

bool client_error_set(struct client_error *error, const char *format, ...)
{
	va_list args;

	*error = (struct client_error){ 0 };
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return false;
}

/* default_path: a socket that we may not even look for is the system's, and the refusal to connect will say so. */
static const char *default_path(char *path, size_t size)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR"), *chosen = getenv("VMMQ_SOCKET");
	bool system = geteuid() == 0 || access(SYSTEM_SOCKET, F_OK) == 0 || errno == EACCES;

	if (chosen && chosen[0])
		return chosen;
	if (system || !runtime || !runtime[0])
		snprintf(path, size, "%s", SYSTEM_SOCKET);
	else
		snprintf(path, size, "%s/vmmq/vmmq.sock", runtime);
	return path;
}

static bool refuse_permission(const char *path, struct client_error *error)
{
	struct stat about;
	bool seen = stat(path, &about) == 0;
	struct group *group = seen ? getgrgid(about.st_gid) : NULL;

	if (seen && !(about.st_mode & S_IWGRP))
		return client_error_set(error, "no permission for %s: it is for its owner and root alone", path);
	return client_error_set(error,
				"no permission for %s: you are neither in group %s nor in vmmqd's --read-group", path,
				group && about.st_gid ? group->gr_name : "vmmq");
}

static bool refuse_connect(const char *path, int reason, struct client_error *error)
{
	struct stat about;

	switch (reason) {
	case ENOENT:
	case ENOTDIR:
		return client_error_set(error, "there is no socket %s: is vmmqd running?", path);
	case EACCES:
	case EPERM:
		return refuse_permission(path, error);
	case ECONNREFUSED:
		if (stat(path, &about) == 0 && !S_ISSOCK(about.st_mode))
			return client_error_set(error, "%s is not a socket", path);
		return client_error_set(error, "nobody listens at %s: is vmmqd running?", path);
	case EAGAIN:
		return client_error_set(error, "vmmqd at %s has accepted no connection for %d s", path,
					CLIENT_TIMEOUT_MS / 1000);
	case EPROTOTYPE:
		return client_error_set(error, "%s is a socket of another kind, not vmmqd's", path);
	default:
		return client_error_set(error, "%s: %s", path, strerror(reason));
	}
}

int client_connect(const char *path, struct client_error *error)
{
	struct timeval patience = { .tv_sec = CLIENT_TIMEOUT_MS / 1000 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char usual[sizeof(address.sun_path) + 1];
	int fd;

	if (!path)
		path = default_path(usual, sizeof(usual));
	if (!path[0] || strlen(path) >= sizeof(address.sun_path)) {
		client_error_set(error, "\"%s\" cannot be a socket: a path of 1 to %zu bytes is needed", path,
				 sizeof(address.sun_path) - 1);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		client_error_set(error, "no socket can be made: %s", strerror(errno));
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* connect() obeys it */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	refuse_connect(path, errno, error);
	close(fd);
	return -1;
}

/* wait_for returns poll()'s result; a signal counts as the end of patience. */
static int wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd wanted = { .fd = fd, .events = events };
	int ready = poll(&wanted, 1, timeout_ms);

	return ready < 0 ? 0 : ready;
}

static bool client_gone(struct client_error *error)
{
	return client_error_set(error, "vmmqd has closed the connection: has it stopped?");
}

bool client_send(struct client_stream *stream, const char *bytes, size_t len, int timeout_ms,
		 struct client_error *error)
{
	while (len) {
		ssize_t sent = send(stream->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent > 0) {
			bytes += sent;
			len -= (size_t)sent;
		} else if (errno == EAGAIN) {
			if (!wait_for(stream->fd, POLLOUT, timeout_ms))
				return client_error_set(error, "vmmqd has read nothing for %g s", timeout_ms / 1e3);
		} else if (errno != EINTR) {
			return true; /* closed: why, it has said before, or client_receive() says that it has gone */
		}
	}
	return true;
}

/* stream_make_room moves what is left to the front, and grows. */
static bool stream_make_room(struct client_stream *stream, struct client_error *error)
{
	size_t size = stream->size ? stream->size : 1 << 14;
	char *data;

	if (stream->start) {
		memmove(stream->data, stream->data + stream->start, stream->end - stream->start);
		stream->scanned -= stream->start;
		stream->end -= stream->start;
		stream->start = 0;
	}
	if (stream->end < stream->size)
		return true;
	if (stream->size)
		size *= 2;
	if (size > ANSWER_MAX)
		return client_error_set(error, "vmmqd's answer is longer than %zu MiB", ANSWER_MAX >> 20);
	data = realloc(stream->data, size);
	if (!data)
		return client_error_set(error, "out of memory");
	stream->data = data;
	stream->size = size;
	return true;
}

static bool take_line(struct client_stream *stream, char **line, size_t *len)
{
	char *from = stream->data + stream->scanned;
	char *end = stream->end > stream->scanned ? memchr(from, '\n', stream->end - stream->scanned) : NULL;

	stream->scanned = stream->end;
	if (!end)
		return false;
	*line = stream->data + stream->start;
	*len = (size_t)(end - *line);
	stream->start += *len + 1;
	stream->scanned = stream->start;
	return true;
}

enum client_received client_receive(struct client_stream *stream, int timeout_ms, char **line, size_t *len,
				    struct client_error *error)
{
	while (!take_line(stream, line, len)) {
		ssize_t got;

		if (stream->end == stream->size && !stream_make_room(stream, error))
			return CLIENT_GONE;
		if (!wait_for(stream->fd, POLLIN, timeout_ms))
			return CLIENT_TIMEOUT;
		got = recv(stream->fd, stream->data + stream->end, stream->size - stream->end, MSG_DONTWAIT);
		if (got > 0) {
			stream->end += (size_t)got;
		} else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
			client_gone(error);
			return CLIENT_GONE;
		}
	}
	return CLIENT_LINE;
}
