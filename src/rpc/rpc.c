/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket's part of the control loop.  One turn: accept, read, then rounds: the next requests of every client, up
 * to its first question, are one batch; all its changes go through live_submit() together, then everything is answered in
 * order.  While changes wait for the disk, rounds have the questions of the other clients.
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
#include "rpc/rpc_accept.h"
#include "rpc/rpc_budget.h"
#include "rpc/rpc_listen.h"
#include "rpc/rpc_round.h"

#define EVENTS_MAX      (RPC_CLIENTS_ALL + 3) /* every client is heard in every turn */
#define ROUNDS_MAX      16                    /* of one turn */
#define SAMPLE_INTERVAL 1                     /* s */

bool rpc_watch(struct rpc *rpc, int fd, void *context)
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

struct rpc *rpc_open(const char *path, const struct rpc_groups *groups, struct live *live, char *error,
		     size_t error_len)
{
	struct rpc *rpc = calloc(1, sizeof(*rpc));
	struct stat made;

	if (!rpc) {
		snprintf(error, error_len, "out of memory");
		return NULL;
	}
	rpc->live = live;
	if (groups)
		rpc->groups = *groups;
	rpc->epoll = rpc->listener = rpc->timer = rpc->more = -1;
	rpc->accepting = true;
	rpc->path = strdup(path);
	rpc->records = record_source_create(live);
	if (!rpc->path || !rpc->records) {
		snprintf(error, error_len, "out of memory");
		rpc_fini(rpc);
		return NULL;
	}
	rpc->listener = rpc_listen(path, &rpc->groups, error, error_len);
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

void rpc_fleet(struct rpc *rpc, const struct agent *agent)
{
	record_source_fleet(rpc->records, agent);
}

void rpc_audit_to(struct rpc *rpc, rpc_audit_fn *audit)
{
	rpc->audit = audit;
}

int rpc_fd(const struct rpc *rpc)
{
	return rpc->epoll;
}

static void remove_client(struct rpc *rpc, unsigned i)
{
	struct rpc_client *client = rpc->client[i];

	rpc->client[i] = rpc->client[--rpc->client_count];
	rpc_tell_client(rpc, "client.disconnected", client);
	rpc_client_destroy(client);
}

/* rpc_ready handles one descriptor that epoll has named, other than the listener. */
static void rpc_ready(struct rpc *rpc, const struct epoll_event *event)
{
	struct rpc_client *client = event->data.ptr;
	uint64_t count;

	if (event->data.ptr == &rpc->timer) {
		if (read(rpc->timer, &count, sizeof(count)) == sizeof(count))
			record_sample(rpc->records);
		rpc_set_accepting(rpc, true);
		rpc_keep_socket(rpc);
	} else if (event->data.ptr != &rpc->more) {
		if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !rpc_client_has_enough(client))
			rpc_client_read(client);
		client->hung_up |= (event->events & (EPOLLHUP | EPOLLERR)) != 0; /* both directions are closed */
		if (client->hung_up && client->input_ended)
			rpc_client_deafen(client);
	}
}

/*
 * watch_client asks for what the client is waited for.  One that has gone, while what it has sent waits, is not watched: its end would be
 * told of again and again.
 */
static void watch_client(struct rpc *rpc, struct rpc_client *client)
{
	bool none;
	bool full = rpc_client_waiting(client) > RPC_OUTPUT_FULL || rpc_client_has_enough(client);
	struct epoll_event event = { .data.ptr = client };

	if (!client->input_ended && !client->closing && !full)
		event.events |= EPOLLIN;
	if (rpc_client_waiting(client))
		event.events |= EPOLLOUT;
	none = (client->hung_up || client->deaf) && !event.events;
	if (none != client->unwatched)
		epoll_ctl(rpc->epoll, none ? EPOLL_CTL_DEL : EPOLL_CTL_ADD, client->fd, &event);
	else if (!none && event.events != client->watched)
		epoll_ctl(rpc->epoll, EPOLL_CTL_MOD, client->fd, &event);
	client->unwatched = none;
	client->watched = event.events;
}

static void look_after_clients(struct rpc *rpc, uint64_t now)
{
	rpc->events_wait = false;
	rpc_relieve_output(rpc);
	rpc_relieve_input(rpc);
	for (unsigned i = rpc->client_count; i-- > 0;) {
		rpc_client_write(rpc->client[i], now);
		rpc_lines_shrink(&rpc->client[i]->lines);
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

/* run_rounds: one at least, and more while there is time; what is left then waits for the next turn. */
static void run_rounds(struct rpc *rpc)
{
	uint64_t begin = now_ns(), now = begin;

	for (unsigned i = 0; i < ROUNDS_MAX && now - begin < RPC_TURN_NS && rpc_round_run(rpc); i++) {
		now = now_ns();
		look_after_clients(rpc, now);
	}
}

void rpc_run(struct rpc *rpc)
{
	struct epoll_event event[EVENTS_MAX];
	uint64_t now = now_ns();
	int count = epoll_wait(rpc->epoll, event, EVENTS_MAX, 0);
	bool knocked = false;

	for (int i = 0; i < count; i++)
		if (event[i].data.ptr == &rpc->listener)
			knocked = true;
		else
			rpc_ready(rpc, &event[i]);
	if (knocked) {
		look_after_clients(rpc, now_ns()); /* who has left makes room first */
		rpc_accept(rpc, now);
	}
	run_rounds(rpc);
	look_after_clients(rpc, now_ns());
	set_more(rpc, rpc_requests_wait(rpc) || rpc->events_wait);
}

void rpc_hold_changes(struct rpc *rpc)
{
	rpc->holding = true;
}

void rpc_close(struct rpc *rpc)
{
	uint64_t now = now_ns();
	struct stat found;

	while (rpc->client_count) {
		rpc_client_write(rpc->client[0], now);
		remove_client(rpc, 0);
	}
	rpc_flight_forget(rpc);
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
