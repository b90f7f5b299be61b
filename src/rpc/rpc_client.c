/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/rpc_client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "config/config_tree.h"
#include "rpc/rpc_budget.h"

#define ROOM_LEAST (4u << 10)
#define ROOM_KEPT  (16u << 10) /* of an output that has been read */

void rpc_client_lose(struct rpc_client *client, const char *why)
{
	if (!client->gone)
		client->why_gone = why;
	client->gone = true;
	rpc_lines_fini(&client->lines);
	free(client->output.bytes);
	client->output = (struct rpc_output){ 0 };
}

void rpc_client_deafen(struct rpc_client *client)
{
	client->deaf = true;
	client->subscribed = false;
	client->output.start = client->output.end = 0;
}

void rpc_client_read(struct rpc_client *client)
{
	size_t taken = 0;

	while (taken < RPC_READ_MAX && !client->gone && !client->input_ended && !client->closing) {
		size_t len;
		char *space = rpc_lines_space(&client->lines, &len);
		ssize_t got;

		if (!space) {
			rpc_client_lose(client, "out of memory");
			return;
		}
		if (len > RPC_READ_MAX - taken)
			len = RPC_READ_MAX - taken;
		got = recv(client->fd, space, len, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got < 0)
			rpc_client_deafen(client);
		if (got <= 0) {
			client->input_ended = true;
			return;
		}
		rpc_lines_put(&client->lines, (size_t)got);
		taken += (size_t)got;
	}
}

size_t rpc_client_waiting(const struct rpc_client *client)
{
	return client->output.end - client->output.start;
}

/* output_append is json_dump_callback()'s; it fails when memory is short, and when the answer becomes too long. */
static int output_append(const char *bytes, size_t len, void *context)
{
	struct rpc_output *output = context;
	char *larger;

	output->too_long = output->end + len - output->answer > RPC_ANSWER_MAX;
	if (output->too_long)
		return -1;
	larger = array_room(output->bytes, &output->room, output->end + len + 1, ROOM_LEAST, 1);
	if (!larger)
		return -1;
	output->bytes = larger;
	memcpy(output->bytes + output->end, bytes, len);
	output->end += len;
	return 0;
}

static bool output_dump(struct rpc_output *output, const json_t *value)
{
	return json_dump_callback(value, output_append, output, JSON_COMPACT) == 0;
}

#define LIST_END "]}}" /* of a message whose result ends in a list */

/* output_vports puts them into the empty list at the end of what has been put. */
static bool output_vports(struct rpc_output *output, struct record_vports *vports)
{
	const char *comma = "";
	json_t *vport;
	bool put = true;

	assert(output->end - output->answer > strlen(LIST_END) &&
	       output->bytes[output->end - strlen(LIST_END) - 1] == '[');
	output->end -= strlen(LIST_END);
	while (put && (vport = record_vports_next(vports))) {
		put = output_append(comma, strlen(comma), output) == 0 && output_dump(output, vport);
		json_decref(vport);
		comma = ",";
	}
	return put && record_vports_whole(vports) && output_append(LIST_END, strlen(LIST_END), output) == 0;
}

bool rpc_client_send_vports(struct rpc_client *client, json_t *message, struct record_vports *vports)
{
	struct rpc_output *output = &client->output;
	bool sent;

	output->answer = output->end;
	output->too_long = false;
	sent = client->deaf || client->gone ||
	       (message && output_dump(output, message) && (!vports || output_vports(output, vports)) &&
		output_append("\n", 1, output) == 0);
	json_decref(message);
	if (sent)
		return true;
	if (output->too_long) {
		output->end = output->answer;
		return false;
	}
	rpc_client_lose(client, "out of memory");
	return true;
}

bool rpc_client_send(struct rpc_client *client, json_t *message)
{
	return rpc_client_send_vports(client, message, NULL);
}

