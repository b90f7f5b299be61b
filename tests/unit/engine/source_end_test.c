/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources that come and go: what they counted stays, their memory returns, and who destroys one waits for its own packets
 * only.
 */
#include "unit/engine/gate_rig.h"

#include <malloc.h>
#include <pthread.h>

#include "unit/hang.h"

static struct rig rig;

static int begin(void **state)
{
	(void)state;
	rig_make(&rig, 4, 8, 128);
	for (unsigned vport = 1; vport <= 4; vport++) {
		uint8_t mac[VMMQ_MAC_LEN];
		uint32_t id;

		rig_mac((uint16_t)vport, mac);
		assert_int_equal(
		    vmmq_vport_create(rig.nic_switch, rig_vport(vport), "vm", 4, rig.processor[vport - 1], NULL),
		    VMMQ_SUCCESS);
		assert_int_equal(
		    vmmq_filter_set(rig.nic_switch, rig_vport(vport), mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &id, NULL),
		    VMMQ_SUCCESS);
		assert_int_equal(vmmq_vport_activate(rig.nic_switch, rig_vport(vport), NULL), VMMQ_SUCCESS);
		rig.flow[vport] = (struct rig_flow){ .mac = (uint16_t)vport, .port = (uint16_t)(1000 + vport) };
	}
	assert_int_equal(vmmq_adapter_apply(rig.adapter, false, HANG_NS, NULL), VMMQ_SUCCESS);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rig_end(&rig);
	return 0;
}

static void source_new(void)
{
	assert_int_equal(vmmq_source_create(rig.adapter, VMMQ_SOURCE_DROP, &rig.source[2], NULL), VMMQ_SUCCESS);
}

static void turn_all(void)
{
	for (unsigned i = 0; i < rig.processors; i++)
		rig_poll(&rig, i);
}

/* VPort 1's packets stand before processor 0, which nobody runs; a source that has none there need not wait for it. */
static void strangers_are_not_waited_for(void **state)
{
	(void)state;
	assert_true(rig_send(&rig, 0, 1, 0, 0));
	vmmq_source_destroy(rig.source[2]); /* that carried nothing */
	source_new();
	assert_true(rig_send(&rig, 2, 2, 0, 0));
	assert_int_equal(rig_poll(&rig, 1), 1);
	vmmq_source_destroy(rig.source[2]);
	source_new();
	assert_int_equal(rig.flow[1].indicated, 0);
	rig_drain(&rig);
}

static void *destroy_main(void *argument)
{
	(void)argument;
	vmmq_source_destroy(rig.source[2]);
	return NULL;
}

/* Its own packets it does wait for. */
static void its_own_packets_are_waited_for(void **state)
{
	pthread_t thread;

	(void)state;
	assert_true(rig_send(&rig, 2, 1, 0, 0));
	assert_int_equal(pthread_create(&thread, NULL, destroy_main, NULL), 0);
	while (!rig.flow[1].indicated)
		rig_poll(&rig, 0);
	pthread_join(thread, NULL);
	source_new();
	rig_drain(&rig);
}

static void what_was_counted_stays(void **state)
{
	uint64_t drops[VMMQ_DROP_COUNT] = { 0 };

	(void)state;
	vmmq_source_destroy(rig.source[2]);
	source_new(); /* one that drops */
	for (unsigned round = 1; round <= 3; round++) {
		unsigned sent = 0;

		for (unsigned i = 0; i < 200; i++)
			sent += rig_send(&rig, 2, 1, 0, 0);
		assert_int_equal(sent, 200);
		while (rig_poll(&rig, 0))
			;
		rig.flow[1].sent = rig.flow[1].indicated = 0; /* the numbers of those that were dropped do not come */
		vmmq_source_destroy(rig.source[2]);
		source_new();
		memset(drops, 0, sizeof(drops));
		vmmq_vport_drops_read(rig.adapter, rig_vport(1), drops);
		assert_int_equal(vmmq_received_read(rig.adapter), 200 * round);
		assert_int_equal(rig.indicated + drops[VMMQ_DROP_INBOX_FULL] + drops[VMMQ_DROP_SHARE_FULL],
				 200 * round);
	}
}

static size_t heap_used(void)
{
	return mallinfo2().uordblks;
}

/* Thousands of sources with packets, gates and trails in them, destroyed in every state of the processors' lists. */
static void memory_returns(void **state)
{
	size_t before = 0;

	(void)state;
	random_start();
	for (unsigned i = 0; i < 2000; i++) {
		unsigned flows = random_below(5);

		for (unsigned k = 1; k <= flows; k++)
			assert_true(rig_send(&rig, 2, k, 0, 0));
		if (i % 3 == 0) {
			struct vmmq_vport_info info;
			struct vmmq_rss_params rss;

			assert_true(vmmq_vport_get(rig.nic_switch, rig_vport(1), &info));
			rss = *info.rss;
			rss.primary = rig.processor[random_below(4)];
			assert_int_equal(vmmq_rss_set(rig.nic_switch, rig_vport(1), &rss, NULL), VMMQ_SUCCESS);
			assert_int_equal(vmmq_adapter_apply(rig.adapter, false, HANG_NS, NULL), VMMQ_SUCCESS);
			rig_send(&rig, 2, 1, 0, 0);
		}
		rig_drain(&rig);
		if (i % 2)
			turn_all(); /* some leave the lists */
		vmmq_source_destroy(rig.source[2]);
		if (i % 5 == 0)
			turn_all();
		source_new();
		if (i == 100) {
			turn_all();
			before = heap_used();
		}
	}
	turn_all();
	assert_in_range(heap_used(), 0, before + 65536);
}

/* The adapter goes while processors still list inboxes of sources that are gone. */
static void the_adapter_goes_first(void **state)
{
	(void)state;
	for (unsigned k = 1; k <= 4; k++)
		assert_true(rig_send(&rig, 2, k, 0, 0));
	rig_drain(&rig);
	vmmq_source_destroy(rig.source[2]);
	source_new();
	assert_true(rig_send(&rig, 2, 1, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(strangers_are_not_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(its_own_packets_are_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(what_was_counted_stays, begin, end),
		cmocka_unit_test_setup_teardown(memory_returns, begin, end),
		cmocka_unit_test_setup_teardown(the_adapter_goes_first, begin, end),
	};

	return cmocka_run_group_tests(tests, rig_eal_start, rig_eal_stop);
}
