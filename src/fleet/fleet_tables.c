/* SPDX-License-Identifier: BSD-2-Clause */
#include "fleet/fleet_tables.h"

#define X(name, text, key, value) { text, OVSDB_##key, OVSDB_##value },
static const struct ovsdb_column vport_column[] = { FLEET_VPORT_COLUMNS(X) };
static const struct ovsdb_column host_column[] = { FLEET_HOST_COLUMNS(X) };
static const struct ovsdb_column status_column[] = { FLEET_STATUS_COLUMNS(X) };
static const struct ovsdb_column host_status_column[] = { FLEET_HOST_STATUS_COLUMNS(X) };
#undef X

static const struct ovsdb_table table[FLEET_TABLE_COUNT] = {
	[FLEET_VPORT] = { "VPort", vport_column, FLEET_VPORT_COLUMN_COUNT },
	[FLEET_HOST] = { "Host", host_column, FLEET_HOST_COLUMN_COUNT },
	[FLEET_STATUS] = { "VPort_Status", status_column, FLEET_STATUS_COLUMN_COUNT },
	[FLEET_HOST_STATUS] = { "Host_Status", host_status_column, FLEET_HOST_STATUS_COLUMN_COUNT },
};

const struct ovsdb_wanted fleet_wanted = { FLEET_DATABASE, table, FLEET_TABLE_COUNT };
