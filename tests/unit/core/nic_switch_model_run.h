/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random sequences of operations on the switch and on a model of it.  After every step the whole state is compared, and
 * random packets go where the model says, through the current view and through old ones that are not retired yet.
 */
#ifndef VMMQ_UNIT_CORE_NIC_SWITCH_MODEL_RUN_H
#define VMMQ_UNIT_CORE_NIC_SWITCH_MODEL_RUN_H

#include "unit/core/nic_switch_model_step.h"

{ "vport create", op_create }, { "vport create", op_create }, { "activate", op_activate }, { "delete", op_delete },
    { "set queue pairs", op_queue_pairs }, { "rss set", op_rss }, { "rss set", op_rss },
    { "filter set", op_filter_set }, { "filter set", op_filter_set }, { "filter clear", op_filter_clear },
    { "filter move", op_filter_move },
}
;

static void same_vports(const struct vmmq_nic_switch *sw, const struct model *m)
{
	int32_t next = -1;

	for (size_t i = 0; i < IDS; i++) {
		const struct model_vport *want = &m->vport[i];
		struct vmmq_vport_info info;

		assert_int_equal(vmmq_vport_get(sw, (struct vmmq_vport_id){ ids[i] }, &info), want->exists);
		if (!want->exists)
			continue;
		next = vmmq_vport_next(sw, next);
		assert_int_equal(next, ids[i]);
		assert_int_equal(info.id.v, ids[i]);
		assert_string_equal(info.name, want->name);
		assert_int_equal(info.state, want->active ? VMMQ_VPORT_ACTIVATED : VMMQ_VPORT_DEACTIVATED);
		assert_int_equal(info.queue_pairs, want->pairs);
		assert_int_equal(info.filter_count, filters_of(m, info.id));
		assert_int_equal(info.rss->enabled, want->rss.enabled);
		assert_int_equal(info.rss->hash_types, want->rss.hash_types);
		assert_memory_equal(info.rss->key, want->rss.key, VMMQ_KEY_LEN);
		assert_int_equal(info.rss->primary.v, want->rss.primary.v);
		assert_int_equal(info.rss->default_processor.v, want->rss.default_processor.v);
		assert_int_equal(info.rss->entry_count, want->rss.entry_count);
		assert_memory_equal(info.rss->table, want->rss.table,
				    want->rss.entry_count * sizeof(want->rss.table[0]));
	}
	assert_int_equal(vmmq_vport_next(sw, next), -1);
}

static void same_filters(const struct vmmq_nic_switch *sw, struct model *m)
{
	uint32_t count = 0, last = 0;

	for (const struct vmmq_filter *f = vmmq_filter_next(sw, 0); f; f = vmmq_filter_next(sw, f->id)) {
		const struct vmmq_filter *want = filter_of(m, f->id);

		assert_non_null(want);
		assert_true(f->id > last);
		assert_ptr_equal(vmmq_filter_get(sw, f->id), f);
		assert_int_equal(f->vport.v, want->vport.v);
		assert_int_equal(f->vlan, want->vlan);
		assert_memory_equal(f->mac, want->mac, VMMQ_MAC_LEN);
		last = f->id;
		count++;
	}
	assert_int_equal(count, filter_count(m));
}

enum kind { ARP, IPV4_TCP, IPV4_ICMP, KINDS };

/* The model's way of a packet: every filter is looked at, then the definition of the hash and the table. */
static struct vmmq_verdict model_verdict(const struct model *m, const uint8_t *frame, enum kind kind, int vid)
{
	struct vmmq_verdict v = { .entry = VMMQ_NO_ENTRY };
	const struct model_vport *vport;
	const uint8_t *ip = frame + (vid < 0 ? 14 : 18);
	size_t hashed = 0;

