/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was committed takes effect: adapter, then host; deleted VPorts are drained.  Nothing here is refused; what a source or
 * the host cannot follow yet is pending, and said to be.
 */
#include <string.h>
#include <time.h>

#include "control/live_balance_state.h"

#define STEP_NS      SECOND_NS /* how long sources are waited for; after that the change takes effect by itself */
#define RETRIES      20u       /* of what memory was too short for, a millisecond apart; then live_tick() goes on */
#define DRAIN_NS     20000000u /* for all VPorts that a batch deletes; after that live_tick() goes on */
#define DRAIN_ONE_NS 5000000u

static void effect_nap(void)
{
	const struct timespec millisecond = { .tv_nsec = 1000000 };

	nanosleep(&millisecond, NULL);
}

static void effect_apply(struct live *live)
{
	struct live_latency *latency = &live->latency;
	uint64_t started = now_ns();

	live->apply_again = vmmq_adapter_apply(live->adapter, false, STEP_NS, NULL) != VMMQ_SUCCESS;
	latency->effective_last_ns = now_ns() - started;
	latency->effective_sum_ns += latency->effective_last_ns;
	if (latency->effective_last_ns > latency->effective_max_ns)
		latency->effective_max_ns = latency->effective_last_ns;
}

static void effect_update(struct live *live)
{
	vmmq_status status = host_update(live->host);

	for (unsigned i = 0; status != VMMQ_SUCCESS && i < RETRIES; i++) {
		effect_nap();
		status = host_update(live->host);
	}
	live->update_again = status != VMMQ_SUCCESS;
}

static const struct port_spec *backend_of(const struct config_vport *vport)
{
	return vport && vport->backend.kind != PORT_NONE ? &vport->backend : NULL;
}

static bool same_port(const struct port_spec *a, const struct port_spec *b)
{
	return a && b ? port_spec_equal(a, b) : a == b;
}

/* Devices that are given up come first: another VPort may be about to open one of them. */
static void set_backends(struct live *live, const struct live_batch *batch)
{
	for (int taken_away = 1; taken_away >= 0; taken_away--) {
		for (size_t i = 0; i < batch->vport_count; i++) {
			const struct live_vport_change *change = &batch->vport[i];
			const struct port_spec *before = backend_of(change->before);
			const struct port_spec *after = backend_of(change->after);

			if (!change->after || same_port(before, after))
				continue;
			if (taken_away ? before != NULL : after != NULL)
				host_set_backend(live->host, change->id, taken_away ? NULL : after);
		}
	}
}

static void set_policies(struct live *live, const struct live_batch *batch)
{
	for (size_t i = 0; i < batch->vport_count; i++) {
		const struct config_vport *before = batch->vport[i].before, *after = batch->vport[i].after;
		struct host_policy policy;

		if (!after ||
		    (before && before->anti_spoofing == after->anti_spoofing &&
		     before->flood_limit == after->flood_limit && before->control_frames == after->control_frames &&
		     before->ndis.interrupt_moderation == after->ndis.interrupt_moderation))
			continue;
		policy = (struct host_policy){ after->anti_spoofing, after->flood_limit, after->control_frames,
					       (enum vmmq_interrupt_moderation)after->ndis.interrupt_moderation };
		host_set_policy(live->host, after->id, &policy);
	}
}

bool live_drain_one(struct live *live, struct vmmq_vport_id id, uint64_t timeout_ns)
{
	if (!vmmq_vport_quiesce(live->adapter, id, timeout_ns))
		return false;
	host_forget_vport(live->host, id);
	live->forgotten[id.v] = true;
	live->draining[id.v] = false;
	live->draining_count--;
	return true;
}

void live_drain(struct live *live, uint64_t deadline_ns)
{
	size_t left = live->draining_count;

	for (uint32_t i = 1; left && i < VMMQ_VPORTS_MAX; i++) {
		uint64_t now = now_ns();

		if (!live->draining[i])
			continue;
		left--;
		live_drain_one(live, (struct vmmq_vport_id){ (uint16_t)i },
			       now >= deadline_ns                 ? 0
			       : deadline_ns - now < DRAIN_ONE_NS ? deadline_ns - now
								  : DRAIN_ONE_NS);
	}
}

static void note_deleted(struct live *live, const struct live_batch *batch)
{
	for (size_t i = 0; i < batch->vport_count; i++) {
		const struct live_vport_change *change = &batch->vport[i];

		if (change->after || live->draining[change->id.v])
			continue;
		live->draining[change->id.v] = true;
		live->draining_count++;
	}
}

void live_effect(struct live *live, const struct live_batch *batch)
{
	if (live_batch_is_empty(batch) && !batch->touched_count)
		return;
	effect_apply(live);
	note_deleted(live, batch);
	set_policies(live, batch);
	if (live->draining_count)
		live_drain(live, now_ns() + DRAIN_NS);
	if (batch->uplink) {
		const struct live_extra *uplink = live_extra_at(live, LIVE_UPLINK);

		host_set_uplink(live->host, &uplink->port, (uint16_t)uplink->rx_queues);
	}
	set_backends(live, batch);
	effect_update(live);
	live_balance_follow(live, batch);
}

void live_effect_again(struct live *live)
{
	if (live->apply_again)
		live->apply_again = vmmq_adapter_apply(live->adapter, false, 0, NULL) != VMMQ_SUCCESS;
	if (live->update_again)
		live->update_again = host_update(live->host) != VMMQ_SUCCESS;
}

bool live_pending(const struct live *live)
{
	return live->apply_again || live->update_again;
}
