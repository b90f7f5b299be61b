/* SPDX-License-Identifier: BSD-2-Clause */
/* One packet's whole way by example. */
#include "unit/core/classify_rig.h"

/* The five ways a packet can go (spec 5.1): table, default, primary, no match, dropped. */
static void ways(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	struct vmmq_rss_params rss = rss_on();
	uint32_t filter;
	struct vmmq_verdict v;

	(void)state;
	v = classify(sw, "ipv4_tcp"); /* no filter: VPort 0, whose RSS is off */
	assert_int_equal(v.vport.v, 0);
	assert_int_equal(v.filter_id, 0);
	assert_int_equal(v.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(v.processor.v, 0);
	assert_int_equal(v.hash_type, 0);
	assert_int_equal(v.entry, VMMQ_NO_ENTRY);

	add_vport(sw, 9);
	filter = add_filter(sw, 9, golden_named("ipv4_tcp")->data, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	v = classify(sw, "ipv4_tcp"); /* RSS off: primary, no hash */
	assert_int_equal(v.vport.v, 9);
	assert_int_equal(v.filter_id, filter);
	assert_int_equal(v.via, VMMQ_VIA_PRIMARY);
	assert_int_equal(v.processor.v, 1);
	assert_int_equal(v.hash, 0);
	assert_int_equal(v.hash_type, 0);

	assert_int_equal(vmmq_rss_set(sw, vport(9), &rss, NULL), VMMQ_SUCCESS);
	v = classify(sw, "ipv4_tcp"); /* 0x51ccc178 & 3 = 0 */
	assert_int_equal(v.via, VMMQ_VIA_TABLE);
	assert_int_equal(v.hash, 0x51ccc178);
	assert_int_equal(v.hash_type, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(v.entry, 0);
	assert_int_equal(v.processor.v, 1);
	v = classify(sw, "ipv6_udp"); /* 0x40207d3d & 3 = 1 */
	assert_int_equal(v.hash, 0x40207d3d);
	assert_int_equal(v.hash_type, VMMQ_HASH_UDP_IPV6);
	assert_int_equal(v.entry, 1);
	assert_int_equal(v.processor.v, 2);

	v = classify(sw, "arp"); /* cannot be hashed: default processor */
	assert_int_equal(v.vport.v, 9);
	assert_int_equal(v.via, VMMQ_VIA_DEFAULT);
	assert_int_equal(v.processor.v, 1000);
	assert_int_equal(v.hash_type, 0);
	assert_int_equal(v.entry, VMMQ_NO_ENTRY);
	assert_int_equal(classify(sw, "lldp").vport.v, 0);

	v = classify(sw, "ethernet_13_bytes");
	assert_int_equal(v.drop, VMMQ_DROP_RUNT);
	assert_int_equal(v.filter_id, 0);
	assert_int_equal(classify(sw, "tag_outer_17_bytes").drop, VMMQ_DROP_RUNT);
	assert_int_equal(classify(sw, "ethernet_14_bytes").drop, VMMQ_DROP_NONE);
	vmmq_nic_switch_destroy(sw);
}

/* An input of zeros hashes to 0, which is a hash like any other. */
static void hash_zero(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	struct vmmq_rss_params rss = rss_on();
	struct vmmq_verdict v;

	(void)state;
	memset(rss.key, 0, sizeof(rss.key));
	assert_int_equal(vmmq_rss_set(sw, vport(0), &rss, NULL), VMMQ_SUCCESS);
	v = classify(sw, "ipv4_tcp");
	assert_int_equal(v.hash, 0);
	assert_int_equal(v.hash_type, VMMQ_HASH_TCP_IPV4);
	assert_int_equal(v.via, VMMQ_VIA_TABLE);
	assert_int_equal(v.entry, 0);
	vmmq_nic_switch_destroy(sw);
}

static void keys_differ(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);
	struct vmmq_rss_params rss = rss_on();
	uint32_t first, filter;

	(void)state;
	add_vport(sw, 1);
	add_vport(sw, 2);
	filter = add_filter(sw, 1, golden_named("ipv4_tcp")->data, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	assert_int_equal(vmmq_rss_set(sw, vport(1), &rss, NULL), VMMQ_SUCCESS);
	rss.key[0] ^= 0xff;
	assert_int_equal(vmmq_rss_set(sw, vport(2), &rss, NULL), VMMQ_SUCCESS);
	first = classify(sw, "ipv4_tcp").hash;
	assert_int_equal(vmmq_filter_move(sw, filter, vport(1), vport(2), NULL), VMMQ_SUCCESS);
	assert_int_equal(classify(sw, "ipv4_tcp").vport.v, 2);
	assert_int_not_equal(classify(sw, "ipv4_tcp").hash, first);
	vmmq_nic_switch_destroy(sw);
}

static void expect_oob(struct vmmq_nic_switch *sw, const char *name, uint16_t id, bool strip, uint16_t tci)
{
	struct vmmq_verdict v = classify(sw, name);

	assert_int_equal(v.vport.v, id);
	assert_int_equal(v.strip, strip);
	assert_int_equal(v.tci, tci);
}

/* The tag in OOB is the outermost one, with its priority; a packet with too many tags is steered all the same. */
static void oob(void **state)
{
	const uint8_t *mac = golden_named("ipv4_tcp")->data;
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);

	(void)state;
	add_vport(sw, 1);
	add_vport(sw, 2);
	add_filter(sw, 1, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	add_filter(sw, 2, mac, 10);
	add_filter(sw, 2, mac, 1);
	expect_oob(sw, "ipv4_tcp", 1, false, 0);
	expect_oob(sw, "tag_priority", 1, false, 0);
	expect_oob(sw, "tag_ipv4_tcp", 2, true, 0x600a);
	expect_oob(sw, "tag_arp", 2, true, 0x000a);
	expect_oob(sw, "tag_9_tags", 2, true, 0x0001);
	expect_oob(sw, "tag_q_in_q", 0, false, 0);
	add_filter(sw, 1, mac, VMMQ_VLAN_ANY);
	expect_oob(sw, "tag_q_in_q", 1, true, 0x0064);
	expect_oob(sw, "tag_802_1ad", 1, true, 0x1064);
	expect_oob(sw, "tag_inner_cut", 1, true, 0x0064);
	expect_oob(sw, "tag_priority", 1, false, 0);
	vmmq_nic_switch_destroy(sw);
}

/* All golden frames with each of their sets of types: what the file says comes out of the whole path. */
static void golden_hashes(void **state)
{
	struct vmmq_nic_switch *sw = make_switch(VMMQ_TOEPLITZ_AUTO);

	(void)state;
	for (size_t i = 0; i < golden->count; i++) {
		for (size_t j = 0; j < golden->frame[i].hash_count; j++) {
			const struct golden_hash *want = &golden->frame[i].hash[j];
			struct vmmq_rss_params rss = rss_on();
			struct vmmq_verdict v;

			if (!want->types)
				continue;
			rss.hash_types = want->types;
			assert_int_equal(vmmq_rss_set(sw, vport(0), &rss, NULL), VMMQ_SUCCESS);
			v = classify(sw, golden->frame[i].name);
			assert_int_equal(v.hash_type, want->type);
			assert_int_equal(v.hash, want->value);
			assert_int_equal(v.via, want->type ? VMMQ_VIA_TABLE : VMMQ_VIA_DEFAULT);
			assert_int_equal(v.processor.v, want->type ? rss.table[want->value % 4].v : 1000);
		}
	}
	vmmq_nic_switch_destroy(sw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways), cmocka_unit_test(hash_zero),     cmocka_unit_test(keys_differ),
		cmocka_unit_test(oob),  cmocka_unit_test(golden_hashes),
	};

	return cmocka_run_group_tests(tests, read_golden, free_golden);
}