	for (unsigned pass = 0; pass < 2 && !v.filter_id; pass++) {
		vmmq_vlan_rule rule = pass ? VMMQ_VLAN_ANY : (vmmq_vlan_rule)(vid < 0 ? 0 : vid);

		for (size_t i = 0; i < FILTERS; i++) {
			const struct vmmq_filter *f = &m->filter[i];

			if (!f->id || f->vlan != rule || memcmp(f->mac, frame, 6) != 0 || !known(m, f->vport)->active)
				continue;
			v.filter_id = f->id;
			v.vport = f->vport;
			v.strip = vid >= 0 && rule != 0;
			v.tci = v.strip ? (uint16_t)(frame[14] << 8 | frame[15]) : 0;
		}
	}
	vport = known(m, v.vport);
	if (!vport->rss.enabled) {
		v.processor = vport->rss.primary;
		v.via = VMMQ_VIA_PRIMARY;
		return v;
	}
	if (kind == IPV4_TCP && vport->rss.hash_types & VMMQ_HASH_TCP_IPV4) {
		v.hash_type = VMMQ_HASH_TCP_IPV4;
		hashed = 12;
	} else if (kind != ARP && vport->rss.hash_types & VMMQ_HASH_IPV4) {
		v.hash_type = VMMQ_HASH_IPV4;
		hashed = 8;
	} else {
		v.processor = vport->rss.default_processor;
		v.via = VMMQ_VIA_DEFAULT;
		return v;
	}
	v.hash = vmmq_toeplitz_reference(vport->rss.key, ip + 12, hashed);
	v.entry = (uint16_t)(v.hash % vport->rss.entry_count);
	v.processor = vport->rss.table[v.entry];
	v.via = VMMQ_VIA_TABLE;
	return v;
}

static void same_packets(const struct vmmq_view *view, const struct model *m)
{
	static const int vids[] = { -1, -1, 0, 1, 2, 3, 4094, 4095 };

	for (unsigned i = 0; i < PACKETS; i++) {
		enum kind kind = (enum kind)random_below(KINDS);
		int vid = vids[random_below(8)];
		uint8_t frame[58] = { 0 }, mac[VMMQ_MAC_LEN];
		struct vmmq_verdict want, got;

		random_mac(mac);
		dump_frame(frame, mac, (uint32_t)random_u64());
		if (kind == ARP)
			frame[13] = 0x06;
		frame[23] = kind == IPV4_ICMP ? 1 : 6;
		if (vid >= 0)
			frame_tag(frame, 54, (uint16_t)(random_below(16) << 12 | (unsigned)vid));
		vmmq_classify(view, frame, vid < 0 ? 54 : 58, &got, NULL);
		want = model_verdict(m, frame, kind, vid);
		if (memcmp(&got, &want, sizeof(got)) != 0)
			fail_msg("%s: a packet goes to VPort %u, processor %u, not %u, %u", trace,
				 (unsigned)got.vport.v, (unsigned)got.processor.v, (unsigned)want.vport.v,
				 (unsigned)want.processor.v);
	}
}

/* Old views with the model as it was then. */
static struct {
	const struct vmmq_view *view;
	struct model model;
} old[OLD_VIEWS];

static size_t old_count;

static void old_retire(struct vmmq_nic_switch *sw, size_t count)
{
	vmmq_nic_switch_retire(sw, old[count - 1].view);
	old_count -= count;
	memmove(old, old + count, old_count * sizeof(old[0]));
}

static void old_keep(struct vmmq_nic_switch *sw, const struct model *m)
{
	if (old_count && old[old_count - 1].view == vmmq_nic_switch_view(sw)) {
		old[old_count - 1].model = *m; /* nothing that steers has changed; names and queue pairs may have */
		return;
	}
	if (old_count == OLD_VIEWS)
		old_retire(sw, 1 + random_below(OLD_VIEWS - 1));
	old[old_count].view = vmmq_nic_switch_view(sw);
	old[old_count].model = *m;
	old_count++;
}

static void note_committed(const struct model *m)
{
	for (size_t i = 0; i < FILTERS; i++)
		if (m->filter[i].id > last_filter_id)
			last_filter_id = m->filter[i].id;
}

