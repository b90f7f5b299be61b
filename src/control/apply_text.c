/* SPDX-License-Identifier: BSD-2-Clause */
/* A plan in words. */
#include <string.h>

#include "config/config_text.h"
#include "control/apply_plan.h"

static const char *const names[APPLY_KINDS] = {
	[APPLY_FIXED] = "adapter.set",         [APPLY_FILTER_DELETE] = "filter.delete",
	[APPLY_VPORT_ADD] = "vport.add",       [APPLY_FILTER_MOVE] = "filter.move",
	[APPLY_VPORT_DELETE] = "vport.delete", [APPLY_VPORT_SET] = "vport.set",
	[APPLY_FILTER_ADD] = "filter.add",     [APPLY_PROCESSORS] = "adapter.processors",
	[APPLY_UPLINK] = "adapter.uplink",     [APPLY_BALANCE] = "adapter.balance",
};

/* Where texts go; whole is false once memory was short. */
struct telling {
	json_t *list;
	const struct config_vport *vport;
	bool whole;
};

/* tell_change appends one entry; steals text. */
static void tell_change(struct telling *telling, const char *change, const struct config_vport *vport, json_t *text)
{
	json_t *entry = vport ? json_pack("{s:s, s:i, s:o}", "change", change, "vport", vport->id.v, "text", text)
			      : json_pack("{s:s, s:n, s:o}", "change", change, "vport", "text", text);

	if (!entry || json_array_append_new(telling->list, entry))
		telling->whole = false;
}

static void tell_field(void *context, const char *path, const char *text)
{
	struct telling *telling = context;
	char vport[CONFIG_VPORT_MAX * 4];

	config_vport_text(telling->vport->id, telling->vport->name, vport, sizeof(vport));
	tell_change(telling, strncmp(path, "rss.", 4) == 0 ? "rss.set" : names[APPLY_VPORT_SET], telling->vport,
		    json_sprintf("%s: %s %s", vport, path, text));
}

static void text_filter_step(struct telling *telling, const struct apply_step *step)
{
	const struct config_vport *vport = step->before ? step->before : step->after;
	char filter[CONFIG_FILTER_MAX], name[CONFIG_VPORT_MAX * 4], to[CONFIG_VPORT_MAX * 4];
	json_t *text;

	config_filter_text(step->filter, filter);
	config_vport_text(vport->id, vport->name, name, sizeof(name));
	if (step->kind == APPLY_FILTER_MOVE) {
		config_vport_text(step->after->id, step->after->name, to, sizeof(to));
		text = json_sprintf("%s: filter %s moves to %s", name, filter, to);
	} else {
		text = json_sprintf("%s: filter %s %s", name, filter,
				    step->kind == APPLY_FILTER_ADD ? "is added" : "is deleted");
	}
	tell_change(telling, names[step->kind], vport, text);
}

static void text_vport_step(struct telling *telling, const struct apply_step *step)
{
	const struct config_vport *vport = step->before ? step->before : step->after;
	char name[CONFIG_VPORT_MAX * 4];

	config_vport_text(vport->id, vport->name, name, sizeof(name));
	tell_change(telling, names[step->kind], vport,
		    json_sprintf("%s is %s", name, step->kind == APPLY_VPORT_ADD ? "added" : "deleted"));
}

static void tell_processors(struct telling *telling, const struct apply_plan *plan)
{
	char before[CONFIG_TEXT_MAX], after[CONFIG_TEXT_MAX];

	config_processors_text(plan->current->processors, plan->current->processor_count, before, sizeof(before));
	config_processors_text(plan->wanted->processors, plan->wanted->processor_count, after, sizeof(after));
	tell_change(telling, names[APPLY_PROCESSORS], NULL,
		    json_sprintf("adapter: processors %s -> %s", before, after));
}

static json_t *uplink_text(const struct vmmq_config *config)
{
	char port[PORT_TEXT_MAX];

	port_spec_text(&config->uplink, port, sizeof(port));
	if (config->uplink.kind == PORT_NONE)
		return json_string(port);
	return json_sprintf("%s with %u receive queue%s", port, config->uplink_rx_queues,
			    config->uplink_rx_queues == 1 ? "" : "s");
}

static void tell_uplink(struct telling *telling, const struct apply_plan *plan)
{
	json_t *before = uplink_text(plan->current), *after = uplink_text(plan->wanted);

	tell_change(telling, names[APPLY_UPLINK], NULL,
		    before && after ? json_sprintf("adapter: uplink %s -> %s", json_string_value(before),
						   json_string_value(after))
				    : NULL);
	json_decref(before);
	json_decref(after);
}

static void tell_setting(void *context, const char *path, const char *text)
{
	tell_change(context, names[APPLY_BALANCE], NULL, json_sprintf("adapter: balance.%s %s", path, text));
}

static void tell_step(struct telling *telling, const struct apply_plan *plan, const struct apply_step *step)
{
	switch (step->kind) {
	case APPLY_FIXED:
		tell_change(
		    telling, names[APPLY_FIXED], NULL,
		    json_sprintf("adapter: %s %s: needs a restart of vmmqd with --reseed", step->field, step->text));
		break;
	case APPLY_VPORT_ADD:
	case APPLY_VPORT_DELETE:
		text_vport_step(telling, step);
		break;
	case APPLY_VPORT_SET:
		telling->vport = step->after;
		config_vport_differences(step->before, step->after, tell_field, telling);
		break;
	case APPLY_PROCESSORS:
		tell_processors(telling, plan);
		break;
	case APPLY_UPLINK:
		tell_uplink(telling, plan);
		break;
	case APPLY_BALANCE:
		config_balance_differences(&plan->current->balance, &plan->wanted->balance, tell_setting, telling);
		break;
	default:
		text_filter_step(telling, step);
		break;
	}
}

json_t *apply_plan_text(const struct apply_plan *plan)
{
	struct telling telling = { .list = json_array(), .whole = true };

	telling.whole = telling.list;
	for (size_t i = 0; i < plan->count && telling.whole; i++)
		tell_step(&telling, plan, &plan->step[i]);
	if (telling.whole)
		return telling.list;
	json_decref(telling.list);
	return NULL;
}
