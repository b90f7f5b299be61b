/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client of one database, as a state machine: bytes in, bytes out, the time is told.  Whoever owns it brings the bytes to a server and
 * back, by whatever connection, and begins again with another server when one has gone; what is known of the rows stays, and a server that
 * knows where it was left sends only what has changed since.
 * Nothing here waits or has a thread.  All functions of one session are for one thread at a time.  What is called back may call
 * ovsdb_session_where, ovsdb_session_transact and whatever only looks, and nothing else.
 */
#ifndef VMMQ_OVSDB_OVSDB_SESSION_H
#define VMMQ_OVSDB_OVSDB_SESSION_H

#include "ovsdb/ovsdb_rows.h"

/* What a transaction has become. */
enum ovsdb_outcome {
	OVSDB_COMMITTED,
	OVSDB_CONFLICT, /* a "wait" did not find what it expected: somebody else was first, and nothing has changed */
	OVSDB_REFUSED,  /* nothing has changed: why says what the server has against it */
	OVSDB_LOST,     /* the server went before it answered: it may have been carried out or not */
};

/*
 * results: one for each operation with OVSDB_COMMITTED; with OVSDB_CONFLICT and OVSDB_REFUSED up to the one that failed, which has an "error", or
 * one more, where it was the whole, or NULL.  Valid until this returns.  why: "" with OVSDB_COMMITTED.
 */
typedef void ovsdb_transacted(void *context, enum ovsdb_outcome outcome, json_t *results, const char *why);

/* 0: the standard value. */
struct ovsdb_session_params {
	const struct ovsdb_wanted *wanted; /* outlives the session */
	bool leader_only;                  /* another member of a cluster than its leader is not to be followed */
	bool writes;                       /* transactions will be asked for: a relay is not to be followed */
	size_t message_len;                /* bytes of a message, either way; 4 MiB */
	size_t value_count;                /* JSON values of a message; 262,144 */
	size_t rows_len;                   /* bytes of all rows; 64 MiB */
	uint64_t probe_ns; /* so often a server is asked whether it is there and not behind; a minute */
	uint64_t seed[2];  /* not to be guessed by a server */

	/* Each change of a row, and after those of one update, when the rows are one state of the database; either may be NULL. */
	ovsdb_row_changed *changed;
	void (*updated)(void *context);
	void *context;
};

enum ovsdb_session_state {
	OVSDB_DOWN,      /* no connection */
	OVSDB_JUDGING,   /* the server has been asked what it is */
	OVSDB_READING,   /* it has been asked for its schema, then for rows */
	OVSDB_FOLLOWING, /* rows are as the server has them */
};

/* How often rows came whole, and how often a server went on where another had left off. */
struct ovsdb_session_counts {
	uint64_t whole, resumed;
	uint64_t updates; /* since then */
};

struct ovsdb_session;

/* ovsdb_session_create returns NULL when memory is short. */
struct ovsdb_session *ovsdb_session_create(const struct ovsdb_session_params *params);
/* Transactions under way are told OVSDB_LOST. */
void ovsdb_session_destroy(struct ovsdb_session *s);

/* ovsdb_session_begin: there is a connection.  Down only. */
bool ovsdb_session_begin(struct ovsdb_session *s, uint64_t now_ns);

/*
 * ovsdb_session_receive takes what the server sent.  False: the connection is to be closed, then ovsdb_session_end; ovsdb_session_why says
 * what for.
 */
bool ovsdb_session_receive(struct ovsdb_session *s, const char *bytes, size_t len, uint64_t now_ns);

/* ovsdb_session_tick does what is due.  False: as ovsdb_session_receive.  ovsdb_session_wake_ns: when something will be; UINT64_MAX: never. */
bool ovsdb_session_tick(struct ovsdb_session *s, uint64_t now_ns);
uint64_t ovsdb_session_wake_ns(const struct ovsdb_session *s);

/* ovsdb_session_output returns what is to be sent, until the next call of any function; ovsdb_session_sent: so much of it has been. */
const char *ovsdb_session_output(const struct ovsdb_session *s, size_t *len);
void ovsdb_session_sent(struct ovsdb_session *s, size_t len);

/* ovsdb_session_end: the connection is no more.  Transactions under way are told OVSDB_LOST. */
void ovsdb_session_end(struct ovsdb_session *s);

/*
 * ovsdb_session_where says which rows of a table are wanted from now on: a list of conditions of which one must hold (RFC 7047, 5.1, or
 * true or false).  Until then all are.  Takes the reference.  False: it is NULL, since memory was short when it was made, and nothing has changed.
 */
bool ovsdb_session_where(struct ovsdb_session *s, unsigned table, json_t *where, uint64_t now_ns);

/* ovsdb_session_settled: a server is followed, and rows are those that are wanted now. */
bool ovsdb_session_settled(const struct ovsdb_session *s);

/*
 * ovsdb_session_transact asks for a transaction of some operations (an array, whose reference it takes, and which it changes).  done is told once, before
 * ovsdb_session_end has returned, and only after it was returned true here; it may ask for another one.  False: not now (no server is
 * followed, or too many are under way), or never (*why): a relay would carry it out with its own rights.
 */
bool ovsdb_session_transact(struct ovsdb_session *s, json_t *operations, ovsdb_transacted *done, void *context,
			    uint64_t now_ns, struct ovsdb_why *why);

/*
 * ovsdb_session_save returns all that is known, the caller's: rows, up to which transaction they go, and how far the cluster was, so that
 * another process can go on from there, and is not taken in by a server that is behind.  NULL: no server has been followed yet, or memory is
 * short.
 * ovsdb_session_restore takes it, before the first connection, and tells each row as a new one.  False: it is not what was saved, or was for other
 * tables or columns, and nothing has changed; *why says of the schema "its".
 */
json_t *ovsdb_session_save(const struct ovsdb_session *s);
bool ovsdb_session_restore(struct ovsdb_session *s, const json_t *saved, struct ovsdb_why *why);

const struct ovsdb_rows *ovsdb_session_rows(const struct ovsdb_session *s);
enum ovsdb_session_state ovsdb_session_state(const struct ovsdb_session *s);
/* ovsdb_session_answered: the present server, or the last one until its connection is ended, has said what it is. */
bool ovsdb_session_answered(const struct ovsdb_session *s);
/* ovsdb_session_relays: the present server is a relay, so no transaction can be asked of it. */
bool ovsdb_session_relays(const struct ovsdb_session *s);
/* ovsdb_session_leads: what the present server is asked for, no other one has to agree to first. */
bool ovsdb_session_leads(const struct ovsdb_session *s);
/* ovsdb_session_writes: transactions are under way. */
bool ovsdb_session_writes(const struct ovsdb_session *s);
const struct ovsdb_session_counts *ovsdb_session_counts(const struct ovsdb_session *s);
/* ovsdb_session_why: for what the last connection was closed from here; "" when it was not. */
const char *ovsdb_session_why(const struct ovsdb_session *s);

#endif