/* step runs one operation; one that the model refuses must leave the switch byte-identical. */
static void step(struct vmmq_nic_switch *sw, struct model *m)
{
	size_t operation = random_below(sizeof(operations) / sizeof(operations[0]));
	char *before = nic_switch_dump(sw), *after;
	struct model was = *m;

	trace = operations[operation].name;
	operations[operation].run(sw, m);
	if (memcmp(&was, m, sizeof(was)) == 0) {
		after = nic_switch_dump(sw);
		assert_string_equal(before, after);
		free(after);
	}
	free(before);
	same_vports(sw, m);
	same_filters(sw, m);
}

static void lone_step(struct vmmq_nic_switch *sw, struct model *m)
{
	step(sw, m);
	note_committed(m);
}

static bool asymmetric(const struct model *m)
{
	uint32_t pairs = 0;

	for (size_t i = 1; limits.symmetric && i < IDS; i++) {
		if (m->vport[i].exists && pairs && m->vport[i].pairs != pairs)
			return true;
		if (m->vport[i].exists)
			pairs = m->vport[i].pairs;
	}
	return false;
}

/* A group of steps; packets see none of them before the commit, and never any of an aborted one. */
static void group(struct vmmq_nic_switch *sw, struct model *m)
{
	const struct vmmq_view *view = vmmq_nic_switch_view(sw);
	struct model before = *m;

	vmmq_nic_switch_begin(sw);
	in_group = true;
	for (unsigned i = random_below(12); i > 0; i--) {
		step(sw, m);
		assert_ptr_equal(vmmq_nic_switch_view(sw), view);
		same_packets(view, &before);
	}
	in_group = false;
	if (random_one_in(3)) {
		vmmq_nic_switch_abort(sw);
		*m = before;
	} else if (asymmetric(m)) {
		assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_INVALID_PARAMETER);
		assert_ptr_equal(vmmq_nic_switch_view(sw), view);
		*m = before;
	} else {
		trace = "commit";
		assert_int_equal(vmmq_nic_switch_commit(sw, NULL), VMMQ_SUCCESS);
		note_committed(m);
	}
	same_vports(sw, m);
	same_filters(sw, m);
}

static struct vmmq_nic_switch *random_switch(struct model *m)
{
	struct vmmq_nic_switch *sw;

	limits = (struct vmmq_nic_switch_params){
		.processors = processors,
		.processor_count = PROCESSORS,
		.max_vports = 701,
		.max_queue_pairs = 8 + random_below(30),
		.max_queue_pairs_per_vport = 3 + random_below(5),
		.max_filters = random_one_in(2) ? 8 : FILTERS,
		.default_vport_queue_pairs = 1 + random_below(3),
		.symmetric = random_one_in(3),
		.toeplitz = random_one_in(4) ? VMMQ_TOEPLITZ_BITWISE : VMMQ_TOEPLITZ_AUTO,
	};
	assert_int_equal(vmmq_nic_switch_create(&limits, &sw, NULL), VMMQ_SUCCESS);
	*m = (struct model){ .vport[0] = { .exists = true,
					   .active = true,
					   .name = "default",
					   .pairs = limits.default_vport_queue_pairs,
					   .rss = { .hash_types = 0xd700, .entry_count = 1 } } };
	memcpy(m->vport[0].rss.key, vmmq_verification_key, VMMQ_KEY_LEN);
	last_filter_id = 0;
	last_cleared = (struct vmmq_filter){ 0 };
	old_count = 0;
	return sw;
}

/* model_run takes one switch through so many steps and groups, or until the bytes that choose them are spent. */
static void model_run(unsigned steps)
{
	struct model m;
	struct vmmq_nic_switch *sw = random_switch(&m);

	for (unsigned i = 0; i < steps && !random_is_spent(); i++) {
		random_one_in(4) ? group(sw, &m) : lone_step(sw, &m);
		old_keep(sw, &m);
		for (size_t j = 0; j < old_count; j++)
			same_packets(old[j].view, &old[j].model);
	}
	vmmq_nic_switch_destroy(sw);
}

#endif
