/* SPDX-License-Identifier: BSD-2-Clause */
/* <table-updates2> as a list of steps: each is the row that is to be there, or that one is to be gone. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ovsdb/ovsdb_rows_state.h"

struct plan_step {
	unsigned table;
	const struct ovsdb_row *before; /* NULL: a new row */
	struct ovsdb_row *after;        /* NULL: it goes */
};

struct ovsdb_plan {
	struct ovsdb_rows *rows;
	struct plan_step *step;
	size_t count, capacity;
	size_t added[OVSDB_TABLES_MAX]; /* new rows */
	size_t len;                     /* bytes of all rows afterwards */
	size_t made;                    /* bytes of rows in the plan */
};

static void plan_free(struct ovsdb_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		ovsdb_row_free(plan->rows, plan->step[i].table, plan->step[i].after);
	free(plan->step);
	free(plan);
}

static bool rows_too_long(const struct ovsdb_plan *plan, struct ovsdb_why *why)
{
	return ovsdb_refuse(why, "it has more than %zu bytes of rows for this client", plan->rows->max_len);
}

/* plan_add takes `after`, also where it fails. */
static bool plan_add(struct ovsdb_plan *plan, unsigned table, const struct ovsdb_row *before, struct ovsdb_row *after,
		     struct ovsdb_why *why)
{
	struct plan_step *larger =
	    array_room(plan->step, &plan->capacity, plan->count + 1, 16, sizeof(plan->step[0]));

	if (!larger) {
		ovsdb_row_free(plan->rows, table, after);
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	}
	plan->step = larger;
	plan->step[plan->count++] = (struct plan_step){ .table = table, .before = before, .after = after };
	plan->added[table] += !before;
	plan->len += (after ? after->len : 0) - (before ? before->len : 0);
	plan->made += after ? after->len : 0;
	return plan->made <= plan->rows->max_len || rows_too_long(plan, why);
}

/* column_make makes one column's new content, of what it was (NULL: a new row) and what the update says (NULL: nothing). */
static bool column_make(struct ovsdb_datum *datum, const struct ovsdb_type *type, const struct ovsdb_datum *before,
			const json_t *said, struct ovsdb_why *why)
{
	struct ovsdb_datum difference;
	bool good;

	if (!said)
		return before ? ovsdb_datum_copy(datum, type, before, why) : ovsdb_datum_initial(datum, type, why);
	if (!before)
		return ovsdb_datum_read(datum, type, said, why);
	if (!ovsdb_datum_read_difference(&difference, type, said, why))
		return false;
	good = ovsdb_datum_patch(datum, type, before, &difference, why);
	ovsdb_datum_fini(type, &difference);
	return good;
}

/* row_fill makes all columns of a row. */
static bool row_fill(const struct ovsdb_rows *rows, unsigned table, struct ovsdb_row *row,
		     const struct ovsdb_row *before, const json_t *said, struct ovsdb_why *why)
{
	const struct ovsdb_table *wanted = &rows->wanted->table[table];
	struct ovsdb_why wrong;

	row->len = sizeof(*row) + wanted->column_count * sizeof(row->column[0]);
	for (unsigned i = 0; i < wanted->column_count; i++) {
		const struct ovsdb_type *type = &rows->schema.type[table][i];

		if (!column_make(&row->column[i], type, before ? &before->column[i] : NULL,
				 json_object_get(said, wanted->column[i].name), &wrong))
			return ovsdb_refuse(why, "%s.%s: %s", wanted->name, wanted->column[i].name, wrong.text);
		row->len += ovsdb_datum_len(type, &row->column[i]);
	}
	return true;
}

/* columns_known: a server sends the columns that were asked for, and no others. */
static bool columns_known(const struct ovsdb_table *table, json_t *said, struct ovsdb_why *why)
{
	const char *name;
	json_t *value;

	if (!json_is_object(said))
		return ovsdb_refuse(why, "%s: a row is an object", table->name);
	json_object_foreach(said, name, value)
	{
		unsigned i = 0;

		while (i < table->column_count && strcmp(table->column[i].name, name) != 0)
			i++;
		if (i == table->column_count)
			return ovsdb_refuse(why, "%s.%.40s: this column was not asked for", table->name, name);
	}
	return true;
}

static bool row_equal(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_row *a,
		      const struct ovsdb_row *b)
{
	for (unsigned i = 0; i < rows->wanted->table[table].column_count; i++)
		if (!ovsdb_datum_equal(&rows->schema.type[table][i], &a->column[i], &b->column[i]))
			return false;
	return true;
}

/* row_plan: from: what a modified row is made of; NULL: all of it is said.  there: the row that it takes the place of, or NULL. */
static bool row_plan(struct ovsdb_plan *plan, unsigned table, const struct ovsdb_uuid *uuid, struct ovsdb_row *there,
		     const struct ovsdb_row *from, json_t *said, struct ovsdb_why *why)
{
	struct ovsdb_rows *rows = plan->rows;
	struct ovsdb_row *row;

	if (!columns_known(&rows->wanted->table[table], said, why))
		return false;
	row = ovsdb_row_make(rows, table, uuid);
	if (!row)
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	if (!row_fill(rows, table, row, from, said, why)) {
		ovsdb_row_free(rows, table, row);
		return false;
	}
	if (there)
		there->seen = rows->plans;
	if (there && row_equal(rows, table, there, row)) {
		ovsdb_row_free(rows, table, row);
		return true;
	}
	return plan_add(plan, table, there, row, why);
}

