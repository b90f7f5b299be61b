/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_port.h"

#include <pthread.h>
#include <rte_log.h>
#include <stdio.h>
#include <string.h>

/*
 * One stream for the life of the process: another thread may be about to write to it when it is taken out of use, so it
 * is never closed.
 */
static struct {
	pthread_mutex_t lock;
	FILE *stream;
	FILE *before; /* where the log goes otherwise */
	size_t len;
	char text[4096];
} said = { .lock = PTHREAD_MUTEX_INITIALIZER };

static ssize_t said_keep(void *cookie, const char *text, size_t len)
{
	size_t room, n;

	(void)cookie;
	pthread_mutex_lock(&said.lock);
	room = sizeof(said.text) - 1 - said.len;
	if (len > room) /* the end is what counts */
		said.len = 0;
	room = sizeof(said.text) - 1 - said.len;
	n = len < room ? len : room;
	memcpy(said.text + said.len, text, n);
	said.len += n;
	said.text[said.len] = '\0';
	pthread_mutex_unlock(&said.lock);
	return (ssize_t)len;
}

void ethdev_said_begin(void)
{
	const cookie_io_functions_t io = { .write = said_keep };

	if (!said.stream) {
		said.stream = fopencookie(NULL, "w", io);
		if (said.stream)
			setvbuf(said.stream, NULL, _IOLBF, 512);
	}
	pthread_mutex_lock(&said.lock);
	said.len = 0;
	said.text[0] = '\0';
	pthread_mutex_unlock(&said.lock);
	said.before = rte_log_get_stream();
	if (said.stream)
		rte_openlog_stream(said.stream);
}

/* said_is_noise: what drivers say of the EAL's having no shared configuration, which is as we want it. */
static bool said_is_noise(const char *line)
{
	return strstr(line, "mp action");
}

/*
 * said_first_line points at the first line that matters, without the function's name: later lines only say that what called
 * it failed too.
 */
static const char *said_first_line(char *text)
{
	char *function, *rest = text, *line;

	do
		line = strsep(&rest, "\n");
	while (rest && said_is_noise(line));
	function = strstr(line, "(): ");
	return function ? function + 4 : line;
}

void ethdev_said_end(char *line, size_t line_len)
{
	rte_openlog_stream(said.before);
	if (said.stream)
		fflush(said.stream);
	pthread_mutex_lock(&said.lock);
	snprintf(line, line_len, "%s", said_first_line(said.text));
	pthread_mutex_unlock(&said.lock);
}
