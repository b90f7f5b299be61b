/* SPDX-License-Identifier: BSD-2-Clause */
/* One VPort in detail: its backend, its hash types, its processors, its table. */
#include <string.h>

#include "vmmq/figures.h"
#include "vmmq/top/top_draw.h"

#define ENTRY_WIDTH 8u
#define LABEL_WIDTH 5u

/* What is drawn line by line into a page that scrolls: lines before first are not drawn. */
struct page {
	struct canvas *canvas;
	unsigned top, rows, first, line;
};

/* page_row returns the row of the current line, one out of sight when it is scrolled away, and goes on to the next. */
static unsigned page_row(struct page *page)
{
	unsigned line = page->line++;

	return line < page->first || line - page->first >= page->rows ? ~0u : page->top + line - page->first;
}

static unsigned page_label(struct page *page, unsigned row, const char *name)
{
	return canvas_put_width(page->canvas, row, 1, 11, CANVAS_DIM, name);
}

static void draw_state(struct page *page, const struct top_vport *v)
{
	struct canvas *c = page->canvas;
	const char *dot = canvas_glyph(c, "·", "-");
	unsigned row = page_row(page);

	canvas_printf(c, row, page_label(page, row, "state"), CANVAS_PLAIN,
		      "%s %s %u filter%s %s %s%s %s source check %s %s flood %u%s", v->state, dot, v->filters,
		      v->filters == 1 ? "" : "s", dot,
		      strcmp(v->vlan, "untagged") && strcmp(v->vlan, "trunk") ? "VLAN " : "", v->vlan, dot,
		      v->anti_spoofing ? "on" : "off", dot, v->flood_limit, v->flood_limit ? "/s" : " (no limit)");
}

static void draw_backend(struct page *page, const struct top_port *port)
{
	struct canvas *c = page->canvas;
	bool up = strcmp(port->state, "up") == 0;
	unsigned row = page_row(page), column = page_label(page, row, "backend");

	if (!port->port[0]) {
		canvas_put(c, row, column, CANVAS_DIM, "none: what arrives here is dropped");
		return;
	}
	column = canvas_printf(c, row, column, up ? CANVAS_GOOD : CANVAS_BAD, "%s ", port->state);
	column = canvas_printf(c, row, column, CANVAS_DIM, "%s queues %u of %u %s ", canvas_glyph(c, "·", "-"),
			       port->queues_enabled, port->queues, canvas_glyph(c, "·", "-"));
	canvas_put(c, row, column, CANVAS_PLAIN, port->port);
	if (port->reason[0]) {
		row = page_row(page);
		canvas_put(c, row, page_label(page, row, ""), CANVAS_WARN, port->reason);
	}
}

/* rss.show's answer, when it has come for this VPort */
static void draw_rss(struct page *page, const struct top_vport *v, const json_t *rss)
{
	struct canvas *c = page->canvas;
	bool ours = rss && json_integer_value(json_object_get(rss, "vport")) == (json_int_t)v->id;
	const char *reason = ours ? json_string_value(json_object_get(rss, "reason")) : NULL;
	unsigned row = page_row(page), column = page_label(page, row, "RSS");
	const json_t *type;
	size_t i;

	column = canvas_printf(c, row, column, strcmp(v->rss, "on") == 0 ? CANVAS_GOOD : CANVAS_WARN, "%s ", v->rss);
	canvas_printf(c, row, column, CANVAS_DIM, "%s queue pairs %u of %u", canvas_glyph(c, "·", "-"),
		      v->queue_pairs_used, v->queue_pairs);
	row = page_row(page);
	column = page_label(page, row, "hash types");
	json_array_foreach(ours ? json_object_get(rss, "hash_types") : NULL, i, type)
	{
		column = canvas_printf(c, row, column, CANVAS_PLAIN, "%s ", json_string_value(type));
	}
	if (reason) {
		row = page_row(page);
		canvas_put(c, row, page_label(page, row, ""), CANVAS_WARN, reason);
	}
}