/* output_settle gives memory back that answers have left that have been read. */
static void output_settle(struct rpc_output *output)
{
	size_t waiting = output->end - output->start;
	char *smaller;

	if (output->start < waiting)
		return; /* moving it costs more than it has been read */
	if (waiting)
		memmove(output->bytes, output->bytes + output->start, waiting);
	output->start = 0;
	output->end = waiting;
	if (output->room <= ROOM_KEPT || waiting > output->room / 4)
		return;
	smaller = realloc(output->bytes, waiting + ROOM_LEAST);
	if (!smaller)
		return;
	output->bytes = smaller;
	output->room = waiting + ROOM_LEAST;
}

void rpc_client_write(struct rpc_client *client, uint64_t now)
{
	struct rpc_output *output = &client->output;

	while (output->start < output->end && !client->gone) {
		ssize_t sent =
		    send(client->fd, output->bytes + output->start, output->end - output->start, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			if (errno != EAGAIN)
				rpc_client_deafen(client);
			else if (!client->subscribed && now - client->progress_ns > RPC_STUCK_NS)
				rpc_client_lose(client, "it did not read its answers for 30 s");
			output_settle(output);
			return;
		}
		output->start += (size_t)sent;
		client->progress_ns = now;
	}
	client->progress_ns = now;
	output_settle(output);
}

static void no_such_method(struct rpc_job *job, const char *similar)
{
	char quoted[CONFIG_QUOTE_MAX + 16];

	config_quote(quoted, sizeof(quoted), job->request.method, CONFIG_QUOTE_MAX);
	job->error.code = RPC_NO_METHOD;
	if (similar)
		job->error.status = vmmq_why_set(&job->error.why, VMMQ_NOT_SUPPORTED, "method",
						 "there is no method %s; did you mean %s?", quoted, similar);
	else
		job->error.status = vmmq_why_set(&job->error.why, VMMQ_NOT_SUPPORTED, "method",
						 "there is no method %s; rpc.discover lists them", quoted);
}

/* not_allowed tells what would have to be: a member of which group. */
static void not_allowed(struct rpc_job *job, const struct method *method)
{
	const struct rpc_client *client = job->client;
	char allowed[RPC_ALLOWED_MAX];

	rpc_role_allowed(client->groups, method->role, allowed);
	job->error.code = RPC_NOT_ALLOWED;
	job->error.status =
	    vmmq_why_set(&job->error.why, VMMQ_NOT_ACCEPTED, "method",
			 "%s is not for user %u (process %d, \"%s\"), who may only look: %s may change", method->name,
			 (unsigned)client->peer.uid, (int)client->peer.pid, client->program, allowed);
}

static void job_prepare(struct rpc_job *job, const struct record_source *records)
{
	const char *similar = NULL;
	const struct method *method = method_find(job->request.method, &similar);

	if (!method) {
		no_such_method(job, similar);
		return;
	}
	job->call = (struct call){
		.method = method, .records = records, .role = job->client->role, .params = job->request.params
	};
	if (method->role == RPC_ROLE_NONE || job->client->role < method->role) {
		not_allowed(job, method);
		job->call.params = NULL;
		return;
	}
	job->error.status = params_check(method->params, job->request.params, &job->error.why);
	if (job->error.status != VMMQ_SUCCESS) {
		job->error.code = RPC_BAD_PARAMS;
		job->call.params = NULL;
	}
	job->change = (struct live_request){ .run = method->run, .argument = &job->call };
}

static void too_long(struct rpc_client *client, struct rpc_job *job)
{
	client->closing = true;
	rpc_lines_fini(&client->lines);
	job->request.id = json_null();
	job->error.code = RPC_NOT_A_REQUEST;
	job->error.status = vmmq_why_set(
	    &job->error.why, VMMQ_INVALID_LENGTH, "",
	    "the line is longer than %u MiB: the connection is closed; a larger configuration is read by "
	    "vmmqd itself (-c FILE, and SIGHUP)",
	    RPC_LINE_MAX >> 20);
}

