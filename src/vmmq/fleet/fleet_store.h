/* SPDX-License-Identifier: BSD-2-Clause */
/* The fleet's store, as the commands ask it: a client of OVSDB that waits, in one thread. */
#ifndef VMMQ_VMMQ_FLEET_FLEET_STORE_H
#define VMMQ_VMMQ_FLEET_FLEET_STORE_H

#include "base/command.h"
#include "ovsdb/ovsdb_client.h"
#include "vmmq/end_signals.h"

/* The options of every command that asks the store. */
#define FLEET_OPTIONS_STORE                                                                                          \
	{ 0, "store", "REMOTE,...", false,                                                                           \
	  "servers of the store: unix:PATH, tcp:ADDRESS:PORT, ssl:ADDRESS:PORT (default: $VMMQ_FLEET_STORE)" },      \
	    { 0, "private-key", "FILE", false, "our private key for ssl: (default: $VMMQ_FLEET_PRIVATE_KEY)" },      \
	    { 0, "certificate", "FILE", false, "our certificate for ssl: (default: $VMMQ_FLEET_CERTIFICATE)" },      \
	    { 0, "ca-certificate", "FILE", false,                                                                    \
	      "the fleet's CA, for ssl: (default: $VMMQ_FLEET_CA_CERTIFICATE)" },                                    \
	    { 0, "timeout", "S", false, "seconds to wait for the store, 1 to 3600 (default: 10)" },                  \
	{                                                                                                            \
		0, "json", NULL, false, "print one JSON object (docs/fleet.md)"                                      \
	}

/* What a command wants to follow.  where: of each table, or NULL: all rows; the store's own references. */
struct fleet_follow {
	const struct ovsdb_wanted *wanted;
	json_t *where[OVSDB_TABLES_MAX];
	bool writes; /* a relay will not do */
};

struct fleet_store {
	const struct command_line *line;
	struct fleet_follow follow;
	struct ovsdb_client *client;
	char *remote_text; /* which remote points into */
	const char *remote[OVSDB_REMOTES_MAX];
	unsigned remote_count;
	char failed[OVSDB_REMOTES_MAX][512]; /* why each of them was left last; "": it was not */
	unsigned relays;                     /* bits: those that were left since they are */
	uint64_t patience_ns;                /* --timeout */
	struct end_signals signals;          /* fd -1: they end the program at once */
};

/*
 * fleet_store_open follows what is wanted, once the rows are there; from then on a signal to end ends what waits, and no transaction.  Takes the references of follow.  Returns COMMAND_DONE; else it has said
 * what is wrong, and fleet_store_close is to be called all the same.
 */
int fleet_store_open(struct fleet_store *store, const struct command_line *line, const struct fleet_follow *follow);
void fleet_store_close(struct fleet_store *store);

const struct ovsdb_rows *fleet_store_rows(const struct fleet_store *store);

/* fleet_store_columns returns how many columns of VPort are followed: the first ones. */
unsigned fleet_store_columns(const struct fleet_store *store);

/* fleet_store_follows: a server is followed now. */
bool fleet_store_follows(const struct fleet_store *store);

enum fleet_waited {
	FLEET_IS_SO,
	FLEET_TIME_IS_UP,
	FLEET_IS_TO_END, /* by a signal, which counts until the store is closed */
};

/* fleet_store_wait follows the store until is_so says true, which is asked after every change, or until that time. */
enum fleet_waited fleet_store_wait(struct fleet_store *store, uint64_t until_ns, bool (*is_so)(void *context),
				   void *context);

/* fleet_store_lost returns why no server is followed: what each of them said. */
const char *fleet_store_lost(const struct fleet_store *store, char *text, size_t size);

/*
 * fleet_store_transact carries out operations.  OVSDB_COMMITTED: *results, where wanted, are the caller's.  Else *why; OVSDB_REFUSED also
 * where no server is followed in time, so that nothing was sent.
 */
enum ovsdb_outcome fleet_store_transact(struct fleet_store *store, json_t *operations, json_t **results,
					struct ovsdb_why *why);

/* fleet_store_catch_up: rows are now what others can have seen in this server before it was called, if the server answers within a second. */
void fleet_store_catch_up(struct fleet_store *store);

#endif
