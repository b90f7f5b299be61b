/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq show rss: RSS parameters of a VPort, requested and effective. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/terminal.h"
#include "vmmq/show/show.h"

static json_int_t table_at(const json_t *list, size_t i)
{
	return json_integer_value(json_array_get(list, i));
}

/* table_period returns how many entries are repeated over and over; a power of two, as is their number. */
static size_t table_period(const json_t *table)
{
	size_t count = json_array_size(table), length = 1;

	for (size_t i = 0; i < count; i++)
		while (length < count && table_at(table, i) != table_at(table, i % length))
			length *= 2;
	return length;
}

static void write_repeated(FILE *out, const json_t *table, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fprintf(out, "%s%lld", i ? " " : "", (long long)table_at(table, i));
	fprintf(out, ", %zu times over", json_array_size(table) / length);
}

static void write_runs(FILE *out, const json_t *table)
{
	size_t count = json_array_size(table);

	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && table_at(table, next) == table_at(table, i);)
			next++;
		fprintf(out, "%s%zu", i ? ", " : "", i);
		if (next > i + 1)
			fprintf(out, "-%zu", next - 1);
		fprintf(out, TERMINAL_TIE "->" TERMINAL_TIE "%lld", (long long)table_at(table, i));
	}
}

/* show_table_text describes an indirection table shortly; the caller frees it. */
static char *show_table_text(const json_t *table)
{
	size_t count = json_array_size(table), length = table_period(table), len;
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, "%zu entr%s: ", count, count == 1 ? "y" : "ies");
	if (length > 1 && length <= count / 2)
		write_repeated(out, table, length);
	else
		write_runs(out, table);
	fclose(out);
	return text;
}

static int row_compare(const void *a, const void *b)
{
	json_int_t x = *(const json_int_t *)a, y = *(const json_int_t *)b;

	return (x > y) - (x < y);
}

/* requested_processors: those that table and default processor name, or the primary processor while RSS is off. */
static json_t *requested_processors(const json_t *rss)
{
	const json_t *table = json_object_get(rss, "indirection_table");
	json_int_t named[129];
	size_t count = 0;
	json_t *list = json_array();

	if (!show_true(rss, "enabled")) {
		json_array_append(list, json_object_get(rss, "primary_processor"));
		return list;
	}
	for (size_t i = 0; i < json_array_size(table) && count < 128; i++)
		named[count++] = table_at(table, i);
	named[count++] = (json_int_t)show_number(rss, "default_processor");
	qsort(named, count, sizeof(named[0]), row_compare);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || named[i] != named[i - 1])
			json_array_append_new(list, json_integer(named[i]));
	return list;
}

static void print_both(const json_t *rss)
{
	static const char *const columns[] = { "", "REQUESTED", "EFFECTIVE" };
	const json_t *effective = json_object_get(rss, "effective"), *backend;
	struct libscols_table *table = show_table(columns, SHOW_COUNT(columns));
	json_t *requested = requested_processors(rss);
	char *wanted = show_processors(requested), *used = show_processors(json_object_get(effective, "processors"));
	char queues[SHOW_TEXT_MAX], queues_used[2 * SHOW_TEXT_MAX];

	backend = json_object_get(effective, "queues_backend");
	snprintf(queues, sizeof(queues), "%zu", json_array_size(requested));
	snprintf(queues_used, sizeof(queues_used), "%llu", (unsigned long long)show_number(effective, "queues"));
	if (json_is_integer(backend))
		snprintf(queues_used, sizeof(queues_used), "%llu; the backend has %lld",
			 (unsigned long long)show_number(effective, "queues"),
			 (long long)json_integer_value(backend));
	show_row(table,
		 (const char *const[]){ "  steered by    ", show_true(rss, "enabled") ? "table" : "primary",
					show_string(effective, "steered_by") },
		 3);
	show_row(table, (const char *const[]){ "  processors", wanted ? wanted : "", used ? used : "" }, 3);
	show_row(table, (const char *const[]){ "  queues", queues, queues_used }, 3);
	show_table_print(table);
	free(wanted);
	free(used);
	json_decref(requested);
}

/* words_join writes "ipv4, tcp_ipv4". */
static const char *words_join(const json_t *list, char text[256])
{
	const json_t *word;
	size_t i;

	text[0] = '\0';
	json_array_foreach(list, i, word)
	{
		size_t len = strlen(text);

		snprintf(text + len, 256 - len, "%s%s", i ? ", " : "", json_string_value(word));
	}
	return text;
}

/* print_tunnels: most look into none, and nothing is said then. */
static void print_tunnels(const json_t *rss)
{
	const json_t *tunnels = json_object_get(rss, "encapsulation");
	char text[256];

	if (json_array_size(tunnels))
		show_line("encapsulation", "%s; VXLAN's port is %llu", words_join(tunnels, text),
			  (unsigned long long)show_number(rss, "vxlan_port"));
}

/* print_key: null in its place: we may only look. */
static void print_key(const char *key)
{
	if (key[0])
		printf("  key, %zu bytes:\n%s\n", strlen(key) / 2, key);
	else
		show_line("key", "not shown to who may only look: members of vmmqd's --change-group see it");
}

static void print_rss(const json_t *rss)
{
	char *table = show_table_text(json_object_get(rss, "indirection_table")), types[256];

	show_head("VPort %llu %s: RSS %s", (unsigned long long)show_number(rss, "vport"), show_string(rss, "name"),
		  show_true(rss, "enabled")        ? "on"
		  : show_true(rss, "receive_hash") ? "off, hashes are told"
						   : "off");
	print_both(rss);
	if (show_string(rss, "reason")[0]) {
		fputs("  ", stdout);
		terminal_wrap(stdout, 2, 2, show_string(rss, "reason"));
	}
	putchar('\n');
	show_line("table", "%s", table ? table : "");
	show_line("default processor", "%llu", (unsigned long long)show_number(rss, "default_processor"));
	show_line("primary processor", "%llu", (unsigned long long)show_number(rss, "primary_processor"));
	show_line("hash function", "%s", show_string(rss, "hash_function"));
	show_line("hash types", "%s", words_join(json_object_get(rss, "hash_types"), types));
	print_tunnels(rss);
	print_key(show_string(rss, "key"));
	free(table);
}

static int cmd_show_rss_run(const struct command_line *line)
{
	return show_ask(line, "rss.show", command_operand(line, 0), print_rss);
}

static const struct command_option options[] = { COMMAND_OPTION_CONNECT, COMMAND_OPTION_JSON };

const struct command show_rss = {
	.name = "show rss",
	.summary = "how a VPort is spread: table, default processor, hash types, key",
	.operands = "VPORT",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = SHOW_COUNT(options),
	.description = "Shows the RSS parameters of a VPort (id or name; all digits are an id), requested and "
		       "effective, with the reason where they differ.",
	.examples = "vmmq show rss web",
	.run = cmd_show_rss_run,
};
