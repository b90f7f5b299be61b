/* SPDX-License-Identifier: BSD-2-Clause */
/* The terminal of vmmq top: ncurses shows a canvas; only what changed is sent.  One at a time; one thread. */
#ifndef VMMQ_VMMQ_TOP_TOP_SCREEN_H
#define VMMQ_VMMQ_TOP_TOP_SCREEN_H

#include "vmmq/top/top_canvas.h"

/* screen_open takes the terminal over; false: TERM is unknown.  screen_close gives it back as it was; more than once is legal. */
bool screen_open(void);
void screen_close(void);

/* screen_fit makes the canvas as large as the terminal is now, empty, and tells it what the terminal can show. */
bool screen_fit(struct canvas *canvas);
void screen_show(const struct canvas *canvas);

/* screen_key returns the next key that has been pressed (ncurses' codes), or -1: none. */
int screen_key(void);

#endif
