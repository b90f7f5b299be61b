/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows out: each change is one prepared statement. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/port_json.h"
#include "control/state_db_private.h"

static const char *const statements[STATE_STATEMENTS] = {
	[STATE_PUT_VPORT] =
	    "INSERT INTO vport "
	    "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24) ON "
	    "CONFLICT(id) DO "
	    "UPDATE SET "
	    "name=?2,queue_pairs=?3,rss_enabled=?4,receive_hash=?5,hash_types=?6,key=?7,primary_processor=?8,"
	    "default_processor=?9,indirection_table=?10,backend=?11,anti_spoofing=?12,flood_limit=?13,deactivated=?"
	    "14,"
	    "flags=?15,interrupt_moderation=?16,affinity_group=?17,affinity_mask=?18,control_frames=?19,"
	    "encapsulation=?20,vxlan_port=?21,dynamic=?22,min_queue_pairs=?23,owner=?24",
	[STATE_DELETE_VPORT] = "DELETE FROM vport WHERE id=?1",
	[STATE_PUT_FILTER] =
	    "INSERT INTO filter VALUES(?1,?2,?3,?4) ON CONFLICT(id) DO UPDATE SET vport=?2,mac=?3,vlan=?4",
	[STATE_DELETE_FILTER] = "DELETE FROM filter WHERE id=?1",
	[STATE_PUT_ADAPTER] = "INSERT INTO adapter VALUES(1,?1,?2,?3,?4,?5,?6,?7,?8,0,?9)",
	[STATE_SET_LAST_FILTER] = "UPDATE adapter SET last_filter=?1",
	[STATE_SET_PROCESSORS] = "UPDATE adapter SET processors=?1",
	[STATE_SET_BALANCE] = "UPDATE adapter SET balance=?1",
	[STATE_SET_UPLINK] = "UPDATE adapter SET uplink=?1,rx_queues=?2",
};

bool state_db_prepare(struct state_db *db)
{
	for (unsigned i = 0; i < STATE_STATEMENTS; i++)
		if (sqlite3_prepare_v3(db->sqlite, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &db->statement[i],
				       NULL) != SQLITE_OK)
			return state_db_fail_sqlite(db);
	return true;
}

/* statement_execute runs a statement with its values and makes it ready for the next ones. */
static bool statement_execute(struct state_db *db, enum state_statement which)
{
	sqlite3_stmt *statement = db->statement[which];
	bool done = sqlite3_step(statement) == SQLITE_DONE || state_db_fail_sqlite(db);

	sqlite3_reset(statement);
	return done;
}

static void bind_text(sqlite3_stmt *statement, int place, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, place, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, place);
}

/* port_text writes a port as JSON into a block that the caller frees; *done is false when memory is short.  No port: NULL. */
static char *port_text(const struct port_spec *port, bool *done)
{
	json_t *object = port->kind != PORT_NONE ? port_json(port) : NULL;
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	*done = text || port->kind == PORT_NONE;
	return text;
}

/* processors_text writes processors as JSON, "[0,1]", into a block that the caller frees; NULL: memory. */
static char *processors_text(const struct vmmq_processor *processors, size_t count)
{
	char *text = malloc(count * 6 + 3), *at = text;

	if (!text)
		return NULL;
	*at++ = '[';
	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%s%u", i ? "," : "", (unsigned)processors[i].v);
	memcpy(at, "]", 2);
	return text;
}

/* balance_text writes the settings as JSON into a block that the caller frees; NULL: memory. */
static char *balance_text(const struct config_balance *balance)
{
	json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:b}", "tick", (json_int_t)balance->tick_ms, "target",
				   (json_int_t)balance->target, "tolerance", (json_int_t)balance->tolerance, "budget",
				   (json_int_t)balance->budget, "coalesce", balance->coalesce);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

