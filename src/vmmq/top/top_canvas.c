/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/top/top_canvas.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

bool canvas_resize(struct canvas *canvas, unsigned rows, unsigned columns)
{
	struct canvas_cell *cell = calloc((size_t)rows * columns + 1, sizeof(*cell));

	if (!cell)
		return false;
	free(canvas->cell);
	canvas->cell = cell;
	canvas->rows = rows;
	canvas->columns = columns;
	canvas_clear(canvas);
	return true;
}

void canvas_fini(struct canvas *canvas)
{
	free(canvas->cell);
	*canvas = (struct canvas){ 0 };
}

void canvas_clear(struct canvas *canvas)
{
	for (size_t i = 0; i < (size_t)canvas->rows * canvas->columns; i++)
		canvas->cell[i] = (struct canvas_cell){ L' ', CANVAS_PLAIN };
}

const char *canvas_glyph(const struct canvas *canvas, const char *unicode, const char *ascii)
{
	return canvas->unicode ? unicode : ascii;
}

/* next_character takes one character from *text; what is not UTF-8 counts as '?', byte by byte. */
static wchar_t next_character(const char **text)
{
	uint32_t point = utf8_next(text);

	return point == UTF8_INVALID ? L'?' : (wchar_t)point;
}

/* shown returns the character as the far end can show it, and its columns; 0 columns: left out. */
static wchar_t canvas_shown(const struct canvas *canvas, wchar_t c, unsigned *width)
{
	int columns = c < 0x80 || canvas->unicode ? wcwidth(c) : -1;

	*width = columns < 0 ? 1 : (unsigned)columns;
	return columns < 0 ? L'?' : c;
}

unsigned canvas_width(const struct canvas *canvas, const char *text)
{
	unsigned sum = 0, width;

	while (*text) {
		canvas_shown(canvas, next_character(&text), &width);
		sum += width;
	}
	return sum;
}

static void put_cell(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style, wchar_t c)
{
	if (row < canvas->rows && column < canvas->columns)
		canvas->cell[(size_t)row * canvas->columns + column] = (struct canvas_cell){ c, (uint8_t)style };
}

/* put_until writes text up to column end and returns the column behind it. */
static unsigned put_until(struct canvas *canvas, unsigned row, unsigned column, unsigned end, enum canvas_style style,
			  const char *text)
{
	while (*text) {
		unsigned width;
		wchar_t c = canvas_shown(canvas, next_character(&text), &width);

		if (column + width > end)
			break;
		if (width == 0)
			continue;
		if (width == 2 && column + 2 > canvas->columns)
			break; /* half a character cannot be shown */
		put_cell(canvas, row, column, style, c);
		if (width == 2)
			put_cell(canvas, row, column + 1, style, 0);
		column += width;
	}
	return column;
}

unsigned canvas_put(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style, const char *text)
{
	return put_until(canvas, row, column, ~0u, style, text);
}

unsigned canvas_put_width(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
			  enum canvas_style style, const char *text)
{
	unsigned end = column + width;

	if (width && canvas_width(canvas, text) > width) {
		column = put_until(canvas, row, column, end - 1, style, text);
		column = canvas_put(canvas, row, column, style, canvas_glyph(canvas, "…", "~"));
	} else {
		column = put_until(canvas, row, column, end, style, text);
	}
	while (column < end)
		put_cell(canvas, row, column++, style, L' ');
	return end;
}

void canvas_put_right(struct canvas *canvas, unsigned row, unsigned end, enum canvas_style style, const char *text)
{
	unsigned width = canvas_width(canvas, text);

	if (width <= end)
		canvas_put(canvas, row, end - width, style, text);
}

unsigned canvas_printf(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style style,
		       const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return canvas_put(canvas, row, column, style, text);
}

unsigned canvas_repeat(struct canvas *canvas, unsigned row, unsigned column, unsigned count, enum canvas_style style,
		       const char *text)
{
	unsigned width;
	wchar_t c = canvas_shown(canvas, next_character(&text), &width);

	while (count--)
		put_cell(canvas, row, column++, style, c);
	return column;
}

/* put_character writes one character; fputwc() would turn the stream into a wide one for good. */
static void put_character(wchar_t c, FILE *out)
{
	char bytes[UTF8_LEN_MAX];

	fwrite(bytes, 1, utf8_put(bytes, (uint32_t)c), out);
}

static unsigned row_len(const struct canvas *canvas, unsigned row)
{
	unsigned len = canvas->columns;

	while (len && canvas->cell[(size_t)row * canvas->columns + len - 1].text == L' ')
		len--;
	return len;
}

void canvas_print(const struct canvas *canvas, FILE *out)
{
	unsigned rows = canvas->rows;

	while (rows && row_len(canvas, rows - 1) == 0)
		rows--;
	for (unsigned row = 0; row < rows; row++) {
		unsigned len = row_len(canvas, row);

		for (unsigned column = 0; column < len; column++) {
			wchar_t c = canvas->cell[(size_t)row * canvas->columns + column].text;

			if (c)
				put_character(c, out);
		}
		putc('\n', out);
	}
}
