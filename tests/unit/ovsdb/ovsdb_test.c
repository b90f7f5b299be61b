/* SPDX-License-Identifier: BSD-2-Clause */
/* What no real server shows at will: limits to the byte, clocks, chance, and want of memory.  With servers: tests/fleet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "ovsdb/ovsdb_atom.h"
#include "ovsdb/ovsdb_retry.h"
#include "ovsdb/ovsdb_session.h"
#include "ovsdb/ovsdb_stream.h"

/* Memory fails at the allocation that this counts down to; 0: never. */
static unsigned fails_at;
static size_t largest; /* bytes that were asked for at once, to grow an array */

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *old, size_t len);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *old, size_t len);
char *__wrap_strdup(const char *text);

static bool memory_fails(void)
{
	return fails_at && --fails_at == 0;
}

void *__wrap_malloc(size_t len)
{
	return memory_fails() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t len)
{
	return memory_fails() ? NULL : __real_calloc(count, len);
}

void *__wrap_realloc(void *old, size_t len)
{
	largest = len > largest ? len : largest;
	return memory_fails() ? NULL : __real_realloc(old, len);
}

char *__wrap_strdup(const char *text)
{
	return memory_fails() ? NULL : __real_strdup(text);
}

/* stream_takes: whether a message is taken by a stream of these limits, in pieces of some length. */
static bool stream_takes(const char *text, size_t max_len, size_t max_count, size_t piece, struct ovsdb_why *why)
{
	struct ovsdb_stream stream = { .max_len = max_len, .max_count = max_count };
	size_t len = strlen(text), used;
	json_t *message = NULL;
	bool good = true;

	for (size_t at = 0; good && at < len && !message; at += used)
		good =
		    ovsdb_stream_take(&stream, text + at, len - at < piece ? len - at : piece, &used, &message, why);
	good = good && message;
	json_decref(message);
	ovsdb_stream_reset(&stream);
	return good;
}

static void limits_are_exact(void **state)
{
	static const char text[] =
	    "{\"a\": [1, true, {\"b\\\"]\": \"}\\\\\"}, -1.5]}"; /* 9 values: objects 2, list, names 2, 4 others */
	char deep[2 * OVSDB_DEPTH_MAX + 16] = "{\"a\":";
	struct ovsdb_why why;

	(void)state;
	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		assert_true(stream_takes(text, sizeof(text) - 1, 9, piece, &why));
		assert_false(stream_takes(text, sizeof(text) - 2, 9, piece, &why));
		assert_string_equal(why.text, "it sent a message of more than 38 bytes");
		assert_false(stream_takes(text, sizeof(text) - 1, 8, piece, &why));
		assert_string_equal(why.text, "it sent a message of more than 8 values");
	}
	for (unsigned i = 0; i < OVSDB_DEPTH_MAX - 1; i++) {
		strcat(deep, "[");
	}
	for (unsigned i = 0; i < OVSDB_DEPTH_MAX - 1; i++)
		strcat(deep, "]");
	strcat(deep, "}");
	assert_true(stream_takes(deep, 1000, 1000, 1, &why));
	memmove(deep + 6, deep + 5, strlen(deep) - 4); /* one more [ */
	assert_false(stream_takes(deep, 1000, 1000, 1, &why));
	assert_string_equal(why.text, "it sent a message of more than 32 levels");
}

static void uuids_have_one_spelling(void **state)
{
	static const char text[] = "0123abcd-4567-89ef-0000-fedcba987654";
	char again[OVSDB_UUID_LEN + 1];
	struct ovsdb_uuid uuid;

	(void)state;
	assert_true(ovsdb_uuid_read(&uuid, text));
	ovsdb_uuid_write(&uuid, again);
	assert_string_equal(text, again);
	for (unsigned i = 0; i < OVSDB_UUID_LEN; i++) {
		memcpy(again, text, sizeof(again));
		again[i] = 'A';
		assert_false(ovsdb_uuid_read(&uuid, again));
		again[i] = '\0';
		assert_false(ovsdb_uuid_read(&uuid, again));
	}
	assert_false(ovsdb_uuid_read(&uuid, "0123abcd-4567-89ef-0000-fedcba9876540"));
}

