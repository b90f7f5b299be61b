/* SPDX-License-Identifier: BSD-2-Clause */
/* The changes, one function for each kind; what they draw may well be refused. */
#include <string.h>

#include "control.h"

static const vmmq_vlan_rule rules[RULES] = { VMMQ_VLAN_UNTAGGED_OR_ZERO, VLAN_A, VLAN_B, VMMQ_VLAN_ANY };

static struct vmmq_vport_id id_of(unsigned vport)
{
	return (struct vmmq_vport_id){ (uint16_t)vport };
}

static unsigned draw_vport(struct control *control)
{
	const struct options *options = &control->race->options;

	return random_below(&control->random, options->vports + 1 - options_strangers(options));
}

static uint8_t draw_processor(struct control *control)
{
	return (uint8_t)random_below(&control->random, control->race->options.processors);
}

static void rss_params(const struct race *race, const struct model_rss *rss, struct vmmq_rss_params *params)
{
	*params = (struct vmmq_rss_params){
		.enabled = rss->enabled,
		.hash_types = (uint32_t)rss->types << 8,
		.primary = race->processor[rss->primary],
		.default_processor = race->processor[rss->default_processor],
		.entry_count = (uint16_t)(rss->index_mask + 1),
	};
	model_key(rss->key, params->key);
	for (unsigned i = 0; i <= rss->index_mask; i++)
		params->table[i] = race->processor[rss->table[i]];
}

/* rss_try sets a VPort's parameters and, if that is accepted, keeps them in the model. */
static vmmq_status rss_try(struct control *control, unsigned vport, const struct model_rss *rss)
{
	struct vmmq_rss_params params;
	vmmq_status status;

	rss_params(control->race, rss, &params);
	status = vmmq_rss_set(control->nic_switch, id_of(vport), &params, NULL);
	if (status == VMMQ_SUCCESS)
		control->model.vport[vport] = *rss;
	return status;
}

/* table_draw uses few processors as often as many, so that what moves is not always everything to everywhere. */
static void table_draw(struct control *control, struct model_rss *rss, unsigned from)
{
	unsigned first = draw_processor(control), span = 1u + draw_processor(control);

	for (unsigned i = from; i <= rss->index_mask; i++)
		rss->table[i] =
		    (uint8_t)((first + random_below(&control->random, span)) % control->race->options.processors);
}

static void rss_edit(struct control *control, struct model_rss *rss, enum change kind)
{
	struct random *random = &control->random;
	unsigned old_mask = rss->index_mask;

	switch (kind) {
	case CHANGE_ENTRY:
		rss->table[random_below(random, old_mask + 1)] = draw_processor(control);
		break;
	case CHANGE_ENTRIES:
		for (unsigned i = 2 + random_below(random, 6); i; i--)
			rss->table[random_below(random, old_mask + 1)] = draw_processor(control);
		break;
	case CHANGE_TABLE:
		table_draw(control, rss, 0);
		break;
	case CHANGE_GROW: /* by repetition, as the rules say; now and then otherwise */
		rss->index_mask = (uint8_t)(2 * old_mask + 1);
		for (unsigned i = 0; i <= rss->index_mask; i++)
			rss->table[i] = rss->table[i & old_mask];
		if (random_one_in(random, 4))
			table_draw(control, rss, old_mask + 1);
		break;
	case CHANGE_SHRINK:
		rss->index_mask = (uint8_t)(old_mask / 2);
		break;
	case CHANGE_DEFAULT:
		rss->default_processor = draw_processor(control);
		break;
	case CHANGE_PRIMARY:
		rss->primary = draw_processor(control);
		break;
	case CHANGE_ENABLE:
		rss->enabled = true;
		break;
	case CHANGE_DISABLE:
		rss->enabled = false;
		break;
	case CHANGE_TYPES: /* 0 is refused while RSS is on */
		rss->types = (uint16_t)random_below(random, 512);
		break;
	default:
		rss->key = (uint8_t)random_below(random, KEYS);
		break;
	}
}

