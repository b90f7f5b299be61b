/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq top: processors, VPorts and tables of a running vmmqd, live. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/terminal.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/commands.h"
#include "vmmq/top/top_draw.h"
#include "vmmq/top/top_loop.h"

#define INTERVAL_MIN 0.1
#define INTERVAL_MAX 3600.0

static bool read_interval(const struct command_line *line, double *interval)
{
	const char *text = command_value(line, "interval");
	char *end;

	*interval = 1;
	if (!text)
		return true;
	*interval = strtod(text, &end);
	if (end != text && !*end && *interval >= INTERVAL_MIN && *interval <= INTERVAL_MAX)
		return true;
	command_usage(line, "--interval: found \"%s\"; seconds from 0.1 to 3600 are needed", text);
	return false;
}

static unsigned columns_of_output(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	if (columns && atoi(columns) >= 20 && atoi(columns) <= 1000)
		return (unsigned)atoi(columns);
	return TERMINAL_COLUMNS;
}

static int show_text(const struct command_line *line, const struct top_model *model)
{
	struct top_choice choice = { .once = true, .lost = "" };
	struct canvas canvas = { .unicode = terminal_is_unicode(stdout) };
	unsigned columns = columns_of_output();

	if (!canvas_resize(&canvas, top_draw_rows(model, columns), columns))
		return command_fail(line, "memory is short");
	top_draw(&canvas, model, &choice);
	canvas_print(&canvas, stdout);
	canvas_fini(&canvas);
	return COMMAND_DONE;
}

static int top_show_json(const struct command_line *line, const struct top_model *model)
{
	json_t *record = top_model_json(model);

	if (!record)
		return command_fail(line, "memory is short");
	daemon_json(record);
	json_decref(record);
	return COMMAND_DONE;
}

/* top_take_sample asks for one sample; returns enum command_exit. */
static int top_take_sample(const struct command_line *line, struct client *client, struct top_model *model)
{
	json_t *answer = daemon_call(line, client, "top.show", NULL), *balance;
	struct client_error unimportant; /* a vmmqd that does not balance */
	const char *why;
	int status = COMMAND_DONE;

	if (!answer)
		return COMMAND_REFUSED;
	balance = client_call(client, "balance.show", NULL, &unimportant);
	if (top_model_feed(model, answer, &why))
		top_model_moves(model, balance);
	else
		status = command_fail(line, "%s", why);
	json_decref(balance);
	json_decref(answer);
	return status;
}

/* Two samples, an interval apart: rates need both. */
static int run_once(const struct command_line *line, struct client *client, double interval)
{
	struct timespec pause = { .tv_sec = (time_t)interval, .tv_nsec = (long)((interval - floor(interval)) * 1e9) };
	struct top_model model = { 0 };
	int status = top_take_sample(line, client, &model);

	if (status == COMMAND_DONE) {
		nanosleep(&pause, NULL);
		status = top_take_sample(line, client, &model);
	}
	if (status == COMMAND_DONE)
		status = command_flag(line, "json") ? top_show_json(line, &model) : show_text(line, &model);
	top_model_fini(&model);
	return status;
}

static int cmd_top_run(const struct command_line *line)
{
	bool once = command_flag(line, "once");
	struct client *client;
	double interval;
	int status;

	if (!read_interval(line, &interval))
		return COMMAND_USAGE;
	if (command_flag(line, "json") && !once)
		return command_usage(line, "--json goes with --once");
	if (!once && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return command_usage(line, "this is not a terminal; --once prints one picture, anywhere");
	client = daemon_connect(line); /* whoever mistypes the path is told now; later it may come and go */
	if (!client)
		return COMMAND_REFUSED;
	status = once ? run_once(line, client, interval) : COMMAND_DONE;
	client_close(client);
	return once ? status : top_loop(line, command_value(line, "connect"), interval);
}

static const struct command_option options[] = {
	{ 'i', "interval", "SECONDS", false, "how often to look (default: 1)" },
	{ 0, "once", NULL, false, "print one picture as text after one interval, and end" },
	{ 0, "json", NULL, false, "with --once: print the rates as one JSON object" },
	COMMAND_OPTION_CONNECT,
};

const struct command cmd_top = {
	.name = "top",
	.summary = "watch processors, VPorts and their tables live",
	.operands = "",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description =
	    "Shows, once a second, the load of every processor, the rates of every VPort, how evenly they are "
	    "spread over its processors and over the entries of its indirection table, drops by reason, and "
	    "which entries have just moved, and for what load. Keys: q quits, h shows all of them. When vmmqd is "
	    "restarted, top "
	    "connects again by itself.",
	.examples = "vmmq top\n\n"
		    "vmmq top --interval 0.5\n\n"
		    "vmmq top --once --json | jq '.vports[] | {name, packets}'",
	.run = cmd_top_run,
};
