/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket: JSON-RPC 2.0, one object a line, any number of clients (docs/rpc.md).  A part of the control
 * thread's loop: everything is non-blocking, a slow or silent client delays nobody, and one who sends too much only himself
 * (rpc_budget.h).
 */
#ifndef VMMQ_RPC_RPC_H
#define VMMQ_RPC_RPC_H

#include "agent/agent.h"
#include "control/live.h"
#include "rpc/rpc_role.h"

struct rpc;

/*
 * rpc_open listens at path, for members of groups (copied; NULL: none) and the owner.  A socket whose owner has died is replaced; a live
 * one is refused, naming its owner's pid.  Parent directories are not made.  NULL with a message in error.
 * rpc_fd is readable (an epoll) when rpc_run() has something to do.
 * rpc_run reads what has come, carries out changes that have come together in one live_submit(), and answers, for some milliseconds;
 * each client's requests are done in their order.  While the switch is busy (live_busy()) changes wait, unread or unparsed, and so do
 * clients behind a change of their own; questions of others are answered.  To be called after live_run() too.
 * rpc_hold_changes: from now on changes wait for ever: vmmqd stops.
 * rpc_close answers what has been carried out, and removes the socket.  What is still under way has no answer; live_run() must not be
 * called any more.
 */
struct rpc *rpc_open(const char *path, const struct rpc_groups *groups, struct live *live, char *error,
		     size_t error_len);
int rpc_fd(const struct rpc *rpc);
void rpc_run(struct rpc *rpc);
void rpc_hold_changes(struct rpc *rpc);
void rpc_close(struct rpc *rpc);

/* rpc_fleet: what answers fleet.show from now on; NULL, as at first: there is none. */
void rpc_fleet(struct rpc *rpc, const struct agent *agent);

/*
 * rpc_audit_to: lines that say who has changed what, or was not allowed to, go there (docs/vmmqd.md, Log); until it is called, nowhere.
 * audit must not wait.
 */
typedef void rpc_audit_fn(const char *line);
void rpc_audit_to(struct rpc *rpc, rpc_audit_fn *audit);

/* rpc_event sends an event to the clients that have subscribed; one that does not read loses events, not its connection, and is told how many. */
void rpc_event(struct rpc *rpc, json_t *event);

#endif
