/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/client/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmmq/client/client_socket.h"

struct client {
	struct client_stream stream;
	int timeout_ms;
	json_int_t last_id;
	json_t *events;             /* that arrived while an answer was awaited, the oldest first */
	struct client_error broken; /* text not empty: why this connection is of no more use */
};

struct client *client_open(const char *path, struct client_error *error)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client) {
		client_error_set(error, "out of memory");
		return NULL;
	}
	client->timeout_ms = CLIENT_TIMEOUT_MS;
	client->events = json_array();
	client->stream.fd = client_connect(path, error);
	if (client->stream.fd >= 0 && client->events)
		return client;
	if (client->stream.fd >= 0)
		client_error_set(error, "out of memory");
	client_close(client);
	return NULL;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	if (client->stream.fd >= 0)
		close(client->stream.fd);
	free(client->stream.data);
	json_decref(client->events);
	free(client);
}

void client_timeout(struct client *client, int ms)
{
	client->timeout_ms = ms;
}

int client_fd(const struct client *client)
{
	return client->stream.fd;
}

static bool send_request(struct client *client, const char *method, json_t *params, struct client_error *error)
{
	json_t *request = json_pack("{ss sI ss}", "jsonrpc", "2.0", "id", ++client->last_id, "method", method);
	char *text = NULL, *line = NULL;
	int len = -1;
	bool sent;

	if (request && (!params || json_object_set(request, "params", params) == 0))
		text = json_dumps(request, JSON_COMPACT);
	if (text)
		len = asprintf(&line, "%s\n", text);
	json_decref(request);
	free(text);
	if (len < 0)
		return client_error_set(error, "%s: what was given is not UTF-8 text, or memory is short", method);
	sent = client_send(&client->stream, line, (size_t)len, client->timeout_ms, error);
	free(line);
	if (!sent)
		client->broken = *error; /* of a half line nothing can be taken back */
	return sent;
}

/* not_rpc describes a line that makes no sense; of its bytes only what a terminal can be shown. */
static bool not_rpc(struct client_error *error, const char *what, const char *line, size_t len)
{
	char start[48];
	size_t shown = len < sizeof(start) - 1 ? len : sizeof(start) - 1;

	for (size_t i = 0; i < shown; i++)
		start[i] = line[i] >= ' ' && line[i] <= '~' ? line[i] : '?';
	start[shown] = '\0';
	return client_error_set(error, "the answer is not %s, so this is not vmmqd: \"%s%s\"", what, start,
				shown < len ? "…" : "");
}

/* message_parse returns a received object; NULL with *error. */
static json_t *message_parse(const char *line, size_t len, struct client_error *error)
{
	json_t *message = json_loadb(line, len, JSON_DECODE_ANY, NULL);

	if (json_is_object(message))
		return message;
	not_rpc(error, message ? "JSON-RPC" : "JSON", line, len);
	json_decref(message);
	return NULL;
}

static bool is_event(const json_t *message)
{
	const char *method = json_string_value(json_object_get(message, "method"));

	return method && strcmp(method, "event") == 0;
}

static void error_copy_text(char *to, size_t size, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	snprintf(to, size, "%s", text ? text : "");
}

static void error_from_answer(struct client_error *error, const json_t *answer)
{
	const json_t *data = json_object_get(answer, "data");

	*error = (struct client_error){ .code = (int)json_integer_value(json_object_get(answer, "code")) };
	error_copy_text(error->status, sizeof(error->status), data, "status");
	error_copy_text(error->field, sizeof(error->field), data, "field");
	error_copy_text(error->text, sizeof(error->text), data, "text");
	if (!error->text[0]) {
		error_copy_text(error->text, sizeof(error->text), answer, "message");
		error->field[0] = '\0';
	}
	if (!error->text[0])
		snprintf(error->text, sizeof(error->text), "refused without a reason");
}

/*
 * answer_take tells whether message answers the last request, and then fills *result or *error.  An answer to an
 * earlier one, for which we did not wait, is none; an error whose id is null is, as the request was not understood.
 */
static bool answer_take(const struct client *client, const json_t *message, json_t **result,
			struct client_error *error)
{
	json_t *id = json_object_get(message, "id"), *refusal = json_object_get(message, "error");

	if (json_is_object(refusal) && (json_is_null(id) || json_integer_value(id) == client->last_id)) {
		error_from_answer(error, refusal);
		return true;
	}
	*result = json_integer_value(id) == client->last_id ? json_object_get(message, "result") : NULL;
	json_incref(*result);
	return *result;
}

static bool is_late_answer(const struct client *client, const json_t *message)
{
	json_int_t id = json_integer_value(json_object_get(message, "id"));

	return id > 0 && id < client->last_id;
}

static void ran_out(const struct client *client, struct client_error *error)
{
	client_error_set(error, "vmmqd has not answered for %g s; what was asked for may still be carried out",
			 client->timeout_ms / 1e3);
}

/* answer_from takes one received message: an event is kept, a late answer ignored.  False: it makes no sense. */
static bool answer_from(struct client *client, const json_t *message, json_t **result, bool *answered,
			struct client_error *error)
{
	if (is_event(message))
		return json_array_append(client->events, json_object_get(message, "params")) == 0;
	*answered = answer_take(client, message, result, error);
	return *answered || is_late_answer(client, message);
}

/* receive_answer fills *result or *error from the answer to the last request. */
static void receive_answer(struct client *client, json_t **result, struct client_error *error)
{
	bool answered = false;

	while (!answered) {
		enum client_received received;
		json_t *message;
		size_t len = 0;
		char *line;
		bool sense;

		received = client_receive(&client->stream, client->timeout_ms, &line, &len, error);
		if (received == CLIENT_TIMEOUT) {
			ran_out(client, error);
			return;
		}
		message = received == CLIENT_LINE ? message_parse(line, len, error) : NULL;
		sense = message && answer_from(client, message, result, &answered, error);
		if (message && !sense)
			not_rpc(error, "JSON-RPC", line, len);
		json_decref(message);
		if (!sense) {
			client->broken = *error;
			return;
		}
	}
}

json_t *client_call(struct client *client, const char *method, json_t *params, struct client_error *error)
{
	json_t *result = NULL;

	*error = client->broken;
	if (!error->text[0] && send_request(client, method, params, error))
		receive_answer(client, &result, error);
	json_decref(params);
	return result;
}

int client_subscribe(struct client *client, struct client_error *error)
{
	json_t *result = client_call(client, "monitor.subscribe", NULL, error);

	json_decref(result);
	return result ? 0 : -1;
}

json_t *client_next_event(struct client *client, int timeout_ms, struct client_error *error)
{
	json_t *event = json_incref(json_array_get(client->events, 0));

	*error = (struct client_error){ 0 };
	if (event)
		json_array_remove(client->events, 0);
	while (!event) {
		enum client_received received;
		json_t *message;
		char *line;
		size_t len;

		*error = client->broken;
		if (error->text[0])
			return NULL;
		received = client_receive(&client->stream, timeout_ms, &line, &len, error);
		if (received == CLIENT_TIMEOUT)
			return NULL;
		message = received == CLIENT_LINE ? message_parse(line, len, error) : NULL;
		if (!message) {
			client->broken = *error;
			return NULL;
		}
		if (is_event(message))
			event = json_incref(json_object_get(message, "params"));
		json_decref(message);
	}
	return event;
}
