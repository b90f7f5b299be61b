/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts, one a line: rates, spread over processors, indirection table. */
#include <stdlib.h>

#include "vmmq/figures.h"
#include "vmmq/top/top_draw.h"

/* Where the columns of the list begin in so many columns; width 0: not shown. */
struct layout {
	unsigned id, name, name_width;
	unsigned rates,
	    gap; /* five of them, each gap blanks and FIGURE_WIDTH wide, and what the headings need more */
	bool out;
	unsigned imbalance;
	unsigned spread, spread_width;
	unsigned entries, entries_width;
};

static unsigned power_of_two_in(unsigned width)
{
	unsigned n = 1;

	while (n * 2 <= width && n < 128)
		n *= 2;
	return width ? n : 0;
}

/* the rates' columns end at these offsets from layout.rates, at gap 0: in pps, bit/s, out pps, bit/s, drop/s */
static const unsigned rate_end[] = { 7, 13, 21, 27, 34 };
static const char *const rate_title[] = { "in pps", "bit/s", "out pps", "bit/s", "drop/s" };
#define RATES 5u

static unsigned rate_column(const struct layout *layout, unsigned i)
{
	if (!layout->out && i == RATES - 1)
		return layout->rates + rate_end[1] + (rate_end[4] - rate_end[3]) + layout->gap * 3;
	return layout->rates + rate_end[i] + layout->gap * (i + 1);
}

static void layout_for(struct layout *layout, unsigned columns, unsigned id_width)
{
	unsigned at, left;

	*layout = (struct layout){ .id = 1, .name = id_width + 2, .out = columns >= 56 };
	layout->name_width = columns >= 140 ? 24 : columns >= 100 ? 16 : columns >= 80 ? 12 : columns >= 40 ? 10 : 6;
	layout->gap = columns >= 140 ? 1 : 0;
	layout->rates = layout->name + layout->name_width;
	at = rate_column(layout, RATES - 1);
	if (columns >= at + 5 + layout->gap) {
		at += 5 + layout->gap;
		layout->imbalance = at;
	}
	layout->spread_width = columns >= 140 ? 16 : columns >= 100 ? 8 : 6;
	left = columns > at ? columns - at : 0;
	if (left >= layout->spread_width + 1 + layout->gap + 9) {
		layout->spread = at + 1 + layout->gap;
		at = layout->spread + layout->spread_width;
		left = columns - at;
	} else {
		layout->spread_width = 0;
	}
	layout->entries = at + 1 + layout->gap;
	layout->entries_width = left > 1 + layout->gap + 7 ? power_of_two_in(left - 1 - layout->gap) : 0;
}

static void draw_heading(struct canvas *canvas, unsigned row, const struct layout *layout, size_t count)
{
	char title[32];

	snprintf(title, sizeof(title), "%zu VPort%s", count, count == 1 ? "" : "s");
	draw_rule(canvas, row, title);
	canvas_repeat(canvas, row, rate_column(layout, 0) - 7,
		      rate_column(layout, RATES - 1) - rate_column(layout, 0) + 7, CANVAS_TITLE, " ");
	for (unsigned i = 0; i < RATES; i++) {
		unsigned end = rate_column(layout, i);
		char text[16];

		if (!layout->out && (i == 2 || i == 3))
			continue;
		snprintf(text, sizeof(text), " %s", rate_title[i]);
		if (end <= canvas->columns)
			canvas_put_right(canvas, row, end, CANVAS_TITLE, text);
	}
	if (layout->imbalance)
		canvas_put_right(canvas, row, layout->imbalance, CANVAS_TITLE, layout->gap ? "   imb" : "  imb");
	if (layout->spread_width)
		canvas_put(canvas, row, layout->spread - 1, CANVAS_TITLE, " spread ");
	if (layout->entries_width)
		canvas_put(canvas, row, layout->entries - 1, CANVAS_TITLE, " entries ");
}

/* The columns stand for processors in ascending order; more processors than columns share them, the most loaded counts. */
void draw_spread(struct canvas *canvas, unsigned row, unsigned column, unsigned width, const struct top_vport *vport)
{
	size_t count = 0, at = 0;
	double sum = 0;

	for (size_t i = 0; i < vport->share_count; i++) {
		if (!vport->share[i].used && vport->share[i].packets.rate <= 0)
			continue; /* it had traffic once */
		sum += vport->share[i].packets.rate;
		count++;
	}
	for (size_t i = 0, cell; i < vport->share_count; i++) {
		double rate = vport->share[i].packets.rate, level;

		if (!vport->share[i].used && rate <= 0)
			continue;
		cell = count <= width ? at : at * width / count;
		for (at++; count > width && at < count && at * width / count == cell && i + 1 < vport->share_count;
		     at++)
			if (vport->share[++i].packets.rate > rate)
				rate = vport->share[i].packets.rate;
		level = sum > 0 ? rate / sum * (double)count / 2 : 0;
		canvas_put(canvas, row, column + (unsigned)cell,
			   level > 0.75 ? CANVAS_HEAT_4
			   : level > 0  ? CANVAS_HEAT_2
					: CANVAS_HEAT_0,
			   level_glyph(canvas, level));
	}
}

