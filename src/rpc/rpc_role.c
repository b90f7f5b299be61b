/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_role.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rpc/rpc_slots.h"

#define GROUPS_FEW 64 /* most have no more */

bool rpc_group_find(const char *name, bool needed, struct rpc_group *group, char *error, size_t error_len)
{
	const struct group *found;

	*group = (struct rpc_group){ .name = "" };
	errno = 0;
	found = strlen(name) < RPC_GROUP_MAX ? getgrnam(name) : NULL;
	if (found) {
		snprintf(group->name, sizeof(group->name), "%s", name);
		group->id = found->gr_gid;
		return true;
	}
	if (needed)
		snprintf(error, error_len, "there is no group \"%.64s\": make it, or name another", name);
	return !needed;
}

const char *rpc_role_name(enum rpc_role role)
{
	return role == RPC_ROLE_CHANGE ? "change" : role == RPC_ROLE_READ ? "read" : "none";
}

static bool has_member(const struct rpc_group *of, const gid_t group[], size_t count)
{
	for (size_t i = 0; of->name[0] && i < count; i++)
		if (group[i] == of->id)
			return true;
	return false;
}

enum rpc_role rpc_role_of(const struct rpc_groups *groups, uid_t uid, const gid_t group[], size_t count)
{
	if (rpc_slot_is_owner(uid) || has_member(&groups->change, group, count))
		return RPC_ROLE_CHANGE;
	return has_member(&groups->read, group, count) ? RPC_ROLE_READ : RPC_ROLE_NONE;
}

/* peer_groups returns the groups of the peer beside its first one, in few or in memory for free(); NULL: there is none for them. */
static gid_t *peer_groups(int fd, gid_t few[GROUPS_FEW], size_t *count)
{
	socklen_t len = GROUPS_FEW * sizeof(gid_t);
	gid_t *group = few;

	*count = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, few, &len)) {
		if (errno != ERANGE) /* which tells how long they are */
			return NULL;
		group = malloc(len);
		if (!group || getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, group, &len)) {
			free(group);
			return NULL;
		}
	}
	*count = len / sizeof(gid_t);
	return group;
}

enum rpc_role rpc_role_of_peer(const struct rpc_groups *groups, int fd, const struct ucred *peer)
{
	enum rpc_role first = rpc_role_of(groups, peer->uid, &peer->gid, 1), others;
	gid_t few[GROUPS_FEW], *group;
	size_t count;

	if (first == RPC_ROLE_CHANGE)
		return first;
	group = peer_groups(fd, few, &count);
	others = rpc_role_of(groups, peer->uid, group, count);
	if (group != few)
		free(group);
	return others > first ? others : first;
}

void rpc_role_allowed(const struct rpc_groups *groups, enum rpc_role role, char text[RPC_ALLOWED_MAX])
{
	const char *change = groups->change.name, *read = role == RPC_ROLE_READ ? groups->read.name : "";
	const char *first = *change ? change : read, *second = *change ? read : "";
	char user[32] = "";

	if (geteuid() != 0)
		snprintf(user, sizeof(user), "%suser %u", *first ? ", " : " and ", (unsigned)geteuid());
	snprintf(text, RPC_ALLOWED_MAX, "root%s%s%s%s%s", user, *first ? " and members of group " : "", first,
		 *second ? " or " : "", second);
}

/* program_letter: of a name that is shown between double quotes. */
static bool program_letter(char letter)
{
	return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
}

void rpc_program_of(pid_t pid, char program[RPC_PROGRAM_MAX])
{
	char path[32];
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, program, RPC_PROGRAM_MAX);
		close(fd);
	}
	if (len < 2) { /* at its end there is a line's */
		snprintf(program, RPC_PROGRAM_MAX, "?");
		return;
	}
	program[len - 1] = '\0';
	for (char *letter = program; *letter; letter++)
		if (!program_letter(*letter))
			*letter = '?';
}
