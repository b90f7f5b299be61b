/* SPDX-License-Identifier: BSD-2-Clause */
/* What the far end of a stream can show.  Anything but a terminal gets plain ASCII and no colour. */
#ifndef VMMQ_BASE_TERMINAL_H
#define VMMQ_BASE_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/* Columns that texts are wrapped at, whatever the terminal, so that what is shown can be compared. */
#define TERMINAL_COLUMNS 80

#define TERMINAL_TIE "\037"

enum terminal_style {
	STYLE_NONE, /* ends the others */
	STYLE_BOLD,
	STYLE_DIM,
	STYLE_RED,
	STYLE_GREEN,
	STYLE_YELLOW,
	STYLE_BLUE,
	STYLE_MAGENTA,
	STYLE_CYAN,
};

/* terminal_is_interactive: a person looks at it, so that a line may be drawn over again (progress). */
bool terminal_is_interactive(FILE *out);

/* terminal_is_fancy: colours are wanted: a terminal, TERM is neither absent nor "dumb", NO_COLOR is unset or empty. */
bool terminal_is_fancy(FILE *out);

/* terminal_is_unicode: a terminal and a UTF-8 locale; main() has called setlocale(LC_CTYPE, ""). */
bool terminal_is_unicode(FILE *out);

/* terminal_style returns the escape sequence that begins style on out, or "" where that is not wanted. */
const char *terminal_style(FILE *out, enum terminal_style style);

/* terminal_glyph returns unicode or ascii, by what out can show: terminal_glyph(stdout, "→", "->"). */
const char *terminal_glyph(FILE *out, const char *unicode, const char *ascii);

/*
 * terminal_wrap prints text in lines of at most TERMINAL_COLUMNS columns, broken at spaces, every line after the first
 * indented by indent columns; the cursor stands at column when it begins.  "\n\n" starts a paragraph.  A word longer than
 * a line stays whole; TERMINAL_TIE is a space that no line is broken at.  Ends with a newline.
 */
void terminal_wrap(FILE *out, unsigned column, unsigned indent, const char *text);

#endif
