/* SPDX-License-Identifier: BSD-2-Clause */
/* What ovsdb_rows.c and ovsdb_plan.c share. */
#ifndef VMMQ_OVSDB_OVSDB_ROWS_STATE_H
#define VMMQ_OVSDB_OVSDB_ROWS_STATE_H

#include "ovsdb/ovsdb_rows.h"

/* A hash with chains: 2^lg_buckets of them. */
struct row_table {
	struct ovsdb_row **bucket;
	unsigned lg_buckets;
	size_t count;
};

struct ovsdb_rows {
	const struct ovsdb_wanted *wanted;
	struct ovsdb_schema schema;
	size_t len, max_len;
	uint64_t seed[2];
	uint64_t plans; /* so many have been made: a row that the present one has met has seen == plans */
	struct row_table table[OVSDB_TABLES_MAX];
};

/* ovsdb_row_make makes a row of nothing in all columns, for ovsdb_row_free. */
struct ovsdb_row *ovsdb_row_make(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid);
void ovsdb_row_free(const struct ovsdb_rows *rows, unsigned table, struct ovsdb_row *row);

/* ovsdb_rows_at returns a row, or NULL. */
struct ovsdb_row *ovsdb_rows_at(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid);
/* ovsdb_rows_reserve makes room for more rows, so that ovsdb_rows_put cannot fail. */
bool ovsdb_rows_reserve(struct ovsdb_rows *rows, unsigned table, size_t more);
/* ovsdb_rows_put adds a row that is not there, or takes the place of the one with its UUID, which is returned. */
struct ovsdb_row *ovsdb_rows_put(struct ovsdb_rows *rows, unsigned table, struct ovsdb_row *row);
/* ovsdb_rows_take takes a row out that is there. */
struct ovsdb_row *ovsdb_rows_take(struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid);

#endif