static vmmq_status rss_change(struct control *control, enum change kind)
{
	unsigned vport = draw_vport(control);
	struct model_rss rss = control->model.vport[vport];

	if (kind == CHANGE_GROW && rss.index_mask == VMMQ_TABLE_ENTRIES_MAX - 1)
		rss.index_mask = 0;
	rss_edit(control, &rss, kind);
	return rss_try(control, vport, &rss);
}

static vmmq_status queues_change(struct control *control)
{
	unsigned pairs = random_below(&control->random, control->race->options.processors + 2);

	return vmmq_vport_set_queue_pairs(control->nic_switch, id_of(draw_vport(control)), pairs, NULL);
}

static vmmq_status filter_add(struct control *control, unsigned mac, unsigned rule, unsigned vport)
{
	const uint8_t address[VMMQ_MAC_LEN] = { 0x02, 0, 0, 0, 0x10, (uint8_t)mac };
	uint32_t id;
	vmmq_status status = vmmq_filter_set(control->nic_switch, id_of(vport), address, rules[rule], &id, NULL);

	if (status == VMMQ_SUCCESS) {
		control->model.owner[mac][rule] = (uint8_t)vport;
		control->filter[mac][rule] = id;
	}
	return status;
}

static vmmq_status filter_delete(struct control *control, unsigned mac, unsigned rule)
{
	vmmq_status status = vmmq_filter_clear(control->nic_switch, control->filter[mac][rule], NULL);

	if (status == VMMQ_SUCCESS) {
		control->model.owner[mac][rule] = NOBODY;
		control->filter[mac][rule] = 0;
	}
	return status;
}

static vmmq_status filter_move(struct control *control, unsigned mac, unsigned rule, unsigned vport)
{
	uint8_t *owner = &control->model.owner[mac][rule];
	vmmq_status status =
	    vmmq_filter_move(control->nic_switch, control->filter[mac][rule], id_of(*owner), id_of(vport), NULL);

	if (status == VMMQ_SUCCESS)
		*owner = (uint8_t)vport;
	return status;
}

static vmmq_status filter_change(struct control *control, enum change kind)
{
	/* The last two MACs never have a filter, and those of strangers keep theirs. */
	const struct options *options = &control->race->options;
	unsigned mac = random_below(&control->random, 2 * (options->vports - options_strangers(options)));
	unsigned rule = random_below(&control->random, RULES);

	if (kind == CHANGE_FILTER_ADD)
		return filter_add(control, mac, rule, draw_vport(control));
	for (unsigned i = 0; i < RULES && !control->filter[mac][rule]; i++)
		rule = (rule + 1) % RULES; /* rather one that is there */
	if (kind == CHANGE_FILTER_DELETE)
		return filter_delete(control, mac, rule);
	return filter_move(control, mac, rule, draw_vport(control));
}

static vmmq_status vport_add(struct control *control, unsigned vport)
{
	struct model_rss rss = { .exists = true,
				 .types = VMMQ_HASH_TYPES_DEFAULT >> 8,
				 .primary = draw_processor(control) };
	unsigned pairs = 1 + random_below(&control->random, control->race->options.processors);
	vmmq_status status = vmmq_vport_create(control->nic_switch, id_of(vport), "vm", pairs,
					       control->race->processor[rss.primary], NULL);

	if (status != VMMQ_SUCCESS)
		return status;
	rss.default_processor = rss.primary;
	rss.table[0] = rss.primary;
	control->model.vport[vport] = rss;
	return vmmq_vport_activate(control->nic_switch, id_of(vport), NULL);
}

