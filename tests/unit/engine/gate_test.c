/* SPDX-License-Identifier: BSD-2-Clause */
/* Every kind of change by example, stepped in one thread: what lies with the old processor goes first. */
#include "unit/engine/gate_rig.h"

#define OLD    0u
#define NEW    1u
#define THIRD  2u
#define FOURTH 3u
#define SOON   1000000000u

static struct rig rig;

static struct vmmq_rss_params rss_of(unsigned vport)
{
	struct vmmq_vport_info info;

	assert_true(vmmq_vport_get(rig.nic_switch, rig_vport(vport), &info));
	return *info.rss;
}

static void rss_set(unsigned vport, const struct vmmq_rss_params *rss)
{
	assert_int_equal(vmmq_rss_set(rig.nic_switch, rig_vport(vport), rss, NULL), VMMQ_SUCCESS);
}

/* table_set makes RSS on with a table of count processors. */
static void table_set(unsigned vport, unsigned count, const unsigned table[])
{
	struct vmmq_rss_params rss = rss_of(vport);

	rss.enabled = true;
	rss.entry_count = (uint16_t)count;
	for (unsigned i = 0; i < count; i++)
		rss.table[i] = rig.processor[table[i]];
	rss_set(vport, &rss);
}

static void all_to(unsigned vport, unsigned processor)
{
	table_set(vport, 1, &processor);
}

static void primary_set(unsigned vport, unsigned processor)
{
	struct vmmq_rss_params rss = rss_of(vport);

	rss.enabled = false;
	rss.primary = rig.processor[processor];
	rss_set(vport, &rss);
}

static void default_set(unsigned vport, unsigned processor, uint32_t types)
{
	struct vmmq_rss_params rss = rss_of(vport);

	rss.enabled = true;
	rss.hash_types = types;
	rss.default_processor = rig.processor[processor];
	rss_set(vport, &rss);
}

/* hash_bit returns the lowest bit of flow 0's hash. */
static unsigned hash_bit(const uint8_t key[VMMQ_KEY_LEN])
{
	uint8_t tuple[12];

	rig_tuple(&rig.flow[0], tuple);
	return vmmq_toeplitz_reference(key, tuple, sizeof(tuple)) & 1;
}

static uint32_t filter_add(unsigned vport, uint16_t mac, vmmq_vlan_rule vlan)
{
	uint8_t address[VMMQ_MAC_LEN];
	uint32_t id;

	rig_mac(mac, address);
	assert_int_equal(vmmq_filter_set(rig.nic_switch, rig_vport(vport), address, vlan, &id, NULL), VMMQ_SUCCESS);
	return id;
}

static void filter_to(unsigned from, unsigned to)
{
	assert_int_equal(vmmq_filter_move(rig.nic_switch, 1, rig_vport(from), rig_vport(to), NULL), VMMQ_SUCCESS);
}

static void filter_delete(void)
{
	assert_int_equal(vmmq_filter_clear(rig.nic_switch, 1, NULL), VMMQ_SUCCESS);
}

static void apply(void)
{
	assert_int_equal(vmmq_adapter_apply(rig.adapter, false, SOON, NULL), VMMQ_SUCCESS);
}

/*
 * Four processors; VPort 1 has MAC 1 (filter 1), VPort 2 has none; each sends everything to OLD.  Flow 0 is MAC 1's and its
 * hash is odd; flows 1 to 3 are MAC 2's, which is VPort 3's.
 */
