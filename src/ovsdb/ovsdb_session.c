/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ovsdb/ovsdb_session_state.h"

#define MESSAGE_LEN (4u << 20)
#define VALUE_COUNT (256u << 10)
#define ROWS_LEN    (64u << 20)
#define PROBE_NS    (60 * SECOND_NS)
#define SERVER_LEN  4096u /* bytes of the one row of _Server */

static void defaults_set(struct ovsdb_session_params *params)
{
	params->message_len = params->message_len ? params->message_len : MESSAGE_LEN;
	params->value_count = params->value_count ? params->value_count : VALUE_COUNT;
	params->rows_len = params->rows_len ? params->rows_len : ROWS_LEN;
	params->probe_ns = params->probe_ns ? params->probe_ns : PROBE_NS;
}

struct ovsdb_session *ovsdb_session_create(const struct ovsdb_session_params *params)
{
	struct ovsdb_session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->params = *params;
	defaults_set(&s->params);
	s->stream.max_len = s->params.message_len;
	s->stream.max_count = s->params.value_count;
	s->rows = ovsdb_rows_create(params->wanted, s->params.rows_len, params->seed);
	s->server_rows = ovsdb_rows_create(&ovsdb_server_wanted, SERVER_LEN, params->seed);
	if (!s->rows || !s->server_rows) {
		ovsdb_session_destroy(s);
		return NULL;
	}
	ovsdb_rows_type(s->server_rows, &ovsdb_server_schema);
	return s;
}

void ovsdb_session_destroy(struct ovsdb_session *s)
{
	if (!s)
		return;
	ovsdb_session_end(s);
	for (unsigned i = 0; i < OVSDB_TABLES_MAX; i++)
		json_decref(s->where[i]);
	ovsdb_rows_destroy(s->rows);
	ovsdb_rows_destroy(s->server_rows);
	free(s);
}

bool ovsdb_session_begin(struct ovsdb_session *s, uint64_t now_ns)
{
	assert(s->state == OVSDB_DOWN);
	s->state = OVSDB_JUDGING;
	s->why.text[0] = '\0';
	s->heard_ns = now_ns;
	s->last_id = 0;
	ovsdb_ask_server(s, now_ns);
	if (!s->broken)
		ovsdb_ask_index(s, now_ns);
	return !s->broken;
}

bool ovsdb_session_receive(struct ovsdb_session *s, const char *bytes, size_t len, uint64_t now_ns)
{
	s->heard_ns = now_ns;
	while (len && !s->broken) {
		json_t *message;
		size_t used;

		if (!ovsdb_stream_take(&s->stream, bytes, len, &used, &message, &s->why))
			return ovsdb_break(s);
		bytes += used;
		len -= used;
		if (message)
			ovsdb_take_message(s, message, now_ns);
		json_decref(message);
	}
	return !s->broken;
}

/* oldest_ns: when the first of what is not answered was asked; UINT64_MAX: all is answered. */
static uint64_t oldest_ns(const struct ovsdb_session *s)
{
	uint64_t oldest = UINT64_MAX;

	for (unsigned i = 0; i < OVSDB_REQUESTS_MAX; i++)
		if (s->request[i].kind && s->request[i].asked_ns < oldest)
			oldest = s->request[i].asked_ns;
	return oldest;
}

/* due_ns: of the question whether it is there, and not behind; it is not asked again before it has been answered. */
static uint64_t due_ns(const struct ovsdb_session *s)
{
	return ovsdb_asked(s, REQUEST_INDEX) ? UINT64_MAX : s->index_asked_ns + s->params.probe_ns;
}

/* deadline_ns: when the server is given up: it is silent, or does not answer although it speaks. */
static uint64_t deadline_ns(const struct ovsdb_session *s)
{
	uint64_t oldest = oldest_ns(s), silent;

	if (oldest == UINT64_MAX)
		return UINT64_MAX;
	silent = (oldest > s->heard_ns ? oldest : s->heard_ns) + s->params.probe_ns;
	return silent < oldest + 2 * s->params.probe_ns ? silent : oldest + 2 * s->params.probe_ns;
}

bool ovsdb_session_tick(struct ovsdb_session *s, uint64_t now_ns)
{
	if (s->state == OVSDB_DOWN)
		return true;
	if (!s->broken && now_ns >= deadline_ns(s)) {
		ovsdb_refuse(&s->why, "it has not answered for %u s",
			     (unsigned)((now_ns - oldest_ns(s)) / SECOND_NS));
		return ovsdb_break(s);
	}
	if (!s->broken && now_ns >= due_ns(s))
		ovsdb_ask_index(s, now_ns);
	return !s->broken;
}

