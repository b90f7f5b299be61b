/* SPDX-License-Identifier: BSD-2-Clause */
/* VPorts whose packets all go to one processor, and the changes that move them away, stepped in one thread. */
#ifndef VMMQ_UNIT_ENGINE_GATE_FIXTURE_H
#define VMMQ_UNIT_ENGINE_GATE_FIXTURE_H

#include "unit/engine/gate_rig.h"

#define OLD    0u
#define NEW    1u
#define THIRD  2u
#define FOURTH 3u
#define SOON   1000000000u
static struct rig rig;

static inline struct vmmq_rss_params rss_of(unsigned vport)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(rig.nic_switch, rig_vport(vport), &info));
	return *info.rss;
}

static inline void rss_set(unsigned vport, const struct vmmq_rss_params *rss)
{
	assert_int_equal(vmmq_rss_set(rig.nic_switch, rig_vport(vport), rss, NULL), VMMQ_SUCCESS);
}

/* table_set makes RSS on with a table of count processors. */
static inline void table_set(unsigned vport, unsigned count, const unsigned table[])
{
	struct vmmq_rss_params rss = rss_of(vport);

	rss.enabled = true;
	rss.entry_count = (uint16_t)count;
	for (unsigned i = 0; i < count; i++)
		rss.table[i] = rig.processor[table[i]];
	rss_set(vport, &rss);
}

static inline void all_to(unsigned vport, unsigned processor)
{
	table_set(vport, 1, &processor);
}

static inline void primary_set(unsigned vport, unsigned processor)
{
	struct vmmq_rss_params rss = rss_of(vport);

	rss.enabled = false;
	rss.primary = rig.processor[processor];
	rss_set(vport, &rss);
}

static inline void default_set(unsigned vport, unsigned processor, uint32_t types)
{
	struct vmmq_rss_params rss = rss_of(vport);

	rss.enabled = true;
	rss.hash_types = types;
	rss.default_processor = rig.processor[processor];
	rss_set(vport, &rss);
}

/* flow_hash_bit returns the lowest bit of a flow's hash, hash_bit that of flow 0. */
static inline unsigned flow_hash_bit(const struct rig_flow *flow, const uint8_t key[VMMQ_KEY_LEN])
{
	uint8_t tuple[12];

	rig_tuple(flow, tuple);
	return vmmq_toeplitz_reference(key, tuple, sizeof(tuple)) & 1;
}

static inline unsigned hash_bit(const uint8_t key[VMMQ_KEY_LEN])
{
	return flow_hash_bit(&rig.flow[0], key);
}

static inline uint32_t filter_add(unsigned vport, uint16_t mac, vmmq_vlan_rule vlan)
{
	uint8_t address[VMMQ_MAC_LEN];
	uint32_t id;

	rig_mac(mac, address);
	assert_int_equal(vmmq_filter_set(rig.nic_switch, rig_vport(vport), address, vlan, &id, NULL), VMMQ_SUCCESS);
	return id;
}

static inline void filter_to(unsigned from, unsigned to)
{
	assert_int_equal(vmmq_filter_move(rig.nic_switch, 1, rig_vport(from), rig_vport(to), NULL), VMMQ_SUCCESS);
}

static inline void filter_delete(void)
{
	assert_int_equal(vmmq_filter_clear(rig.nic_switch, 1, NULL), VMMQ_SUCCESS);
}

static inline void apply(void)
{
	assert_int_equal(vmmq_adapter_apply(rig.adapter, false, SOON, NULL), VMMQ_SUCCESS);
}

/*
 * Four processors; VPort 1 has MAC 1 (filter 1), VPort 2 has none; each sends everything to OLD.  Flow 0 is MAC 1's and its
 * hash is odd; flows 1 to 3 are MAC 2's, which is VPort 3's.
 */
static inline int begin(void **state)
{
	(void)state;
	rig_make(&rig, 4, 96, 128);
	for (unsigned vport = 1; vport <= 3; vport++) {
		assert_int_equal(
		    vmmq_vport_create(rig.nic_switch, rig_vport(vport), "vm", 4, rig.processor[OLD], NULL),
		    VMMQ_SUCCESS);
		assert_int_equal(vmmq_vport_activate(rig.nic_switch, rig_vport(vport), NULL), VMMQ_SUCCESS);
		all_to(vport, OLD);
	}
	assert_int_equal(filter_add(1, 1, VMMQ_VLAN_UNTAGGED_OR_ZERO), 1);
	filter_add(3, 2, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	for (unsigned i = 0; i < 4; i++)
		rig.flow[i] = (struct rig_flow){ .mac = i ? 2 : 1, .port = (uint16_t)(1000 + i) };
	while (!hash_bit(vmmq_verification_key))
		rig.flow[0].port++;
	primary_set(0, OLD);
	apply();
	return 0;
}

static inline int end(void **state)
{
	(void)state;
	rig_end(&rig);
	return 0;
}

static inline void send(unsigned flow)
{
	assert_true(rig_send(&rig, 0, flow, 0, 0));
}

static inline unsigned indicated(void)
{
	return rig.flow[0].indicated;
}

static inline void two_entries(void)
{
	table_set(1, 2, (unsigned[]){ OLD, OLD });
}

#endif