static struct ovsdb_datum map_of(const struct ovsdb_type *type, const int *value, unsigned count)
{
	struct ovsdb_datum datum;
	struct ovsdb_why why;
	json_t *list = json_array(), *json;

	for (unsigned key = 0; key < count; key++)
		if (value[key])
			json_array_append_new(list, json_pack("[i, i]", (int)key, value[key]));
	json = json_pack("[s, o]", "map", list);
	assert_true(ovsdb_datum_read_difference(&datum, type, json, &why));
	json_decref(json);
	return datum;
}

/* Every map of three keys with two values, and every difference to every other, as ovsdb-server(7) words it. */
static void differences_of_maps(void **state)
{
	static const struct ovsdb_type type = { OVSDB_INTEGER, OVSDB_INTEGER, 0, UINT_MAX };
	int from[3], to[3], difference[3];
	struct ovsdb_why why;

	(void)state;
	for (unsigned i = 0; i < 27 * 27; i++) {
		struct ovsdb_datum before, after, said, made;

		for (unsigned k = 0, rest = i; k < 3; k++, rest /= 9) {
			from[k] = (int)(rest % 3);
			to[k] = (int)(rest / 3 % 3);
			difference[k] = from[k] == to[k] ? 0 : to[k] ? to[k] : from[k];
		}
		before = map_of(&type, from, 3);
		after = map_of(&type, to, 3);
		said = map_of(&type, difference, 3);
		assert_true(ovsdb_datum_patch(&made, &type, &before, &said, &why));
		assert_true(ovsdb_datum_equal(&type, &made, &after));
		ovsdb_datum_fini(&type, &before);
		ovsdb_datum_fini(&type, &after);
		ovsdb_datum_fini(&type, &said);
		ovsdb_datum_fini(&type, &made);
	}
}

/* Of many clients that lose their server at once, about as many come back in each tenth of the first wait, and to each other server. */
static void who_comes_back_is_spread(void **state)
{
	unsigned tenth[10] = { 0 }, server[3] = { 0 };

	(void)state;
	for (uint64_t seed = 0; seed < 3000; seed++) {
		struct ovsdb_retry retry;
		uint64_t wait;

		ovsdb_retry_init(&retry, 3, 0, SECOND_NS, seed);
		wait = ovsdb_retry_failed(&retry, OVSDB_RETRY_GOOD * SECOND_NS, false);
		assert_true(wait <= SECOND_NS);
		tenth[wait / (SECOND_NS / 10 + 1)]++;
		server[retry.at]++;
	}
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(tenth[i], 200, 400);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(server[i], 850, 1150);
}

/* The near ones come first, in any order, and all twice before the others; from there each of them is tried in its turn. */
static void near_ones_come_first(void **state)
{
	unsigned begun[2] = { 0 }, other[3] = { 0 };

	(void)state;
	for (uint64_t seed = 0; seed < 600; seed++) {
		struct ovsdb_retry retry;
		unsigned first, home;

		ovsdb_retry_init(&retry, 5, 2, SECOND_NS, seed);
		first = retry.at;
		assert_true(first < 2);
		begun[first]++;
		ovsdb_retry_failed(&retry, 0, false);
		assert_int_equal(retry.at, 1 - first);
		assert_true(ovsdb_retry_failed(&retry, 0, true) >= SECOND_NS);
		assert_int_equal(retry.at, first); /* once more, after a while */
		ovsdb_retry_failed(&retry, 0, false);
		assert_int_equal(retry.at, 1 - first);
		ovsdb_retry_failed(&retry, 0, false);
		assert_in_range(retry.at, 2, 4);
		other[retry.at - 2]++;
		home = ovsdb_retry_home(&retry);
		assert_true(home < 2);
		assert_in_range(retry.at, 2, 4);
		assert_int_equal(ovsdb_retry_home(&retry), 1 - home);
		ovsdb_retry_homed(&retry);
		assert_int_equal(retry.at, 1 - home);
		for (unsigned i = 0; i < 7; i++)
			ovsdb_retry_failed(&retry, 0, false);
		assert_int_equal(retry.at, 1 - home); /* after all of them */
	}
	assert_in_range(begun[0], 250, 350);
	for (unsigned i = 0; i < 3; i++)
		assert_in_range(other[i], 150, 250);
}

