/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of a session share: ovsdb_session.c its life, ovsdb_ask.c what it asks, ovsdb_take.c what it is told. */
#ifndef VMMQ_OVSDB_OVSDB_SESSION_STATE_H
#define VMMQ_OVSDB_OVSDB_SESSION_STATE_H

#include "ovsdb/ovsdb_server.h"
#include "ovsdb/ovsdb_session.h"
#include "ovsdb/ovsdb_stream.h"

#define OVSDB_REQUESTS_MAX  64 /* that are not answered yet */
#define OVSDB_REQUESTS_KEPT 16 /* of them not for transactions: a connection lives by the others */

enum ovsdb_request_kind {
	REQUEST_NONE, /* a place that is free */
	REQUEST_AWARE,
	REQUEST_SERVER,
	REQUEST_INDEX,
	REQUEST_SCHEMA,
	REQUEST_ROWS,
	REQUEST_WHERE,
	REQUEST_TRANSACTION,
};

struct ovsdb_request {
	enum ovsdb_request_kind kind;
	json_int_t id;
	uint64_t asked_ns;
	ovsdb_transacted *done;
	void *context;
};

struct ovsdb_session {
	struct ovsdb_session_params params;
	enum ovsdb_session_state state;
	struct ovsdb_why why;
	struct ovsdb_session_counts counts;

	/* What outlives a connection. */
	struct ovsdb_rows *rows;
	struct ovsdb_schema schema; /* of the server that they came from */
	struct ovsdb_uuid last;     /* the transaction up to which they go; zero: they do not count */
	struct ovsdb_progress seen;
	json_t *where[OVSDB_TABLES_MAX]; /* NULL: all */
	bool where_open;                 /* no server has confirmed these yet, so the rows may be others */

	/* What goes with it. */
	bool broken; /* it is to be closed: why */
	struct ovsdb_stream stream;
	char *output;
	size_t output_len, output_sent, output_capacity;
	struct ovsdb_request request[OVSDB_REQUESTS_MAX];
	json_int_t last_id;
	uint64_t heard_ns, index_asked_ns;
	struct ovsdb_rows *server_rows;
	struct ovsdb_server server;
	bool server_known, index_known, other_cluster;
	uint64_t index;
	bool whole; /* the rows that are asked for are to come whole */
};

/* ovsdb_break: the connection is to be closed, for a reason that s->why has.  Returns false. */
bool ovsdb_break(struct ovsdb_session *s);

/* ovsdb_ask_*: each asks the server one thing, and breaks the session where that is not possible. */
void ovsdb_ask_server(struct ovsdb_session *s, uint64_t now_ns);
void ovsdb_ask_index(struct ovsdb_session *s, uint64_t now_ns);
void ovsdb_ask_schema(struct ovsdb_session *s, uint64_t now_ns);
void ovsdb_ask_rows(struct ovsdb_session *s, uint64_t now_ns);
void ovsdb_ask_where(struct ovsdb_session *s, uint64_t now_ns);
/* ovsdb_ask_transaction takes the operations; ovsdb_ask_has_room: there is a place for it, and room for its bytes. */
void ovsdb_ask_transaction(struct ovsdb_session *s, json_t *operations, ovsdb_transacted *done, void *context,
			   uint64_t now_ns);
bool ovsdb_ask_has_room(const struct ovsdb_session *s, const json_t *operations);
/* ovsdb_asked returns the open request of a kind, or NULL. */
const struct ovsdb_request *ovsdb_asked(const struct ovsdb_session *s, enum ovsdb_request_kind kind);

/* ovsdb_send puts a message, whose reference it takes, behind what is to be sent; NULL: memory was short when it was made. */
bool ovsdb_send(struct ovsdb_session *s, json_t *message);

/* ovsdb_take_message takes one message; the reference stays the caller's. */
bool ovsdb_take_message(struct ovsdb_session *s, json_t *message, uint64_t now_ns);
/* ovsdb_take_answer takes an answer, and frees the place of its request. */
bool ovsdb_take_answer(struct ovsdb_session *s, json_t *message, uint64_t now_ns);
/* ovsdb_judge looks at the server again, and goes on to reading when it is good. */
bool ovsdb_judge(struct ovsdb_session *s, uint64_t now_ns);

#define OVSDB_MONITOR_ROWS   "rows"   /* what update3 calls our monitor */
#define OVSDB_MONITOR_SERVER "server" /* what update2 calls that of _Server */

#define OVSDB_IS_RELAY                                                                                               \
	"this server is a relay, which has changes carried out with its own rights: write to the cluster"

#endif
