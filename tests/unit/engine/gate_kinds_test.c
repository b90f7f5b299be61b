/* SPDX-License-Identifier: BSD-2-Clause */
/* Every kind of change by example: what lies with the old processor goes first. */
#include "unit/engine/gate_fixture.h"

/* The kinds of change.  Each one moves flow 0 from OLD to NEW. */
static void nothing(void)
{
}

static void one_entry(void)
{
	table_set(1, 2, (unsigned[]){ OLD, NEW });
}

static void table(void)
{
	all_to(1, NEW);
}

static void entry_for_old(void)
{
	table_set(1, 2, (unsigned[]){ NEW, OLD });
}

static void default_old(void)
{
	default_set(1, OLD, VMMQ_HASH_TCP_IPV6);
}

static void default_new(void)
{
	default_set(1, NEW, VMMQ_HASH_TCP_IPV6);
}

static void primary_old(void)
{
	primary_set(1, OLD);
}

static void primary_new(void)
{
	primary_set(1, NEW);
}

static void new_key(void)
{
	struct vmmq_rss_params rss = rss_of(1);

	while (hash_bit(rss.key))
		rss.key[0]++, rss.key[11] ^= rss.key[0];
	rss_set(1, &rss);
}

/* key_by_addresses: by its ports flow 0 belongs to the second entry, by its addresses to the first. */
static void key_by_addresses(void)
{
	struct vmmq_rss_params rss = rss_of(1);
	uint8_t tuple[12];

	rig_tuple(&rig.flow[0], tuple);
	for (unsigned i = 0; i < 256 && vmmq_toeplitz_reference(rss.key, tuple, 8) & 1; i++)
		rss.key[11] = (uint8_t)i; /* bits of the addresses */
	for (unsigned i = 0; i < 256 && !hash_bit(rss.key); i++)
		rss.key[13] = (uint8_t)i; /* of the ports */
	rss_set(1, &rss);
	entry_for_old();
}

/* tunnel_on: flow 0 goes to VXLAN's port, and has nothing in it that is understood, so its addresses are hashed. */
static void tunnel_on(void)
{
	struct vmmq_rss_params rss = rss_of(1);

	rss.encapsulation = (struct vmmq_encapsulation){ VMMQ_TUNNEL_VXLAN, 80 };
	rss_set(1, &rss);
}

/* tunnel_elsewhere: VXLAN is looked into, but known by another port. */
static void tunnel_elsewhere(void)
{
	struct vmmq_rss_params rss;

	key_by_addresses();
	rss = rss_of(1);
	rss.encapsulation = (struct vmmq_encapsulation){ VMMQ_TUNNEL_VXLAN, 81 };
	rss_set(1, &rss);
}

static void vport_2_new(void)
{
	all_to(2, NEW);
}

static void filter_move(void)
{
	filter_to(1, 2);
}

static void vport_0_new(void)
{
	primary_set(0, NEW);
}

