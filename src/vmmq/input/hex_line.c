/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/input/hex_line.h"

#include <ctype.h>
#include <string.h>

#include "base/hex.h"

size_t hex_prefix_len(const char *text)
{
	bool prefix = (text[0] == '0' || text[0] == '\\') && (text[1] == 'x' || text[1] == 'X');

	return prefix ? 2 : 0;
}

bool dump_line_ends(char c)
{
	return c == '\n' || c == '\r' || c == '\0';
}

static enum offset_style offset_style_of(const char *behind, unsigned digits, bool prefix)
{
	if (*behind == ':')
		return !isspace((unsigned char)behind[1]) ? OFFSET_NONE : prefix ? OFFSET_PREFIX : OFFSET_COLON;
	if (*behind == '\t' || dump_line_ends(*behind) || strncmp(behind, "  ", 2) == 0)
		return OFFSET_GAP;
	return *behind == ' ' && (digits == 6 || digits == 7) ? OFFSET_SPACE : OFFSET_NONE;
}

bool dump_line_read(const char *text, struct dump_line *line)
{
	*line = (struct dump_line){ .style = OFFSET_NONE };
	while (*text == ' ' || *text == '\t')
		text++;
	const size_t prefix = hex_prefix_len(text);

	for (text += prefix; hex_digit(*text) >= 0 && line->digits < 8; line->digits++) {
		line->number[line->digits] = *text;
		line->offset = line->offset << 4 | (size_t)hex_digit(*text++);
	}
	line->rest = *text == ':' ? text + 1 : text;
	if (line->digits >= 4)
		line->style = offset_style_of(text, line->digits, prefix);
	return line->style != OFFSET_NONE;
}

const char *dump_line_next(const char *text)
{
	const char *end = strchr(text, '\n');

	return end ? end + 1 : NULL;
}

bool dump_line_is_blank(const char *line)
{
	line += strspn(line, " \t\r");
	return *line == '\n' || *line == '\0';
}

/* What a text is: a dump begins with offset 0. */
static bool is_dump(const char *text)
{
	for (; text; text = dump_line_next(text)) {
		struct dump_line line;

		if (dump_line_read(text, &line) && line.offset == 0 && !dump_line_is_blank(line.rest))
			return true;
	}
	return false;
}

/* is_part tells whether a text is a dump from somewhere in the middle: an offset with a colon, or two that follow on each other. */
static bool is_part(const char *text)
{
	struct dump_line before = { .style = OFFSET_NONE };

	for (; text; text = dump_line_next(text)) {
		struct dump_line line;

		if (!dump_line_read(text, &line)) {
			before.style = OFFSET_NONE;
			continue;
		}
		if (line.style == OFFSET_COLON || line.style == OFFSET_PREFIX ||
		    (before.style != OFFSET_NONE && line.offset > before.offset && line.offset - before.offset <= 64))
			return true;
		before = line;
	}
	return false;
}

/*
 * is_od_without_offsets: od -A n prints each number behind one space, words behind one space too, in this machine's byte order; decimal numbers
 * of bytes behind two.
 */
static bool is_od_without_offsets(const char *text)
{
	size_t spaces = strspn(text, " "), digits, width = 0;

	if (spaces != 1 && spaces != 2)
		return false;
	for (; !dump_line_ends(*text); text += digits) {
		if (strspn(text, " ") != spaces)
			return false;
		text += spaces;
		digits = strspn(text, spaces == 1 ? "0123456789abcdef" : "0123456789");
		if (!digits || (width && digits != width))
			return false;
		width = digits;
	}
	return spaces == 1 ? width >= 4 : width == 2;
}

/* One number with an offset's length in front of others may be one, or three bytes: od -A x says no more. */
static bool is_ambiguous(const char *text)
{
	struct dump_line line;

	return dump_line_read(text, &line) && line.style == OFFSET_SPACE && !line.offset && line.digits == 6 &&
	       (!dump_line_next(text) || dump_line_is_blank(dump_line_next(text)));
}

enum hex_shape hex_shape_of(const char *text)
{
	if (is_ambiguous(text))
		return HEX_AMBIGUOUS;
	if (is_dump(text))
		return HEX_DUMP;
	if (is_part(text))
		return HEX_PART;
	return is_od_without_offsets(text) ? HEX_NUMBERS : HEX_PLAIN;
}
