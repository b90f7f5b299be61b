/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may be connected, and who has to go when there is no room.  An owner is root, or the user that vmmqd runs as: others never
 * take his place, and never all of it.  Decides only; control thread.
 */
#ifndef VMMQ_RPC_RPC_SLOTS_H
#define VMMQ_RPC_RPC_SLOTS_H

#include "rpc/rpc_client.h"

#define RPC_CLIENTS_MAX  256u                                 /* of all users */
#define RPC_CLIENTS_KEPT 16u                                  /* more, for owners alone */
#define RPC_CLIENTS_USER 128u                                 /* of one user who is no owner */
#define RPC_CLIENTS_ALL  (RPC_CLIENTS_MAX + RPC_CLIENTS_KEPT) /* clients at most */

enum rpc_slot {
	RPC_SLOT_FREE,
	RPC_SLOT_EVICT, /* one has to go for it */
	RPC_SLOT_FULL,  /* there are RPC_CLIENTS_MAX, or RPC_CLIENTS_ALL for an owner, who have all asked something */
	RPC_SLOT_USER_FULL, /* this user has RPC_CLIENTS_USER of them */
};

/*
 * rpc_slot_find tells whether one more client of uid may stay.  RPC_SLOT_EVICT: *evicted is the client that has been connected longest
 * without ever having sent a whole line; for a user who has too many, one of his own; never an owner's for another's.
 * Clients that are gone do not count.
 */
enum rpc_slot rpc_slot_find(struct rpc_client *const client[], unsigned count, uid_t uid,
			    struct rpc_client **evicted);

/*
 * rpc_slot_greediest returns who is to be dropped for holding too much: not an owner's while another's holds some; of the user whose
 * clients hold most together, the client that holds most.  NULL: nobody holds anything.
 */
struct rpc_client *rpc_slot_greediest(struct rpc_client *const client[], unsigned count,
				      size_t (*held_by)(struct rpc_client *client));

bool rpc_slot_is_owner(uid_t uid);

#endif
