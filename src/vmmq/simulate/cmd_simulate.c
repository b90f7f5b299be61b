/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq simulate: a load through several rules of balancing, side by side. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/commands.h"
#include "vmmq/figures.h"
#include "vmmq/input/configuration.h"
#include "vmmq/show/show.h"
#include "vmmq/simulate/simulate.h"

static const struct rule *const rules[] = { &rule_static, &rule_ovs, &rule_rsspp, &rule_vmmq };

#define RULES (sizeof(rules) / sizeof(rules[0]))

struct request {
	const char *config, *capture, *csv, *generate;
	uint64_t processors, cost_ns, speed, seed;
	double seconds;
};

static bool read_seconds(const struct command_line *line, double *seconds)
{
	const char *text = command_value(line, "seconds");
	char *end;

	*seconds = 0;
	if (!text)
		return true;
	*seconds = strtod(text, &end);
	if (end != text && !*end && text[strspn(text, "0123456789.")] == '\0' && isfinite(*seconds) &&
	    *seconds >= 0.01 && *seconds <= SERIES_SECONDS_MAX)
		return true;
	command_usage(line, "--seconds: found \"%s\"; a number from 0.01 to %u is needed", text, SERIES_SECONDS_MAX);
	return false;
}

/* check_request: one load, and nothing with it that would be of no effect. */
static int check_request(const struct command_line *line, const struct request *r)
{
	if (!!r->capture + !!r->csv + !!r->generate != 1)
		return command_usage(line, "one of --series FILE, --read CAPTURE and --generate NAME is needed");
	if (r->capture && !r->config)
		return command_usage(line, "--read goes with --config FILE, which says what the packets belong to");
	if (r->generate && r->config)
		return command_usage(line, "--generate makes its own VPorts: --config does not go with it");
	if (command_flag(line, "processors") && (r->config || r->generate))
		return command_usage(line, "--processors: the %s says which there are",
				     r->config ? "configuration" : "load");
	if (!r->capture && (command_flag(line, "cost") || command_flag(line, "speed")))
		return command_usage(line, "--cost and --speed go with --read");
	if (r->capture && command_flag(line, "seconds"))
		return command_usage(line, "--seconds: a capture is as long as it is");
	if (!r->generate && command_flag(line, "seed"))
		return command_usage(line, "--seed goes with --generate");
	return COMMAND_DONE;
}

static int read_request(const struct command_line *line, struct request *r)
{
	*r = (struct request){
		.config = command_value(line, "config"),
		.capture = command_value(line, "read"),
		.csv = command_value(line, "series"),
		.generate = command_value(line, "generate"),
	};
	if (!command_number(line, "processors", 1, BALANCE_PROCESSORS_MAX, 4, &r->processors) ||
	    !command_number(line, "cost", 1, 1000000, 200, &r->cost_ns) ||
	    !command_number(line, "speed", 1, 1000000, 1, &r->speed) ||
	    !command_number(line, "seed", 0, UINT64_MAX, 1, &r->seed) || !read_seconds(line, &r->seconds))
		return COMMAND_USAGE;
	return check_request(line, r);
}

static int load_series(const struct command_line *line, const struct request *r, struct series *series)
{
	char error[SERIES_ERROR_MAX] = "", refusal[CONFIGURATION_REFUSAL_MAX];
	struct vmmq_config config = { 0 };
	struct config_error wrong;
	bool loaded;

	if (r->config && vmmq_config_load(r->config, &config, &wrong)) {
		configuration_refusal(r->config, &wrong, refusal);
		return command_fail(line, "%s", refusal);
	}
	if (r->capture)
		loaded = series_read_capture(series, r->capture, &config, r->cost_ns, r->speed, error);
	else if (r->csv)
		loaded = series_read_csv(series, r->csv, r->config ? &config : NULL, (unsigned)r->processors,
					 r->seconds, error);
	else
		loaded = series_generate(series, r->generate, r->seed, r->seconds, error);
	vmmq_config_fini(&config);
	if (loaded)
		return COMMAND_DONE;
	return r->generate ? command_usage(line, "--generate: %s", error) : command_fail(line, "%s", error);
}

/* Where the moves go that --moves asks for. */
struct move_log {
	const struct series *series;
	json_t *list; /* NULL: they are printed */
};

static const char *lane_text(unsigned lane, char text[SHOW_TEXT_MAX])
{
	if (lane == SERIES_LANE_DEFAULT)
		return "default processor";
	if (lane == SERIES_LANE_PRIMARY)
		return "primary processor";
	snprintf(text, SHOW_TEXT_MAX, "entry %u", lane);
	return text;
}

