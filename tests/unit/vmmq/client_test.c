/* SPDX-License-Identifier: BSD-2-Clause */
/* The client against a daemon that misbehaves in every way: a thread that plays a script on the socket's other end. */
#include "unit/hang.h"
#include "vmmq/client/client.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

typedef void script(int fd);

static struct {
	char directory[64], path[128];
	int listener;
	pthread_t thread;
	script *play;
} server;

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void *serve(void *unused)
{
	int fd = accept(server.listener, NULL, NULL);

	server.play(fd);
	close(fd);
	return unused;
}

static struct client *start(script *play)
{
	struct client_error error;
	struct client *client;

	server.play = play;
	server.listener = listen_at(server.path);
	assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
	client = client_open(server.path, &error);
	assert_non_null(client);
	return client;
}

static void stop(struct client *client)
{
	client_close(client);
	pthread_join(server.thread, NULL);
	close(server.listener);
	unlink(server.path);
}

/* take_line reads one request; nothing after it is consumed. */
static void take_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len + 1 < size && recv(fd, line + len, 1, 0) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
}

static void put(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		len -= (size_t)sent;
	}
}

/* answer reads a request and sends text. */
static void answer(int fd, const char *text)
{
	char line[4096];

	take_line(fd, line, sizeof(line));
	put(fd, text);
}

static void wait_for_end(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) == 1)
		;
}

static void play_twice(int fd)
{
	char line[256];

	take_line(fd, line, sizeof(line));
	put(fd,
	    strcmp(line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"vport.show\",\"params\":{\"vport\":\"web\"}}")
		? "{\"id\":1,\"error\":{\"code\":1,\"message\":\"another request\"}}\n"
		: "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"vport\":3}}\n");
	take_line(fd, line, sizeof(line));
	put(fd, strcmp(line, "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"adapter.show\"}")
		    ? "{\"id\":2,\"error\":{\"code\":1,\"message\":\"another request\"}}\n"
		    : "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}\n");
}

static void calls_are_answered(void **state)
{
	struct client *client = start(play_twice);
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
	stop(client);
}

static void play_refusals(int fd)
{
	answer(fd, "{\"id\":1,\"error\":{\"code\":-32000,\"message\":\"vports[id 3].key: bad\",\"data\":{\"status\":"
		   "\"INVALID_DATA\",\"field\":\"vports[id 3].key\",\"text\":\"bad\"}}}\n");
	answer(fd, "{\"id\":2,\"error\":{\"code\":-32601,\"message\":\"there is no method x\"}}\n");
	answer(fd, "{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"not JSON\"}}\n");
}

static void refusals_are_told(void **state)
{
	struct client *client = start(play_refusals);
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
	stop(client);
}

#define HUGE_LEN (3u << 20)

static void play_huge(int fd)
{
	char *text = malloc(HUGE_LEN + 1);

	answer(fd, "{\"id\":1,\"result\":{\"yaml\":\"");
	memset(text, 'y', HUGE_LEN);
	text[HUGE_LEN] = '\0';
	put(fd, text);
	free(text);
	put(fd, "\"}}\n{\"method\":\"event\",\"params\":{\"event\":\"a\"}}\n{\"method\":\"eve");
	answer(fd, "nt\",\"params\":{\"event\":\"b\"}}\n{\"id\":2,\"res");
	put(fd, "ult\":[]}\n");
	wait_for_end(fd);
}

static const char *event_name(json_t *event)
{
	const char *name = json_string_value(json_object_get(event, "event"));

	return name ? name : "";
}

static void lines_come_in_any_pieces(void **state)
{
	struct client *client = start(play_huge);
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
	stop(client);
}

static void play_events(int fd)
{
	answer(fd, "{\"id\":1,\"result\":{}}\n");
	put(fd, "{\"method\":\"event\",\"params\":{\"event\":\"vport.added\"}}\n");
}

