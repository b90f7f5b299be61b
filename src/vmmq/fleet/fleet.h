/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet: the commands, and what they have in common. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_H
#define VMMQ_VMMQ_FLEET_FLEET_H

#include "vmmq/fleet/fleet_change.h"
#include "vmmq/fleet/fleet_rows.h"
#include "vmmq/fleet/fleet_store.h"

#define FLEET_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * fleet_open_for follows hosts, what they say of themselves, and of the VPort name alone its row and what hosts say of it; name NULL: all
 * VPorts, by their FLEET_VPORT_PLACE_COUNT first columns, or FLEET_VPORT_FILTER_COUNT for who writes, and all that is said.  As fleet_store_open.
 */
int fleet_open_for(struct fleet_store *store, const struct command_line *line, const char *name, bool writes);

/* fleet_vport_needed, fleet_host_needed return a row; NULL: it has been said that there is none. */
const struct ovsdb_row *fleet_vport_needed(const struct fleet_store *store, const char *name);
const struct ovsdb_row *fleet_host_needed(const struct fleet_store *store, const char *name);

/* fleet_print prints a result with --json, in one line, and takes its reference. */
void fleet_print(const struct command_line *line, json_t *result);
/* fleet_change_print prints {"vport": ..., "generation": ...} with --json. */
void fleet_change_print(const struct command_line *line, const char *vport, int64_t generation);

/* fleet_age_text: "12 s ago", or "never". */
const char *fleet_age_text(int64_t age, char text[48]);

extern const struct command fleet_init, fleet_hosts, fleet_show, fleet_vport_family, fleet_vport_set, fleet_move,
    fleet_drain, fleet_release, fleet_host_family;

#endif
