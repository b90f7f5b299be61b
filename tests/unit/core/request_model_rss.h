/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's rules of RSSv1 (spec 10), receive hash (10.6), RSSv2 and moves (11). */
#ifndef VMMQ_UNIT_CORE_REQUEST_MODEL_RSS_H
#define VMMQ_UNIT_CORE_REQUEST_MODEL_RSS_H

#include "unit/core/request_model.h"

static inline void v1_members(struct model_vport *v, const struct vmmq_rss_v1 *r)
{
	if (!(r->flags & 2))
		v->types = r->hash_information & 0x1ff00;
	if (!(r->flags & 8))
		memcpy(v->key, r->key, 40);
	if (!(r->flags & 0x20))
		v->at[DEFAULT] = r->default_processor.v;
	if (r->flags & 4)
		return;
	v->entries = (uint32_t)r->entry_count;
	for (unsigned i = 0; i < r->entry_count; i++)
		v->at[ITE + i] = r->table[i].v;
}

static inline bool v1_off(const struct vmmq_rss_v1 *r)
{
	return r->flags & 0x10 || (!(r->flags & 2) && !(r->hash_information & 0xff));
}

static inline vmmq_status model_v1(uint32_t id, const struct vmmq_rss_v1 *r)
{
	struct model_vport *v = known(id), wanted;
	vmmq_status want = VMMQ_SUCCESS;
	bool off = v1_off(r);

	RULE(!off && !(r->flags & 4) && !table_count(r->entry_count), INVALID_LENGTH);
	RULE(!off && !(r->flags & 8) && r->key_len != 40, INVALID_LENGTH);
	RULE(!v, INVALID_PORT);
	RULE(!off && r->flags & 0x40, INVALID_PARAMETER);
	RULE(!off && v->hash, INVALID_OID);
	RULE(!off && !v->rss && r->flags & 0xe, INVALID_PARAMETER);
	RULE(!off && !(r->flags & 2) && !hash_information_good(r->hash_information), INVALID_PARAMETER);
	if (want != VMMQ_SUCCESS)
		return want;
	wanted = *v;
	wanted.rss = !off;
	if (!off)
		v1_members(&wanted, r);
	RULE(outside(&wanted), INVALID_DATA);
	RULE(queues_of(&wanted) > v->pairs, NO_QUEUES);
	if (want == VMMQ_SUCCESS)
		*v = wanted;
	return want;
}

/* repeats: entry i equals entry i mod n for all. */
static inline bool repeats(const struct model_vport *v, uint32_t n)
{
	for (uint32_t i = 0; i < v->entries; i++)
		if (v->at[ITE + i] != v->at[ITE + i % n])
			return false;
	return true;
}

static inline vmmq_status model_v2(uint32_t id, const struct vmmq_rss_v2 *r)
{
	struct model_vport *v = known(id), wanted;
	vmmq_status want = VMMQ_SUCCESS;
	bool on = r->flags & 1 && !(r->flags & 2 && !(r->hash_information & 0xff));
	bool queues = r->flags & 8, entries = r->flags & 0x10;

	/* A binary request has a key in any case (11.2). */
	RULE((binary || (on && r->flags & 4)) && r->key_len != 40, INVALID_LENGTH);
	RULE(!v, INVALID_PORT);
	RULE(r->flags & 0x20, INVALID_PARAMETER);
	RULE(on && v->hash, INVALID_OID);
	RULE(on && r->flags & 2 && !hash_information_good(r->hash_information), INVALID_PARAMETER);
	RULE(queues && (!r->queues || r->queues > limits.max_queue_pairs_per_vport), INVALID_PARAMETER);
	RULE(entries && !table_count(r->entries), INVALID_PARAMETER);
	if (want != VMMQ_SUCCESS)
		return want;
	wanted = *v;
	wanted.rss = on;
	if (on && r->flags & 2)
		wanted.types = r->hash_information & 0x1ff00;
	if (on && r->flags & 4)
		memcpy(wanted.key, r->key, 40);
	if (queues)
		wanted.pairs = r->queues;
	RULE(on && v->rss && queues_of(v) > wanted.pairs, NO_QUEUES);
	RULE(entries && r->entries < v->entries && !repeats(v, r->entries), INVALID_DATA);
	for (uint32_t i = 0; want == VMMQ_SUCCESS && entries && i < r->entries; i++)
		wanted.at[ITE + i] = v->at[ITE + i % v->entries];
	if (want == VMMQ_SUCCESS && entries)
		wanted.entries = r->entries;
	RULE(outside(&wanted), INVALID_DATA);
	RULE(queues_of(&wanted) > wanted.pairs, NO_QUEUES);
	RULE(wanted.pairs > pairs_left() + v->pairs, RESOURCES);
	RULE(lopsided(v, &wanted), INVALID_PARAMETER);
	if (want == VMMQ_SUCCESS)
		*v = wanted;
	return want;
}

