/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_move.h"

#include <stdio.h>
#include <string.h>

#include "vmmq/fleet/fleet.h"

bool fleet_move_read(struct fleet_move *move, const struct ovsdb_rows *rows, const struct ovsdb_row *vport)
{
	const struct ovsdb_uuid *host = fleet_uuid(vport, FLEET_VPORT_DESTINATION);

	*move = (struct fleet_move){ .vport = vport->uuid };
	if (!host)
		return false;
	move->host = *host;
	move->generation = fleet_number(vport, FLEET_VPORT_GENERATION);
	move->first_frame = strcmp(fleet_text(vport, FLEET_VPORT_ACTIVATION), "first_frame") == 0;
	snprintf(move->name, sizeof(move->name), "%s", fleet_text(vport, FLEET_VPORT_NAME));
	snprintf(move->from, sizeof(move->from), "%s", fleet_host_name(rows, vport, FLEET_VPORT_HOST));
	snprintf(move->to, sizeof(move->to), "%s", fleet_host_name(rows, vport, FLEET_VPORT_DESTINATION));
	return true;
}

static bool host_is(const struct ovsdb_uuid *a, const struct ovsdb_uuid *b)
{
	return a && memcmp(a, b, sizeof(*a)) == 0;
}

/* destination_says: what was said before this move does not count. */
static const struct ovsdb_row *destination_says(const struct fleet_move *move, const struct ovsdb_rows *rows)
{
	const struct ovsdb_row *status = fleet_status_of(rows, move->name, move->to);

	return status && fleet_number(status, FLEET_STATUS_GENERATION) >= move->generation ? status : NULL;
}

enum fleet_step fleet_move_step(const struct fleet_move *move, const struct ovsdb_rows *rows)
{
	const struct ovsdb_row *vport = ovsdb_rows_find(rows, FLEET_VPORT, &move->vport);
	const struct ovsdb_row *source = fleet_status_of(rows, move->name, move->from);
	const struct ovsdb_row *destination = destination_says(move, rows);
	bool let_go = !source || fleet_state_is(source, "released");

	if (!vport)
		return STEP_GONE;
	if (!fleet_uuid(vport, FLEET_VPORT_DESTINATION) && host_is(fleet_uuid(vport, FLEET_VPORT_HOST), &move->host))
		return STEP_FINISHED;
	if (!host_is(fleet_uuid(vport, FLEET_VPORT_DESTINATION), &move->host))
		return STEP_CHANGED;
	if (fleet_state_is(destination, "refused"))
		return STEP_REFUSED;
	if (fleet_state_is(destination, "active"))
		return let_go ? STEP_DONE : STEP_TAKEN;
	if (fleet_state_is(destination, "prepared"))
		return source && let_go ? STEP_LET_GO : STEP_PREPARED;
	return STEP_PREPARING;
}

/* silence_say adds that a host which is waited for is not there. */
static void silence_say(const struct ovsdb_rows *rows, const char *host, char text[FLEET_SENTENCE_MAX])
{
	int64_t age = fleet_age(rows, host);
	size_t len = strlen(text);
	char when[48];

	if (age < 0)
		snprintf(text + len, FLEET_SENTENCE_MAX - len, " (%s has never been there)", host);
	else if (age > FLEET_ALIVE)
		snprintf(text + len, FLEET_SENTENCE_MAX - len, " (%s was there %s)", host, fleet_age_text(age, when));
}

