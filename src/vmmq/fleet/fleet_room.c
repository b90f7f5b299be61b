/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_room.h"

#include <stdlib.h>
#include <string.h>

static int room_compare(const void *key, const void *element)
{
	const struct ovsdb_row *host = key;
	const struct fleet_room *room = element;

	return strcmp(fleet_text(host, FLEET_HOST_NAME), fleet_text(room->host, FLEET_HOST_NAME));
}

/* room_of finds the room of the host that a VPort has in that column, or NULL. */
static struct fleet_room *room_of(const struct ovsdb_rows *rows, const struct ovsdb_row *vport,
				  enum fleet_vport_column column, struct fleet_room *rooms, size_t count)
{
	const struct ovsdb_uuid *uuid = fleet_uuid(vport, column);
	const struct ovsdb_row *host = uuid ? ovsdb_rows_find(rows, FLEET_HOST, uuid) : NULL;

	return host ? bsearch(host, rooms, count, sizeof(*rooms), room_compare) : NULL;
}

struct fleet_room *fleet_rooms(const struct ovsdb_rows *rows, size_t *count)
{
	const struct ovsdb_row **hosts = fleet_sorted(rows, FLEET_HOST, count), *vport = NULL;
	struct fleet_room *rooms = calloc(*count + 1, sizeof(*rooms)), *room;

	if (!hosts || !rooms)
		*count = 0;
	for (size_t i = 0; i < *count; i++) {
		rooms[i].host = hosts[i];
		rooms[i].status = fleet_find(rows, FLEET_HOST_STATUS, FLEET_HOST_STATUS_HOST,
					     fleet_text(hosts[i], FLEET_HOST_NAME));
	}
	free(hosts);
	while (*count && (vport = ovsdb_rows_next(rows, FLEET_VPORT, vport))) {
		room = room_of(rows, vport, FLEET_VPORT_HOST, rooms, *count);
		if (room)
			room->vports++;
		room = room_of(rows, vport, FLEET_VPORT_DESTINATION, rooms, *count);
		if (room)
			room->arriving++;
	}
	return rooms;
}

/* Products, so that nothing is lost by division; a store's numbers are bounded: 65,536 processors. */
bool fleet_room_is_fuller(const struct fleet_room *a, const struct fleet_room *b)
{
	uint64_t a_processors = (uint64_t)fleet_number(a->status, FLEET_HOST_STATUS_PROCESSORS);
	uint64_t b_processors = (uint64_t)fleet_number(b->status, FLEET_HOST_STATUS_PROCESSORS);

	return (a->vports + a->arriving) * b_processors > (b->vports + b->arriving) * a_processors;
}
