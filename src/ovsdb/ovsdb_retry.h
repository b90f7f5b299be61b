/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which server comes next, and when.  When a server dies all its clients lose it in the same moment; they come back spread over the first
 * wait, and over the others.  While none is good, the wait doubles with each round of all of them.  Where some are preferred, a round is these, these
 * once more after a wait, since one may just be restarted, and then the others.
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
	unsigned near;     /* of them that come first, and again, before the others do; count: all are alike */
	unsigned turn;     /* any: where each of both groups begins */
	unsigned step;     /* from there, of a round */
	unsigned home;     /* the step of the near one that was tried last from elsewhere */
	unsigned at;       /* the present one */
	unsigned failures; /* since the last that was good */
	uint64_t first_ns; /* the first wait */
	uint64_t random;
};

/* ovsdb_retry_init begins with any of the near ones; near 0: of all.  seed: each client's own, or all choose alike. */
void ovsdb_retry_init(struct ovsdb_retry *r, unsigned count, unsigned near, uint64_t first_ns, uint64_t seed);

/*
 * ovsdb_retry_failed goes on to the next one, and returns how long to wait before.  followed_ns: how long the present one was followed; 0: never.
 * answered: it was there, and is not one to follow: a search for one that is (such as the leader) waits only when all have been asked.
 */
uint64_t ovsdb_retry_failed(struct ovsdb_retry *r, uint64_t followed_ns, bool answered);

/* ovsdb_retry_home returns a near server that somebody who has come to another one may try: the next one each time.  _homed: that one is good. */
unsigned ovsdb_retry_home(struct ovsdb_retry *r);
void ovsdb_retry_homed(struct ovsdb_retry *r);
/* ovsdb_retry_spread returns a time from half of `most` to all of it, by chance. */
uint64_t ovsdb_retry_spread(struct ovsdb_retry *r, uint64_t most);

#endif
