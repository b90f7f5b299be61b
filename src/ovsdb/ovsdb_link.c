/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PIECE_LEN 16384 /* bytes: as much as a record of TLS has */
#define PIECES    16    /* received at a time, so that a server that does not end lets others have their turn */

static bool link_failed(struct ovsdb_why *why, int error)
{
	return ovsdb_refuse(why, "%s", strerror(error));
}

bool ovsdb_link_open(struct ovsdb_link *link, const struct ovsdb_remote *remote, struct ovsdb_tls_identity *identity,
		     struct ovsdb_why *why)
{
	const int one = 1;

	*link = (struct ovsdb_link){ .fd = socket(remote->address.ss_family,
						  SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) };
	if (link->fd < 0)
		return link_failed(why, errno);
	if (remote->address.ss_family != AF_UNIX)
		setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(link->fd, (const struct sockaddr *)&remote->address, remote->address_len) != 0) {
		const bool full = errno == EAGAIN; /* of a Unix socket; TCP waits */

		link->connecting = errno == EINPROGRESS;
		if (!link->connecting) {
			link_failed(why, errno);
			ovsdb_link_close(link);
			return full;
		}
	}
	if (!remote->tls)
		return true;
	link->tls = ovsdb_tls_open(identity);
	if (link->tls)
		return true;
	ovsdb_link_close(link);
	return ovsdb_refuse(why, OVSDB_NO_MEMORY);
}

void ovsdb_link_close(struct ovsdb_link *link)
{
	ovsdb_tls_close(link->tls);
	if (link->fd >= 0)
		close(link->fd);
	*link = (struct ovsdb_link){ .fd = -1 };
}

bool ovsdb_link_connected(struct ovsdb_link *link, bool *connected, struct ovsdb_why *why)
{
	struct pollfd writable = { .fd = link->fd, .events = POLLOUT };
	int error = 0;
	socklen_t len = sizeof(error);

	if (link->connecting && poll(&writable, 1, 0) == 1) {
		if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
			error = errno;
		link->connecting = false;
	}
	*connected = !link->connecting;
	return !error || link_failed(why, error);
}

static bool plain_deliver(struct ovsdb_link *link, struct ovsdb_session *session, const char *bytes, size_t len,
			  uint64_t now_ns, struct ovsdb_why *why)
{
	char plain[PIECE_LEN];
	size_t got;

	if (!link->tls)
		return ovsdb_session_receive(session, bytes, len, now_ns);
	if (!ovsdb_tls_put(link->tls, bytes, len, why))
		return false;
	while (ovsdb_tls_get(link->tls, plain, sizeof(plain), &got, why)) {
		if (!got)
			return true;
		if (!ovsdb_session_receive(session, plain, got, now_ns))
			return false;
	}
	return false;
}

static bool link_receive(struct ovsdb_link *link, struct ovsdb_session *session, uint64_t now_ns,
			 struct ovsdb_why *why)
{
	char bytes[PIECE_LEN];

	for (unsigned i = 0; i < PIECES; i++) {
		ssize_t len = recv(link->fd, bytes, sizeof(bytes), 0);

		if (len == 0)
			return ovsdb_refuse(why, "it closed the connection");
		if (len < 0)
			return errno == EAGAIN || errno == EINTR || link_failed(why, errno);
		if (!plain_deliver(link, session, bytes, (size_t)len, now_ns, why))
			return false;
	}
	return true;
}

/* next_piece returns what the socket is to get next; *len 0: nothing. */
static bool next_piece(struct ovsdb_link *link, struct ovsdb_session *session, const char **bytes, size_t *len,
		       struct ovsdb_why *why)
{
	size_t said;

	if (!link->tls) {
		*bytes = ovsdb_session_output(session, len);
		return true;
	}
	*bytes = ovsdb_tls_output(link->tls, len);
	if (*len)
		return true;
	*bytes = ovsdb_session_output(session, len);
	if (!ovsdb_tls_say(link->tls, *bytes, *len < PIECE_LEN ? *len : PIECE_LEN, &said, why))
		return false;
	ovsdb_session_sent(session, said);
	*bytes = ovsdb_tls_output(link->tls, len);
	return true;
}

static bool link_send(struct ovsdb_link *link, struct ovsdb_session *session, bool *more, struct ovsdb_why *why)
{
	const char *bytes;
	size_t len;

	*more = false;
	while (next_piece(link, session, &bytes, &len, why)) {
		ssize_t sent;

		if (!len)
			return true;
		sent = send(link->fd, bytes, len, MSG_NOSIGNAL);
		if (sent < 0) {
			*more = true;
			return errno == EAGAIN || errno == EINTR || link_failed(why, errno);
		}
		if (link->tls)
			ovsdb_tls_sent(link->tls, (size_t)sent);
		else
			ovsdb_session_sent(session, (size_t)sent);
	}
	return false;
}

bool ovsdb_link_carry(struct ovsdb_link *link, struct ovsdb_session *session, uint64_t now_ns, bool *more,
		      struct ovsdb_why *why)
{
	return link_receive(link, session, now_ns, why) && link_send(link, session, more, why);
}
