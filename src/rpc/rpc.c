/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket's part of the control loop.  One turn: accept, read, then rounds: the next requests of every client, up
 * to its first question, are one batch; all its changes go through live_execute() together, then everything is answered in
 * order.
 */
#include "rpc/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/record_source.h"
#include "rpc/rpc_listen.h"
#include "rpc/rpc_round.h"

#define EVENTS_MAX 64
#define ROUNDS_MAX 16 /* of one turn */
#define WAITING_MAX                                                                                                  \
	(256u << 20)      /* bytes that have come from all clients together, and bytes that are to go to them */
#define SAMPLE_INTERVAL 1 /* s */

static bool rpc_watch(struct rpc *rpc, int fd, void *context)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = context };

	return fd >= 0 && epoll_ctl(rpc->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool open_timer(struct rpc *rpc)
{
	const struct itimerspec every = { .it_interval.tv_sec = SAMPLE_INTERVAL, .it_value.tv_sec = SAMPLE_INTERVAL };

	rpc->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return rpc->timer >= 0 && timerfd_settime(rpc->timer, 0, &every, NULL) == 0;
}

static bool rpc_open_loop(struct rpc *rpc)
{
	rpc->epoll = epoll_create1(EPOLL_CLOEXEC);
	rpc->more = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return rpc->epoll >= 0 && open_timer(rpc) && rpc_watch(rpc, rpc->timer, &rpc->timer) &&
	       rpc_watch(rpc, rpc->more, &rpc->more) && rpc_watch(rpc, rpc->listener, &rpc->listener);
}

static void rpc_fini(struct rpc *rpc)
{
	const int fds[] = { rpc->epoll, rpc->listener, rpc->timer, rpc->more };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	record_source_destroy(rpc->records);
	free(rpc->path);
	free(rpc);
}

struct rpc *rpc_open(const char *path, const char *group, struct live *live, char *error, size_t error_len)
{
	struct rpc *rpc = calloc(1, sizeof(*rpc));
	struct stat made;

	if (!rpc) {
		snprintf(error, error_len, "out of memory");
		return NULL;
	}
	rpc->live = live;
	rpc->epoll = rpc->listener = rpc->timer = rpc->more = -1;
	rpc->accepting = true;
	rpc->path = strdup(path);
	rpc->records = record_source_create(live);
	if (!rpc->path || !rpc->records) {
		snprintf(error, error_len, "out of memory");
		rpc_fini(rpc);
		return NULL;
	}
	rpc->listener = rpc_listen(path, group, error, error_len);
	if (rpc->listener >= 0 && stat(path, &made) == 0)
		rpc->inode = made.st_ino;
	if (rpc->listener >= 0 && rpc_open_loop(rpc))
		return rpc;
	if (rpc->listener >= 0) {
		snprintf(error, error_len, "control socket %s: %s", path, strerror(errno));
		unlink(path);
	}
	rpc_fini(rpc);
	return NULL;
}

int rpc_fd(const struct rpc *rpc)
{
	return rpc->epoll;
}

static void tell_client(struct rpc *rpc, const char *event, const struct rpc_client *client)
{
	json_t *members = json_pack("{s:i, s:i}", "pid", (int)client->peer.pid, "uid", (int)client->peer.uid);

	if (client->why_gone)
		json_object_set_new(members, "reason", json_string(client->why_gone));
	live_tell(rpc->live, event, members);
}

/* refuse_client: one too many gets a sentence before it is closed. */
static void refuse_client(int fd)
{
	struct rpc_error error = { .code = RPC_REFUSED };
	char line[512];
	json_t *answer, *id = json_null();
	size_t len;

	error.status =
	    vmmq_why_set(&error.why, VMMQ_RESOURCES, "", "%u clients are connected already", RPC_CLIENTS_MAX);
	answer = rpc_error_answer(id, &error);
	len = json_dumpb(answer, line, sizeof(line) - 1, JSON_COMPACT);
	if (len && len < sizeof(line)) {
		line[len++] = '\n';
		(void)!send(fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	json_decref(answer);
	close(fd);
}

static void add_client(struct rpc *rpc, int fd, uint64_t now)
{
	struct rpc_client *client = calloc(1, sizeof(*client));
	socklen_t len = sizeof(client->peer);

	if (!client || !rpc_watch(rpc, fd, client)) {
		free(client);
		close(fd);
		return;
	}
	client->fd = fd;
	client->watched = EPOLLIN;
	client->progress_ns = now;
	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &client->peer, &len);
	rpc->client[rpc->client_count++] = client;
	tell_client(rpc, "client.connected", client);
}

static void set_accepting(struct rpc *rpc, bool accepting)
{
	struct epoll_event event = { .events = accepting ? EPOLLIN : 0, .data.ptr = &rpc->listener };

	if (rpc->accepting != accepting)
		epoll_ctl(rpc->epoll, EPOLL_CTL_MOD, rpc->listener, &event);
	rpc->accepting = accepting;
}

static void accept_clients(struct rpc *rpc, uint64_t now)
{
	for (unsigned i = 0; i < EVENTS_MAX; i++) {
		int fd = accept4(rpc->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
			set_accepting(rpc, false); /* until the timer tries again */
		if (fd < 0)
			return;
		if (rpc->client_count < RPC_CLIENTS_MAX)
			add_client(rpc, fd, now);
		else
			refuse_client(fd);
	}
}

static void remove_client(struct rpc *rpc, unsigned i)
{
	struct rpc_client *client = rpc->client[i];

	rpc->client[i] = rpc->client[--rpc->client_count];
	tell_client(rpc, "client.disconnected", client);
	rpc_client_destroy(client);
}

/* rpc_ready handles one descriptor that epoll has named. */
static void rpc_ready(struct rpc *rpc, const struct epoll_event *event, uint64_t now)
{
	struct rpc_client *client = event->data.ptr;
	uint64_t count;

	if (event->data.ptr == &rpc->listener) {
		accept_clients(rpc, now);
	} else if (event->data.ptr == &rpc->timer) {
		if (read(rpc->timer, &count, sizeof(count)) == sizeof(count))
			record_sample(rpc->records);
		set_accepting(rpc, true);
	} else if (event->data.ptr != &rpc->more) {
		if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
			rpc_client_read(client);
		if (event->events & (EPOLLHUP | EPOLLERR) && client->input_ended)
			rpc_client_deafen(client); /* both directions are closed */
	}
}

/* watch_client asks for what the client is waited for. */
static void watch_client(struct rpc *rpc, struct rpc_client *client)
{
	bool full = rpc_client_waiting(client) > RPC_OUTPUT_FULL || rpc_client_has_enough(client);
	struct epoll_event event = { .data.ptr = client };

	if (!client->input_ended && !client->closing && !full)
		event.events |= EPOLLIN;
	if (rpc_client_waiting(client))
		event.events |= EPOLLOUT;
	if (event.events != client->watched)
		epoll_ctl(rpc->epoll, EPOLL_CTL_MOD, client->fd, &event);
	client->watched = event.events;
}

static size_t output_of(struct rpc_client *client)
{
	return rpc_client_waiting(client);
}

/* input_of: of a request that has not ended.  Those that have are carried out; RPC_INPUT_FULL bounds them. */
static size_t input_of(struct rpc_client *client)
{
	return rpc_lines_whole(&client->lines, RPC_LINE_MAX) ? 0 : rpc_lines_waiting(&client->lines);
}

/* rpc_relieve drops the client that lets most wait, when all of them together let too much wait. */
static void rpc_relieve(struct rpc *rpc, size_t (*waiting_of)(struct rpc_client *client), const char *why)
{
	struct rpc_client *worst = NULL;
	size_t waiting = 0, most = 0;

	for (unsigned i = 0; i < rpc->client_count; i++) {
		size_t here = waiting_of(rpc->client[i]);

		waiting += here;
		if (here <= most)
			continue;
		worst = rpc->client[i];
		most = here;
	}
	if (waiting <= WAITING_MAX)
		return;
	worst->gone = true;
	worst->why_gone = why;
}

static void look_after_clients(struct rpc *rpc, uint64_t now)
{
	rpc->events_wait = false;
	rpc_relieve(rpc, output_of, "too many answers waited to be read");
	rpc_relieve(rpc, input_of, "too much of a request waited for its end");
	for (unsigned i = rpc->client_count; i-- > 0;) {
		rpc_client_write(rpc->client[i], now);
		if (rpc_client_finished(rpc->client[i]))
			remove_client(rpc, i);
		else
			watch_client(rpc, rpc->client[i]);
	}
}

static void set_more(struct rpc *rpc, bool more)
{
	uint64_t count = 1;

	if (more && !rpc->more_is_set)
		(void)!write(rpc->more, &count, sizeof(count));
	if (!more && rpc->more_is_set)
		(void)!read(rpc->more, &count, sizeof(count));
	rpc->more_is_set = more;
}

void rpc_run(struct rpc *rpc)
{
	struct epoll_event event[EVENTS_MAX];
	uint64_t now = now_ns();
	int count = epoll_wait(rpc->epoll, event, EVENTS_MAX, 0);

	for (int i = 0; i < count; i++)
		rpc_ready(rpc, &event[i], now);
	for (unsigned i = 0; i < ROUNDS_MAX && rpc_round_run(rpc); i++)
		look_after_clients(rpc, now);
	look_after_clients(rpc, now);
	set_more(rpc, rpc_requests_wait(rpc) || rpc->events_wait);
}

void rpc_close(struct rpc *rpc)
{
	uint64_t now = now_ns();
	struct stat found;

	while (rpc->client_count) {
		rpc_client_write(rpc->client[0], now);
		remove_client(rpc, 0);
	}
	if (stat(rpc->path, &found) == 0 && found.st_ino == rpc->inode)
		unlink(rpc->path);
	rpc_fini(rpc);
}

void rpc_event(struct rpc *rpc, json_t *event)
{
	record_event(rpc->records, event);
	for (unsigned i = 0; i < rpc->client_count; i++)
		if (rpc->client[i]->subscribed && !rpc->client[i]->gone) {
			rpc_client_event(rpc->client[i], event);
			rpc->events_wait = true;
		}
	if (rpc->events_wait)
		set_more(rpc, true);
}
