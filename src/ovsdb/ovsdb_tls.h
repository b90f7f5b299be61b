/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS as bytes in and bytes out, by OpenSSL: it never touches the socket.  Both sides show a certificate of the same CA; the server's name is
 * not looked at, as everywhere in OVSDB, whose certificates do not bear one: the CA is to be the fleet's own.  TLS 1.2 at least.
 */
#ifndef VMMQ_OVSDB_OVSDB_TLS_H
#define VMMQ_OVSDB_OVSDB_TLS_H

#include <stddef.h>

#include "ovsdb/ovsdb_why.h"

/* PEM files. */
struct ovsdb_tls_files {
	const char *key, *certificate, *ca;
};

struct ovsdb_tls_identity; /* ours, and whom we believe */
struct ovsdb_tls;          /* one connection */

/* ovsdb_tls_identity_read reads the files; NULL: one cannot be used, *why says which. */
struct ovsdb_tls_identity *ovsdb_tls_identity_read(const struct ovsdb_tls_files *files, struct ovsdb_why *why);
void ovsdb_tls_identity_free(struct ovsdb_tls_identity *identity);

struct ovsdb_tls *ovsdb_tls_open(struct ovsdb_tls_identity *identity);
void ovsdb_tls_close(struct ovsdb_tls *tls);

/* ovsdb_tls_put takes what came from the socket, then ovsdb_tls_get is to be called until it has no more. */
bool ovsdb_tls_put(struct ovsdb_tls *tls, const char *bytes, size_t len, struct ovsdb_why *why);
/* ovsdb_tls_get returns what the server has said: *len bytes, 0: no more yet.  False: the connection is over. */
bool ovsdb_tls_get(struct ovsdb_tls *tls, char *bytes, size_t capacity, size_t *len, struct ovsdb_why *why);

/* ovsdb_tls_say encrypts what is to be said; *said: so much of it, 0 before the handshake is over.  False: the connection is over. */
bool ovsdb_tls_say(struct ovsdb_tls *tls, const char *bytes, size_t len, size_t *said, struct ovsdb_why *why);
/* ovsdb_tls_output: what is to be sent, until the next call; ovsdb_tls_sent: so much of it has been. */
const char *ovsdb_tls_output(struct ovsdb_tls *tls, size_t *len);
void ovsdb_tls_sent(struct ovsdb_tls *tls, size_t len);

#endif
