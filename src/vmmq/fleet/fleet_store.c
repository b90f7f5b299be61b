/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmmq/fleet/fleet_store.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fleet/fleet_tables.h"

#define MS_NS UINT64_C(1000000)

/* Administrators read the whole fleet at once: 20,000 VPorts are some 30 MB. */
#define MESSAGE_LEN (256u << 20)
#define VALUE_COUNT (32u << 20)
#define ROWS_LEN    (1024u << 20)
#define RETRY_NS    (100 * MS_NS) /* somebody waits */
#define LAST_NS     SECOND_NS     /* at most, for what is so at the end */

static const char *option_or_variable(const struct command_line *line, const char *option, const char *variable)
{
	const char *value = command_value(line, option);

	if (!value)
		value = getenv(variable);
	return value && value[0] ? value : NULL;
}

/* remotes_take splits "A,B" at its commas. */
static int remotes_take(struct fleet_store *store)
{
	const char *text = option_or_variable(store->line, "store", "VMMQ_FLEET_STORE");
	char *rest;

	if (!text)
		return command_usage(store->line, "no store is named: give --store unix:PATH, tcp:ADDRESS:PORT or "
						  "ssl:ADDRESS:PORT, or set VMMQ_FLEET_STORE");
	rest = store->remote_text = strdup(text);
	while (rest && store->remote_count < OVSDB_REMOTES_MAX)
		store->remote[store->remote_count++] = strsep(&rest, ",");
	if (!store->remote_text || rest)
		return command_usage(store->line, "--store: at most %d servers can be named", OVSDB_REMOTES_MAX);
	return COMMAND_DONE;
}

static struct ovsdb_client *store_client_make(const struct fleet_store *store, struct ovsdb_why *why)
{
	const struct ovsdb_client_params params = {
		.session = { .wanted = store->follow.wanted,
			     .writes = store->follow.writes,
			     .message_len = MESSAGE_LEN,
			     .value_count = VALUE_COUNT,
			     .rows_len = ROWS_LEN },
		.remote = store->remote,
		.remote_count = store->remote_count,
		.tls = { option_or_variable(store->line, "private-key", "VMMQ_FLEET_PRIVATE_KEY"),
			 option_or_variable(store->line, "certificate", "VMMQ_FLEET_CERTIFICATE"),
			 option_or_variable(store->line, "ca-certificate", "VMMQ_FLEET_CA_CERTIFICATE") },
		.retry_ns = RETRY_NS,
	};
	struct ovsdb_client *client = ovsdb_client_create(&params, now_ns(), why);

	for (unsigned i = 0; client && i < store->follow.wanted->table_count; i++)
		if (store->follow.where[i])
			ovsdb_session_where(ovsdb_client_session(client), i, json_incref(store->follow.where[i]),
					    now_ns());
	return client;
}

/* failure_note remembers why a server was left: of each the last reason, and whether it is a relay where that will not do. */
static void failure_note(struct fleet_store *store)
{
	bool relay = store->follow.writes && ovsdb_session_relays(ovsdb_client_session(store->client));
	struct ovsdb_client_status status;

	ovsdb_client_status(store->client, &status);
	for (unsigned i = 0; i < store->remote_count; i++) {
		size_t len = strlen(store->remote[i]);

		if (strncmp(status.why, store->remote[i], len) != 0 || status.why[len] != ':' ||
		    strcmp(store->failed[i], status.why) == 0)
			continue;
		memcpy(store->failed[i], status.why, sizeof(store->failed[i]));
		store->relays = relay ? store->relays | 1u << i : store->relays & ~(1u << i);
	}
}

const char *fleet_store_lost(const struct fleet_store *store, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < store->remote_count && len < size; i++)
		if (store->failed[i][0])
			len += (size_t)snprintf(text + len, size - len, "%s%s", len ? "; " : "", store->failed[i]);
	if (!text[0])
		snprintf(text, size, "no answer yet");
	return text;
}

/* wait_ms: until the client has something to do, or until_ns. */
static int wait_ms(const struct fleet_store *store, uint64_t until_ns)
{
	uint64_t wake = ovsdb_client_wake_ns(store->client), now = now_ns();

	if (wake > until_ns)
		wake = until_ns;
	if (wake <= now)
		return 0;
	return wake - now > 1000 * SECOND_NS ? 1000000 : (int)((wake - now) / MS_NS + 1);
}

enum fleet_waited fleet_store_wait(struct fleet_store *store, uint64_t until_ns, bool (*is_so)(void *context),
				   void *context)
{
	struct pollfd fds[] = { { ovsdb_client_fd(store->client), POLLIN, 0 }, { store->signals.fd, POLLIN, 0 } };

	while (true) {
		ovsdb_client_run(store->client, now_ns());
		failure_note(store);
		if (is_so(context))
			return FLEET_IS_SO;
		if (now_ns() >= until_ns)
			return FLEET_TIME_IS_UP;
		fds[1].revents = 0;
		if (poll(fds, 2, wait_ms(store, until_ns)) > 0 && fds[1].revents & POLLIN)
			return FLEET_IS_TO_END;
	}
}

unsigned fleet_store_columns(const struct fleet_store *store)
{
	return store->follow.wanted->table[FLEET_VPORT].column_count;
}

bool fleet_store_follows(const struct fleet_store *store)
{
	return ovsdb_session_state(ovsdb_client_session(store->client)) == OVSDB_FOLLOWING;
}

