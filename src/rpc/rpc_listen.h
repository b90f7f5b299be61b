/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VMMQ_RPC_RPC_LISTEN_H
#define VMMQ_RPC_RPC_LISTEN_H

#include <stddef.h>

#include "rpc/rpc_role.h"

/*
 * rpc_listen makes the listening socket of rpc_open(), non-blocking.  Returns it, or -1 with a message in error.
 */
int rpc_listen(const char *path, const struct rpc_groups *groups, char *error, size_t error_len);

#endif
