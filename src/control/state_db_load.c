/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows in: every value is checked for its range here; what values mean together is checked where a switch is made of
 * them.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/nic_switch.h>

#include "control/port_json.h"
#include "control/state_db_private.h"
#include "schema/field.h"

/* A row being read: which one, and whether all its columns were good. */
struct row {
	struct state_db *db;
	sqlite3_stmt *statement;
	const char *table;
	int64_t id;
	bool good;
};

static void row_refuse(struct row *row, int column, const char *what)
{
	if (row->good)
		state_db_fail(row->db, "this state is damaged: %s %lld: %s %s; it was left alone", row->table,
			      (long long)row->id, sqlite3_column_name(row->statement, column), what);
	row->good = false;
}

static int64_t row_number(struct row *row, int column, int64_t min, int64_t max)
{
	int64_t value = sqlite3_column_int64(row->statement, column);

	if (value >= min && value <= max)
		return value;
	row_refuse(row, column, "is out of range");
	return min;
}

static bool row_truth(struct row *row, int column)
{
	return row_number(row, column, 0, 1) == 1;
}

static struct vmmq_processor row_processor(struct row *row, int column)
{
	return (struct vmmq_processor){ (uint16_t)row_number(row, column, 0, UINT16_MAX) };
}

/* row_text returns a copy of at most max bytes, or NULL where the column is. */
static char *row_text(struct row *row, int column, size_t max)
{
	const char *value = (const char *)sqlite3_column_text(row->statement, column);
	size_t len = (size_t)sqlite3_column_bytes(row->statement, column);
	char *copy;

	if (!value)
		return NULL;
	if (len > max || strlen(value) != len) {
		row_refuse(row, column, "is no text of a legal length");
		return NULL;
	}
	copy = strdup(value);
	if (!copy && row->good)
		row->good = state_db_fail(row->db, "out of memory");
	return copy;
}

static void row_bytes(struct row *row, int column, uint8_t *value, size_t len)
{
	if ((size_t)sqlite3_column_bytes(row->statement, column) == len)
		memcpy(value, sqlite3_column_blob(row->statement, column), len);
	else
		row_refuse(row, column, "has a wrong length");
}

/*
 * row_processors reads a JSON list of 1 to max processors into a block that the caller frees; NULL when it is not
 * good.
 */
static struct vmmq_processor *row_processors(struct row *row, int column, size_t max, size_t *count)
{
	const char *value = (const char *)sqlite3_column_text(row->statement, column);
	json_t *list = value ? json_loads(value, 0, NULL) : NULL, *entry;
	size_t entries = json_array_size(list), i;
	struct vmmq_processor *read = entries && entries <= max ? calloc(entries, sizeof(*read)) : NULL;

	json_array_foreach(list, i, entry)
	{
		json_int_t one = json_integer_value(entry);

		if (!read || !json_is_integer(entry) || one < 0 || one > UINT16_MAX) {
			free(read);
			read = NULL;
			break;
		}
		read[i].v = (uint16_t)one;
	}
	json_decref(list);
	if (!read)
		row_refuse(row, column, "is no list of processors");
	*count = entries;
	return read;
}

/* row_port reads a port; NULL in the column is none. */
static void row_port(struct row *row, int column, struct port_spec *port)
{
	char *text = row_text(row, column, 8 * FIELD_DEVICE_MAX);
	json_t *object = text ? json_loads(text, 0, NULL) : NULL;

	if (text && (!object || !port_from_json(object, port)))
		row_refuse(row, column, "is no port");
	json_decref(object);
	free(text);
}

static uint32_t row_setting(struct row *row, int column, const json_t *object, enum schema_id field)
{
	const struct schema_field *range = schema_field(field);
	const json_t *value = json_object_get(object, range->key);
	json_int_t number = json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);

	if (value && number >= range->min && number <= range->max)
		return (uint32_t)number;
	row_refuse(row, column, "is out of range");
	return range->initial;
}

/* row_balance reads settings; NULL in the column are those that hold unless they are stated. */
static void row_balance(struct row *row, int column, struct config_balance *balance)
{
	char *text = row_text(row, column, 1024);
	json_t *object = text ? json_loads(text, 0, NULL) : NULL;

	config_balance_default(balance);
	if (text)
		*balance = (struct config_balance){
			.tick_ms = row_setting(row, column, object, FIELD_BALANCE_TICK),
			.target = row_setting(row, column, object, FIELD_BALANCE_TARGET),
			.tolerance = row_setting(row, column, object, FIELD_BALANCE_TOLERANCE),
			.budget = row_setting(row, column, object, FIELD_BALANCE_BUDGET),
			.coalesce = row_setting(row, column, object, FIELD_BALANCE_COALESCE),
		};
	json_decref(object);
	free(text);
}