static void waits_double_with_each_round(void **state)
{
	struct ovsdb_retry retry;
	unsigned first;

	(void)state;
	ovsdb_retry_init(&retry, 3, 0, SECOND_NS, 7);
	first = retry.at;
	for (unsigned round = 0; round < 12; round++) {
		uint64_t most = (round < 2 ? 1u << round : OVSDB_RETRY_LAST) * SECOND_NS, wait;

		assert_true(ovsdb_retry_failed(&retry, 0, false) <= (round ? SECOND_NS / 4 : SECOND_NS));
		assert_true(ovsdb_retry_failed(&retry, 0, false) <= SECOND_NS / 4);
		wait = ovsdb_retry_failed(&retry, round ? OVSDB_RETRY_GOOD * SECOND_NS - 1 : 0, false);
		assert_true(wait >= most / 2 && wait <= most);
		assert_int_equal(retry.at, first); /* all have been tried */
	}
	ovsdb_retry_failed(&retry, OVSDB_RETRY_GOOD * SECOND_NS, false);
	ovsdb_retry_failed(&retry, 0, false);
	assert_true(ovsdb_retry_failed(&retry, 0, false) <= SECOND_NS); /* the first round again */
}

#define UUID "00000000-0000-4000-8000-000000000001"

static const struct ovsdb_column columns[] = { { "name", OVSDB_STRING, OVSDB_VOID },
					       { "map", OVSDB_STRING, OVSDB_INTEGER } };
static const struct ovsdb_table tables[] = { { "T", columns, 2 } };
static const struct ovsdb_wanted wanted = { "D", tables, 1 };
static const char *const judged[] = {
	"{\"id\":1,\"result\":{},\"error\":null}",
	"{\"id\":2,\"error\":null,\"result\":{\"Database\":{\"" UUID
	"\":{\"initial\":{\"name\":\"D\",\"connected\":true}}}}}",
	"{\"id\":3,\"error\":null,\"result\":[{\"rows\":[{\"index\":4}]}]}",
	"{\"id\":4,\"error\":null,\"result\":{\"name\":\"D\",\"tables\":{\"T\":{\"columns\":{\"name\":{\"type\":"
	"\"string\"},"
	"\"map\":{\"type\":{\"key\":\"string\",\"value\":\"integer\",\"min\":0,\"max\":9}}}}}}}",
	"{\"id\":5,\"error\":null,\"result\":[false,\"" UUID "\",{\"T\":{\"" UUID
	"\":{\"initial\":{\"name\":\"x\"}}}}]}",
};
static const char changed[] = "{\"method\":\"update3\",\"id\":null,\"params\":[\"rows\",\"" UUID "\",{\"T\":{\"" UUID
			      "\":{\"modify\":{\"map\":[\"map\",[[\"a\",1],[\"b\",2]]]}}}}]}";

static bool session_hear(struct ovsdb_session *s, const char *text, uint64_t now_ns)
{
	return ovsdb_session_receive(s, text, strlen(text), now_ns);
}

static bool session_follow(struct ovsdb_session *s, uint64_t now_ns)
{
	bool good = ovsdb_session_begin(s, now_ns);

	for (unsigned i = 0; good && i < 5; i++)
		good = session_hear(s, judged[i], now_ns);
	return good;
}

