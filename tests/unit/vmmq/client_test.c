/* SPDX-License-Identifier: BSD-2-Clause */
/* The client against a daemon that answers, refuses, tells events, and sends all of that in any pieces. */
#include "unit/hang.h"
#include "unit/vmmq/client_script.h"

#include <poll.h>

static void play_twice(int fd)
{
	char line[256];

	script_take_line(fd, line, sizeof(line));
	script_put(
	    fd,
	    strcmp(line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"vport.show\",\"params\":{\"vport\":\"web\"}}")
		? "{\"id\":1,\"error\":{\"code\":1,\"message\":\"another request\"}}\n"
		: "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"vport\":3}}\n");
	script_take_line(fd, line, sizeof(line));
	script_put(fd, strcmp(line, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"adapter.show\"}")
			   ? "{\"id\":2,\"error\":{\"code\":1,\"message\":\"another request\"}}\n"
			   : "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n");
}

static void calls_are_answered(void **state)
{
	struct client *client = server_start(play_twice);
	struct client_error error;
	json_t *result;

	(void)state;
	result = client_call(client, "vport.show", json_pack("{ss}", "vport", "web"), &error);
	assert_string_equal(error.text, "");
	assert_int_equal(json_integer_value(json_object_get(result, "vport")), 3);
	json_decref(result);
	result = client_call(client, "adapter.show", NULL, &error);
	assert_string_equal(error.text, "");
	assert_true(json_is_object(result));
	json_decref(result);
	server_stop(client);
}

static void play_refusals(int fd)
{
	script_answer(
	    fd, "{\"id\":1,\"error\":{\"code\":-32000,\"message\":\"vports[id 3].key: bad\",\"data\":{\"status\":"
		"\"INVALID_DATA\",\"field\":\"vports[id 3].key\",\"text\":\"bad\"}}}\n");
	script_answer(fd, "{\"id\":2,\"error\":{\"code\":-32601,\"message\":\"there is no method x\"}}\n");
	script_answer(fd, "{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"not JSON\"}}\n");
}

static void refusals_are_told(void **state)
{
	struct client *client = server_start(play_refusals);
	struct client_error error;

	(void)state;
	assert_null(client_call(client, "rss.set", json_object(), &error));
	assert_int_equal(error.code, -32000);
	assert_string_equal(error.status, "INVALID_DATA");
	assert_string_equal(error.field, "vports[id 3].key");
	assert_string_equal(error.text, "bad");
	assert_null(client_call(client, "x", NULL, &error));
	assert_int_equal(error.code, -32601);
	assert_string_equal(error.field, "");
	assert_string_equal(error.text, "there is no method x");
	assert_null(client_call(client, "x", NULL, &error));
	assert_int_equal(error.code, -32700);
	server_stop(client);
}

static void play_huge(int fd)
{
	char *text = malloc(HUGE_LEN + 1);

	script_answer(fd, "{\"id\":1,\"result\":{\"yaml\":\"");
	memset(text, 'y', HUGE_LEN);
	text[HUGE_LEN] = '\0';
	script_put(fd, text);
	free(text);
	script_put(fd, "\"}}\n{\"method\":\"event\",\"params\":{\"event\":\"a\"}}\n{\"method\":\"eve");
	script_answer(fd, "nt\",\"params\":{\"event\":\"b\"}}\n{\"id\":2,\"res");
	script_put(fd, "ult\":[]}\n");
	script_wait_for_end(fd);
}

static const char *event_name(json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));

	return name ? name : "";
}

static void lines_come_in_any_pieces(void **state)
{
	struct client *client = server_start(play_huge);
	struct client_error error;
	json_t *result = client_call(client, "config.show", NULL, &error), *event;

	(void)state;
	assert_int_equal(json_string_length(json_object_get(result, "yaml")), HUGE_LEN);
	json_decref(result);
	result = client_call(client, "drops.show", NULL, &error);
	assert_true(json_is_array(result));
	json_decref(result);
	for (const char *expected = "ab"; *expected; expected++) {
		event = client_next_event(client, 1000, &error);
		assert_int_equal(event_name(event)[0], *expected);
		json_decref(event);
	}
	assert_null(client_next_event(client, 0, &error));
	assert_string_equal(error.text, "");
	server_stop(client);
}

static void play_events(int fd)
{
	script_answer(fd, "{\"id\":1,\"result\":{}}\n");
	script_put(fd, "{\"method\":\"event\",\"params\":{\"event\":\"vport.added\"}}\n");
}

static void events_are_waited_for(void **state)
{
	struct client *client = server_start(play_events);
	struct client_error error;
	struct pollfd readable = { .fd = client_fd(client), .events = POLLIN };
	json_t *event;

	(void)state;
	assert_int_equal(client_subscribe(client, &error), 0);
	assert_int_equal(poll(&readable, 1, HANG_MS), 1);
	event = client_next_event(client, -1, &error);
	assert_string_equal(event_name(event), "vport.added");
	json_decref(event);
	assert_null(client_next_event(client, -1, &error));
	assert_string_equal(error.text, "vmmqd has closed the connection: has it stopped?");
	server_stop(client);
}

#define MANY 2000

static void play_many(int fd)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	for (int i = 0; i < MANY; i++)
		fprintf(out, "{\"method\":\"event\",\"params\":{\"event\":\"%d\",\"pad\":\"%*s\"}}\n", i, i % 97, "");
	fclose(out);
	script_answer(fd, "{\"id\":1,\"result\":{}}\n");
	script_put(fd, text);
	free(text);
	script_wait_for_end(fd);
}

static void no_event_is_lost_where_the_buffer_ends(void **state)
{
	struct client *client = server_start(play_many);
	struct client_error error;

	(void)state;
	assert_int_equal(client_subscribe(client, &error), 0);
	for (int i = 0; i < MANY; i++) {
		json_t *event = client_next_event(client, 2000, &error);

		assert_non_null(event);
		assert_int_equal(atoi(event_name(event)), i);
		json_decref(event);
	}
	server_stop(client);
}

static void play_late(int fd)
{
	char line[256];

	script_take_line(fd, line, sizeof(line));
	script_put(fd, "{\"id\":1,"); /* half a line, and then silence until the next request */
	script_take_line(fd, line, sizeof(line));
	script_put(fd, "\"result\":{\"late\":true}}\n{\"id\":2,\"result\":{\"late\":false}}\n");
}

static void a_late_answer_is_ignored(void **state)
{
	struct client *client = server_start(play_late);
	struct client_error error;
	json_t *result;

	(void)state;
	client_timeout(client, 100);
	assert_null(client_call(client, "adapter.show", NULL, &error));
	assert_int_equal(error.code, 0);
	assert_string_equal(error.text,
			    "vmmqd has not answered for 0.1 s; what was asked for may still be carried out");
	client_timeout(client, HANG_MS);
	result = client_call(client, "adapter.show", NULL, &error);
	assert_true(json_is_false(json_object_get(result, "late")));
	json_decref(result);
	server_stop(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_answered),
		cmocka_unit_test(refusals_are_told),
		cmocka_unit_test(lines_come_in_any_pieces),
		cmocka_unit_test(events_are_waited_for),
		cmocka_unit_test(no_event_is_lost_where_the_buffer_ends),
		cmocka_unit_test(a_late_answer_is_ignored),
	};

	return cmocka_run_group_tests(tests, server_make_directory, server_remove_directory);
}
