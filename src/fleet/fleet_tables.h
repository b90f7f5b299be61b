/* SPDX-License-Identifier: BSD-2-Clause */
/* What vmmq reads of the fleet's store (share/vmmq.ovsschema): tables and columns by place, as a session follows them. */
#ifndef VMMQ_FLEET_FLEET_TABLES_H
#define VMMQ_FLEET_FLEET_TABLES_H

#include "ovsdb/ovsdb_schema.h"

#define FLEET_DATABASE "VMMQ"
#define FLEET_NAME_MAX 64 /* bytes of a name of a VPort's or host's, as the schema has it */

/*
 * Columns of each table; of VPort those first that say where it is, so that who wants no more follows the first few only.
 *   X(name, text, type of keys, type of values)
 */
/* clang-format off */
#define FLEET_VPORT_COLUMNS(X) \
	X(NAME, "name", STRING, VOID) \
	X(GENERATION, "generation", INTEGER, VOID) \
	X(HOST, "host", UUID, VOID) \
	X(DESTINATION, "destination", UUID, VOID) \
	X(ACTIVATION, "activation", STRING, VOID) \
	X(MACS, "macs", STRING, VOID) \
	X(VLANS, "vlans", INTEGER, VOID) \
	X(QUEUE_PAIRS, "queue_pairs", INTEGER, VOID) \
	X(RSS, "rss", STRING, VOID) \
	X(HASH_TYPES, "hash_types", STRING, VOID) \
	X(HASH_KEY, "hash_key", STRING, VOID) \
	X(INDIRECTION_TABLE, "indirection_table", INTEGER, INTEGER) \
	X(DEFAULT_QUEUE, "default_queue", INTEGER, VOID) \
	X(PRIMARY_QUEUE, "primary_queue", INTEGER, VOID) \
	X(SCALING, "scaling", STRING, VOID)
#define FLEET_HOST_COLUMNS(X) \
	X(NAME, "name", STRING, VOID) \
	X(DRAIN, "drain", BOOLEAN, VOID)
#define FLEET_STATUS_COLUMNS(X) \
	X(VPORT, "vport", STRING, VOID) \
	X(HOST, "host", STRING, VOID) \
	X(GENERATION, "generation", INTEGER, VOID) \
	X(STATE, "state", STRING, VOID) \
	X(REASON, "reason", STRING, VOID)
#define FLEET_HOST_STATUS_COLUMNS(X) \
	X(HOST, "host", STRING, VOID) \
	X(PROCESSORS, "processors", INTEGER, VOID) \
	X(VERSION, "version", STRING, VOID) \
	X(HEARTBEAT, "heartbeat", INTEGER, VOID)
/* clang-format on */

enum fleet_table {
	FLEET_VPORT,
	FLEET_HOST,
	FLEET_STATUS, /* VPort_Status */
	FLEET_HOST_STATUS,
	FLEET_TABLE_COUNT
};

#define X(name, text, key, value) FLEET_VPORT_##name,
enum fleet_vport_column { FLEET_VPORT_COLUMNS(X) FLEET_VPORT_COLUMN_COUNT };
#undef X
#define FLEET_VPORT_PLACE_COUNT   (FLEET_VPORT_ACTIVATION + 1) /* columns that say where it is */
#define FLEET_VPORT_FILTER_COUNT  (FLEET_VPORT_VLANS + 1)      /* and what frames are for it */
#define X(name, text, key, value) FLEET_HOST_##name,
enum fleet_host_column { FLEET_HOST_COLUMNS(X) FLEET_HOST_COLUMN_COUNT };
#undef X
#define X(name, text, key, value) FLEET_STATUS_##name,
enum fleet_status_column { FLEET_STATUS_COLUMNS(X) FLEET_STATUS_COLUMN_COUNT };
#undef X
#define X(name, text, key, value) FLEET_HOST_STATUS_##name,
enum fleet_host_status_column { FLEET_HOST_STATUS_COLUMNS(X) FLEET_HOST_STATUS_COLUMN_COUNT };
#undef X

/* All of it; the tables stand in the order of enum fleet_table, so that a session may follow the first few of them only. */
extern const struct ovsdb_wanted fleet_wanted;

#endif
