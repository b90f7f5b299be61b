/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection to vmmqd's control socket: JSON-RPC 2.0, one object a line (docs/rpc.md).  Calls block until they are
 * answered or time has run out.  One thread.  SIGPIPE need not be ignored.
 */
#ifndef VMMQ_VMMQ_CLIENT_CLIENT_H
#define VMMQ_VMMQ_CLIENT_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

struct client;

#define CLIENT_TIMEOUT_MS 10000

/*
 * struct client_error: why there is no result.
 * code: the JSON-RPC code of the daemon's answer (-32000: refused with an NDIS status); 0: no usable answer came.
 * status, field: of a refusal, else "".  text: a sentence without a final stop; it does not repeat field.
 */
struct client_error {
	int code;
	char status[48];
	char field[256];
	char text[1024];
};

/*
 * client_open connects to the socket at path; NULL: the default, $VMMQ_SOCKET where that is set, /run/vmmq/vmmq.sock for
 * root or where that exists, else $XDG_RUNTIME_DIR/vmmq/vmmq.sock.  NULL with error->text set when there is no connection: no such socket, no
 * permission, nobody listening, or a daemon that accepts nobody within CLIENT_TIMEOUT_MS.  Free with client_close(),
 * which takes NULL.
 */
struct client *client_open(const char *path, struct client_error *error);
void client_close(struct client *client);

/* client_timeout sets how long a call may be without any byte of its answer: CLIENT_TIMEOUT_MS unless set. */
void client_timeout(struct client *client, int ms);

/*
 * client_call carries out a method.  Steals params (NULL: none).  Returns the result, the caller's; or NULL with
 * *error.  After a timeout the connection is still good: the late answer is ignored.  After a lost connection, or an
 * answer that is not JSON-RPC, every further call fails with the same sentence.
 */
json_t *client_call(struct client *client, const char *method, json_t *params, struct client_error *error);

/*
 * client_subscribe asks for events: 0, or -1 with *error.  Calls can be made as before.
 * client_next_event returns the next event, the caller's; or NULL: with error->text empty when none came within
 * timeout_ms (0: look only, -1: wait for ever; a signal ends waiting too), else with the reason.
 * client_fd is for poll(): readable when there may be an event.  Events that have been read already are not seen there,
 * so call client_next_event() with 0 until it returns NULL before polling.
 */
int client_subscribe(struct client *client, struct client_error *error);
json_t *client_next_event(struct client *client, int timeout_ms, struct client_error *error);
int client_fd(const struct client *client);

#endif
