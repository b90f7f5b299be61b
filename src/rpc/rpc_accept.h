/* SPDX-License-Identifier: BSD-2-Clause */
/* The listening socket: who comes in, and that it stays where it is looked for.  Control thread. */
#ifndef VMMQ_RPC_RPC_ACCEPT_H
#define VMMQ_RPC_RPC_ACCEPT_H

#include "rpc/rpc_round.h"

/* rpc_accept lets in those who wait, at most RPC_ACCEPT_MAX of them. */
void rpc_accept(struct rpc *rpc, uint64_t now);
/* rpc_set_accepting: whether those who wait are let in; not while there are no descriptors. */
void rpc_set_accepting(struct rpc *rpc, bool accepting);
/*
 * rpc_keep_socket makes the socket anew when somebody has deleted it.  What else has been put in its place is left alone: it may be
 * another vmmqd's.  To be called every second.
 */
void rpc_keep_socket(struct rpc *rpc);

void rpc_tell_client(struct rpc *rpc, const char *event, const struct rpc_client *client);
/* rpc_watch waits for input of fd, whose events then have that context. */
bool rpc_watch(struct rpc *rpc, int fd, void *context);

#endif
