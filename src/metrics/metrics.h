/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prometheus metrics over HTTP: GET /metrics, text format 0.0.4 (docs/metrics.md).  A part of the control thread's loop:
 * nothing in it waits for a scraper, however slow; there are never more than METRICS_CONNECTIONS_MAX of them.
 */
#ifndef VMMQ_METRICS_METRICS_H
#define VMMQ_METRICS_METRICS_H

#include "control/live.h"

struct metrics;

#define METRICS_CONNECTIONS_MAX 16
#define METRICS_IDLE_S          10 /* a connection on which nothing moves for so long is closed */

/*
 * metrics_open listens at address: "127.0.0.1:9654", "[::1]:9654", or ":9654" for all addresses; port 0: any free one.  live is
 * borrowed.  NULL with a sentence in error that names the address.
 * metrics_fd is readable (an epoll) when metrics_run() has something to do; that includes time running out.
 * metrics_port tells the port.  metrics_close ends all connections; NULL is legal.
 */
struct metrics *metrics_open(const char *address, struct live *live, char *error, size_t error_len);
int metrics_fd(const struct metrics *metrics);
void metrics_run(struct metrics *metrics);
unsigned metrics_port(const struct metrics *metrics);
void metrics_close(struct metrics *metrics);

#endif