uint64_t ovsdb_session_wake_ns(const struct ovsdb_session *s)
{
	uint64_t due = due_ns(s), deadline = deadline_ns(s);

	if (s->state == OVSDB_DOWN)
		return UINT64_MAX;
	if (s->broken)
		return 0;
	return due < deadline ? due : deadline;
}

const char *ovsdb_session_output(const struct ovsdb_session *s, size_t *len)
{
	*len = s->output_len - s->output_sent;
	return *len ? s->output + s->output_sent : NULL;
}

void ovsdb_session_sent(struct ovsdb_session *s, size_t len)
{
	assert(len <= s->output_len - s->output_sent);
	s->output_sent += len;
	if (s->output_sent < s->output_len)
		return;
	free(s->output);
	s->output = NULL;
	s->output_len = s->output_sent = s->output_capacity = 0;
}

/* transactions_lose tells everybody who waits for an answer that none will come. */
static void transactions_lose(struct ovsdb_session *s)
{
	for (unsigned i = 0; i < OVSDB_REQUESTS_MAX; i++) {
		struct ovsdb_request request = s->request[i];

		s->request[i] = (struct ovsdb_request){ 0 };
		if (request.kind == REQUEST_TRANSACTION)
			request.done(request.context, OVSDB_LOST, NULL, "the server went before it answered");
	}
}

void ovsdb_session_end(struct ovsdb_session *s)
{
	s->state = OVSDB_DOWN;
	transactions_lose(s);
	s->broken = s->server_known = s->index_known = s->other_cluster = s->whole = false;
	ovsdb_session_sent(s, s->output_len - s->output_sent);
	ovsdb_stream_reset(&s->stream);
}

bool ovsdb_session_where(struct ovsdb_session *s, unsigned table, json_t *where, uint64_t now_ns)
{
	assert(table < s->params.wanted->table_count);
	if (!where)
		return false;
	if (json_equal(where, s->where[table])) {
		json_decref(where);
		return true;
	}
	json_decref(s->where[table]);
	s->where[table] = where;
	s->where_open = true;
	if (s->state == OVSDB_FOLLOWING && !s->broken)
		ovsdb_ask_where(s, now_ns);
	return true;
}

bool ovsdb_session_settled(const struct ovsdb_session *s)
{
	return s->state == OVSDB_FOLLOWING && !s->where_open;
}

bool ovsdb_session_transact(struct ovsdb_session *s, json_t *operations, ovsdb_transacted *done, void *context,
			    uint64_t now_ns, struct ovsdb_why *why)
{
	bool good = true;

	if (!operations)
		good = ovsdb_refuse(why, OVSDB_NO_MEMORY);
	else if (s->state != OVSDB_FOLLOWING || s->broken)
		good = ovsdb_refuse(why, "no server is connected");
	else if (s->server.relay)
		good = ovsdb_refuse(why, OVSDB_IS_RELAY);
	else if (!ovsdb_ask_has_room(s, operations))
		good =
		    ovsdb_refuse(why, "it has more than %zu bytes, or too many are under way", s->params.message_len);
	if (!good) {
		json_decref(operations);
		return false;
	}
	ovsdb_ask_transaction(s, operations, done, context, now_ns);
	if (s->broken)
		*why = s->why;
	return !s->broken;
}

const struct ovsdb_rows *ovsdb_session_rows(const struct ovsdb_session *s)
{
	return s->rows;
}

enum ovsdb_session_state ovsdb_session_state(const struct ovsdb_session *s)
{
	return s->state;
}

bool ovsdb_session_relays(const struct ovsdb_session *s)
{
	return s->server.relay;
}

bool ovsdb_session_answered(const struct ovsdb_session *s)
{
	return s->server_known && s->index_known;
}

bool ovsdb_session_leads(const struct ovsdb_session *s)
{
	return s->state == OVSDB_FOLLOWING && s->server.leads;
}

bool ovsdb_session_writes(const struct ovsdb_session *s)
{
	return ovsdb_asked(s, REQUEST_TRANSACTION) != NULL;
}

const struct ovsdb_session_counts *ovsdb_session_counts(const struct ovsdb_session *s)
{
	return &s->counts;
}

const char *ovsdb_session_why(const struct ovsdb_session *s)
{
	return s->why.text;
}
