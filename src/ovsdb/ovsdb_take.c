/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "ovsdb/ovsdb_session_state.h"

static bool take_refuse(struct ovsdb_session *s, const char *text)
{
	ovsdb_refuse(&s->why, "%s", text);
	return ovsdb_break(s);
}

/* rows_update changes the copy and tells it.  What does not fit means that the copy is not what the server thinks: it has to come whole. */
static bool rows_update(struct ovsdb_session *s, const char *last, json_t *updates, bool whole)
{
	struct ovsdb_uuid uuid;
	struct ovsdb_plan *plan = NULL;

	if (!last || !ovsdb_uuid_read(&uuid, last))
		ovsdb_refuse(&s->why, "it sent rows without the id of their transaction");
	else
		plan = ovsdb_plan_make(s->rows, updates, whole, &s->why);
	if (!plan) {
		s->last = (struct ovsdb_uuid){ 0 };
		return ovsdb_break(s);
	}
	s->last = uuid;
	ovsdb_plan_carry_out(plan, s->params.changed, s->params.context);
	if (s->params.updated)
		s->params.updated(s->params.context);
	return true;
}

/* take_update3: ["rows", transaction, updates]. */
static bool take_update3(struct ovsdb_session *s, const json_t *params)
{
	const char *monitor = json_string_value(json_array_get(params, 0));

	if (s->state != OVSDB_FOLLOWING || !monitor || strcmp(monitor, OVSDB_MONITOR_ROWS) != 0)
		return take_refuse(s, "it sent rows that were not asked for");
	s->counts.updates++;
	return rows_update(s, json_string_value(json_array_get(params, 1)), json_array_get(params, 2), false);
}

static bool server_update(struct ovsdb_session *s, json_t *updates, bool whole, uint64_t now_ns)
{
	struct ovsdb_plan *plan = ovsdb_plan_make(s->server_rows, updates, whole, &s->why);

	if (!plan)
		return ovsdb_break(s);
	ovsdb_plan_carry_out(plan, NULL, NULL);
	s->server_known = true;
	return ovsdb_judge(s, now_ns);
}

/* take_update2: ["server", updates]. */
static bool take_update2(struct ovsdb_session *s, const json_t *params, uint64_t now_ns)
{
	const char *monitor = json_string_value(json_array_get(params, 0));

	if (!s->server_known || !monitor || strcmp(monitor, OVSDB_MONITOR_SERVER) != 0)
		return take_refuse(s, "it sent an update that was not asked for");
	return server_update(s, json_array_get(params, 1), false, now_ns);
}

/* take_request: what a server may ask of a client is whether it is there. */
static bool take_request(struct ovsdb_session *s, const char *method, json_t *params, json_t *id)
{
	if (strcmp(method, "echo") == 0)
		return ovsdb_send(s, json_pack("{s:O?, s:n, s:O}", "result", params, "error", "id", id));
	return ovsdb_send(s, json_pack("{s:n, s:s, s:O}", "result", "error", "unknown method", "id", id));
}

static bool take_notification(struct ovsdb_session *s, const char *method, const json_t *params, uint64_t now_ns)
{
	if (strcmp(method, "update3") == 0)
		return take_update3(s, params);
	if (strcmp(method, "update2") == 0)
		return take_update2(s, params, now_ns);
	if (strcmp(method, "monitor_canceled") == 0)
		return take_refuse(s, "its database has been taken away or converted");
	return true; /* locks, which nobody has asked for, and what newer servers may say */
}

bool ovsdb_take_message(struct ovsdb_session *s, json_t *message, uint64_t now_ns)
{
	const char *method = json_string_value(json_object_get(message, "method"));
	json_t *id = json_object_get(message, "id"), *params = json_object_get(message, "params");

	if (!method)
		return ovsdb_take_answer(s, message, now_ns);
	if (id && !json_is_null(id))
		return take_request(s, method, params, id);
	return take_notification(s, method, params, now_ns);
}

bool ovsdb_judge(struct ovsdb_session *s, uint64_t now_ns)
{
	if (!s->server_known || !s->index_known)
		return true;
	if (!ovsdb_server_judge(&s->server, s->server_rows, s->params.wanted->database, s->params.leader_only,
				&s->seen, s->index, &s->why))
		return ovsdb_break(s);
	if (s->params.writes && s->server.relay)
		return take_refuse(s, OVSDB_IS_RELAY);
	if (s->state == OVSDB_JUDGING) {
		s->state = s->params.wanted->table_count ? OVSDB_READING : OVSDB_FOLLOWING;
		s->other_cluster = ovsdb_cluster_differs(&s->server, &s->seen);
		if (s->state == OVSDB_READING)
			ovsdb_ask_schema(s, now_ns);
	}
	ovsdb_progress_see(&s->seen, &s->server, s->index);
	return true;
}

