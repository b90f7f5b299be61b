/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client sends to the control socket of a running switch, lines or not: all of it is read and answered, each answer is one line of
 * JSON, and afterwards the switch is a configuration that it would take.  Ports cannot be opened, so no input touches a device of the machine.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_export.h"
#include "config/config_yaml.h"
#include "control/live.h"
#include "engine/eal.h"
#include "fuzz.h"
#include "ports/ethdev.h"
#include "rpc/rpc.h"
#include "scratch.h"
#include "unit/rpc/rpc_talk.h"

enum { SENT_MAX = 64 << 10, THREADS = 2, MEMORY_MB = 128, BUFFERS = 1023 };

static const char seed[] = "adapter: {processors: [0, 1], moderation: interrupt}\n"
			   "vports:\n"
			   "  - {id: 1, name: web, queue_pairs: 4, filters: [{mac: \"02:00:00:00:00:01\"}],\n"
			   "     rss: {enabled: true, indirection_table: [0, 1]}}\n"
			   "  - {id: 2, name: mail, filters: [{mac: \"02:00:00:00:00:02\", vlan: 7}]}\n";

static struct {
	struct live *live;
	struct rpc *rpc;
	char path[100];
	char state[100];
} running;

struct ethdev *__wrap_ethdev_open(const struct ethdev_params *params, char *error, size_t error_len);

struct ethdev *__wrap_ethdev_open(const struct ethdev_params *params, char *error, size_t error_len)
{
	(void)params;
	snprintf(error, error_len, "no ports while fuzzing");
	return NULL;
}

/* running_tell: events go to those who have subscribed, as vmmqd has them. */
static void running_tell(void *context, json_t *event)
{
	(void)context;
	if (running.rpc)
		rpc_event(running.rpc, event);
}

static void running_end(void)
{
	rpc_close(running.rpc);
	live_close(running.live);
	eal_stop();
}

static void running_start(void)
{
	struct live_params params = { .state = running.state, .sockets = scratch_folder(), .host_buffers = BUFFERS };
	struct vmmq_config config;
	struct config_error wrong;
	char error[512];

	snprintf(running.path, sizeof(running.path), "%s/control", scratch_folder());
	snprintf(running.state, sizeof(running.state), "%s/live.db", scratch_folder());
	fuzz_check(eal_start(THREADS, MEMORY_MB, error, sizeof(error)) == 0);
	fuzz_check(vmmq_config_parse(seed, sizeof(seed) - 1, &config, &wrong) == 0);
	params.seed = &config;
	running.live = live_open(&params, error, sizeof(error));
	fuzz_check(running.live);
	vmmq_config_fini(&config);
	running.rpc = rpc_open(running.path, NULL, running.live, error, sizeof(error));
	fuzz_check(running.rpc);
	talk_live = running.live;
	live_listen(running.live, running_tell, NULL);
	atexit(running_end);
}

/* answers_check: whole lines, each an object. */
static void answers_check(const char *text, size_t len)
{
	const char *end;

	for (; len; len -= (size_t)(end + 1 - text), text = end + 1) {
		json_t *answer;

		end = memchr(text, '\n', len);
		fuzz_check(end);
		answer = json_loadb(text, (size_t)(end - text), 0, NULL);
		fuzz_check(json_is_object(answer));
		json_decref(answer);
	}
}

static void client_talk(const char *data, size_t len)
{
	size_t got;
	char *answers = talk(running.rpc, running.path, data, len, &got);

	answers_check(answers, got);
	free(answers);
}

/* running_check: what the switch is now is a file that it would take. */
static void running_check(void)
{
	struct vmmq_config config, again;
	struct config_error wrong;
	char *yaml;

	live_tick(running.live);
	fuzz_check(live_config(running.live, &config));
	yaml = config_export(&config);
	fuzz_check(yaml && vmmq_config_parse(yaml, strlen(yaml), &again, &wrong) == 0);
	free(yaml);
	vmmq_config_fini(&config);
	vmmq_config_fini(&again);
}

/* running_reset has each input begin with the same switch. */
static void running_reset(void)
{
	json_t *request =
	    json_pack("{s:s, s:s, s:{s:s}}", "jsonrpc", "2.0", "method", "config.apply", "params", "yaml", seed);
	char *line = json_dumps(request, JSON_COMPACT);

	client_talk(line, strlen(line));
	free(line);
	json_decref(request);
}

void fuzz_rpc(const uint8_t *data, size_t len)
{
	if (len > SENT_MAX)
		return;
	if (!running.live)
		running_start();
	client_talk((const char *)data, len);
	running_check();
	running_reset();
}
