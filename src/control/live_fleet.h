/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VPorts that are the fleet's (docs/fleet.md): made, changed and removed by requests of the fleet's alone, by name.  The first three are for such
 * requests (live_request.of_fleet), inside live_submit().  Control thread.
 */
#ifndef VMMQ_CONTROL_LIVE_FLEET_H
#define VMMQ_CONTROL_LIVE_FLEET_H

#include "control/live.h"

#define LIVE_FLEET_FIRST_ID 1000 /* from here on, while there is room */

/*
 * live_fleet_put makes the VPort `wanted` (its id does not matter), deactivated, or makes the one of that name equal to it, which is then as active
 * as it was.  Its owner is one of the fleet's; with OWNER_FLEET_OWN_KEY the key is kept that it has.  What is the adapter's (encapsulation) is
 * taken from there.  INVALID_PARAMETER: one of that name was made by hand; all else as live_vport_add().
 * live_fleet_activate, live_fleet_remove: SUCCESS where that is so already.
 */
vmmq_status live_fleet_put(struct live *live, const struct config_vport *wanted, struct vmmq_why *why);
vmmq_status live_fleet_activate(struct live *live, const char *name, struct vmmq_why *why);
vmmq_status live_fleet_remove(struct live *live, const char *name, struct vmmq_why *why);

/*
 * live_fleet_find: any time.  False: there is no VPort of that name that is the fleet's.  active, id: told of it; either may be NULL.
 * live_fleet_is tells whether live_fleet_put() would change nothing; false also when memory is short.
 * live_fleet_next returns the id of the fleet's VPort after that one, -1 to begin with; -1: there is no other.
 */
bool live_fleet_find(const struct live *live, const char *name, struct vmmq_vport_id *id, bool *active);
bool live_fleet_is(struct live *live, const struct config_vport *wanted);
int32_t live_fleet_next(const struct live *live, int32_t after);

/* live_fleet_others is live_config() without VPorts that only the fleet may change. */
bool live_fleet_others(struct live *live, struct vmmq_config *config);

/* live_fleet_check refuses what the open request, since the two marks, has changed of the fleet's VPorts. */
vmmq_status live_fleet_check(struct live *live, vmmq_nic_switch_mark_t mark, size_t extras, struct vmmq_why *why);

#endif
