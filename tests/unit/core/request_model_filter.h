/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's rules of receive filters (spec 4.2, 4.5). */
#ifndef VMMQ_UNIT_CORE_REQUEST_MODEL_FILTER_H
#define VMMQ_UNIT_CORE_REQUEST_MODEL_FILTER_H

#include "unit/core/request_model.h"

static inline struct vmmq_filter *model_filter(uint32_t id)
{
	for (unsigned i = 0; id && i < FILTERS; i++)
		if (model.filter[i].id == id)
			return &model.filter[i];
	return NULL;
}

/* model_filter_like returns the filter that matches what f does, or NULL. */
static inline struct vmmq_filter *model_filter_like(const struct vmmq_filter *f)
{
	for (unsigned i = 0; i < FILTERS; i++)
		if (model.filter[i].id && model.filter[i].vlan == f->vlan && model.filter[i].vni == f->vni &&
		    model.filter[i].encapsulated == f->encapsulated &&
		    memcmp(model.filter[i].mac, f->mac, VMMQ_MAC_LEN) == 0)
			return &model.filter[i];
	return NULL;
}

/* model_filter_of returns the filter of a (MAC, VLAN rule) outside of tunnels, or NULL. */
static inline struct vmmq_filter *model_filter_of(const uint8_t mac[VMMQ_MAC_LEN], vmmq_vlan_rule vlan)
{
	struct vmmq_filter like = { .vlan = vlan };

	memcpy(like.mac, mac, VMMQ_MAC_LEN);
	return model_filter_like(&like);
}

static inline uint32_t model_filter_count(void)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < FILTERS; i++)
		count += model.filter[i].id != 0;
	return count;
}

/* model_filter_set: id 0 in *f is one that the adapter assigns, and finds there. */
static inline vmmq_status model_filter_set(struct vmmq_filter *f)
{
	vmmq_status want = VMMQ_SUCCESS;
	bool bad_vlan = f->vlan > 4094 && f->vlan != VMMQ_VLAN_ANY;

	RULE(binary && bad_vlan, INVALID_PARAMETER);
	RULE(!f->id && model.next_filter_id > UINT32_MAX, RESOURCES);
	RULE(model_filter(f->id), INVALID_PARAMETER);
	RULE(!known(f->vport.v), INVALID_PARAMETER);
	RULE(bad_vlan, INVALID_PARAMETER);
	RULE(f->vni > 0xffffff || (f->vni && !f->encapsulated), INVALID_PARAMETER);
	RULE(model_filter_like(f), INVALID_PARAMETER);
	RULE(model_filter_count() >= limits.max_filters, RESOURCES);
	if (want != VMMQ_SUCCESS)
		return want;
	if (!f->id)
		f->id = (uint32_t)model.next_filter_id;
	if (f->id >= model.next_filter_id)
		model.next_filter_id = (uint64_t)f->id + 1;
	for (unsigned i = 0; i < FILTERS; i++) {
		if (model.filter[i].id)
			continue;
		model.filter[i] = *f;
		break;
	}
	return want;
}

static inline vmmq_status model_filter_clear(uint32_t id)
{
	vmmq_status want = VMMQ_SUCCESS;

	RULE(!model_filter(id), FILE_NOT_FOUND);
	if (want == VMMQ_SUCCESS)
		model_filter(id)->id = 0;
	return want;
}

static inline vmmq_status model_filter_move(uint32_t id, uint32_t from, uint32_t to)
{
	vmmq_status want = VMMQ_SUCCESS;

	RULE(!model_filter(id), INVALID_PARAMETER);
	RULE(model_filter(id)->vport.v != from, INVALID_PARAMETER);
	RULE(!known(to), INVALID_PARAMETER);
	if (want == VMMQ_SUCCESS)
		model_filter(id)->vport.v = (uint16_t)to;
	return want;
}

#endif
