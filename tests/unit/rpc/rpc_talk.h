/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the control socket in the thread that serves it: sends, has it served, and reads what it says. */
#ifndef VMMQ_UNIT_RPC_RPC_TALK_H
#define VMMQ_UNIT_RPC_RPC_TALK_H

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rpc/rpc.h"

enum { TALK_IDLE_MS = 50 }; /* who has subscribed is not closed when he has nothing more to say */

static struct live *talk_live; /* what the other side serves */

/* talk_turn is a turn of the loop that serves. */
static inline void talk_turn(struct rpc *rpc)
{
	live_run(talk_live);
	rpc_run(rpc);
}

/* talk_serve has the other side work; a test may put something around it. */
static void (*talk_serve)(struct rpc *rpc) = talk_turn;

static inline int talk_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int connected;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	connected = connect(fd, (struct sockaddr *)&address, sizeof(address));
	assert(fd >= 0 && connected == 0);
	(void)connected;
	return fd;
}

/* talk_is_idle has the other side served; true: it has not had anything to do for a while. */
static inline bool talk_is_idle(struct rpc *rpc, unsigned *idle_ms)
{
	struct pollfd fd = { .fd = rpc_fd(rpc), .events = POLLIN };

	*idle_ms = poll(&fd, 1, *idle_ms ? 1 : 0) > 0 ? 0 : *idle_ms + 1;
	talk_serve(rpc);
	if (live_busy(talk_live))
		*idle_ms = 1; /* it waits for the disk */
	return *idle_ms > TALK_IDLE_MS;
}

/* talk sends all on a connection of its own and returns what came until that was closed, for free(); *got: bytes of it, a NUL behind them. */
static inline char *talk(struct rpc *rpc, const char *path, const char *data, size_t len, size_t *got)
{
	size_t sent = 0, room = 1 << 16;
	char *answers = malloc(room);
	int fd = talk_connect(path);
	unsigned idle_ms = 0;
	ssize_t n = -1;

	for (*got = 0; n; *got += n > 0 ? (size_t)n : 0) {
		n = sent < len ? send(fd, data + sent, len - sent, MSG_NOSIGNAL) : 0;
		sent += n > 0 ? (size_t)n : 0;
		if (sent == len || (n < 0 && errno != EAGAIN))
			shutdown(fd, SHUT_WR);
		if (talk_is_idle(rpc, &idle_ms))
			break;
		if (*got + 1 == room)
			answers = realloc(answers, room *= 2);
		n = recv(fd, answers + *got, room - *got - 1, 0);
		if (n < 0 && errno != EAGAIN)
			n = 0; /* it was closed with something unread */
	}
	answers[*got] = '\0';
	close(fd);
	return answers;
}

#endif