bool state_db_put_vport(struct state_db *db, const struct config_vport *vport)
{
	sqlite3_stmt *statement = db->statement[STATE_PUT_VPORT];
	const struct vmmq_rss_params *rss = &vport->rss;
	char *table = processors_text(rss->table, rss->entry_count);
	const int64_t numbers[][2] = {
		{ 1, vport->id.v },
		{ 3, vport->queue_pairs },
		{ 4, rss->enabled },
		{ 5, rss->receive_hash },
		{ 6, rss->hash_types },
		{ 8, rss->primary.v },
		{ 9, rss->default_processor.v },
		{ 12, vport->anti_spoofing },
		{ 13, vport->flood_limit },
		{ 14, vport->ndis.deactivated },
		{ 15, vport->ndis.flags },
		{ 16, vport->ndis.interrupt_moderation },
		{ 17, vport->ndis.affinity_group },
		{ 18, (int64_t)vport->ndis.affinity_mask },
		{ 19, vport->control_frames },
		{ 20, rss->encapsulation.types },
		{ 21, rss->encapsulation.vxlan_port },
		{ 22, vport->dynamic },
		{ 23, vport->min_queue_pairs },
		{ 24, (int64_t)vport->owner },
	};
	bool done;
	char *backend = port_text(&vport->backend, &done);

	if (!table || !done) {
		free(table);
		free(backend);
		return state_db_fail(db, "out of memory");
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sqlite3_bind_int64(statement, (int)numbers[i][0], numbers[i][1]);
	bind_text(statement, 2, vport->name);
	sqlite3_bind_blob(statement, 7, rss->key, VMMQ_KEY_LEN, SQLITE_STATIC);
	bind_text(statement, 10, table);
	bind_text(statement, 11, backend);
	done = statement_execute(db, STATE_PUT_VPORT);
	sqlite3_clear_bindings(statement);
	free(table);
	free(backend);
	return done;
}

bool state_db_delete_vport(struct state_db *db, struct vmmq_vport_id id)
{
	sqlite3_bind_int64(db->statement[STATE_DELETE_VPORT], 1, id.v);
	return statement_execute(db, STATE_DELETE_VPORT);
}

bool state_db_put_filter(struct state_db *db, const struct vmmq_filter *filter)
{
	sqlite3_stmt *statement = db->statement[STATE_PUT_FILTER];
	uint8_t mac[STATE_INNER_MAC_LEN];
	bool done;

	memcpy(mac, filter->mac, VMMQ_MAC_LEN);
	mac[6] = (uint8_t)(filter->vni >> 16);
	mac[7] = (uint8_t)(filter->vni >> 8);
	mac[8] = (uint8_t)filter->vni;

	sqlite3_bind_int64(statement, 1, filter->id);
	sqlite3_bind_int64(statement, 2, filter->vport.v);
	sqlite3_bind_blob(statement, 3, mac, filter->encapsulated ? STATE_INNER_MAC_LEN : VMMQ_MAC_LEN,
			  SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, filter->vlan);
	done = statement_execute(db, STATE_PUT_FILTER);
	sqlite3_clear_bindings(statement);
	return done;
}

bool state_db_delete_filter(struct state_db *db, uint32_t id)
{
	sqlite3_bind_int64(db->statement[STATE_DELETE_FILTER], 1, id);
	return statement_execute(db, STATE_DELETE_FILTER);
}

bool state_db_set_last_filter(struct state_db *db, uint32_t id)
{
	sqlite3_bind_int64(db->statement[STATE_SET_LAST_FILTER], 1, id);
	return statement_execute(db, STATE_SET_LAST_FILTER);
}

bool state_db_set_processors(struct state_db *db, const struct vmmq_processor *processors, size_t count)
{
	char *text = processors_text(processors, count);
	bool done;

	if (!text)
		return state_db_fail(db, "out of memory");
	bind_text(db->statement[STATE_SET_PROCESSORS], 1, text);
	done = statement_execute(db, STATE_SET_PROCESSORS);
	sqlite3_clear_bindings(db->statement[STATE_SET_PROCESSORS]);
	free(text);
	return done;
}

bool state_db_set_balance(struct state_db *db, const struct config_balance *balance)
{
	char *text = balance_text(balance);
	bool done;

	if (!text)
		return state_db_fail(db, "out of memory");
	bind_text(db->statement[STATE_SET_BALANCE], 1, text);
	done = statement_execute(db, STATE_SET_BALANCE);
	sqlite3_clear_bindings(db->statement[STATE_SET_BALANCE]);
	free(text);
	return done;
}

bool state_db_set_uplink(struct state_db *db, const struct port_spec *uplink, uint32_t rx_queues)
{
	bool done;
	char *text = port_text(uplink, &done);

	if (!done)
		return state_db_fail(db, "out of memory");
	bind_text(db->statement[STATE_SET_UPLINK], 1, text);
	sqlite3_bind_int64(db->statement[STATE_SET_UPLINK], 2, rx_queues);
	done = statement_execute(db, STATE_SET_UPLINK);
	sqlite3_clear_bindings(db->statement[STATE_SET_UPLINK]);
	free(text);
	return done;
}

static bool db_write_adapter(struct state_db *db, const struct state *state)
{
	sqlite3_stmt *statement = db->statement[STATE_PUT_ADAPTER];
	const struct vmmq_config *config = &state->config;
	char *set = processors_text(config->processors, config->processor_count);
	char *running = processors_text(state->running, state->running_count);
	bool done;
	char *uplink = port_text(&config->uplink, &done);
	char *balance = balance_text(&config->balance);

	if (set && running && balance && done) {
		bind_text(statement, 1, config->adapter_name);
		sqlite3_bind_int64(statement, 2, config->moderation);
		sqlite3_bind_int64(statement, 3, config->mtu);
		bind_text(statement, 4, set);
		bind_text(statement, 5, running);
		bind_text(statement, 6, uplink);
		sqlite3_bind_int64(statement, 7, config->uplink_rx_queues);
		sqlite3_bind_int64(statement, 8, state->last_filter_id);
		bind_text(statement, 9, balance);
		done = statement_execute(db, STATE_PUT_ADAPTER);
		sqlite3_clear_bindings(statement);
	} else {
		done = state_db_fail(db, "out of memory");
	}
	free(balance);
	free(uplink);
	free(set);
	free(running);
	return done;
}

static bool db_write_filters(struct state_db *db, const struct config_vport *vport)
{
	for (size_t i = 0; i < vport->filter_count; i++) {
		const struct vmmq_filter filter = config_filter_of(&vport->filters[i], vport->id);

		if (!state_db_put_filter(db, &filter))
			return false;
	}
	return true;
}

bool state_db_write(struct state_db *db, const struct state *state)
{
	bool done = db_write_adapter(db, state);

	for (size_t i = 0; i < state->config.vport_count && done; i++)
		done = state_db_put_vport(db, &state->config.vports[i]) &&
		       db_write_filters(db, &state->config.vports[i]);
	return done;
}

/*
 * db_settle writes over what a failed commit has left in the write-ahead log.  When only its sync failed, the log is
 * whole, and a
 * process that is killed now would find the refused transaction there; SQLite writes the next one to the same place
 * (one that really changes a page).
 */
static bool db_settle(struct state_db *db)
{
	db->unsettled = !state_db_run(db, "UPDATE adapter SET settled=settled+1;");
	return !db->unsettled;
}

bool state_db_begin(struct state_db *db)
{
	return (!db->unsettled || db_settle(db)) && state_db_run(db, "BEGIN IMMEDIATE;");
}

bool state_db_commit(struct state_db *db)
{
	if (state_db_run(db, "COMMIT;"))
		return true;
	db->unsettled = true;
	return false;
}

void state_db_rollback(struct state_db *db)
{
	char error[sizeof(db->error)];

	memcpy(error, db->error, sizeof(error));
	if (db->sqlite && !sqlite3_get_autocommit(db->sqlite))
		sqlite3_exec(db->sqlite, "ROLLBACK;", NULL, NULL, NULL);
	if (db->sqlite && db->unsettled)
		db_settle(db);
	memcpy(db->error, error, sizeof(error));
}
