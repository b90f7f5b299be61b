/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_change.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ovsdb/ovsdb_put.h"

#define REPEATS 3               /* of a transaction whose server was lost; each waits for the next server */
#define SEEN_NS (2 * SECOND_NS) /* within which a change that a server knows of has come here, too */

static const char *table_name(enum fleet_table table)
{
	return fleet_wanted.table[table].name;
}

static json_t *where_uuid(const struct ovsdb_uuid *uuid)
{
	return json_pack("[[s, s, o]]", "_uuid", "==", fleet_reference(uuid));
}

json_t *fleet_reference(const struct ovsdb_uuid *uuid)
{
	char text[OVSDB_UUID_LEN + 1];

	ovsdb_uuid_write(uuid, text);
	return json_pack("[s, s]", "uuid", text);
}

json_t *fleet_nothing(void)
{
	return json_pack("[s, []]", "set");
}

json_t *fleet_wait_row(enum fleet_table table, const struct ovsdb_uuid *uuid, const struct ovsdb_datum *column,
		       unsigned count)
{
	json_t *names = json_array(), *columns = json_object();

	for (unsigned i = 0; i < count; i++) {
		const char *name = fleet_wanted.table[table].column[i].name;
		const struct ovsdb_type type = fleet_column_type(table, i);

		names = ovsdb_append(names, json_string(name));
		columns = ovsdb_put(columns, name, ovsdb_datum_json(&type, &column[i]));
	}
	return json_pack("{s:s, s:i, s:s, s:o, s:o, s:s, s:[o]}", "op", "wait", "timeout", 0, "table",
			 table_name(table), "where", where_uuid(uuid), "columns", names, "until", "==", "rows",
			 columns);
}

json_t *fleet_wait_none(const char *table, const char *column, const char *text)
{
	return json_pack("{s:s, s:i, s:s, s:[[s, s, s]], s:[s], s:s, s:[]}", "op", "wait", "timeout", 0, "table",
			 table, "where", column, "==", text, "columns", column, "until", "==", "rows");
}

json_t *fleet_wait_state(const char *vport, const char *host, const char *until, const char *state)
{
	json_t *rows = state[0] ? json_pack("[{s:s}]", "state", state) : json_array();

	return json_pack("{s:s, s:i, s:s, s:[[s, s, s], [s, s, s]], s:[s], s:s, s:o}", "op", "wait", "timeout", 0,
			 "table", table_name(FLEET_STATUS), "where", "vport", "==", vport, "host", "==", host,
			 "columns", "state", "until", until, "rows", rows);
}

json_t *fleet_update(enum fleet_table table, const struct ovsdb_uuid *uuid, json_t *columns)
{
	return json_pack("{s:s, s:s, s:o, s:o}", "op", "update", "table", table_name(table), "where",
			 where_uuid(uuid), "row", columns);
}

json_t *fleet_delete(enum fleet_table table, const struct ovsdb_uuid *uuid)
{
	return json_pack("{s:s, s:s, s:o}", "op", "delete", "table", table_name(table), "where", where_uuid(uuid));
}

enum ovsdb_outcome fleet_carry_out(struct fleet_store *store, json_t *operations, bool *again, struct ovsdb_why *why)
{
	enum ovsdb_outcome outcome = fleet_store_transact(store, operations, NULL, why);

	*again = outcome == OVSDB_LOST;
	for (unsigned i = 0; outcome == OVSDB_LOST && i < REPEATS; i++)
		outcome = fleet_store_transact(store, operations, NULL, why);
	if (*again && outcome == OVSDB_REFUSED && !fleet_store_follows(store))
		return OVSDB_LOST; /* nobody could be asked again, and the first may have carried it out */
	return outcome;
}

static bool column_differs(const struct fleet_kept *kept, const struct ovsdb_row *now, unsigned column)
{
	const struct ovsdb_type type = fleet_column_type(FLEET_VPORT, column);

	return !ovsdb_datum_equal(&type, &kept->column[column], &now->column[column]);
}

struct difference {
	struct fleet_store *store;
	const struct fleet_kept *kept;
	const struct ovsdb_row *now; /* NULL: it is gone */
};

static bool differs_now(void *context)
{
	struct difference *d = context;

	d->now = ovsdb_rows_find(fleet_store_rows(d->store), FLEET_VPORT, &d->kept->uuid);
	for (unsigned i = 0; d->now && i < d->kept->count; i++)
		if (column_differs(d->kept, d->now, i))
			return true;
	return !d->now;
}