static void events_are_waited_for(void **state)
{
	struct client *client = start(play_events);
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
	stop(client);
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
	answer(fd, "{\"id\":1,\"result\":{}}\n");
	put(fd, text);
	free(text);
	wait_for_end(fd);
}

static void no_event_is_lost_where_the_buffer_ends(void **state)
{
	struct client *client = start(play_many);
	struct client_error error;

	(void)state;
	assert_int_equal(client_subscribe(client, &error), 0);
	for (int i = 0; i < MANY; i++) {
		json_t *event = client_next_event(client, 2000, &error);

		assert_non_null(event);
		assert_int_equal(atoi(event_name(event)), i);
		json_decref(event);
	}
	stop(client);
}

static void play_late(int fd)
{
	char line[256];

	take_line(fd, line, sizeof(line));
	put(fd, "{\"id\":1,"); /* half a line, and then silence until the next request */
	take_line(fd, line, sizeof(line));
	put(fd, "\"result\":{\"late\":true}}\n{\"id\":2,\"result\":{\"late\":false}}\n");
}

static void a_late_answer_is_ignored(void **state)
{
	struct client *client = start(play_late);
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
	stop(client);
}

/* fails_for_ever expects this and every further call to fail with the text. */
static void fails_for_ever(script *play, const char *text)
{
	struct client *client = start(play);
	struct client_error error;

	for (int i = 0; i < 3; i++) {
		memset(&error, 0xff, sizeof(error));
		assert_null(client_call(client, "adapter.show", NULL, &error));
		assert_int_equal(error.code, 0);
		assert_string_equal(error.text, text);
	}
	assert_null(client_next_event(client, 0, &error));
	assert_string_equal(error.text, text);
	stop(client);
}

static void play_gone_in_answer(int fd)
{
	answer(fd, "{\"id\":1,\"result\":");
}

static void play_gone_at_once(int fd)
{
	(void)fd;
}

static void play_not_json(int fd)
{
	answer(fd, "HTTP/1.1 400 Bad Request\r\n\033[2J\n");
	wait_for_end(fd);
}

static void play_not_rpc(int fd)
{
	answer(fd, "[1, 2]\n");
	wait_for_end(fd);
}

static void play_other_id(int fd)
{
	answer(fd, "{\"id\":7,\"result\":{}}\n");
	wait_for_end(fd);
}

static void play_no_result(int fd)
{
	answer(fd, "{\"id\":1}\n");
	wait_for_end(fd);
}

static void lost_connections_are_told(void **state)
{
	(void)state;
	fails_for_ever(play_gone_in_answer, "vmmqd has closed the connection: has it stopped?");
	fails_for_ever(play_gone_at_once, "vmmqd has closed the connection: has it stopped?");
}

static void other_servers_are_told(void **state)
{
	(void)state;
	fails_for_ever(play_not_json, "the answer is not JSON, so this is not vmmqd: \"HTTP/1.1 400 Bad Request?\"");
	fails_for_ever(play_not_rpc, "the answer is not JSON-RPC, so this is not vmmqd: \"[1, 2]\"");
	fails_for_ever(play_other_id,
		       "the answer is not JSON-RPC, so this is not vmmqd: \"{\"id\":7,\"result\":{}}\"");
	fails_for_ever(play_no_result, "the answer is not JSON-RPC, so this is not vmmqd: \"{\"id\":1}\"");
}

static void play_deaf(int fd)
{
	char byte;

	/* until the client has closed: what it has sent is there, and is not read before */
	while (recv(fd, &byte, 1, MSG_PEEK) > 0) {
		struct pollfd end = { .fd = fd, .events = POLLRDHUP };

		poll(&end, 1, -1);
		if (end.revents & (POLLRDHUP | POLLHUP))
			return;
	}
}

static void a_deaf_daemon_is_told(void **state)
{
	struct client *client = start(play_deaf);
	char *text = malloc(HUGE_LEN + 1);
	struct client_error error;

	(void)state;
	memset(text, 'y', HUGE_LEN);
	text[HUGE_LEN] = '\0';
	client_timeout(client, 100);
	assert_null(client_call(client, "config.apply", json_pack("{ss}", "yaml", text), &error));
	assert_string_equal(error.text, "vmmqd has read nothing for 0.1 s");
	free(text);
	stop(client);
}

