/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One client of the control socket: what has come from it and what is to go to it.  Control thread.
 */
#ifndef VMMQ_RPC_RPC_CLIENT_H
#define VMMQ_RPC_RPC_CLIENT_H

#include <jansson.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "rpc/method.h"
#include "rpc/rpc_line.h"
#include "rpc/rpc_message.h"

/*
 * With more than RPC_OUTPUT_FULL bytes that a client has not read, its requests wait, and events are left out.  One that
 * has not subscribed and reads nothing for RPC_STUCK_NS while it should, is closed.
 */
#define RPC_OUTPUT_FULL (1u << 20)
#define RPC_STUCK_NS    (30 * SECOND_NS)

struct rpc_output {
	char *bytes;
	size_t start, end, room;
	size_t answer; /* where the one begins that is being put */
	bool too_long; /* it was, and is not there */
};

struct rpc_client {
	int fd;
	struct ucred peer;
	const struct rpc_groups *groups; /* that role is by */
	enum rpc_role role;
	char program[RPC_PROGRAM_MAX]; /* what the peer called itself when it connected */
	struct rpc_lines lines;
	struct rpc_output output;
	unsigned asked_in; /* the last round (struct rpc) that has a question of its */
	bool asked;        /* it has sent a whole line, of whatever kind */
	bool subscribed;
	bool input_ended;     /* it sends no more */
	bool closing;         /* nothing of it is read any more; closed when the output is through */
	bool hung_up;         /* both directions are closed; there may be something left to read */
	bool unwatched;       /* nothing is waited for */
	bool deaf;            /* it reads no more: its requests are still carried out, its answers thrown away */
	bool gone;            /* to be closed at once */
	bool held;            /* its next request is one that waits while changes wait */
	bool in_flight;       /* a change of its own is on its way to the disk */
	bool left;            /* closed, and only kept for its jobs */
	unsigned jobs;        /* that rpc_job_destroy() has not been called for */
	const char *why_gone; /* what client.disconnected tells; NULL: it left */
	uint64_t events_lost;
	uint64_t connected_ns;
	uint64_t progress_ns; /* when it last took something, or had nothing to take */
	uint32_t watched;     /* events asked for */
};

/* One request of a client, as far as it has come. */
struct rpc_job {
	struct rpc_job *next;
	struct rpc_client *client;
	struct rpc_request request;
	struct rpc_error error; /* code 0: none */
	struct call call;
	struct live_request change; /* when call.method->changes */
};

/* rpc_client_read reads what there is, but not more than its share of a turn. */
void rpc_client_read(struct rpc_client *client);
/* rpc_client_deafen: the other end is closed. */
void rpc_client_deafen(struct rpc_client *client);
/* rpc_client_lose: it is to be closed, and what waits of it and for it is thrown away.  why: NULL, or what client.disconnected tells. */
void rpc_client_lose(struct rpc_client *client, const char *why);
/*
 * rpc_client_send puts a message (stolen; NULL: out of memory) behind what waits; false: it would be longer than RPC_ANSWER_MAX, and is not
 * put.  rpc_client_write offers what waits to the socket.
 */
bool rpc_client_send(struct rpc_client *client, json_t *message);
/*
 * rpc_client_send_vports does so with a message that ends in the empty list that vports (NULL: there is none) go into, one by one: a
 * thousand of them as text take half the time of a thousand of them as values first.
 */
bool rpc_client_send_vports(struct rpc_client *client, json_t *message, struct record_vports *vports);
void rpc_client_write(struct rpc_client *client, uint64_t now);
size_t rpc_client_waiting(const struct rpc_client *client);

/* rpc_client_next returns the client's next request as a job, the caller's; NULL: there is none now. */
struct rpc_job *rpc_client_next(struct rpc_client *client, const struct record_source *records);
/*
 * rpc_client_next_question is for when changes wait: a change stays the next request, and so does a line that is longer than
 * RPC_WAIT_LINE_MAX, and the client is held.
 */
struct rpc_job *rpc_client_next_question(struct rpc_client *client, const struct record_source *records);
void rpc_job_destroy(struct rpc_job *job);

/* rpc_client_event sends an event to a client that has subscribed, or counts it as lost. */
void rpc_client_event(struct rpc_client *client, json_t *event);

/* rpc_client_finished tells whether it can be closed: everything is done. */
bool rpc_client_finished(const struct rpc_client *client);
/* rpc_client_has_request tells whether rpc_client_next() may return something. */
bool rpc_client_has_request(struct rpc_client *client);
/* rpc_client_has_enough tells whether no more has to be read of it for now. */
bool rpc_client_has_enough(struct rpc_client *client);
/* rpc_client_destroy closes the connection; the client itself goes with the last of its jobs. */
void rpc_client_destroy(struct rpc_client *client);

#endif