/* row_update_plan: exactly one of initial, insert, modify, delete. */
static bool row_update_plan(struct ovsdb_plan *plan, unsigned table, const char *text, json_t *update, bool whole,
			    struct ovsdb_why *why)
{
	const char *name = plan->rows->wanted->table[table].name,
		   *kind = json_object_iter_key(json_object_iter(update));
	json_t *said = kind ? json_object_get(update, kind) : NULL;
	struct ovsdb_uuid uuid;
	struct ovsdb_row *there;

	if (!ovsdb_uuid_read(&uuid, text))
		return ovsdb_refuse(why, "%s: \"%.40s\" is no UUID", name, text);
	if (!kind || json_object_size(update) != 1)
		return ovsdb_refuse(why, "%s: a row's update has one member", name);
	there = ovsdb_rows_at(plan->rows, table, &uuid);
	if (strcmp(kind, "initial") == 0 || strcmp(kind, "insert") == 0)
		return row_plan(plan, table, &uuid, there, NULL, said, why);
	if (whole)
		return ovsdb_refuse(why, "%s: \"%.40s\" of a row that it has not sent", name, kind);
	if (!there)
		return ovsdb_refuse(why, "%s: \"%.40s\" of row %s, which is not here", name, kind, text);
	if (strcmp(kind, "modify") == 0)
		return row_plan(plan, table, &uuid, there, there, said, why);
	if (strcmp(kind, "delete") == 0)
		return plan_add(plan, table, there, NULL, why);
	return ovsdb_refuse(why, "%s: \"%.40s\" is no update of a row", name, kind);
}

/* rest_plan: what a whole content does not have is gone. */
static bool rest_plan(struct ovsdb_plan *plan, struct ovsdb_why *why)
{
	const struct ovsdb_rows *rows = plan->rows;

	for (unsigned i = 0; i < rows->wanted->table_count; i++)
		for (const struct ovsdb_row *row = NULL; (row = ovsdb_rows_next(rows, i, row)) != NULL;)
			if (row->seen != rows->plans && !plan_add(plan, i, row, NULL, why))
				return false;
	return true;
}

static bool table_plan(struct ovsdb_plan *plan, const char *name, json_t *updates, bool whole, struct ovsdb_why *why)
{
	const struct ovsdb_wanted *wanted = plan->rows->wanted;
	unsigned table = 0;
	const char *uuid;
	json_t *update;

	while (table < wanted->table_count && strcmp(wanted->table[table].name, name) != 0)
		table++;
	if (table == wanted->table_count)
		return ovsdb_refuse(why, "table %.40s was not asked for", name);
	if (!json_is_object(updates))
		return ovsdb_refuse(why, "%s: a table's updates are an object", name);
	json_object_foreach(updates, uuid, update)
	{
		if (!row_update_plan(plan, table, uuid, update, whole, why))
			return false;
	}
	return true;
}

static bool tables_plan(struct ovsdb_plan *plan, json_t *updates, bool whole, struct ovsdb_why *why)
{
	const char *name;
	json_t *table;

	if (!json_is_object(updates))
		return ovsdb_refuse(why, "updates are an object");
	json_object_foreach(updates, name, table)
	{
		if (!table_plan(plan, name, table, whole, why))
			return false;
	}
	if (whole && !rest_plan(plan, why))
		return false;
	if (plan->len > plan->rows->max_len)
		return rows_too_long(plan, why);
	for (unsigned i = 0; i < plan->rows->wanted->table_count; i++)
		if (!ovsdb_rows_reserve(plan->rows, i, plan->added[i]))
			return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	return true;
}

struct ovsdb_plan *ovsdb_plan_make(struct ovsdb_rows *rows, json_t *updates, bool whole, struct ovsdb_why *why)
{
	struct ovsdb_plan *plan = calloc(1, sizeof(*plan));

	if (!plan) {
		ovsdb_refuse(why, OVSDB_NO_MEMORY);
		return NULL;
	}
	rows->plans++;
	plan->rows = rows;
	plan->len = rows->len;
	if (tables_plan(plan, updates, whole, why))
		return plan;
	plan_free(plan);
	return NULL;
}

size_t ovsdb_plan_carry_out(struct ovsdb_plan *plan, ovsdb_row_changed *changed, void *context)
{
	struct ovsdb_rows *rows = plan->rows;
	size_t count = plan->count;

	for (size_t i = 0; i < count; i++) {
		struct plan_step *step = &plan->step[i];
		struct ovsdb_row *before, *after = step->after;

		before = after ? ovsdb_rows_put(rows, step->table, after)
			       : ovsdb_rows_take(rows, step->table, &step->before->uuid);
		step->after = NULL; /* the rows have it */
		if (changed)
			changed(context, step->table, before, after);
		ovsdb_row_free(rows, step->table, before);
	}
	assert(rows->len == plan->len);
	plan_free(plan);
	return count;
}
