/* SPDX-License-Identifier: BSD-2-Clause */
/* Random operations, each on the switch and on the model of it; their answers are compared. */
#ifndef VMMQ_UNIT_CORE_NIC_SWITCH_MODEL_STEP_H
#define VMMQ_UNIT_CORE_NIC_SWITCH_MODEL_STEP_H

#include "unit/core/nic_switch_model.h"

static inline struct vmmq_vport_id random_id(void)
{
	return (struct vmmq_vport_id){ random_one_in(12) ? (uint16_t)random_u64() : ids[random_below(IDS)] };
}

static inline struct vmmq_processor random_processor(void)
{
	return random_one_in(10) ? (struct vmmq_processor){ 5 } : processors[random_below(PROCESSORS)];
}

static inline void op_create(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	struct vmmq_processor primary = random_processor();
	uint32_t pairs = random_below(limits.max_queue_pairs_per_vport + 2);
	size_t name_len = random_one_in(8) ? 255 + random_below(3) : random_below(9);
	struct model_vport vport = { .exists = true, .pairs = pairs };
	struct answers answers = { .count = 0 };

	memset(vport.name, 'a' + (int)random_below(26), name_len);
	if (random_one_in(2)) /* otherwise symmetric switches stay nearly empty */
		vport.pairs = pairs = 2;
	broken(&answers, !id.v || id.v >= limits.max_vports || known(m, id), VMMQ_INVALID_PARAMETER);
	broken(&answers, name_len < 1 || name_len > 256, VMMQ_INVALID_PARAMETER);
	broken(&answers, !in_set(primary), VMMQ_INVALID_DATA);
	pairs_rules(&answers, m, id, pairs);
	if (!answers.count && index_of(id) < 0)
		return; /* an id that the model has no room for */
	if (!check(&answers, vmmq_vport_create(sw, id, vport.name, pairs, primary, NULL)))
		return;
	vport.rss = (struct vmmq_rss_params){ .hash_types = 0xd700,
					      .primary = primary,
					      .default_processor = primary,
					      .entry_count = 1,
					      .table = { primary } };
	memcpy(vport.rss.key, vmmq_verification_key, VMMQ_KEY_LEN);
	m->vport[index_of(id)] = vport;
}

static inline void op_activate(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	struct answers answers = { .count = 0 };

	broken(&answers, !known(m, id), VMMQ_INVALID_PORT);
	broken(&answers, known(m, id) && known(m, id)->active, VMMQ_INVALID_PARAMETER);
	if (check(&answers, vmmq_vport_activate(sw, id, NULL)))
		m->vport[index_of(id)].active = true;
}

static inline void op_delete(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	struct answers answers = { .count = 0 };

	broken(&answers, !id.v || !known(m, id), VMMQ_INVALID_PARAMETER);
	broken(&answers, known(m, id) && filters_of(m, id), VMMQ_FAILURE);
	if (check(&answers, vmmq_vport_delete(sw, id, NULL)))
		m->vport[index_of(id)] = (struct model_vport){ 0 };
}

static inline void op_queue_pairs(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	uint32_t pairs = random_below(limits.max_queue_pairs_per_vport + 2);
	const struct model_vport *vport = known(m, id);
	struct answers answers = { .count = 0 };

	broken(&answers, !vport, VMMQ_INVALID_PORT);
	if (vport) {
		pairs_rules(&answers, m, id, pairs);
		broken(&answers, vport->rss.enabled && distinct(&vport->rss) > pairs, VMMQ_NO_QUEUES);
	}
	if (check(&answers, vmmq_vport_set_queue_pairs(sw, id, pairs, NULL)))
		m->vport[index_of(id)].pairs = pairs;
}