/* difference_text: a number or a text as it is, a host by its name. */
static void difference_text(const struct ovsdb_rows *rows, enum fleet_vport_column column,
			    const struct ovsdb_datum *datum, char *text, size_t size)
{
	const struct ovsdb_row *host = NULL;

	if (!datum->count) {
		snprintf(text, size, "none");
	} else if (column == FLEET_VPORT_HOST || column == FLEET_VPORT_DESTINATION) {
		host = ovsdb_rows_find(rows, FLEET_HOST, &datum->item[0].key.uuid);
		snprintf(text, size, "%s", host ? fleet_text(host, FLEET_HOST_NAME) : "a host that is gone");
	} else if (fleet_wanted.table[FLEET_VPORT].column[column].key == OVSDB_INTEGER) {
		snprintf(text, size, "%" PRId64, datum->item[0].key.integer);
	} else {
		snprintf(text, size, "%s", datum->item[0].key.text);
	}
}

/* is_short: a change of it can be told in words. */
static bool column_is_short(enum fleet_vport_column column)
{
	return column != FLEET_VPORT_MACS && column != FLEET_VPORT_VLANS && column != FLEET_VPORT_HASH_TYPES &&
	       column != FLEET_VPORT_HASH_KEY && column != FLEET_VPORT_INDIRECTION_TABLE;
}

static void differences_say(const struct difference *d, char *text, size_t size)
{
	const struct ovsdb_rows *rows = fleet_store_rows(d->store);
	char before[80], after[80];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < d->kept->count && len < size; i++) {
		const char *name = fleet_wanted.table[FLEET_VPORT].column[i].name, *comma = len ? ", " : "";

		if (!column_differs(d->kept, d->now, i))
			continue;
		difference_text(rows, i, &d->kept->column[i], before, sizeof(before));
		difference_text(rows, i, &d->now->column[i], after, sizeof(after));
		if (column_is_short(i))
			len += (size_t)snprintf(text + len, size - len, "%s%s was %s and is %s", comma, name, before,
						after);
		else
			len += (size_t)snprintf(text + len, size - len, "%s%s is another one", comma, name);
	}
}

/* conflict_say: what somebody else has changed, once that is seen here too. */
static void conflict_say(struct fleet_store *store, const struct fleet_kept *kept, char why[FLEET_SENTENCE_MAX])
{
	const struct ovsdb_item *item = kept->column[FLEET_VPORT_NAME].item;
	const char *name = item ? item->key.text : "it";
	struct difference d = { store, kept, NULL };
	char differences[FLEET_SENTENCE_MAX - 300];

	if (fleet_store_wait(store, now_ns() + SEEN_NS, differs_now, &d) != FLEET_IS_SO) {
		snprintf(
		    why, FLEET_SENTENCE_MAX,
		    "what hosts say of %.64s, or what is on its host, has changed meanwhile; nothing was changed: "
		    "look at it, and repeat",
		    name);
	} else if (!d.now) {
		snprintf(why, FLEET_SENTENCE_MAX, "%.64s has been removed meanwhile; nothing was changed", name);
	} else {
		differences_say(&d, differences, sizeof(differences));
		snprintf(
		    why, FLEET_SENTENCE_MAX,
		    "%.64s was changed by somebody else meanwhile: %s; nothing was changed: look at it, and repeat",
		    name, differences);
	}
	fleet_printable(why);
}

/* What a row is to be; columns NULL: gone. */
struct aim {
	struct fleet_store *store;
	const struct ovsdb_uuid *uuid;
	const json_t *columns;
};

static bool column_is(const struct ovsdb_row *row, enum fleet_vport_column column, const json_t *wanted)
{
	const struct ovsdb_type type = fleet_column_type(FLEET_VPORT, column);
	struct ovsdb_datum datum;
	struct ovsdb_why why;
	bool equal;

	if (!ovsdb_datum_read(&datum, &type, wanted, &why))
		return false;
	equal = ovsdb_datum_equal(&type, &datum, &row->column[column]);
	ovsdb_datum_fini(&type, &datum);
	return equal;
}

