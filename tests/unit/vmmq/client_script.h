/* SPDX-License-Identifier: BSD-2-Clause */
/* A daemon for the client's tests: a thread that plays a script on the other end of a socket in a folder of its own. */
#ifndef VMMQ_UNIT_VMMQ_CLIENT_SCRIPT_H
#define VMMQ_UNIT_VMMQ_CLIENT_SCRIPT_H

#include "vmmq/client/client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

typedef void script(int fd);

static struct {
	char directory[64], path[128];
	int listener;
	pthread_t thread;
	script *play;
} server;

static inline int server_listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static inline void *server_serve(void *unused)
{
	int fd = accept(server.listener, NULL, NULL);

	server.play(fd);
	close(fd);
	return unused;
}

static inline struct client *server_start(script *play)
{
	struct client_error error;
	struct client *client;

	server.play = play;
	server.listener = server_listen_at(server.path);
	assert_int_equal(pthread_create(&server.thread, NULL, server_serve, NULL), 0);
	client = client_open(server.path, &error);
	assert_non_null(client);
	return client;
}

static inline void server_stop(struct client *client)
{
	client_close(client);
	pthread_join(server.thread, NULL);
	close(server.listener);
	unlink(server.path);
}

/* script_take_line reads one request; nothing after it is consumed. */
static inline void script_take_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && recv(fd, line + len, 1, 0) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
}

static inline void script_put(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		len -= (size_t)sent;
	}
}

/* script_answer reads a request and sends text. */
static inline void script_answer(int fd, const char *text)
{
	char line[4096];

	script_take_line(fd, line, sizeof(line));
	script_put(fd, text);
}

static inline void script_wait_for_end(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) == 1)
		;
}

#define HUGE_LEN (3u << 20)

static inline int server_make_directory(void **state)
{
	(void)state;
	snprintf(server.directory, sizeof(server.directory), "/tmp/vmmq-client-XXXXXX");
	if (!mkdtemp(server.directory))
		return -1;
	snprintf(server.path, sizeof(server.path), "%s/s", server.directory);
	return 0;
}

static inline int server_remove_directory(void **state)
{
	(void)state;
	return rmdir(server.directory);
}

#endif
