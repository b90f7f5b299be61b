/* SPDX-License-Identifier: BSD-2-Clause */
/* Copies of rows. */
#include "vmmq/fleet/fleet_change.h"

bool fleet_keep(struct fleet_kept *kept, const struct fleet_store *store, const struct ovsdb_row *vport)
{
	struct ovsdb_why why;

	*kept = (struct fleet_kept){ .uuid = vport->uuid, .count = fleet_store_columns(store) };
	for (unsigned i = 0; i < kept->count; i++) {
		const struct ovsdb_type type = fleet_column_type(FLEET_VPORT, i);

		if (!ovsdb_datum_copy(&kept->column[i], &type, &vport->column[i], &why)) {
			fleet_kept_fini(kept);
			return false;
		}
	}
	return true;
}

bool fleet_kept_take(struct fleet_kept *kept, enum fleet_vport_column column, const json_t *value,
		     struct ovsdb_why *why)
{
	const struct ovsdb_type type = fleet_column_type(FLEET_VPORT, column);

	ovsdb_datum_fini(&type, &kept->column[column]);
	return ovsdb_datum_read(&kept->column[column], &type, value, why);
}

void fleet_kept_fini(struct fleet_kept *kept)
{
	for (unsigned i = 0; i < FLEET_VPORT_COLUMN_COUNT; i++) {
		const struct ovsdb_type type = fleet_column_type(FLEET_VPORT, i);

		ovsdb_datum_fini(&type, &kept->column[i]);
	}
}
