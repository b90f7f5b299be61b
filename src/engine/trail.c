/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/trail.h"

static unsigned trail_bucket(struct vmmq_vport_id owner)
{
	return owner.v % TRAIL_BUCKETS;
}

static void trail_recount(struct trail *trail, unsigned bucket)
{
	uint32_t count = 0;

	for (const struct lane_wait *wait = trail->wait[bucket]; wait; wait = wait->next)
		count++;
	atomic_store_explicit(&trail->count[bucket], count, memory_order_relaxed);
}

struct lane_wait *trail_look(struct trail *trail, struct vmmq_vport_id owner)
{
	unsigned bucket = trail_bucket(owner);

	if (lane_waits_prune(&trail->wait[bucket]))
		trail_recount(trail, bucket);
	return trail->wait[bucket];
}

void trail_add(struct trail *trail, struct lane_wait *wait)
{
	unsigned bucket = trail_bucket(wait->owner);

	lane_waits_add(&trail->wait[bucket], wait);
	trail_recount(trail, bucket);
}

void trail_renumber(struct trail *trail, struct vmmq_vport_id owner, unsigned from_mask, unsigned to_mask)
{
	unsigned larger = from_mask | to_mask;

	for (struct lane_wait *wait = trail_look(trail, owner); wait; wait = wait->next) {
		struct lane_set lanes = { { 0 } };

		if (wait->owner.v != owner.v)
			continue;
		for (unsigned i = 0; i <= larger; i++)
			if (lane_set_has(&wait->lanes, i & from_mask))
				lane_set_add(&lanes, i & to_mask);
		if (lane_set_has(&wait->lanes, LANE_DEFAULT))
			lane_set_add(&lanes, LANE_DEFAULT);
		wait->lanes = lanes;
	}
}

void trail_mix(struct trail *trail, struct vmmq_vport_id owner)
{
	for (struct lane_wait *wait = trail_look(trail, owner); wait; wait = wait->next)
		if (wait->owner.v == owner.v)
			wait->lanes = lane_set_all();
}

uint32_t trail_count(const struct trail *trail, struct vmmq_vport_id owner)
{
	uint32_t count = 0;

	for (const struct lane_wait *wait = trail->wait[trail_bucket(owner)]; wait; wait = wait->next)
		count += wait->owner.v == owner.v;
	return count;
}

uint32_t trail_count_about(const struct trail *trail, struct vmmq_vport_id owner)
{
	return atomic_load_explicit(&trail->count[trail_bucket(owner)], memory_order_relaxed);
}

void trail_fini(struct trail *trail)
{
	for (unsigned i = 0; i < TRAIL_BUCKETS; i++) {
		lane_waits_free(trail->wait[i]);
		trail->wait[i] = NULL;
	}
}
