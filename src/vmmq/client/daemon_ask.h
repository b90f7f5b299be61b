/* SPDX-License-Identifier: BSD-2-Clause */
/* A command that asks vmmqd: it has the option COMMAND_OPTION_CONNECT. */
#ifndef VMMQ_VMMQ_CLIENT_DAEMON_ASK_H
#define VMMQ_VMMQ_CLIENT_DAEMON_ASK_H

#include <jansson.h>

#include "base/command.h"
#include "vmmq/client/client.h"

/* The option of every command that talks to vmmqd, and the one of those that show something. */
#define COMMAND_OPTION_CONNECT                                                                                       \
	{                                                                                                            \
		0, "connect", "PATH", false,                                                                         \
		    "vmmqd's control socket (default: $VMMQ_SOCKET; else /run/vmmq/vmmq.sock, or vmmq/vmmq.sock in " \
		    "$XDG_RUNTIME_DIR)"                                                                              \
	}
#define COMMAND_OPTION_JSON                                                                                          \
	{                                                                                                            \
		0, "json", NULL, false, "print vmmqd's answer (docs/rpc.md) as one JSON object"                      \
	}

/* daemon_connect returns a connection, for client_close(), or NULL after having said why there is none. */
struct client *daemon_connect(const struct command_line *line);

/* daemon_call carries out one method; steals params.  Returns the result, or NULL after having said why not. */
json_t *daemon_call(const struct command_line *line, struct client *client, const char *method, json_t *params);

/* daemon_ask does both. */
json_t *daemon_ask(const struct command_line *line, const char *method, json_t *params);

/* daemon_refused says what is wrong: "vports[id 3].rss: ... (INVALID_DATA)"; returns COMMAND_REFUSED. */
int daemon_refused(const struct command_line *line, const struct client_error *error);

/*
 * daemon_change carries out a change.  With --json prints the result; else says only what one needs to go on: "VPort 3
 * added", from added = "VPort" (NULL: nothing) and the result's member key.  A notice goes to standard error.
 */
int daemon_change(const struct command_line *line, const char *method, json_t *params, const char *added,
		  const char *key);

/* daemon_json prints a result in one line. */
void daemon_json(const json_t *result);

/*
 * daemon_vport_words prints ids and names of VPorts, a line each, for a shell that completes words: only names that
 * mean nothing to it.  Without a daemon it prints nothing and returns COMMAND_REFUSED.
 */
int daemon_vport_words(void);

#endif
