/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a session knows, as a value that outlives the process: rows as the updates that would bring them, types as the schema that would, so that
 * what is read back goes through the checks that a server's word goes through.
 */
#include <inttypes.h>
#include <string.h>

#include "ovsdb/ovsdb_put.h"
#include "ovsdb/ovsdb_session_state.h"

static json_t *schema_json(const struct ovsdb_session *s)
{
	const struct ovsdb_wanted *wanted = s->params.wanted;
	json_t *tables = json_object();

	for (unsigned i = 0; i < wanted->table_count; i++) {
		json_t *columns = json_object();

		for (unsigned k = 0; k < wanted->table[i].column_count; k++)
			columns = ovsdb_put(columns, wanted->table[i].column[k].name,
					    json_pack("{s:o}", "type", ovsdb_type_json(&s->schema.type[i][k])));
		tables = ovsdb_put(tables, wanted->table[i].name, json_pack("{s:o}", "columns", columns));
	}
	return json_pack("{s:s, s:s, s:o}", "name", wanted->database, "version", s->schema.version, "tables", tables);
}

static json_t *row_as_update(const struct ovsdb_session *s, unsigned table, const struct ovsdb_row *row)
{
	json_t *columns = json_object();

	for (unsigned i = 0; i < s->params.wanted->table[table].column_count; i++)
		columns = ovsdb_put(columns, s->params.wanted->table[table].column[i].name,
				    ovsdb_datum_json(&s->schema.type[table][i], &row->column[i]));
	return json_pack("{s:o}", "initial", columns);
}

static json_t *rows_json(const struct ovsdb_session *s)
{
	json_t *tables = json_object();

	for (unsigned i = 0; i < s->params.wanted->table_count; i++) {
		json_t *table = json_object();
		char uuid[OVSDB_UUID_LEN + 1];

		for (const struct ovsdb_row *row = NULL; (row = ovsdb_rows_next(s->rows, i, row)) != NULL;) {
			ovsdb_uuid_write(&row->uuid, uuid);
			table = ovsdb_put(table, uuid, row_as_update(s, i, row));
		}
		tables = ovsdb_put(tables, s->params.wanted->table[i].name, table);
	}
	return tables;
}

static json_t *wheres_json(const struct ovsdb_session *s)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < s->params.wanted->table_count; i++)
		list = ovsdb_append(list, s->where[i] ? json_deep_copy(s->where[i]) : json_null());
	return list;
}

json_t *ovsdb_session_save(const struct ovsdb_session *s)
{
	static const struct ovsdb_uuid none;
	char last[OVSDB_UUID_LEN + 1], cluster[OVSDB_UUID_LEN + 1];

	if (!s->schema.version[0]) /* no server has been followed yet */
		return NULL;
	ovsdb_uuid_write(s->where_open ? &none : &s->last, last);
	ovsdb_uuid_write(&s->seen.cluster, cluster);
	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "last", last, "cluster", cluster, "index",
			 (json_int_t)s->seen.index, "where", wheres_json(s), "schema", schema_json(s), "rows",
			 rows_json(s));
}

static bool progress_read(struct ovsdb_uuid *last, struct ovsdb_progress *seen, const json_t *saved,
			  struct ovsdb_why *why)
{
	const char *last_text = json_string_value(json_object_get(saved, "last"));
	const char *cluster = json_string_value(json_object_get(saved, "cluster"));
	const json_t *index = json_object_get(saved, "index");

	if (!last_text || !ovsdb_uuid_read(last, last_text))
		return ovsdb_refuse(why, "last: a UUID is needed");
	if (!cluster || !ovsdb_uuid_read(&seen->cluster, cluster))
		return ovsdb_refuse(why, "cluster: a UUID is needed");
	if (!json_is_integer(index) || json_integer_value(index) < 0)
		return ovsdb_refuse(why, "index: a number of 0 or more is needed");
	seen->index = (uint64_t)json_integer_value(index);
	return true;
}

static bool wheres_check(const struct ovsdb_session *s, const json_t *wheres, struct ovsdb_why *why)
{
	const json_t *where;
	size_t i;

	if (json_array_size(wheres) != s->params.wanted->table_count)
		return ovsdb_refuse(why, "where: one for each of %u tables is needed", s->params.wanted->table_count);
	json_array_foreach(wheres, i, where)
	{
		if (!json_is_null(where) && !json_is_array(where))
			return ovsdb_refuse(why, "where: lists of conditions, or null, are needed");
	}
	return true;
}

static void wheres_take(struct ovsdb_session *s, const json_t *wheres)
{
	json_t *where;
	size_t i;

	json_array_foreach(wheres, i, where)
	{
		json_decref(s->where[i]);
		s->where[i] = json_is_null(where) ? NULL : json_incref(where);
	}
}

bool ovsdb_session_restore(struct ovsdb_session *s, const json_t *saved, struct ovsdb_why *why)
{
	struct ovsdb_uuid last;
	struct ovsdb_progress seen;
	struct ovsdb_schema schema;
	struct ovsdb_plan *plan;
	const json_t *wheres = json_object_get(saved, "where");

	if (s->schema.version[0])
		return ovsdb_refuse(why, "a server has been followed already");
	if (!progress_read(&last, &seen, saved, why) || !wheres_check(s, wheres, why) ||
	    !ovsdb_schema_read(&schema, s->params.wanted, json_object_get(saved, "schema"), why))
		return false;
	ovsdb_rows_type(s->rows, &schema);
	plan = ovsdb_plan_make(s->rows, json_object_get(saved, "rows"), true, why);
	if (!plan)
		return false;
	s->schema = schema;
	s->last = last;
	s->seen = seen;
	wheres_take(s, wheres);
	ovsdb_plan_carry_out(plan, s->params.changed, s->params.context);
	return true;
}
