/* SPDX-License-Identifier: BSD-2-Clause */
/* How lines of a dump begin, and by that what a text of hex digits is. */
#ifndef VMMQ_VMMQ_INPUT_HEX_LINE_H
#define VMMQ_VMMQ_INPUT_HEX_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* How a line of a dump begins. */
enum offset_style {
	OFFSET_NONE,
	OFFSET_COLON,  /* "00000010: " xxd */
	OFFSET_PREFIX, /* "\t0x0010:  " tcpdump */
	OFFSET_GAP,    /* "00000010  " hexdump -C, tshark, Wireshark; or a line that has nothing else */
	OFFSET_SPACE,  /* "0000020 41 42", "000010 41 42": od -t x1 */
};

struct dump_line {
	enum offset_style style;
	unsigned digits; /* of the offset: 4 to 8 */
	char number[9];  /* the offset as it stands: its radix is od's choice */
	size_t offset;   /* of all others hexadecimal */
	const char *rest;
};

/* dump_line_read looks how a line begins; false: with no offset. */
bool dump_line_read(const char *text, struct dump_line *line);

/* dump_line_next returns the next line, or NULL; dump_line_is_blank: there is nothing in it; dump_line_ends: there is no more of it here. */
const char *dump_line_next(const char *text);
bool dump_line_is_blank(const char *line);
bool dump_line_ends(char c);

/* hex_prefix_len returns the length of "0x" or "\x" where a text begins with it, or 0. */
size_t hex_prefix_len(const char *text);

/* What a text is. */
enum hex_shape {
	HEX_PLAIN,     /* bytes, two digits each */
	HEX_DUMP,      /* from offset 0 */
	HEX_PART,      /* a dump that begins elsewhere */
	HEX_NUMBERS,   /* words, or decimal numbers, without offsets, as od -A n prints them */
	HEX_AMBIGUOUS, /* "000000 41 42" alone: od -A x, or three more bytes */
};
enum hex_shape hex_shape_of(const char *text);

#endif
