/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_rows.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *fleet_text(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].count ? row->column[column].item[0].key.text : "";
}

int64_t fleet_number(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].count ? row->column[column].item[0].key.integer : 0;
}

bool fleet_true(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].count && row->column[column].item[0].key.boolean;
}

const struct ovsdb_uuid *fleet_uuid(const struct ovsdb_row *row, unsigned column)
{
	return row->column[column].count ? &row->column[column].item[0].key.uuid : NULL;
}

const struct ovsdb_row *fleet_find(const struct ovsdb_rows *rows, enum fleet_table table, unsigned column,
				   const char *text)
{
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(rows, table, row)) && strcmp(fleet_text(row, column), text) != 0)
		;
	return row;
}

const struct ovsdb_row *fleet_vport_named(const struct ovsdb_rows *rows, const char *name)
{
	return fleet_find(rows, FLEET_VPORT, FLEET_VPORT_NAME, name);
}

const struct ovsdb_row *fleet_host_named(const struct ovsdb_rows *rows, const char *name)
{
	return fleet_find(rows, FLEET_HOST, FLEET_HOST_NAME, name);
}

const struct ovsdb_row *fleet_status_of(const struct ovsdb_rows *rows, const char *vport, const char *host)
{
	const struct ovsdb_row *row = NULL;

	while ((row = ovsdb_rows_next(rows, FLEET_STATUS, row)) &&
	       (strcmp(fleet_text(row, FLEET_STATUS_VPORT), vport) != 0 ||
		strcmp(fleet_text(row, FLEET_STATUS_HOST), host) != 0))
		;
	return row;
}

const char *fleet_host_name(const struct ovsdb_rows *rows, const struct ovsdb_row *vport,
			    enum fleet_vport_column column)
{
	const struct ovsdb_uuid *uuid = fleet_uuid(vport, column);
	const struct ovsdb_row *host = uuid ? ovsdb_rows_find(rows, FLEET_HOST, uuid) : NULL;

	return host ? fleet_text(host, FLEET_HOST_NAME) : "";
}

void fleet_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

bool fleet_state_is(const struct ovsdb_row *status, const char *state)
{
	return status && strcmp(fleet_text(status, FLEET_STATUS_STATE), state) == 0;
}

int64_t fleet_age(const struct ovsdb_rows *rows, const char *host)
{
	const struct ovsdb_row *status = fleet_find(rows, FLEET_HOST_STATUS, FLEET_HOST_STATUS_HOST, host);
	int64_t age;

	if (!status)
		return -1;
	age = (int64_t)time(NULL) - fleet_number(status, FLEET_HOST_STATUS_HEARTBEAT);
	return age > 0 ? age : 0; /* its clock is before ours */
}

static int names_compare(const void *a, const void *b)
{
	const struct ovsdb_row *left = *(const struct ovsdb_row *const *)a;
	const struct ovsdb_row *right = *(const struct ovsdb_row *const *)b;

	return strcmp(fleet_text(left, 0), fleet_text(right, 0));
}

static int statuses_compare(const void *a, const void *b)
{
	const struct ovsdb_row *left = *(const struct ovsdb_row *const *)a;
	const struct ovsdb_row *right = *(const struct ovsdb_row *const *)b;
	int order = names_compare(a, b);

	return order ? order : strcmp(fleet_text(left, FLEET_STATUS_HOST), fleet_text(right, FLEET_STATUS_HOST));
}

const struct ovsdb_row **fleet_sorted(const struct ovsdb_rows *rows, enum fleet_table table, size_t *count)
{
	const struct ovsdb_row **sorted, *row = NULL;
	size_t i = 0;

	*count = 0;
	sorted = calloc(ovsdb_rows_count(rows, table) + 1, sizeof(const struct ovsdb_row *));
	if (!sorted)
		return NULL;
	while ((row = ovsdb_rows_next(rows, table, row)))
		sorted[i++] = row;
	qsort(sorted, i, sizeof(*sorted), table == FLEET_STATUS ? statuses_compare : names_compare);
	*count = i;
	return sorted;
}

struct ovsdb_type fleet_column_type(enum fleet_table table, unsigned column)
{
	const struct ovsdb_column *wanted = &fleet_wanted.table[table].column[column];

	return (struct ovsdb_type){ wanted->key, wanted->value, 0, UINT_MAX };
}
