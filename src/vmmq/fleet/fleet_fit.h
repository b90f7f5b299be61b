/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a host would take a VPort, asked before it is put there: by the rules of the host's own (fleet/fleet_vport.h). */
#ifndef VMMQ_VMMQ_FLEET_FLEET_FIT_H
#define VMMQ_VMMQ_FLEET_FLEET_FIT_H

#include "fleet/fleet_vport.h"
#include "vmmq/fleet/fleet_store.h"

/*
 * fleet_vport_fits asks the store which VPorts are on the host, or on their way there.  False: why: the host would refuse it, or the store
 * does not say.  guard: an array, to which it adds operations that are to go with the change: they conflict when somebody else has put another
 * one there meanwhile, or changed what frames are for one.
 */
bool fleet_vport_fits(struct fleet_store *store, const struct fleet_vport *vport, const struct ovsdb_row *host,
		      json_t *guard, struct ovsdb_why *why);

/* fleet_vport_ask asks the store for a whole row.  False: why: no host takes it, or the store does not say. */
bool fleet_vport_ask(struct fleet_store *store, const struct ovsdb_uuid *uuid, struct fleet_vport *vport,
		     struct ovsdb_why *why);

/* fleet_rows_fit is the same by what is followed, where that is all VPorts. */
bool fleet_rows_fit(const struct ovsdb_rows *rows, const struct fleet_vport *vport, const struct ovsdb_row *host,
		    struct ovsdb_why *why);

/* fleet_processors_fit: the host has as many as the VPort's queues need, as far as it has said how many it has. */
bool fleet_processors_fit(const struct ovsdb_rows *rows, const struct fleet_vport *vport, const char *host,
			  struct ovsdb_why *why);

#endif
