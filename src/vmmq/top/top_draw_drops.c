/* SPDX-License-Identifier: BSD-2-Clause */
/* Drops by reason, and the entries that moved in the last seconds. */
#include <string.h>

#include "vmmq/figures.h"
#include "vmmq/top/top_draw.h"

#define DROP_WIDTH 25u /* a name, how many a second, how many in all */

static unsigned drops_per_line(unsigned columns)
{
	return columns >= 2 * DROP_WIDTH ? (columns + 1) / (DROP_WIDTH + 1) : 1;
}

unsigned drops_rows(unsigned columns, size_t count)
{
	unsigned n = drops_per_line(columns);

	return 1 + (count ? (unsigned)((count + n - 1) / n) : 1);
}

static void draw_drop(struct canvas *canvas, unsigned row, unsigned column, const struct top_drop *drop)
{
	char rate[FIGURE_SIZE], total[FIGURE_SIZE];
	enum canvas_style style = drop->packets.rate > 0 ? CANVAS_BAD : CANVAS_PLAIN;

	column = canvas_put_width(canvas, row, column, DROP_WIDTH - 12, CANVAS_PLAIN, drop->reason);
	column = canvas_printf(canvas, row, column, style, "%6s", figure_rate(drop->packets.rate, rate));
	canvas_printf(canvas, row, column, CANVAS_DIM, "%6s", figure_count((double)drop->packets.total, total));
}

unsigned draw_drops(struct canvas *canvas, unsigned row, unsigned rows, const struct top_drop drop[], size_t count)
{
	unsigned n = drops_per_line(canvas->columns);
	size_t room = (size_t)n * (rows - 1);

	draw_rule(canvas, row, "drops by reason: a second, in all");
	if (count == 0 && rows > 1)
		canvas_put(canvas, row + 1, 1, CANVAS_DIM, "none since vmmqd started");
	for (size_t i = 0; i < count && i < room; i++)
		draw_drop(canvas, row + 1 + (unsigned)(i / n), 1 + (unsigned)(i % n) * (DROP_WIDTH + 1), &drop[i]);
	if (count > room) {
		char text[32];

		snprintf(text, sizeof(text), " %zu more ", count - room);
		canvas_put_right(canvas, row, canvas->columns - 1, CANVAS_TITLE, text);
	}
	return row + rows;
}

/* The newest moves first: by VPort, then entry.  Before what was moved for its load stands the reason, once for all that have it. */
static unsigned draw_moves_of(struct canvas *canvas, unsigned row, unsigned column, const struct top_model *model,
			      const struct top_vport *vport, double moved_at)
{
	const char *reason = "";
	bool named = false;

	for (size_t i = 0; i < vport->entry_count && column < canvas->columns; i++) {
		const struct top_entry *entry = &vport->entry[i];
		const char *its;
		char text[128];

		if (entry->moved_at != moved_at || !top_entry_moved(model, entry))
			continue;
		its = top_move_reason(model, vport, i);
		snprintf(text, sizeof(text), "%.40s%s%.16s%s%zu:%u%s%u", named ? "" : vport->name, named ? "" : " ",
			 strcmp(its, reason) == 0 ? ""
			 : *its                   ? its
						  : "request",
			 strcmp(its, reason) ? " " : "", i, entry->moved_from, canvas_glyph(canvas, "→", ">"),
			 entry->processor);
		if (column + canvas_width(canvas, text) > canvas->columns)
			return canvas->columns;
		column = canvas_put(canvas, row, column, CANVAS_MOVED, text) + 1;
		named = true;
		reason = its;
	}
	return named ? column + 1 : column;
}

static size_t count_moved(const struct top_model *model, double before, double *newest)
{
	size_t moved = 0;

	*newest = 0;
	for (size_t v = 0; v < model->now->vport_count; v++) {
		const struct top_vport *vport = &model->now->vport[v];

		for (size_t i = 0; i < vport->entry_count; i++) {
			if (!top_entry_moved(model, &vport->entry[i]))
				continue;
			moved++;
			if (vport->entry[i].moved_at < before && vport->entry[i].moved_at > *newest)
				*newest = vport->entry[i].moved_at;
		}
	}
	return moved;
}

unsigned draw_moves(struct canvas *canvas, unsigned row, const struct top_model *model)
{
	double moved_at, before = 1e300;
	size_t moved = count_moved(model, before, &moved_at);
	unsigned column = canvas_put(canvas, row, 1, CANVAS_DIM, "moved in 5 s ");

	if (moved == 0) {
		canvas_put(canvas, row, column, CANVAS_DIM, "no entry");
		return row + 1;
	}
	column = canvas_printf(canvas, row, column, CANVAS_BOLD, "%zu%s", moved, canvas_glyph(canvas, " · ", ": "));
	while (moved_at > 0 && column < canvas->columns) {
		for (size_t v = 0; v < model->now->vport_count && column < canvas->columns; v++)
			column = draw_moves_of(canvas, row, column, model, &model->now->vport[v], moved_at);
		before = moved_at;
		count_moved(model, before, &moved_at);
	}
	return row + 1;
}