/* vport_delete first clears the VPort's filters, whose flows go to VPort 0, or forgets to and is refused. */
static vmmq_status vport_delete(struct control *control, unsigned vport)
{
	bool forgets = random_one_in(&control->random, 4);
	vmmq_status status;

	for (unsigned mac = 0; mac < MACS_MAX && !forgets; mac++)
		for (unsigned rule = 0; rule < RULES; rule++)
			if (control->model.owner[mac][rule] == vport && vport)
				filter_delete(control, mac, rule);
	status = vmmq_vport_delete(control->nic_switch, id_of(vport), NULL);
	if (status == VMMQ_SUCCESS)
		control->model.vport[vport] = (struct model_rss){ 0 };
	return status;
}

/*
 * processors_change draws an order of all processors and now and then leaves the last one out: then nothing can be moved
 * there until it is back.
 */
static vmmq_status processors_change(struct control *control)
{
	unsigned count = control->race->options.processors;
	struct vmmq_processor processor[PROCESSORS_MAX];

	for (unsigned i = 0; i < count; i++) {
		unsigned j = random_below(&control->random, i + 1);

		processor[i] = processor[j];
		processor[j] = control->race->processor[i];
	}
	if (random_one_in(&control->random, 4))
		count--;
	return vmmq_nic_switch_set_processors(control->nic_switch, processor, count, NULL);
}

static vmmq_status change_make(struct control *control, enum change kind)
{
	switch (kind) {
	case CHANGE_QUEUES:
		return queues_change(control);
	case CHANGE_FILTER_ADD:
	case CHANGE_FILTER_DELETE:
	case CHANGE_FILTER_MOVE:
		return filter_change(control, kind);
	case CHANGE_VPORT_ADD:
		return vport_add(control, draw_vport(control));
	case CHANGE_VPORT_DELETE:
		return vport_delete(control, draw_vport(control));
	case CHANGE_PROCESSORS:
		return processors_change(control);
	default:
		return rss_change(control, kind);
	}
}

vmmq_status change_draw(struct control *control, enum change *kind)
{
	static const uint8_t weight[CHANGE_COUNT] = {
#define X(name, text, weight) [CHANGE_##name] = weight,
		CHANGES(X)
#undef X
	};
	uint32_t sum = 0, draw;
	unsigned drawn = 0;

	for (unsigned i = 0; i < CHANGE_COUNT; i++)
		sum += weight[i];
	draw = random_below(&control->random, sum);
	for (; draw >= weight[drawn]; drawn++)
		draw -= weight[drawn];
	*kind = (enum change)drawn;
	return change_make(control, *kind);
}

/* stranger_settle gives a VPort that never moves nothing at the first processor, which may stall. */
static void stranger_settle(struct control *control, struct model_rss *rss)
{
	unsigned others = control->race->options.processors - 1;

	for (unsigned i = 0; others && i <= rss->index_mask; i++)
		rss->table[i] = (uint8_t)(1 + random_below(&control->random, others));
	rss->default_processor = rss->table[0];
	rss->primary = rss->table[0];
}

bool change_begin(struct control *control)
{
	const struct options *options = &control->race->options;

	memset(control->model.owner, NOBODY, sizeof(control->model.owner));
	control->model.vport[0] = (struct model_rss){ .exists = true, .types = VMMQ_HASH_TYPES_DEFAULT >> 8 };
	for (unsigned vport = 0; vport <= options->vports; vport++) {
		struct model_rss rss;

		if (vport && vport_add(control, vport) != VMMQ_SUCCESS)
			return false;
		if (vmmq_vport_set_queue_pairs(control->nic_switch, id_of(vport), options->processors, NULL))
			return false;
		rss = control->model.vport[vport];
		rss.enabled = true;
		rss.index_mask = (uint8_t)((1u << random_below(&control->random, 8)) - 1);
		table_draw(control, &rss, 0);
		if (vport > options->vports - options_strangers(options))
			stranger_settle(control, &rss);
		if (rss_try(control, vport, &rss) != VMMQ_SUCCESS)
			return false;
		for (unsigned mac = 2 * vport; vport && mac-- > 2 * vport - 2;)
			if (filter_add(control, mac, random_one_in(&control->random, 2) ? 0 : RULE_ANY, vport))
				return false;
	}
	return true;
}
