/* SPDX-License-Identifier: BSD-2-Clause */
/* An address as it is typed, "9654", "127.0.0.1:9654", "[::1]:9654", "*:9654", to a listening socket. */
#ifndef VMMQ_METRICS_METRICS_LISTEN_H
#define VMMQ_METRICS_METRICS_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

/* metrics_listen returns a non-blocking listening socket and its port; -1 with a sentence in error that names the address. */
int metrics_listen(const char *address, unsigned *port, char *error, size_t error_len);

/* metrics_listens_on_loopback tells whether only this machine reaches it. */
bool metrics_listens_on_loopback(int fd);

#endif