static void draw_rates(struct page *page, const struct top_vport *v)
{
	static const struct {
		const char *name;
		enum top_vport_count packets;
		enum top_vport_count bytes;
	} flow[] = {
		{ "indicated", TOP_VPORT_PACKETS, TOP_VPORT_BYTES },
		{ "to guest", TOP_VPORT_TO_GUEST_PACKETS, TOP_VPORT_TO_GUEST_BYTES },
		{ "from guest", TOP_VPORT_FROM_GUEST_PACKETS, TOP_VPORT_FROM_GUEST_BYTES },
	};
	struct canvas *c = page->canvas;

	for (size_t i = 0; i < sizeof(flow) / sizeof(flow[0]); i++) {
		const struct top_count *packets = &v->count[flow[i].packets], *bytes = &v->count[flow[i].bytes];
		char pps[FIGURE_SIZE], bps[FIGURE_SIZE], total[FIGURE_SIZE], volume[FIGURE_SIZE], batch[FIGURE_SIZE];
		unsigned row = page_row(page), column = page_label(page, row, flow[i].name);

		column = canvas_printf(c, row, column, CANVAS_BOLD, "%5s pps  %5s bit/s",
				       figure_rate(packets->rate, pps), figure_rate(bytes->rate * 8, bps));
		column = canvas_printf(c, row, column, CANVAS_DIM, "  %5s packets, %5s bytes",
				       figure_count((double)packets->total, total),
				       figure_count((double)bytes->total, volume));
		if (i == 0 && v->count[TOP_VPORT_INDICATIONS].rate > 0)
			canvas_printf(c, row, column, CANVAS_DIM, ", %s a batch",
				      figure_rate(packets->rate / v->count[TOP_VPORT_INDICATIONS].rate, batch));
	}
}

/* what was hashed by which type, and what was dropped: words with figures, as many as fit a line */
static void draw_words(struct page *page, const struct top_vport *v)
{
	struct canvas *c = page->canvas;
	char total[FIGURE_SIZE], rate[FIGURE_SIZE];
	unsigned row = page_row(page), column = page_label(page, row, "hashed");
	json_t *value;
	const char *type;
	bool none = true;

	json_object_foreach((json_t *)(uintptr_t)v->hashed, type, value)
	{
		if (json_integer_value(value) <= 0)
			continue;
		column = canvas_printf(c, row, column, CANVAS_PLAIN, "%s %s  ", type,
				       figure_count((double)json_integer_value(value), total));
		none = false;
	}
	if (none)
		canvas_put(c, row, column, CANVAS_DIM, "nothing so far");
	row = page_row(page);
	column = page_label(page, row, "dropped");
	if (v->drop_count == 0)
		canvas_put(c, row, column, CANVAS_DIM, "nothing so far");
	for (size_t i = 0; i < v->drop_count; i++)
		column =
		    canvas_printf(c, row, column, v->drop[i].packets.rate > 0 ? CANVAS_BAD : CANVAS_PLAIN,
				  "%s %s/s (%s)  ", v->drop[i].reason, figure_rate(v->drop[i].packets.rate, rate),
				  figure_count((double)v->drop[i].packets.total, total));
}

static void page_rule(struct page *page, const char *title)
{
	unsigned row = page_row(page);

	if (row != ~0u)
		draw_rule(page->canvas, row, title);
}

static void draw_shares(struct page *page, const struct top_vport *v)
{
	struct canvas *c = page->canvas;
	double sum = 0;
	char title[64] = "processors";

	for (size_t i = 0; i < v->share_count; i++)
		sum += v->share[i].packets.rate;
	if (v->imbalance > 0)
		snprintf(title, sizeof(title), "processors: imbalance %.2f", v->imbalance);
	page_rule(page, title);
	for (size_t i = 0; i < v->share_count; i++) {
		const struct top_share *share = &v->share[i];
		double part = sum > 0 ? share->packets.rate / sum : 0;
		char pps[FIGURE_SIZE], percent[FIGURE_SIZE];
		unsigned row = page_row(page), column;

		column = canvas_printf(c, row, 0, share->used ? CANVAS_PLAIN : CANVAS_DIM, "%6u ", share->processor);
		column = canvas_printf(c, row, column, CANVAS_PLAIN, "%4s %5s pps ", figure_share(part, percent),
				       figure_rate(share->packets.rate, pps));
		if (!share->used)
			column = canvas_put(c, row, column, CANVAS_DIM, "(not steered to now) ");
		if (c->columns > column + 2 && row != ~0u)
			draw_bar(c, row, column, c->columns - column - 1, part, CANVAS_GOOD);
	}
}

static void draw_entry(struct page *page, unsigned row, unsigned column, const struct top_model *model,
		       const struct top_entry *entry, double sum, size_t count)
{
	struct canvas *c = page->canvas;
	enum canvas_style heat = heat_style(entry->packets.rate, sum / (double)count);
	bool moved = top_entry_moved(model, entry);
	char percent[FIGURE_SIZE];

	column = canvas_printf(c, row, column, moved ? CANVAS_MOVED : CANVAS_PLAIN, "%2u", entry->processor);
	column = draw_heat(c, row, column, heat, moved);
	canvas_printf(c, row, column, entry->packets.rate > 0 ? CANVAS_PLAIN : CANVAS_DIM, "%-4s",
		      figure_share(sum > 0 ? entry->packets.rate / sum : 0, percent));
}

