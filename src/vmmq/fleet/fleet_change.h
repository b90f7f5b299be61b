/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes that two administrators cannot overwrite each other with: each is a transaction that waits for what was read.  All may be repeated
 * where a server went before it answered, since what was carried out once is then a conflict with itself, which is told apart.
 */
#ifndef VMMQ_VMMQ_FLEET_FLEET_CHANGE_H
#define VMMQ_VMMQ_FLEET_FLEET_CHANGE_H

#include "fleet/fleet_vport.h"
#include "vmmq/fleet/fleet_rows.h"
#include "vmmq/fleet/fleet_store.h"

#define FLEET_SENTENCE_MAX 1024

/* Operations, the caller's.  fleet_wait_row: the row is as it was read, by its first columns.  fleet_wait_none: no row has that text. */
json_t *fleet_wait_row(enum fleet_table table, const struct ovsdb_uuid *uuid, const struct ovsdb_datum *column,
		       unsigned count);
json_t *fleet_wait_none(const char *table, const char *column, const char *text);
/* fleet_wait_state: what a host has said of a VPort is, or is not ("!="), that state; "": nothing. */
json_t *fleet_wait_state(const char *vport, const char *host, const char *until, const char *state);
json_t *fleet_update(enum fleet_table table, const struct ovsdb_uuid *uuid, json_t *columns);
json_t *fleet_delete(enum fleet_table table, const struct ovsdb_uuid *uuid);
/* A reference to a row as a <value>, and none. */
json_t *fleet_reference(const struct ovsdb_uuid *uuid);
json_t *fleet_nothing(void);

/* A row's columns, which stay when it changes. */
struct fleet_kept {
	struct ovsdb_uuid uuid;
	unsigned count; /* of columns that the store was read with, the first ones */
	struct ovsdb_datum column[FLEET_VPORT_COLUMN_COUNT];
};

/* fleet_keep copies a VPort's row; false: memory is short. */
bool fleet_keep(struct fleet_kept *kept, const struct fleet_store *store, const struct ovsdb_row *vport);
/* fleet_kept_take puts another value, by its JSON, into a column. */
bool fleet_kept_take(struct fleet_kept *kept, enum fleet_vport_column column, const json_t *value,
		     struct ovsdb_why *why);
void fleet_kept_fini(struct fleet_kept *kept);

/*
 * fleet_change_kept changes columns of a VPort, whose reference it takes, and raises its generation, as long as the row is what was kept: so
 * that is to be kept when it is read, and what is judged is judged by it.  others: operations that go with it, or NULL, taken too.  Returns
 * true; else why: one sentence, which says what somebody else has changed meanwhile where it is that.
 */
bool fleet_change_kept(struct fleet_store *store, const struct fleet_kept *kept, json_t *columns, json_t *others,
		       char why[FLEET_SENTENCE_MAX]);
/* fleet_change_vport is the same for a row that has just been read. */
bool fleet_change_vport(struct fleet_store *store, const struct ovsdb_row *vport, json_t *columns, json_t *others,
			char why[FLEET_SENTENCE_MAX]);

/* fleet_remove_vport deletes its row; as fleet_change_vport. */
bool fleet_remove_vport(struct fleet_store *store, const struct ovsdb_row *vport, char why[FLEET_SENTENCE_MAX]);

/* fleet_carry_out carries out operations, again where a server was lost; *again: so their conflict may be with themselves. */
enum ovsdb_outcome fleet_carry_out(struct fleet_store *store, json_t *operations, bool *again, struct ovsdb_why *why);

#endif
