/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_slots.h"

#include <unistd.h>

bool rpc_slot_is_owner(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* is_idler: has been there without a whole line, and may be sent away for one of uid. */
static bool is_idler(const struct rpc_client *client, uid_t uid, bool of_user)
{
	if (client->gone || client->asked)
		return false;
	return of_user ? client->peer.uid == uid : rpc_slot_is_owner(uid) || !rpc_slot_is_owner(client->peer.uid);
}

/* find_idler returns the one that has idled longest; those of others than owners first. */
static struct rpc_client *find_idler(struct rpc_client *const client[], unsigned count, uid_t uid, bool of_user)
{
	struct rpc_client *found = NULL;

	for (unsigned i = 0; i < count; i++) {
		bool owner = rpc_slot_is_owner(client[i]->peer.uid);

		if (!is_idler(client[i], uid, of_user))
			continue;
		if (!found || owner < rpc_slot_is_owner(found->peer.uid) ||
		    (owner == rpc_slot_is_owner(found->peer.uid) && client[i]->connected_ns < found->connected_ns))
			found = client[i];
	}
	return found;
}

enum rpc_slot rpc_slot_find(struct rpc_client *const client[], unsigned count, uid_t uid, struct rpc_client **evicted)
{
	bool owner = rpc_slot_is_owner(uid), user_full;
	unsigned all = 0, of_user = 0;

	*evicted = NULL;
	for (unsigned i = 0; i < count; i++) {
		all += !client[i]->gone;
		of_user += !client[i]->gone && client[i]->peer.uid == uid;
	}
	user_full = !owner && of_user >= RPC_CLIENTS_USER;
	if (!user_full && all < (owner ? RPC_CLIENTS_ALL : RPC_CLIENTS_MAX))
		return RPC_SLOT_FREE;
	*evicted = find_idler(client, count, uid, user_full);
	if (*evicted)
		return RPC_SLOT_EVICT;
	return user_full ? RPC_SLOT_USER_FULL : RPC_SLOT_FULL;
}

static size_t held_by_user(struct rpc_client *const client[], unsigned count, uid_t uid,
			   size_t (*held_by)(struct rpc_client *client))
{
	size_t held = 0;

	for (unsigned i = 0; i < count; i++)
		if (!client[i]->gone && client[i]->peer.uid == uid)
			held += held_by(client[i]);
	return held;
}

struct rpc_client *rpc_slot_greediest(struct rpc_client *const client[], unsigned count,
				      size_t (*held_by)(struct rpc_client *client))
{
	struct rpc_client *worst = NULL;
	size_t most = 0, most_of_user = 0;

	for (unsigned i = 0; i < count; i++) {
		size_t here = client[i]->gone ? 0 : held_by(client[i]), of_user;
		bool owner = rpc_slot_is_owner(client[i]->peer.uid), worse;

		if (!here || (worst && owner > rpc_slot_is_owner(worst->peer.uid)))
			continue;
		of_user = held_by_user(client, count, client[i]->peer.uid, held_by);
		worse = !worst || owner < rpc_slot_is_owner(worst->peer.uid) || of_user > most_of_user ||
			(of_user == most_of_user && here > most);
		if (!worse)
			continue;
		worst = client[i];
		most = here;
		most_of_user = of_user;
	}
	return worst;
}
