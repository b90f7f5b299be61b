/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_fit.h"

#include <inttypes.h>
#include <string.h>

#include "vmmq/fleet/fleet_change.h"

bool fleet_processors_fit(const struct ovsdb_rows *rows, const struct fleet_vport *vport, const char *host,
			  struct ovsdb_why *why)
{
	const struct ovsdb_row *status = fleet_find(rows, FLEET_HOST_STATUS, FLEET_HOST_STATUS_HOST, host);
	int64_t processors = status ? fleet_number(status, FLEET_HOST_STATUS_PROCESSORS) : INT64_MAX;

	if (fleet_vport_processors(vport) <= processors)
		return true;
	return ovsdb_refuse(why, "frames go to queue %u, so %u processors are needed; %s has %" PRId64,
			    fleet_vport_processors(vport) - 1, fleet_vport_processors(vport), host, processors);
}

/* kept_of_json takes columns of a row that was selected. */
static bool kept_of_json(struct fleet_kept *kept, const json_t *row, unsigned count, struct ovsdb_why *why)
{
	for (unsigned i = 0; i < count; i++) {
		const json_t *value = json_object_get(row, fleet_wanted.table[FLEET_VPORT].column[i].name);

		if (value && !fleet_kept_take(kept, i, value, why))
			return false;
	}
	return true;
}

static bool row_is_at(const struct ovsdb_row *row, enum fleet_vport_column column, const struct ovsdb_row *host)
{
	const struct ovsdb_uuid *uuid = fleet_uuid(row, column);

	return uuid && memcmp(uuid, &host->uuid, sizeof(*uuid)) == 0;
}

bool fleet_rows_fit(const struct ovsdb_rows *rows, const struct fleet_vport *vport, const struct ovsdb_row *host,
		    struct ovsdb_why *why)
{
	const struct ovsdb_row *row = NULL;
	struct fleet_vport other;
	struct ovsdb_why unread;

	if (!fleet_processors_fit(rows, vport, fleet_text(host, FLEET_HOST_NAME), why))
		return false;
	while ((row = ovsdb_rows_next(rows, FLEET_VPORT, row)))
		if ((row_is_at(row, FLEET_VPORT_HOST, host) || row_is_at(row, FLEET_VPORT_DESTINATION, host)) &&
		    fleet_vport_read_filters(&other, row->column, &unread) && strcmp(other.name, vport->name) != 0 &&
		    fleet_vports_share(vport, &other, why))
			return false;
	return true;
}

#define SELECTED "name", "macs", "vlans"

static json_t *select_on(const struct ovsdb_row *host, const char *column)
{
	return json_pack("{s:s, s:s, s:[[s, s, o]], s:[s, s, s]}", "op", "select", "table",
			 fleet_wanted.table[FLEET_VPORT].name, "where", column, "==", fleet_reference(&host->uuid),
			 "columns", SELECTED);
}

/* wait_on: what was selected is so. */
static json_t *wait_on(const struct ovsdb_uuid *host, const char *column, json_t *rows)
{
	return json_pack("{s:s, s:i, s:s, s:[[s, s, o]], s:[s, s, s], s:s, s:O}", "op", "wait", "timeout", 0, "table",
			 fleet_wanted.table[FLEET_VPORT].name, "where", column, "==", fleet_reference(host),
			 "columns", SELECTED, "until", "==", "rows", rows);
}

static bool row_shares(const struct fleet_vport *vport, const json_t *row, struct ovsdb_why *why)
{
	struct fleet_kept kept = { 0 };
	struct fleet_vport other;
	struct ovsdb_why unread;
	bool shares = kept_of_json(&kept, row, FLEET_VPORT_FILTER_COUNT, &unread) &&
		      fleet_vport_read_filters(&other, kept.column, &unread) &&
		      strcmp(other.name, vport->name) != 0 && fleet_vports_share(vport, &other, why);

	fleet_kept_fini(&kept);
	return shares;
}

static bool shares_with_some(const struct fleet_vport *vport, const json_t *results, struct ovsdb_why *why)
{
	const json_t *result, *row;
	size_t i, j;

	json_array_foreach(results, i, result)
	{
		json_array_foreach(json_object_get(result, "rows"), j, row)
		{
			if (row_shares(vport, row, why))
				return true;
		}
	}
	return false;
}

/* guard_add has the transaction that is to come wait for what is on the host, and on its way there. */
static bool guard_add(json_t *guard, const struct ovsdb_uuid *host, const json_t *results, struct ovsdb_why *why)
{
	json_t *on = json_object_get(json_array_get(results, 0), "rows");
	json_t *arriving = json_object_get(json_array_get(results, 1), "rows");

	return (json_array_append_new(guard, wait_on(host, "host", on)) == 0 &&
		json_array_append_new(guard, wait_on(host, "destination", arriving)) == 0) ||
	       ovsdb_refuse(why, OVSDB_NO_MEMORY);
}

bool fleet_vport_fits(struct fleet_store *store, const struct fleet_vport *vport, const struct ovsdb_row *host,
		      json_t *guard, struct ovsdb_why *why)
{
	const struct ovsdb_uuid uuid = host->uuid; /* which outlives the row */
	json_t *operations, *results = NULL;
	bool fits;

	if (!fleet_processors_fit(fleet_store_rows(store), vport, fleet_text(host, FLEET_HOST_NAME), why))
		return false;
	operations = json_pack("[o, o]", select_on(host, "host"), select_on(host, "destination"));
	if (!operations)
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	fits = fleet_store_transact(store, operations, &results, why) == OVSDB_COMMITTED &&
	       !shares_with_some(vport, results, why) && guard_add(guard, &uuid, results, why);
	json_decref(operations);
	json_decref(results);
	return fits;
}

bool fleet_vport_ask(struct fleet_store *store, const struct ovsdb_uuid *uuid, struct fleet_vport *vport,
		     struct ovsdb_why *why)
{
	json_t *operations =
	    json_pack("[{s:s, s:s, s:[[s, s, o]]}]", "op", "select", "table", fleet_wanted.table[FLEET_VPORT].name,
		      "where", "_uuid", "==", fleet_reference(uuid));
	struct fleet_kept kept = { 0 };
	json_t *results = NULL, *row;
	bool good = false;

	if (!operations)
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	if (fleet_store_transact(store, operations, &results, why) == OVSDB_COMMITTED) {
		row = json_array_get(json_object_get(json_array_get(results, 0), "rows"), 0);
		good = row ? kept_of_json(&kept, row, FLEET_VPORT_COLUMN_COUNT, why) &&
				 fleet_vport_read(vport, kept.column, why)
			   : ovsdb_refuse(why, "it has been removed meanwhile");
	}
	fleet_kept_fini(&kept);
	json_decref(operations);
	json_decref(results);
	return good;
}
