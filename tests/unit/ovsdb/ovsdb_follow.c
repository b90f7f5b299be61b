/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ovsdb-follow [--key F --certificate F --ca F] [--leader-only] [--near N] [--home-ms N] [--probe-ms N] [--rows-len N] [--message-len N] [--retry-ms N] [--saved FILE]
 * REMOTE...: the client as
 * it is, for tests with real servers.  Tells each event as a line of JSON; takes commands as lines of JSON: {"transact": [...], "id": N},
 * {"where": [TABLE, [...]]}, {"dump": true}.  Ends with its input.
 */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ovsdb/ovsdb_client.h"

static const struct ovsdb_column host_columns[] = {
	{ "name", OVSDB_STRING, OVSDB_VOID },
	{ "drain", OVSDB_BOOLEAN, OVSDB_VOID },
};
static const struct ovsdb_column vport_columns[] = {
	{ "name", OVSDB_STRING, OVSDB_VOID },     { "generation", OVSDB_INTEGER, OVSDB_VOID },
	{ "macs", OVSDB_STRING, OVSDB_VOID },     { "vlans", OVSDB_INTEGER, OVSDB_VOID },
	{ "hash_key", OVSDB_STRING, OVSDB_VOID }, { "indirection_table", OVSDB_INTEGER, OVSDB_INTEGER },
	{ "host", OVSDB_UUID, OVSDB_VOID },       { "external_ids", OVSDB_STRING, OVSDB_STRING },
};
static const struct ovsdb_table tables[] = { { "Host", host_columns, 2 }, { "VPort", vport_columns, 8 } };
static const struct ovsdb_wanted wanted = { "VMMQ", tables, 2 };
static const char *const states[] = { "down", "judging", "reading", "following" };
static const char *const outcomes[] = { "committed", "conflict", "refused", "lost" };

static struct ovsdb_client *client;

static void event_tell(json_t *event)
{
	json_dumpf(event, stdout, JSON_COMPACT | JSON_SORT_KEYS);
	putchar('\n');
	fflush(stdout);
	json_decref(event);
}

static json_t *row_json(unsigned table, const struct ovsdb_row *row)
{
	json_t *json = row ? json_object() : json_null();
	char uuid[OVSDB_UUID_LEN + 1];

	for (unsigned i = 0; row && i < tables[table].column_count; i++) {
		const struct ovsdb_type type = { tables[table].column[i].key, tables[table].column[i].value, 0, 1 };

		json_object_set_new(json, tables[table].column[i].name, ovsdb_datum_json(&type, &row->column[i]));
	}
	if (row) {
		ovsdb_uuid_write(&row->uuid, uuid);
		json_object_set_new(json, "_uuid", json_string(uuid));
	}
	return json;
}

static void row_tell(void *context, unsigned table, const struct ovsdb_row *before, const struct ovsdb_row *after)
{
	(void)context;
	event_tell(json_pack("{s:s, s:s, s:o, s:o}", "event", "row", "table", tables[table].name, "before",
			     row_json(table, before), "after", row_json(table, after)));
}

static void done_tell(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	event_tell(json_pack("{s:s, s:i, s:s, s:O?, s:s}", "event", "done", "id", (int)(intptr_t)context, "outcome",
			     outcomes[outcome], "results", results, "why", why));
}

static void state_tell(void)
{
	static char told[1024];
	struct ovsdb_client_status status;
	const struct ovsdb_session_counts *counts = ovsdb_session_counts(ovsdb_client_session(client));
	char now[1024];

	ovsdb_client_status(client, &status);
	snprintf(now, sizeof(now), "%s %s %s", states[status.state], status.remote, status.why);
	if (strcmp(now, told) == 0)
		return;
	strcpy(told, now);
	event_tell(json_pack("{s:s, s:s, s:s, s:s, s:i, s:i}", "event", "state", "state", states[status.state],
			     "remote", status.remote, "why", status.why, "whole", (int)counts->whole, "resumed",
			     (int)counts->resumed));
}

static void dump_tell(void)
{
	const struct ovsdb_rows *rows = ovsdb_session_rows(ovsdb_client_session(client));
	json_t *all = json_object();

	for (unsigned i = 0; i < wanted.table_count; i++) {
		json_t *list = json_array();

		for (const struct ovsdb_row *row = NULL; (row = ovsdb_rows_next(rows, i, row)) != NULL;)
			json_array_append_new(list, row_json(i, row));
		json_object_set_new(all, tables[i].name, list);
	}
	event_tell(json_pack("{s:s, s:o}", "event", "dump", "tables", all));
}

static void where_take(const json_t *where)
{
	const char *name = json_string_value(json_array_get(where, 0));

	for (unsigned i = 0; i < wanted.table_count; i++)
		if (strcmp(tables[i].name, name) == 0)
			ovsdb_session_where(ovsdb_client_session(client), i, json_incref(json_array_get(where, 1)),
					    now_ns());
}

