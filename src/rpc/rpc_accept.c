/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_accept.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "rpc/rpc_audit.h"
#include "rpc/rpc_listen.h"

void rpc_tell_client(struct rpc *rpc, const char *event, const struct rpc_client *client)
{
	json_t *members = json_pack("{s:i, s:i}", "pid", (int)client->peer.pid, "uid", (int)client->peer.uid);

	if (client->why_gone)
		json_object_set_new(members, "reason", json_string(client->why_gone));
	live_tell(rpc->live, event, members);
}

/* send_away: who may not stay gets a sentence before it is closed. */
static void send_away(int fd, const struct rpc_error *error)
{
	char line[2048];
	json_t *id = json_null(), *answer = rpc_error_answer(id, error);
	size_t len = json_dumpb(answer, line, sizeof(line) - 1, JSON_COMPACT);

	if (len && len < sizeof(line)) {
		line[len++] = '\n';
		(void)!send(fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	json_decref(answer);
	close(fd);
}

/* refuse_stranger: of no role. */
static void refuse_stranger(struct rpc *rpc, int fd, const struct rpc_client *client)
{
	struct rpc_error error = { .code = RPC_NOT_ALLOWED };
	char change[RPC_ALLOWED_MAX], read[RPC_ALLOWED_MAX];

	rpc_role_allowed(&rpc->groups, RPC_ROLE_CHANGE, change);
	rpc_role_allowed(&rpc->groups, RPC_ROLE_READ, read);
	error.status =
	    vmmq_why_set(&error.why, VMMQ_NOT_ACCEPTED, "",
			 "user %u (process %d, \"%s\") may not use this socket: %s may look; %s may change",
			 (unsigned)client->peer.uid, (int)client->peer.pid, client->program, read, change);
	rpc_audit_refused(rpc, client, NULL);
	send_away(fd, &error);
}

/* refuse_one_more: there is no room. */
static void refuse_one_more(int fd, enum rpc_slot slot, const struct ucred *peer)
{
	struct rpc_error error = { .code = RPC_REFUSED };

	if (slot == RPC_SLOT_USER_FULL)
		error.status = vmmq_why_set(&error.why, VMMQ_RESOURCES, "",
					    "%u clients of user %u are connected already; close some",
					    RPC_CLIENTS_USER, (unsigned)peer->uid);
	else
		error.status = vmmq_why_set(&error.why, VMMQ_RESOURCES, "", "%u clients are connected already",
					    rpc_slot_is_owner(peer->uid) ? RPC_CLIENTS_ALL : RPC_CLIENTS_MAX);
	send_away(fd, &error);
}

static void add_client(struct rpc *rpc, int fd, const struct rpc_client *known, uint64_t now)
{
	struct rpc_client *client = calloc(1, sizeof(*client));

	if (!client || !rpc_watch(rpc, fd, client)) {
		free(client);
		close(fd);
		return;
	}
	*client = *known;
	client->fd = fd;
	client->watched = EPOLLIN;
	client->connected_ns = client->progress_ns = now;
	rpc->client[rpc->client_count++] = client;
	rpc_tell_client(rpc, "client.connected", client);
	rpc_client_read(client); /* most have asked already */
}

void rpc_set_accepting(struct rpc *rpc, bool accepting)
{
	struct epoll_event event = { .events = accepting ? EPOLLIN : 0, .data.ptr = &rpc->listener };

	if (rpc->accepting != accepting)
		epoll_ctl(rpc->epoll, EPOLL_CTL_MOD, rpc->listener, &event);
	rpc->accepting = accepting;
}

/* admit_client finds a place for who has connected, or sends him away. */
static void admit_client(struct rpc *rpc, int fd, uint64_t now)
{
	struct rpc_client known = { .groups = &rpc->groups, .peer = { .uid = (uid_t)-1, .gid = (gid_t)-1 } };
	socklen_t len = sizeof(known.peer);
	struct rpc_client *evicted;
	enum rpc_slot slot;

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &known.peer, &len);
	rpc_program_of(known.peer.pid, known.program);
	known.role = rpc_role_of_peer(&rpc->groups, fd, &known.peer);
	if (known.role == RPC_ROLE_NONE) {
		refuse_stranger(rpc, fd, &known);
		return;
	}
	slot = rpc_slot_find(rpc->client, rpc->client_count, known.peer.uid, &evicted);
	if (slot == RPC_SLOT_FULL || slot == RPC_SLOT_USER_FULL) {
		refuse_one_more(fd, slot, &known.peer);
		return;
	}
	if (evicted)
		rpc_client_lose(evicted, "its place was needed, and it had never sent a request");
	add_client(rpc, fd, &known, now);
}

void rpc_accept(struct rpc *rpc, uint64_t now)
{
	for (unsigned i = 0; i < RPC_ACCEPT_MAX; i++) {
		int fd = accept4(rpc->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS))
			rpc_set_accepting(rpc, false); /* until the timer tries again */
		if (fd < 0)
			return;
		admit_client(rpc, fd, now);
	}
}

static void tell_socket(struct rpc *rpc, const char *event, const char *reason)
{
	json_t *members = json_pack("{s:s}", "socket", rpc->path);

	if (reason)
		json_object_set_new(members, "reason", record_text(reason));
	live_tell(rpc->live, event, members);
}

/* listen_anew listens at the path once more, where nothing is; whoever waits at the old socket is let in before. */
static void listen_anew(struct rpc *rpc)
{
	char error[PATH_MAX + 256];
	struct stat made;
	int fd = rpc_listen(rpc->path, &rpc->groups, error, sizeof(error));

	if (fd >= 0 && (stat(rpc->path, &made) != 0 || !rpc_watch(rpc, fd, &rpc->listener))) {
		snprintf(error, sizeof(error), "control socket %s: %s", rpc->path, strerror(errno));
		unlink(rpc->path);
		close(fd);
		fd = -1;
	}
	if (fd < 0) {
		if (!rpc->socket_lost)
			tell_socket(rpc, "daemon.socket_lost", error);
		rpc->socket_lost = true;
		return;
	}
	rpc_accept(rpc, now_ns());
	close(rpc->listener);
	rpc->listener = fd;
	rpc->inode = made.st_ino;
	rpc->accepting = true;
	rpc->socket_lost = false;
	tell_socket(rpc, "daemon.socket_restored", NULL);
}

void rpc_keep_socket(struct rpc *rpc)
{
	struct stat found;

	if (lstat(rpc->path, &found) != 0 && (errno == ENOENT || errno == ENOTDIR))
		listen_anew(rpc);
}
