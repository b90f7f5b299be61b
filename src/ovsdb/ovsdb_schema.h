/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which tables and columns of a database somebody wants to follow, held against the schema that a server has: a newer one may have more,
 * an older one that lacks something is refused by name.
 */
#ifndef VMMQ_OVSDB_OVSDB_SCHEMA_H
#define VMMQ_OVSDB_OVSDB_SCHEMA_H

#include "ovsdb/ovsdb_type.h"

/* A column that is wanted, and the types that whoever wants it will read from it.  How many items it may hold is the server's to say. */
struct ovsdb_column {
	const char *name;
	enum ovsdb_base key, value;
};

/* A table that is wanted. */
struct ovsdb_table {
	const char *name;
	const struct ovsdb_column *column;
	unsigned column_count;
};

/* What is wanted of a database; static, or as long as the session that follows it. */
struct ovsdb_wanted {
	const char *database;
	const struct ovsdb_table *table;
	unsigned table_count;
};

#define OVSDB_TABLES_MAX  8
#define OVSDB_COLUMNS_MAX 32

/* The server's types of what is wanted, by the places of table and column there. */
struct ovsdb_schema {
	struct ovsdb_type type[OVSDB_TABLES_MAX][OVSDB_COLUMNS_MAX];
	char version[24];
};

/* ovsdb_schema_read reads a <database-schema>.  Refuses another database's, and one that lacks what is wanted. */
bool ovsdb_schema_read(struct ovsdb_schema *schema, const struct ovsdb_wanted *wanted, const json_t *json,
		       struct ovsdb_why *why);

/* ovsdb_schema_equal: what is followed has the same types in both. */
bool ovsdb_schema_equal(const struct ovsdb_wanted *wanted, const struct ovsdb_schema *a,
			const struct ovsdb_schema *b);

#endif