static bool is_carried_out(void *context)
{
	const struct aim *aim = context;
	const struct ovsdb_row *row = ovsdb_rows_find(fleet_store_rows(aim->store), FLEET_VPORT, aim->uuid);

	if (!aim->columns || !row)
		return !aim->columns && !row;
	for (unsigned i = 0; i < FLEET_VPORT_COLUMN_COUNT; i++) {
		const json_t *wanted = json_object_get(aim->columns, fleet_wanted.table[FLEET_VPORT].column[i].name);

		if (wanted && !column_is(row, i, wanted))
			return false;
	}
	return true;
}

/* change_see waits until the rows here have what was carried out, so that who goes on sees it. */
static bool change_see(struct fleet_store *store, const struct ovsdb_uuid *uuid, const json_t *columns)
{
	struct aim aim = { store, uuid, columns };

	return fleet_store_wait(store, now_ns() + SEEN_NS, is_carried_out, &aim) == FLEET_IS_SO;
}

static bool change_ask(struct fleet_store *store, const struct fleet_kept *kept, json_t *operations,
		       const json_t *columns, char why[FLEET_SENTENCE_MAX])
{
	struct ovsdb_why said;
	bool again;

	switch (fleet_carry_out(store, operations, &again, &said)) {
	case OVSDB_COMMITTED:
		change_see(store, &kept->uuid, columns);
		return true;
	case OVSDB_CONFLICT:
		if (again && change_see(store, &kept->uuid, columns))
			return true;
		conflict_say(store, kept, why);
		return false;
	case OVSDB_REFUSED:
		snprintf(why, FLEET_SENTENCE_MAX, "the store refuses it: %s", said.text);
		return false;
	default:
		snprintf(why, FLEET_SENTENCE_MAX,
			 "%s: whether it was carried out is not known; 'vmmq fleet show' tells", said.text);
		return false;
	}
}

bool fleet_change_kept(struct fleet_store *store, const struct fleet_kept *kept, json_t *columns, json_t *others,
		       char why[FLEET_SENTENCE_MAX])
{
	int64_t generation = kept->column[FLEET_VPORT_GENERATION].item[0].key.integer;
	json_t *operations;
	bool good;

	if (generation == INT64_MAX) {
		snprintf(why, FLEET_SENTENCE_MAX, "its generation is the last that there can be");
		json_decref(columns);
		json_decref(others);
		return false;
	}
	columns = ovsdb_put(columns, "generation", json_integer(generation + 1));
	operations = json_pack("[o]", fleet_wait_row(FLEET_VPORT, &kept->uuid, kept->column, kept->count));
	/* what waits waits for what is before the change */
	good = operations && (!others || json_array_extend(operations, others) == 0) &&
	       json_array_append_new(operations, fleet_update(FLEET_VPORT, &kept->uuid, json_incref(columns))) == 0;
	if (good)
		good = change_ask(store, kept, operations, columns, why);
	else
		snprintf(why, FLEET_SENTENCE_MAX, OVSDB_NO_MEMORY);
	json_decref(operations);
	json_decref(columns);
	json_decref(others);
	return good;
}

bool fleet_change_vport(struct fleet_store *store, const struct ovsdb_row *vport, json_t *columns, json_t *others,
			char why[FLEET_SENTENCE_MAX])
{
	struct fleet_kept kept;
	bool good;

	if (!fleet_keep(&kept, store, vport)) {
		snprintf(why, FLEET_SENTENCE_MAX, OVSDB_NO_MEMORY);
		json_decref(columns);
		json_decref(others);
		return false;
	}
	good = fleet_change_kept(store, &kept, columns, others, why);
	fleet_kept_fini(&kept);
	return good;
}

bool fleet_remove_vport(struct fleet_store *store, const struct ovsdb_row *vport, char why[FLEET_SENTENCE_MAX])
{
	json_t *operations =
	    json_pack("[o, o]", fleet_wait_row(FLEET_VPORT, &vport->uuid, vport->column, fleet_store_columns(store)),
		      fleet_delete(FLEET_VPORT, &vport->uuid));
	struct fleet_kept kept = { 0 };
	bool good = false;

	if (operations && fleet_keep(&kept, store, vport))
		good = change_ask(store, &kept, operations, NULL, why);
	else
		snprintf(why, FLEET_SENTENCE_MAX, OVSDB_NO_MEMORY);
	fleet_kept_fini(&kept);
	json_decref(operations);
	return good;
}
