/* SPDX-License-Identifier: BSD-2-Clause */
/* The first lines of vmmq top: who, since when, how much; and what is lost on the way. */
#include <string.h>

#include "vmmq/figures.h"
#include "vmmq/top/top_draw.h"

/* in this order of importance, as far as they fit: lost connection, pause, clock */
static void draw_title(struct canvas *canvas, unsigned row, const struct top_model *model,
		       const struct top_choice *choice)
{
	const struct top_adapter *adapter = &model->now->adapter;
	char uptime[FIGURE_SIZE], clock[FIGURE_SIZE];
	const char *dot = canvas_glyph(canvas, "·", "-");
	unsigned column;

	canvas_repeat(canvas, row, 0, canvas->columns, choice->lost[0] ? CANVAS_ALARM : CANVAS_SELECTED, " ");
	if (choice->lost[0]) {
		column = canvas_printf(canvas, row, 1, CANVAS_ALARM, "%s %s ", adapter->name, dot);
		canvas_put_width(canvas, row, column, canvas->columns > column ? canvas->columns - column : 0,
				 CANVAS_ALARM, choice->lost);
		return;
	}
	column = canvas_printf(canvas, row, 1, CANVAS_SELECTED, "%s %s up %s", adapter->name, dot,
			       figure_uptime(adapter->uptime, uptime));
	if (canvas->columns >= 60)
		column = canvas_printf(canvas, row, column, CANVAS_SELECTED, " %s %s %s mtu %u", dot,
				       adapter->moderation, dot, adapter->mtu);
	if (canvas->columns >= 100)
		canvas_printf(canvas, row, column, CANVAS_SELECTED,
			      " %s %zu VPorts %s %u filters %s vmmqd %s, pid %lld", dot, model->now->vport_count, dot,
			      adapter->filters, dot, adapter->version, (long long)adapter->pid);
	canvas_put_right(canvas, row, canvas->columns - 1, CANVAS_SELECTED, figure_clock(model->now->time, clock));
	if (choice->paused)
		canvas_put_right(canvas, row, canvas->columns - 10, CANVAS_ALARM, " PAUSED ");
}

static enum canvas_style state_style(const char *state)
{
	if (strcmp(state, "up") == 0)
		return CANVAS_GOOD;
	return strcmp(state, "none") == 0 || !state[0] ? CANVAS_DIM : CANVAS_BAD;
}

/* "in  1.23M pps  9.87G bit/s" in a fixed width */
static unsigned draw_flow(struct canvas *canvas, unsigned row, unsigned column, const char *label,
			  const struct top_count *packets, const struct top_count *bytes)
{
	char pps[FIGURE_SIZE], bps[FIGURE_SIZE];

	column = canvas_printf(canvas, row, column, CANVAS_DIM, "%s ", label);
	column = canvas_printf(canvas, row, column, CANVAS_BOLD, "%5s", figure_rate(packets->rate, pps));
	column = canvas_put(canvas, row, column, CANVAS_DIM, " pps ");
	column = canvas_printf(canvas, row, column, CANVAS_BOLD, "%5s", figure_rate(bytes->rate * 8, bps));
	return canvas_put(canvas, row, column, CANVAS_DIM, " bit/s");
}

static void draw_uplink(struct canvas *canvas, unsigned row, const struct top_port *uplink)
{
	const struct top_count *count = uplink->count;
	bool bad = uplink->reason[0] && strcmp(uplink->state, "up") != 0;
	unsigned end = canvas->columns > 66 && !bad ? canvas->columns - 57 : canvas->columns;
	char name[256];
	unsigned column = canvas_put(canvas, row, 1, CANVAS_DIM, "uplink ");

	column = canvas_printf(canvas, row, column, state_style(uplink->state), "%s ",
			       uplink->state[0] ? uplink->state : "none");
	if (bad) {
		canvas_put_width(canvas, row, column, end > column ? end - column : 0, CANVAS_PLAIN, uplink->reason);
		return;
	}
	if (uplink->interface[0] && canvas->columns < 100) /* what a person calls it */
		snprintf(name, sizeof(name), "%s", uplink->interface);
	else
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(uplink->port, ","), uplink->port);
	if (end > column + 1)
		canvas_put_width(canvas, row, column, end - column - 1, CANVAS_PLAIN, name);
	if (end < canvas->columns) {
		column = draw_flow(canvas, row, end, "in", &count[TOP_PORT_RX_PACKETS], &count[TOP_PORT_RX_BYTES]);
		draw_flow(canvas, row, column + 2, "out", &count[TOP_PORT_TX_PACKETS], &count[TOP_PORT_TX_BYTES]);
	}
}