static int begin(void **state)
{
	(void)state;
	rig_make(&rig, 4, 8, 128);
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

static int end(void **state)
{
	(void)state;
	rig_end(&rig);
	return 0;
}

static void send(unsigned flow)
{
	assert_true(rig_send(&rig, 0, flow, 0, 0));
}

static unsigned indicated(void)
{
	return rig.flow[0].indicated;
}

/* The kinds of change.  Each one moves flow 0 from OLD to NEW. */
static void nothing(void)
{
}

static void two_entries(void)
{
	table_set(1, 2, (unsigned[]){ OLD, OLD });
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
	{ "filter moved", vport_2_new, filter_move, 2 },
	{ "filter deleted", vport_0_new, filter_delete, 0 },
	{ "filter added", to_vport_0, filter_back, 2 },
	{ "filter deleted before another", any_behind, filter_delete, 2 },
	{ "VPort deleted", vport_0_new, vport_delete, 0 },
	{ "VPort added", vport_delete, vport_1_back, 1 },
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

/* The flow pauses while its table goes from OLD over NEW to THIRD: what lies with OLD still goes first. */
static void a_flow_that_pauses(void **state)
{
	(void)state;
	send(0);
	all_to(1, NEW);
	apply();
	all_to(1, THIRD);
	apply();
	send(0);
	assert_int_equal(rig_poll(&rig, THIRD), 0);
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_int_equal(rig_poll(&rig, THIRD), 0);
	assert_int_equal(rig_poll(&rig, OLD), 1);
	assert_int_equal(rig_poll(&rig, THIRD), 1); /* whatever NEW does, where it left nothing */
	assert_int_equal(indicated(), 2);
}

/* The source steps over several views at once, and each step has its gates. */
static void a_chain_of_views(void **state)
{
	static const unsigned way[] = { NEW, THIRD, FOURTH, OLD, THIRD, NEW };

	(void)state;
	send(0);
	for (unsigned i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		all_to(1, way[i]);
		rig_publish(&rig);
	}
	send(0);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned processor = NEW; processor <= FOURTH; processor++)
			assert_int_equal(rig_poll(&rig, processor), 0);
	rig_drain(&rig);
	assert_int_equal(rig.flow[0].processor, rig.processor[NEW].v);
}

/* Any number of changes to and fro takes effect at once while OLD stands still, and for others too. */
static void any_number_of_changes(void **state)
{
	unsigned changes;

	(void)state;
	send(0);
	for (changes = 0; changes < 10000; changes++) {
		all_to(1, changes % 2 ? OLD : NEW);
		apply();
		assert_ptr_equal(rig.source[0]->link, rig.adapter->views.newest);
		if (changes < 20)
			send(0);
	}
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_int_equal(vmmq_filter_move(rig.nic_switch, 2, rig_vport(3), rig_vport(2), NULL), VMMQ_SUCCESS);
	apply(); /* another VPort's change */
	send(1);
	rig_drain(&rig);
	assert_int_equal(rig.flow[1].vport, 2);
	all_to(1, NEW);
	apply();
	send(0);
	rig_drain(&rig);
	assert_int_equal(rig.flow[0].processor, rig.processor[NEW].v);
}

/*
 * A flow changes VPort but not its processor, and a packet of its new VPort lies before it: indications are made VPort by
 * VPort, and must not be made across the change.
 */
static void a_new_vport_on_the_same_processor(void **state)
{
	(void)state;
	send(1); /* VPort 3's */
	send(0);
	filter_to(1, 3);
	apply();
	send(0);
	rig_drain(&rig);
	assert_int_equal(rig.flow[0].vport, 3);
	assert_int_equal(rig.flow[0].processor, rig.processor[OLD].v);
}

/* Who holds packets looks at its gates again and again, and does not sleep: nobody will wake it when they open. */
static void who_holds_packets_stays_awake(void **state)
{
	struct processor *new = processor_find(rig.adapter, rig.processor[NEW]);

	(void)state;
	send(0);
	all_to(1, NEW);
	apply();
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_false(processor_has_work(new)); /* a gate with nothing behind it */
	send(0);
	assert_true(processor_has_work(new));
	assert_int_equal(rig_poll(&rig, NEW), 0);
	assert_true(processor_has_work(new));
	assert_int_equal(rig_poll(&rig, OLD), 1);
	assert_int_equal(rig_poll(&rig, NEW), 1);
	assert_false(processor_has_work(new));
}

static void no_move_no_gate(void **state)
{
	struct vmmq_rss_params rss = rss_of(1);

	(void)state;
	send(0);
	two_entries();
	apply();
	table_set(1, 4, (unsigned[]){ OLD, OLD, OLD, NEW });
	apply();
	table_set(1, 8, (unsigned[]){ OLD, OLD, OLD, NEW, OLD, OLD, OLD, NEW }); /* grown by repetition */
	assert_int_equal(vmmq_vport_set_queue_pairs(rig.nic_switch, rig_vport(1), 3, NULL), VMMQ_SUCCESS);
	filter_add(2, 77, VMMQ_VLAN_ANY); /* nobody's flows, that VPort 0 would have had: with OLD as well */
	rss = rss_of(1);
	rss.primary = rig.processor[THIRD]; /* tracked while RSS is on */
	rss_set(1, &rss);
	rig_drain(&rig);
	assert_int_equal(rig.source[0]->gates, 1); /* that of entry 3 */
	apply();
	send(0);
	rig_drain(&rig);
	assert_int_equal(rig.source[0]->gates, 1); /* nothing was under way any more */
}

/* Gates of one source do not hold up another's packets. */
static void other_sources_go_on(void **state)
{
	(void)state;
	send(0);
	all_to(1, NEW);
	all_to(3, NEW);
	apply();
	send(0);
	assert_true(rig_send(&rig, 1, 1, 0, 0));
	assert_int_equal(rig_poll(&rig, NEW), 1);
	assert_int_equal(rig.flow[1].indicated, 1);
	assert_int_equal(indicated(), 0);
	rig_drain(&rig);
}

static void destroyed_in_the_middle(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		send(i % 4);
		all_to(1, i % 3);
		all_to(3, (i + 1) % 4);
		if (i % 2)
			apply();
		else
			rig_publish(&rig);
		rig_poll(&rig, i % 2);
	}
	assert_false(vmmq_adapter_idle(rig.adapter)); /* and end() finds all buffers */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_change),
		cmocka_unit_test_setup_teardown(a_flow_that_pauses, begin, end),
		cmocka_unit_test_setup_teardown(a_chain_of_views, begin, end),
		cmocka_unit_test_setup_teardown(any_number_of_changes, begin, end),
		cmocka_unit_test_setup_teardown(a_new_vport_on_the_same_processor, begin, end),
		cmocka_unit_test_setup_teardown(who_holds_packets_stays_awake, begin, end),
		cmocka_unit_test_setup_teardown(no_move_no_gate, begin, end),
		cmocka_unit_test_setup_teardown(other_sources_go_on, begin, end),
		cmocka_unit_test_setup_teardown(destroyed_in_the_middle, begin, end),
	};

	return cmocka_run_group_tests(tests, rig_eal_start, rig_eal_stop);
}
