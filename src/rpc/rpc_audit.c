/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_audit.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define PARAMS_MAX    512
#define WHO_MAX       80
#define REFUSED_BURST 5 /* role refusals that are told at once; one a second after that */

static void who_text(const struct rpc_client *client, char who[WHO_MAX])
{
	snprintf(who, WHO_MAX, "user %u, process %d \"%s\"", (unsigned)client->peer.uid, (int)client->peer.pid,
		 client->program);
}

/* audit_line: a reason may quote what a client has sent, in any letters. */
static void audit_line(struct rpc *rpc, char *line)
{
	for (char *letter = line; *letter; letter++)
		if ((unsigned char)*letter < ' ' || (unsigned char)*letter >= 0x7f)
			*letter = '?';
	if (rpc->audit)
		rpc->audit(line);
}

/* result_text says what became of it: what it was about, where only the answer knows; or why not. */
static void result_text(const struct rpc_job *job, char *text, size_t size)
{
	static const char *const told[] = { "vport", "filter", "moved" };
	const struct rpc_error *error = &job->error;
	const json_t *changes;
	size_t at;

	if (error->status != VMMQ_SUCCESS) {
		snprintf(text, size, "refused (%s): %s%s%s", vmmq_status_name(error->status), error->why.path,
			 error->why.path[0] ? ": " : "", error->why.text);
		return;
	}
	at = (size_t)snprintf(text, size, "done");
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]) && at < size; i++) {
		const json_t *value = json_object_get(job->call.result, told[i]);

		if (json_is_integer(value))
			at += (size_t)snprintf(text + at, size - at, ", %s %" JSON_INTEGER_FORMAT, told[i],
					       json_integer_value(value));
	}
	changes = json_object_get(job->call.result, "changes");
	if (json_is_array(changes) && at < size)
		snprintf(text + at, size - at, ", %zu change%s", json_array_size(changes),
			 json_array_size(changes) == 1 ? "" : "s");
}

void rpc_audit_change(struct rpc *rpc, const struct rpc_job *job)
{
	const struct method *method = job->call.method;
	char who[WHO_MAX], params[PARAMS_MAX] = "", result[512], line[RPC_AUDIT_MAX];

	if (!method || !method->changes || job->call.asks)
		return;
	who_text(job->client, who);
	if (job->call.params)
		rpc_audit_params(method->params, job->call.params, params, sizeof(params));
	result_text(job, result, sizeof(result));
	snprintf(line, sizeof(line), "audit: %s: %s%s%s: %s", who, method->name, params[0] ? " " : "", params,
		 result);
	audit_line(rpc, line);
}

void rpc_audit_refused(struct rpc *rpc, const struct rpc_client *client, const char *method)
{
	char who[WHO_MAX], untold[48] = "", line[RPC_AUDIT_MAX];

	if (!pace_allows(&rpc->refusals, now_ns(), REFUSED_BURST, SECOND_NS)) {
		rpc->refusals_untold++;
		return;
	}
	who_text(client, who);
	if (rpc->refusals_untold)
		snprintf(untold, sizeof(untold), "; %llu more were not told",
			 (unsigned long long)rpc->refusals_untold);
	rpc->refusals_untold = 0;
	snprintf(line, sizeof(line), "audit: %s: %s: not allowed to that user%s", who, method ? method : "connecting",
		 untold);
	audit_line(rpc, line);
}
