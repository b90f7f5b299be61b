/* SPDX-License-Identifier: BSD-2-Clause */
/* The server as its parts see it, and its rounds. */
#ifndef VMMQ_RPC_RPC_ROUND_H
#define VMMQ_RPC_RPC_ROUND_H

#include <sys/types.h>

#include "rpc/rpc.h"
#include "rpc/rpc_client.h"

struct rpc {
	struct live *live;
	struct record_source *records;
	char *path;
	ino_t inode;                      /* of our socket at that path */
	int epoll, listener, timer, more; /* more: an eventfd, readable while requests wait that have been read */
	bool accepting, more_is_set;
	bool events_wait; /* in some client's output, not offered to its socket yet */
	unsigned next;    /* the client that begins the next round */
	struct rpc_client *client[RPC_CLIENTS_MAX];
	unsigned client_count;
};

/*
 * rpc_round_run takes the next requests of every client, carries out their changes together, and answers; returns whether there
 * was anything to do.
 * rpc_requests_wait tells whether there would be.
 */
bool rpc_round_run(struct rpc *rpc);
bool rpc_requests_wait(struct rpc *rpc);

#endif
