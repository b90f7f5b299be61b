/* SPDX-License-Identifier: BSD-2-Clause */
/* The client where there is no daemon, another one, one that does not listen, or one that goes away. */
#include "unit/vmmq/client_script.h"

#include <poll.h>
#include <sys/stat.h>

/* fails_for_ever expects this and every further call to fail with the text. */
static void fails_for_ever(script *play, const char *text)
{
	struct client *client = server_start(play);
	struct client_error error;

	for (int i = 0; i < 3; i++) {
		memset(&error, 0xff, sizeof(error));
		assert_null(client_call(client, "adapter.show", NULL, &error));
		assert_int_equal(error.code, 0);
		assert_string_equal(error.text, text);
	}
	assert_null(client_next_event(client, 0, &error));
	assert_string_equal(error.text, text);
	server_stop(client);
}

static void play_gone_in_answer(int fd)
{
	script_answer(fd, "{\"id\":1,\"result\":");
}

static void play_gone_at_once(int fd)
{
	(void)fd;
}

static void play_not_json(int fd)
{
	script_answer(fd, "HTTP/1.1 400 Bad Request\r\n\033[2J\n");
	script_wait_for_end(fd);
}

static void play_not_rpc(int fd)
{
	script_answer(fd, "[1, 2]\n");
	script_wait_for_end(fd);
}

static void play_other_id(int fd)
{
	script_answer(fd, "{\"id\":7,\"result\":{}}\n");
	script_wait_for_end(fd);
}

static void play_no_result(int fd)
{
	script_answer(fd, "{\"id\":1}\n");
	script_wait_for_end(fd);
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
	struct client *client = server_start(play_deaf);
	char *text = malloc(HUGE_LEN + 1);
	struct client_error error;

	(void)state;
	memset(text, 'y', HUGE_LEN);
	text[HUGE_LEN] = '\0';
	client_timeout(client, 100);
	assert_null(client_call(client, "config.apply", json_pack("{ss}", "yaml", text), &error));
	assert_string_equal(error.text, "vmmqd has read nothing for 0.1 s");
	free(text);
	server_stop(client);
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
	close(server_listen_at(server.path));
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
	fd = server_listen_at(server.path);
	chmod(server.path, 0);
	chmod(server.directory, 0711);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	snprintf(text, sizeof(text), "no permission for %s: it is for its owner and root alone", server.path);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_connections_are_told), cmocka_unit_test(other_servers_are_told),
		cmocka_unit_test(a_deaf_daemon_is_told),     cmocka_unit_test(sockets_that_are_none),
		cmocka_unit_test(strangers_are_told),        cmocka_unit_test(the_default_path),
	};

	return cmocka_run_group_tests(tests, server_make_directory, server_remove_directory);
}
