/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show balance: what dynamic VMMQ sees, and what it has done. */
#include <stdio.h>
#include <stdlib.h>

#include "vmmq/change/parameters.h"
#include "vmmq/figures.h"
#include "vmmq/show/show.h"

static const char *share_text(const json_t *record, const char *key, char text[SHOW_TEXT_MAX])
{
	return figure_percent(json_number_value(json_object_get(record, key)), text);
}

const char *show_lane_text(const json_t *lane, char text[SHOW_TEXT_MAX])
{
	if (json_is_integer(json_object_get(lane, "entry")))
		snprintf(text, SHOW_TEXT_MAX, "entry %llu", (unsigned long long)show_number(lane, "entry"));
	else
		snprintf(text, SHOW_TEXT_MAX, "%s processor", show_true(lane, "default") ? "default" : "primary");
	return text;
}

static void print_moved(const json_t *record)
{
	const char *reason;
	const json_t *count;
	char text[256] = "";
	size_t at = 0;

	json_object_foreach(json_object_get(record, "moved"), reason, count)
	{
		if (json_integer_value(count) && at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%lld to %s", at ? ", " : "",
					       (long long)json_integer_value(count), reason);
	}
	show_line("moved", "%s", at ? text : "nothing yet");
}

static void print_balance_settings(const json_t *record)
{
	const json_t *settings = json_object_get(record, "settings");
	char took[SHOW_TEXT_MAX], most[SHOW_TEXT_MAX];

	show_head("Dynamic VMMQ: %zu VPort%s, a look every %llu ms",
		  json_array_size(json_object_get(record, "vports")),
		  json_array_size(json_object_get(record, "vports")) == 1 ? "" : "s",
		  (unsigned long long)show_number(settings, "tick"));
	show_line("nothing moves", "%s", show_string(record, "reason"));
	show_line("settings", "another processor above %llu %%, relief %llu %% above the mean, %llu moves a tick%s",
		  (unsigned long long)show_number(settings, "target"),
		  (unsigned long long)show_number(settings, "tolerance"),
		  (unsigned long long)show_number(settings, "budget"),
		  show_true(settings, "coalesce") ? ", low load on few processors" : "");
	print_moved(record);
	if (show_number(record, "refused"))
		show_line("refused", "%llu", (unsigned long long)show_number(record, "refused"));
	show_line("a look takes", "%s, at most %s", figure_microseconds(show_number(record, "tick_last_us"), took),
		  figure_microseconds(show_number(record, "tick_max_us"), most));
	if (show_number(record, "waited"))
		show_line("waited", "%llu ticks for a change on its way to the disk",
			  (unsigned long long)show_number(record, "waited"));
}

