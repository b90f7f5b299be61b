/* SPDX-License-Identifier: BSD-2-Clause */
#include "ovsdb/ovsdb_retry.h"

#define OVSDB_RETRY_TURNS (1u << 30) /* many times as many as there are servers, so that each is as likely */

/* retry_random is splitmix64: good enough to spread clients, and the same for the same seed. */
static uint64_t retry_random(struct ovsdb_retry *r)
{
	uint64_t z = r->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static unsigned round_steps(const struct ovsdb_retry *r)
{
	return r->near < r->count ? r->count + r->near : r->count;
}

static unsigned server_at(const struct ovsdb_retry *r, unsigned step)
{
	if (r->near == r->count || step < 2 * r->near)
		return (r->turn + step) % r->near;
	return r->near + (r->turn + step) % (r->count - r->near);
}

void ovsdb_retry_init(struct ovsdb_retry *r, unsigned count, unsigned near, uint64_t first_ns, uint64_t seed)
{
	*r =
	    (struct ovsdb_retry){ .count = count, .near = near ? near : count, .first_ns = first_ns, .random = seed };
	r->turn = (unsigned)(retry_random(r) % OVSDB_RETRY_TURNS);
	r->at = server_at(r, 0);
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
	uint64_t most;

	if (followed_ns >= OVSDB_RETRY_GOOD * r->first_ns)
		r->failures = 0;
	r->step = (r->step + 1) % round_steps(r);
	r->at = server_at(r, r->step);
	r->failures++;
	if (r->failures % round_steps(r) == 0) /* all have been tried */
		return ovsdb_retry_spread(r, round_ns(r, r->failures / round_steps(r)));
	if (r->near < r->count && r->step == r->near)
		return ovsdb_retry_spread(r, 2 * r->first_ns);
	if (answered)
		return 0;
	most = r->failures == 1 ? r->first_ns : r->first_ns / 4;
	return retry_random(r) % (most + 1);
}

unsigned ovsdb_retry_home(struct ovsdb_retry *r)
{
	r->home = (r->home + 1) % r->near;
	return server_at(r, r->home);
}

void ovsdb_retry_homed(struct ovsdb_retry *r)
{
	r->failures = 0;
	r->step = r->home;
	r->at = server_at(r, r->step);
}

uint64_t ovsdb_retry_spread(struct ovsdb_retry *r, uint64_t most)
{
	return most / 2 + retry_random(r) % (most / 2 + 1);
}
