/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages as wholes: which part gets which rows. */
#include "vmmq/top/top_draw.h"

#include <stdlib.h>

#define HEAD_ROWS        3u
#define LEAST_VPORT_ROWS 3u /* rule and two VPorts: before that, processors and drops give way */

static const struct top_model *sorted_model; /* of the qsort() that runs: one thread */
static enum top_sort sorted_by;

static double sort_key(const struct top_vport *vport)
{
	if (sorted_by == TOP_SORT_DROPS)
		return vport->dropped.rate * 1e6 + (double)vport->dropped.total / 1e6;
	return vport->count[TOP_VPORT_PACKETS].rate + vport->count[TOP_VPORT_FROM_GUEST_PACKETS].rate;
}

static int by_choice(const void *a, const void *b)
{
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const struct top_vport *vport = sorted_model->now->vport;

	if (sorted_by != TOP_SORT_ID) {
		double x = sort_key(&vport[i]), y = sort_key(&vport[j]);

		if (x != y)
			return x > y ? -1 : 1;
	}
	return i < j ? -1 : i > j;
}

size_t *top_order(const struct top_model *model, enum top_sort sort)
{
	size_t count = model->now ? model->now->vport_count : 0;
	size_t *order = count ? malloc(count * sizeof(*order)) : NULL;

	if (!order)
		return NULL;
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	sorted_model = model;
	sorted_by = sort;
	qsort(order, count, sizeof(*order), by_choice);
	return order;
}

static void draw_main(struct canvas *canvas, const struct top_model *model, struct top_choice *choice)
{
	const struct top_snapshot *now = model->now;
	unsigned rows = canvas->rows - !choice->once; /* the keys' line */
	unsigned row = draw_head(canvas, 0, model, choice);
	unsigned most = choice->once ? ~0u : rows / 3;
	unsigned processors = processors_rows(model, canvas->columns, most);
	unsigned drops = drops_rows(canvas->columns, now->drop_count);
	unsigned moves = 1;

	if (!choice->once && drops > rows / 8 + 1)
		drops = rows / 8 + 1;
	while (row + processors + drops + moves + LEAST_VPORT_ROWS > rows && drops + moves + processors) {
		if (drops > 2)
			drops--;
		else if (moves)
			moves = 0;
		else if (drops)
			drops = 0;
		else
			processors--;
	}
	if (processors)
		row = draw_processors(canvas, row, processors, model);
	row = draw_vports(canvas, row, row + drops + moves < rows ? rows - row - drops - moves : 0, model, choice);
	if (!choice->once)
		row = rows > drops + moves ? rows - drops - moves : row;
	if (drops)
		row = draw_drops(canvas, row, drops, now->drop, now->drop_count);
	if (moves)
		draw_moves(canvas, row, model);
}

unsigned top_draw_rows(const struct top_model *model, unsigned columns)
{
	return HEAD_ROWS + processors_rows(model, columns, ~0u) + 1 + (unsigned)model->now->vport_count +
	       drops_rows(columns, model->now->drop_count) + 1;
}

/* draw_waiting is what there is before the first sample. */
static void draw_waiting(struct canvas *canvas, const struct top_choice *choice)
{
	canvas_put(canvas, canvas->rows / 2, 2, choice->lost[0] ? CANVAS_ALARM : CANVAS_DIM,
		   choice->lost[0] ? choice->lost : "waiting for vmmqd's first answer");
}

void top_draw(struct canvas *canvas, const struct top_model *model, struct top_choice *choice)
{
	unsigned rows = canvas->rows > HEAD_ROWS + 1 ? canvas->rows - HEAD_ROWS - 1 : 0;

	choice->page_rows = 1;
	if (choice->page == TOP_PAGE_HELP)
		draw_help(canvas, 0);
	else if (!model->now)
		draw_waiting(canvas, choice);
	else if (choice->page == TOP_PAGE_MAIN)
		draw_main(canvas, model, choice);
	else if (choice->page == TOP_PAGE_PROCESSORS)
		draw_processor_list(canvas, draw_head(canvas, 0, model, choice), rows, model, choice);
	else
		draw_vport_page(canvas, draw_head(canvas, 0, model, choice), rows, model, choice);
	if (!choice->once && canvas->rows > 1)
		draw_keys(canvas, canvas->rows - 1, choice);
}
