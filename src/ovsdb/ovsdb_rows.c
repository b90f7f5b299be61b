/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb/ovsdb_rows_state.h"

#define LG_BUCKETS_FIRST 4

/* uuid_mix: two rounds of a multiplication whose halves are folded, each with a secret: rows cannot be chosen to meet in one chain. */
static uint64_t uuid_mix(uint64_t a, uint64_t secret)
{
	__uint128_t product = (__uint128_t)(a ^ secret) * UINT64_C(0x9e3779b97f4a7c15);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static struct ovsdb_row **bucket_of(const struct ovsdb_rows *rows, const struct row_table *table,
				    const struct ovsdb_uuid *uuid)
{
	uint64_t half[2];

	memcpy(half, uuid, sizeof(half));
	half[1] ^= uuid_mix(half[0], rows->seed[0]);
	return &table->bucket[uuid_mix(half[1], rows->seed[1]) >> (64 - table->lg_buckets)];
}

/* link_find returns where the pointer to a row stands, or the end of its chain. */
static struct ovsdb_row **link_find(const struct ovsdb_rows *rows, const struct row_table *table,
				    const struct ovsdb_uuid *uuid)
{
	struct ovsdb_row **link = bucket_of(rows, table, uuid);

	while (*link && memcmp(&(*link)->uuid, uuid, sizeof(*uuid)) != 0)
		link = &(*link)->next;
	return link;
}

struct ovsdb_rows *ovsdb_rows_create(const struct ovsdb_wanted *wanted, size_t max_len, const uint64_t seed[2])
{
	struct ovsdb_rows *rows = calloc(1, sizeof(*rows));

	if (!rows)
		return NULL;
	rows->wanted = wanted;
	rows->max_len = max_len;
	memcpy(rows->seed, seed, sizeof(rows->seed));
	for (unsigned i = 0; i < wanted->table_count; i++) {
		rows->table[i].lg_buckets = LG_BUCKETS_FIRST;
		rows->table[i].bucket = calloc((size_t)1 << LG_BUCKETS_FIRST, sizeof(rows->table[i].bucket[0]));
		if (!rows->table[i].bucket) {
			ovsdb_rows_destroy(rows);
			return NULL;
		}
	}
	return rows;
}

void ovsdb_rows_destroy(struct ovsdb_rows *rows)
{
	if (!rows)
		return;
	for (unsigned i = 0; i < rows->wanted->table_count; i++) {
		struct row_table *table = &rows->table[i];

		for (size_t k = 0; table->bucket && k < (size_t)1 << table->lg_buckets; k++)
			while (table->bucket[k]) {
				struct ovsdb_row *row = table->bucket[k];

				table->bucket[k] = row->next;
				ovsdb_row_free(rows, i, row);
			}
		free(table->bucket);
	}
	free(rows);
}

void ovsdb_rows_type(struct ovsdb_rows *rows, const struct ovsdb_schema *schema)
{
	rows->schema = *schema;
}

struct ovsdb_row *ovsdb_row_make(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid)
{
	struct ovsdb_row *row = calloc(1, sizeof(*row));

	if (!row)
		return NULL;
	row->uuid = *uuid;
	row->column = calloc(rows->wanted->table[table].column_count, sizeof(row->column[0]));
	if (!row->column) {
		free(row);
		return NULL;
	}
	return row;
}

void ovsdb_row_free(const struct ovsdb_rows *rows, unsigned table, struct ovsdb_row *row)
{
	if (!row)
		return;
	for (unsigned i = 0; i < rows->wanted->table[table].column_count; i++)
		ovsdb_datum_fini(&rows->schema.type[table][i], &row->column[i]);
	free(row->column);
	free(row);
}

bool ovsdb_rows_reserve(struct ovsdb_rows *rows, unsigned table, size_t more)
{
	struct row_table *t = &rows->table[table], larger = *t;

	while (t->count + more > (size_t)1 << larger.lg_buckets)
		larger.lg_buckets++;
	if (larger.lg_buckets == t->lg_buckets)
		return true;
	larger.bucket = calloc((size_t)1 << larger.lg_buckets, sizeof(larger.bucket[0]));
	if (!larger.bucket)
		return false;
	for (size_t k = 0; k < (size_t)1 << t->lg_buckets; k++)
		while (t->bucket[k]) {
			struct ovsdb_row *row = t->bucket[k], **bucket = bucket_of(rows, &larger, &row->uuid);

			t->bucket[k] = row->next;
			row->next = *bucket;
			*bucket = row;
		}
	free(t->bucket);
	*t = larger;
	return true;
}

struct ovsdb_row *ovsdb_rows_put(struct ovsdb_rows *rows, unsigned table, struct ovsdb_row *row)
{
	struct row_table *t = &rows->table[table];
	struct ovsdb_row **link = link_find(rows, t, &row->uuid), *before = *link;

	row->next = before ? before->next : NULL;
	*link = row;
	t->count += !before;
	rows->len += row->len - (before ? before->len : 0);
	return before;
}

struct ovsdb_row *ovsdb_rows_take(struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid)
{
	struct row_table *t = &rows->table[table];
	struct ovsdb_row **link = link_find(rows, t, uuid), *row = *link;

	assert(row);
	*link = row->next;
	t->count--;
	rows->len -= row->len;
	return row;
}

struct ovsdb_row *ovsdb_rows_at(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid)
{
	return *link_find(rows, &rows->table[table], uuid);
}

const struct ovsdb_row *ovsdb_rows_find(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_uuid *uuid)
{
	return ovsdb_rows_at(rows, table, uuid);
}

const struct ovsdb_row *ovsdb_rows_next(const struct ovsdb_rows *rows, unsigned table, const struct ovsdb_row *row)
{
	const struct row_table *t = &rows->table[table];
	size_t bucket = 0;

	if (row && row->next)
		return row->next;
	if (row)
		bucket = (size_t)(bucket_of(rows, t, &row->uuid) - t->bucket) + 1;
	while (bucket < (size_t)1 << t->lg_buckets && !t->bucket[bucket])
		bucket++;
	return bucket < (size_t)1 << t->lg_buckets ? t->bucket[bucket] : NULL;
}

size_t ovsdb_rows_count(const struct ovsdb_rows *rows, unsigned table)
{
	return rows->table[table].count;
}

size_t ovsdb_rows_len(const struct ovsdb_rows *rows)
{
	return rows->len;
}
