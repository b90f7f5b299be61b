/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/array.h"
#include "ovsdb/ovsdb_put.h"
#include "ovsdb/ovsdb_session_state.h"

#define REQUEST_LEN 512 /* bytes: at most what a transaction has beside its operations */

bool ovsdb_break(struct ovsdb_session *s)
{
	s->broken = true;
	return false;
}

/* output_to_front moves what is left to the front, when that is less than what has been sent, so that no byte is moved often. */
static void output_to_front(struct ovsdb_session *s)
{
	size_t left = s->output_len - s->output_sent;

	if (s->output_sent < left || s->output_sent == 0)
		return;
	memmove(s->output, s->output + s->output_sent, left);
	s->output_len = left;
	s->output_sent = 0;
}

static bool output_reserve(struct ovsdb_session *s, size_t len, struct ovsdb_why *why)
{
	char *larger;

	if (s->output_len - s->output_sent + len > s->params.message_len)
		return ovsdb_refuse(why, "it does not read what is sent to it");
	output_to_front(s);
	larger = array_room(s->output, &s->output_capacity, s->output_len + len, 4096, 1);
	if (!larger)
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	s->output = larger;
	return true;
}

bool ovsdb_send(struct ovsdb_session *s, json_t *message)
{
	const size_t flags = JSON_COMPACT;
	size_t len = message ? json_dumpb(message, NULL, 0, flags) : 0;
	bool good = len ? output_reserve(s, len, &s->why) : ovsdb_refuse(&s->why, OVSDB_NO_MEMORY);

	if (good)
		good = json_dumpb(message, s->output + s->output_len, len, flags) == len ||
		       ovsdb_refuse(&s->why, OVSDB_NO_MEMORY);
	if (good)
		s->output_len += len;
	json_decref(message);
	return good || ovsdb_break(s);
}

const struct ovsdb_request *ovsdb_asked(const struct ovsdb_session *s, enum ovsdb_request_kind kind)
{
	for (unsigned i = 0; i < OVSDB_REQUESTS_MAX; i++)
		if (s->request[i].kind == kind)
			return &s->request[i];
	return NULL;
}

static unsigned places_free(const struct ovsdb_session *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < OVSDB_REQUESTS_MAX; i++)
		count += s->request[i].kind == REQUEST_NONE;
	return count;
}

bool ovsdb_ask_has_room(const struct ovsdb_session *s, const json_t *operations)
{
	size_t len = s->output_len - s->output_sent + json_dumpb(operations, NULL, 0, JSON_COMPACT) + REQUEST_LEN;

	return places_free(s) > OVSDB_REQUESTS_KEPT && len <= s->params.message_len;
}

static struct ovsdb_request *place_find(struct ovsdb_session *s)
{
	for (unsigned i = 0; i < OVSDB_REQUESTS_MAX; i++)
		if (s->request[i].kind == REQUEST_NONE)
			return &s->request[i];
	return NULL;
}

/* request_send takes params. */
static struct ovsdb_request *request_send(struct ovsdb_session *s, enum ovsdb_request_kind kind, const char *method,
					  json_t *params, uint64_t now_ns)
{
	struct ovsdb_request *request = place_find(s);

	if (!request) {
		json_decref(params);
		ovsdb_refuse(&s->why, "it has not answered %u requests", OVSDB_REQUESTS_MAX);
		ovsdb_break(s);
		return NULL;
	}
	*request = (struct ovsdb_request){ .kind = kind, .id = ++s->last_id, .asked_ns = now_ns };
	if (ovsdb_send(s, json_pack("{s:s, s:o, s:I}", "method", method, "params", params, "id", request->id)))
		return request;
	request->kind = REQUEST_NONE;
	return NULL;
}

static json_t *columns_json(const struct ovsdb_table *table)
{
	json_t *columns = json_array();

	for (unsigned i = 0; i < table->column_count; i++)
		columns = ovsdb_append(columns, json_string(table->column[i].name));
	return columns;
}

