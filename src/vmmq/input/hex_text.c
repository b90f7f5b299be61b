/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/hex_text.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "vmmq/input/hex_line.h"

#define NOT_BYTES                                                                                                    \
	"these are words or other numbers of od or hexdump, and not bytes in their order; print bytes, as hexdump "  \
	"-C, od -t x1 and xxd do"

#define DUMP_LINE_MAX 256
#define DUMP_LINE_LEN 16 /* bytes of the only line of a dump; what follows are characters */

struct hex_reader {
	uint8_t *bytes;
	size_t count, max;
	unsigned line; /* from 1 */
	char *error;
};

static long hex_refuse(const struct hex_reader *reader, const char *text)
{
	snprintf(reader->error, HEX_ERROR_MAX, "line %u: %s", reader->line, text);
	return -1;
}

static bool put_byte(struct hex_reader *reader, const char *text)
{
	if (reader->count == reader->max) {
		snprintf(reader->error, HEX_ERROR_MAX, "more than %zu bytes", reader->max);
		return false;
	}
	reader->bytes[reader->count++] = (uint8_t)hex_byte(text);
	return true;
}

static long hex_parse_plain(struct hex_reader *reader, const char *text)
{
	while (*text) {
		if (strchr(" \t\r\n:-.,", *text)) {
			reader->line += *text++ == '\n';
			continue;
		}
		text += hex_prefix_len(text);
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

/* is_bytes: numbers of two digits with one space before each, up to two spaces or the end, as od -t x1 has them. */
static bool is_bytes(const char *text)
{
	while (*text == ' ' && text[1] != ' ' && !dump_line_ends(text[1])) {
		if (hex_byte(text + 1) < 0 || hex_digit(text[3]) >= 0)
			return false;
		text += 3;
	}
	return dump_line_ends(*text) || isspace((unsigned char)*text);
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
	if (hex_digit(*text) >= 0) {
		hex_refuse(reader, NOT_BYTES);
		return false;
	}
	return true;
}

/* is_repeat: "*" stands for lines that are the same as the one before. */
static bool is_repeat(const char *line)
{
	return *line == '*' && dump_line_is_blank(line + 1);
}

/*
 * offset_fits tells whether a line's offset is count.  od counts in octal unless told otherwise, and so in any of three radixes, but in one of
 * them all along: *radixes keeps those that have fitted so far, as bits.
 */
static bool offset_fits(const struct dump_line *line, size_t count, unsigned *radixes)
{
	static const int radix[] = { 16, 8, 10 };

	if (line->digits != 6 && line->digits != 7)
		return line->offset == count;
	for (unsigned i = 0; i < 3; i++) {
		char *end;

		if (strtoul(line->number, &end, radix[i]) != count || *end)
			*radixes &= ~(1u << i);
	}
	return *radixes;
}

/* The offset that follows a line tells how many bytes it has; the last one has at most as many as the one before. */
static size_t line_len(const struct hex_reader *reader, const struct dump_line *line, const char *text, size_t before)
{
	const char *next = dump_line_next(text);
	struct dump_line following;

	if (line->style == OFFSET_SPACE)
		return SIZE_MAX; /* od has no characters but behind two spaces and '>' */
	if (next && dump_line_read(next, &following) && following.offset > reader->count)
		return following.offset - reader->count;
	return before;
}

/* A line without the white space at its end. */
static size_t line_trimmed_len(const char *line)
{
	size_t len = strcspn(line, "\r\n");

	while (len && line[len - 1] == ' ')
		len--;
	return len;
}

/*
 * characters_fit compares what xxd says beside a line's bytes, behind two spaces, with them: xxd -e prints words in the other order, and xxd -b
 * bits, of which each byte looks like four in hex.
 */
static bool characters_fit(const struct hex_reader *reader, size_t from, const char *line)
{
	size_t count = reader->count - from, len = line_trimmed_len(line);
	char expected[DUMP_LINE_MAX + 3] = "  ";

	if (count > DUMP_LINE_MAX || !memmem(line + 1, len ? len - 1 : 0, "  ", 2))
		return count <= DUMP_LINE_MAX; /* somebody has cut the characters off */
	for (size_t i = 0; i < count; i++) {
		uint8_t byte = reader->bytes[from + i];

		expected[2 + i] = byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
	}
	count = line_trimmed_len(expected);
	return count <= len && !memcmp(line + len - count, expected, count);
}

/* repeat_line repeats the last len bytes until there are count. */
static bool repeat_line(struct hex_reader *reader, size_t len, size_t count)
{
	if (!len || count < reader->count || count > reader->max || (count - reader->count) % len)
		return false;
	for (; reader->count < count; reader->count++)
		reader->bytes[reader->count] = reader->bytes[reader->count - len];
	return true;
}

static long parse_dump(struct hex_reader *reader, const char *text)
{
	size_t len = DUMP_LINE_LEN;
	bool begun = false, repeat = false;
	unsigned radixes = 7;

	for (; text; text = dump_line_next(text), reader->line++) {
		struct dump_line line;
		bool offset = dump_line_read(text, &line);
		size_t from;

		if (begun ? dump_line_is_blank(text) : !offset || line.offset)
			continue;
		if (begun && is_repeat(text)) {
			repeat = true;
			continue;
		}
		if (repeat && offset && line.digits == 8 && !repeat_line(reader, len, line.offset))
			return hex_refuse(reader, "the lines that \"*\" stands for do not lead to this offset");
		repeat = false;
		if (!offset || !offset_fits(&line, reader->count, &radixes)) {
			snprintf(
			    reader->error, HEX_ERROR_MAX,
			    "line %u: the dump does not go on with offset %04zx; the dump of one packet is needed",
			    reader->line, reader->count);
			return -1;
		}
		if (line.digits == 7 && line.style == OFFSET_GAP && !dump_line_ends(*line.rest))
			return hex_refuse(reader, NOT_BYTES);
		begun = true;
		from = reader->count;
		len = line_len(reader, &line, text, len);
		if (!parse_dump_line(reader, line.rest, len))
			return -1;
		if (line.style == OFFSET_SPACE && !is_bytes(line.rest))
			return hex_refuse(reader, NOT_BYTES);
		if (line.style == OFFSET_COLON && !characters_fit(reader, from, line.rest))
			return hex_refuse(reader,
					  "the characters beside the bytes are not theirs: xxd -e and -b print words "
					  "and bits; print bytes, as plain xxd does");
		len = reader->count - from < len ? reader->count - from : len;
	}
	return (long)reader->count;
}

long hex_text_parse(const char *text, uint8_t *bytes, size_t max, char error[HEX_ERROR_MAX])
{
	struct hex_reader reader = { .bytes = bytes, .max = max, .line = 1, .error = error };

	switch (hex_shape_of(text)) {
	case HEX_DUMP:
		return parse_dump(&reader, text);
	case HEX_PART:
		return hex_refuse(&reader,
				  "the dump does not begin at offset 0; the dump of a whole packet is needed");
	case HEX_NUMBERS:
		return hex_refuse(&reader, NOT_BYTES);
	case HEX_AMBIGUOUS:
		return hex_refuse(&reader, "000000 may be an offset or three bytes; take it out, or print with xxd");
	case HEX_PLAIN:
		break;
	}
	return hex_parse_plain(&reader, text);
}
