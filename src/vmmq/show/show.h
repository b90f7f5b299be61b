/* SPDX-License-Identifier: BSD-2-Clause */
/* What the show commands are made of: records of docs/rpc.md in, tables and named lines out, on standard output. */
#ifndef VMMQ_VMMQ_SHOW_SHOW_H
#define VMMQ_VMMQ_SHOW_SHOW_H

#include <jansson.h>
#include <libsmartcols/libsmartcols.h>

#include "vmmq/client/daemon_ask.h"

#define SHOW_TEXT_MAX 64

/*
 * show_ask asks method and prints its answer: as JSON, or with print.  vport: the operand that names one, or NULL.
 */
int show_ask(const struct command_line *line, const char *method, const char *vport,
	     void (*print)(const json_t *record));

/* Members of a record; what is absent or of another kind reads as "", 0 or false. */
const char *show_string(const json_t *record, const char *key);
uint64_t show_number(const json_t *record, const char *key);
bool show_true(const json_t *record, const char *key);

/* show_processors writes a list of processors as runs, "0-3, 8", or "none"; the caller frees it. */
char *show_processors(const json_t *list);

/* show_head prints a heading in bold.  show_line prints "  name  text", wrapped; empty text is left out. */
__attribute__((format(printf, 1, 2))) void show_head(const char *format, ...);
__attribute__((format(printf, 2, 3))) void show_line(const char *name, const char *format, ...);

/* show_port prints an uplink or a backend: what is wanted, state, queues and counters. */
void show_port(const char *name, const json_t *port);

/*
 * A table of columns, whose names begin with '>' when they are aligned right, '~' when they are cut where a terminal has
 * no room.  show_row adds a line: as many texts as columns.  show_table_print prints and frees.  NULL when memory is
 * short, which the others take.
 */
struct libscols_table *show_table(const char *const *columns, size_t count);
void show_row(struct libscols_table *table, const char *const *texts, size_t count);
void show_table_print(struct libscols_table *table);

/* show_lane_text names a lane: "entry 21", "default processor" or "primary processor". */
const char *show_lane_text(const json_t *lane, char text[SHOW_TEXT_MAX]);
/* show_flows asks which flows the lane with most load carries, and prints them; vport as in show_ask(). */
int show_flows(const struct command_line *line, const char *vport);

#define SHOW_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The commands that have a file of their own. */
extern const struct command show_vports, show_vport, show_rss, show_filters, show_drops, show_balance, show_fleet;

#endif
