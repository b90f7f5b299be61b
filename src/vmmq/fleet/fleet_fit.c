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

/* vport_of_json reads a row that was selected; false: no host takes it, whatever it says. */
static bool vport_of_json(struct fleet_vport *vport, const json_t *row)
{
	struct fleet_kept kept = { 0 };
	struct ovsdb_why why;
	bool good = true;

	for (unsigned i = 0; good && i < FLEET_VPORT_COLUMN_COUNT; i++)
		good = fleet_kept_take(&kept, i, json_object_get(row, fleet_wanted.table[FLEET_VPORT].column[i].name),
				       &why);
	good = good && fleet_vport_read(vport, kept.column, &why);
	fleet_kept_fini(&kept);
	return good;
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
		    fleet_vport_read(&other, row->column, &unread) && strcmp(other.name, vport->name) != 0 &&
		    fleet_vports_share(vport, &other, why))
			return false;
	return true;
}

static json_t *select_on(const struct ovsdb_row *host, const char *column)
{
	return json_pack("{s:s, s:s, s:[[s, s, o]]}", "op", "select", "table", fleet_wanted.table[FLEET_VPORT].name,
			 "where", column, "==", fleet_reference(&host->uuid));
}

static bool shares_with_some(const struct fleet_vport *vport, const json_t *results, struct ovsdb_why *why)
{
	struct fleet_vport other;
	const json_t *result, *row;
	size_t i, j;

	json_array_foreach(results, i, result)
	{
		json_array_foreach(json_object_get(result, "rows"), j, row)
		{
			if (vport_of_json(&other, row) && strcmp(other.name, vport->name) != 0 &&
			    fleet_vports_share(vport, &other, why))
				return true;
		}
	}
	return false;
}

bool fleet_vport_fits(struct fleet_store *store, const struct fleet_vport *vport, const struct ovsdb_row *host,
		      struct ovsdb_why *why)
{
	json_t *operations, *results = NULL;
	bool fits;

	if (!fleet_processors_fit(fleet_store_rows(store), vport, fleet_text(host, FLEET_HOST_NAME), why))
		return false;
	operations = json_pack("[o, o]", select_on(host, "host"), select_on(host, "destination"));
	if (!operations)
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	fits = fleet_store_transact(store, operations, &results, why) == OVSDB_COMMITTED &&
	       !shares_with_some(vport, results, why);
	json_decref(operations);
	json_decref(results);
	return fits;
}
