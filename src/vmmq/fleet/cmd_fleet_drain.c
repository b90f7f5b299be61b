/* SPDX-License-Identifier: BSD-2-Clause */
/* vmmq fleet drain: a host is emptied. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ovsdb/ovsdb_put.h"
#include "vmmq/fleet/fleet.h"
#include "vmmq/fleet/fleet_leave.h"
#include "vmmq/fleet/fleet_progress.h"
#include "vmmq/show/show.h"

/* drain_mark writes the intent, so that nothing is moved to the host any more. */
static int drain_mark(struct fleet_store *store, const struct ovsdb_row *host, bool drain)
{
	json_t *operations;
	struct ovsdb_why why;
	enum ovsdb_outcome outcome;
	bool again;

	if (fleet_true(host, FLEET_HOST_DRAIN) == drain)
		return COMMAND_DONE;
	operations =
	    json_pack("[o, o]", fleet_wait_row(FLEET_HOST, &host->uuid, host->column, FLEET_HOST_COLUMN_COUNT),
		      fleet_update(FLEET_HOST, &host->uuid, json_pack("{s:b}", "drain", drain)));
	outcome = fleet_carry_out(store, operations, &again, &why);
	json_decref(operations);
	if (outcome == OVSDB_COMMITTED || (outcome == OVSDB_CONFLICT && again))
		return COMMAND_DONE;
	if (outcome == OVSDB_CONFLICT)
		return command_fail(store->line,
				    "somebody else has changed the host meanwhile; nothing was changed: repeat this");
	return command_fail(store->line, "%s", why.text);
}

static void drain_progress(const struct fleet_leave *leave)
{
	char text[160], said[FLEET_SENTENCE_MAX] = "";

	for (size_t i = 0; i < leave->count && !said[0]; i++)
		if (leave->leaver[i].state == LEAVER_MOVES)
			fleet_move_say(&leave->leaver[i].move, fleet_store_rows(leave->store), said);
	snprintf(text, sizeof(text), "%zu of %zu have left; %.100s", fleet_leave_count(leave, LEAVER_LEFT),
		 leave->count, said);
	fleet_progress(text);
}

/* drain_carry_out moves until nothing is left that can be moved, or the time is up, or somebody has had enough. */
static void drain_carry_out(struct fleet_leave *leave, uint64_t seconds)
{
	uint64_t until_ns = now_ns() + seconds * SECOND_NS;

	do {
		fleet_leave_go(leave);
		drain_progress(leave);
	} while (!fleet_leave_is_over(leave) &&
		 fleet_store_wait(leave->store, until_ns, fleet_leave_is_due, leave) == FLEET_IS_SO);
	if (!fleet_leave_is_over(leave))
		fleet_store_catch_up(leave->store);
	fleet_leave_stop(leave);
	fleet_progress("");
}

/* arriving_add: what is on its way here comes for all that, and nobody but who has sent it knows why. */
static void arriving_add(json_t *left, const struct ovsdb_rows *rows, const struct ovsdb_uuid *host)
{
	const struct ovsdb_row *vport = NULL;
	struct fleet_move move;
	char why[160];

	while ((vport = ovsdb_rows_next(rows, FLEET_VPORT, vport))) {
		if (!fleet_move_read(&move, rows, vport) || memcmp(&move.host, host, sizeof(*host)) != 0)
			continue;
		snprintf(why, sizeof(why),
			 "it is on its way here from %s; 'vmmq fleet move' with --cancel takes that back", move.from);
		json_array_append_new(left, json_pack("{s:s, s:s}", "vport", move.name, "why", why));
	}
}

static json_t *drain_json(const struct fleet_leave *leave, const char *host)
{
	json_t *moved = json_array(), *left = json_array();

	for (size_t i = 0; i < leave->count; i++) {
		const struct leaver *leaver = &leave->leaver[i];

		if (leaver->state == LEAVER_LEFT)
			json_array_append_new(moved, json_pack("{s:s, s:s?}", "vport", leaver->name, "to",
							       leaver->move.to[0] ? leaver->move.to : NULL));
		else
			json_array_append_new(left,
					      json_pack("{s:s, s:s}", "vport", leaver->name, "why", leaver->why));
	}
	arriving_add(left, fleet_store_rows(leave->store), &leave->host);
	return json_pack("{s:s, s:o, s:o}", "host", host, "moved", moved, "left", left);
}