static inline vmmq_status model_hash(uint32_t id, const struct vmmq_receive_hash *r)
{
	struct model_vport *v = known(id);
	vmmq_status want = VMMQ_SUCCESS;
	bool on = r->flags & 1;

	RULE(on && !(r->flags & 4) && r->key_len != 40, INVALID_LENGTH);
	RULE(!v, INVALID_PORT);
	RULE(on && r->flags & 8, INVALID_PARAMETER);
	RULE(on && v->rss, INVALID_OID);
	RULE(on && !v->hash && r->flags & 6, INVALID_PARAMETER);
	RULE(on && !(r->flags & 2) && !hash_information_good(r->hash_information), INVALID_PARAMETER);
	if (want != VMMQ_SUCCESS)
		return want;
	v->hash = on;
	if (on && !(r->flags & 2))
		v->types = r->hash_information & 0x1ff00;
	if (on && !(r->flags & 4))
		memcpy(v->key, r->key, 40);
	return want;
}

/*
 * --- moves
 * ----------------------------------------------------------------------------------------------------------
 */

/* named returns which steering parameter a command names, or -1. */
static inline int named(const struct model_vport *v, const struct vmmq_rss_move *c)
{
	if (c->flags == 1 || c->flags == 2)
		return c->flags == 1 ? PRIMARY : DEFAULT;
	if (c->flags)
		return -1;
	if (c->index >= 0xfffe)
		return c->index == 0xfffe ? PRIMARY : DEFAULT;
	return c->index < v->entries ? ITE + c->index : -1;
}

static inline vmmq_status model_command(struct model_vport *v, int count[PROCESSORS], uint16_t actor,
					const struct vmmq_rss_move *c)
{
	int parameter = named(v, c);
	uint16_t *at = &v->at[parameter < 0 ? 0 : parameter];
	vmmq_status want = VMMQ_SUCCESS;

	RULE(parameter < 0, INVALID_PARAMETER);
	/* What cannot exist can be outside of the set, but not be tracked and read back. */
	RULE(c->target.v == IMPOSSIBLE && !active(v, (unsigned)parameter), INVALID_PARAMETER);
	RULE(*at != actor, NOT_ACCEPTED);
	RULE(*at != c->target.v && active(v, (unsigned)parameter) && !model.in_set[c->target.v], INVALID_DATA);
	if (want != VMMQ_SUCCESS)
		return want;
	if (active(v, (unsigned)parameter)) {
		count[*at]--;
		count[c->target.v]++;
	}
	*at = c->target.v;
	return VMMQ_SUCCESS;
}

/* model_group: n commands with one switch and VPort. */
static inline vmmq_status model_group(uint16_t actor, const struct vmmq_rss_move *c, size_t n)
{
	struct model_vport *v = known(c->vport_id), wanted;
	vmmq_status want = VMMQ_SUCCESS;
	int count[PROCESSORS];

	RULE(c->switch_id || c->vport_id >= MAX_VPORTS, INVALID_PARAMETER);
	RULE(!v, INVALID_PORT);
	RULE(!v->activated, INVALID_PORT_STATE);
	if (want != VMMQ_SUCCESS)
		return want;
	wanted = *v;
	references(v, count);
	for (size_t i = 0; i < n && want == VMMQ_SUCCESS; i++)
		want = model_command(&wanted, count, actor, &c[i]);
	RULE(in_use(count) > v->pairs, NO_QUEUES);
	if (want == VMMQ_SUCCESS)
		*v = wanted;
	return want;
}

#endif
