/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON-RPC 2.0: a line as a request, and answers as lines.  One thread. */
#ifndef VMMQ_RPC_RPC_MESSAGE_H
#define VMMQ_RPC_RPC_MESSAGE_H

#include <jansson.h>
#include <vmmq/status.h>

enum rpc_code {
	RPC_NOT_JSON = -32700,
	RPC_NOT_A_REQUEST = -32600,
	RPC_NO_METHOD = -32601,
	RPC_BAD_PARAMS = -32602,
	RPC_REFUSED = -32000,
	RPC_NOT_ALLOWED = -32001,
};

/*
 * struct rpc_request: id is NULL when no answer is wanted.  Owns its values, for rpc_request_fini().  A zeroed one is legal.
 */
struct rpc_request {
	json_t *id;
	json_t *params; /* an object, empty when there were none */
	const char *method;
	json_t *object; /* what method points into */
	size_t cost;    /* bytes that it may take (rpc_budget.h) */
};

/* struct rpc_error: what an error answer says. */
struct rpc_error {
	enum rpc_code code;
	vmmq_status status;
	struct vmmq_why why;
};

/*
 * rpc_request_parse reads a line.  false: *error says why, request->id is what the error is to be answered with (null when it is
 * not known); to be freed all the same.  A line that is nested too deeply or has too many values is refused before memory is spent
 * on it.
 * rpc_request_forget keeps only what an error is answered with: its id.
 */
bool rpc_request_parse(const char *line, size_t len, struct rpc_request *request, struct rpc_error *error);
void rpc_request_forget(struct rpc_request *request);
void rpc_request_fini(struct rpc_request *request);

/* All return an object, or NULL: memory.  rpc_answer steals result. */
json_t *rpc_answer(json_t *id, json_t *result);
json_t *rpc_error_answer(json_t *id, const struct rpc_error *error);
json_t *rpc_notification(const char *method, json_t *params);

#endif