static void command_take(const char *line)
{
	json_t *command = json_loads(line, 0, NULL), *operations = json_object_get(command, "transact");
	intptr_t id = (intptr_t)json_integer_value(json_object_get(command, "id"));
	struct ovsdb_why why;

	if (operations && !ovsdb_session_transact(ovsdb_client_session(client), json_incref(operations), done_tell,
						  (void *)id, now_ns(), &why))
		event_tell(json_pack("{s:s, s:i, s:s, s:s}", "event", "done", "id", (int)id, "outcome", "not now",
				     "why", why.text));
	if (json_object_get(command, "where"))
		where_take(json_object_get(command, "where"));
	if (json_object_get(command, "dump"))
		dump_tell();
	json_decref(command);
}

/* commands_take returns false at the end of the input. */
static bool commands_take(void)
{
	static char text[1 << 16];
	static size_t len;
	ssize_t got = read(STDIN_FILENO, text + len, sizeof(text) - 1 - len);
	char *end;

	if (got <= 0)
		return false;
	len += (size_t)got;
	text[len] = '\0';
	while ((end = strchr(text, '\n')) != NULL) {
		*end = '\0';
		command_take(text);
		len -= (size_t)(end + 1 - text);
		memmove(text, end + 1, len + 1);
	}
	return true;
}

static int timeout_ms(void)
{
	uint64_t wake = ovsdb_client_wake_ns(client), now = now_ns();

	if (wake <= now)
		return 0;
	return wake - now > 1000 * SECOND_NS ? -1 : (int)((wake - now) / 1000000 + 1);
}

static void client_follow(void)
{
	bool input = true;

	while (input) {
		struct pollfd fds[2] = { { STDIN_FILENO, POLLIN, 0 }, { ovsdb_client_fd(client), POLLIN, 0 } };

		ovsdb_client_run(client, now_ns());
		state_tell();
		if (poll(fds, 2, timeout_ms()) > 0 && fds[0].revents)
			input = commands_take();
	}
}

/* known_restore: a file that is not there has nothing; NULL: none is wanted. */
static bool known_restore(const char *path, struct ovsdb_why *why)
{
	json_t *saved = path && access(path, F_OK) == 0 ? json_load_file(path, 0, NULL) : NULL;
	bool good = !saved || ovsdb_session_restore(ovsdb_client_session(client), saved, why);

	json_decref(saved);
	return good;
}

static void known_save(const char *path)
{
	json_t *saved = path ? ovsdb_session_save(ovsdb_client_session(client)) : NULL;

	if (saved)
		json_dump_file(saved, path, 0);
	json_decref(saved);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "key", 1, NULL, 'k' },         { "certificate", 1, NULL, 'c' }, { "ca", 1, NULL, 'a' },
		{ "leader-only", 0, NULL, 'l' }, { "probe-ms", 1, NULL, 'p' },    { "rows-len", 1, NULL, 'r' },
		{ "message-len", 1, NULL, 'm' }, { "retry-ms", 1, NULL, 't' },    { "saved", 1, NULL, 's' },
		{ "near", 1, NULL, 'n' },        { "home-ms", 1, NULL, 'h' },     { NULL, 0, NULL, 0 },
	};
	struct ovsdb_client_params params = { .session = { .wanted = &wanted, .changed = row_tell } };
	struct ovsdb_why why;
	const char *saved = NULL;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'k':
			params.tls.key = optarg;
			break;
		case 'c':
			params.tls.certificate = optarg;
			break;
		case 'a':
			params.tls.ca = optarg;
			break;
		case 'l':
			params.session.leader_only = true;
			break;
		case 'p':
			params.session.probe_ns = strtoull(optarg, NULL, 10) * 1000000;
			break;
		case 'r':
			params.session.rows_len = strtoull(optarg, NULL, 10);
			break;
		case 'm':
			params.session.message_len = strtoull(optarg, NULL, 10);
			break;
		case 't':
			params.retry_ns = strtoull(optarg, NULL, 10) * 1000000;
			break;
		case 'n':
			params.near_count = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'h':
			params.home_ns = strtoull(optarg, NULL, 10) * 1000000;
			break;
		case 's':
			saved = optarg;
			break;
		default:
			return 2;
		}
	}
	params.remote = (const char *const *)(argv + optind);
	params.remote_count = (unsigned)(argc - optind);
	client = ovsdb_client_create(&params, now_ns(), &why);
	if (!client || !known_restore(saved, &why)) {
		fprintf(stderr, "%s\n", why.text);
		ovsdb_client_destroy(client);
		return 1;
	}
	client_follow();
	known_save(saved);
	ovsdb_client_destroy(client);
	return 0;
}
