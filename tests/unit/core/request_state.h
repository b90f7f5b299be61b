/* SPDX-License-Identifier: BSD-2-Clause */
/* Every VPort and filter of a switch, and what packets are steered by, compared with the model. */
#ifndef VMMQ_UNIT_CORE_REQUEST_STATE_H
#define VMMQ_UNIT_CORE_REQUEST_STATE_H

#include "unit/core/request_target.h"

/* model_affinity: as last stated, or the primary processor alone when that was moved elsewhere since. */
static inline struct vmmq_affinity model_affinity(const struct model_vport *v)
{
	if (lowest(v->affinity) == v->at[PRIMARY])
		return v->affinity;
	return (struct vmmq_affinity){ v->at[PRIMARY] / 64, UINT64_C(1) << v->at[PRIMARY] % 64 };
}

static inline void same_params(unsigned i, const struct model_vport *v)
{
	struct vmmq_affinity affinity = model_affinity(v);
	struct vmmq_vport_params p;

	assert_int_equal(vmmq_vport_get_params(nic, ids[i], &p), VMMQ_SUCCESS);
	assert_int_equal(p.flags, v->flags);
	assert_int_equal(p.queue_pairs, v->pairs);
	assert_int_equal(p.interrupt_moderation, v->moderation);
	assert_int_equal(p.state, v->activated ? 1 : 2);
	assert_int_equal(p.attached_function, 0xffff);
	assert_true(p.affinity.group == affinity.group && p.affinity.mask == affinity.mask);
	assert_string_equal(p.name, v->name);
}

static inline void same_rss(unsigned i, const struct model_vport *v)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(nic, (struct vmmq_vport_id){ (uint16_t)ids[i] }, &info));
	assert_int_equal(info.filter_count, model_filters_of(ids[i]));
	assert_int_equal(info.rss->enabled, v->rss);
	assert_int_equal(info.rss->receive_hash, v->hash);
	assert_int_equal(info.rss->hash_types, v->types);
	assert_memory_equal(info.rss->key, v->key, VMMQ_KEY_LEN);
	assert_int_equal(info.rss->primary.v, v->at[PRIMARY]);
	assert_int_equal(info.rss->default_processor.v, v->at[DEFAULT]);
	assert_int_equal(info.rss->entry_count, v->entries);
	assert_memory_equal(info.rss->table, &v->at[ITE], v->entries * sizeof(v->at[0]));
	assert_int_equal(vmmq_rss_queues_used(info.rss), queues_of(v));
}

static inline void same_filters(void)
{
	uint32_t count = 0;

	for (const struct vmmq_filter *f = vmmq_filter_next(nic, 0); f; f = vmmq_filter_next(nic, f->id), count++) {
		const struct vmmq_filter *m = model_filter(f->id);

		assert_non_null(m);
		assert_int_equal(f->vport.v, m->vport.v);
		assert_int_equal(f->vlan, m->vlan);
		assert_memory_equal(f->mac, m->mac, VMMQ_MAC_LEN);
		assert_int_equal(f->encapsulated, m->encapsulated);
		assert_int_equal(f->vni, m->vni);
	}
	assert_int_equal(count, model_filter_count());
}

/* same_steering compares what packets feel: the active parameters, in the view. */
static inline void same_steering(unsigned i, const struct model_vport *v)
{
	const struct vmmq_steering *s =
	    vmmq_view_steering(vmmq_nic_switch_view(nic), (struct vmmq_vport_id){ (uint16_t)ids[i] });
	struct vmmq_toeplitz_key key;

	if (!v->exists) {
		assert_null(s);
		return;
	}
	assert_int_equal(s->rss_enabled, v->rss);
	assert_int_equal(s->hash_types, v->rss || v->hash ? v->types : 0);
	vmmq_toeplitz_key_init(&key, v->key);
	if (v->rss || v->hash)
		assert_memory_equal(&s->key, &key, sizeof(key));
	if (!v->rss) {
		assert_int_equal(s->primary.v, v->at[PRIMARY]);
		return;
	}
	assert_int_equal(s->default_processor.v, v->at[DEFAULT]);
	assert_int_equal(s->index_mask, v->entries - 1);
	assert_memory_equal(s->table, &v->at[ITE], v->entries * sizeof(v->at[0]));
}

/* model_match is the truth table 4.3: tag is a frame's VLAN id, or -1 for none. */
static inline const struct vmmq_filter *model_match(const uint8_t mac[VMMQ_MAC_LEN], int tag)
{
	const struct vmmq_filter *f = model_filter_of(mac, tag > 0 ? (vmmq_vlan_rule)tag : 0);

	/* A VPort that is not activated matches nothing (5.1). */
	if (f && known(f->vport.v)->activated)
		return f;
	f = model_filter_of(mac, VMMQ_VLAN_ANY);
	return f && known(f->vport.v)->activated ? f : NULL;
}

/* same_matches compares what the view's filters do with each MAC, untagged and tagged. */
static inline void same_matches(void)
{
	static const int tags[] = { -1, 0, 7, 4094, 9 };

	for (unsigned i = 0; i < MACS * 5; i++) {
		const struct vmmq_filter *f = model_match(macs[i / 5], tags[i % 5]);
		struct vmmq_verdict verdict;
		uint8_t frame[58];

		dump_frame(frame, macs[i / 5], 1);
		if (tags[i % 5] >= 0)
			frame_tag(frame, 54, (uint16_t)tags[i % 5]);
		vmmq_classify(vmmq_nic_switch_view(nic), frame, tags[i % 5] < 0 ? 54 : 58, &verdict, NULL);
		assert_int_equal(verdict.filter_id, f ? f->id : 0);
		assert_int_equal(verdict.vport.v, f ? f->vport.v : 0);
	}
}

static inline void same_state(void)
{
	for (unsigned i = 0; i < IDS; i++) {
		struct vmmq_vport_params p;

		if (!model.vport[i].exists) {
			assert_int_equal(vmmq_vport_get_params(nic, ids[i], &p), VMMQ_INVALID_PORT);
			continue;
		}
		same_params(i, &model.vport[i]);
		same_rss(i, &model.vport[i]);
	}
	same_filters();
	if (in_group)
		return;
	same_matches();
	for (unsigned i = 0; i < IDS; i++)
		same_steering(i, &model.vport[i]);
}

#endif