static void row_read_adapter(struct row *row, struct state *state)
{
	struct vmmq_config *config = &state->config;

	config->adapter_name = row_text(row, 0, VMMQ_VPORT_NAME_BYTES);
	config->moderation = (enum moderation)row_number(row, 1, MODERATION_POLL, MODERATION_ADAPTIVE);
	config->mtu = (uint16_t)row_number(row, 2, FIELD_MTU_MIN, FIELD_MTU_MAX);
	config->processors = row_processors(row, 3, 65536, &config->processor_count);
	state->running = row_processors(row, 4, 65536, &state->running_count);
	row_port(row, 5, &config->uplink);
	config->uplink_rx_queues = (uint32_t)row_number(row, 6, FIELD_RX_QUEUES_MIN, FIELD_RX_QUEUES_MAX);
	state->last_filter_id = (uint32_t)row_number(row, 7, 0, UINT32_MAX);
	row_balance(row, 8, &config->balance);
}

static void read_rss(struct row *row, struct vmmq_rss_params *rss)
{
	size_t count = 0;
	struct vmmq_processor *table = row_processors(row, 9, VMMQ_TABLE_ENTRIES_MAX, &count);

	rss->enabled = row_truth(row, 3);
	rss->receive_hash = row_truth(row, 4);
	rss->hash_types = (uint32_t)row_number(row, 5, 0, UINT32_MAX);
	row_bytes(row, 6, rss->key, sizeof(rss->key));
	rss->primary = row_processor(row, 7);
	rss->default_processor = row_processor(row, 8);
	if (table)
		memcpy(rss->table, table, count * sizeof(*table));
	rss->entry_count = (uint16_t)count;
	free(table);
}

static void row_read_vport(struct row *row, struct config_vport *vport)
{
	row->id = sqlite3_column_int64(row->statement, 0);
	vport->id.v = (uint16_t)row_number(row, 0, 0, UINT16_MAX);
	vport->name = row_text(row, 1, VMMQ_VPORT_NAME_BYTES);
	vport->queue_pairs = (uint32_t)row_number(row, 2, FIELD_QUEUE_PAIRS_MIN, FIELD_QUEUE_PAIRS_MAX);
	read_rss(row, &vport->rss);
	row_port(row, 10, &vport->backend);
	vport->anti_spoofing = row_truth(row, 11);
	vport->flood_limit = (uint32_t)row_number(row, 12, FIELD_FLOOD_LIMIT_MIN, FIELD_FLOOD_LIMIT_MAX);
	vport->ndis.deactivated = row_truth(row, 13);
	vport->ndis.flags = (uint32_t)row_number(row, 14, 0, UINT32_MAX);
	vport->ndis.interrupt_moderation = (uint32_t)row_number(row, 15, 0, UINT32_MAX);
	vport->ndis.affinity_group = (uint16_t)row_number(row, 16, 0, UINT16_MAX);
	vport->ndis.affinity_mask = (uint64_t)sqlite3_column_int64(row->statement, 17);
	vport->control_frames = row_truth(row, 18);
	vport->rss.encapsulation.types = (uint16_t)row_number(row, 19, 0, VMMQ_TUNNEL_MASK);
	vport->rss.encapsulation.vxlan_port =
	    (uint16_t)row_number(row, 20, FIELD_VXLAN_PORT_MIN, FIELD_VXLAN_PORT_MAX);
	vport->dynamic = row_truth(row, 21);
	vport->min_queue_pairs = (uint32_t)row_number(row, 22, FIELD_MIN_QUEUE_PAIRS_MIN, vport->queue_pairs);
	vport->owner = (enum config_owner)row_number(row, 23, OWNER_HAND, OWNER_COUNT - 1);
}

/* row_filter_mac reads a MAC, or that of an encapsulated filter with its VNI behind it (state_db_private.h). */
static void row_filter_mac(struct row *row, int column, struct config_filter *filter)
{
	uint8_t value[STATE_INNER_MAC_LEN] = { 0 };

	filter->encapsulated = sqlite3_column_bytes(row->statement, column) == STATE_INNER_MAC_LEN;
	if (!filter->encapsulated) {
		row_bytes(row, column, filter->mac, VMMQ_MAC_LEN);
		return;
	}
	row_bytes(row, column, value, sizeof(value));
	memcpy(filter->mac, value, VMMQ_MAC_LEN);
	filter->vni = (uint32_t)value[6] << 16 | (uint32_t)value[7] << 8 | value[8];
}

