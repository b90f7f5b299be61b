/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/top/top_screen.h"

#include <langinfo.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

static SCREEN *screen;
static attr_t attributes[CANVAS_STYLE_COUNT];
static short pairs[CANVAS_STYLE_COUNT];
static bool with_colour;

/* What a style looks like: mono on any terminal, colour with 8 colours, fine with 256 (-1: as colour). */
static const struct look {
	attr_t mono, coloured;
	short colour, fine, back;
} looks[CANVAS_STYLE_COUNT] = {
	[CANVAS_PLAIN] = { A_NORMAL, A_NORMAL, -1, -1, -1 },
	[CANVAS_DIM] = { A_DIM, A_DIM, -1, 245, -1 },
	[CANVAS_BOLD] = { A_BOLD, A_BOLD, -1, -1, -1 },
	[CANVAS_TITLE] = { A_BOLD, A_BOLD, COLOR_CYAN, 80, -1 },
	[CANVAS_RULE] = { A_DIM, A_NORMAL, COLOR_CYAN, 240, -1 },
	[CANVAS_GOOD] = { A_NORMAL, A_NORMAL, COLOR_GREEN, 71, -1 },
	[CANVAS_WARN] = { A_NORMAL, A_NORMAL, COLOR_YELLOW, 179, -1 },
	[CANVAS_BAD] = { A_BOLD, A_BOLD, COLOR_RED, 203, -1 },
	[CANVAS_ALARM] = { A_REVERSE | A_BOLD, A_BOLD, COLOR_WHITE, 231, COLOR_RED },
	[CANVAS_SELECTED] = { A_REVERSE, A_REVERSE, -1, -1, -1 },
	[CANVAS_MOVED] = { A_BOLD, A_BOLD, COLOR_MAGENTA, 213, -1 },
	[CANVAS_HEAT_0] = { A_DIM, A_DIM, -1, 238, -1 },
	[CANVAS_HEAT_1] = { A_NORMAL, A_NORMAL, COLOR_BLUE, 31, -1 },
	[CANVAS_HEAT_2] = { A_NORMAL, A_NORMAL, COLOR_GREEN, 71, -1 },
	[CANVAS_HEAT_3] = { A_NORMAL, A_NORMAL, COLOR_YELLOW, 214, -1 },
	[CANVAS_HEAT_4] = { A_BOLD, A_BOLD, COLOR_RED, 203, -1 },
};

static void make_looks(void)
{
	const char *no_colour = getenv("NO_COLOR");

	with_colour =
	    !(no_colour && no_colour[0]) && has_colors() && start_color() == OK && use_default_colors() == OK;
	for (short i = 0; i < CANVAS_STYLE_COUNT; i++) {
		const struct look *look = &looks[i];

		attributes[i] = with_colour ? look->coloured : look->mono;
		pairs[i] = 0;
		if (!with_colour || (look->colour < 0 && !(look->fine >= 0 && COLORS >= 256)))
			continue;
		init_pair(i + 1, COLORS >= 256 && look->fine >= 0 ? look->fine : look->colour, look->back);
		pairs[i] = i + 1;
		if (COLORS >= 256 && look->fine >= 0)
			attributes[i] &= ~A_DIM;
	}
}

bool screen_open(void)
{
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	set_escdelay(25);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	curs_set(0);
	make_looks();
	return true;
}

void screen_close(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

bool screen_fit(struct canvas *canvas)
{
	int rows, columns;

	getmaxyx(stdscr, rows, columns);
	canvas->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	canvas->colour = with_colour;
	return canvas_resize(canvas, rows > 0 ? (unsigned)rows : 1, columns > 0 ? (unsigned)columns : 1);
}

void screen_show(const struct canvas *canvas)
{
	erase();
	for (unsigned row = 0; row < canvas->rows; row++) {
		for (unsigned column = 0; column < canvas->columns; column++) {
			const struct canvas_cell *cell = &canvas->cell[(size_t)row * canvas->columns + column];
			wchar_t text[2] = { cell->text, L'\0' };
			cchar_t out;

			if (!cell->text)
				continue;
			setcchar(&out, text, attributes[cell->style], pairs[cell->style], NULL);
			mvadd_wch((int)row, (int)column, &out);
		}
	}
	refresh();
}

int screen_key(void)
{
	int key = getch();

	return key == ERR ? -1 : key;
}
