/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show vport: what a VPort has, and how its packets are spread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/terminal.h"
#include "vmmq/figures.h"
#include "vmmq/show/show.h"

#define HOT_MAX   8
#define BAR_WIDTH 20

/* counters_text lists the members of an object of counters that are not 0; the caller frees it. */
static char *counters_text(json_t *counters)
{
	char *text = NULL, number[SHOW_TEXT_MAX];
	size_t len, listed = 0;
	const char *name;
	json_t *count;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	json_object_foreach(counters, name, count) if (json_integer_value(count))
	    fprintf(out, "%s%s" TERMINAL_TIE "%s", listed++ ? ", " : "", name,
		    figure_exact((uint64_t)json_integer_value(count), number));
	fclose(out);
	return text;
}

static void print_counters(const char *name, const json_t *vport, const char *key)
{
	char *text = counters_text(json_object_get(vport, key));

	show_line(name, "%s", text ? text : "");
	free(text);
}

static void print_settings(const json_t *vport)
{
	char *processors = show_processors(json_object_get(vport, "processors_used"));
	uint64_t limit = show_number(vport, "flood_limit");
	const char *rss = show_string(vport, "rss");

	show_head("VPort %llu %s: %s", (unsigned long long)show_number(vport, "vport"), show_string(vport, "name"),
		  show_string(vport, "state"));
	if (strcmp(show_string(vport, "owner"), "fleet") == 0)
		show_line("owner", "the fleet: it is not changed by hand (vmmq show fleet)");
	show_line("RSS", "%s", strcmp(rss, "hash_only") ? rss : "off, hashes are told");
	show_line("queue pairs", "%llu used, of at most %llu",
		  (unsigned long long)show_number(vport, "queue_pairs_used"),
		  (unsigned long long)show_number(vport, "queue_pairs"));
	show_line("scaling", "%s", show_string(vport, "scaling"));
	show_line("processors", "%s; primary %llu", processors ? processors : "",
		  (unsigned long long)show_number(vport, "primary_processor"));
	show_line("filters", "%llu; VLAN: %s", (unsigned long long)show_number(vport, "filters"),
		  show_string(vport, "vlan"));
	show_line("anti-spoofing", "%s", show_true(vport, "anti_spoofing") ? "on" : "off");
	show_line("control frames", "%s", show_true(vport, "control_frames") ? "trusted with them" : "refused");
	if (limit)
		show_line("flood limit", "%llu packets a second", (unsigned long long)limit);
	else
		show_line("flood limit", "none");
	free(processors);
}

static void print_traffic(const json_t *vport)
{
	char packets[SHOW_TEXT_MAX], bytes[SHOW_TEXT_MAX], indications[SHOW_TEXT_MAX];

	show_line("received", "%s packets, %s bytes, in %s indications",
		  figure_exact(show_number(vport, "packets"), packets),
		  figure_exact(show_number(vport, "bytes"), bytes),
		  figure_exact(show_number(vport, "indications"), indications));
	print_counters("  hashed", vport, "hashed");
	print_counters("  steered by", vport, "via");
	print_counters("dropped", vport, "drops");
	show_line("to the guest", "%s packets, %s bytes",
		  figure_exact(show_number(vport, "to_guest_packets"), packets),
		  figure_exact(show_number(vport, "to_guest_bytes"), bytes));
	show_line("from the guest", "%s packets, %s bytes",
		  figure_exact(show_number(vport, "from_guest_packets"), packets),
		  figure_exact(show_number(vport, "from_guest_bytes"), bytes));
	if (show_number(vport, "replicas"))
		show_line("replicated", "%s packets", figure_exact(show_number(vport, "replicas"), packets));
	if (show_number(vport, "held") || show_number(vport, "sending"))
		show_line("under way", "%s waiting for the guest, %s being sent",
			  figure_exact(show_number(vport, "held"), packets),
			  figure_exact(show_number(vport, "sending"), bytes));
}

/* show_bar draws a share of all, at least a half block for what is there at all. */
static const char *show_bar(double share, char text[4 * BAR_WIDTH])
{
	const char *full = terminal_glyph(stdout, "█", "#"), *half = terminal_glyph(stdout, "▌", "#");
	unsigned halves = (unsigned)(share * BAR_WIDTH * 2 + 0.5);
	size_t len = 0;

	if (halves == 0 && share > 0)
		halves = 1;
	text[0] = '\0';
	for (unsigned i = 0; i < halves / 2; i++)
		len += (size_t)snprintf(text + len, 4 * BAR_WIDTH - len, "%s", full);
	if (halves % 2)
		snprintf(text + len, 4 * BAR_WIDTH - len, "%s", half);
	return text;
}

