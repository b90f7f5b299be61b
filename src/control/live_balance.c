/* SPDX-License-Identifier: BSD-2-Clause */
/* The controller of dynamic VMMQ: its life, its ticks, and how it follows what others change. */
#include "control/live_balance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "control/live_balance_state.h"

#define ELEPHANT_NS SECOND_NS /* how long one that was seen is told of */

bool live_balance_init(struct live *live)
{
	struct live_balance *b = calloc(1, sizeof(*b));

	live->balance = b;
	if (!b)
		return false;
	b->stale = true;
	b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	b->index_of = calloc(UINT16_MAX + 1u, sizeof(*b->index_of));
	b->held_back = calloc(UINT16_MAX + 1u, sizeof(*b->held_back));
	b->place_of = calloc(VMMQ_VPORTS_MAX, sizeof(*b->place_of));
	snprintf(b->reason, sizeof(b->reason), "no VPort has scaling: dynamic");
	return b->timer >= 0 && b->index_of && b->held_back && b->place_of;
}

void live_balance_fini(struct live *live)
{
	struct live_balance *b = live->balance;

	if (!b)
		return;
	balance_lanes_free(b);
	if (b->timer >= 0)
		close(b->timer);
	free(b->index_of);
	free(b->held_back);
	free(b->place_of);
	free(b);
	live->balance = NULL;
}

int live_balance_fd(const struct live *live)
{
	return live->balance->timer;
}

/* balance_arm has the timer tick while there is something to look at. */
static void balance_arm(struct live *live)
{
	struct live_balance *b = live->balance;
	uint32_t ms = b->policy || b->stale ? live_extra_at(live, LIVE_BALANCE)->balance.tick_ms : 0;
	const struct timespec tick = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };
	const struct itimerspec every = { .it_interval = tick, .it_value = tick };

	if (ms == b->armed_ms)
		return;
	b->armed_ms = ms;
	timerfd_settime(b->timer, 0, &every, NULL);
}

/* Only an active lane's processor is compared: what is not active steers nothing, and is looked at when it becomes active. */
static bool follow_shape(const struct live *live, const struct live_balance *b, struct vmmq_vport_id id,
			 const struct vmmq_vport_info *info)
{
	const struct live_extra *extra = live_extra_at(live, id.v);
	const struct balanced_vport *vport = &b->vport[b->place_of[id.v] - 1];

	return extra->dynamic && info->state == VMMQ_VPORT_ACTIVATED && vport->rss == info->rss->enabled &&
	       vport->entry_count == info->rss->entry_count && vport->queue_pairs == info->queue_pairs &&
	       vport->min_queue_pairs == extra->min_queue_pairs;
}

/* follow_vport puts lanes where they are now; true: that is all that there is to do. */
static bool follow_vport(struct live *live, struct vmmq_vport_id id)
{
	struct live_balance *b = live->balance;
	const struct live_moved *moved = live_extra_at(live, id.v)->moved;
	struct vmmq_vport_info info;
	struct balanced_vport *vport;
	struct vmmq_rss_params rss;
	bool there = vmmq_vport_get(live->sw, id, &info);

	if (!b->place_of[id.v])
		return !there || !live_extra_at(live, id.v)->dynamic;
	if (!there || !follow_shape(live, b, id, &info))
		return false;
	vport = &b->vport[b->place_of[id.v] - 1];
	rss = *info.rss;
	for (uint32_t i = vport->first; i < vport->first + vport->count; i++) {
		struct vmmq_processor now = *live_lane(&rss, b->lane[i]);

		if (now.v != b->at[i].v)
			balance_lane_put(live, vport, i, now);
		balance_pin(b->policy, i, moved && moved->lane[b->lane[i]].pinned);
	}
	return true;
}

void live_balance_follow(struct live *live, const struct live_batch *batch)
{
	struct live_balance *b = live->balance;

	b->stale = b->stale || batch->processors || batch->balance;
	for (size_t i = 0; i < batch->touched_count && !b->stale; i++)
		b->stale = !follow_vport(live, (struct vmmq_vport_id){ (uint16_t)batch->touched[i] });
	balance_arm(live);
}

static void hold_back_one(struct live *live, struct vmmq_processor processor, bool stalled)
{
	struct live_balance *b = live->balance;

	if (stalled == b->held_back[processor.v])
		return;
	b->held_back[processor.v] = stalled;
	host_set_stalled(live->host, processor, stalled);
	live->update_again |= !stalled;
}

/* hold_back tells the host which processors do not answer; one that has stalled does until it is seen to run, whatever policy there is now. */
static void hold_back(struct live *live)
{
	const struct live_balance *b = live->balance;

	for (unsigned i = 0; i < b->processor_count; i++)
		hold_back_one(live, b->processor[i],
			      balance_stalled(b->policy, i) ||
				  (b->held_back[b->processor[i].v] && b->seen[i].life != BALANCE_RAN));
}

/* hold_back_none: nobody looks at the processors any more. */
static void hold_back_none(struct live *live)
{
	for (size_t i = 0; i < live->running_count; i++)
		hold_back_one(live, live->running[i], false);
}

static void note_elephants(struct live_balance *b, uint64_t now_ns)
{
	if (!b->result.elephant_count)
		return;
	b->elephant_ns = now_ns;
	b->elephant_count = b->result.elephant_count;
	for (unsigned i = 0; i < b->elephant_count; i++) {
		const struct balance_elephant *seen = &b->result.elephant[i];

		b->elephant[i] = (struct live_balance_elephant){ .id = b->vport[seen->vport].id,
								 .lane = b->lane[seen->lane],
								 .processor = b->processor[seen->processor],
								 .load = seen->load,
								 .mean = seen->mean };
	}
}

