/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of changes, and how long control waits for them: not at all, until effective, or until drained. */
#include "control.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DRAIN_TIMEOUT_NS 1000000000u
#define AHEAD_MAX        64u /* versions that may be published and not known to be effective */

static void note_effective(struct control *control, uint64_t ns)
{
	if (control->effective_count == control->effective_room) {
		size_t room = control->effective_room ? 2 * control->effective_room : 65536;
		uint32_t *grown = realloc(control->effective_us, room * sizeof(*grown));

		if (!grown)
			return;
		control->effective_us = grown;
		control->effective_room = room;
	}
	control->effective_us[control->effective_count++] = (uint32_t)(ns / 1000);
}

static void apply(struct control *control)
{
	struct history *history = &control->race->history;
	uint64_t version = atomic_load_explicit(&history->published, memory_order_relaxed);
	bool far_ahead = version - atomic_load_explicit(&history->effective, memory_order_relaxed) > AHEAD_MAX;
	bool wait = far_ahead || random_one_in(&control->random, 2);
	bool drained = wait && random_one_in(&control->random, control->race->options.stall ? 256 : 16);
	struct vmmq_change_report report;
	vmmq_status status = vmmq_adapter_apply(control->race->adapter, drained,
						drained ? DRAIN_TIMEOUT_NS
						: wait  ? STUCK_NS
							: 0,
						&report);

	control->applies++;
	control->pending += status == VMMQ_PENDING;
	/* No source is in one burst for so long: whoever stalls, every source steps. */
	control->failed += status != VMMQ_SUCCESS && (status != VMMQ_PENDING || (wait && !drained));
	if (status != VMMQ_SUCCESS)
		return;
	if (wait)
		note_effective(control, report.effective_ns);
	atomic_store_explicit(&history->effective, version, memory_order_release);
	if (drained)
		atomic_store_explicit(&history->drained, version, memory_order_release);
}

/* change_group makes count changes visible together, or now and then takes them all back. */
static void change_group(struct control *control, unsigned count)
{
	uint64_t made[CHANGE_COUNT] = { 0 };
	struct model before = control->model;
	uint32_t filters[MACS_MAX][RULES];
	enum change kind;

	memcpy(filters, control->filter, sizeof(filters));
	vmmq_nic_switch_begin(control->nic_switch);
	for (unsigned i = 0; i < count; i++) {
		if (change_draw(control, &kind) == VMMQ_SUCCESS)
			made[kind]++;
		else
			control->refused++;
	}
	if (random_one_in(&control->random, 32)) {
		vmmq_nic_switch_abort(control->nic_switch);
		control->model = before;
		memcpy(control->filter, filters, sizeof(filters));
		return;
	}
	if (vmmq_nic_switch_commit(control->nic_switch, NULL) != VMMQ_SUCCESS) {
		control->failed++;
		return;
	}
	control->groups += count > 1;
	for (unsigned i = 0; i < CHANGE_COUNT; i++)
		control->changes[i] += made[i];
}

static void publish(struct control *control)
{
	history_write(&control->race->history, &control->model);
	apply(control);
}

bool control_begin(struct control *control, struct race *race)
{
	*control = (struct control){
		.race = race,
		.random = random_start(race->options.seed, 0),
		.nic_switch = vmmq_adapter_switch(race->adapter),
	};
	if (!change_begin(control))
		return false;
	publish(control);
	return true;
}

void control_run(struct control *control, uint64_t until_ns)
{
	struct random *random = &control->random;

	while (now_ns() < until_ns) {
		unsigned groups = random_one_in(random, 8) ? 2 : 1;

		for (; groups; groups--)
			change_group(control, random_one_in(random, 4) ? 2 + random_below(random, 5) : 1);
		if (control->race->options.balance && random_one_in(random, 4))
			balance_change(control);
		publish(control);
	}
}