static void print_balance_loads(const json_t *list)
{
	static const char *const columns[] = { ">PROCESSOR", ">LOAD", ">LANES", "STATE" };
	struct libscols_table *table;
	const json_t *processor;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(list, i, processor)
	{
		char number[SHOW_TEXT_MAX], load[SHOW_TEXT_MAX], lanes[SHOW_TEXT_MAX];
		const char *texts[] = { figure_exact(show_number(processor, "processor"), number),
					share_text(processor, "load", load),
					figure_exact(show_number(processor, "lanes"), lanes),
					show_true(processor, "stalled")  ? "STALLED"
					: show_true(processor, "in_use") ? "in use"
									 : "may sleep" };

		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
}

static void add_spread(struct libscols_table *table, const json_t *vport)
{
	char number[SHOW_TEXT_MAX], load[SHOW_TEXT_MAX], pairs[SHOW_TEXT_MAX], moved[SHOW_TEXT_MAX],
	    pinned[SHOW_TEXT_MAX];
	char *processors = show_processors(json_object_get(vport, "processors_used"));
	const char *texts[] = { number,
				show_string(vport, "name"),
				share_text(vport, "load", load),
				pairs,
				processors ? processors : "",
				figure_exact(show_number(vport, "moved"), moved),
				figure_exact(show_number(vport, "pinned"), pinned) };

	snprintf(number, sizeof(number), "%llu", (unsigned long long)show_number(vport, "vport"));
	snprintf(pairs, sizeof(pairs), "%llu of %llu-%llu",
		 (unsigned long long)show_number(vport, "queue_pairs_used"),
		 (unsigned long long)show_number(vport, "min_queue_pairs"),
		 (unsigned long long)show_number(vport, "queue_pairs"));
	show_row(table, texts, SHOW_COUNT(texts));
	free(processors);
}

static void print_balance_vports(const json_t *list)
{
	static const char *const columns[] = { ">VPORT",     "~NAME",  ">LOAD",  ">QUEUE PAIRS",
					       "PROCESSORS", ">MOVED", ">PINNED" };
	struct libscols_table *table;
	const json_t *vport;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(list, i, vport) add_spread(table, vport);
	show_table_print(table);
}

static void print_balance_lanes(const json_t *list)
{
	static const char *const columns[] = { "LANE", ">PROCESSOR", ">REQUESTED", ">LOAD", "" };
	struct libscols_table *table;
	const json_t *lane;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(list, i, lane)
	{
		char name[SHOW_TEXT_MAX], at[SHOW_TEXT_MAX], requested[SHOW_TEXT_MAX], load[SHOW_TEXT_MAX];
		const char *texts[] = { show_lane_text(lane, name), figure_exact(show_number(lane, "processor"), at),
					figure_exact(show_number(lane, "requested"), requested),
					share_text(lane, "load", load),
					show_true(lane, "pinned")  ? "pinned: moved by hand"
					: show_true(lane, "moved") ? "moved"
								   : "" };

		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
}

static void print_elephants(const json_t *list)
{
	const json_t *elephant;
	size_t i;

	json_array_foreach(list, i, elephant)
	{
		char lane[SHOW_TEXT_MAX], load[SHOW_TEXT_MAX], mean[SHOW_TEXT_MAX];

		if (i == 0)
			putchar('\n');
		show_line("elephant",
			  "%s of VPort %llu takes %s of processor %llu, where the mean is %s: it cannot be "
			  "divided, so what stands beside it is moved away",
			  show_lane_text(elephant, lane), (unsigned long long)show_number(elephant, "vport"),
			  share_text(elephant, "load", load), (unsigned long long)show_number(elephant, "processor"),
			  share_text(elephant, "mean", mean));
	}
}

#define MOVES_SHOWN 10u

static void print_balance_moves(const json_t *list)
{
	const json_t *move;
	size_t i;

	json_array_foreach(list, i, move)
	{
		char lane[SHOW_TEXT_MAX], ago[SHOW_TEXT_MAX], name[2 * SHOW_TEXT_MAX];

		if (i == 0)
			fputs("\nLast moves\n", stdout);
		if (i == MOVES_SHOWN)
			break;
		snprintf(name, sizeof(name), "%s ago",
			 figure_duration(json_number_value(json_object_get(move, "ago")), ago));
		show_line(name, "VPort %llu, %s, from processor %llu to %llu (%s): %s",
			  (unsigned long long)show_number(move, "vport"), show_lane_text(move, lane),
			  (unsigned long long)show_number(move, "from"), (unsigned long long)show_number(move, "to"),
			  show_string(move, "reason"), show_string(move, "text"));
	}
	if (json_array_size(list) > MOVES_SHOWN)
		show_line("and before", "%zu more; --json has them", json_array_size(list) - MOVES_SHOWN);
}

static void print_balance(const json_t *record)
{
	print_balance_settings(record);
	print_balance_loads(json_object_get(record, "processors"));
	print_balance_vports(json_object_get(record, "vports"));
	print_balance_lanes(json_object_get(record, "lanes"));
	print_elephants(json_object_get(record, "elephants"));
	print_balance_moves(json_object_get(record, "moves"));
}

static int run_balance(const struct command_line *line)
{
	const char *vport = command_operand_count(line) ? command_operand(line, 0) : NULL;

	if (command_flag(line, "flows"))
		return show_flows(line, vport);
	return show_ask(line, "balance.show", vport, print_balance);
}

static const struct command_option options[] = {
	{ 0, "flows", NULL, false, "only: which flows the lane with most load carries, by what comes in 100 ms" },
	COMMAND_OPTION_CONNECT,
	COMMAND_OPTION_JSON,
};

const struct command show_balance = {
	.name = "show balance",
	.summary = "load of processors and dynamic VPorts, and what was moved for it",
	.operands = "[VPORT]",
	.operand_max = 1,
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description =
	    "Shows what dynamic VMMQ sees and does: the load of each processor, how VPorts with scaling: dynamic are "
	    "spread, the last moves with their reasons, and lanes that are too big for any processor. With VPORT (id "
	    "or name; all digits are an id) also each of its lanes, where it is and where it was requested, and its "
	    "moves only. A lane is an entry of the table, the default processor, or while RSS is off the primary "
	    "one. With --flows vmmqd looks at the headers of up to 256 packets that come in 100 ms for the lane with "
	    "most "
	    "load, of VPort or of all, an elephant if there is one; that needs leave to change things.",
	.examples = "vmmq show balance\n\nvmmq show balance web\n\nvmmq show balance --flows",
	.run = run_balance,
};
