/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show: the family, the adapter and its processors. */
#include <stdio.h>
#include <stdlib.h>

#include "vmmq/commands.h"
#include "vmmq/figures.h"
#include "vmmq/show/show.h"

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

/* Processors, requested and effective: the RSS processor set, and those that run. */
static void print_processor_set(const json_t *adapter)
{
	const json_t *set = json_object_get(adapter, "processors"),
		     *running = json_object_get(adapter, "processors_running");
	char *set_text = show_processors(set), *running_text = show_processors(running);

	if (json_equal(set, running))
		show_line("processors", "%s", set_text ? set_text : "");
	else
		show_line("processors", "%s in the RSS set; %s run", set_text ? set_text : "",
			  running_text ? running_text : "");
	free(set_text);
	free(running_text);
}

static void print_changes(const json_t *changes)
{
	char batches[SHOW_TEXT_MAX], requests[SHOW_TEXT_MAX], last[SHOW_TEXT_MAX], max[SHOW_TEXT_MAX];

	show_line("changes", "%s in %s batches, %llu refused",
		  figure_exact(show_number(changes, "requests"), requests),
		  figure_exact(show_number(changes, "batches"), batches),
		  (unsigned long long)show_number(changes, "refused"));
	if (!show_number(changes, "batches"))
		return;
	show_line("  in effect after", "%s, at most %s",
		  figure_microseconds(show_number(changes, "effective_last_us"), last),
		  figure_microseconds(show_number(changes, "effective_max_us"), max));
	show_line("  on disk after", "%s, at most %s",
		  figure_microseconds(show_number(changes, "disk_last_us"), last),
		  figure_microseconds(show_number(changes, "disk_max_us"), max));
}

/* print_fallback says loudly that this is not what ran before. */
static void print_fallback(const json_t *fallback)
{
	const char *kept = show_string(fallback, "kept"), *unwritable = show_string(fallback, "unwritable");

	if (!json_is_object(fallback))
		return;
	show_line("FALLBACK", "%s runs: the state could not be used", show_string(fallback, "config"));
	show_line("  because", "%s", show_string(fallback, "reason"));
	if (kept[0])
		show_line("  kept as", "%s", kept);
	if (unwritable[0])
		show_line("  no changes", "%s", unwritable);
}

static void print_adapter(const json_t *adapter)
{
	const char *state = show_string(adapter, "state");
	char text[SHOW_TEXT_MAX], indicated[SHOW_TEXT_MAX], dropped[SHOW_TEXT_MAX];

	show_head("Adapter %s: vmmqd %s, process %llu, up %s", show_string(adapter, "name"),
		  show_string(adapter, "version"), (unsigned long long)show_number(adapter, "pid"),
		  figure_duration(json_number_value(json_object_get(adapter, "uptime")), text));
	print_processor_set(adapter);
	show_line("moderation", "%s", show_string(adapter, "moderation"));
	show_line("MTU", "%llu", (unsigned long long)show_number(adapter, "mtu"));
	show_line("state", "%s", state[0] ? state : "kept in memory only");
	print_fallback(json_object_get(adapter, "fallback"));
	show_line("VPorts", "%llu, with %llu filters", (unsigned long long)show_number(adapter, "vports"),
		  (unsigned long long)show_number(adapter, "filters"));
	show_port("uplink", json_object_get(adapter, "uplink"));
	show_line("received", "%s = indicated %s + dropped %s", figure_exact(show_number(adapter, "received"), text),
		  figure_exact(show_number(adapter, "indicated"), indicated),
		  figure_exact(show_number(adapter, "dropped"), dropped));
	show_line("dropped by host", "%s", figure_exact(show_number(adapter, "host_dropped"), text));
	print_changes(json_object_get(adapter, "changes"));
}

static int run_adapter(const struct command_line *line)
{
	return show_ask(line, "adapter.show", NULL, print_adapter);
}

static const struct command show_adapter = {
	.name = "show adapter",
	.summary = "the adapter, its uplink, and how long changes take",
	.operands = "",
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description = "Shows the adapter: its processors, its uplink, what it has received and dropped since vmmqd "
		       "runs, and how long changes have taken until they were on disk and in effect.",
	.examples = "vmmq show adapter",
	.run = run_adapter,
};