static inline void op_rss(struct vmmq_nic_switch *sw, struct model *m)
{
	struct vmmq_vport_id id = random_id();
	const struct model_vport *vport = known(m, id);
	struct vmmq_rss_params rss = { .enabled = random_below(4), .primary = random_processor() };
	unsigned few = 1 + random_below(3);
	struct answers answers = { .count = 0 };

	rss.hash_types = random_one_in(12) ? (uint32_t)random_u64() : (uint32_t)random_u64() & VMMQ_HASH_TYPE_MASK;
	rss.entry_count = (uint16_t)(random_one_in(12) ? random_below(300) : 1u << random_below(8));
	random_bytes(rss.key, sizeof(rss.key));
	rss.default_processor = processors[random_below(few)];
	for (unsigned i = 0; i < VMMQ_TABLE_ENTRIES_MAX; i++)
		rss.table[i] = processors[random_below(few)];
	if (random_one_in(10))
		rss.table[random_below(VMMQ_TABLE_ENTRIES_MAX)].v = 5;
	if (random_one_in(10))
		rss.default_processor.v = 5;
	broken(&answers, !vport, VMMQ_INVALID_PORT);
	if (vport)
		rss_rules(&answers, &rss, vport->pairs);
	if (check(&answers, vmmq_rss_set(sw, id, &rss, NULL)))
		m->vport[index_of(id)].rss = rss;
}

static inline void random_mac(uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (const uint8_t[]){ 0x02, 0, 0, 0, 0, (uint8_t)random_below(MACS) }, VMMQ_MAC_LEN);
}

static inline void op_filter_set(struct vmmq_nic_switch *sw, struct model *m)
{
	static const vmmq_vlan_rule rules[] = { 0, 1, 2, 4094, VMMQ_VLAN_ANY, 4095, 0xfffe };
	struct vmmq_filter wanted = { .vport = random_id(), .vlan = rules[random_below(random_one_in(8) ? 7 : 5)] };
	struct answers answers = { .count = 0 };
	uint32_t id = 0;

	random_mac(wanted.mac);
	if (random_one_in(3)) { /* a key that is taken, or was a moment ago */
		const struct vmmq_filter *f = random_one_in(2) ? &last_cleared : &m->filter[random_below(FILTERS)];

		wanted.vlan = f->vlan;
		memcpy(wanted.mac, f->mac, VMMQ_MAC_LEN);
	}
	broken(&answers, !known(m, wanted.vport), VMMQ_INVALID_PARAMETER);
	broken(&answers, wanted.vlan > 4094 && wanted.vlan != 0xffff, VMMQ_INVALID_PARAMETER);
	for (size_t i = 0; i < FILTERS; i++)
		if (m->filter[i].id && m->filter[i].vlan == wanted.vlan && !memcmp(m->filter[i].mac, wanted.mac, 6))
			broken(&answers, true, VMMQ_INVALID_PARAMETER);
	broken(&answers, filter_count(m) >= limits.max_filters, VMMQ_RESOURCES);
	if (!check(&answers, vmmq_filter_set(sw, wanted.vport, wanted.mac, wanted.vlan, &id, NULL)))
		return;
	if (id <= last_filter_id || filter_of(m, id))
		fail_msg("filter id %u was used before", id);
	wanted.id = id;
	for (size_t i = 0; i < FILTERS; i++)
		if (!m->filter[i].id) {
			m->filter[i] = wanted;
			return;
		}
}

/* An id that exists, mostly. */
static inline uint32_t random_filter(const struct model *m)
{
	const struct vmmq_filter *f = &m->filter[random_below(FILTERS)];

	for (unsigned tries = 0; tries < 50 && !f->id; tries++)
		f = &m->filter[random_below(FILTERS)];
	return random_one_in(10) ? last_filter_id + 1000 : f->id;
}

static inline void op_filter_clear(struct vmmq_nic_switch *sw, struct model *m)
{
	uint32_t id = random_filter(m);
	struct answers answers = { .count = 0 };

	broken(&answers, !filter_of(m, id), VMMQ_FILE_NOT_FOUND);
	if (check(&answers, vmmq_filter_clear(sw, id, NULL))) {
		last_cleared = *filter_of(m, id);
		filter_of(m, id)->id = 0;
	}
}

static inline void op_filter_move(struct vmmq_nic_switch *sw, struct model *m)
{
	uint32_t id = random_filter(m);
	struct vmmq_filter *f = filter_of(m, id);
	struct vmmq_vport_id from = f && !random_one_in(6) ? f->vport : random_id(), to = random_id();
	struct answers answers = { .count = 0 };

	broken(&answers, !f || f->vport.v != from.v || !known(m, to), VMMQ_INVALID_PARAMETER);
	if (check(&answers, vmmq_filter_move(sw, id, from, to, NULL)))
		f->vport = to;
}

static const struct {
	const char *name;
	void (*run)(struct vmmq_nic_switch *sw, struct model *m);
} operations[] = {
#endif
