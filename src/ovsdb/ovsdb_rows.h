/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A copy of the rows that a server says match, and how it changes.  An update (ovsdb-server(7), 4.1.14) is planned as a whole, which may
 * fail and then has changed nothing, and then carried out, which cannot fail.
 */
#ifndef VMMQ_OVSDB_OVSDB_ROWS_H
#define VMMQ_OVSDB_OVSDB_ROWS_H

#include <stddef.h>

#include "ovsdb/ovsdb_datum.h"
#include "ovsdb/ovsdb_schema.h"

/* column: as many as the table's wanted ones, in their order. */
struct ovsdb_row {
	struct ovsdb_uuid uuid;
	struct ovsdb_datum *column;
	size_t len; /* bytes of memory */

	struct ovsdb_row *next; /* ovsdb_rows.c: in its chain */
	uint64_t seen;          /* ovsdb_plan.c: the last plan that met it */
};

/*
 * What a change is told to: before NULL: a new row; after NULL: it is gone.  Both are valid until this returns; `after` also until the row's
 * next change.  It must not change the rows.
 */
typedef void ovsdb_row_changed(void *context, unsigned table, const struct ovsdb_row *before,
			       const struct ovsdb_row *after);

struct ovsdb_rows;
struct ovsdb_plan;

/*
 * ovsdb_rows_create makes an empty copy.  wanted: outlives it.  max_len: bytes of all rows together, beyond which an update is refused.
 * seed: of the hash over UUIDs, which a server chooses; not to be guessed.  NULL: out of memory.
 */
struct ovsdb_rows *ovsdb_rows_create(const struct ovsdb_wanted *wanted, size_t max_len, const uint64_t seed[2]);
void ovsdb_rows_destroy(struct ovsdb_rows *rows);

/* ovsdb_rows_type tells which types the server has that the next plan's updates come from. */
void ovsdb_rows_type(struct ovsdb_rows *rows, const struct ovsdb_schema *schema);

/*
 * ovsdb_plan_make reads <table-updates2>.  whole: it is all that there is, and rows that are not in it are gone; else it is what has
 * changed.  Returns NULL when it does not fit the schema, the rows that are here, or their limit.  One plan at a time.
 */
struct ovsdb_plan *ovsdb_plan_make(struct ovsdb_rows *rows, json_t *updates, bool whole, struct ovsdb_why *why);

/* ovsdb_plan_carry_out changes the rows, tells each change, and frees the plan.  Returns how many there were. */
size_t ovsdb_plan_carry_out(struct ovsdb_plan *plan, ovsdb_row_changed *changed, void *context);

/* ovsdb_rows_find returns a row, or NULL. */
const struct ovsdb_row *ovsdb_rows_find(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid);

/* ovsdb_rows_next returns the row after that one, in no order; of NULL the first; NULL: there is no other. */
const struct ovsdb_row *ovsdb_rows_next(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_row *row);

size_t ovsdb_rows_count(const struct ovsdb_rows *rows, unsigned table);
size_t ovsdb_rows_len(const struct ovsdb_rows *rows);

#endif
