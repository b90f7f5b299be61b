/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_round.h"

#include "rpc/record.h"

#define ROUND_MAX 256 /* requests of one client in one round */
#define BATCH_MAX 4096

/* A round's jobs in the order in which they were read. */
struct round {
	struct rpc_job *first, **last;
	struct live_request *change[BATCH_MAX];
	size_t change_count, count;
};

static void round_add(struct round *round, struct rpc_job *job)
{
	*round->last = job;
	round->last = &job->next;
	round->count++;
	if (!job->error.code && job->call.method->changes)
		round->change[round->change_count++] = &job->change;
}

/*
 * round_collect takes a client's next requests, up to a question: its answer may be large, and what follows may wait
 * for it.
 */
static void round_collect(struct rpc *rpc, struct rpc_client *client, struct round *round)
{
	for (unsigned n = 0; n < ROUND_MAX && round->count < BATCH_MAX && rpc_client_has_request(client); n++) {
		struct rpc_job *job = rpc_client_next(client, rpc->records);

		if (!job)
			return;
		round_add(round, job);
		if (!job->error.code && !job->call.method->changes)
			return;
	}
}

static void tell_refused(struct rpc *rpc, const struct rpc_job *job)
{
	const struct rpc_error *error = &job->error;
	const char *method = job->request.method;

	live_tell(rpc->live, "request.refused",
		  json_pack("{s:o, s:s, s:o, s:o, s:i}", "method", record_text_or_null(method), "status",
			    vmmq_status_name(error->status), "field", record_text(error->why.path), "text",
			    record_text(error->why.text), "pid", (int)job->client->peer.pid));
}

/* job_note_pending says in the result of a change that it is not yet in effect everywhere, unless there is more to say. */
static void job_note_pending(const struct rpc *rpc, struct rpc_job *job)
{
	if (!job->call.method->changes || job->call.unchanged || job->error.status != VMMQ_SUCCESS ||
	    !live_pending(rpc->live) || json_is_string(json_object_get(job->call.result, "notice")))
		return;
	json_object_set_new(
	    job->call.result, "notice",
	    json_string("the change is made, but not all packets follow it yet: they will by themselves"));
}

/* job_finish makes the answer of a job that has been carried out, or refused. */
static json_t *job_finish(struct rpc *rpc, struct rpc_job *job)
{
	const struct method *method = job->call.method;
	struct rpc_error *error = &job->error;
	bool answered;

	if (!error->code) {
		if (method->changes) {
			error->status = job->change.status;
			error->why = job->change.why;
		} else {
			error->status = method->run(rpc->live, &job->call, &error->why);
		}
		answered = method->finish && method->finish(rpc->live, &job->call, error->status, &error->why);
		if (error->status != VMMQ_SUCCESS && !answered)
			error->code = RPC_REFUSED;
		else
			job_note_pending(rpc, job);
	}
	if (error->code) {
		if (method && method->changes)
			tell_refused(rpc, job);
		return job->request.id ? rpc_error_answer(job->request.id, error) : NULL;
	}
	if (job->call.subscribe)
		job->client->subscribed = true;
	return job->request.id ? rpc_answer(job->request.id, json_incref(job->call.result)) : NULL;
}

static void round_answer(struct rpc *rpc, struct round *round)
{
	while (round->first) {
		struct rpc_job *job = round->first;
		json_t *message = job_finish(rpc, job);

		round->first = job->next;
		if (job->request.id)
			rpc_client_send(job->client, message);
		rpc_job_destroy(job);
	}
}

bool rpc_round_run(struct rpc *rpc)
{
	struct round round = { 0 };
	unsigned count = rpc->client_count;

	round.last = &round.first;
	for (unsigned i = 0; i < count; i++)
		round_collect(rpc, rpc->client[(rpc->next + i) % count], &round);
	rpc->next++;
	if (round.change_count)
		live_execute(rpc->live, round.change, round.change_count);
	round_answer(rpc, &round);
	return round.count != 0;
}

bool rpc_requests_wait(struct rpc *rpc)
{
	for (unsigned i = 0; i < rpc->client_count; i++)
		if (rpc_client_has_request(rpc->client[i]))
			return true;
	return false;
}
