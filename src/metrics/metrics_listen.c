/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics/metrics_listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/number.h"

#define BACKLOG 16

/* listen_address_split takes "HOST:PORT" or "[HOST]:PORT" apart; host "" for none: "PORT", ":PORT". */
static bool listen_address_split(const char *address, char host[64], const char **port)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon ? (size_t)(colon - address) : 0;
	uint64_t number;

	if (!number_read_decimal(colon ? colon + 1 : address, UINT16_MAX, &number))
		return false;
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
		if (!memchr(address, ':', len))
			return false;
	} else if (memchr(address, ':', len)) {
		return false; /* where would its port begin? */
	}
	if (len >= 64)
		return false;
	memcpy(host, address, len);
	host[len] = '\0';
	*port = colon ? colon + 1 : address;
	return true;
}

static int listen_at(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, off = 0, reason;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)); /* "::" is IPv4 as well */
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	reason = errno;
	close(fd);
	errno = reason;
	return -1;
}

union listen_place {
	struct sockaddr any;
	struct sockaddr_in ip;
	struct sockaddr_in6 ip6;
};

static union listen_place listen_place_of(int fd)
{
	union listen_place at = { .ip6 = { 0 } };
	socklen_t len = sizeof(at);

	getsockname(fd, &at.any, &len);
	return at;
}

static unsigned port_of(int fd)
{
	union listen_place at = listen_place_of(fd);

	return ntohs(at.any.sa_family == AF_INET6 ? at.ip6.sin6_port : at.ip.sin_port);
}

bool metrics_listens_on_loopback(int fd)
{
	union listen_place at = listen_place_of(fd);

	return at.any.sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&at.ip6.sin6_addr)
					    : ntohl(at.ip.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* listen_first listens at the first of two hosts that this machine has: one of IPv6, or one of IPv4; -1 with errno. */
static int listen_first(const char *host, const char *other, const char *service)
{
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int fd, reason;

	if (getaddrinfo(host, service, &hints, &found) != 0) {
		errno = EINVAL;
		return -1;
	}
	fd = listen_at(found);
	reason = errno;
	freeaddrinfo(found);
	if (fd < 0 && other && (reason == EAFNOSUPPORT || reason == EADDRNOTAVAIL))
		return listen_first(other, NULL, service);
	errno = reason;
	return fd;
}

int metrics_listen(const char *address, unsigned *port, char *error, size_t error_len)
{
	const char *service;
	char host[64];
	int fd = -1;

	errno = EINVAL;
	if (listen_address_split(address, host, &service)) {
		if (strcmp(host, "*") == 0)
			fd = listen_first("::", "0.0.0.0", service);
		else if (!host[0])
			fd = listen_first("127.0.0.1", "::1", service);
		else
			fd = listen_first(host, NULL, service);
	}
	if (fd >= 0)
		*port = port_of(fd);
	else if (errno == EINVAL)
		snprintf(
		    error, error_len,
		    "metrics: found \"%s\"; a port is needed (9654, on 127.0.0.1), or an address and a port, as in "
		    "127.0.0.1:9654, [::1]:9654, or *:9654 for all addresses",
		    address);
	else
		snprintf(error, error_len, "metrics: cannot listen at %s: %s", address, strerror(errno));
	return fd;
}
