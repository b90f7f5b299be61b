/* SPDX-License-Identifier: BSD-2-Clause */
/* Replication: who gets a copy, with which tag, and what a storm may cost. */
#include "unit/host/host_rig.h"

#define LIMIT 50u

static void from_uplink(void **state)
{
	struct fake *untagged, *access, *trunk, *any, *tap = fake_device("fake0");

	(void)state;
	rig_make();
	untagged = rig_vport(1, 0);
	access = rig_vport(2, 10);
	trunk = rig_vport(3, 10);
	rig_filter(3, 3, 11);
	any = rig_vport(4, VMMQ_VLAN_ANY);
	rig_filter(4, 0x41, 10); /* twice a member, one copy */
	host_set_backend(host, id(0), DEVICE("fake0"));
	rig_apply();
	rig_send(uplink, BROADCAST, STRANGER, UNTAGGED, 1);
	rig_send(uplink, BROADCAST, STRANGER, 10, 2);
	rig_send(uplink, GROUP_SOLO, STRANGER, 11, 3);
	rig_send(uplink, BROADCAST, STRANGER, 12, 4);
	rig_send(uplink, BROADCAST, STRANGER, 0, 5);
	rig_run();
	rig_expect(untagged, BROADCAST, STRANGER, UNTAGGED, 1);
	rig_expect(untagged, BROADCAST, STRANGER, 0, 5);
	rig_expect(access, BROADCAST, STRANGER, UNTAGGED, 2);
	rig_expect(trunk, BROADCAST, STRANGER, 10, 2);
	rig_expect(trunk, GROUP_SOLO, STRANGER, 11, 3);
	for (unsigned i = 0; i < 2; i++) {
		struct fake *all = i ? any : tap;

		rig_expect(all, BROADCAST, STRANGER, UNTAGGED, 1);
		rig_expect(all, BROADCAST, STRANGER, 10, 2);
		rig_expect(all, GROUP_SOLO, STRANGER, 11, 3);
		rig_expect(all, BROADCAST, STRANGER, 12, 4);
		rig_expect(all, BROADCAST, STRANGER, 0, 5);
		rig_expect_nothing(all);
	}
	rig_expect_nothing(untagged);
	rig_expect_nothing(access);
	rig_expect_nothing(trunk);
	rig_expect_nothing(uplink);
	assert_int_equal(rig_counters(4).replicas, 5);
	assert_int_equal(rig_counters(0).flooded, 5);
	for (uint16_t v = 0; v <= 4; v++)
		rig_balance(v);
	rig_end();
}

static void from_guest(void **state)
{
	struct fake *one, *two, *three, *tap = fake_device("fake0");

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	two = rig_vport(2, 10);
	three = rig_vport(3, 11);
	host_set_backend(host, id(0), DEVICE("fake0"));
	rig_send(one, BROADCAST, 1, UNTAGGED, 1);
	rig_run();
	rig_expect(two, BROADCAST, 1, UNTAGGED, 1);
	rig_expect(tap, BROADCAST, 1, 10, 1);
	rig_expect(uplink, BROADCAST, 1, 10, 1);
	rig_send(tap, BROADCAST, 0x50, 11, 2);
	rig_run();
	rig_expect(three, BROADCAST, 0x50, UNTAGGED, 2);
	rig_expect(uplink, BROADCAST, 0x50, 11, 2);
	rig_expect_nothing(one);
	rig_expect_nothing(two);
	rig_expect_nothing(three);
	rig_expect_nothing(tap);
	rig_end();
}

/* A group address that a filter has is that VPort's alone, wherever the frame comes from. */
static void group_filter(void **state)
{
	static const uint8_t group[VMMQ_MAC_LEN] = { 1, 0, 0, 0, 0, GROUP_SOLO };
	struct fake *one, *two, *tap = fake_device("fake0");
	uint32_t filter;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	host_set_backend(host, id(0), DEVICE("fake0"));
	for (uint16_t owner = 0; owner <= 2; owner += 2) {
		assert_int_equal(vmmq_filter_set(vmmq_adapter_switch(adapter), id(owner), group, 0, &filter, NULL),
				 VMMQ_SUCCESS);
		rig_apply();
		rig_send(uplink, GROUP_SOLO, STRANGER, UNTAGGED, 1);
		rig_send(one, GROUP_SOLO, 1, UNTAGGED, 2);
		rig_run();
		assert_int_equal(fake_waiting(owner ? two : tap), 2);
		assert_int_equal(fake_waiting(owner ? tap : two), 0);
		rig_expect_nothing(one);
		rig_expect_nothing(uplink);
		fake_empty(owner ? two : tap);
		assert_int_equal(vmmq_filter_clear(vmmq_adapter_switch(adapter), filter, NULL), VMMQ_SUCCESS);
	}
	rig_end();
}

static void nobody(void **state)
{
	(void)state;
	rig_make();
	rig_send(uplink, BROADCAST, STRANGER, UNTAGGED, 1);
	rig_run();
	assert_int_equal(rig_drops(0, HOST_DROP_NO_BACKEND), 1);
	rig_vport(1, 0);
	rig_send(uplink, BROADCAST, STRANGER, UNTAGGED, 2);
	rig_run();
	assert_int_equal(rig_drops(0, HOST_DROP_NO_BACKEND), 1);
	rig_end();
}

