/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a server of OVSDB sends, twice, to one client: its rows stay what was told of them, what it says is JSON, each transaction is
 * told its end, and what it saves is what it takes.  Inputs that begin with '+' come after a server has been judged and has sent a row, others from the first byte.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "ovsdb/ovsdb_session.h"

enum { SENT_MAX = 32 << 10, ROWS_MAX = 256 << 10 };

static const struct ovsdb_column columns[] = {
	{ "name", OVSDB_STRING, OVSDB_VOID },   { "set", OVSDB_INTEGER, OVSDB_VOID },
	{ "map", OVSDB_STRING, OVSDB_INTEGER }, { "on", OVSDB_BOOLEAN, OVSDB_VOID },
	{ "ref", OVSDB_UUID, OVSDB_VOID },      { "part", OVSDB_REAL, OVSDB_VOID },
};
static const struct ovsdb_table tables[] = { { "T", columns, 6 } };
static const struct ovsdb_wanted wanted = { "D", tables, 1 };

#define UUID "00000000-0000-4000-8000-000000000001"

static const char prologue[] =
    "{\"id\":1,\"result\":{},\"error\":null}"
    "{\"id\":2,\"error\":null,\"result\":{\"Database\":{\"" UUID
    "\":{\"initial\":{\"name\":\"D\",\"model\":\"standalone\","
    "\"connected\":true,\"leader\":true}}}}}"
    "{\"id\":3,\"error\":null,\"result\":[{\"rows\":[{\"index\":4}]}]}"
    "{\"id\":4,\"error\":null,\"result\":{\"name\":\"D\",\"version\":\"1.0.0\",\"tables\":{\"T\":{\"columns\":{"
    "\"name\":{\"type\":\"string\"},\"set\":{\"type\":{\"key\":\"integer\",\"min\":0,\"max\":4}},"
    "\"map\":{\"type\":{\"key\":\"string\",\"value\":\"integer\",\"min\":0,\"max\":\"unlimited\"}},\"on\":{\"type\":"
    "\"boolean\"},"
    "\"ref\":{\"type\":{\"key\":\"uuid\",\"min\":0,\"max\":1}},\"part\":{\"type\":\"real\"}}}}}}"
    "{\"id\":5,\"error\":null,\"result\":[false,\"" UUID "\",{\"T\":{\"" UUID "\":{\"initial\":{\"name\":\"x\"}}}}]}";

static struct {
	struct ovsdb_session *session;
	size_t rows;      /* that were told */
	unsigned waiting; /* transactions that were not told their end */
} talk;

static void row_told(void *context, unsigned table, const struct ovsdb_row *before, const struct ovsdb_row *after)
{
	(void)context;
	fuzz_check(table == 0 && (before || after));
	talk.rows += !before;
	talk.rows -= !after;
}

static void end_told(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	(void)context;
	fuzz_check(talk.waiting > 0 && (outcome != OVSDB_LOST || !results) && strlen(why) < sizeof(struct ovsdb_why));
	talk.waiting--;
}

/* output_check: whole messages. */
static void output_check(void)
{
	size_t len;
	const char *bytes = ovsdb_session_output(talk.session, &len);

	for (size_t at = 0; at < len;) {
		json_error_t wrong;
		json_t *message = json_loadb(bytes + at, len - at, JSON_DISABLE_EOF_CHECK, &wrong);

		fuzz_check(json_is_object(message));
		at += (size_t)wrong.position;
		json_decref(message);
	}
	ovsdb_session_sent(talk.session, len);
}

static void rows_check(void)
{
	const struct ovsdb_rows *rows = ovsdb_session_rows(talk.session);
	size_t count = 0;

	for (const struct ovsdb_row *row = NULL; (row = ovsdb_rows_next(rows, 0, row)) != NULL; count++)
		fuzz_check(ovsdb_rows_find(rows, 0, &row->uuid) == row);
	fuzz_check(count == talk.rows && count == ovsdb_rows_count(rows, 0) && ovsdb_rows_len(rows) <= ROWS_MAX);
}

/* server_talk: one connection; in pieces, so that each byte is the last of one at some length of input. */
static void server_talk(const char *data, size_t len, bool judged, uint64_t now)
{
	struct ovsdb_why why;
	json_t *operations = json_array();
	bool good = ovsdb_session_begin(talk.session, now);

	if (judged && good)
		good = ovsdb_session_receive(talk.session, prologue, sizeof(prologue) - 1, now);
	talk.waiting +=
	    good && ovsdb_session_transact(talk.session, json_incref(operations), end_told, NULL, now, &why);
	json_decref(operations);
	for (size_t at = 0; good && at < len; at += 61) {
		good = ovsdb_session_receive(talk.session, data + at, len - at < 61 ? len - at : 61, now);
		output_check();
		rows_check();
	}
	fuzz_check(good == ovsdb_session_tick(talk.session, now) || !good);
	fuzz_check(good || ovsdb_session_why(talk.session)[0]);
	ovsdb_session_end(talk.session);
	fuzz_check(talk.waiting == 0);
}

/* saved_check: what is saved is taken, and is saved as the same again. */
static void saved_check(const struct ovsdb_session_params *params)
{
	struct ovsdb_session *again = ovsdb_session_create(params);
	json_t *saved = ovsdb_session_save(talk.session), *twice;
	struct ovsdb_why why;

	fuzz_check(again);
	if (saved) {
		fuzz_check(ovsdb_session_restore(again, saved, &why));
		twice = ovsdb_session_save(again);
		fuzz_check(twice && json_equal(saved, twice));
		json_decref(twice);
	}
	json_decref(saved);
	ovsdb_session_destroy(again);
}

void fuzz_ovsdb(const uint8_t *data, size_t len)
{
	struct ovsdb_session_params params = { .wanted = &wanted,
					       .message_len = SENT_MAX,
					       .value_count = 4096,
					       .rows_len = ROWS_MAX,
					       .changed = row_told };
	bool judged = len && data[0] == '+';

	if (len > SENT_MAX)
		return;
	talk.rows = 0;
	talk.session = ovsdb_session_create(&params);
	fuzz_check(talk.session);
	for (unsigned i = 0; i < 2; i++)
		server_talk((const char *)data + judged, len - judged, judged, i * SECOND_NS);
	saved_check(&params);
	ovsdb_session_destroy(talk.session);
}
