/* SPDX-License-Identifier: BSD-2-Clause */
/* The screens of vmmq top: from the model onto a canvas of any size, without a terminal.  One thread. */
#ifndef VMMQ_VMMQ_TOP_TOP_DRAW_H
#define VMMQ_VMMQ_TOP_TOP_DRAW_H

#include "vmmq/top/top_canvas.h"
#include "vmmq/top/top_model.h"

enum top_page { TOP_PAGE_MAIN, TOP_PAGE_VPORT, TOP_PAGE_PROCESSORS, TOP_PAGE_HELP };
enum top_sort { TOP_SORT_ID, TOP_SORT_RATE, TOP_SORT_DROPS, TOP_SORT_COUNT };

/*
 * What the person at the keyboard has chosen.
 * selected: id of a VPort.  first: the first line of the page's list that is shown; drawing brings it into range, and with
 * follow to where the selected VPort is seen.  page_rows (out): lines of the list that fit.
 * lost: why there is no connection, or "".  rss: the answer to rss.show for the selected VPort, or NULL.
 * once: one rendering for a file: no keys are shown and everything is drawn, however long.
 */
struct top_choice {
	enum top_page page;
	enum top_sort sort;
	uint32_t selected;
	unsigned first;
	bool follow;
	unsigned page_rows;
	bool paused;
	bool once;
	const char *lost;
	const json_t *rss;
};

/* top_draw draws the page.  The canvas has been cleared. */
void top_draw(struct canvas *canvas, const struct top_model *model, struct top_choice *choice);

/* top_draw_rows: how many rows the main page needs to show everything in columns, for once. */
unsigned top_draw_rows(const struct top_model *model, unsigned columns);

/* top_order lists the VPorts as sorted: indices into model->now->vport, malloc'ed; NULL: memory, or there is none. */
size_t *top_order(const struct top_model *model, enum top_sort sort);

/*
 * The parts of the pages.  Each draws on rows [row, row + rows) and returns the first row that it left free.
 */
unsigned draw_head(struct canvas *canvas, unsigned row, const struct top_model *model,
		   const struct top_choice *choice);
unsigned draw_processors(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model);
unsigned draw_processor_list(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model,
			     struct top_choice *choice);
unsigned draw_vports(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model,
		     struct top_choice *choice);
unsigned draw_drops(struct canvas *canvas, unsigned row, unsigned rows, const struct top_drop drop[], size_t count);
unsigned draw_moves(struct canvas *canvas, unsigned row, const struct top_model *model);
unsigned draw_vport_page(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model,
			 struct top_choice *choice);
void draw_help(struct canvas *canvas, unsigned row);
void draw_keys(struct canvas *canvas, unsigned row, const struct top_choice *choice);

/* processors_rows: the rows that draw_processors() takes of at most rows; drops_rows: of draw_drops() for count reasons. */
unsigned processors_rows(const struct top_model *model, unsigned columns, unsigned rows);
unsigned drops_rows(unsigned columns, size_t count);

/*
 * What several parts use.  draw_rule: a rule across the screen with a title in it.  draw_heat: one entry's or several's
 * heat, or that one has moved; returns the column behind it.  draw_bar: a share in eighths of a column.
 */
void draw_rule(struct canvas *canvas, unsigned row, const char *title);
enum canvas_style heat_style(double rate, double even);
unsigned draw_heat(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style heat, bool moved);
const char *level_glyph(const struct canvas *canvas, double level);
enum canvas_style load_style(double busy);
void draw_bar(struct canvas *canvas, unsigned row, unsigned column, unsigned width, double share,
	      enum canvas_style style);

/* draw_spread shows each processor's share in width columns; draw_entries the table's heat. */
void draw_spread(struct canvas *canvas, unsigned row, unsigned column, unsigned width, const struct top_vport *vport);
void draw_entries(struct canvas *canvas, unsigned row, unsigned column, unsigned width, const struct top_model *model,
		  const struct top_vport *vport);

/* top_number_width: columns of the largest of the processors' numbers, at least 3. */
unsigned top_number_width(const struct top_model *model);

#endif
