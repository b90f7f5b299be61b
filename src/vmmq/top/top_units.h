/* SPDX-License-Identifier: BSD-2-Clause */
/* Figures as vmmq top shows them: three digits and a unit, never wider than a column. */
#ifndef VMMQ_VMMQ_TOP_TOP_UNITS_H
#define VMMQ_VMMQ_TOP_TOP_UNITS_H

#define UNITS_WIDTH 5
#define UNITS_SIZE  8 /* bytes, with the NUL */

/*
 * units_rate writes value, rounded to three digits, with k, M, G, T, P or E: "0", "0.4", "999", "1.23k", "12.3k", "123M".
 * units_count does the same for what is counted in whole things.  units_share: 0 to 1 as "0%" to "100%".
 * units_duration: seconds as "42s", "12m 03s", "3h 04m", "12d 03h".  Each returns text.
 */
const char *units_rate(char text[UNITS_SIZE], double value);
const char *units_count(char text[UNITS_SIZE], double value);
const char *units_share(char text[UNITS_SIZE], double share);
#define UNITS_DURATION_SIZE 24
const char *units_duration(char text[UNITS_DURATION_SIZE], double seconds);

#endif
