/* SPDX-License-Identifier: BSD-2-Clause */
/* The server as its parts see it, and its rounds. */
#ifndef VMMQ_RPC_RPC_ROUND_H
#define VMMQ_RPC_RPC_ROUND_H

#include <sys/types.h>

#include "base/pace.h"
#include "rpc/rpc.h"
#include "rpc/rpc_budget.h"
#include "rpc/rpc_slots.h"

#define RPC_ACCEPT_MAX 512u /* in one turn */

struct rpc {
	struct live *live;
	struct record_source *records;
	char *path;
	struct rpc_groups groups;
	rpc_audit_fn *audit;
	struct pace refusals;             /* of roles, that are told */
	uint64_t refusals_untold;         /* since the last one that was */
	ino_t inode;                      /* of our socket at that path */
	bool socket_lost;                 /* it has been told that there is none, and why there cannot be one now */
	int epoll, listener, timer, more; /* more: an eventfd, readable while requests wait that have been read */
	bool accepting, more_is_set;
	bool events_wait;          /* in some client's output, not offered to its socket yet */
	unsigned next, next_owner; /* the client, and owner's client, that begins the next round */
	unsigned rounds;
	bool holding;           /* no change is begun any more */
	struct rpc_job *flight; /* in their order: jobs of clients whose changes wait for the disk */
	struct live_request *change[RPC_ROUND_REQUESTS]; /* of the round that collects, or of those under way */
	struct rpc_client *
	    client[RPC_CLIENTS_ALL + 2 * RPC_ACCEPT_MAX]; /* those that are gone among them, to the end of the turn */
	unsigned client_count;
};

/*
 * rpc_round_run takes the next requests of the clients, as many as its budget allows, carries out their changes together, and
 * answers; returns whether there was anything to do.
 * rpc_requests_wait tells whether there would be.
 * rpc_flight_forget throws the jobs away whose changes are still under way.
 */
bool rpc_round_run(struct rpc *rpc);
bool rpc_requests_wait(struct rpc *rpc);
void rpc_flight_forget(struct rpc *rpc);

/* These drop who holds most, as long as all together hold too much: answers that are not read, lines that do not end. */
void rpc_relieve_output(struct rpc *rpc);
void rpc_relieve_input(struct rpc *rpc);

#endif