static void draw_table(struct page *page, const struct top_model *model, const struct top_vport *v)
{
	unsigned wide = top_number_width(model) > 3 ? ENTRY_WIDTH + 3 : ENTRY_WIDTH;
	unsigned per_row = 32, row = 0;
	double sum = 0;
	char title[96];

	while (per_row > 1 && per_row * wide + LABEL_WIDTH > page->canvas->columns)
		per_row /= 2;
	for (size_t i = 0; i < v->entry_count; i++)
		sum += v->entry[i].packets.rate;
	snprintf(title, sizeof(title), "%zu entr%s: processor, heat, share of the packets by the table",
		 v->entry_count, v->entry_count == 1 ? "y" : "ies");
	page_rule(page, title);
	for (size_t i = 0; i < v->entry_count; i++) {
		if (i % per_row == 0) {
			row = page_row(page);
			canvas_printf(page->canvas, row, 0, CANVAS_DIM, "%4zu ", i);
		}
		draw_entry(page, row, LABEL_WIDTH + (unsigned)(i % per_row) * wide, model, &v->entry[i], sum,
			   v->entry_count);
	}
}

#define MOVES_SHOWN 5u

/* draw_last_moves lists the last moves that were made for load, each with its reason as a sentence. */
static void draw_last_moves(struct page *page, const struct top_model *model, const struct top_vport *v)
{
	struct canvas *c = page->canvas;
	unsigned shown = 0;
	const json_t *move;
	size_t i;

	json_array_foreach(model->moves, i, move)
	{
		const json_t *entry = json_object_get(move, "entry");
		char what[32] = "default", ago[FIGURE_SIZE];
		unsigned row, column;

		if (json_integer_value(json_object_get(move, "vport")) != (json_int_t)v->id)
			continue;
		if (shown++ == 0)
			page_rule(page, "moved for load, the latest first");
		if (shown > MOVES_SHOWN)
			break;
		if (json_is_integer(entry))
			snprintf(what, sizeof(what), "%lld", (long long)json_integer_value(entry));
		else if (json_is_true(json_object_get(move, "primary")))
			snprintf(what, sizeof(what), "primary");
		row = page_row(page);
		column = canvas_printf(c, row, 1, CANVAS_MOVED, "%s:%lld%s%lld", what,
				       (long long)json_integer_value(json_object_get(move, "from")),
				       canvas_glyph(c, "→", ">"),
				       (long long)json_integer_value(json_object_get(move, "to")));
		canvas_printf(c, row, column + 1, CANVAS_PLAIN, "%s ago, %s: %s",
			      figure_duration(json_number_value(json_object_get(move, "ago")), ago),
			      top_move_text(move, "reason"), top_move_text(move, "text"));
	}
}

/* draw_all draws the lines from first on and returns how many there are. */
static unsigned draw_all(struct canvas *canvas, unsigned row, unsigned rows, unsigned first,
			 const struct top_model *model, const struct top_vport *vport, const json_t *rss)
{
	struct page page = { canvas, row, rows, first, 0 };
	char title[320];

	snprintf(title, sizeof(title), "VPort %u %s", vport->id, vport->name);
	page_rule(&page, title);
	draw_state(&page, vport);
	draw_backend(&page, &vport->backend);
	draw_rss(&page, vport, rss);
	draw_rates(&page, vport);
	draw_words(&page, vport);
	draw_shares(&page, vport);
	draw_table(&page, model, vport);
	draw_last_moves(&page, model, vport);
	return page.line;
}

unsigned draw_vport_page(struct canvas *canvas, unsigned row, unsigned rows, const struct top_model *model,
			 struct top_choice *choice)
{
	const struct top_vport *vport = top_model_vport(model, choice->selected);
	unsigned count;

	choice->page_rows = rows;
	if (!vport) {
		canvas_printf(canvas, row + 1, 1, CANVAS_WARN, "VPort %u does not exist any more", choice->selected);
		return row + rows;
	}
	count = draw_all(canvas, row, 0, 0, model, vport, choice->rss); /* nothing is in sight: how many lines? */
	if (choice->first + rows > count)
		choice->first = count > rows ? count - rows : 0;
	draw_all(canvas, row, rows, choice->first, model, vport, choice->rss);
	return row + rows;
}
