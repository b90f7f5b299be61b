/* SPDX-License-Identifier: BSD-2-Clause */
/* How full hosts are. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_ROOM_H
#define VMMQ_VMMQ_FLEET_FLEET_ROOM_H

#include <stddef.h>

#include "vmmq/fleet/fleet_rows.h"

struct fleet_room {
	const struct ovsdb_row *host, *status; /* status NULL: it has never been there */
	size_t vports, arriving;               /* on it, on their way there */
};

/* fleet_rooms returns one for each host, by name; the caller's, *count of them.  NULL: there are none, or memory is short. */
struct fleet_room *fleet_rooms(const struct ovsdb_rows *rows, size_t *count);

/* fleet_room_is_fuller: a has more VPorts for each of its processors than b, those on their way counted.  Both have a status. */
bool fleet_room_is_fuller(const struct fleet_room *a, const struct fleet_room *b);

#endif
