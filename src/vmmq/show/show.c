/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/show/show.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/terminal.h"
#include "vmmq/change/parameters.h"
#include "vmmq/client/daemon_ask.h"
#include "vmmq/figures.h"

#define NAME_COLUMNS 21

int show_ask(const struct command_line *line, const char *method, const char *vport,
	     void (*print)(const json_t *record))
{
	json_t *params = json_object(), *result;
	int status = vport ? parameter_vport(line, "vport", vport, params) : COMMAND_DONE;

	if (status != COMMAND_DONE) {
		json_decref(params);
		return status;
	}
	result = daemon_ask(line, method, params);
	if (!result)
		return COMMAND_REFUSED;
	if (command_flag(line, "json"))
		daemon_json(result);
	else
		print(result);
	json_decref(result);
	return COMMAND_DONE;
}

const char *show_string(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

uint64_t show_number(const json_t *record, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(record, key));
}

bool show_true(const json_t *record, const char *key)
{
	return json_is_true(json_object_get(record, key));
}

char *show_processors(const json_t *list)
{
	size_t count = json_array_size(list), len = 0;
	FILE *out;
	char *text = NULL;

	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	for (size_t i = 0, next; i < count; i = next) {
		json_int_t first = json_integer_value(json_array_get(list, i)), last = first;

		for (next = i + 1; next < count; next++, last++)
			if (json_integer_value(json_array_get(list, next)) != last + 1)
				break;
		fprintf(out, "%s%lld", i ? ", " : "", (long long)first);
		if (last > first)
			fprintf(out, "%s%lld", last > first + 1 ? "-" : ", ", (long long)last);
	}
	if (count == 0)
		fputs("none", out);
	fclose(out);
	return text;
}

void show_head(const char *format, ...)
{
	va_list args;

	fputs(terminal_style(stdout, STYLE_BOLD), stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("%s\n", terminal_style(stdout, STYLE_NONE));
}

void show_line(const char *name, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	if (len > 0) {
		printf("  %-*s", NAME_COLUMNS - 2, name);
		terminal_wrap(stdout, NAME_COLUMNS, NAME_COLUMNS, text);
	}
	free(text);
}

static void port_counters(const json_t *port)
{
	char packets[FIGURE_SIZE], bytes[FIGURE_SIZE], missed[FIGURE_SIZE], full[FIGURE_SIZE], errors[FIGURE_SIZE];

	show_line("  received",
		  "%s packets, %s bytes; missed" TERMINAL_TIE "%s, no" TERMINAL_TIE "buffer" TERMINAL_TIE "%s, "
		  "errors" TERMINAL_TIE "%s",
		  figure_exact(show_number(port, "rx_packets"), packets),
		  figure_exact(show_number(port, "rx_bytes"), bytes),
		  figure_exact(show_number(port, "rx_missed"), missed),
		  figure_exact(show_number(port, "rx_no_buffer"), full),
		  figure_exact(show_number(port, "rx_errors"), errors));
	if (show_number(port, "rx_lent"))
		show_line("  lent",
			  "%s packets, to other processors" TERMINAL_TIE
			  "%s; copied after all, for others" TERMINAL_TIE "%s, waiting" TERMINAL_TIE "%s",
			  figure_exact(show_number(port, "rx_lent"), packets),
			  figure_exact(show_number(port, "rx_lent_handed"), bytes),
			  figure_exact(show_number(port, "rx_lent_kept"), missed),
			  figure_exact(show_number(port, "rx_lent_waited"), errors));
	show_line("  sent", "%s packets, %s bytes; errors" TERMINAL_TIE "%s",
		  figure_exact(show_number(port, "tx_packets"), packets),
		  figure_exact(show_number(port, "tx_bytes"), bytes),
		  figure_exact(show_number(port, "tx_errors"), errors));
}

static void port_queues(const json_t *port)
{
	uint64_t queues = show_number(port, "queues"), enabled = show_number(port, "queues_enabled");
	const char *interrupts = show_true(port, "rx_interrupts") ? "; interrupts" : "; polled";

	if (queues == enabled)
		show_line("  queues", "%llu%s", (unsigned long long)queues, interrupts);
	else
		show_line("  queues", "%llu, of which %llu enabled%s", (unsigned long long)queues,
			  (unsigned long long)enabled, interrupts);
}

void show_port(const char *name, const json_t *port)
{
	const char *wanted = show_string(port, "port"), *reason = show_string(port, "reason");

	if (!wanted[0]) {
		show_line(name, "none");
		return;
	}
	show_line(name, "%s", wanted);
	show_line("  state", "%s%s%s", show_string(port, "state"), reason[0] ? ": " : "", reason);
	show_line("  driver", "%s", show_string(port, "driver"));
	show_line("  interface", "%s", show_string(port, "interface"));
	if (*show_string(port, "mac"))
		show_line("  MAC address", "%s", show_string(port, "mac"));
	if (show_number(port, "mtu"))
		show_line("  MTU", "%llu", (unsigned long long)show_number(port, "mtu"));
	port_queues(port);
	port_counters(port);
}

struct libscols_table *show_table(const char *const *columns, size_t count)
{
	struct libscols_table *table = scols_new_table();

	if (!table)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		int flags = columns[i][0] == '>' ? SCOLS_FL_RIGHT : columns[i][0] == '~' ? SCOLS_FL_TRUNC : 0;

		scols_table_new_column(table, columns[i] + (flags != 0), 0, flags);
	}
	if (!terminal_is_unicode(stdout))
		scols_table_enable_ascii(table, 1);
	scols_table_set_stream(table, stdout);
	return table;
}

void show_row(struct libscols_table *table, const char *const *texts, size_t count)
{
	struct libscols_line *line = table ? scols_table_new_line(table, NULL) : NULL;

	for (size_t i = 0; line && i < count; i++)
		scols_line_set_data(line, i, texts[i]);
}

void show_table_print(struct libscols_table *table)
{
	if (!table)
		return;
	scols_print_table(table);
	scols_unref_table(table);
}
