/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_remote.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define PORT_STANDARD 6640

static bool unix_read(struct ovsdb_remote *remote, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!path[0] || strlen(path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	memcpy(&remote->address, &address, sizeof(address));
	remote->address_len = sizeof(address);
	return true;
}

/* port_read: the empty text is the standard port; 0: it is none. */
static uint16_t port_read(const char *text)
{
	unsigned long port;

	if (!text[0])
		return PORT_STANDARD;
	if (text[0] != ':' || strspn(text + 1, "0123456789") != strlen(text + 1) || strlen(text + 1) > 5)
		return 0;
	port = strtoul(text + 1, NULL, 10);
	return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static bool inet_read(struct ovsdb_remote *remote, const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	bool brackets = text[0] == '[';
	size_t len = strcspn(text + brackets, brackets ? "]" : ":");
	char host[INET6_ADDRSTRLEN];
	const char *rest = text + brackets + len;
	uint16_t port;

	if (len >= sizeof(host) || (brackets && *rest++ != ']'))
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)len, text + brackets);
	port = port_read(rest);
	if (brackets) {
		v6.sin6_port = htons(port);
		memcpy(&remote->address, &v6, sizeof(v6));
		remote->address_len = sizeof(v6);
		return port && inet_pton(AF_INET6, host, &((struct sockaddr_in6 *)&remote->address)->sin6_addr) == 1;
	}
	v4.sin_port = htons(port);
	memcpy(&remote->address, &v4, sizeof(v4));
	remote->address_len = sizeof(v4);
	return port && inet_pton(AF_INET, host, &((struct sockaddr_in *)&remote->address)->sin_addr) == 1;
}

bool ovsdb_remote_read(struct ovsdb_remote *remote, const char *text, struct ovsdb_why *why)
{
	bool good = false;

	*remote = (struct ovsdb_remote){ 0 };
	if (strlen(text) < sizeof(remote->text)) {
		memcpy(remote->text, text, strlen(text) + 1);
		remote->tls = strncmp(text, "ssl:", 4) == 0;
		if (strncmp(text, "unix:", 5) == 0)
			good = unix_read(remote, text + 5);
		else if (remote->tls || strncmp(text, "tcp:", 4) == 0)
			good = inet_read(remote, text + 4);
	}
	return good ||
	       ovsdb_refuse(
		   why,
		   "unix:PATH, tcp:ADDRESS:PORT or ssl:ADDRESS:PORT is needed, with an address in numbers (IPv6 in "
		   "brackets), and not \"%.60s\"",
		   text);
}
