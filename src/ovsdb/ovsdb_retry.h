/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which server comes next, and when.  When a server dies all its clients lose it in the same moment; they come back spread over the first
 * wait, and over the others.  While none is good, the wait doubles with each round of all of them.
 */
#ifndef VMMQ_OVSDB_OVSDB_RETRY_H
#define VMMQ_OVSDB_OVSDB_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define OVSDB_RETRY_FIRST_NS (1 * SECOND_NS) /* the standard value */
#define OVSDB_RETRY_LAST     4               /* times the first wait: the longest */
#define OVSDB_RETRY_GOOD     10 /* times the first wait: so long a server must have been followed for it to count */

struct ovsdb_retry {
	unsigned count;    /* of servers, 1 or more */
	unsigned at;       /* the present one */
	unsigned failures; /* since the last that was good */
	uint64_t first_ns; /* the first wait */
	uint64_t random;
};

/* ovsdb_retry_init begins with any of them.  seed: each client's own, or all choose alike. */
void ovsdb_retry_init(struct ovsdb_retry *r, unsigned count, uint64_t first_ns, uint64_t seed);

/*
 * ovsdb_retry_failed goes on to the next one, and returns how long to wait before.  followed_ns: how long the present one was followed; 0: never.
 * answered: it was there, and is not one to follow: a search for one that is (such as the leader) waits only when all have been asked.
 */
uint64_t ovsdb_retry_failed(struct ovsdb_retry *r, uint64_t followed_ns, bool answered);

#endif
