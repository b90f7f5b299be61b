/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors: a line each; where those do not fit several in a line; where not even those do, a character each. */
#include "vmmq/figures.h"
#include "vmmq/top/top_draw.h"

enum shape { SHAPE_LINE, SHAPE_CELL, SHAPE_STRIP };
static const unsigned shape_width[] = { [SHAPE_LINE] = 72, [SHAPE_CELL] = 26 };
#define STRIP_GROUP 8u

static unsigned shape_per_line(enum shape shape, unsigned columns)
{
	unsigned n;

	if (shape == SHAPE_STRIP) {
		n = (columns > 6 ? columns - 6 : 0) / (STRIP_GROUP + 1) * STRIP_GROUP;
		return n ? n : STRIP_GROUP;
	}
	n = columns / shape_width[shape];
	return n ? n : 1;
}

static unsigned shape_lines(enum shape shape, unsigned columns, size_t count)
{
	unsigned n = shape_per_line(shape, columns);

	return (unsigned)((count + n - 1) / n);
}

static enum shape shape_for(unsigned columns, size_t count, unsigned rows)
{
	enum shape shape = SHAPE_LINE;

	while (shape < SHAPE_STRIP && shape_lines(shape, columns, count) + 1 > rows)
		shape++;
	return shape;
}

unsigned processors_rows(const struct top_model *model, unsigned columns, unsigned rows)
{
	size_t count = model->now->processor_count;
	unsigned wanted = shape_lines(shape_for(columns, count, rows), columns, count) + 1;

	return wanted < rows ? wanted : rows;
}

/* draw_load draws a bar of so many columns between its ends, and returns the column behind them. */
static unsigned draw_load(struct canvas *canvas, unsigned row, unsigned column, unsigned bar,
			  const struct top_processor *p)
{
	double awake = 1 - p->asleep > p->busy ? 1 - p->asleep : p->busy;
	unsigned looked = (unsigned)(awake * bar + 0.5);

	column = canvas_put(canvas, row, column, CANVAS_DIM, canvas_glyph(canvas, "▕", "["));
	if (p->stalled) {
		canvas_put_width(canvas, row, column, bar, CANVAS_ALARM, "STALLED: it has stopped polling");
	} else {
		canvas_repeat(canvas, row, column, looked < bar ? looked : bar, CANVAS_DIM,
			      canvas_glyph(canvas, "·", "."));
		draw_bar(canvas, row, column, bar, p->busy, load_style(p->busy));
	}
	return canvas_put(canvas, row, column + bar, CANVAS_DIM, canvas_glyph(canvas, "▏", "]"));
}

/* "  0 [########   ]  62%  1.23M  12.3k  1.23k    120": the figures are as wide as their headings in line_heading() */
#define LINE_FIGURES 33u
static void draw_line(struct canvas *canvas, unsigned row, unsigned column, unsigned width, unsigned number_width,
		      const struct top_processor *p)
{
	unsigned bar = width - number_width - LINE_FIGURES - 5;
	char busy[FIGURE_SIZE], pps[FIGURE_SIZE], dpcs[FIGURE_SIZE], interrupts[FIGURE_SIZE], high[FIGURE_SIZE];

	column = canvas_printf(canvas, row, column, p->in_rss_set ? CANVAS_PLAIN : CANVAS_DIM, "%*u ",
			       (int)number_width + 1, p->number);
	column = draw_load(canvas, row, column, bar, p);
	column = canvas_printf(canvas, row, column, load_style(p->busy), " %4s", figure_share(p->busy, busy));
	canvas_printf(canvas, row, column, CANVAS_PLAIN, "  %5s  %5s  %5s  %5s",
		      figure_rate(p->count[TOP_PROCESSOR_PACKETS].rate, pps),
		      figure_rate(p->count[TOP_PROCESSOR_DPCS].rate, dpcs),
		      figure_rate(p->count[TOP_PROCESSOR_INTERRUPTS].rate, interrupts),
		      figure_count((double)p->inbox_high, high));
}

static void line_heading(struct canvas *canvas, unsigned row, unsigned column, unsigned width)
{
	canvas_put_right(canvas, row, column + width, CANVAS_TITLE, " busy    pps  DPC/s  int/s   high");
}

/* "  0 ▕██████▌   ▏ 62% 1.23M" */
static void draw_cell(struct canvas *canvas, unsigned row, unsigned column, unsigned width, unsigned number_width,
		      const struct top_processor *p)
{
	unsigned bar = width - number_width - 15;
	char busy[FIGURE_SIZE], pps[FIGURE_SIZE];

	column = canvas_printf(canvas, row, column, p->in_rss_set ? CANVAS_PLAIN : CANVAS_DIM, " %*u",
			       (int)number_width, p->number);
	column = draw_load(canvas, row, column, bar, p);
	column = canvas_printf(canvas, row, column, load_style(p->busy), "%4s", figure_share(p->busy, busy));
	canvas_printf(canvas, row, column, CANVAS_PLAIN, " %5s",
		      figure_rate(p->count[TOP_PROCESSOR_PACKETS].rate, pps));
}