void ovsdb_ask_server(struct ovsdb_session *s, uint64_t now_ns)
{
	const char *database = s->params.wanted->database;

	if (!request_send(s, REQUEST_AWARE, "set_db_change_aware", json_pack("[b]", 1), now_ns))
		return;
	request_send(s, REQUEST_SERVER, "monitor_cond",
		     json_pack("[s, s, {s:[{s:o, s:[[s, s, s]]}]}]", ovsdb_server_wanted.database,
			       OVSDB_MONITOR_SERVER, ovsdb_server_wanted.table[0].name, "columns",
			       columns_json(&ovsdb_server_wanted.table[0]), "where", "name", "==", database),
		     now_ns);
}

/* ovsdb_ask_index is also the probe.  Following the column would bring an update for every transaction of the whole database. */
void ovsdb_ask_index(struct ovsdb_session *s, uint64_t now_ns)
{
	s->index_asked_ns = now_ns;
	request_send(s, REQUEST_INDEX, "transact",
		     json_pack("[s, {s:s, s:s, s:[[s, s, s]], s:[s]}]", ovsdb_server_wanted.database, "op", "select",
			       "table", ovsdb_server_wanted.table[0].name, "where", "name",
			       "==", s->params.wanted->database, "columns", "index"),
		     now_ns);
}

void ovsdb_ask_schema(struct ovsdb_session *s, uint64_t now_ns)
{
	request_send(s, REQUEST_SCHEMA, "get_schema", json_pack("[s]", s->params.wanted->database), now_ns);
}

static json_t *where_json(const struct ovsdb_session *s, unsigned table)
{
	return s->where[table] ? json_deep_copy(s->where[table]) : json_pack("[b]", 1);
}

void ovsdb_ask_rows(struct ovsdb_session *s, uint64_t now_ns)
{
	static const struct ovsdb_uuid none;
	const struct ovsdb_wanted *wanted = s->params.wanted;
	json_t *tables = json_object();
	char last[OVSDB_UUID_LEN + 1];

	for (unsigned i = 0; i < wanted->table_count; i++)
		tables = ovsdb_put(
		    tables, wanted->table[i].name,
		    json_pack("[{s:o, s:o}]", "columns", columns_json(&wanted->table[i]), "where", where_json(s, i)));
	ovsdb_uuid_write(&s->last, last);
	s->whole = memcmp(&s->last, &none, sizeof(none)) == 0;
	s->where_open = false;
	request_send(s, REQUEST_ROWS, "monitor_cond_since",
		     json_pack("[s, s, o, s]", wanted->database, OVSDB_MONITOR_ROWS, tables, last), now_ns);
}

void ovsdb_ask_where(struct ovsdb_session *s, uint64_t now_ns)
{
	json_t *tables = json_object();

	for (unsigned i = 0; i < s->params.wanted->table_count; i++)
		tables = ovsdb_put(tables, s->params.wanted->table[i].name,
				   json_pack("[{s:o}]", "where", where_json(s, i)));
	request_send(s, REQUEST_WHERE, "monitor_cond_change",
		     json_pack("[s, s, o]", OVSDB_MONITOR_ROWS, OVSDB_MONITOR_ROWS, tables), now_ns);
}

void ovsdb_ask_transaction(struct ovsdb_session *s, json_t *operations, ovsdb_transacted *done, void *context,
			   uint64_t now_ns)
{
	struct ovsdb_request *request;

	if (json_array_insert_new(operations, 0, json_string(s->params.wanted->database)) != 0) {
		json_decref(operations);
		operations = NULL; /* what json_pack() makes of it is refused as want of memory */
	}
	request = request_send(s, REQUEST_TRANSACTION, "transact", operations, now_ns);
	if (request) {
		request->done = done;
		request->context = context;
	}
}
