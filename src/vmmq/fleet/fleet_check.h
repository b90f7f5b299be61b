/* SPDX-License-Identifier: BSD-2-Clause */
/* What vport add and vport set check alike before anything is written.  Each returns COMMAND_DONE, or has said what is wrong. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_CHECK_H
#define VMMQ_VMMQ_FLEET_FLEET_CHECK_H

#include "vmmq/fleet/fleet_change.h"

/* fleet_columns_check puts columns over what is kept, and has the result judged as a host judges it: *vport. */
int fleet_columns_check(const struct command_line *line, struct fleet_kept *kept, const json_t *columns,
			struct fleet_vport *vport);
/* fleet_host_take adds to columns the host of --host, if it is given. */
int fleet_host_take(const struct fleet_store *store, json_t *columns);
/* fleet_fits_at: whether the host with that UUID would take it; the zero UUID is none, which takes everything.  guard: as fleet_vport_fits. */
int fleet_fits_at(struct fleet_store *store, const struct fleet_vport *vport, const struct ovsdb_uuid *uuid,
		  json_t *guard);

#endif
