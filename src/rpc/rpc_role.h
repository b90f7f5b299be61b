/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may do what on the control socket: which role a peer has, by what the kernel says of it when it connects (SO_PEERCRED,
 * SO_PEERGROUPS).  Control thread.
 */
#ifndef VMMQ_RPC_RPC_ROLE_H
#define VMMQ_RPC_RPC_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#define RPC_GROUP_MAX   33 /* of a group's name, with the NUL */
#define RPC_PROGRAM_MAX 16 /* of a program's, as the kernel keeps it (comm, proc(5)) */

/* In the order of what they may: RPC_ROLE_CHANGE may all that RPC_ROLE_READ may. */
enum rpc_role {
	RPC_ROLE_NONE,
	RPC_ROLE_READ,
	RPC_ROLE_CHANGE,
};

/* rpc_role_name is "read" or "change"; "none". */
const char *rpc_role_name(enum rpc_role role);

/* struct rpc_group: name "" where there is no such group. */
struct rpc_group {
	char name[RPC_GROUP_MAX];
	gid_t id;
};

/* struct rpc_groups: whose members have which role.  Root, and the user that vmmqd runs as, may change whatever stands here. */
struct rpc_groups {
	struct rpc_group change, read;
};

/*
 * rpc_group_find looks a group up, once, when vmmqd starts: a directory service may take its time.  needed: where there is none,
 * false with a sentence in error; else *group has no name then.
 */
bool rpc_group_find(const char *name, bool needed, struct rpc_group *group, char *error, size_t error_len);

/* rpc_role_of tells the role of a user who is a member of count groups. */
enum rpc_role rpc_role_of(const struct rpc_groups *groups, uid_t uid, const gid_t group[], size_t count);

/*
 * rpc_role_of_peer tells the role of who has connected to fd; without memory for all its groups, by its first one alone.  It keeps
 * that role as long as it is connected.
 */
enum rpc_role rpc_role_of_peer(const struct rpc_groups *groups, int fd, const struct ucred *peer);

/*
 * rpc_role_allowed says in words who has a role: "root, user 998 and members of group vmmq".
 */
#define RPC_ALLOWED_MAX 160
void rpc_role_allowed(const struct rpc_groups *groups, enum rpc_role role, char text[RPC_ALLOWED_MAX]);

/*
 * rpc_program_of finds what a process calls itself now, letters of ASCII only: others are '?', and so is what may end or begin a
 * quotation.  "?" where it has ended or cannot be seen.  Whoever runs it may have chosen that name: it helps to find, and proves nothing.
 */
void rpc_program_of(pid_t pid, char program[RPC_PROGRAM_MAX]);

#endif
