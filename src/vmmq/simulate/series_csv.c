/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Load series as text: a line "time,vport,lane,load" for each change.  Read twice where the file itself says which VPorts there are:
 * first for them, then for the loads.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_read.h"
#include "base/number.h"
#include "vmmq/simulate/series.h"

#define CSV_BYTES_MAX (512u << 20)
#define CSV_HEADER    "time,vport,lane,load"
#define FIELD_MAX     40 /* bytes that an error shows of a field */

struct csv_line {
	double time;
	unsigned vport, lane;
	uint32_t load;
};

/* Where the reader is. */
struct csv {
	const char *name;
	char *at; /* what has not been read; lines and fields are cut out of it */
	unsigned line;
	char *error; /* SERIES_ERROR_MAX */
};

__attribute__((format(printf, 2, 3))) static bool csv_refuse(struct csv *csv, const char *format, ...)
{
	int at = snprintf(csv->error, SERIES_ERROR_MAX, "%.400s:%u: ", csv->name, csv->line);
	va_list args;

	va_start(args, format);
	vsnprintf(csv->error + at, SERIES_ERROR_MAX - (size_t)at, format, args);
	va_end(args);
	return false;
}

/* text_trim takes the blanks off both ends, in place. */
static char *text_trim(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* csv_next returns the next line that is neither empty nor a comment, or NULL. */
static char *csv_next(struct csv *csv)
{
	while (csv->at) {
		char *line = csv->at, *end = strchr(line, '\n');

		csv->at = end ? end + 1 : NULL;
		if (end)
			*end = '\0';
		csv->line++;
		line = text_trim(line);
		if (*line && *line != '#')
			return line;
	}
	return NULL;
}

/* decimal_read: digits with a point or an exponent, no sign but a minus, which is out of range; no "nan", no "0x1p3". */
static bool decimal_read(const char *text, double *value)
{
	char *end;

	if (!*text || text[strspn(text, "0123456789.eE-+")] || strchr("eE+", *text))
		return false;
	*value = strtod(text, &end);
	return !*end && isfinite(*value);
}

static bool read_lane(const char *text, unsigned *lane)
{
	uint64_t entry;

	if (strcmp(text, "default") == 0 || strcmp(text, "primary") == 0) {
		*lane = *text == 'd' ? SERIES_LANE_DEFAULT : SERIES_LANE_PRIMARY;
		return true;
	}
	if (!number_read_decimal(text, VMMQ_TABLE_ENTRIES_MAX - 1, &entry))
		return false;
	*lane = (unsigned)entry;
	return true;
}

static bool read_values(struct csv *csv, char *const field[4], struct csv_line *line)
{
	uint64_t vport;
	double load;

	if (!decimal_read(field[0], &line->time) || line->time < 0 || line->time > SERIES_SECONDS_MAX)
		return csv_refuse(csv, "time \"%.*s\": seconds from 0 to %u are needed, like 2.05", FIELD_MAX,
				  field[0], SERIES_SECONDS_MAX);
	if (!number_read_decimal(field[1], UINT16_MAX, &vport))
		return csv_refuse(csv, "vport \"%.*s\": an id from 0 to 65535 is needed", FIELD_MAX, field[1]);
	if (!read_lane(field[2], &line->lane))
		return csv_refuse(csv, "lane \"%.*s\": an entry from 0 to %u, default or primary is needed",
				  FIELD_MAX, field[2], VMMQ_TABLE_ENTRIES_MAX - 1);
	if (!decimal_read(field[3], &load) || load < 0 || load > 15)
		return csv_refuse(csv, "load \"%.*s\": processors from 0 to 15 are needed, like 0.25", FIELD_MAX,
				  field[3]);
	line->vport = (unsigned)vport;
	line->load = (uint32_t)(load * BALANCE_WHOLE + 0.5);
	return true;
}

static bool read_line(struct csv *csv, char *text, struct csv_line *line)
{
	char *field[4];
	unsigned count = 0;

	while (text) {
		char *comma = strchr(text, ',');

		if (comma)
			*comma = '\0';
		if (count < 4)
			field[count] = text_trim(text);
		count++;
		text = comma ? comma + 1 : NULL;
	}
	if (count != 4)
		return csv_refuse(csv, "%u field%s: the four of \"" CSV_HEADER "\" are needed", count,
				  count == 1 ? "" : "s");
	return read_values(csv, field, line);
}

/* csv_header reads the first line, which says that this is such a file. */
static bool csv_header(struct csv *csv)
{
	char *text = csv_next(csv), *from, *to;

	if (!text)
		return csv_refuse(csv, "the file ends before a first line \"" CSV_HEADER "\"");
	for (from = to = text; *from; from++)
		if (*from != ' ' && *from != '\t')
			*to++ = *from;
	*to = '\0';
	return strcmp(text, CSV_HEADER) == 0 ||
	       csv_refuse(csv, "\"%.*s\": the first line is to be \"" CSV_HEADER "\"", FIELD_MAX, text);
}

/* lines_room makes room for more lines. */
static bool lines_room(struct csv_line **lines, unsigned **number, size_t *room)
{
	size_t wanted = *room ? 2 * *room : 1024;
	struct csv_line *more = wanted <= 2 * SERIES_EVENTS_MAX ? realloc(*lines, wanted * sizeof(**lines)) : NULL;
	unsigned *numbers = more ? realloc(*number, wanted * sizeof(**number)) : NULL;

	*lines = more ? more : *lines;
	*number = numbers ? numbers : *number;
	*room = numbers ? wanted : *room;
	return numbers;
}

/* csv_lines reads all lines into *lines, the caller's to free, each with its number in the file. */
static bool csv_lines(struct csv *csv, struct csv_line **lines, unsigned **number, size_t *count)
{
	size_t room = 0;
	double last = 0;
	char *text;

	*count = 0;
	while ((text = csv_next(csv))) {
		struct csv_line *line;

		if (*count == room && !lines_room(lines, number, &room))
			return csv_refuse(csv, "no memory for more lines");
		line = *lines + *count;
		if (!read_line(csv, text, line))
			return false;
		if (line->time < last)
			return csv_refuse(csv, "time %.9g: it goes back; the line before has %.9g", line->time, last);
		last = line->time;
		(*number)[(*count)++] = csv->line;
	}
	return *count > 0 || csv_refuse(csv, "there is no line after the first one");
}

#define LANES_OF_VPORT (VMMQ_TABLE_ENTRIES_MAX + 2)

/* series_of_lines makes VPorts and lanes of all that the lines name. */
static bool series_of_lines(struct series *s, const struct csv_line lines[], size_t count, unsigned processors,
			    char error[SERIES_ERROR_MAX])
{
	uint16_t *ids = calloc(UINT16_MAX + 1, sizeof(*ids)), *counts = calloc(UINT16_MAX + 1, sizeof(*counts));
	uint16_t *all = calloc((size_t)(UINT16_MAX + 1) * LANES_OF_VPORT, sizeof(*all));
	const uint16_t **lanes = calloc(UINT16_MAX + 1, sizeof(*lanes));
	uint8_t *named = calloc((size_t)(UINT16_MAX + 1) * LANES_OF_VPORT, 1);
	unsigned vports = 0;
	bool made = false;

	for (size_t i = 0; named && i < count; i++)
		named[(size_t)lines[i].vport * LANES_OF_VPORT + lines[i].lane] = 1;
	if (ids && counts && all && lanes && named) {
		for (unsigned id = 0; id <= UINT16_MAX; id++) {
			uint16_t *list = all + (size_t)vports * LANES_OF_VPORT, n = 0;

			for (unsigned l = 0; l < LANES_OF_VPORT; l++)
				if (named[(size_t)id * LANES_OF_VPORT + l])
					list[n++] = (uint16_t)l;
			ids[vports] = (uint16_t)id;
			lanes[vports] = list;
			counts[vports] = n;
			vports += n > 0;
		}
		made = series_plain(s, processors, vports, ids, lanes, counts, error);
	} else {
		snprintf(error, SERIES_ERROR_MAX, "out of memory");
	}
	free(ids);
	free(counts);
	free(all);
	free(lanes);
	free(named);
	return made;
}

/* lane_refuse says why a configuration does not have a line's lane. */
static bool lane_refuse(struct csv *csv, const struct series *s, const struct csv_line *line)
{
	unsigned vport = series_vport(s, line->vport);

	if (vport == UINT_MAX)
		return csv_refuse(csv, "vport %u: the configuration has no such VPort", line->vport);
	if (s->vport[vport].lanes == 1)
		return csv_refuse(csv, "lane: VPort %u has RSS off, and so no lane but primary", line->vport);
	return csv_refuse(csv, "lane: VPort %u has RSS on, with the entries 0 to %u, and default", line->vport,
			  s->vport[vport].lanes - 2u);
}

static bool series_fill(struct series *s, struct csv *csv, const struct csv_line lines[], const unsigned number[],
			size_t count, double seconds)
{
	double last = lines[count - 1].time;

	if (seconds && seconds < last)
		return csv_refuse(csv, "time %.9g: it is after the end, --seconds %.9g", last, seconds);
	for (size_t i = 0; i < count; i++) {
		unsigned vport = series_vport(s, lines[i].vport);
		uint32_t lane = vport == UINT_MAX ? UINT32_MAX : series_find(s, vport, lines[i].lane);

		csv->line = number[i];
		if (lane == UINT32_MAX)
			return lane_refuse(csv, s, &lines[i]);
		if (!series_add(s, (uint32_t)(lines[i].time * SERIES_TICKS_SEC + 1e-6), lane, lines[i].load))
			return csv_refuse(csv, "more than %u lines, or memory is short", SERIES_EVENTS_MAX);
	}
	s->ticks = (uint32_t)((seconds ? seconds : last) * SERIES_TICKS_SEC + 1e-6) + !seconds;
	return true;
}

bool series_read_csv(struct series *s, const char *path, const struct vmmq_config *config, unsigned processors,
		     double seconds, char error[SERIES_ERROR_MAX])
{
	struct csv csv = { .name = strcmp(path, "-") ? path : "standard input", .error = error };
	struct csv_line *lines = NULL;
	unsigned *number = NULL;
	bool read = false;
	size_t len, count;
	char *text = file_read(path, CSV_BYTES_MAX, &len);

	if (!text) {
		snprintf(error, SERIES_ERROR_MAX, "%.400s: %s", csv.name, strerror(errno));
		return false;
	}
	csv.at = text;
	if (strlen(text) != len) {
		csv.line = 1;
		for (const char *at = text; *at; at++)
			csv.line += *at == '\n';
		csv_refuse(&csv, "there is a NUL byte in it: this is no CSV file");
	} else if (csv_header(&csv) && csv_lines(&csv, &lines, &number, &count) &&
		   (config ? series_from_config(s, config, error)
			   : series_of_lines(s, lines, count, processors, error))) {
		read = series_fill(s, &csv, lines, number, count, seconds);
		if (!read)
			series_fini(s);
	}
	free(text);
	free(lines);
	free(number);
	return read;
}