/* balance_begin makes lanes and policy anew; false: there is nothing to balance. */
static bool balance_begin(struct live *live)
{
	struct live_balance *b = live->balance;
	bool made = balance_lanes_make(live);

	b->stale = false;
	if (!made)
		hold_back_none(live);
	if (!made && b->failed)
		live_tell(live, "balance.failed", json_pack("{s:s}", "text", b->reason));
	vmmq_load_measure(live->adapter, made);
	balance_arm(live);
	return made;
}

/* balance_step is a tick; what others have changed since the last one is known (live_balance_follow()). */
static void balance_step(struct live *live, uint64_t now_ns)
{
	struct live_balance *b = live->balance;

	if (live_busy(live)) {
		b->info.waited++;
		return;
	}
	if (live->apply_again)
		live_effect_again(live);
	if (b->stale && !balance_begin(live))
		return;
	if (!b->policy || !balance_lanes_read(live, now_ns))
		return;
	b->info.ticks++;
	balance_tick(b->policy, b->load, b->seen, &b->result);
	hold_back(live);
	note_elephants(b, now_ns);
	if (b->result.move_count)
		balance_moves_make(live, now_ns);
}

void live_balance_tick(struct live *live, uint64_t at_ns)
{
	struct live_balance_info *info = &live->balance->info;
	uint64_t started = now_ns();

	live_flows_expire(live, started);
	balance_step(live, at_ns);
	info->tick_last_ns = now_ns() - started;
	info->tick_sum_ns += info->tick_last_ns;
	if (info->tick_last_ns > info->tick_max_ns)
		info->tick_max_ns = info->tick_last_ns;
}

void live_balance_run(struct live *live)
{
	uint64_t expirations;

	if (read(live->balance->timer, &expirations, sizeof(expirations)) > 0)
		live_balance_tick(live, now_ns());
}

void live_balance_info(const struct live *live, struct live_balance_info *info)
{
	const struct live_balance *b = live->balance;

	*info = b->info;
	info->settings = &live_extra_at(live, LIVE_BALANCE)->balance;
	info->reason = b->policy || b->stale ? "" : b->reason;
	info->processors = b->stale ? 0 : b->processor_count;
	info->vports = b->stale ? 0 : b->vport_count;
	info->lanes = b->stale ? 0 : b->lane_count;
}

void live_balance_processor(const struct live *live, unsigned place, struct live_balance_processor *processor)
{
	const struct live_balance *b = live->balance;

	*processor = (struct live_balance_processor){ .processor = b->processor[place],
						      .load = balance_processor_load(b->policy, place),
						      .lanes = b->lanes_at[place],
						      .in_use = balance_in_use(b->policy, place),
						      .stalled = balance_stalled(b->policy, place) };
}

unsigned live_balance_lanes(const struct live *live, struct vmmq_vport_id id,
			    struct live_balance_lane lane[VMMQ_LANES_MAX])
{
	const struct live_balance *b = live->balance;
	const struct live_extra *extra = live_extra_at(live, id.v);
	uint32_t place = b->stale ? 0 : b->place_of[id.v];
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;
	unsigned count = 0;

	if (!extra->dynamic || !vmmq_vport_get(live->sw, id, &info))
		return 0;
	rss = *info.rss;
	for (unsigned i = 0; i < VMMQ_LANES_MAX; i++) {
		const struct vmmq_processor *at = live_lane(&rss, i);
		bool moved = extra->moved && extra->moved->lane[i].moved;

		if (!at)
			continue;
		lane[count++] = (struct live_balance_lane){
			.lane = (uint8_t)i,
			.moved = moved,
			.pinned = extra->moved && extra->moved->lane[i].pinned,
			.requested = moved ? extra->moved->lane[i].requested : *at,
			.effective = *at,
		};
	}
	for (uint32_t i = 0; place && i < b->vport[place - 1].count; i++)
		for (unsigned j = 0; j < count; j++)
			if (lane[j].lane == b->lane[b->vport[place - 1].first + i])
				lane[j].load = balance_lane_load(b->policy, b->vport[place - 1].first + i);
	return count;
}

void live_balance_vport(const struct live *live, unsigned place, struct live_balance_vport *vport)
{
	const struct live_balance *b = live->balance;
	const struct balanced_vport *of = &b->vport[place];
	const struct live_moved *moved = live_extra_at(live, of->id.v)->moved;
	struct vmmq_vport_info info;

	*vport = (struct live_balance_vport){ .id = of->id };
	if (vmmq_vport_get(live->sw, of->id, &info))
		vport->used = vmmq_rss_queues_used(info.rss);
	for (uint32_t i = of->first; i < of->first + of->count; i++) {
		vport->load += balance_lane_load(b->policy, i);
		vport->moved += moved && moved->lane[b->lane[i]].moved;
		vport->pinned += moved && moved->lane[b->lane[i]].pinned;
	}
}

bool live_balance_elephant(const struct live *live, unsigned place, struct live_balance_elephant *elephant)
{
	const struct live_balance *b = live->balance;

	if (b->stale || place >= b->elephant_count || b->read_ns - b->elephant_ns > ELEPHANT_NS)
		return false;
	*elephant = b->elephant[place];
	return true;
}
