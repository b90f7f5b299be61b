/* SPDX-License-Identifier: BSD-2-Clause */
#include "fleet/fleet_write.h"

#include <string.h>

#include "base/clock.h"
#include "base/text_hash.h"
#include "ovsdb/ovsdb_put.h"

#define REST_TIMES 10
#define REST_NS    (3 * SECOND_NS / 2)

#define WAIT         "s:s, s:i, s:s, s:s" /* op, timeout, until, table */
#define WAITS(table) "op", "wait", "timeout", 0, "until", "==", "table", table

/* where_row: by a row's id the server finds it at once, by all else it looks through the table. */
static json_t *where_row(const struct ovsdb_uuid *row)
{
	char text[OVSDB_UUID_LEN + 1];

	ovsdb_uuid_write(row, text);
	return json_pack("[[s, s, [s, s]]]", "_uuid", "==", "uuid", text);
}

static json_t *wait_none(const struct fleet_write *w)
{
	return json_pack("{" WAIT ", s:[[s, s, s], [s, s, s]], s:[s], s:[]}", WAITS("VPort_Status"), "where", "vport",
			 "==", w->vport, "host", "==", w->host, "columns", "state", "rows");
}

static json_t *wait_mine(const struct fleet_write *w)
{
	return json_pack("{" WAIT ", s:o, s:[s, s], s:[{s:I, s:s}]}", WAITS("VPort_Status"), "where",
			 where_row(&w->mine_row), "columns", "generation", "state", "rows", "generation",
			 (json_int_t)w->mine.generation, "state", fleet_state_name(w->mine.state));
}

static json_t *wait_others(const struct fleet_write *w)
{
	return json_pack("{" WAIT ", s:[[s, s, s], [s, s, s], [s, s, s]], s:[s], s:[]}", WAITS("VPort_Status"),
			 "where", "vport", "==", w->vport, "host", "!=", w->host, "state", "==", "active", "columns",
			 "host", "rows");
}

/* wait_nobody asks less than it might, in half the time: the first of two conditions is what most rows do not meet. */
static json_t *wait_nobody(const struct fleet_write *w)
{
	json_t *rows = w->mine.state == FLEET_NO_STATUS ? json_array() : json_pack("[{s:s}]", "host", w->host);

	return json_pack("{" WAIT ", s:[[s, s, s]], s:[s], s:o}", WAITS("VPort_Status"), "where", "vport",
			 "==", w->vport, "columns", "host", "rows", rows);
}

static json_t *host_value(const struct ovsdb_uuid *host)
{
	static const struct ovsdb_uuid none;
	char text[OVSDB_UUID_LEN + 1];

	if (memcmp(host, &none, sizeof(none)) == 0)
		return json_pack("[s, []]", "set");
	ovsdb_uuid_write(host, text);
	return json_pack("[s, s]", "uuid", text);
}

static json_t *wait_row(const struct fleet_write *w)
{
	return json_pack("{" WAIT ", s:o, s:[s, s, s], s:[{s:I, s:o, s:o}]}", WAITS("VPort"), "where",
			 where_row(&w->row), "columns", "generation", "host", "destination", "rows", "generation",
			 (json_int_t)w->wanted->generation, "host", host_value(&w->wanted->host), "destination",
			 host_value(&w->wanted->destination));
}

static json_t *mine_delete(const struct fleet_write *w)
{
	return json_pack("{s:s, s:s, s:o}", "op", "delete", "table", "VPort_Status", "where",
			 where_row(&w->mine_row));
}

static json_t *mine_update(const struct fleet_write *w)
{
	return json_pack("{s:s, s:s, s:o, s:{s:I, s:s, s:s}}", "op", "update", "table", "VPort_Status", "where",
			 where_row(&w->mine_row), "row", "generation", (json_int_t)w->status.generation, "state",
			 fleet_state_name(w->status.state), "reason", w->reason);
}

static json_t *mine_insert(const struct fleet_write *w)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:I, s:s, s:s}}", "op", "insert", "table", "VPort_Status", "row",
			 "vport", w->vport, "host", w->host, "generation", (json_int_t)w->status.generation, "state",
			 fleet_state_name(w->status.state), "reason", w->reason);
}

/*
 * fleet_change_add.  A claim of what is active already asks whether it is so, and a transaction that changes nothing is answered from what a server
 * knows, that may have ceased to lead; a row that is made anew has to be agreed to by its cluster.
 */
static json_t *fleet_change_add(json_t *operations, const struct fleet_write *w)
{
	bool anew = w->action == FLEET_CLAIM && w->mine.state == FLEET_ACTIVE;

	if (w->mine.state == FLEET_NO_STATUS)
		return ovsdb_append(operations, mine_insert(w));
	if (w->action != FLEET_DELETE && !anew)
		return ovsdb_append(operations, mine_update(w));
	operations = ovsdb_append(operations, mine_delete(w));
	return anew ? ovsdb_append(operations, mine_insert(w)) : operations;
}

json_t *fleet_write_add(json_t *operations, const struct fleet_write *w)
{
	if (w->mine.state != FLEET_NO_STATUS)
		operations = ovsdb_append(operations, wait_mine(w));
	else if (w->alone)
		operations = ovsdb_append(operations, wait_none(w));
	if (w->action == FLEET_CLAIM)
		operations = ovsdb_append(
		    ovsdb_append(operations, w->others || w->alone ? wait_others(w) : wait_nobody(w)), wait_row(w));
	return fleet_change_add(operations, w);
}

bool fleet_rests(enum fleet_action action, struct fleet_status status, struct fleet_status mine)
{
	return action == FLEET_WRITE && status.state == FLEET_ACTIVE && mine.state == FLEET_ACTIVE;
}

uint64_t fleet_rest_ns(uint64_t took_ns, const char *host)
{
	uint64_t rest = took_ns < REST_NS / REST_TIMES ? REST_TIMES * took_ns : REST_NS;

	return rest - rest * (text_hash(host) % 256) / 512;
}
