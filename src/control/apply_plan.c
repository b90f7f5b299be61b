/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/apply_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config/config_text.h"

/* A filter with the VPort it leads to, for looking up by key. */
struct keyed {
	const struct config_filter *filter;
	const struct config_vport *vport;
};
struct index {
	struct keyed *entry;
	size_t count;
};

static int keyed_compare(const void *a, const void *b)
{
	return config_filter_compare(((const struct keyed *)a)->filter, ((const struct keyed *)b)->filter);
}

static bool index_make(struct index *index, const struct vmmq_config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->vport_count; i++)
		count += config->vports[i].filter_count;
	index->entry = calloc(count + 1, sizeof(*index->entry));
	index->count = 0;
	if (!index->entry)
		return false;
	for (size_t i = 0; i < config->vport_count; i++)
		for (size_t j = 0; j < config->vports[i].filter_count; j++)
			index->entry[index->count++] =
			    (struct keyed){ &config->vports[i].filters[j], &config->vports[i] };
	qsort(index->entry, count, sizeof(*index->entry), keyed_compare);
	return true;
}

static const struct keyed *index_find(const struct index *index, const struct config_filter *filter)
{
	const struct keyed key = { .filter = filter };

	return bsearch(&key, index->entry, index->count, sizeof(*index->entry), keyed_compare);
}

/* step_add returns a new step, or NULL when memory is short. */
static struct apply_step *step_add(struct apply_plan *plan, enum apply_kind kind, const struct config_vport *before,
				   const struct config_vport *after)
{
	struct apply_step *step = array_room(plan->step, &plan->capacity, plan->count + 1, 64, sizeof(*step));

	if (!step)
		return NULL;
	plan->step = step;
	plan->step[plan->count] = (struct apply_step){ .kind = kind, .before = before, .after = after };
	return &plan->step[plan->count++];
}

static bool add_fixed(struct apply_plan *plan, const char *field, const char *before, const char *after)
{
	struct apply_step *step;

	if (strcmp(before, after) == 0)
		return true;
	step = step_add(plan, APPLY_FIXED, NULL, NULL);
	if (!step)
		return false;
	snprintf(step->field, sizeof(step->field), "%s", field);
	snprintf(step->text, sizeof(step->text), "%.80s -> %.80s", before, after);
	return true;
}

static bool processor_is_listed(const struct vmmq_processor *processors, size_t count, struct vmmq_processor wanted)
{
	for (size_t i = 0; i < count; i++)
		if (processors[i].v == wanted.v)
			return true;
	return false;
}

static bool add_fixed_all(struct apply_plan *plan, const struct vmmq_processor *running, size_t running_count)
{
	const struct vmmq_config *current = plan->current, *wanted = plan->wanted;
	char before[80], after[80];

	snprintf(before, sizeof(before), "%u", (unsigned)current->mtu);
	snprintf(after, sizeof(after), "%u", (unsigned)wanted->mtu);
	if (!add_fixed(plan, "name", current->adapter_name, wanted->adapter_name) ||
	    !add_fixed(plan, "moderation", config_moderation_text(current->moderation),
		       config_moderation_text(wanted->moderation)) ||
	    !add_fixed(plan, "mtu", before, after))
		return false;
	for (size_t i = 0; i < wanted->processor_count; i++) {
		if (processor_is_listed(running, running_count, wanted->processors[i]))
			continue;
		config_processors_text(running, running_count, before, sizeof(before));
		config_processors_text(wanted->processors, wanted->processor_count, after, sizeof(after));
		return add_fixed(plan, "processors", before, after);
	}
	return true;
}

static bool plan_add_filters(struct apply_plan *plan, enum apply_kind kind, const struct index *of,
			     const struct index *other)
{
	for (size_t i = 0; i < of->count; i++) {
		const struct keyed *here = &of->entry[i], *there = index_find(other, here->filter);
		struct apply_step *step;

		if (kind == APPLY_FILTER_MOVE ? !there || there->vport->id.v == here->vport->id.v : there != NULL)
			continue;
		step = step_add(plan, kind, kind == APPLY_FILTER_ADD ? NULL : here->vport,
				kind == APPLY_FILTER_ADD    ? here->vport
				: kind == APPLY_FILTER_MOVE ? there->vport
							    : NULL);
		if (!step)
			return false;
		step->filter = here->filter;
	}
	return true;
}

static void note_any(void *context, const char *path, const char *text)
{
	(void)path;
	(void)text;
	*(bool *)context = true;
}

static bool add_vports(struct apply_plan *plan, enum apply_kind kind)
{
	const struct vmmq_config *of = kind == APPLY_VPORT_DELETE ? plan->current : plan->wanted;
	const struct vmmq_config *other = kind == APPLY_VPORT_DELETE ? plan->wanted : plan->current;

	for (size_t i = 0; i < of->vport_count; i++) {
		const struct config_vport *here = &of->vports[i], *there = vmmq_config_vport(other, here->id);
		bool differs = false;

		if (kind == APPLY_VPORT_SET) {
			if (there)
				config_vport_differences(there, here, note_any, &differs);
			if (differs && !step_add(plan, kind, there, here))
				return false;
		} else if (!there && !step_add(plan, kind, kind == APPLY_VPORT_DELETE ? here : NULL,
					       kind == APPLY_VPORT_DELETE ? NULL : here)) {
			return false;
		}
	}
	return true;
}

static bool same_processors(const struct vmmq_config *a, const struct vmmq_config *b)
{
	return a->processor_count == b->processor_count &&
	       memcmp(a->processors, b->processors, a->processor_count * sizeof(*a->processors)) == 0;
}

static bool same_uplink(const struct vmmq_config *a, const struct vmmq_config *b)
{
	return port_spec_equal(&a->uplink, &b->uplink) &&
	       (a->uplink.kind == PORT_NONE || a->uplink_rx_queues == b->uplink_rx_queues);
}

static bool add_all(struct apply_plan *plan, const struct index *current, const struct index *wanted)
{
	return plan_add_filters(plan, APPLY_FILTER_DELETE, current, wanted) && add_vports(plan, APPLY_VPORT_ADD) &&
	       plan_add_filters(plan, APPLY_FILTER_MOVE, current, wanted) && add_vports(plan, APPLY_VPORT_DELETE) &&
	       add_vports(plan, APPLY_VPORT_SET) && plan_add_filters(plan, APPLY_FILTER_ADD, wanted, current) &&
	       (same_processors(plan->current, plan->wanted) || step_add(plan, APPLY_PROCESSORS, NULL, NULL)) &&
	       (same_uplink(plan->current, plan->wanted) || step_add(plan, APPLY_UPLINK, NULL, NULL)) &&
	       (config_balance_equal(&plan->current->balance, &plan->wanted->balance) ||
		step_add(plan, APPLY_BALANCE, NULL, NULL));
}

bool apply_plan_make(struct apply_plan *plan, const struct vmmq_config *current, const struct vmmq_config *wanted,
		     const struct vmmq_processor *running, size_t running_count)
{
	struct index of_current = { 0 }, of_wanted = { 0 };
	bool done;

	*plan = (struct apply_plan){ .current = current, .wanted = wanted };
	done = index_make(&of_current, current) && index_make(&of_wanted, wanted) &&
	       add_fixed_all(plan, running, running_count) && add_all(plan, &of_current, &of_wanted);
	free(of_current.entry);
	free(of_wanted.entry);
	return done;
}

void apply_plan_fini(struct apply_plan *plan)
{
	free(plan->step);
}