void fleet_move_say(const struct fleet_move *move, const struct ovsdb_rows *rows, char text[FLEET_SENTENCE_MAX])
{
	const struct ovsdb_row *destination = destination_says(move, rows);
	const char *name = move->name, *from = move->from, *to = move->to, *waited = "";
	enum fleet_step step = fleet_move_step(move, rows);

	switch (step) {
	case STEP_PREPARING:
		snprintf(text, FLEET_SENTENCE_MAX, "%s is to prepare %s", to, name);
		waited = to;
		break;
	case STEP_PREPARED:
		if (move->first_frame)
			snprintf(text, FLEET_SENTENCE_MAX,
				 "%s has prepared %s, and waits for the guest's first frame", to, name);
		else
			snprintf(text, FLEET_SENTENCE_MAX, "%s has prepared %s, %s is to let go", to, name, from);
		waited = move->first_frame ? "" : from;
		break;
	case STEP_LET_GO:
		snprintf(text, FLEET_SENTENCE_MAX, "%s has let go of %s, %s is to activate it", from, name, to);
		waited = to;
		break;
	case STEP_TAKEN:
		snprintf(text, FLEET_SENTENCE_MAX, "%s has activated %s, %s is to let go", to, name, from);
		waited = from;
		break;
	case STEP_DONE:
		snprintf(text, FLEET_SENTENCE_MAX, "%s has activated %s, %s has let go; the move is to be finished",
			 to, name, from);
		break;
	case STEP_REFUSED:
		snprintf(text, FLEET_SENTENCE_MAX, "%s refuses %s: %.700s", to, name,
			 fleet_text(destination, FLEET_STATUS_REASON));
		break;
	case STEP_FINISHED:
		snprintf(text, FLEET_SENTENCE_MAX, "%s is on %s", name, to);
		break;
	case STEP_CHANGED:
		snprintf(text, FLEET_SENTENCE_MAX, "somebody else has changed where %s goes meanwhile", name);
		break;
	case STEP_GONE:
		snprintf(text, FLEET_SENTENCE_MAX, "%s has been removed meanwhile", name);
		break;
	}
	if (waited[0])
		silence_say(rows, waited, text);
	fleet_printable(text);
}

bool fleet_move_begin(struct fleet_store *store, const struct fleet_kept *vport, const struct ovsdb_uuid *host,
		      bool first_frame, json_t *guard, char why[FLEET_SENTENCE_MAX])
{
	json_t *columns = json_pack("{s:o, s:s}", "destination", fleet_reference(host), "activation",
				    first_frame ? "first_frame" : "at_once");

	return fleet_change_kept(store, vport, columns, guard, why);
}

bool fleet_move_end(struct fleet_store *store, const struct fleet_move *move, char why[FLEET_SENTENCE_MAX])
{
	const struct ovsdb_rows *rows = fleet_store_rows(store);
	const struct ovsdb_row *vport = ovsdb_rows_find(rows, FLEET_VPORT, &move->vport);
	const char *left = fleet_status_of(rows, move->name, move->from) ? "released" : "";
	json_t *columns, *others;

	if (fleet_move_step(move, rows) != STEP_DONE) {
		fleet_move_say(move, rows, why);
		return fleet_move_step(move, rows) == STEP_FINISHED;
	}
	columns = json_pack("{s:o, s:o}", "host", fleet_reference(&move->host), "destination", fleet_nothing());
	others = json_pack("[o, o]", fleet_wait_state(move->name, move->to, "==", "active"),
			   fleet_wait_state(move->name, move->from, "==", left));
	return fleet_change_vport(store, vport, columns, others, why) ||
	       fleet_move_step(move, fleet_store_rows(store)) == STEP_FINISHED;
}

bool fleet_move_cancel(struct fleet_store *store, const struct fleet_move *move, char why[FLEET_SENTENCE_MAX])
{
	const struct ovsdb_rows *rows = fleet_store_rows(store);
	const struct ovsdb_row *vport = ovsdb_rows_find(rows, FLEET_VPORT, &move->vport);
	enum fleet_step step = fleet_move_step(move, rows);
	json_t *others;

	if (step != STEP_PREPARING && step != STEP_PREPARED && step != STEP_LET_GO && step != STEP_REFUSED) {
		fleet_move_say(move, rows, why);
		return false;
	}
	others = json_pack("[o]", fleet_wait_state(move->name, move->to, "!=", "active"));
	return fleet_change_vport(store, vport, json_pack("{s:o}", "destination", fleet_nothing()), others, why);
}
