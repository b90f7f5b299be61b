/* SPDX-License-Identifier: BSD-2-Clause */
/* What clients make wait is bounded for all of them together. */
#include "rpc/rpc_budget.h"
#include "rpc/rpc_round.h"

static size_t output_of(struct rpc_client *client)
{
	return client->output.end; /* with what has been read and not been given back */
}

static size_t input_of(struct rpc_client *client)
{
	return rpc_lines_waiting(&client->lines);
}

/* unended_of: of a line that has not ended.  Those that have are carried out: they need not be dropped. */
static size_t unended_of(struct rpc_client *client)
{
	return rpc_lines_whole(&client->lines, RPC_LINE_MAX) ? 0 : input_of(client);
}

static size_t sum_of(const struct rpc *rpc, size_t (*held_by)(struct rpc_client *client))
{
	size_t held = 0;

	for (unsigned i = 0; i < rpc->client_count; i++)
		if (!rpc->client[i]->gone)
			held += held_by(rpc->client[i]);
	return held;
}

static void relieve_clients(struct rpc *rpc, size_t (*held_by)(struct rpc_client *client),
			    size_t (*droppable)(struct rpc_client *client), size_t max, const char *why)
{
	while (sum_of(rpc, held_by) > max) {
		struct rpc_client *worst = rpc_slot_greediest(rpc->client, rpc->client_count, droppable);

		if (!worst)
			return;
		rpc_client_lose(worst, why);
	}
}

void rpc_relieve_output(struct rpc *rpc)
{
	relieve_clients(rpc, output_of, output_of, RPC_OUTPUT_MAX, "too many answers waited to be read");
}

void rpc_relieve_input(struct rpc *rpc)
{
	relieve_clients(rpc, input_of, unended_of, RPC_INPUT_MAX, "too much of a request waited for its end");
}