static json_t *lane_json(unsigned lane)
{
	return lane == SERIES_LANE_DEFAULT   ? json_string("default")
	       : lane == SERIES_LANE_PRIMARY ? json_string("primary")
					     : json_integer(lane);
}

static void log_move(void *context, uint32_t tick, const struct balance_move *move)
{
	char from[SHOW_TEXT_MAX], to[SHOW_TEXT_MAX], lane[SHOW_TEXT_MAX], reason[BALANCE_REASON_MAX];
	struct move_log *log = context;
	const struct series *s = log->series;
	unsigned from_number = s->processor[move->from], to_number = s->processor[move->to];
	double time = (double)(tick + 1) / SERIES_TICKS_SEC;

	snprintf(from, sizeof(from), "processor %u", from_number);
	snprintf(to, sizeof(to), "processor %u", to_number);
	balance_reason_text(move, from, to, reason);
	if (!log->list) {
		printf("%.2f s  VPort %u, %s: %u to %u: %s: %s\n", time, s->vport_id[move->vport],
		       lane_text(s->lane[move->lane].lane, lane), from_number, to_number, balance_why_name(move->why),
		       reason);
		return;
	}
	json_array_append_new(log->list,
			      json_pack("{s:f, s:i, s:o, s:i, s:i, s:s, s:s}", "time", time, "vport",
					(int)s->vport_id[move->vport], "lane", lane_json(s->lane[move->lane].lane),
					"from", (int)from_number, "to", (int)to_number, "why",
					balance_why_name(move->why), "text", reason));
}

static void result_row(struct libscols_table *table, const struct rule *rule, const struct simulate_result *r)
{
	char text[8][SHOW_TEXT_MAX], moves[FIGURE_SIZE];

	snprintf(text[0], sizeof(text[0]), "%.2f s", r->above_s);
	snprintf(text[1], sizeof(text[1]), "%.2f s", r->above_longest_s);
	snprintf(text[2], sizeof(text[2]), "%.3f", r->peak);
	snprintf(text[3], sizeof(text[3]), "%.2f", r->peak_most);
	snprintf(text[4], sizeof(text[4]), "%.1f ms", r->wait_p99_ms);
	snprintf(text[5], sizeof(text[5]), "%.2f %%", 100 * r->lost);
	snprintf(text[6], sizeof(text[6]), "%s", figure_exact(r->moves, moves));
	snprintf(text[7], sizeof(text[7]), "%.2f", r->awake);
	show_row(table,
		 (const char *const[]){ rule->name, text[0], text[1], text[2], text[3], text[4], text[5], text[6],
					text[7] },
		 9);
}

static json_t *result_json(const struct rule *rule, const struct simulate_result *r)
{
	return json_pack("{s:s, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:f}", "rule", rule->name, "what",
			 rule->what, "loaded_s", r->loaded_s, "above_s", r->above_s, "above_longest_s",
			 r->above_longest_s, "peak_over_mean", r->peak, "peak_over_mean_most", r->peak_most,
			 "wait_p99_ms", r->wait_p99_ms, "lost", r->lost, "moves", (json_int_t)r->moves, "awake",
			 r->awake);
}

static int simulate_show_text(const struct series *s, const struct simulate_result result[])
{
	static const char *const columns[] = { "RULE",      ">ABOVE 1.1", ">LONGEST", ">PEAK/MEAN", ">AT MOST",
					       ">P99 WAIT", ">LOST",      ">MOVES",   ">AWAKE" };
	struct libscols_table *table = show_table(columns, SHOW_COUNT(columns));

	printf("%u processor%s, %u VPort%s, %u lane%s; %.2f s, %.2f s of it with load\n", s->processor_count,
	       s->processor_count == 1 ? "" : "s", s->vport_count, s->vport_count == 1 ? "" : "s", s->lane_count,
	       s->lane_count == 1 ? "" : "s", (double)s->ticks / SERIES_TICKS_SEC, result[0].loaded_s);
	for (unsigned i = 0; i < RULES; i++)
		result_row(table, rules[i], &result[i]);
	show_table_print(table);
	return COMMAND_DONE;
}