static bool is_following(void *context)
{
	return fleet_store_follows(context);
}

static enum fleet_waited store_follow(struct fleet_store *store)
{
	return fleet_store_wait(store, now_ns() + store->patience_ns, is_following, store);
}

/* is_followed_or_cannot: nothing is waited for where all that are named are relays. */
static bool is_followed_or_cannot(void *context)
{
	const struct fleet_store *store = context;

	return fleet_store_follows(store) || store->relays == (1u << store->remote_count) - 1;
}

static int store_connect(struct fleet_store *store)
{
	enum fleet_waited waited;
	struct ovsdb_why why;
	char lost[2048];

	store->client = store_client_make(store, &why);
	if (!store->client)
		return command_usage(store->line, "--store: %s", why.text);
	waited = fleet_store_wait(store, now_ns() + store->patience_ns, is_followed_or_cannot, store);
	if (fleet_store_follows(store))
		return COMMAND_DONE;
	if (waited == FLEET_IS_SO)
		return command_fail(store->line, "%s; name one with --store",
				    fleet_store_lost(store, lost, sizeof(lost)));
	if (waited == FLEET_IS_TO_END)
		return command_fail(store->line, "stopped; nothing was changed");
	return command_fail(store->line, "no server of the store could be followed in %u s: %s",
			    (unsigned)(store->patience_ns / SECOND_NS), fleet_store_lost(store, lost, sizeof(lost)));
}

int fleet_store_open(struct fleet_store *store, const struct command_line *line, const struct fleet_follow *follow)
{
	uint64_t seconds;
	int status;

	*store = (struct fleet_store){ .line = line, .follow = *follow, .signals.fd = -1 };
	if (!command_number(line, "timeout", 1, 3600, 10, &seconds))
		return COMMAND_USAGE;
	store->patience_ns = seconds * SECOND_NS;
	status = remotes_take(store);
	if (status == COMMAND_DONE && !end_signals_open(&store->signals, true))
		return command_fail(line, "signalfd: %s", strerror(errno));
	return status == COMMAND_DONE ? store_connect(store) : status;
}

void fleet_store_close(struct fleet_store *store)
{
	if (store->signals.fd >= 0)
		end_signals_close(&store->signals);
	ovsdb_client_destroy(store->client);
	free(store->remote_text);
	for (unsigned i = 0; i < OVSDB_TABLES_MAX; i++)
		json_decref(store->follow.where[i]);
}

const struct ovsdb_rows *fleet_store_rows(const struct fleet_store *store)
{
	return ovsdb_session_rows(ovsdb_client_session(store->client));
}

/* An answer belongs to its transaction, and to what is told about it; the one who is there last frees it. */
struct answer {
	bool is_there, nobody_waits;
	enum ovsdb_outcome outcome;
	json_t *results;
	struct ovsdb_why why;
};

static void answer_free(struct answer *answer)
{
	json_decref(answer->results);
	free(answer);
}

static void store_answer_take(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why)
{
	struct answer *answer = context;

	answer->is_there = true;
	answer->outcome = outcome;
	answer->results = json_incref(results);
	ovsdb_refuse(&answer->why, "%s", why);
	if (answer->nobody_waits)
		answer_free(answer);
}

static bool answer_is_there(void *context)
{
	return ((const struct answer *)context)->is_there;
}

/* answer_await returns what the transaction has become, and lets go of the answer. */
static enum ovsdb_outcome answer_await(struct fleet_store *store, struct answer *answer, json_t **results,
				       struct ovsdb_why *why)
{
	enum ovsdb_outcome outcome;
	int end_fd = store->signals.fd;

	store->signals.fd = -1; /* who wants to end wants to know what has become of it, too */
	fleet_store_wait(store, now_ns() + store->patience_ns, answer_is_there, answer);
	store->signals.fd = end_fd;
	if (!answer->is_there) {
		answer->nobody_waits = true;
		ovsdb_refuse(why, "the server has not answered for %u s", (unsigned)(store->patience_ns / SECOND_NS));
		return OVSDB_LOST;
	}
	*why = answer->why;
	outcome = answer->outcome;
	if (results)
		*results = json_incref(answer->results);
	answer_free(answer);
	return outcome;
}

enum ovsdb_outcome fleet_store_transact(struct fleet_store *store, json_t *operations, json_t **results,
					struct ovsdb_why *why)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	char lost[2048];

	if (!answer || store_follow(store) != FLEET_IS_SO) {
		ovsdb_refuse(why, "no server of the store is there: %s", fleet_store_lost(store, lost, sizeof(lost)));
		free(answer);
		return OVSDB_REFUSED;
	}
	if (ovsdb_session_transact(ovsdb_client_session(store->client), json_deep_copy(operations), store_answer_take,
				   answer, now_ns(), why))
		return answer_await(store, answer, results, why);
	free(answer);
	return OVSDB_REFUSED;
}

/* What the server has told anybody it tells us before it answers, be it about nothing. */
void fleet_store_catch_up(struct fleet_store *store)
{
	uint64_t patience_ns = store->patience_ns;
	json_t *nothing = json_array();
	struct ovsdb_why why;

	if (store->patience_ns > LAST_NS)
		store->patience_ns = LAST_NS;
	if (fleet_store_follows(store))
		fleet_store_transact(store, nothing, NULL, &why);
	store->patience_ns = patience_ns;
	json_decref(nothing);
}
