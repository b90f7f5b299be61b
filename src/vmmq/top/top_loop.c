/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/top/top_loop.h"

#include <errno.h>
#include <ncurses.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmmq/end_signals.h"
#include "vmmq/top/top_draw.h"
#include "vmmq/top/top_sampler.h"
#include "vmmq/top/top_screen.h"

#define KEY_ESCAPE 27

/* Everything of one run.  page_before: where help goes back to.  list_first: where the list stood when a page was opened. */
struct top {
	struct sampler *sampler;
	struct top_model model;
	struct top_choice choice;
	struct canvas canvas;
	enum top_page page_before;
	unsigned list_first;
	json_t *rss;
	char lost[256];
	bool quit;
};

static void top_show(struct top *top)
{
	if (!screen_fit(&top->canvas))
		return; /* memory is short: the next picture may succeed */
	top->choice.lost = top->lost;
	top->choice.rss = top->rss;
	top_draw(&top->canvas, &top->model, &top->choice);
	screen_show(&top->canvas);
}

static void take_news(struct top *top)
{
	struct sampler_news news;
	const char *why;

	sampler_take(top->sampler, &news);
	snprintf(top->lost, sizeof(top->lost), "%s", news.lost);
	if (news.answer && !top->choice.paused) {
		if (top_model_feed(&top->model, news.answer, &why))
			top_model_moves(&top->model, news.balance);
		else
			snprintf(top->lost, sizeof(top->lost), "%s", why);
	}
	if (news.rss) {
		json_decref(top->rss);
		top->rss = json_incref(news.rss);
	}
	json_decref(news.answer);
	json_decref(news.balance);
	json_decref(news.rss);
	if (top->model.now && top->model.now->vport_count && !top_model_vport(&top->model, top->choice.selected) &&
	    top->choice.page == TOP_PAGE_MAIN)
		top->choice.selected = top->model.now->vport[0].id;
}

/* select_by moves the selection along the list as it is sorted now. */
static void select_by(struct top *top, long by)
{
	size_t *order = top_order(&top->model, top->choice.sort), at = 0;
	long count = order ? (long)top->model.now->vport_count : 0, to;

	if (!order)
		return;
	while (at + 1 < (size_t)count && top->model.now->vport[order[at]].id != top->choice.selected)
		at++;
	to = (long)at + by;
	to = to < 0 ? 0 : to >= count ? count - 1 : to;
	top->choice.selected = top->model.now->vport[order[to]].id;
	top->choice.follow = true;
	free(order);
}

static void top_move_by(struct top *top, long by)
{
	long first = (long)top->choice.first + by;

	if (top->choice.page == TOP_PAGE_MAIN)
		select_by(top, by);
	else
		top->choice.first = first > 0 ? (unsigned)first : 0; /* drawing brings it into range */
}

static void open_page(struct top *top, enum top_page page)
{
	if (top->choice.page == TOP_PAGE_MAIN)
		top->list_first = top->choice.first;
	top->choice.page = page;
	top->choice.first = page == TOP_PAGE_MAIN ? top->list_first : 0;
	sampler_watch(top->sampler, page == TOP_PAGE_VPORT ? (int64_t)top->choice.selected : -1);
}

static void next_vport(struct top *top, long by)
{
	if (top->choice.page != TOP_PAGE_VPORT)
		return;
	select_by(top, by);
	open_page(top, TOP_PAGE_VPORT);
}

static void top_go_back(struct top *top)
{
	if (top->choice.page == TOP_PAGE_HELP)
		open_page(top, top->page_before);
	else
		open_page(top, TOP_PAGE_MAIN);
}

static void toggle_help(struct top *top)
{
	if (top->choice.page == TOP_PAGE_HELP) {
		top_go_back(top);
		return;
	}
	top->page_before = top->choice.page;
	open_page(top, TOP_PAGE_HELP);
}

static void top_press(struct top *top, int key)
{
	long page = top->choice.page_rows > 1 ? (long)top->choice.page_rows - 1 : 1;

	if (top->choice.page == TOP_PAGE_HELP && key != 'q' && key != KEY_RESIZE) {
		top_go_back(top);
		return;
	}
	switch (key) {
	case 'q':
		top->quit = true;
		break;
	case KEY_UP:
	case 'k':
		top_move_by(top, -1);
		break;
	case KEY_DOWN:
	case 'j':
		top_move_by(top, 1);
		break;
	case KEY_PPAGE:
		top_move_by(top, -page);
		break;
	case KEY_NPAGE:
		top_move_by(top, page);
		break;
	case KEY_HOME:
	case 'g':
		top_move_by(top, -100000);
		break;
	case KEY_END:
	case 'G':
		top_move_by(top, 100000);
		break;
	case '\r':
	case '\n':
	case KEY_ENTER:
		if (top->choice.page == TOP_PAGE_MAIN && top_model_vport(&top->model, top->choice.selected))
			open_page(top, TOP_PAGE_VPORT);
		break;
	case 'n':
		next_vport(top, 1);
		break;
	case 'N':
		next_vport(top, -1);
		break;
	case 's':
		top->choice.sort = (top->choice.sort + 1) % TOP_SORT_COUNT;
		top->choice.first = 0; /* whoever sorts wants to see who comes first */
		top->choice.follow = false;
		break;
	case 'c':
		open_page(top, top->choice.page == TOP_PAGE_PROCESSORS ? TOP_PAGE_MAIN : TOP_PAGE_PROCESSORS);
		break;
	case 'p':
	case ' ':
		top->choice.paused = !top->choice.paused;
		break;
	case 'h':
	case '?':
		toggle_help(top);
		break;
	case KEY_ESCAPE:
	case KEY_BACKSPACE:
		top_go_back(top);
		break;
	}
}

static void top_until_told(struct top *top, int signals)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },
				{ sampler_fd(top->sampler), POLLIN, 0 },
				{ signals, POLLIN, 0 } };

	top_show(top);
	while (!top->quit) {
		int key;

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			break;
		if (fds[2].revents || fds[0].revents & (POLLHUP | POLLERR))
			break; /* told to end, or the terminal is gone */
		if (fds[1].revents & POLLIN)
			take_news(top);
		while (!top->quit && (key = screen_key()) >= 0)
			top_press(top, key);
		top_show(top);
		for (size_t i = 0; i < 3; i++)
			fds[i].revents = 0; /* after a signal (the window's size) poll() has not set them */
	}
}

int top_loop(const struct command_line *line, const char *path, double interval)
{
	struct top top = { .lost = "" };
	struct end_signals signals;
	int status = COMMAND_DONE;

	if (!end_signals_open(&signals, true))
		return command_fail(line, "cannot start: %s", strerror(errno));
	top.sampler = sampler_start(path, interval);
	if (!top.sampler) {
		status = command_fail(line, "cannot start: %s", strerror(errno));
	} else if (!screen_open()) {
		sampler_stop(top.sampler);
		status = command_fail(line, "the terminal \"%s\" is not known here; try --once",
				      getenv("TERM") ? getenv("TERM") : "");
	} else {
		top_until_told(&top, signals.fd);
		screen_close();
		sampler_stop(top.sampler);
	}
	end_signals_close(&signals);
	json_decref(top.rss);
	canvas_fini(&top.canvas);
	top_model_fini(&top.model);
	return status;
}
