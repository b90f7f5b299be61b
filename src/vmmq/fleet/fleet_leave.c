/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_leave.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmmq/fleet/fleet_fit.h"
#include "vmmq/fleet/fleet_room.h"

static bool uuid_equal(const struct ovsdb_uuid *a, const struct ovsdb_uuid *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static const struct ovsdb_rows *leave_rows(const struct fleet_leave *leave)
{
	return fleet_store_rows(leave->store);
}

/* leaver_init: who is on the way already is waited for. */
static void leaver_init(struct leaver *leaver, const struct ovsdb_rows *rows, const struct ovsdb_row *vport)
{
	leaver->vport = vport->uuid;
	snprintf(leaver->name, sizeof(leaver->name), "%s", fleet_text(vport, FLEET_VPORT_NAME));
	leaver->state = fleet_move_read(&leaver->move, rows, vport) ? LEAVER_MOVES : LEAVER_WAITS;
}

bool fleet_leave_init(struct fleet_leave *leave, struct fleet_store *store, const struct ovsdb_row *host)
{
	const struct ovsdb_rows *rows = fleet_store_rows(store);
	size_t count;
	const struct ovsdb_row **vports = fleet_sorted(rows, FLEET_VPORT, &count);

	*leave = (struct fleet_leave){ .store = store, .host = host->uuid };
	leave->leaver = calloc(count + 1, sizeof(*leave->leaver));
	for (size_t i = 0; leave->leaver && i < count; i++) {
		const struct ovsdb_uuid *on = fleet_uuid(vports[i], FLEET_VPORT_HOST);

		if (on && uuid_equal(on, &leave->host))
			leaver_init(&leave->leaver[leave->count++], rows, vports[i]);
	}
	free(vports);
	return vports && leave->leaver;
}

void fleet_leave_fini(struct fleet_leave *leave)
{
	free(leave->leaver);
}

static void leaver_stays(struct leaver *leaver, const char *why)
{
	leaver->state = LEAVER_STAYS;
	if (why != leaver->why)
		snprintf(leaver->why, sizeof(leaver->why), "%s", why);
}

/* host_may_take: what is against it, before anything is said of the VPort. */
static bool host_may_take(const struct fleet_leave *leave, const struct leaver *leaver, const struct fleet_room *room)
{
	const char *name = fleet_text(room->host, FLEET_HOST_NAME);

	if (uuid_equal(&room->host->uuid, &leave->host) || fleet_true(room->host, FLEET_HOST_DRAIN) ||
	    !room->status || fleet_age(leave_rows(leave), name) > FLEET_ALIVE)
		return false;
	for (unsigned i = 0; i < leaver->refused_count; i++)
		if (uuid_equal(&leaver->refused[i], &room->host->uuid))
			return false;
	return true;
}

static int rooms_compare(const void *a, const void *b)
{
	return fleet_room_is_fuller(a, b) - fleet_room_is_fuller(b, a);
}

/* host_choose returns the host with most room of those that would take it; NULL: leaver->why, unless that has a host's reason already. */
static const struct ovsdb_row *host_choose(const struct fleet_leave *leave, struct leaver *leaver,
					   const struct fleet_vport *vport)
{
	const struct ovsdb_row *chosen = NULL;
	struct fleet_room *rooms;
	struct ovsdb_why why;
	size_t count, kept = 0;

	rooms = fleet_rooms(leave_rows(leave), &count);
	for (size_t i = 0; i < count; i++)
		if (host_may_take(leave, leaver, &rooms[i]))
			rooms[kept++] = rooms[i];
	if (rooms)
		qsort(rooms, kept, sizeof(*rooms), rooms_compare);
	for (size_t i = 0; i < kept && !chosen; i++) {
		if (fleet_rows_fit(leave_rows(leave), vport, rooms[i].host, &why))
			chosen = rooms[i].host;
		else if (!leaver->refused_count)
			snprintf(leaver->why, sizeof(leaver->why), "%s would refuse it: %s",
				 fleet_text(rooms[i].host, FLEET_HOST_NAME), why.text);
	}
	if (!kept && !leaver->refused_count)
		snprintf(leaver->why, sizeof(leaver->why),
			 "no other host is there: each is being drained, or has not been there for %d s",
			 FLEET_ALIVE);
	free(rooms);
	return chosen;
}

/* leaver_is_here: it is still to be moved; somebody else may have done that while it waited. */
static bool leaver_is_here(const struct fleet_leave *leave, struct leaver *leaver, const struct ovsdb_row *row)
{
	const struct ovsdb_uuid *on = row ? fleet_uuid(row, FLEET_VPORT_HOST) : NULL;

	leaver->move = (struct fleet_move){ 0 };
	if (!on || !uuid_equal(on, &leave->host))
		leaver->state = LEAVER_LEFT;
	else if (fleet_move_read(&leaver->move, leave_rows(leave), row))
		leaver->state = LEAVER_MOVES;
	return leaver->state == LEAVER_WAITS;
}

static bool leaver_send(struct fleet_leave *leave, const struct ovsdb_row *vport, const struct ovsdb_row *host,
			char why[FLEET_SENTENCE_MAX])
{
	const struct ovsdb_uuid to = host->uuid;
	struct fleet_kept kept;
	bool good;

	if (!fleet_keep(&kept, leave->store, vport)) {
		snprintf(why, FLEET_SENTENCE_MAX, OVSDB_NO_MEMORY);
		return false;
	}
	good = fleet_move_begin(leave->store, &kept, &to, leave->first_frame, NULL, why);
	fleet_kept_fini(&kept);
	return good;
}

static void leaver_begin(struct fleet_leave *leave, struct leaver *leaver)
{
	const struct ovsdb_row *row = ovsdb_rows_find(leave_rows(leave), FLEET_VPORT, &leaver->vport), *host;
	char why[FLEET_SENTENCE_MAX];
	struct fleet_vport vport;
	struct ovsdb_why unread;

	if (!leaver_is_here(leave, leaver, row))
		return;
	if (!fleet_vport_ask(leave->store, &leaver->vport, &vport, &unread)) {
		snprintf(why, sizeof(why), "no host takes it: %s", unread.text);
		leaver_stays(leaver, why);
		return;
	}
	row = ovsdb_rows_find(leave_rows(leave), FLEET_VPORT, &leaver->vport);
	if (!leaver_is_here(leave, leaver, row))
		return;
	host = host_choose(leave, leaver, &vport);
	if (!host) {
		leaver_stays(leaver, leaver->why);
		return;
	}
	if (!leaver_send(leave, row, host, why)) {
		leaver_stays(leaver, why);
		return;
	}
	row = ovsdb_rows_find(leave_rows(leave), FLEET_VPORT, &leaver->vport);
	if (row && fleet_move_read(&leaver->move, leave_rows(leave), row))
		leaver->state = LEAVER_MOVES;
	else
		leaver_stays(leaver, "somebody else has taken its move back meanwhile");
}

/* leaver_refused takes the move back, and has the VPort offered to another host. */
static void leaver_refused(struct fleet_leave *leave, struct leaver *leaver)
{
	char why[FLEET_SENTENCE_MAX];

	fleet_move_say(&leaver->move, leave_rows(leave), leaver->why);
	leaver->refused[leaver->refused_count++] = leaver->move.host;
	if (!fleet_move_cancel(leave->store, &leaver->move, why))
		leaver_stays(leaver, why);
	else if (leaver->refused_count < FLEET_TRIES)
		leaver->state = LEAVER_WAITS;
	else
		leaver_stays(leaver, leaver->why);
}

static void leaver_go_on(struct fleet_leave *leave, struct leaver *leaver)
{
	char why[FLEET_SENTENCE_MAX];

	switch (fleet_move_step(&leaver->move, leave_rows(leave))) {
	case STEP_DONE:
		if (fleet_move_end(leave->store, &leaver->move, why))
			leaver->state = LEAVER_LEFT;
		else
			leaver_stays(leaver, why);
		break;
	case STEP_REFUSED:
		leaver_refused(leave, leaver);
		break;
	case STEP_FINISHED:
	case STEP_GONE:
		leaver->state = LEAVER_LEFT;
		break;
	case STEP_CHANGED:
		leaver_stays(leaver, "somebody else has changed where it goes meanwhile");
		break;
	default:
		break;
	}
}

void fleet_leave_go(struct fleet_leave *leave)
{
	size_t moving;

	for (size_t i = 0; i < leave->count; i++)
		if (leave->leaver[i].state == LEAVER_MOVES)
			leaver_go_on(leave, &leave->leaver[i]);
	moving = fleet_leave_count(leave, LEAVER_MOVES);
	for (size_t i = 0; i < leave->count && moving < leave->parallel; i++) {
		if (leave->leaver[i].state != LEAVER_WAITS)
			continue;
		leaver_begin(leave, &leave->leaver[i]);
		moving += leave->leaver[i].state == LEAVER_MOVES;
	}
}

bool fleet_leave_is_over(const struct fleet_leave *leave)
{
	return !fleet_leave_count(leave, LEAVER_WAITS) && !fleet_leave_count(leave, LEAVER_MOVES);
}

bool fleet_leave_is_due(void *context)
{
	const struct fleet_leave *leave = context;

	for (size_t i = 0; i < leave->count; i++)
		if (leave->leaver[i].state == LEAVER_MOVES &&
		    fleet_move_step(&leave->leaver[i].move, leave_rows(leave)) >= STEP_DONE)
			return true;
	return false;
}

size_t fleet_leave_count(const struct fleet_leave *leave, enum leaver_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < leave->count; i++)
		count += leave->leaver[i].state == state;
	return count;
}

void fleet_leave_stop(struct fleet_leave *leave)
{
	for (size_t i = 0; i < leave->count; i++) {
		struct leaver *leaver = &leave->leaver[i];

		if (leaver->state == LEAVER_MOVES) {
			fleet_move_say(&leaver->move, leave_rows(leave), leaver->why);
			leaver_stays(leaver, leaver->why);
		} else if (leaver->state == LEAVER_WAITS) {
			leaver_stays(leaver, "its turn has not come");
		}
	}
}