void draw_entries(struct canvas *canvas, unsigned row, unsigned column, unsigned width, const struct top_model *model,
		  const struct top_vport *vport)
{
	size_t count = vport->entry_count, group = count > width && width ? (count + width - 1) / width : 1;
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += vport->entry[i].packets.rate;
	for (size_t i = 0; i < count; i += group) {
		double most = 0;
		bool moved = false;

		for (size_t k = i; k < i + group && k < count; k++) {
			if (vport->entry[k].packets.rate > most)
				most = vport->entry[k].packets.rate;
			moved |= top_entry_moved(model, &vport->entry[k]);
		}
		draw_heat(canvas, row, column + (unsigned)(i / group), heat_style(most, sum / (double)count), moved);
	}
}

static void draw_vport(struct canvas *canvas, unsigned row, const struct layout *layout, unsigned id_width,
		       const struct top_model *model, const struct top_vport *vport, bool selected)
{
	const struct top_count *count = vport->count;
	const double rate[RATES] = { count[TOP_VPORT_PACKETS].rate, count[TOP_VPORT_BYTES].rate * 8,
				     count[TOP_VPORT_FROM_GUEST_PACKETS].rate,
				     count[TOP_VPORT_FROM_GUEST_BYTES].rate * 8, vport->dropped.rate };
	enum canvas_style style = selected ? CANVAS_SELECTED : CANVAS_PLAIN;

	canvas_put(canvas, row, 0, CANVAS_PLAIN, selected ? canvas_glyph(canvas, "▸", ">") : " ");
	canvas_printf(canvas, row, layout->id, style, "%*u ", (int)id_width, vport->id);
	canvas_put_width(canvas, row, layout->name, layout->name_width, style, vport->name);
	for (unsigned i = 0; i < RATES; i++) {
		char text[FIGURE_SIZE];
		bool bad = i == RATES - 1 && rate[i] > 0;

		if (!layout->out && (i == 2 || i == 3))
			continue;
		canvas_put_right(canvas, row, rate_column(layout, i),
				 bad           ? CANVAS_BAD
				 : rate[i] > 0 ? CANVAS_PLAIN
					       : CANVAS_DIM,
				 vport->has_rates ? figure_rate(rate[i], text) : "-");
	}
	if (layout->imbalance) {
		char text[16] = "-";

		if (vport->imbalance > 0)
			snprintf(text, sizeof(text), vport->imbalance < 9.95 ? "%.2f" : "%.0f", vport->imbalance);
		canvas_put_right(canvas, row, layout->imbalance,
				 vport->imbalance >= 2  ? CANVAS_WARN
				 : vport->imbalance > 0 ? CANVAS_PLAIN
							: CANVAS_DIM,
				 text);
	}
	if (layout->spread_width)
		draw_spread(canvas, row, layout->spread, layout->spread_width, vport);
	if (layout->entries_width)
		draw_entries(canvas, row, layout->entries, layout->entries_width, model, vport);
}

/* keep_in_sight brings choice->first into range, and to where the selected line is seen. */
static void keep_in_sight(struct top_choice *choice, unsigned selected, unsigned count)
{
	unsigned rows = choice->page_rows;

	if (choice->follow && selected < choice->first)
		choice->first = selected;
	if (choice->follow && selected >= choice->first + rows)
		choice->first = selected - rows + 1;
	if (choice->first + rows > count)
		choice->first = count > rows ? count - rows : 0;
}

/* draw_more says which part of the list is seen, in the place of its title. */
static void draw_more(struct canvas *canvas, unsigned row, const struct layout *layout,
		      const struct top_choice *choice, unsigned count)
{
	unsigned last = choice->first + choice->page_rows;
	char text[48];

	if (choice->page_rows >= count)
		return;
	canvas_repeat(canvas, row, 1, layout->rates - 1, CANVAS_RULE, canvas_glyph(canvas, "─", "-"));
	snprintf(text, sizeof(text), " VPorts %u-%u/%u ", choice->first + 1, last > count ? count : last, count);
	canvas_put(canvas, row, 1, CANVAS_TITLE, canvas_width(canvas, text) < layout->rates ? text : text + 7);
}

unsigned draw_vports(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model,
		     struct top_choice *choice)
{
	size_t *order = top_order(model, choice->sort);
	unsigned count = (unsigned)model->now->vport_count, selected = 0;
	unsigned id_width = count && model->now->vport[count - 1].id > 999 ? 5 : 3;
	struct layout layout;

	if (rows < 2) {
		free(order);
		return row;
	}
	layout_for(&layout, canvas->columns, id_width);
	draw_heading(canvas, row, &layout, count);
	choice->page_rows = rows - 1;
	for (unsigned i = 0; order && i < count; i++)
		if (model->now->vport[order[i]].id == choice->selected)
			selected = i;
	keep_in_sight(choice, selected, count);
	draw_more(canvas, row, &layout, choice, count);
	for (unsigned i = 0; order && i < choice->page_rows && choice->first + i < count; i++)
		draw_vport(canvas, ++row, &layout, id_width, model, &model->now->vport[order[choice->first + i]],
			   !choice->once && choice->first + i == selected);
	free(order);
	return row + 1;
}