static void drain_print(const json_t *result)
{
	static const char *const columns[] = { "VPORT", "WHY IT IS LEFT" };
	const json_t *left = json_object_get(result, "left"), *vport;
	struct libscols_table *table;
	size_t i;

	printf("%zu moved, %zu left\n", json_array_size(json_object_get(result, "moved")), json_array_size(left));
	if (!json_array_size(left))
		return;
	table = show_table(columns, SHOW_COUNT(columns));
	json_array_foreach(left, i, vport)
	{
		const char *texts[] = { show_string(vport, "vport"), show_string(vport, "why") };

		show_row(table, texts, SHOW_COUNT(texts));
	}
	show_table_print(table);
}

static int drain_off(struct fleet_store *store, const struct ovsdb_row *host)
{
	int status = drain_mark(store, host, false);

	if (status == COMMAND_DONE)
		fleet_print(store->line,
			    json_pack("{s:s, s:b}", "host", command_operand(store->line, 0), "drain", 0));
	return status;
}

static int drain_away(struct fleet_store *store, const struct ovsdb_row *host)
{
	const struct command_line *line = store->line;
	struct fleet_leave leave;
	uint64_t parallel, seconds;
	json_t *result;
	int status;

	if (!command_number(line, "parallel", 1, 64, 4, &parallel) ||
	    !command_number(line, "wait", 1, 86400, 600, &seconds))
		return COMMAND_USAGE;
	if (!fleet_leave_init(&leave, store, host)) {
		fleet_leave_fini(&leave);
		return command_fail(line, OVSDB_NO_MEMORY);
	}
	leave.parallel = parallel;
	leave.first_frame = command_flag(line, "first-frame");
	status = drain_mark(store, host, true);
	if (status == COMMAND_DONE) {
		drain_carry_out(&leave, seconds);
		result = drain_json(&leave, command_operand(line, 0));
		status = json_array_size(json_object_get(result, "left")) ? COMMAND_REFUSED : COMMAND_DONE;
		if (!command_flag(line, "json"))
			drain_print(result);
		fleet_print(line, result);
	}
	fleet_leave_fini(&leave);
	return status;
}

static int cmd_fleet_drain_run(const struct command_line *line)
{
	const struct ovsdb_row *host;
	struct fleet_store store;
	int status = fleet_open_for(&store, line, NULL, true);

	if (status == COMMAND_DONE) {
		host = fleet_host_needed(&store, command_operand(line, 0));
		if (!host)
			status = COMMAND_REFUSED;
		else
			status = command_flag(line, "off") ? drain_off(&store, host) : drain_away(&store, host);
	}
	fleet_store_close(&store);
	return status;
}

static const struct command_option options[] = {
	{ 0, "parallel", "N", false, "VPorts that move at a time, 1 to 64 (default: 4)" },
	{ 0, "first-frame", NULL, false, "they are activated with their guests' first frames there, not at once" },
	{ 0, "wait", "S", false, "seconds to wait for the end, 1 to 86400 (default: 600)" },
	{ 0, "off", NULL, false, "it may have VPorts again; what has left does not come back" },
	FLEET_OPTIONS_STORE,
};

const struct command fleet_drain = {
	.name = "fleet drain",
	.summary = "move everything away from a host",
	.operands = "HOST",
	.operand_min = 1,
	.operand_max = 1,
	.options = options,
	.option_count = FLEET_COUNT(options),
	.description = "Marks a host as one that is to be emptied, and moves its VPorts, a few at a time, each to "
		       "the host that has fewest "
		       "VPorts for each of its processors, has been there within the last three minutes, is not "
		       "being drained, and would take "
		       "it. A VPort that a host refuses is offered to others, four in all. Says what is left and "
		       "why; the exit status is "
		       "0 when nothing is. It may be stopped and repeated.",
	.examples = "vmmq fleet drain hv1\n\nvmmq fleet drain hv1 --off",
	.run = cmd_fleet_drain_run,
};