static void limit(void **state)
{
	const struct host_policy policy = { .anti_spoofing = true, .flood_limit = LIMIT };
	uint64_t passed;
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	host_set_policy(host, id(1), &policy);
	for (uint32_t i = 0; i < 500; i++)
		rig_send(one, BROADCAST, 1, UNTAGGED, i);
	rig_send(one, 2, 1, UNTAGGED, 500); /* unicast is not meant */
	rig_run();
	passed = 500 - rig_drops(1, HOST_DROP_STORM);
	assert_in_range(passed, LIMIT / 10, LIMIT / 10 + 1); /* no time has passed to speak of */
	assert_int_equal(fake_waiting(two), passed + 1);
	assert_int_equal(fake_waiting(uplink), passed);
	rig_end();
}

static void limit_from_uplink(void **state)
{
	const struct host_policy policy = { .flood_limit = LIMIT };
	uint64_t passed;
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	host_set_policy(host, id(0), &policy);
	for (uint32_t i = 0; i < 500; i++)
		rig_send(uplink, BROADCAST, STRANGER, UNTAGGED, i);
	rig_send(uplink, 1, STRANGER, UNTAGGED, 500); /* unicast is not meant */
	rig_run();
	passed = 500 - rig_drops(0, HOST_DROP_STORM);
	assert_in_range(passed, LIMIT / 10, LIMIT / 10 + 1); /* no time has passed to speak of */
	assert_int_equal(fake_waiting(one), passed + 1);
	rig_balance(0);
	rig_end();
}

/* A turn makes a bounded number of copies; a flood queue that is full of one VPort's still takes another's. */
static void bounded(void **state)
{
	struct fake *one, *five;
	unsigned before = 0;

	(void)state;
	rig_make();
	for (uint16_t v = 1; v <= 8; v++)
		rig_vport(v, 0)->room = 0; /* they would hold all buffers */
	one = fake_device("fake1");
	five = fake_device("fake5"); /* on the same processor */
	for (uint32_t i = 0; i < 1000; i++)
		fake_in(one, i % 4, rig_packet(BROADCAST, 1, UNTAGGED, FRAME_LEN, 0, i));
	for (unsigned turn = 0; turn < 40; turn++) {
		unsigned copies = 0;

		for (uint32_t i = 0; turn == 5 && i < 5; i++)
			rig_send(five, BROADCAST, 5, UNTAGGED, i);
		vmmq_processor_poll(adapter, processors[1]);
		for (uint16_t v = 1; v <= 8; v++)
			copies += (unsigned)rig_counters(v).replicas;
		assert_in_range(copies - before, 0, FLOOD_COPIES);
		before = copies;
	}
	rig_run();
	assert_true(rig_drops(1, HOST_DROP_STORM) > 0);
	assert_int_equal(rig_drops(5, HOST_DROP_STORM), 0);
	assert_int_equal(rig_counters(2).replicas, 1000 - rig_drops(1, HOST_DROP_STORM) + 5);
	for (uint16_t v = 1; v <= 8; v++)
		rig_balance(v);
	rig_end();
}

/* More packets at once than the queue may hold of one VPort: the rest is dropped by name, and order is kept. */
static void overflow(void **state)
{
	uint32_t last[2] = { 0, 0 }; /* by uplink queue */
	struct rte_mbuf *packet;
	struct fake *two;
	uint64_t n = 0;

	(void)state;
	rig_make();
	for (uint16_t v = 1; v <= 8; v++)
		rig_vport(v, 0)->room = v == 2 ? FAKE_SIZE - 1 : 0; /* they would hold all buffers */
	two = fake_device("fake2");
	for (uint32_t i = 1; i <= 2000; i++)
		fake_in(uplink, i % 2, rig_packet(BROADCAST, STRANGER, UNTAGGED, FRAME_LEN, 0, i));
	rig_run();
	assert_true(rig_drops(0, HOST_DROP_STORM) > 0);
	while ((packet = fake_out(two, 0))) {
		uint32_t number = rig_number(packet);

		assert_true(number > last[number % 2]);
		last[number % 2] = number;
		rte_pktmbuf_free(packet);
		n++;
	}
	assert_int_equal(n, 2000 - rig_drops(0, HOST_DROP_STORM));
	rig_balance(0);
	rig_end();
}

static void no_buffer(void **state)
{
	struct rte_mbuf *hold[BUFFERS];

	(void)state;
	rig_make();
	rig_vport(1, 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(host->pool, hold, BUFFERS), 0);
	rig_send(uplink, BROADCAST, STRANGER, UNTAGGED, 1);
	rig_run();
	assert_int_equal(rig_drops(1, HOST_DROP_HOST_NO_BUFFER), 1);
	rig_balance(0);
	rig_balance(1);
	rte_pktmbuf_free_bulk(hold, BUFFERS);
	rig_end();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_uplink), cmocka_unit_test(from_guest), cmocka_unit_test(group_filter),
		cmocka_unit_test(nobody),      cmocka_unit_test(limit),      cmocka_unit_test(limit_from_uplink),
		cmocka_unit_test(bounded),     cmocka_unit_test(overflow),   cmocka_unit_test(no_buffer),
	};

	return cmocka_run_group_tests_name("flood", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
