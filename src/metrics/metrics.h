/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prometheus metrics over HTTP: GET /metrics, text format 0.0.4 (docs/metrics.md).  A part of the control thread's loop:
 * nothing in it waits for a scraper, however slow.
 */
#ifndef VMMQ_METRICS_METRICS_H
#define VMMQ_METRICS_METRICS_H

#include "agent/agent.h"

struct metrics;

#define METRICS_CONNECTIONS_MAX 16
#define METRICS_IDLE_S          10    /* a connection on which nothing moves for so long is closed */
#define METRICS_LIFE_S          30    /* and each after so long, however little moves on it at a time */
#define METRICS_REQUEST_MAX     16384 /* bytes of a connection's request, and what is kept for it */
#define METRICS_RENDERINGS_MAX  6     /* at once, those that slow readers hold among them */

/*
 * metrics_open listens at address: "9654" on loopback, "192.0.2.1:9654", "[2001:db8::1]:9654", or "*:9654" on all addresses; port 0: any
 * free one.  live is borrowed.  NULL with a sentence in error that names the address.
 * metrics_is_public: others than this machine may reach it.
 * metrics_fd is readable (an epoll) when metrics_run() has something to do; that includes time running out.
 * metrics_port tells the port.  metrics_close ends all connections; NULL is legal.
 */
struct metrics *metrics_open(const char *address, struct live *live, char *error, size_t error_len);
/* metrics_fleet: what tells of the fleet from now on; NULL, as at first: there is none. */
void metrics_fleet(struct metrics *metrics, const struct agent *agent);
int metrics_fd(const struct metrics *metrics);
void metrics_run(struct metrics *metrics);
unsigned metrics_port(const struct metrics *metrics);
bool metrics_is_public(const struct metrics *metrics);
/*
 * metrics_expire ends the connections that are METRICS_LIFE_S old at now, and forgets renderings that would not be used again; part of
 * metrics_run().
 */
void metrics_expire(struct metrics *metrics, uint64_t now);
void metrics_close(struct metrics *metrics);

#endif
