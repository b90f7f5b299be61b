/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/hex_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"

#define DUMP_LINE_LEN 16 /* bytes of the only line of a dump; what follows are characters */

struct hex_reader {
	uint8_t *bytes;
	size_t count, max;
	unsigned line; /* from 1 */
	char *error;
};

static bool put_byte(struct hex_reader *reader, const char *text)
{
	if (reader->count == reader->max) {
		snprintf(reader->error, HEX_ERROR_MAX, "more than %zu bytes", reader->max);
		return false;
	}
	reader->bytes[reader->count++] = (uint8_t)hex_byte(text);
	return true;
}

static size_t prefix_len(const char *text)
{
	bool prefix = (text[0] == '0' || text[0] == '\\') && (text[1] == 'x' || text[1] == 'X');

	return prefix ? 2 : 0;
}

static long hex_parse_plain(struct hex_reader *reader, const char *text)
{
	while (*text) {
		if (strchr(" \t\r\n:-.,", *text)) {
			reader->line += *text++ == '\n';
			continue;
		}
		text += prefix_len(text);
		if (hex_digit(text[0]) < 0) {
			snprintf(reader->error, HEX_ERROR_MAX, "line %u: '%c' is not a hex digit", reader->line,
				 isprint((unsigned char)text[0]) ? text[0] : '?');
			return -1;
		}
		if (hex_byte(text) < 0) {
			snprintf(reader->error, HEX_ERROR_MAX,
				 "line %u: half a byte, \"%c\"; two hex digits make one", reader->line, text[0]);
			return -1;
		}
		if (!put_byte(reader, text))
			return -1;
		text += 2;
	}
	return (long)reader->count;
}

/*
 * dump_offset reads "00000010: ", "\t0x0010:  " or "0010   " at the start of a line: four to eight hex digits, then a
 * colon and white space, or two spaces or a tab, or the line's end.  NULL when the line begins otherwise.
 */
static const char *dump_offset(const char *line, size_t *offset)
{
	unsigned digits = 0;

	while (*line == ' ' || *line == '\t')
		line++;
	line += prefix_len(line);
	for (*offset = 0; hex_digit(*line) >= 0 && digits < 9; digits++)
		*offset = *offset << 4 | (size_t)hex_digit(*line++);
	if (digits < 4 || digits > 8)
		return NULL;
	if (*line == ':')
		return isspace((unsigned char)line[1]) ? line + 1 : NULL;
	if (*line == '\t' || *line == '\n' || *line == '\r' || *line == '\0' || strncmp(line, "  ", 2) == 0)
		return line;
	return NULL;
}

/*
 * A line's bytes end where its characters begin: after two spaces or more (but for the gap that hexdump -C and Wireshark
 * leave after eight bytes), at anything that is not two hex digits, or after as many bytes as a line has.
 */
static bool parse_dump_line(struct hex_reader *reader, const char *text, size_t line_len)
{
	for (size_t bytes = 0; bytes < line_len; bytes++) {
		size_t gap = strspn(text, " \t");
		bool middle = bytes == 8 && gap == 2;

		if (hex_byte(text + gap) < 0 || (bytes && gap > 1 && !middle))
			return true;
		text += gap;
		if (!put_byte(reader, text))
			return false;
		text += 2;
	}
	return true;
}

static const char *next_line(const char *text)
{
	const char *end = strchr(text, '\n');

	return end ? end + 1 : NULL;
}

static bool is_blank(const char *line)
{
	line += strspn(line, " \t\r");
	return *line == '\n' || *line == '\0';
}

/* The offset that follows a line tells how many bytes it has; the last one has at most as many as the one before. */
static size_t line_len(const struct hex_reader *reader, const char *line, size_t before)
{
	const char *next = next_line(line);
	size_t offset;

	if (next && dump_offset(next, &offset) && offset > reader->count)
		return offset - reader->count;
	return before;
}

static long parse_dump(struct hex_reader *reader, const char *text)
{
	size_t len = DUMP_LINE_LEN;

	for (bool begun = false; text; text = next_line(text), reader->line++) {
		size_t offset;
		const char *rest = dump_offset(text, &offset);

		if (begun ? is_blank(text) : !rest || offset)
			continue;
		if (!rest || offset != reader->count) {
			snprintf(
			    reader->error, HEX_ERROR_MAX,
			    "line %u: the dump does not go on with offset %04zx; the dump of one packet is needed",
			    reader->line, reader->count);
			return -1;
		}
		begun = true;
		len = line_len(reader, text, len);
		if (!parse_dump_line(reader, rest, len))
			return -1;
	}
	return (long)reader->count;
}

/* A text is a dump when one of its lines begins with offset 0. */
static bool is_dump(const char *text)
{
	for (; text; text = next_line(text)) {
		size_t offset;
		const char *rest = dump_offset(text, &offset);

		if (rest && offset == 0 && !is_blank(rest))
			return true;
	}
	return false;
}

long hex_text_parse(const char *text, uint8_t *bytes, size_t max, char error[HEX_ERROR_MAX])
{
	struct hex_reader reader = { .bytes = bytes, .max = max, .line = 1, .error = error };

	return is_dump(text) ? parse_dump(&reader, text) : hex_parse_plain(&reader, text);
}
