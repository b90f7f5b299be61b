/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_round.h"

#include "base/clock.h"
#include "rpc/record.h"
#include "rpc/rpc_audit.h"
#include "rpc/rpc_budget.h"
#include "rpc/rpc_slots.h"

#define OTHERS_FIRST 4 /* every so many rounds, owners have no precedence: they cannot keep others out */

/* A round's jobs in the order in which they were read. */
struct round {
	struct rpc_job *first, **last;
	size_t change_count, count;
	struct rpc_budget budget;
	bool large; /* its last job is a large one */
};

/* changes_wait: something is on its way to the disk, or vmmqd stops. */
static bool changes_wait(const struct rpc *rpc)
{
	return rpc->holding || live_busy(rpc->live);
}

/* client_is_ready tells whether its next request may be taken: there is none of its own under way, and it need not wait for others'. */
static bool client_is_ready(const struct rpc *rpc, struct rpc_client *client)
{
	return !client->in_flight && !(client->held && changes_wait(rpc)) && rpc_client_has_request(client);
}

static void round_add(struct rpc *rpc, struct round *round, struct rpc_job *job)
{
	*round->last = job;
	round->last = &job->next;
	round->count++;
	rpc_budget_spend(&round->budget, job->request.cost);
	if (job->error.code)
		return;
	if (job->call.method->changes)
		rpc->change[round->change_count++] = &job->change;
	round->large = job->call.method->large;
}

static bool round_is_full(const struct round *round)
{
	return round->large || (round->count && !rpc_budget_left(&round->budget, now_ns()));
}

/*
 * round_collect takes a client's next requests, as long as its budget and the round's last, up to a question: its answer may be large,
 * and what follows may wait for it.
 */
static void round_collect(struct rpc *rpc, struct rpc_client *client, struct round *round)
{
	struct rpc_budget budget = rpc_budget_client(now_ns());
	bool waiting = changes_wait(rpc);

	if (client->asked_in == rpc->rounds)
		return; /* what is behind its question comes after it */
	while (!round_is_full(round) && client_is_ready(rpc, client)) {
		struct rpc_job *job =
		    waiting ? rpc_client_next_question(client, rpc->records) : rpc_client_next(client, rpc->records);

		if (!job)
			return;
		rpc_budget_spend(&budget, job->request.cost);
		round_add(rpc, round, job);
		if (!job->error.code && !job->call.method->changes)
			client->asked_in = rpc->rounds;
		if (client->asked_in == rpc->rounds || !rpc_budget_left(&budget, now_ns()))
			return;
	}
}

/* round_collect_from goes around the clients, or the owners' alone, beginning with *next, and leaves there who is next when it is full. */
static void round_collect_from(struct rpc *rpc, struct round *round, bool owners, unsigned *next)
{
	unsigned count = rpc->client_count, begin = *next;

	for (unsigned i = 0; i < count && !round_is_full(round); i++) {
		unsigned at = (begin + i) % count;

		if (owners && !rpc_slot_is_owner(rpc->client[at]->peer.uid))
			continue;
		round_collect(rpc, rpc->client[at], round);
		*next = at + 1;
	}
}

/* round_collect_all takes owners' requests before others': theirs wait for one round of others' at most. */
static void round_collect_all(struct rpc *rpc, struct round *round)
{
	if (++rpc->rounds % OTHERS_FIRST != 0)
		round_collect_from(rpc, round, true, &rpc->next_owner);
	round_collect_from(rpc, round, false, &rpc->next);
}

static void tell_refused(struct rpc *rpc, const struct rpc_job *job)
{
	const struct rpc_error *error = &job->error;
	const char *method = job->call.method->name;

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
	if (error->code != RPC_NOT_ALLOWED)
		rpc_audit_change(rpc, job);
	if (error->code) {
		if (error->code == RPC_NOT_ALLOWED)
			rpc_audit_refused(rpc, job->client, method->name);
		else if (method && method->changes)
			tell_refused(rpc, job);
		return job->request.id ? rpc_error_answer(job->request.id, error) : NULL;
	}
	if (job->call.subscribe)
		job->client->subscribed = true;
	return job->request.id ? rpc_answer(job->request.id, json_incref(job->call.result)) : NULL;
}

/* answer_too_long is said instead of an answer that nobody could keep. */
static json_t *answer_too_long(struct rpc_job *job)
{
	job->error.code = RPC_REFUSED;
	job->error.status =
	    vmmq_why_set(&job->error.why, VMMQ_RESOURCES, "", "%sthe answer is longer than %u MiB%s",
			 job->call.method->changes ? "the change is made, but " : "", RPC_ANSWER_MAX >> 20,
			 job->call.method->changes ? "" : "; ask for one VPort at a time");
	return rpc_error_answer(job->request.id, &job->error);
}

/* round_answer finishes jobs in their order. */
static void round_answer(struct rpc *rpc, struct rpc_job *job)
{
	while (job) {
		struct rpc_job *next = job->next;
		json_t *message = job_finish(rpc, job);

		if (job->request.id &&
		    !rpc_client_send_vports(job->client, message, job->error.code ? NULL : job->call.vports))
			rpc_client_send(job->client, answer_too_long(job));
		rpc_job_destroy(job);
		rpc_relieve_output(rpc);
		job = next;
	}
}

/* flight_done is a live_done_fn. */
static void flight_done(void *context)
{
	struct rpc *rpc = context;
	struct rpc_job *job = rpc->flight;

	rpc->flight = NULL;
	for (struct rpc_job *done = job; done; done = done->next)
		done->client->in_flight = false;
	round_answer(rpc, job);
}

/* round_part leaves in the round what need not wait for its changes: jobs of clients that have none among them. */
static void round_part(struct rpc *rpc, struct round *round)
{
	struct rpc_job **stay = &round->first, **wait = &rpc->flight;

	for (struct rpc_job *job = round->first; job; job = job->next)
		if (!job->error.code && job->call.method->changes)
			job->client->in_flight = true;
	for (struct rpc_job *job = round->first, *next; job; job = next) {
		next = job->next;
		job->next = NULL;
		if (job->client->in_flight) {
			*wait = job;
			wait = &job->next;
		} else {
			*stay = job;
			stay = &job->next;
		}
	}
	*stay = NULL;
}

bool rpc_round_run(struct rpc *rpc)
{
	struct round round = { .budget =
				   changes_wait(rpc) ? rpc_budget_waiting(now_ns()) : rpc_budget_round(now_ns()) };

	round.last = &round.first;
	round_collect_all(rpc, &round);
	if (round.change_count && !live_submit(rpc->live, rpc->change, round.change_count, flight_done, rpc))
		round_part(rpc, &round);
	round_answer(rpc, round.first);
	return round.count != 0;
}

bool rpc_requests_wait(struct rpc *rpc)
{
	for (unsigned i = 0; i < rpc->client_count; i++)
		if (client_is_ready(rpc, rpc->client[i]))
			return true;
	return false;
}

void rpc_flight_forget(struct rpc *rpc)
{
	while (rpc->flight) {
		struct rpc_job *job = rpc->flight;

		rpc->flight = job->next;
		rpc_job_destroy(job);
	}
}
