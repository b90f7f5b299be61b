/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet move: a VPort goes to another host. */
#include <string.h>

#include "base/clock.h"
#include "vmmq/fleet/fleet.h"
#include "vmmq/fleet/fleet_fit.h"
#include "vmmq/fleet/fleet_move.h"
#include "vmmq/fleet/fleet_progress.h"

static void move_print(const struct command_line *line, const struct fleet_move *move, const char *state)
{
	fleet_print(line, json_pack("{s:s, s:s, s:s, s:s}", "vport", move->name, "from", move->from, "to", move->to,
				    "state", state));
}

struct waiting {
	struct fleet_store *store;
	const struct fleet_move *move;
};

static bool step_is_last(void *context)
{
	const struct waiting *waiting = context;
	const struct ovsdb_rows *rows = fleet_store_rows(waiting->store);
	char text[FLEET_SENTENCE_MAX];

	fleet_move_say(waiting->move, rows, text);
	fleet_progress(text);
	return fleet_move_step(waiting->move, rows) >= STEP_DONE;
}

/* move_give_up: the time is up, or somebody has had enough; the hosts go on. */
static int move_give_up(struct fleet_store *store, const struct fleet_move *move)
{
	char text[FLEET_SENTENCE_MAX];

	fleet_store_catch_up(store);
	fleet_move_say(move, fleet_store_rows(store), text);
	return command_fail(store->line,
			    "not waited for any longer: %s. It stays on its way: repeat this to wait, "
			    "or --finish or --cancel it",
			    text);
}

/* move_refused takes it back, so that what was refused has changed nothing. */
static int move_refused(struct fleet_store *store, const struct fleet_move *move)
{
	char text[FLEET_SENTENCE_MAX], why[FLEET_SENTENCE_MAX];

	fleet_move_say(move, fleet_store_rows(store), text);
	if (!fleet_move_cancel(store, move, why))
		return command_fail(store->line, "%s; it could not be taken back: %s", text, why);
	return command_fail(store->line, "%s; it stays on %s", text, move->from);
}

static int move_finish(struct fleet_store *store, const struct fleet_move *move)
{
	char why[FLEET_SENTENCE_MAX];

	if (!fleet_move_end(store, move, why))
		return command_fail(store->line, "%s", why);
	move_print(store->line, move, "moved");
	return COMMAND_DONE;
}

static int move_await(struct fleet_store *store, const struct fleet_move *move, uint64_t seconds)
{
	struct waiting waiting = { store, move };
	enum fleet_waited waited = fleet_store_wait(store, now_ns() + seconds * SECOND_NS, step_is_last, &waiting);

	fleet_progress("");
	if (waited != FLEET_IS_SO)
		return move_give_up(store, move);
	if (fleet_move_step(move, fleet_store_rows(store)) == STEP_REFUSED)
		return move_refused(store, move);
	return move_finish(store, move);
}

static int move_go_on(struct fleet_store *store, const struct fleet_move *move)
{
	uint64_t seconds;

	if (!command_number(store->line, "wait", 1, 86400, 600, &seconds))
		return COMMAND_USAGE;
	if (!command_flag(store->line, "no-wait"))
		return move_await(store, move, seconds);
	move_print(store->line, move, "moving");
	return COMMAND_DONE;
}

/* move_may_begin says what is against it. */
static bool move_may_begin(struct fleet_store *store, const struct ovsdb_row *vport, const struct ovsdb_row *host,
			   json_t *guard)
{
	const struct command_line *line = store->line;
	const char *name = command_operand(line, 0), *to = command_operand(line, 1); /* which outlive the rows */
	struct fleet_vport typed;
	struct ovsdb_why why;
	bool good = false;

	if (!fleet_uuid(vport, FLEET_VPORT_HOST))
		command_fail(line, "%s is on no host; 'vmmq fleet vport set %s --host %s' puts it there", name, name,
			     to);
	else if (fleet_true(host, FLEET_HOST_DRAIN))
		command_fail(line, "%s is being drained; 'vmmq fleet drain %s --off' ends that", to, to);
	else if (!fleet_vport_read(&typed, vport->column, &why))
		command_fail(line, "%s: no host takes it: %s", name, why.text);
	else if (!fleet_vport_fits(store, &typed, host, guard, &why))
		command_fail(line, "%s would refuse %s: %s", to, name, why.text);
	else
		good = true;
	return good;
}