/* client_hold leaves what was taken where it was: it waits for what is under way. */
static void client_hold(struct rpc_client *client, size_t start, size_t searched)
{
	client->lines.start = start;
	client->lines.searched = searched;
	client->held = true;
}

/* client_take returns the next request, of a line of at most longest bytes; a longer one is held. */
static struct rpc_job *client_take(struct rpc_client *client, const struct record_source *records, size_t longest)
{
	size_t start, searched, len;
	enum rpc_line found;
	struct rpc_job *job;
	const char *line;

	do {
		start = client->lines.start;
		searched = client->lines.searched;
		found = rpc_lines_take(&client->lines, RPC_LINE_MAX, client->input_ended, &line, &len);
	} while (found == RPC_LINE && strspn(line, " \t") >= len);
	if (found != RPC_LINE_NONE && len > longest && longest < RPC_LINE_MAX) {
		client_hold(client, start, searched);
		return NULL;
	}
	if (found == RPC_LINE_NONE)
		return NULL;
	job = calloc(1, sizeof(*job));
	if (!job) {
		rpc_client_lose(client, "out of memory");
		return NULL;
	}
	job->client = client;
	client->jobs++;
	client->asked = true;
	client->held = false;
	if (found == RPC_LINE_LONG)
		too_long(client, job);
	else if (rpc_request_parse(line, len, &job->request, &job->error))
		job_prepare(job, records);
	if (job->error.code)
		rpc_request_forget(&job->request);
	return job;
}

struct rpc_job *rpc_client_next(struct rpc_client *client, const struct record_source *records)
{
	return client_take(client, records, RPC_LINE_MAX);
}

struct rpc_job *rpc_client_next_question(struct rpc_client *client, const struct record_source *records)
{
	size_t start = client->lines.start, searched = client->lines.searched;
	struct rpc_job *job = client_take(client, records, RPC_WAIT_LINE_MAX);

	if (!job || job->error.code || !job->call.method->changes)
		return job;
	rpc_job_destroy(job);
	client_hold(client, start, searched);
	return NULL;
}

void rpc_job_destroy(struct rpc_job *job)
{
	struct rpc_client *client = job->client;

	json_decref(job->call.result);
	record_vports_end(job->call.vports);
	rpc_request_fini(&job->request);
	free(job);
	if (!--client->jobs && client->left)
		free(client);
}

void rpc_client_event(struct rpc_client *client, json_t *event)
{
	if (rpc_client_waiting(client) > RPC_OUTPUT_FULL) {
		client->events_lost++;
		return;
	}
	if (client->events_lost) {
		json_t *lost = json_pack("{s:s, s:O, s:I}", "event", "events.lost", "time",
					 json_object_get(event, "time"), "count", (json_int_t)client->events_lost);

		client->events_lost = 0;
		rpc_client_send(client, rpc_notification("event", lost));
		json_decref(lost);
	}
	rpc_client_send(client, rpc_notification("event", event));
}

bool rpc_client_has_request(struct rpc_client *client)
{
	if (client->gone || client->closing || rpc_client_waiting(client) > RPC_OUTPUT_FULL)
		return false;
	return rpc_lines_waiting(&client->lines) &&
	       (client->input_ended || rpc_lines_whole(&client->lines, RPC_LINE_MAX));
}

bool rpc_client_has_enough(struct rpc_client *client)
{
	return rpc_lines_whole(&client->lines, RPC_LINE_MAX);
}

bool rpc_client_finished(const struct rpc_client *client)
{
	if (client->gone)
		return true;
	if (rpc_client_waiting(client) || client->in_flight)
		return false;
	if (client->closing)
		return true;
	return client->input_ended && !rpc_lines_waiting(&client->lines) && !client->subscribed;
}

void rpc_client_destroy(struct rpc_client *client)
{
	rpc_client_lose(client, NULL);
	close(client->fd);
	client->left = true;
	if (!client->jobs)
		free(client);
}
