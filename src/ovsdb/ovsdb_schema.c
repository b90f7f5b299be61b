/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_schema.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static bool column_read(struct ovsdb_type *type, const struct ovsdb_schema *schema, const struct ovsdb_table *table,
			const struct ovsdb_column *column, const json_t *columns, struct ovsdb_why *why)
{
	const json_t *there = json_object_get(columns, column->name);
	struct ovsdb_why wrong;

	if (!there)
		return ovsdb_refuse(why, "its schema (version %s) has no column %s in table %s", schema->version,
				    column->name, table->name);
	if (!ovsdb_type_read(type, json_object_get(there, "type"), &wrong))
		return ovsdb_refuse(why, "its schema's column %s.%s: %s", table->name, column->name, wrong.text);
	if (type->key != column->key || type->value != column->value)
		return ovsdb_refuse(
		    why,
		    "its schema (version %s) has another type in column %s.%s: %s and %s, where %s and %s are needed",
		    schema->version, table->name, column->name, ovsdb_base_name(type->key),
		    ovsdb_base_name(type->value), ovsdb_base_name(column->key), ovsdb_base_name(column->value));
	return true;
}

static bool table_read(struct ovsdb_type *type, const struct ovsdb_schema *schema, const struct ovsdb_table *table,
		       const json_t *tables, struct ovsdb_why *why)
{
	const json_t *there = json_object_get(tables, table->name);

	assert(table->column_count <= OVSDB_COLUMNS_MAX);
	if (!there)
		return ovsdb_refuse(why, "its schema (version %s) has no table %s", schema->version, table->name);
	for (unsigned i = 0; i < table->column_count; i++)
		if (!column_read(&type[i], schema, table, &table->column[i], json_object_get(there, "columns"), why))
			return false;
	return true;
}

bool ovsdb_schema_read(struct ovsdb_schema *schema, const struct ovsdb_wanted *wanted, const json_t *json,
		       struct ovsdb_why *why)
{
	const char *name = json_string_value(json_object_get(json, "name"));
	const char *version = json_string_value(json_object_get(json, "version"));

	assert(wanted->table_count <= OVSDB_TABLES_MAX);
	*schema = (struct ovsdb_schema){ 0 };
	if (!name || strcmp(name, wanted->database) != 0)
		return ovsdb_refuse(why, "its schema is not that of database %s", wanted->database);
	if (!version || strspn(version, "0123456789.") != strlen(version))
		version = "unknown";
	snprintf(schema->version, sizeof(schema->version), "%.23s", version);
	for (unsigned i = 0; i < wanted->table_count; i++)
		if (!table_read(schema->type[i], schema, &wanted->table[i], json_object_get(json, "tables"), why))
			return false;
	return true;
}

bool ovsdb_schema_equal(const struct ovsdb_wanted *wanted, const struct ovsdb_schema *a, const struct ovsdb_schema *b)
{
	for (unsigned i = 0; i < wanted->table_count; i++)
		for (unsigned k = 0; k < wanted->table[i].column_count; k++) {
			const struct ovsdb_type *left = &a->type[i][k], *right = &b->type[i][k];

			if (left->key != right->key || left->value != right->value || left->min != right->min ||
			    left->max != right->max)
				return false;
		}
	return true;
}