static void row_read_filter(struct row *row, struct config_filter *filter)
{
	row->id = sqlite3_column_int64(row->statement, 0);
	filter->id = (uint32_t)row_number(row, 0, 1, UINT32_MAX);
	row_filter_mac(row, 1, filter);
	filter->vlan = (vmmq_vlan_rule)row_number(row, 2, 0, UINT16_MAX);
}

static bool row_begin(struct state_db *db, struct row *row, const char *table, const char *sql)
{
	*row = (struct row){ .db = db, .table = table, .good = true };
	return sqlite3_prepare_v2(db->sqlite, sql, -1, &row->statement, NULL) == SQLITE_OK ||
	       state_db_fail_sqlite(db);
}

/* row_next steps to the next row; false: there is none, or good is false. */
static bool row_next(struct row *row)
{
	int result = row->good ? sqlite3_step(row->statement) : SQLITE_DONE;

	if (result != SQLITE_ROW && result != SQLITE_DONE)
		row->good = state_db_fail_sqlite(row->db);
	return result == SQLITE_ROW;
}

static bool load_adapter(struct state_db *db, struct state *state)
{
	struct row row;
	unsigned rows = 0;

	if (!row_begin(
		db, &row, "adapter",
		"SELECT name,moderation,mtu,processors,running,uplink,rx_queues,last_filter,balance FROM adapter"))
		return false;
	while (row_next(&row) && rows++ == 0)
		row_read_adapter(&row, state);
	sqlite3_finalize(row.statement);
	return row.good &&
	       (rows == 1 || state_db_fail(db, "this state is damaged: it has no adapter; it was left alone"));
}

/* count_of returns what a counting query says. */
static bool count_of(struct state_db *db, const char *sql, size_t *count)
{
	struct row row;

	*count = 0;
	if (!row_begin(db, &row, "", sql))
		return false;
	if (row_next(&row))
		*count = (size_t)sqlite3_column_int64(row.statement, 0);
	sqlite3_finalize(row.statement);
	return row.good;
}

static bool load_vports(struct state_db *db, struct vmmq_config *config)
{
	struct row row;
	size_t count;

	if (!count_of(db, "SELECT count(*) FROM vport", &count))
		return false;
	config->vports = calloc(count + 1, sizeof(*config->vports));
	if (!config->vports)
		return state_db_fail(db, "out of memory");
	if (!row_begin(db, &row, "vport", "SELECT * FROM vport ORDER BY id"))
		return false;
	while (config->vport_count < count && row_next(&row))
		row_read_vport(&row, &config->vports[config->vport_count++]);
	sqlite3_finalize(row.statement);
	if (row.good && (!config->vport_count || config->vports[0].id.v))
		return state_db_fail(db, "this state is damaged: it has no VPort 0; it was left alone");
	return row.good;
}

/* add_filter gives a filter to its VPort, making room by doubling. */
static bool add_filter(struct state_db *db, struct config_vport *vport, const struct config_filter *filter)
{
	size_t count = vport->filter_count;

	if (!(count & (count - 1))) {
		struct config_filter *grown = realloc(vport->filters, (count ? 2 * count : 1) * sizeof(*grown));

		if (!grown)
			return state_db_fail(db, "out of memory");
		vport->filters = grown;
	}
	vport->filters[vport->filter_count++] = *filter;
	return true;
}

static bool load_filters(struct state_db *db, struct vmmq_config *config)
{
	struct row row;

	if (!row_begin(db, &row, "filter", "SELECT id,mac,vlan,vport FROM filter ORDER BY id"))
		return false;
	while (row_next(&row)) {
		struct config_filter filter = { 0 };
		struct vmmq_vport_id id;
		const struct config_vport *vport;

		row_read_filter(&row, &filter);
		id.v = (uint16_t)row_number(&row, 3, 0, UINT16_MAX);
		vport = vmmq_config_vport(config, id);
		if (!vport)
			row_refuse(&row, 3, "names a VPort that is not there");
		else if (row.good)
			row.good = add_filter(db, &config->vports[vport - config->vports], &filter);
	}
	sqlite3_finalize(row.statement);
	return row.good;
}

void state_fini(struct state *state)
{
	vmmq_config_fini(&state->config);
	free(state->running);
	memset(state, 0, sizeof(*state));
}

bool state_db_load(struct state_db *db, struct state *state)
{
	memset(state, 0, sizeof(*state));
	if (load_adapter(db, state) && load_vports(db, &state->config) && load_filters(db, &state->config) &&
	    state->config.adapter_name)
		return true;
	state_fini(state);
	return false;
}