/* move_begin: read is the VPort as it was judged; what comes while the store is asked is another's. */
static int move_begin(struct fleet_store *store, const struct ovsdb_row *vport, const struct ovsdb_row *host)
{
	const struct ovsdb_uuid to = host->uuid;
	char why[FLEET_SENTENCE_MAX];
	struct fleet_kept read;
	struct fleet_move move;
	int status = COMMAND_REFUSED;
	json_t *guard;

	if (!fleet_keep(&read, store, vport))
		return command_fail(store->line, OVSDB_NO_MEMORY);
	guard = json_array();
	if (!move_may_begin(store, vport, host, guard))
		goto out;
	if (!fleet_move_begin(store, &read, &to, command_flag(store->line, "first-frame"), json_incref(guard), why)) {
		command_fail(store->line, "%s", why);
		goto out;
	}
	vport = ovsdb_rows_find(fleet_store_rows(store), FLEET_VPORT, &read.uuid);
	if (vport && fleet_move_read(&move, fleet_store_rows(store), vport))
		status = move_go_on(store, &move);
	else
		command_fail(store->line, "somebody else has taken the move back meanwhile");
out:
	json_decref(guard);
	fleet_kept_fini(&read);
	return status;
}

static int move_to(struct fleet_store *store, const struct ovsdb_row *vport)
{
	const struct command_line *line = store->line;
	const struct ovsdb_row *host = fleet_host_needed(store, command_operand(line, 1));
	const char *name = fleet_text(vport, FLEET_VPORT_NAME);
	const struct ovsdb_uuid *on = fleet_uuid(vport, FLEET_VPORT_HOST);
	struct fleet_move move;
	bool moves = fleet_move_read(&move, fleet_store_rows(store), vport);

	if (!host)
		return COMMAND_REFUSED;
	if (moves && strcmp(move.to, fleet_text(host, FLEET_HOST_NAME)) == 0)
		return move_go_on(store, &move);
	if (moves)
		return command_fail(line, "%s is on its way from %s to %s; --finish or --cancel that first", name,
				    move.from, move.to);
	if (!on || ovsdb_rows_find(fleet_store_rows(store), FLEET_HOST, on) != host)
		return move_begin(store, vport, host);
	fleet_print(line, json_pack("{s:s, s:s, s:s}", "vport", name, "to", fleet_text(host, FLEET_HOST_NAME),
				    "state", "there already"));
	return COMMAND_DONE;
}

static int move_end_or_cancel(struct fleet_store *store, const struct ovsdb_row *vport)
{
	const struct command_line *line = store->line;
	char why[FLEET_SENTENCE_MAX];
	struct fleet_move move;

	if (!fleet_move_read(&move, fleet_store_rows(store), vport))
		return command_fail(line, "%s is not on its way", fleet_text(vport, FLEET_VPORT_NAME));
	if (command_flag(line, "finish"))
		return move_finish(store, &move);
	if (!fleet_move_cancel(store, &move, why))
		return command_fail(line, "it cannot be taken back: %s", why);
	move_print(line, &move, "cancelled");
	return COMMAND_DONE;
}

static int cmd_fleet_move_run(const struct command_line *line)
{
	bool ends = command_flag(line, "finish") || command_flag(line, "cancel");
	const struct ovsdb_row *vport;
	struct fleet_store store;
	int status;

	if (command_flag(line, "finish") && command_flag(line, "cancel"))
		return command_usage(line, "--finish and --cancel contradict each other");
	if (ends != (command_operand_count(line) == 1))
		return command_usage(line, ends ? "--finish and --cancel take no HOST"
						: "expected: NAME HOST, or NAME with --finish or --cancel");
	status = fleet_open_for(&store, line, command_operand(line, 0), true);
	vport = status == COMMAND_DONE ? fleet_vport_needed(&store, command_operand(line, 0)) : NULL;
	if (vport)
		status = ends ? move_end_or_cancel(&store, vport) : move_to(&store, vport);
	else if (status == COMMAND_DONE)
		status = COMMAND_REFUSED;
	fleet_store_close(&store);
	return status;
}

static const struct command_option options[] = {
	{ 0, "first-frame", NULL, false,
	  "the destination takes over with the guest's first frame there, as when a guest migrates; not at once" },
	{ 0, "no-wait", NULL, false, "begin it and do not wait; --finish is needed later" },
	{ 0, "wait", "S", false, "seconds to wait for the end, 1 to 86400 (default: 600)" },
	{ 0, "finish", NULL, false, "end a move that the destination has carried out and nobody has waited for" },
	{ 0, "cancel", NULL, false, "take a move back that the destination has not carried out" },
	FLEET_OPTIONS_STORE,
};

const struct command fleet_move = {
	.name = "fleet move",
	.summary = "move a VPort to another host",
	.operands = "NAME [HOST]",
	.operand_min = 1,
	.operand_max = 2,
	.options = options,
	.option_count = FLEET_COUNT(options),
	.description = "Moves a VPort: the destination prepares it, the host that it is on lets go, the destination "
		       "activates it; with "
		       "--first-frame the destination activates it first. Waits for that, and makes the destination "
		       "its host. A move that the "
		       "destination refuses is taken back. The command may be stopped: the hosts go on, and the same "
		       "command again "
		       "waits again.",
	.examples = "vmmq fleet move web hv2\n\nvmmq fleet move web hv2 --first-frame --wait 3600",
	.run = cmd_fleet_move_run,
};
