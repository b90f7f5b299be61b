/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_budget.h"

struct rpc_budget rpc_budget_client(uint64_t now)
{
	return (struct rpc_budget){ RPC_CLIENT_REQUESTS, RPC_CLIENT_COST, now + RPC_CLIENT_NS };
}

struct rpc_budget rpc_budget_round(uint64_t now)
{
	return (struct rpc_budget){ RPC_ROUND_REQUESTS, RPC_ROUND_COST, now + RPC_ROUND_NS };
}

struct rpc_budget rpc_budget_waiting(uint64_t now)
{
	return (struct rpc_budget){ RPC_ROUND_REQUESTS, RPC_WAIT_COST, now + RPC_ROUND_NS };
}

bool rpc_budget_left(const struct rpc_budget *budget, uint64_t now)
{
	return budget->requests && budget->cost && now < budget->until_ns;
}

void rpc_budget_spend(struct rpc_budget *budget, size_t cost)
{
	budget->requests -= budget->requests != 0;
	budget->cost -= cost < budget->cost ? cost : budget->cost;
}

size_t rpc_budget_cost(size_t len, size_t tokens)
{
	return RPC_JOB_COST + 3 * len + RPC_TOKEN_COST * tokens;
}
