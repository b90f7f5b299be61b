/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_retry.h"

/* retry_random is splitmix64: good enough to spread clients, and the same for the same seed. */
static uint64_t retry_random(struct ovsdb_retry *r)
{
	uint64_t z = r->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void ovsdb_retry_init(struct ovsdb_retry *r, unsigned count, uint64_t first_ns, uint64_t seed)
{
	*r = (struct ovsdb_retry){ .count = count, .first_ns = first_ns, .random = seed };
	r->at = (unsigned)(retry_random(r) % count);
}

/* round_ns: before each round but the first, twice the wait before the one that was. */
static uint64_t round_ns(const struct ovsdb_retry *r, unsigned round)
{
	uint64_t wait = r->first_ns;

	while (--round && wait < OVSDB_RETRY_LAST * r->first_ns)
		wait *= 2;
	return wait;
}

uint64_t ovsdb_retry_failed(struct ovsdb_retry *r, uint64_t followed_ns, bool answered)
{
	uint64_t least = 0, most;

	if (followed_ns >= OVSDB_RETRY_GOOD * r->first_ns)
		r->failures = 0;
	r->at = (r->at + 1) % r->count;
	r->failures++;
	if (r->failures % r->count == 0) { /* all have been tried */
		most = round_ns(r, r->failures / r->count);
		least = most / 2;
	} else if (answered) {
		return 0;
	} else {
		most = r->failures == 1 ? r->first_ns : r->first_ns / 4;
	}
	return least + retry_random(r) % (most - least + 1);
}