static void a_silent_server_is_asked_and_given_up(void **state)
{
	const struct ovsdb_session_params params = { .wanted = &wanted };
	const uint64_t begun = 1000 * SECOND_NS, minute = 60 * SECOND_NS;
	struct ovsdb_session *s = ovsdb_session_create(&params);
	size_t len;

	(void)state;
	assert_true(session_follow(s, begun));
	ovsdb_session_output(s, &len);
	ovsdb_session_sent(s, len);
	assert_int_equal(ovsdb_session_wake_ns(s), begun + minute);
	assert_true(ovsdb_session_tick(s, begun - 500 * SECOND_NS)); /* a clock that jumps back is no reason */
	assert_true(ovsdb_session_tick(s, begun + minute - 1));
	assert_null(ovsdb_session_output(s, &len));
	assert_true(ovsdb_session_tick(s, begun + minute));
	assert_non_null(strstr(ovsdb_session_output(s, &len), "\"index\"")); /* asked */
	assert_int_equal(ovsdb_session_wake_ns(s), begun + 2 * minute);
	assert_true(
	    session_hear(s, "{\"id\":6,\"error\":null,\"result\":[{\"rows\":[{\"index\":5}]}]}", begun + minute));
	assert_int_equal(ovsdb_session_wake_ns(s), begun + 2 * minute); /* the next question */
	assert_true(ovsdb_session_tick(s, begun + 2 * minute));
	assert_true(ovsdb_session_tick(s, begun + 3 * minute - 1));
	assert_false(ovsdb_session_tick(s, begun + 3 * minute));
	assert_string_equal(ovsdb_session_why(s), "it has not answered for 60 s");
	ovsdb_session_destroy(s);
}

/* A server that never takes the last byte does not make the buffer grow for ever. */
static void output_is_bounded(void **state)
{
	const struct ovsdb_session_params params = { .wanted = &wanted, .message_len = 8192 };
	static const char echo[] = "{\"method\":\"echo\",\"id\":1,\"params\":[]}";
	struct ovsdb_session *s = ovsdb_session_create(&params);
	unsigned echoes = 0;
	size_t len;

	(void)state;
	assert_true(session_follow(s, 1));
	largest = 0;
	for (; session_hear(s, echo, 1) && echoes < 100000; echoes++) {
		ovsdb_session_output(s, &len);
		ovsdb_session_sent(s, len - 1); /* so that it is never empty */
	}
	assert_int_equal(echoes, 100000);
	assert_true(largest <= 2 * 8192);
	while (session_hear(s, echo, 1))
		;
	assert_string_equal(ovsdb_session_why(s), "it does not read what is sent to it");
	assert_true(largest <= 2 * 8192);
	ovsdb_session_destroy(s);
}

static void end_tell(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	(void)results, (void)why;
	*(enum ovsdb_outcome *)context = outcome;
}

static json_t *operations_of(size_t len)
{
	char *text = calloc(1, len + 1);
	json_t *operations;

	memset(text, 'x', len);
	operations = json_pack("[s]", text);
	free(text);
	return operations;
}

static void transactions_that_do_not_fit(void **state)
{
	const struct ovsdb_session_params params = { .wanted = &wanted, .message_len = 8192 };
	struct ovsdb_session *s = ovsdb_session_create(&params);
	enum ovsdb_outcome outcome = OVSDB_CONFLICT;
	struct ovsdb_why why;
	unsigned count = 0;
	size_t len;

	(void)state;
	assert_true(session_follow(s, 1));
	ovsdb_session_output(s, &len);
	ovsdb_session_sent(s, len);
	assert_false(ovsdb_session_transact(s, operations_of(8192), end_tell, &outcome, 1, &why));
	assert_string_equal(why.text, "it has more than 8192 bytes, or too many are under way");
	while (ovsdb_session_transact(s, operations_of(10), end_tell, &outcome, 1, &why))
		count++;
	assert_int_equal(count, 48);
	assert_true(session_hear(s, "{\"id\":6,\"error\":null,\"result\":[{}]}",
				 1)); /* none of which has cost the connection */
	assert_int_equal(outcome, OVSDB_COMMITTED);
	assert_false(session_hear(s, "{\"id\":7,\"error\":null,\"result\":{}}", 1));
	assert_string_equal(ovsdb_session_why(s), "it answered a transaction without results");
	assert_int_equal(outcome, OVSDB_LOST);
	ovsdb_session_destroy(s);
}