/* The sums, in the rule, where the processors' own figures are not all shown. */
static void draw_sums(struct canvas *canvas, unsigned row, const struct top_snapshot *now)
{
	char mean[FIGURE_SIZE], most_text[FIGURE_SIZE], dpcs[FIGURE_SIZE], interrupts[FIGURE_SIZE],
	    high_text[FIGURE_SIZE];
	double busy = 0, dpc = 0, interrupt = 0;
	const struct top_processor *most = now->processor;
	uint64_t high = 0;
	char text[160];

	for (size_t i = 0; i < now->processor_count; i++) {
		const struct top_processor *p = &now->processor[i];

		busy += p->busy / (double)now->processor_count;
		dpc += p->count[TOP_PROCESSOR_DPCS].rate;
		interrupt += p->count[TOP_PROCESSOR_INTERRUPTS].rate;
		if (p->inbox_high > high)
			high = p->inbox_high;
		if (p->busy > most->busy)
			most = p;
	}
	snprintf(text, sizeof(text), " busy %4s  most %4s (%u)  DPC/s %5s  int/s %5s  high %5s",
		 figure_share(busy, mean), figure_share(most->busy, most_text), most->number, figure_rate(dpc, dpcs),
		 figure_rate(interrupt, interrupts), figure_count((double)high, high_text));
	if (canvas_width(canvas, text) + 16 <= canvas->columns)
		canvas_put_right(canvas, row, canvas->columns, CANVAS_TITLE, text);
}

/* One character a processor; a stalled one is marked. */
static void draw_strip(struct canvas *canvas, unsigned row, unsigned rows, const struct top_snapshot *now)
{
	unsigned n = shape_per_line(SHAPE_STRIP, canvas->columns);

	for (size_t i = 0; i < now->processor_count && i / n < rows; i++) {
		const struct top_processor *p = &now->processor[i];
		unsigned at = (unsigned)(i % n), line = row + (unsigned)(i / n);

		if (at == 0)
			canvas_printf(canvas, line, 0, CANVAS_PLAIN, "%5u", p->number);
		canvas_put(canvas, line, 6 + at + at / STRIP_GROUP, p->stalled ? CANVAS_ALARM : load_style(p->busy),
			   p->stalled ? "!" : level_glyph(canvas, p->busy));
	}
}

unsigned draw_processors(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model)
{
	const struct top_snapshot *now = model->now;
	enum shape shape = shape_for(canvas->columns, now->processor_count, rows);
	unsigned n = shape_per_line(shape, canvas->columns),
		 down = shape_lines(shape, canvas->columns, now->processor_count);
	unsigned width = shape == SHAPE_STRIP ? 0 : (canvas->columns - (n - 1)) / n;
	unsigned number_width = top_number_width(model);
	char title[48];

	snprintf(title, sizeof(title), "%zu processor%s", now->processor_count, now->processor_count == 1 ? "" : "s");
	draw_rule(canvas, row, title);
	if (shape == SHAPE_STRIP || canvas->columns < shape_width[SHAPE_LINE]) {
		draw_sums(canvas, row, now);
		if (shape == SHAPE_STRIP)
			draw_strip(canvas, row + 1, rows - 1, now);
	} else if (shape == SHAPE_CELL) {
		draw_sums(canvas, row, now);
	}
	for (size_t i = 0; shape != SHAPE_STRIP && i < now->processor_count; i++) {
		unsigned at = (unsigned)i / down, line = row + 1 + (unsigned)i % down;

		if (line >= row + rows)
			continue;
		if (shape == SHAPE_LINE && width >= shape_width[SHAPE_LINE]) {
			line_heading(canvas, row, at * (width + 1), width);
			draw_line(canvas, line, at * (width + 1), width, number_width, &now->processor[i]);
		} else if (width >= shape_width[SHAPE_CELL] - 4) {
			draw_cell(canvas, line, at * (width + 1), width, number_width, &now->processor[i]);
		}
	}
	return row + rows;
}

unsigned draw_processor_list(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model,
			     struct top_choice *choice)
{
	const struct top_snapshot *now = model->now;
	unsigned count = (unsigned)now->processor_count, number_width = top_number_width(model);
	unsigned columns = canvas->columns;

	if (rows < 2)
		return row;
	choice->page_rows = rows - 1;
	if (choice->first + choice->page_rows > count)
		choice->first = count > choice->page_rows ? count - choice->page_rows : 0;
	draw_rule(canvas, row, "processors");
	if (columns >= shape_width[SHAPE_LINE])
		line_heading(canvas, row, 0, columns);
	for (unsigned i = 0; i < choice->page_rows && choice->first + i < count; i++) {
		const struct top_processor *p = &now->processor[choice->first + i];

		if (columns >= shape_width[SHAPE_LINE])
			draw_line(canvas, row + 1 + i, 0, columns, number_width, p);
		else if (columns >= shape_width[SHAPE_CELL] - 4)
			draw_cell(canvas, row + 1 + i, 0, columns, number_width, p);
	}
	return row + rows;
}
