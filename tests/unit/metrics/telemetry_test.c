/* SPDX-License-Identifier: BSD-2-Clause */
/* DPDK's telemetry socket, asked by a client as any other, while this thread is the control thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <pthread.h>
#include <rte_eal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "metrics/telemetry.h"
#include "unit/control/live_rig.h"

static const char two[] = "adapter: {name: tel, processors: [0, 1]}\n"
			  "vports:\n"
			  "  - {id: 1, name: web, filters: [{mac: \"02:00:00:00:00:01\"}]}\n"
			  "  - {id: 300, name: db, filters: [{mac: \"02:00:00:00:00:02\"}]}\n";

/* What the client asks, and gets: on a thread of its own, because the answers come from this one. */
struct client {
	int fd;
	const char *question;
	char answer[32768];
	atomic_bool done;
};

static int connect_telemetry(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char hello[1024];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s/dpdk_telemetry.v2", rte_eal_get_runtime_dir());
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || recv(fd, hello, sizeof(hello), 0) <= 0)
		return -1;
	return fd;
}

static void *run_client(void *argument)
{
	struct client *client = argument;
	ssize_t n = -1;

	if (send(client->fd, client->question, strlen(client->question), 0) > 0)
		n = recv(client->fd, client->answer, sizeof(client->answer) - 1, 0);
	client->answer[n > 0 ? n : 0] = '\0';
	atomic_store(&client->done, true);
	return NULL;
}

/* ask returns what stands under the command in the answer; serve: be the control thread meanwhile. */
static json_t *ask(int fd, const char *question, bool serve)
{
	static struct client client;
	char command[64];
	pthread_t thread;
	json_t *answer, *data;

	client.fd = fd;
	client.question = question;
	atomic_store(&client.done, false);
	assert_int_equal(pthread_create(&thread, NULL, run_client, &client), 0);
	while (!atomic_load(&client.done)) {
		struct pollfd event = { serve ? telemetry_fd() : -1, POLLIN, 0 };

		if (poll(&event, 1, 10) > 0)
			telemetry_run();
	}
	pthread_join(thread, NULL);
	answer = json_loads(client.answer, 0, NULL);
	if (!answer)
		fail_msg("%s: %s", question, client.answer);
	snprintf(command, sizeof(command), "%.*s", (int)strcspn(question, ","), question);
	data = json_incref(json_object_get(answer, command));
	assert_non_null(data);
	json_decref(answer);
	return data;
}

static json_int_t number(const json_t *object, const char *first, const char *second)
{
	const json_t *value = json_object_get(object, first);

	if (second)
		value = json_object_get(value, second);
	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

/* ask_served asks again while the answer is null: on a slow machine this thread may not come to it within its 2 s. */
static json_t *ask_served(int fd, const char *question)
{
	uint64_t started = now_ns();
	json_t *data = ask(fd, question, true);

	while (json_is_null(data) && !hangs(started)) {
		json_decref(data);
		data = ask(fd, question, true);
	}
	return data;
}

static void endpoints_answer(void **state)
{
	struct live *live = rig_open(two, "");
	int fd;
	json_t *data;

	(void)state;
	assert_int_equal(telemetry_start(live), 0);
	fd = connect_telemetry();
	assert_true(fd >= 0);
	data = ask_served(fd, "/vmmq/adapter");
	assert_string_equal(json_string_value(json_object_get(data, "name")), "tel");
	assert_int_equal(number(data, "vports", NULL), 3);
	number(data, "changes", "batches");
	assert_string_equal(json_string_value(json_object_get(json_object_get(data, "uplink"), "state")), "none");
	json_decref(data);
	data = ask_served(fd, "/vmmq/vports");
	assert_int_equal(json_array_size(data), 3);
	assert_int_equal(json_integer_value(json_array_get(data, 2)), 300);
	json_decref(data);
	data = ask_served(fd, "/vmmq/vports,2");
	assert_int_equal(json_array_size(data), 1);
	json_decref(data);
	data = ask_served(fd, "/vmmq/vport,300");
	assert_string_equal(json_string_value(json_object_get(data, "name")), "db");
	assert_int_equal(number(data, "packets", NULL), 0);
	number(data, "host_drops", "no_backend");
	number(data, "adapter_drops", "inbox_full");
	number(data, "hashed", "tcp_ipv4");
	json_decref(data);
	data = ask_served(fd, "/vmmq/processors");
	assert_int_equal(json_object_size(data), 2);
	number(data, "1", "busy_ns");
	json_decref(data);
	data = ask_served(fd, "/vmmq/processors,1");
	assert_int_equal(json_object_size(data), 1);
	json_decref(data);
	data = ask_served(fd, "/vmmq/drops");
	number(data, "host_drops", "spoofed");
	json_decref(data);
	close(fd);
	telemetry_stop();
	live_close(live);
}

static void wrong_parameters_and_no_control_thread(void **state)
{
	static const char *const wrong[] = { "/vmmq/vport",       "/vmmq/vport,7",   "/vmmq/vport,x",
					     "/vmmq/vport,70000", "/vmmq/vports,-1", "/vmmq/processors,1x" };
	struct live *live = rig_open(two, "");
	int fd;
	json_t *data;

	(void)state;
	assert_int_equal(telemetry_start(live), 0);
	fd = connect_telemetry();
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		data = ask(fd, wrong[i], true);
		if (!json_is_null(data))
			fail_msg("%s was answered", wrong[i]);
		json_decref(data);
	}
	data = ask(fd, "/vmmq/drops", false); /* the control thread does not come: an answer all the same */
	assert_true(json_is_null(data));
	json_decref(data);
	telemetry_run(); /* and the question is forgotten */
	telemetry_stop();
	data = ask(fd, "/vmmq/drops", false);
	assert_true(json_is_null(data));
	json_decref(data);
	close(fd);
	live_close(live);
}

static char runtime[] = "/tmp/vmmq-telemetry-XXXXXX"; /* two tests at once would share the usual one */

static int start(void **state)
{
	const struct eal_params params = { .threads = RIG_THREADS, .memory_mb = 256, .telemetry = true };
	char error[512];

	(void)state;
	if (!mkdtemp(runtime) || setenv("RUNTIME_DIRECTORY", runtime, 1))
		return -1;
	if (eal_start_with(&params, error, sizeof(error)) == 0)
		return 0;
	print_error("%s\n", error);
	return -1;
}

static int end(void **state)
{
	static const char *const made[] = { "/dpdk/vmmq/dpdk_telemetry.v2", "/dpdk/vmmq", "/dpdk", "" };
	char path[128];

	(void)state;
	eal_stop();
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", runtime, made[i]);
		remove(path);
	}
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_answer),
		cmocka_unit_test(wrong_parameters_and_no_control_thread),
	};

	return cmocka_run_group_tests(tests, start, end);
}
