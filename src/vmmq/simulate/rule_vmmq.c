/* SPDX-License-Identifier: BSD-2-Clause */
/* Our own policy, as it is in src/balance. */
#include <stdlib.h>

#include "vmmq/simulate/rule.h"

struct vmmq_rule {
	struct balance *balance;
	struct balance_result result;
	struct balance_seen *seen;
};

static void vmmq_rule_destroy(void *state)
{
	struct vmmq_rule *rule = state;

	balance_destroy(rule->balance);
	free(rule->result.move);
	free(rule->seen);
	free(rule);
}

static void *vmmq_rule_create(const struct series *series, char error[SERIES_ERROR_MAX])
{
	struct vmmq_rule *rule = calloc(1, sizeof(*rule));
	struct balance_settings settings;

	if (!rule)
		return NULL;
	balance_settings_default(&settings);
	rule->result.move = calloc(settings.budget, sizeof(*rule->result.move));
	rule->seen = calloc(series->processor_count, sizeof(*rule->seen));
	rule->balance = balance_create(&settings, series->processor_count, series->vport, series->vport_count,
				       series->lane_processor, error, SERIES_ERROR_MAX);
	if (rule->result.move && rule->seen && rule->balance)
		return rule;
	vmmq_rule_destroy(rule);
	return NULL;
}

static void vmmq_rule_tick(void *state, struct rule_world *world)
{
	struct vmmq_rule *rule = state;

	for (unsigned p = 0; p < world->series->processor_count; p++)
		rule->seen[p].load =
		    world->processor_load[p] < UINT32_MAX ? (uint32_t)world->processor_load[p] : UINT32_MAX;
	balance_tick(rule->balance, world->load, rule->seen, &rule->result);
	for (unsigned i = 0; i < rule->result.move_count; i++) {
		rule_move(world, rule->result.move[i].lane, rule->result.move[i].to);
		if (world->log)
			world->log(world->log_context, world->tick, &rule->result.move[i]);
	}
}

const struct rule rule_vmmq = { "vmmq", "each lane by itself, every 10 ms", vmmq_rule_create, vmmq_rule_tick,
				vmmq_rule_destroy };