static void show_add_processor(struct libscols_table *table, const json_t *processor)
{
	char number[SHOW_TEXT_MAX], cpu[SHOW_TEXT_MAX], busy[SHOW_TEXT_MAX], packets[SHOW_TEXT_MAX],
	    dpcs[SHOW_TEXT_MAX], interrupts[SHOW_TEXT_MAX], gates[SHOW_TEXT_MAX], high[SHOW_TEXT_MAX];
	const json_t *pinned = json_object_get(processor, "cpu");
	const char *texts[] = {
		figure_exact(show_number(processor, "processor"), number),
		json_is_integer(pinned) ? figure_exact(show_number(processor, "cpu"), cpu) : "-",
		show_true(processor, "in_rss_set") ? "yes" : "no",
		figure_percent(json_number_value(json_object_get(processor, "busy")), busy),
		figure_short(show_number(processor, "packets"), packets),
		figure_short(show_number(processor, "dpcs"), dpcs),
		figure_short(show_number(processor, "interrupts"), interrupts),
		figure_short(show_number(processor, "gates"), gates),
		figure_short(show_number(processor, "inbox_high"), high),
		show_true(processor, "stalled") ? "STALLED" : "running",
	};

	show_row(table, texts, SHOW_COUNT(texts));
}

#define REASONS_MAX 8

/* The reasons of what differs from what was asked for, below the table. */
static void print_reasons(const json_t *list)
{
	const json_t *processor;
	size_t i, reasons = 0;

	json_array_foreach(list, i, processor)
	{
		const char *reason = show_string(processor, "reason");
		char name[32];

		if (!reason[0] || ++reasons > REASONS_MAX)
			continue;
		if (reasons == 1)
			putchar('\n');
		snprintf(name, sizeof(name), "processor %llu",
			 (unsigned long long)show_number(processor, "processor"));
		show_line(name, "%s", reason);
	}
	if (reasons > REASONS_MAX)
		show_line("and more", "%zu others have reasons too; --json has them all", reasons - REASONS_MAX);
}

static void print_processors(const json_t *record)
{
	static const char *const columns[] = { ">PROCESSOR", ">CPU",        "RSS SET", ">BUSY",  ">PACKETS",
					       ">DPCS",      ">INTERRUPTS", ">GATES",  ">INBOX", "STATE" };
	const json_t *list = json_object_get(record, "processors"), *processor;
	struct libscols_table *table = show_table(columns, SHOW_COUNT(columns));
	size_t i;

	json_array_foreach(list, i, processor) show_add_processor(table, processor);
	show_table_print(table);
	print_reasons(list);
}

static int run_processors(const struct command_line *line)
{
	return show_ask(line, "processors.show", NULL, print_processors);
}

static const struct command show_processors_command = {
	.name = "show processors",
	.summary = "load, packets and interrupts of each processor",
	.operands = "",
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description =
	    "Shows the processors that run. CPU is the one that the processor's thread is pinned to. BUSY is "
	    "its share of the last second. INBOX is the most packets that have waited for the processor. "
	    "Whatever is not as it was asked for is explained below the table.",
	.examples = "vmmq show processors",
	.run = run_processors,
};

/* run_config: a notice says what vmmqd has left out; it must not get into the file. */
static int run_config(const struct command_line *line)
{
	json_t *record = daemon_ask(line, "config.show", NULL);

	if (!record)
		return COMMAND_REFUSED;
	if (command_flag(line, "json"))
		daemon_json(record);
	else
		fputs(show_string(record, "yaml"), stdout);
	if (show_string(record, "notice")[0])
		command_fail(line, "note: %s", show_string(record, "notice"));
	json_decref(record);
	return COMMAND_DONE;
}

static const struct command show_config = {
	.name = "show config",
	.summary = "the running configuration, as a file",
	.operands = "",
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description = "Writes the running configuration as a file that vmmqd, vmmq apply, replay and explain read. "
		       "Who may only "
		       "look gets no hash secret keys, and is told so: a file without them is refused.",
	.examples = "vmmq show config > vmmqd.yaml",
	.run = run_config,
};

static const struct command *const family[] = { &show_adapter, &show_processors_command,
						&show_vports,  &show_vport,
						&show_rss,     &show_filters,
						&show_drops,   &show_balance,
						&show_fleet,   &show_config,
						NULL };

const struct command cmd_show = {
	.name = "show",
	.family = family,
	.summary = "show state and counters of a running vmmqd",
	.operands = "",
	.description =
	    "Shows state and counters of a running vmmqd; counters only grow while it runs. What was asked "
	    "for and what is in effect stand side by side, with the reason where they differ.",
};
