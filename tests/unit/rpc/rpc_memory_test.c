/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that runs out at each allocation in turn, of ours and of jansson's but for its parser, while a client connects, asks, is answered and goes: the
 * request is carried out or refused, never half of it, the switch and what is on disk are the same, and the next client is served.
 */
#include "unit/control/live_rig.h"
#include "unit/core/failing_memory.h"
#include "unit/rpc/rpc_talk.h"

json_t *__real_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);

/* jansson 2.14 reads on behind a text that its own buffer had no memory to grow for (lex_save()), so it has what it needs there. */
json_t *__wrap_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error)
{
	const bool on = injection.on;
	json_t *value;

	injection.on = false;
	value = __real_json_loadb(text, len, flags, error);
	injection.on = on;
	return value;
}

static const char seed[] = "adapter: {processors: [0, 1], moderation: interrupt}\n"
			   "vports:\n"
			   "  - {id: 1, name: web, queue_pairs: 4, filters: [{mac: \"02:00:00:00:00:01\"}],\n"
			   "     rss: {enabled: true, indirection_table: [0, 1]}}\n";

#define REQUEST(method, params) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":{" params "}}\n"

static const char *const requests[] = {
	REQUEST("vport.add",
		"\"id\":2,\"name\":\"new\",\"queue_pairs\":2,\"filters\":[{\"mac\":\"02:00:00:00:00:02\"}],"
		"\"rss\":{\"enabled\":true,\"indirection_table\":[0,1,0,1]}"),
	REQUEST("vport.set", "\"vport\":1,\"name\":\"mail\",\"queue_pairs\":8,\"flood_limit\":7"),
	REQUEST("vport.delete", "\"vport\":1,\"with_filters\":true"),
	REQUEST("filter.add", "\"vport\":1,\"mac\":\"02:00:00:00:00:03\",\"vlan\":9"),
	REQUEST("rss.set", "\"vport\":1,\"indirection_table\":[1,0,1,0],\"hash_types\":[\"ipv4\"]"),
	REQUEST("rss.move", "\"vport\":1,\"moves\":[{\"entry\":1,\"processor\":0}]"),
	REQUEST("config.apply", "\"yaml\":\"adapter: {processors: [1, 0], moderation: interrupt}\\nvports: [{id: 5, "
				"name: five, filters: [{mac: "
				"\\\"02:00:00:00:00:05\\\"}]}]\\n\""),
	REQUEST("top.show", ""),
	REQUEST("config.show", ""),
};

static struct {
	struct live *live;
	struct rpc *rpc;
	char path[96];
} served;

static void serve_begin(void)
{
	char error[256];

	rig_clean();
	served.live = rig_open(seed, rig_state);
	snprintf(served.path, sizeof(served.path), "%s/control", rig_folder);
	served.rpc = rpc_open(served.path, NULL, served.live, error, sizeof(error));
	assert_non_null(served.rpc);
	talk_live = served.live;
}

static void serve_end(void)
{
	rpc_close(served.rpc);
	rig_close(served.live);
}

/* whole: the configuration as it runs and the rows on disk, for free(). */
static char *whole(void)
{
	char *yaml = rig_export(served.live), *rows = rig_dump(rig_state), *text = NULL;

	assert_true(asprintf(&text, "%s%s", yaml, rows) > 0);
	free(yaml);
	free(rows);
	return text;
}

/* asked returns whether the request was answered with a result. */
static bool asked(const char *request)
{
	size_t got;
	char *answer = talk(served.rpc, served.path, request, strlen(request), &got);
	bool done = strstr(answer, "\"result\":") != NULL;

	free(answer);
	return done;
}

/* serve_short: memory is short for the side that serves, not for the test's. */
static void serve_short(struct rpc *rpc)
{
	injection.on = !injection.failed;
	talk_turn(rpc);
	injection.on = false;
}

/* with_failure asks with the allocation failing that comes after so many; false: there are not so many. */
static bool with_failure(const char *request, unsigned after, bool *done)
{
	injection.failed = false;
	injection.left = after;
	talk_serve = serve_short;
	*done = asked(request);
	talk_serve = talk_turn;
	return injection.failed;
}

/* is_as_before tells whether nothing was carried out; else all of it has to be there, and may only where no refusal has come. */
static bool is_as_before(const char *request, unsigned failing, bool done, const char *before, const char *after)
{
	char *now = whole();
	const bool unchanged = strcmp(now, before) == 0, changed = strcmp(now, after) == 0;

	if (done ? !changed : !unchanged && !changed)
		fail_msg("%s with allocation %u failing, %s:\n%s\ninstead of\n%s", request, failing,
			 done ? "done" : "not answered with a result", now, done ? after : before);
	free(now);
	return unchanged;
}

/* each_allocation returns how many there were; the switch is made anew only where it has changed. */
static unsigned each_allocation(const char *request)
{
	char *before, *after;
	unsigned n = 0;
	bool done, failed = true;

	serve_begin();
	before = whole();
	assert_true(asked(request));
	after = whole();
	serve_end();
	serve_begin();
	for (; failed; n++) {
		failed = with_failure(request, n, &done);
		if (!is_as_before(request, n, done, before, after)) {
			serve_end();
			serve_begin();
		}
		assert_true(asked(REQUEST("drops.show", "")));
	}
	serve_end();
	free(before);
	free(after);
	return n - 1;
}

static void memory_runs_out(void **state)
{
	(void)state;
	json_set_alloc_funcs(malloc, free);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		print_message("%.60s: %u allocations\n", requests[i], each_allocation(requests[i]));
}

/* rig_start_in_memory: the state is written hundreds of times, and it is not the disk that is tested. */
static int rig_start_in_memory(void **state)
{
	const int started = rig_start(state);

	if (access("/dev/shm", W_OK) == 0)
		snprintf(rig_state, sizeof(rig_state), "/dev/shm/vmmq-memory-%d.db", (int)getpid());
	return started;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup(memory_runs_out, rig_fresh) };

	return cmocka_run_group_tests(tests, rig_start_in_memory, rig_end);
}