/* session_changes: one life with two connections; what it knows is one of the two states that there were, and true where it says so. */
static bool session_changes(unsigned fail)
{
	const struct ovsdb_session_params params = { .wanted = &wanted };
	struct ovsdb_session *s;
	const struct ovsdb_row *row;
	bool done;

	fails_at = fail;
	s = ovsdb_session_create(&params);
	if (!s)
		return false;
	done = session_follow(s, 1) && session_hear(s, changed, 1);
	if (!done)
		assert_non_null(strstr(ovsdb_session_why(s), OVSDB_NO_MEMORY));
	ovsdb_session_end(s);
	row = ovsdb_rows_next(ovsdb_session_rows(s), 0, NULL);
	assert_true(!row || row->column[1].count == 0 || row->column[1].count == 2);
	assert_true(!done || (row && row->column[1].count == 2));
	fail = fails_at;
	fails_at = 0;
	assert_true(session_follow(s, 2)); /* and afterwards it begins again */
	assert_int_equal(ovsdb_rows_count(ovsdb_session_rows(s), 0), 1);
	ovsdb_session_destroy(s);
	return done && fail;
}

static void memory_runs_out_anywhere(void **state)
{
	unsigned fail = 1;

	(void)state;
	while (!session_changes(fail))
		fail++;
	print_message("%u allocations, each failed in turn\n", fail - 1);
	assert_true(fail > 20);
}

/*
 * What jansson asks for, while nothing is parsed: its parser writes behind its buffer when it gets none (2.14).  What goes out is whole,
 * or does not go out.
 */
static void what_is_said_is_whole(void **state)
{
	const struct ovsdb_session_params params = { .wanted = &wanted };
	unsigned fail;

	(void)state;
	json_set_alloc_funcs(__wrap_malloc, free);
	for (fail = 1;; fail++) {
		struct ovsdb_session *s = ovsdb_session_create(&params);
		json_t *whole, *saved;
		bool broken;
		size_t len;

		assert_true(session_follow(s, 1) && session_hear(s, changed, 1));
		ovsdb_session_output(s, &len);
		ovsdb_session_sent(s, len);
		whole = ovsdb_session_save(s);
		fails_at = fail;
		saved = ovsdb_session_save(s);
		fails_at = saved ? fails_at : 0;
		assert_true(!saved || json_equal(whole, saved));
		ovsdb_session_where(s, 0, json_pack("[b]", 0), 1);
		broken = fails_at != 0 || !saved; /* nothing has failed yet: so nothing more is to be tried */
		fails_at = 0;
		if (ovsdb_session_tick(s, 1)) {
			const char *said = ovsdb_session_output(s, &len);

			assert_true(!said || (len > 10 && memmem(said, len, "\"T\":[{\"where\":", 14)));
		}
		json_decref(whole);
		json_decref(saved);
		ovsdb_session_destroy(s);
		if (saved && broken)
			break;
	}
	json_set_alloc_funcs(__real_malloc, free);
	print_message("%u allocations, each failed in turn\n", fail - 1);
	assert_true(fail > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_exact),
		cmocka_unit_test(uuids_have_one_spelling),
		cmocka_unit_test(differences_of_maps),
		cmocka_unit_test(who_comes_back_is_spread),
		cmocka_unit_test(near_ones_come_first),
		cmocka_unit_test(waits_double_with_each_round),
		cmocka_unit_test(a_silent_server_is_asked_and_given_up),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(transactions_that_do_not_fit),
		cmocka_unit_test(what_is_said_is_whole),
		cmocka_unit_test(memory_runs_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