static void refused(const char *path, const char *text)
{
	struct client_error error;

	assert_null(client_open(path, &error));
	assert_int_equal(error.code, 0);
	assert_string_equal(error.text, text);
}

static void sockets_that_are_none(void **state)
{
	char text[512], path[256], old[128];
	FILE *file;

	(void)state;
	snprintf(text, sizeof(text), "there is no socket %s: is vmmqd running?", server.path);
	refused(server.path, text);
	close(listen_at(server.path));
	snprintf(text, sizeof(text), "nobody listens at %s: is vmmqd running?", server.path);
	refused(server.path, text);
	unlink(server.path);
	file = fopen(server.path, "w");
	assert_non_null(file);
	fclose(file);
	snprintf(text, sizeof(text), "%s is not a socket", server.path);
	refused(server.path, text);
	snprintf(path, sizeof(path), "%s/x", server.path);
	snprintf(text, sizeof(text), "there is no socket %s: is vmmqd running?", path);
	refused(path, text);
	unlink(server.path);
	refused("", "\"\" cannot be a socket: a path of 1 to 107 bytes is needed");
	memset(old, 'a', sizeof(old) - 1);
	old[sizeof(old) - 1] = '\0';
	snprintf(text, sizeof(text), "\"%s\" cannot be a socket: a path of 1 to 107 bytes is needed", old);
	refused(old, text);
}

static void strangers_are_told(void **state)
{
	char text[512];
	int fd;

	(void)state;
	if (geteuid() == 0 && seteuid(65534)) {
		print_message("no other user to be\n");
		skip();
	}
	if (geteuid() == 65534)
		assert_int_equal(seteuid(0), 0);
	fd = listen_at(server.path);
	chmod(server.path, 0);
	chmod(server.directory, 0711);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	snprintf(text, sizeof(text), "no permission for %s: you are not in group", server.path);
	{
		struct client_error error;

		assert_null(client_open(server.path, &error));
		assert_memory_equal(error.text, text, strlen(text));
	}
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	close(fd);
	unlink(server.path);
}

static void the_default_path(void **state)
{
	struct client_error error;
	char text[512];

	(void)state;
	if (access("/run/vmmq/vmmq.sock", F_OK) == 0) {
		print_message("a vmmqd runs here\n");
		skip();
	}
	setenv("VMMQ_SOCKET", "/chosen", 1);
	refused(NULL, "there is no socket /chosen: is vmmqd running?");
	setenv("VMMQ_SOCKET", "", 1);
	setenv("XDG_RUNTIME_DIR", server.directory, 1);
	if (geteuid() == 0) {
		refused(NULL, "there is no socket /run/vmmq/vmmq.sock: is vmmqd running?");
		chmod(server.directory, 0711);
		assert_int_equal(seteuid(65534), 0);
	}
	snprintf(text, sizeof(text), "there is no socket %s/vmmq/vmmq.sock: is vmmqd running?", server.directory);
	assert_null(client_open(NULL, &error));
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_string_equal(error.text, text);
	unsetenv("XDG_RUNTIME_DIR");
}

static int make_directory(void **state)
{
	(void)state;
	snprintf(server.directory, sizeof(server.directory), "/tmp/vmmq-client-XXXXXX");
	if (!mkdtemp(server.directory))
		return -1;
	snprintf(server.path, sizeof(server.path), "%s/s", server.directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	return rmdir(server.directory);
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
		cmocka_unit_test(lost_connections_are_told),
		cmocka_unit_test(other_servers_are_told),
		cmocka_unit_test(a_deaf_daemon_is_told),
		cmocka_unit_test(sockets_that_are_none),
		cmocka_unit_test(strangers_are_told),
		cmocka_unit_test(the_default_path),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