static int simulate_show_json(const struct command_line *line, const struct series *s,
			      const struct simulate_result result[], json_t *moves)
{
	json_t *list = json_array(), *all;

	for (unsigned i = 0; i < RULES; i++)
		json_array_append_new(list, result_json(rules[i], &result[i]));
	all = json_pack("{s:i, s:i, s:I, s:f, s:o}", "processors", (int)s->processor_count, "vports",
			(int)s->vport_count, "lanes", (json_int_t)s->lane_count, "seconds",
			(double)s->ticks / SERIES_TICKS_SEC, "rules", list);
	if (moves)
		json_object_set(all, "moves", moves);
	if (!all)
		return command_fail(line, "out of memory");
	json_dumpf(all, stdout, JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(all);
	return COMMAND_DONE;
}

static int simulate_all(const struct command_line *line, const struct series *series)
{
	bool json = command_flag(line, "json"), moves = command_flag(line, "moves");
	struct move_log log = { series, json && moves ? json_array() : NULL };
	struct simulate_result result[RULES];
	char error[SERIES_ERROR_MAX];
	int status = COMMAND_DONE;

	for (unsigned i = 0; i < RULES && status == COMMAND_DONE; i++)
		if (!simulate_run(series, rules[i], &result[i], moves ? log_move : NULL, &log, error))
			status = command_fail(line, "%s: %s", rules[i]->name, error);
	if (status == COMMAND_DONE)
		status =
		    json ? simulate_show_json(line, series, result, log.list) : simulate_show_text(series, result);
	json_decref(log.list);
	return status;
}

static int cmd_simulate_run(const struct command_line *line)
{
	struct series series = { 0 };
	struct request request;
	int status = read_request(line, &request);

	if (status == COMMAND_DONE)
		status = load_series(line, &request, &series);
	if (status != COMMAND_DONE)
		return status;
	status = simulate_all(line, &series);
	series_fini(&series);
	return status;
}

static const struct command_option options[] = {
	{ 's', "series", "FILE", false,
	  "loads as CSV: a first line \"time,vport,lane,load\", then a line for each change; \"-\" is standard "
	  "input" },
	{ 'r', "read", "CAPTURE", false, "a pcap or pcapng file, steered by --config" },
	{ 'g', "generate", SERIES_NAMES, false, "a load that is made" },
	{ 'c', "config", "FILE", false,
	  "VPorts with their tables (YAML); without it those that --series names, each with entry n on processor n" },
	{ 0, "processors", "N", false,
	  "how many there are, from 1 to 1024, with --series and without --config (default: 4)" },
	{ 0, "cost", "NS", false, "nanoseconds of a processor that a packet of the capture takes (default: 200)" },
	{ 0, "speed", "N", false, "the capture's time runs N times as fast" },
	{ 0, "seconds", "N", false,
	  "how long the load lasts (default: to the series' last line; as it is meant to be made)" },
	{ 0, "seed", "N", false, "of --generate (default: 1)" },
	{ 'm', "moves", NULL, false, "tell each move of vmmq's policy with its reason, too" },
	{ 0, "json", NULL, false, "print one JSON object" },
};

const struct command cmd_simulate = {
	.name = "simulate",
	.summary = "compare what rules of moving load between processors do to a load",
	.operands = "",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.description = "Runs a load through static RSS, Open vSwitch's automatic load balance, the rule of RSS++ and "
		       "vmmq's policy of "
		       "dynamic VMMQ, in ticks of 10 ms, and prints a line for each.\n\n"
		       "ABOVE 1.1: time in which the most loaded processor has more than 1.1 times the mean of those "
		       "awake, and more than "
		       "the largest lane; LONGEST: the longest stretch of it. PEAK/MEAN, AT MOST: the most loaded "
		       "processor over that "
		       "mean, on average and at most. P99 WAIT: how long 99 of 100 parts of the work wait at most; "
		       "LOST: work that "
		       "would wait longer than 100 ms. MOVES: of table entries (Open vSwitch: of queues). AWAKE: "
		       "processors with load, on "
		       "average.\n\n"
		       "A lane is an entry of a VPort's indirection table, \"default\" (its default processor) or "
		       "\"primary\" (its "
		       "processor without RSS). A load is a share of a processor, 0.25; it lasts until the lane's "
		       "next line. Times are "
		       "seconds and never go back.\n\n"
		       "This is the policy alone: vmmqd does not move load by itself.",
	.examples = "vmmq simulate --generate zipf-step\n\n"
		    "vmmq simulate --series loads.csv --processors 8 --moves\n\n"
		    "vmmq simulate -c vms.yaml -r in.pcap --speed 100 --cost 300",
	.run = cmd_simulate_run,
};
