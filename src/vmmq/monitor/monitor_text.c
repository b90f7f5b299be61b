/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/monitor/monitor_text.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/figures.h"

static void monitor_put_text(const char *text, FILE *out)
{
	for (; *text; text++)
		putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static void put_value(const json_t *value, FILE *out)
{
	char *text;

	if (json_is_string(value)) {
		monitor_put_text(json_string_value(value), out);
		return;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	monitor_put_text(text ? text : "?", out);
	free(text);
}

static void put_time(double time, FILE *out)
{
	char clock[FIGURE_SIZE];

	fprintf(out, "%s.%03u", figure_clock(time, clock), (unsigned)((time - floor(time)) * 1000));
}

/* "vport 3 (web)" */
static void put_vport(const json_t *event, FILE *out)
{
	const json_t *vport = json_object_get(event, "vport"), *name = json_object_get(event, "name");

	if (!json_is_integer(vport))
		return;
	fprintf(out, " vport %lld", (long long)json_integer_value(vport));
	if (json_is_string(name)) {
		fputs(" (", out);
		put_value(name, out);
		putc(')', out);
	}
}

/* "entry 5: 0 -> 1", or "default: 0 -> 1" */
static void put_move(const json_t *move, FILE *out)
{
	const json_t *entry = json_object_get(move, "entry"), *from = json_object_get(move, "from");
	const json_t *to =
	    json_object_get(move, "to") ? json_object_get(move, "to") : json_object_get(move, "processor");

	if (entry)
		fprintf(out, "entry %lld", (long long)json_integer_value(entry));
	else if (json_object_get(move, "default"))
		fputs("default", out);
	else if (json_object_get(move, "primary"))
		fputs("primary", out);
	fputs(": ", out);
	if (from) {
		put_value(from, out);
		fputs(" -> ", out);
	}
	put_value(to ? to : move, out);
}

static void put_moves(const json_t *moves, FILE *out)
{
	const json_t *move;
	size_t i;

	json_array_foreach(moves, i, move)
	{
		fputs(i ? ", " : "", out);
		put_move(move, out);
	}
}

/* The members that read as a sentence come first, bare: what follows is "name value". */
static bool is_bare(const char *name)
{
	return strcmp(name, "state") == 0 || strcmp(name, "reason") == 0 || strcmp(name, "text") == 0 ||
	       strcmp(name, "moves") == 0;
}

static bool is_shown_before(const char *name)
{
	return strcmp(name, "event") == 0 || strcmp(name, "time") == 0 || strcmp(name, "vport") == 0 ||
	       strcmp(name, "name") == 0;
}

static void monitor_put_member(const char *name, const json_t *value, const char *separator, FILE *out)
{
	fputs(separator, out);
	if (strcmp(name, "moves") == 0) {
		put_moves(value, out);
		return;
	}
	if (!is_bare(name)) {
		monitor_put_text(name, out);
		putc(' ', out);
	}
	put_value(value, out);
}

void monitor_text(const json_t *event, FILE *out)
{
	static const char *const first[] = { "method", "status", "field", "state", "reason", "moves", "text" };
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *separator = ": ", *name;
	json_t *members = json_deep_copy(event), *value;
	const char *field = json_string_value(json_object_get(members, "field"));
	const char *text = json_string_value(json_object_get(members, "text"));

	if (field && text && strncmp(text, field, strlen(field)) == 0)
		json_object_del(members, "field"); /* the sentence says it */
	put_time(json_number_value(json_object_get(event, "time")), out);
	put_vport(event, out);
	putc(' ', out);
	monitor_put_text(kind ? kind : "?", out);
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		value = json_object_get(members, first[i]);
		if (value && !json_is_null(value)) {
			monitor_put_member(first[i], value, separator, out);
			separator = ", ";
		}
		json_object_del(members, first[i]);
	}
	json_object_foreach(members, name, value)
	{
		if (is_shown_before(name) || json_is_null(value))
			continue;
		monitor_put_member(name, value, separator, out);
		separator = ", ";
	}
	json_decref(members);
	putc('\n', out);
}