static void print_spread(const json_t *vport)
{
	static const char *const columns[] = { ">PROCESSOR", ">PACKETS", ">SHARE", ">TABLE",
					       ">DEFAULT",   ">PRIMARY", "SPREAD" };
	const json_t *list = json_object_get(vport, "processors"), *processor;
	struct libscols_table *table;
	uint64_t total = 0;
	size_t i;

	json_array_foreach(list, i, processor) total += show_number(processor, "packets");
	if (!total)
		return;
	putchar('\n');
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(list, i, processor)
	{
		char number[SHOW_TEXT_MAX], packets[SHOW_TEXT_MAX], percent[SHOW_TEXT_MAX], by_table[SHOW_TEXT_MAX],
		    by_default[SHOW_TEXT_MAX], by_primary[SHOW_TEXT_MAX], drawn[4 * BAR_WIDTH];
		const json_t *via = json_object_get(processor, "via");
		double share = (double)show_number(processor, "packets") / (double)total;
		const char *texts[] = { number,
					figure_exact(show_number(processor, "packets"), packets),
					figure_percent(share, percent),
					figure_short(show_number(via, "table"), by_table),
					figure_short(show_number(via, "default"), by_default),
					figure_short(show_number(via, "primary"), by_primary),
					show_bar(share, drawn) };

		snprintf(number, sizeof(number), "%llu", (unsigned long long)show_number(processor, "processor"));
		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
}

static int entry_hotter(const void *a, const void *b)
{
	uint64_t x = show_number(*(json_t *const *)a, "packets"), y = show_number(*(json_t *const *)b, "packets");

	return (x < y) - (x > y);
}

static void print_hot_rows(json_t *const *hot, size_t count, uint64_t total)
{
	static const char *const columns[] = { ">ENTRY", ">PROCESSOR", ">PACKETS", ">SHARE", "HEAT" };
	struct libscols_table *table = show_table(columns, SHOW_COUNT(columns));
	double hottest = (double)show_number(hot[0], "packets");

	for (size_t i = 0; i < count && i < HOT_MAX && show_number(hot[i], "packets"); i++) {
		char entry[SHOW_TEXT_MAX], processor[SHOW_TEXT_MAX], packets[SHOW_TEXT_MAX], percent[SHOW_TEXT_MAX],
		    drawn[4 * BAR_WIDTH];
		double heat = (double)show_number(hot[i], "packets");
		const char *texts[] = { figure_exact(show_number(hot[i], "entry"), entry), processor,
					figure_exact(show_number(hot[i], "packets"), packets),
					figure_percent(heat / (double)total, percent),
					show_bar(heat / hottest, drawn) };

		snprintf(processor, sizeof(processor), "%llu", (unsigned long long)show_number(hot[i], "processor"));
		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
}

static void print_hot_entries(const json_t *vport)
{
	const json_t *list = json_object_get(vport, "entries");
	size_t count = json_array_size(list), used = 0;
	json_t **hot = calloc(count + 1, sizeof(json_t *));
	char number[SHOW_TEXT_MAX];
	uint64_t total = 0;

	for (size_t i = 0; hot && i < count; i++) {
		hot[i] = json_array_get(list, i);
		total += show_number(hot[i], "packets");
		used += show_number(hot[i], "packets") != 0;
	}
	if (total) {
		qsort(hot, count, sizeof(json_t *), entry_hotter);
		printf("\nIndirection table: %zu entries, %zu with packets, %s in all; the hottest:\n", count, used,
		       figure_exact(total, number));
		print_hot_rows(hot, count, total);
	}
	free(hot);
}

static void print_vport(const json_t *vport)
{
	print_settings(vport);
	show_port("backend", json_object_get(vport, "backend"));
	print_traffic(vport);
	print_spread(vport);
	print_hot_entries(vport);
}

static int run_vport(const struct command_line *line)
{
	return show_ask(line, "vport.show", command_operand(line, 0), print_vport);
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

const struct command show_vport = {
	.name = "show vport",
	.summary = "one VPort: backend, counters, spread, hottest table entries",
	.operands = "VPORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description =
	    "Shows a VPort (id or name; all digits are an id): its settings, its backend, its counters, how "
	    "its packets are spread over processors, and the entries of the indirection table that get "
	    "most of them.",
	.examples = "vmmq show vport web",
	.run = run_vport,
};
