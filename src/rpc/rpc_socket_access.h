/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may connect to the control socket, as the file system decides it. */
#ifndef VMMQ_RPC_RPC_SOCKET_ACCESS_H
#define VMMQ_RPC_RPC_SOCKET_ACCESS_H

#include "rpc/rpc_role.h"

/*
 * rpc_socket_access lets those in who have a role: without groups, mode 0600; with one, 0660 and that group's; with two, 0660, the first
 * one's, with an access control list (acl(5)) that names both.  Where the file system has no such lists, or vmmqd may not give the socket
 * to its group, everybody may connect (0666), and who has no role is told so and sent away.  0, or -1 with errno.
 */
int rpc_socket_access(const char *path, const struct rpc_groups *groups);

#endif
