/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vmmq top shows, as characters in cells: drawn on without a terminal, then put on one, or printed as text.
 * Whatever lies outside is cut off.  One thread.
 * Why not a pad of ncurses: that belongs to a terminal, which --once has not; its text goes on in the next row where it
 * does not fit; and it has at most 32767 rows.
 */
#ifndef VMMQ_VMMQ_TOP_TOP_CANVAS_H
#define VMMQ_VMMQ_TOP_TOP_CANVAS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

enum canvas_style {
	CANVAS_PLAIN,
	CANVAS_DIM,
	CANVAS_BOLD,
	CANVAS_TITLE,
	CANVAS_RULE,
	CANVAS_GOOD,
	CANVAS_WARN,
	CANVAS_BAD,
	CANVAS_ALARM, /* a message that must be seen */
	CANVAS_SELECTED,
	CANVAS_MOVED,
	CANVAS_HEAT_0, /* nothing */
	CANVAS_HEAT_1,
	CANVAS_HEAT_2, /* as much as others */
	CANVAS_HEAT_3,
	CANVAS_HEAT_4, /* far more */
	CANVAS_STYLE_COUNT
};

/* text: 0 for the right half of a wide character. */
struct canvas_cell {
	wchar_t text;
	uint8_t style;
};

/* unicode, colour: what the far end can show; where it has no colour, what colour would say is said by the character. */
struct canvas {
	unsigned rows, columns;
	bool unicode;
	bool colour;
	struct canvas_cell *cell;
};

/* canvas_resize makes an empty canvas of that size; false: memory, and it is as before.  canvas_fini frees it. */
bool canvas_resize(struct canvas *canvas, unsigned rows, unsigned columns);
void canvas_fini(struct canvas *canvas);
void canvas_clear(struct canvas *canvas);

/*
 * canvas_put writes UTF-8 text and returns the column behind it.  Characters that cannot be shown become '?'.
 * canvas_put_width uses exactly width columns: what is longer ends with an ellipsis, what is shorter is followed by blanks.
 * canvas_put_right lets text end before column end.  canvas_printf: as canvas_put.
 * canvas_repeat writes count times the first character of text.
 */
unsigned canvas_put(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style, const char *text);
unsigned canvas_put_width(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
			  enum canvas_style style, const char *text);
void canvas_put_right(struct canvas *canvas, unsigned row, unsigned end, enum canvas_style style, const char *text);
__attribute__((format(printf, 5, 6))) unsigned canvas_printf(struct canvas *canvas, unsigned row, unsigned column,
							     enum canvas_style style, const char *format, ...);
unsigned canvas_repeat(struct canvas *canvas, unsigned row, unsigned column, unsigned count, enum canvas_style style,
		       const char *text);

/* canvas_glyph returns unicode or ascii, by what the far end can show. */
const char *canvas_glyph(const struct canvas *canvas, const char *unicode, const char *ascii);

/* canvas_width returns the columns of text; canvas_print writes the rows, without blanks at their ends and empty ones at the end. */
unsigned canvas_width(const struct canvas *canvas, const char *text);
void canvas_print(const struct canvas *canvas, FILE *out);

#endif
