/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as the commands show them to people, each way once.  Every function writes into text and returns it. */
#ifndef VMMQ_VMMQ_FIGURES_H
#define VMMQ_VMMQ_FIGURES_H

#include <stdint.h>

#define FIGURE_SIZE  32 /* bytes, with the NUL, enough for all of them */
#define FIGURE_WIDTH 5  /* columns that figure_count, figure_rate and figure_share need at most */

/* figure_exact: all digits, with separators: "1,234,567".  figure_short: below 100,000 so, above as figure_count. */
const char *figure_exact(uint64_t n, char text[FIGURE_SIZE]);
const char *figure_short(uint64_t n, char text[FIGURE_SIZE]);

/*
 * figure_count writes what is counted in whole things, rounded to three digits, with k, M, G, T, P or E: "0", "999",
 * "1.23k", "12.3k", "123M".  figure_rate keeps a tenth of what is below ten: "0.4".
 */
const char *figure_count(double value, char text[FIGURE_SIZE]);
const char *figure_rate(double value, char text[FIGURE_SIZE]);

/* A share of 1.  figure_share: "0%" to "100%", never more.  figure_percent: "30.5 %". */
const char *figure_share(double share, char text[FIGURE_SIZE]);
const char *figure_percent(double share, char text[FIGURE_SIZE]);

/*
 * figure_microseconds: "999 us", "1.0 ms", "2.5 s".  figure_duration: "59 s", "1 min 0 s", "1 h 2 min", "12 d 3 h";
 * figure_uptime the same in columns that keep their width: "42s", "12m 03s", "3h 04m", "12d 03h".
 * figure_clock: a time in seconds since 1970 where we are, "23:59:59".
 */
const char *figure_microseconds(uint64_t us, char text[FIGURE_SIZE]);
const char *figure_duration(double seconds, char text[FIGURE_SIZE]);
const char *figure_uptime(double seconds, char text[FIGURE_SIZE]);
const char *figure_clock(double time, char text[FIGURE_SIZE]);

#endif
