/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct ovsdb_tls_identity {
	SSL_CTX *context;
};

struct ovsdb_tls {
	SSL *ssl;
	BIO *in, *out; /* the SSL's own: of memory */
	char piece[4096];
	size_t piece_len, piece_sent;
};

/* tls_reason returns OpenSSL's words for the last thing that went wrong, and forgets it. */
static const char *tls_reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return text ? text : "no reason given";
}

#define FILE_LEN (1 << 20)

/* file_is_one: opening a FIFO would wait, and a device may not end. */
static bool file_is_one(const char *what, const char *path, struct ovsdb_why *why)
{
	struct stat file;

	if (stat(path, &file) != 0)
		return ovsdb_refuse(why, "%s %.100s: %s", what, path, strerror(errno));
	if (!S_ISREG(file.st_mode))
		return ovsdb_refuse(why, "%s %.100s: it is not a file", what, path);
	return file.st_size <= FILE_LEN || ovsdb_refuse(why, "%s %.100s: it is too long", what, path);
}

static bool files_read(SSL_CTX *context, const struct ovsdb_tls_files *files, struct ovsdb_why *why)
{
	ERR_clear_error();
	if (!file_is_one("certificate", files->certificate, why) || !file_is_one("private key", files->key, why) ||
	    !file_is_one("CA's certificate", files->ca, why))
		return false;
	if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
		return ovsdb_refuse(why, "certificate %.100s: %s", files->certificate, tls_reason());
	if (SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		return ovsdb_refuse(why, "private key %.100s: %s", files->key, tls_reason());
	if (SSL_CTX_load_verify_file(context, files->ca) != 1)
		return ovsdb_refuse(why, "CA's certificate %.100s: %s", files->ca, tls_reason());
	return true;
}

static int passphrase_none(char *buffer, int size, int rwflag, void *context)
{
	(void)buffer, (void)size, (void)rwflag, (void)context;
	return 0; /* and nobody is asked on the terminal */
}

struct ovsdb_tls_identity *ovsdb_tls_identity_read(const struct ovsdb_tls_files *files, struct ovsdb_why *why)
{
	struct ovsdb_tls_identity *identity = calloc(1, sizeof(*identity));

	if (identity)
		identity->context = SSL_CTX_new(TLS_client_method());
	if (!identity || !identity->context) {
		ovsdb_refuse(why, OVSDB_NO_MEMORY);
		free(identity);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(identity->context, TLS1_2_VERSION);
	SSL_CTX_set_options(identity->context, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_verify(identity->context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_default_passwd_cb(identity->context, passphrase_none);
	SSL_CTX_set_mode(identity->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (files_read(identity->context, files, why))
		return identity;
	ovsdb_tls_identity_free(identity);
	return NULL;
}

void ovsdb_tls_identity_free(struct ovsdb_tls_identity *identity)
{
	if (!identity)
		return;
	SSL_CTX_free(identity->context);
	free(identity);
}

struct ovsdb_tls *ovsdb_tls_open(struct ovsdb_tls_identity *identity)
{
	struct ovsdb_tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->ssl = SSL_new(identity->context);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	if (!tls->ssl || !tls->in || !tls->out) {
		BIO_free(tls->in);
		BIO_free(tls->out);
		SSL_free(tls->ssl);
		free(tls);
		return NULL;
	}
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_connect_state(tls->ssl);
	ERR_clear_error();
	SSL_do_handshake(tls->ssl); /* puts the first message into `out` */
	return tls;
}

void ovsdb_tls_close(struct ovsdb_tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	free(tls);
}

/* tls_judge: whether the connection goes on after a function of OpenSSL's returned `result`. */
static bool tls_judge(struct ovsdb_tls *tls, int result, struct ovsdb_why *why)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_NONE:
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return true;
	case SSL_ERROR_ZERO_RETURN:
		return ovsdb_refuse(why, "it closed the connection");
	default:
		if (SSL_get_verify_result(tls->ssl) != X509_V_OK)
			return ovsdb_refuse(why, "its certificate is not to be trusted: %s",
					    X509_verify_cert_error_string(SSL_get_verify_result(tls->ssl)));
		return ovsdb_refuse(why, "TLS: %s", tls_reason());
	}
}

bool ovsdb_tls_put(struct ovsdb_tls *tls, const char *bytes, size_t len, struct ovsdb_why *why)
{
	size_t put;

	ERR_clear_error();
	if (BIO_write_ex(tls->in, bytes, len, &put) != 1 || put != len)
		return ovsdb_refuse(why, OVSDB_NO_MEMORY);
	return SSL_is_init_finished(tls->ssl) || tls_judge(tls, SSL_do_handshake(tls->ssl), why);
}

bool ovsdb_tls_get(struct ovsdb_tls *tls, char *bytes, size_t capacity, size_t *len, struct ovsdb_why *why)
{
	int result;

	*len = 0;
	if (!SSL_is_init_finished(tls->ssl))
		return true;
	ERR_clear_error();
	result = SSL_read_ex(tls->ssl, bytes, capacity, len);
	return result == 1 || tls_judge(tls, result, why);
}

bool ovsdb_tls_say(struct ovsdb_tls *tls, const char *bytes, size_t len, size_t *said, struct ovsdb_why *why)
{
	int result;

	*said = 0;
	if (!SSL_is_init_finished(tls->ssl) || len == 0)
		return true;
	ERR_clear_error();
	result = SSL_write_ex(tls->ssl, bytes, len, said);
	return result == 1 || tls_judge(tls, result, why);
}

const char *ovsdb_tls_output(struct ovsdb_tls *tls, size_t *len)
{
	if (tls->piece_sent == tls->piece_len) {
		tls->piece_sent = tls->piece_len = 0;
		BIO_read_ex(tls->out, tls->piece, sizeof(tls->piece), &tls->piece_len);
	}
	*len = tls->piece_len - tls->piece_sent;
	return tls->piece + tls->piece_sent;
}

void ovsdb_tls_sent(struct ovsdb_tls *tls, size_t len)
{
	tls->piece_sent += len;
}
