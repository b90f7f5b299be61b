/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dynamic VMMQ in the race: the policy, from the engine's counters, read while packets are under way, to RSSv2 moves, as vmmqd's controller
 * does it.  VPorts come, go and change from one tick to the next, so each has a policy of its own, and only counters are remembered.
 */
#include <stdlib.h>
#include <string.h>
#include <vmmq/request.h>

#include "balance/balance.h"
#include "control.h"

#define PACKET_PPM 2000u /* what a packet takes; only proportions matter */
#define BUDGET     64u

static_assert(BALANCE_LANES_MAX == VMMQ_LANES_MAX, "the policy's lanes are the engine's");

/* The lanes of a tick, those of a VPort one after the other. */
struct lanes {
	unsigned vports, count;
	struct balance_vport vport[VPORTS_MAX + 1];
	uint8_t id[VPORTS_MAX + 1], of[(VPORTS_MAX + 1) * VMMQ_LANES_MAX], lane[(VPORTS_MAX + 1) * VMMQ_LANES_MAX];
	uint16_t at[(VPORTS_MAX + 1) * VMMQ_LANES_MAX];
	uint32_t load[(VPORTS_MAX + 1) * VMMQ_LANES_MAX];
};

static uint8_t *lane_place(struct model_rss *rss, unsigned lane)
{
	return lane == VMMQ_LANE_DEFAULT   ? &rss->default_processor
	       : lane == VMMQ_LANE_PRIMARY ? &rss->primary
					   : &rss->table[lane];
}

/* lane_load is what has come since it was last read, if it has stayed where it was. */
static uint32_t lane_load(struct control *control, unsigned vport, uint8_t lane, uint8_t place)
{
	struct seen_lane *seen = &control->seen[vport][lane];
	uint32_t packets, came;

	vmmq_lanes_read(control->race->adapter, (struct vmmq_vport_id){ (uint16_t)vport }, &lane,
			&control->race->processor[place], 1, &packets);
	came = seen->place == place ? packets - seen->packets : 0;
	*seen = (struct seen_lane){ packets, place };
	came = came < BALANCE_LOAD_MAX / PACKET_PPM ? came : BALANCE_LOAD_MAX / PACKET_PPM;
	return came * PACKET_PPM;
}

static void lanes_add(struct control *control, struct lanes *lanes, unsigned vport)
{
	struct model_rss *rss = &control->model.vport[vport];
	unsigned count = rss->enabled ? rss->index_mask + 2u : 1;
	struct vmmq_vport_info info;

	if (!rss->exists || !vmmq_vport_get(control->nic_switch, (struct vmmq_vport_id){ (uint16_t)vport }, &info))
		return;
	lanes->id[lanes->vports] = (uint8_t)vport;
	lanes->vport[lanes->vports++] = (struct balance_vport){ .lanes = (uint16_t)count,
								.queue_pairs = (uint16_t)info.queue_pairs,
								.dynamic = true };
	for (unsigned i = 0; i < count; i++) {
		unsigned lane = !rss->enabled ? VMMQ_LANE_PRIMARY : i + 1 == count ? VMMQ_LANE_DEFAULT : i;
		unsigned n = lanes->count++;

		lanes->of[n] = (uint8_t)vport;
		lanes->lane[n] = (uint8_t)lane;
		lanes->at[n] = *lane_place(rss, lane);
		lanes->load[n] = lane_load(control, vport, (uint8_t)lane, (uint8_t)lanes->at[n]);
	}
}

static void processors_see(const struct race *race, const struct lanes *lanes, struct balance_seen seen[])
{
	for (unsigned p = 0; p < race->options.processors; p++)
		seen[p] = (struct balance_seen){ .life = BALANCE_RAN };
	for (unsigned i = 0; i < lanes->count; i++)
		seen[lanes->at[i]].load += lanes->load[i];
}

/* lane_move makes one move in switch and model. */
static void lane_move(struct control *control, const struct lanes *lanes, const struct balance_move *move)
{
	const struct race *race = control->race;
	unsigned lane = lanes->lane[move->lane], vport = lanes->of[move->lane];
	struct vmmq_rss_move command = {
		.vport_id = vport,
		.flags = lane == VMMQ_LANE_DEFAULT   ? VMMQ_RSS_MOVE_DEFAULT
			 : lane == VMMQ_LANE_PRIMARY ? VMMQ_RSS_MOVE_PRIMARY
						     : 0,
		.index = (uint16_t)lane,
		.target = race->processor[move->to],
	};

	vmmq_rss_move(control->nic_switch, race->processor[move->from], &command, 1, NULL);
	if (command.status != VMMQ_SUCCESS) {
		control->refused++; /* outside the RSS processor set, or too many of them */
		return;
	}
	*lane_place(&control->model.vport[vport], lane) = (uint8_t)move->to;
	control->balanced++;
}

static struct balance *policy_make(const struct control *control, const struct lanes *lanes)
{
	struct balance_settings settings;
	char error[256];

	balance_settings_default(&settings);
	settings.budget = BUDGET;
	return balance_create(&settings, control->race->options.processors, lanes->vport, lanes->vports, lanes->at,
			      error, sizeof(error));
}

void balance_change(struct control *control)
{
	static struct lanes lanes;
	const struct options *options = &control->race->options;
	struct balance_seen seen[PROCESSORS_MAX];
	struct balance_move move[BUDGET];
	struct balance_result result = { .move = move };
	struct balance *policy;

	lanes.vports = lanes.count = 0;
	for (unsigned vport = 0; vport <= options->vports - options_strangers(options); vport++)
		lanes_add(control, &lanes, vport);
	policy = policy_make(control, &lanes);
	if (!policy) {
		control->failed++;
		return;
	}
	processors_see(control->race, &lanes, seen);
	balance_tick(policy, lanes.load, seen, &result);
	balance_destroy(policy);
	vmmq_nic_switch_begin(control->nic_switch);
	for (unsigned i = 0; i < result.move_count; i++)
		lane_move(control, &lanes, &move[i]);
	if (vmmq_nic_switch_commit(control->nic_switch, NULL) != VMMQ_SUCCESS)
		control->failed++;
}
