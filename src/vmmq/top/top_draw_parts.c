/* SPDX-License-Identifier: BSD-2-Clause */
/* What several parts of vmmq top's pages are made of: rules, bars, heat, the keys' line and the help. */
#include <math.h>
#include <string.h>

#include "vmmq/top/top_draw.h"

void draw_rule(struct canvas *canvas, unsigned row, const char *title)
{
	canvas_repeat(canvas, row, 0, canvas->columns, CANVAS_RULE, canvas_glyph(canvas, "─", "-"));
	canvas_printf(canvas, row, 1, CANVAS_TITLE, " %s ", title);
}

/* even: what each one would have if all had the same. */
enum canvas_style heat_style(double rate, double even)
{
	if (!(rate > 0) || !(even > 0))
		return CANVAS_HEAT_0;
	if (rate < even / 2)
		return CANVAS_HEAT_1;
	if (rate < even * 3 / 2)
		return CANVAS_HEAT_2;
	return rate < even * 3 ? CANVAS_HEAT_3 : CANVAS_HEAT_4;
}

unsigned draw_heat(struct canvas *canvas, unsigned row, unsigned column, enum canvas_style heat, bool moved)
{
	static const char *const unicode[] = { "·", "░", "▒", "▓", "█" };
	static const char *const ascii[] = { ".", "-", "=", "*", "#" };
	const char *glyph = canvas_glyph(canvas, unicode[heat - CANVAS_HEAT_0], ascii[heat - CANVAS_HEAT_0]);

	if (moved && !canvas->colour)
		glyph = canvas_glyph(canvas, "◆", "!");
	return canvas_put(canvas, row, column, moved ? CANVAS_MOVED : heat, glyph);
}

/* level: 0 to 1; anything above 0 shows. */
const char *level_glyph(const struct canvas *canvas, double level)
{
	static const char *const unicode[] = { "·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { ".", "1", "2", "3", "4", "5", "6", "7", "8" };
	int step = level > 0 ? (int)ceil(level * 8 - 0.25) : 0;

	step = step > 8 ? 8 : step < 1 && level > 0 ? 1 : step;
	return canvas_glyph(canvas, unicode[step], ascii[step]);
}

enum canvas_style load_style(double busy)
{
	return busy < 0.6 ? CANVAS_GOOD : busy < 0.85 ? CANVAS_WARN : CANVAS_BAD;
}

void draw_bar(struct canvas *canvas, unsigned row, unsigned column, unsigned width, double share,
	      enum canvas_style style)
{
	static const char *const part[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	double filled = (share > 1 ? 1 : share > 0 ? share : 0) * width;
	unsigned whole = (unsigned)filled, eighths = (unsigned)((filled - whole) * 8);

	if (whole == 0 && eighths == 0 && share > 0)
		eighths = 1;
	column = canvas_repeat(canvas, row, column, whole, style, canvas_glyph(canvas, "█", "#"));
	if (eighths && canvas->unicode)
		canvas_put(canvas, row, column, style, part[eighths]);
	else if (eighths >= 4)
		canvas_put(canvas, row, column, style, "-");
}

unsigned top_number_width(const struct top_model *model)
{
	size_t count = model->now->processor_count;
	unsigned largest = count ? model->now->processor[count - 1].number : 0;

	return largest > 9999 ? 5 : largest > 999 ? 4 : 3;
}

void draw_keys(struct canvas *canvas, unsigned row, const struct top_choice *choice)
{
	static const char *const sorts[TOP_SORT_COUNT] = { "id", "rate", "drops" };
	const char *arrows = canvas_glyph(canvas, "↑↓", "up/down");
	char text[160];
	unsigned column = 0;

	if (choice->page == TOP_PAGE_MAIN)
		snprintf(text, sizeof(text), "q quit|h help|%s select|Enter detail|s sort: %s|c processors|p %s",
			 arrows, sorts[choice->sort], choice->paused ? "go on" : "pause");
	else if (choice->page == TOP_PAGE_HELP)
		snprintf(text, sizeof(text), "q quit|any key: back");
	else
		snprintf(text, sizeof(text), "q quit|h help|%s scroll|Esc back|p %s%s", arrows,
			 choice->paused ? "go on" : "pause", choice->page == TOP_PAGE_VPORT ? "|n next VPort" : "");
	canvas_repeat(canvas, row, 0, canvas->columns, CANVAS_SELECTED, " ");
	for (const char *p = text; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
		char word[64];

		snprintf(word, sizeof(word), "%.*s", (int)strcspn(p, "|"), p);
		if (column + 1 + canvas_width(canvas, word) > canvas->columns)
			break;
		column = canvas_put(canvas, row, column + 1, CANVAS_SELECTED, word) + 1;
	}
}

/* two lists of the same length: what the signs are, by what can be shown */
static const char *const signs_unicode[] = {
	"The load bar: █ busy, · looking for work in vain, blank: asleep.",
	"high     the most packets seen waiting in one inbox",
	"spread   one sign a processor of the VPort: ▄ is an even share, █ twice that",
	"imb      the most loaded of them against their mean: 1.00 is even",
	"entries  the indirection table, one sign an entry, or several: the hottest",
	"         · nothing  ░ below half an even share  ▒ about even  ▓ from 1.5 times",
	"         █ from 3 times; an entry that moved in the last 5 s stands out, as ◆",
	"         where there is no colour",
};
static const char *const signs_ascii[] = {
	"The load bar: # busy, . looking for work in vain, blank: asleep.",
	"high     the most packets seen waiting in one inbox",
	"spread   one sign a processor of the VPort: 4 is an even share, 8 twice that",
	"imb      the most loaded of them against their mean: 1.00 is even",
	"entries  the indirection table, one sign an entry, or several: the hottest",
	"         . nothing  - below half an even share  = about even  * from 1.5 times",
	"         # from 3 times; an entry that moved in the last 5 s stands out, as !",
	"         where there is no colour",
};
static const char *const keys[] = {
	"q         quit",
	"up, down  select a VPort, or scroll (also k, j, PgUp, PgDn, Home, End)",
	"Enter     the selected VPort: its processors, table, hash types, backend",
	"n, N      there: the next VPort, the one before",
	"s         sort VPorts by id, by packets, by drops",
	"c         all processors, one a line",
	"p, space  stop the picture, and go on",
	"Esc       back",
};

void draw_help(struct canvas *canvas, unsigned row)
{
	draw_rule(canvas, row++, "vmmq top");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		canvas_put(canvas, row++, 1, CANVAS_PLAIN, keys[i]);
	row++;
	canvas_put(canvas, row++, 1, CANVAS_PLAIN, "Figures are per second. in: to the VPort; out: from its guest.");
	for (size_t i = 0; i < sizeof(signs_ascii) / sizeof(signs_ascii[0]); i++)
		canvas_put(canvas, row++, 1, CANVAS_PLAIN, canvas_glyph(canvas, signs_unicode[i], signs_ascii[i]));
}
