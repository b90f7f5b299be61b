/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_check.h"

#include "vmmq/fleet/fleet.h"
#include "vmmq/fleet/fleet_fit.h"

int fleet_columns_check(const struct command_line *line, struct fleet_kept *kept, const json_t *columns,
			struct fleet_vport *vport)
{
	struct ovsdb_why why;

	for (unsigned i = 0; i < FLEET_VPORT_COLUMN_COUNT; i++) {
		const json_t *value = json_object_get(columns, fleet_wanted.table[FLEET_VPORT].column[i].name);

		if (value && !fleet_kept_take(kept, i, value, &why))
			return command_fail(line, "%s", why.text);
	}
	if (fleet_vport_read(vport, kept->column, &why))
		return COMMAND_DONE;
	return command_fail(line, "%s", why.text);
}

int fleet_host_take(const struct fleet_store *store, json_t *columns)
{
	const char *name = command_value(store->line, "host");
	const struct ovsdb_row *host = name ? fleet_host_needed(store, name) : NULL;

	if (name && !host)
		return COMMAND_REFUSED;
	if (host && fleet_true(host, FLEET_HOST_DRAIN))
		return command_fail(store->line, "%s is being drained; 'vmmq fleet drain %s --off' ends that", name,
				    name);
	if (host)
		json_object_set_new(columns, "host", fleet_reference(&host->uuid));
	return COMMAND_DONE;
}

int fleet_fits_at(struct fleet_store *store, const struct fleet_vport *vport, const struct ovsdb_uuid *uuid,
		  json_t *guard)
{
	const struct ovsdb_row *host = ovsdb_rows_find(fleet_store_rows(store), FLEET_HOST, uuid);
	struct ovsdb_why why;

	if (!host || fleet_vport_fits(store, vport, host, guard, &why))
		return COMMAND_DONE;
	host = ovsdb_rows_find(fleet_store_rows(store), FLEET_HOST, uuid);
	return command_fail(store->line, "%s would refuse it: %s",
			    host ? fleet_text(host, FLEET_HOST_NAME) : "the host", why.text);
}
