/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq monitor: the events of a running vmmqd as they happen. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"
#include "vmmq/end_signals.h"
#include "vmmq/monitor/monitor_text.h"

#define RETRY_MS 500

enum outcome {
	OUTCOME_ENDED,  /* told to, or nobody reads any more */
	OUTCOME_LOST,   /* vmmqd is gone */
	OUTCOME_FAILED, /* the output is */
};

/* put_event writes one line, at once. */
static enum outcome put_event(const json_t *event, bool json)
{
	if (json) {
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		monitor_text(event, stdout);
	}
	errno = 0;
	if (fflush(stdout) == 0)
		return OUTCOME_LOST; /* that is how it will end */
	if (errno != EPIPE)
		return OUTCOME_FAILED;
	__fpurge(stdout); /* nobody wants the rest: no failure */
	clearerr(stdout);
	return OUTCOME_ENDED;
}

/* monitor_follow prints events until the connection, the reader, or the user ends it. */
static enum outcome monitor_follow(struct client *client, int signals, bool json, struct client_error *error)
{
	struct pollfd fds[] = { { client_fd(client), POLLIN, 0 }, { signals, POLLIN, 0 }, { STDOUT_FILENO, 0, 0 } };

	while (true) {
		json_t *event = client_next_event(client, 0, error);

		if (event) {
			enum outcome outcome = put_event(event, json);

			json_decref(event);
			if (outcome != OUTCOME_LOST)
				return outcome;
			continue;
		}
		if (error->text[0])
			return OUTCOME_LOST;
		if (poll(fds, 3, -1) < 0 && errno != EINTR) {
			snprintf(error->text, sizeof(error->text), "poll: %s", strerror(errno));
			return OUTCOME_LOST;
		}
		if (fds[1].revents & POLLIN || fds[2].revents & (POLLERR | POLLHUP))
			return OUTCOME_ENDED;
	}
}

/* connect_again waits for vmmqd to come back; NULL: told to end. */
static struct client *connect_again(const struct command_line *line, int signals)
{
	struct pollfd fd = { signals, POLLIN, 0 };
	struct client_error error;
	struct client *client;

	while (poll(&fd, 1, RETRY_MS) == 0) {
		client = client_open(command_value(line, "connect"), &error);
		if (client && client_subscribe(client, &error) == 0) {
			command_fail(line, "vmmqd is back");
			return client;
		}
		client_close(client);
	}
	return NULL;
}

static int monitor_until_told(const struct command_line *line, struct client *client, int signals)
{
	bool again = command_flag(line, "follow");
	enum outcome outcome = OUTCOME_LOST;
	struct client_error error;

	while (client) {
		outcome = monitor_follow(client, signals, command_flag(line, "json"), &error);
		client_close(client);
		client = NULL;
		if (outcome != OUTCOME_LOST)
			break;
		if (!again)
			return daemon_refused(line, &error);
		command_fail(line, "%s; trying again", error.text);
		client = connect_again(line, signals);
	}
	return outcome == OUTCOME_FAILED ? COMMAND_REFUSED : COMMAND_DONE; /* main() says why the output failed */
}

static int cmd_monitor_run(const struct command_line *line)
{
	struct client *client = daemon_connect(line);
	struct end_signals signals;
	struct client_error error;
	int status;

	if (!client)
		return COMMAND_REFUSED;
	if (client_subscribe(client, &error) != 0) {
		client_close(client);
		return daemon_refused(line, &error);
	}
	if (!end_signals_open(&signals, false)) {
		client_close(client);
		return command_fail(line, "signalfd: %s", strerror(errno));
	}
	status = monitor_until_told(line, client, signals.fd);
	end_signals_close(&signals);
	return status;
}

static const struct command_option options[] = {
	{ 0, "json", NULL, false, "print each event (docs/rpc.md) as one JSON object a line" },
	{ 'f', "follow", NULL, false, "when vmmqd goes away, wait until it is back and go on" },
	COMMAND_OPTION_CONNECT,
};

const struct command cmd_monitor = {
	.name = "monitor",
	.summary = "print events as they happen",
	.operands = "",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description =
	    "Prints a line for every event of a running vmmqd: VPorts and filters that come, change and go, "
	    "entries that move, backends and uplink that change their state, refused requests, clients. "
	    "Ctrl-C ends it. When vmmqd goes away it exits with status 1, unless --follow is given.",
	.examples = "vmmq monitor\n\n"
		    "vmmq monitor --json --follow | jq 'select(.event == \"rss.changed\")'",
	.run = cmd_monitor_run,
};