static void vport_delete(void)
{
	vmmq_nic_switch_begin(rig.nic_switch);
	filter_delete();
	assert_int_equal(vmmq_vport_delete(rig.nic_switch, rig_vport(1), NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_nic_switch_commit(rig.nic_switch, NULL), VMMQ_SUCCESS);
}

static void to_vport_0(void)
{
	filter_delete();
	vport_2_new();
}

static void filter_back(void)
{
	filter_add(2, 1, VMMQ_VLAN_ANY);
}

/* any_behind: VPort 2 gets what filter 1 does not match. */
static void any_behind(void)
{
	vport_2_new();
	filter_back();
}

/* vport_1_back adds the VPort again, with its filter. */
static void vport_1_back(void)
{
	vmmq_nic_switch_begin(rig.nic_switch);
	assert_int_equal(vmmq_vport_create(rig.nic_switch, rig_vport(1), "vm", 4, rig.processor[NEW], NULL),
			 VMMQ_SUCCESS);
	filter_add(1, 1, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	assert_int_equal(vmmq_vport_activate(rig.nic_switch, rig_vport(1), NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_nic_switch_commit(rig.nic_switch, NULL), VMMQ_SUCCESS);
}

/* looks_in makes VPort 2 look into VXLAN on a port, and send what it gets to NEW. */
static void looks_in(uint16_t port)
{
	struct vmmq_rss_params rss;

	vport_2_new();
	rss = rss_of(2);
	rss.encapsulation = (struct vmmq_encapsulation){ VMMQ_TUNNEL_VXLAN, port };
	rss_set(2, &rss);
}

static void vport_2_looks_in(void)
{
	looks_in(80);
}

/* inner_filter gives VPort 2 what goes to the MAC inside. */
static void inner_filter(void)
{
	struct vmmq_filter filter = { .id = 900, .vport = rig_vport(2), .encapsulated = true, .vni = 5 };

	memcpy(filter.mac, RIG_INNER_MAC, VMMQ_MAC_LEN);
	assert_int_equal(vmmq_filter_add(rig.nic_switch, &filter, NULL), VMMQ_SUCCESS);
}

static void looks_elsewhere(void)
{
	inner_filter();
	looks_in(81);
}

/* inner_first: VPort 2 has the packets, at OLD, and VPort 1 would have them at NEW. */
static void inner_first(void)
{
	vport_2_looks_in();
	inner_filter();
	all_to(2, OLD);
	all_to(1, NEW);
}

static void inner_delete(void)
{
	assert_int_equal(vmmq_filter_clear(rig.nic_switch, 900, NULL), VMMQ_SUCCESS);
}

static void looks_no_more(void)
{
	struct vmmq_rss_params rss = rss_of(2);

	rss.encapsulation.types = VMMQ_TUNNEL_GENEVE;
	rss_set(2, &rss);
}

static void everything(void)
{
	vmmq_nic_switch_begin(rig.nic_switch);
	new_key();
	table_set(1, 4, (unsigned[]){ OLD, THIRD, OLD, THIRD });
	table_set(2, 2, (unsigned[]){ THIRD, NEW });
	filter_move();
	assert_int_equal(vmmq_vport_set_queue_pairs(rig.nic_switch, rig_vport(2), 3, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_nic_switch_commit(rig.nic_switch, NULL), VMMQ_SUCCESS);
}

static const struct kind {
	const char *name;
	void (*before)(void);
	void (*change)(void);
	uint16_t vport; /* afterwards */
} kinds[] = {
	{ "one entry", two_entries, one_entry, 1 },
	{ "whole table", nothing, table, 1 },
	{ "growing table", nothing, one_entry, 1 },
	{ "shrinking table", entry_for_old, table, 1 },
	{ "default processor", default_old, default_new, 1 },
	{ "hash types", nothing, default_new, 1 },
	{ "primary processor", primary_old, primary_new, 1 },
	{ "RSS on", primary_old, table, 1 },
	{ "RSS off", nothing, primary_new, 1 },
	{ "key", entry_for_old, new_key, 1 },
	{ "encapsulation", key_by_addresses, tunnel_on, 1 },
	{ "VXLAN's port", tunnel_elsewhere, tunnel_on, 1 },
	{ "filter moved", vport_2_new, filter_move, 2 },
	{ "filter deleted", vport_0_new, filter_delete, 0 },
	{ "filter added", to_vport_0, filter_back, 2 },
	{ "filter deleted before another", any_behind, filter_delete, 2 },
	{ "VPort deleted", vport_0_new, vport_delete, 0 },
	{ "VPort added", vport_delete, vport_1_back, 1 },
	{ "encapsulated filter added", vport_2_looks_in, inner_filter, 2 },
	{ "tunnels of one with an encapsulated filter", looks_elsewhere, vport_2_looks_in, 2 },
	{ "encapsulated filter deleted", inner_first, inner_delete, 1 },
	{ "no tunnels for an encapsulated filter any more", inner_first, looks_no_more, 1 },
	{ "all in one group", nothing, everything, 2 },
};

static void moves_in_order(const struct kind *kind, bool by_source)
{
	void *state = NULL;

	begin(&state);
	kind->before();
	apply();
	send(0);
	kind->change();
	if (by_source)
		rig_publish(&rig);
	else
		apply();
	send(0);
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_int_equal(indicated(), 0);
	assert_int_equal(rig_poll(&rig, OLD), 1);
	assert_int_equal(rig.flow[0].processor, rig.processor[OLD].v);
	assert_int_equal(rig_poll(&rig, NEW), 1);
	assert_int_equal(indicated(), 2);
	assert_int_equal(rig.flow[0].processor, rig.processor[NEW].v);
	assert_int_equal(rig.flow[0].vport, kind->vport);
	rig_drain(&rig);
	end(&state);
}

/* many_look makes 80 VPorts that look into VXLAN or do not, each with a filter of its own for a MAC inside. */
static void many_look(bool look)
{
	vmmq_nic_switch_begin(rig.nic_switch);
	for (uint16_t v = 10; v < 90; v++) {
		struct vmmq_vport_info info;
		struct vmmq_rss_params rss;

		assert_true(vmmq_vport_get(rig.nic_switch, rig_vport(v), &info));
		rss = *info.rss;
		rss.encapsulation.types = look ? VMMQ_TUNNEL_VXLAN : 0;
		rss_set(v, &rss);
	}
	looks_in(look ? 80 : 81);
	assert_int_equal(vmmq_nic_switch_commit(rig.nic_switch, NULL), VMMQ_SUCCESS);
}

static void many_make(void)
{
	for (uint16_t v = 10; v < 90; v++) {
		struct vmmq_filter filter = { .vport = rig_vport(v), .encapsulated = true };

		assert_int_equal(vmmq_vport_create(rig.nic_switch, rig_vport(v), "vm", 4, rig.processor[OLD], NULL),
				 VMMQ_SUCCESS);
		assert_int_equal(vmmq_vport_activate(rig.nic_switch, rig_vport(v), NULL), VMMQ_SUCCESS);
		rig_mac(v, filter.mac);
		assert_int_equal(vmmq_filter_add(rig.nic_switch, &filter, NULL), VMMQ_SUCCESS);
	}
	looks_elsewhere();
}

static void many_switched_on(void)
{
	many_look(true);
}

/* Too many pairs to be told one by one: still in order, and what was there before is all that is waited for. */
static void many_at_once(void **state)
{
	static const struct kind kind = { "tunnels of 80 VPorts with encapsulated filters", many_make,
					  many_switched_on, 2 };

	(void)state;
	moves_in_order(&kind, true);
	moves_in_order(&kind, false);
}

/* The source takes the step, with its next packet, or control does in its stead. */
static void every_kind_of_change(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		print_message("%s\n", kinds[i].name);
		moves_in_order(&kinds[i], true);
		moves_in_order(&kinds[i], false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_change),
		cmocka_unit_test(many_at_once),
	};

	return cmocka_run_group_tests(tests, rig_eal_start, rig_eal_stop);
}