/* take_schema: rows of another cluster, of other types, or chosen otherwise, cannot be gone on with. */
static bool take_schema(struct ovsdb_session *s, const json_t *result, uint64_t now_ns)
{
	struct ovsdb_schema schema;

	if (!ovsdb_schema_read(&schema, s->params.wanted, result, &s->why))
		return ovsdb_break(s);
	if (s->where_open || s->other_cluster || !ovsdb_schema_equal(s->params.wanted, &schema, &s->schema))
		s->last = (struct ovsdb_uuid){ 0 };
	s->schema = schema;
	ovsdb_rows_type(s->rows, &schema);
	ovsdb_ask_rows(s, now_ns);
	return true;
}

/* index_read: of [{"rows": [{"index": N}]}]; a server alone has a set of none there. */
static uint64_t index_read(const json_t *results)
{
	const json_t *rows = json_object_get(json_array_get(results, 0), "rows");
	const json_t *index = json_object_get(json_array_get(rows, 0), "index");

	return json_integer_value(index) > 0 ? (uint64_t)json_integer_value(index) : 0;
}

static bool take_index(struct ovsdb_session *s, const json_t *results, uint64_t now_ns)
{
	s->index = index_read(results);
	s->index_known = true;
	return ovsdb_judge(s, now_ns);
}

/* take_rows: [found, transaction, updates]. */
static bool take_rows(struct ovsdb_session *s, const json_t *result, uint64_t now_ns)
{
	bool whole = s->whole || !json_is_true(json_array_get(result, 0));

	s->state = OVSDB_FOLLOWING;
	if (!rows_update(s, json_string_value(json_array_get(result, 1)), json_array_get(result, 2), whole))
		return false;
	s->counts.whole += whole;
	s->counts.resumed += !whole;
	if (s->where_open && !ovsdb_asked(s, REQUEST_WHERE))
		ovsdb_ask_where(s, now_ns);
	return true;
}

/* error_write: an error is an object with error and details, or a text alone. */
static void error_write(struct ovsdb_why *why, const char *before, const json_t *json)
{
	const char *error = json_string_value(json_is_object(json) ? json_object_get(json, "error") : json);
	const char *details = json_string_value(json_object_get(json, "details"));

	ovsdb_refuse(why, "%s%.60s%s%.200s", before, error ? error : "no reason given", details ? ": " : "",
		     details ? details : "");
}

/* results_judge finds the operation that failed. */
static enum ovsdb_outcome results_judge(const json_t *results, struct ovsdb_why *why)
{
	const json_t *result;
	size_t i;

	json_array_foreach(results, i, result)
	{
		const char *error = json_string_value(json_object_get(result, "error"));

		if (!error)
			continue;
		error_write(why, "", result);
		return strcmp(error, "timed out") == 0 ? OVSDB_CONFLICT : OVSDB_REFUSED;
	}
	why->text[0] = '\0';
	return OVSDB_COMMITTED;
}

/* take_transacted.  An error of the whole is "canceled", when the database went away under it, or that it was no request. */
static bool take_transacted(struct ovsdb_session *s, const struct ovsdb_request *request, json_t *result,
			    const json_t *error)
{
	struct ovsdb_why why = { "it answered a transaction without results" };
	enum ovsdb_outcome outcome = OVSDB_LOST;

	if (error) {
		error_write(&why, "", error);
		outcome = OVSDB_REFUSED;
	} else if (json_is_array(result)) {
		outcome = results_judge(result, &why);
	}
	request->done(request->context, outcome, json_is_array(result) && !error ? result : NULL, why.text);
	return outcome != OVSDB_LOST || take_refuse(s, why.text);
}

/* error_say: it refused a request without which nothing can be followed. */
static bool error_say(struct ovsdb_session *s, const json_t *error)
{
	s->last = (struct ovsdb_uuid){ 0 };
	error_write(&s->why, "it refuses to be followed: ", error);
	return ovsdb_break(s);
}

static struct ovsdb_request *request_of(struct ovsdb_session *s, const json_t *id)
{
	for (unsigned i = 0; json_is_integer(id) && i < OVSDB_REQUESTS_MAX; i++)
		if (s->request[i].kind && s->request[i].id == json_integer_value(id))
			return &s->request[i];
	return NULL;
}

bool ovsdb_take_answer(struct ovsdb_session *s, json_t *message, uint64_t now_ns)
{
	struct ovsdb_request *place = request_of(s, json_object_get(message, "id")), request;
	json_t *result = json_object_get(message, "result"), *error = json_object_get(message, "error");

	if (!place)
		return take_refuse(s, "it answered what it was not asked");
	request = *place;
	*place = (struct ovsdb_request){ 0 };
	if (json_is_null(error))
		error = NULL;
	if (request.kind == REQUEST_TRANSACTION)
		return take_transacted(s, &request, result, error);
	if (request.kind == REQUEST_AWARE)
		return true;
	if (error)
		return error_say(s, error);
	switch (request.kind) {
	case REQUEST_SERVER:
		return server_update(s, result, true, now_ns);
	case REQUEST_INDEX:
		return take_index(s, result, now_ns);
	case REQUEST_SCHEMA:
		return take_schema(s, result, now_ns);
	case REQUEST_ROWS:
		return take_rows(s, result, now_ns);
	case REQUEST_WHERE:
		s->where_open = ovsdb_asked(s, REQUEST_WHERE) != NULL;
		return true;
	default:
		return true;
	}
}
