/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of the fleet's store (fleet/fleet_tables.h), by names and as values. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_ROWS_H
#define VMMQ_VMMQ_FLEET_FLEET_ROWS_H

#include "fleet/fleet_tables.h"
#include "ovsdb/ovsdb_rows.h"

/* What a column holds; "", 0, false and NULL where it holds nothing. */
const char *fleet_text(const struct ovsdb_row *row, unsigned column);
int64_t fleet_number(const struct ovsdb_row *row, unsigned column);
bool fleet_true(const struct ovsdb_row *row, unsigned column);
const struct ovsdb_uuid *fleet_uuid(const struct ovsdb_row *row, unsigned column);

/* fleet_find returns the row that has the text in the column, or NULL. */
const struct ovsdb_row *fleet_find(const struct ovsdb_rows *rows, enum fleet_table table, unsigned column,
				   const char *text);
const struct ovsdb_row *fleet_vport_named(const struct ovsdb_rows *rows, const char *name);
const struct ovsdb_row *fleet_host_named(const struct ovsdb_rows *rows, const char *name);
/* fleet_status_of returns what a host has said of a VPort, or NULL. */
const struct ovsdb_row *fleet_status_of(const struct ovsdb_rows *rows, const char *vport, const char *host);

/* fleet_host_name returns the name of the host that a VPort has in its column host or destination; "": none. */
const char *fleet_host_name(const struct ovsdb_rows *rows, const struct ovsdb_row *vport,
			    enum fleet_vport_column column);

/* fleet_printable takes out of a text what a terminal would obey: hosts write reasons, and may be anybody's by then. */
void fleet_printable(char *text);

/* fleet_state_is: status, which may be NULL, has that state. */
bool fleet_state_is(const struct ovsdb_row *status, const char *state);

/*
 * fleet_age returns for how many seconds the host has not been heard of, by its clock and ours; -1: never.  A host says that it is there each
 * minute: FLEET_ALIVE seconds without are three times.
 */
#define FLEET_ALIVE 180
int64_t fleet_age(const struct ovsdb_rows *rows, const char *host);

/*
 * fleet_sorted returns all rows of a table in the order of the texts in their first column, then their second where that is a text too, as
 * VPort_Status has; the caller's, *count of them.  NULL: there are none, or memory is short.
 */
const struct ovsdb_row **fleet_sorted(const struct ovsdb_rows *rows, enum fleet_table table, size_t *count);

/* fleet_column_type: how a column of VPort reads and writes, whatever a server's schema allows. */
struct ovsdb_type fleet_column_type(enum fleet_table table, unsigned column);

#endif