/* The last pps figures as a line of levels, the newest at the right. */
static void draw_history(struct canvas *canvas, unsigned row, unsigned column, unsigned width,
			 const struct top_model *model)
{
	uint64_t count = model->history_count < TOP_HISTORY ? model->history_count : TOP_HISTORY;
	double most = 0;

	if (count > width)
		count = width;
	for (uint64_t i = model->history_count - count; i < model->history_count; i++)
		if (model->history[i % TOP_HISTORY] > most)
			most = model->history[i % TOP_HISTORY];
	for (uint64_t i = 0; i < count; i++) {
		double rate = model->history[(model->history_count - count + i) % TOP_HISTORY];

		canvas_put(canvas, row, column + width - (unsigned)count + (unsigned)i, CANVAS_GOOD,
			   level_glyph(canvas, most > 0 ? rate / most : 0));
	}
}

static void draw_totals(struct canvas *canvas, unsigned row, const struct top_model *model)
{
	const struct top_adapter *adapter = &model->now->adapter;
	const struct top_count *count = adapter->count, *a = &count[TOP_ADAPTER_DROPPED];
	const struct top_count *h = &count[TOP_ADAPTER_HOST_DROPPED];
	char pps[FIGURE_SIZE], bps[FIGURE_SIZE], drops[FIGURE_SIZE], total[FIGURE_SIZE];
	double bytes = 0;
	unsigned column;

	for (size_t i = 0; i < model->now->vport_count; i++)
		bytes += model->now->vport[i].count[TOP_VPORT_BYTES].rate;
	column = canvas_put(canvas, row, 1, CANVAS_DIM, "indicated ");
	column = canvas_printf(canvas, row, column, CANVAS_BOLD, "%5s",
			       figure_rate(count[TOP_ADAPTER_INDICATED].rate, pps));
	column = canvas_put(canvas, row, column, CANVAS_DIM, " pps ");
	column = canvas_printf(canvas, row, column, CANVAS_BOLD, "%5s", figure_rate(bytes * 8, bps));
	column = canvas_put(canvas, row, column, CANVAS_DIM, " bit/s  drops ");
	column = canvas_printf(canvas, row, column, a->rate + h->rate > 0 ? CANVAS_BAD : CANVAS_BOLD, "%5s",
			       figure_rate(a->rate + h->rate, drops));
	column = canvas_put(canvas, row, column, CANVAS_DIM, "/s ");
	if (canvas->columns >= 64)
		column = canvas_printf(canvas, row, column, CANVAS_DIM, "(%s in all)  ",
				       figure_count((double)a->total + (double)h->total, total));
	if (column < 64)
		column = 64; /* stays where it is, whatever the total */
	if (model->interval <= 0)
		canvas_put(canvas, row, column, CANVAS_WARN, "measuring");
	else if (canvas->columns > column + 8)
		draw_history(canvas, row, column, canvas->columns - column - 1, model);
}

unsigned draw_head(struct canvas *canvas, unsigned row, const struct top_model *model,
		   const struct top_choice *choice)
{
	draw_title(canvas, row, model, choice);
	draw_uplink(canvas, row + 1, &model->now->adapter.uplink);
	draw_totals(canvas, row + 2, model);
	return row + 3;
}
