/* SPDX-License-Identifier: BSD-2-Clause */
/* To a guest: queues, VLANs, MTU, a backend that is full, down, or not there. */
#include "unit/host/clock_fake.h"
#include "unit/host/host_rig.h"

#include <sys/timerfd.h>

#define PUT_OFF_NS (100 * 1000000u)

static void to_its_backend(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	for (uint32_t i = 0; i < 100; i++)
		rig_send(uplink, 1 + i % 2, STRANGER, UNTAGGED, i);
	rig_run();
	for (uint32_t i = 0; i < 100; i++)
		rig_expect(i % 2 ? two : one, 1 + i % 2, STRANGER, UNTAGGED, i);
	assert_int_equal(rig_counters(1).to_guest_packets, 50);
	assert_int_equal(rig_counters(2).to_guest_bytes, 50 * FRAME_LEN);
	rig_balance(1);
	rig_balance(2);
	rig_end();
}

/* The k-th processor of a VPort has queue k; with fewer queues than processors they share. */
static void queue_of_processor(void **state)
{
	(void)state;
	for (uint16_t queues = 1; queues <= 4; queues++) {
		struct fake *one;
		unsigned used = 0;

		rig_make();
		fake_device("fake1")->max_queues = queues;
		one = rig_vport(1, 0);
		rig_rss(1, 1, 3);
		rig_apply();
		for (uint16_t flow = 0; flow < 200; flow++)
			fake_in(uplink, 0, rig_packet(1, STRANGER, UNTAGGED, FRAME_LEN, flow, flow));
		rig_run();
		for (uint16_t q = 0; q < queues && q < 3; q++) {
			struct vmmq_vport_counters on = { 0 };
			struct rte_mbuf *packet;
			uint64_t n = 0;

			for (unsigned k = q; k < 3; k += queues)
				vmmq_vport_counters_read(adapter, id(1), &processors[1 + k], &on);
			while ((packet = fake_out(one, q))) {
				rte_pktmbuf_free(packet);
				n++;
			}
			assert_int_equal(n, on.packets);
			used += n != 0;
		}
		assert_int_equal(used, queues < 3 ? queues : 3);
		rig_end();
	}
}

/* sampled_send sends frames to VPorts 1 and 2 and lets all be delivered. */
static void sampled_send(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		rig_send(uplink, 1 + i % 2, STRANGER, UNTAGGED, i);
	rig_run();
}

/* Headers of a lane's packets, for who asks: its own alone, as many as there is room for, and what came since it was begun. */
static void samples_of_a_lane(void **state)
{
	static struct host_sample sample[HOST_SAMPLES];
	struct fake *one, *two;
	unsigned count;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	assert_int_equal(host_sample_end(host, sample), 0);
	assert_true(host_sample_begin(host, id(1), VMMQ_LANE_DEFAULT)); /* RSS is off: nothing comes by it */
	sampled_send(20);
	assert_int_equal(host_sample_end(host, sample), 0);
	assert_true(host_sample_begin(host, id(1), VMMQ_LANE_PRIMARY));
	sampled_send(20);
	assert_int_equal(host_sample_end(host, sample), 10);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(sample[i].len, FRAME_LEN);
		assert_int_equal(sample[i].held, FRAME_LEN < HOST_SAMPLE_BYTES ? FRAME_LEN : HOST_SAMPLE_BYTES);
		assert_int_equal(sample[i].bytes[5], 1);
	}
	sampled_send(20); /* nobody asks */
	assert_int_equal(host_sample_end(host, sample), 0);
	assert_true(host_sample_begin(host, id(1), VMMQ_LANE_PRIMARY));
	sampled_send(20);
	assert_true(host_sample_begin(host, id(2), VMMQ_LANE_PRIMARY)); /* over what was begun */
	for (count = 0; count < 2 * HOST_SAMPLES + 20; count += 20) {
		sampled_send(20);
		fake_empty(one);
		fake_empty(two);
	}
	assert_int_equal(host_sample_end(host, sample), HOST_SAMPLES);
	assert_int_equal(sample[HOST_SAMPLES - 1].bytes[5], 2);
	assert_int_equal(host_sample_end(host, NULL), 0);
	rig_end();
}

/* Only queues that the guest has enabled get anything. */
static void enabled_queues(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	rig_rss(1, 0, 4);
	rig_apply();
	for (uint16_t enabled = 0; enabled <= 4; enabled++) {
		one->enabled = enabled;
		one->changed = true;
		host_tick(host);
		for (uint16_t flow = 0; flow < 200; flow++)
			fake_in(uplink, 0, rig_packet(1, STRANGER, UNTAGGED, FRAME_LEN, flow, flow));
		rig_run();
		for (uint16_t q = 0; q < FAKE_QUEUES; q++) {
			struct rte_mbuf *packet = fake_out(one, q);

			assert_int_equal(packet != NULL, q < (enabled ? enabled : 1));
			rte_pktmbuf_free(packet);
		}
		fake_empty(one);
	}
	rig_end();
}

static void access_port(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	rig_send(uplink, 1, STRANGER, 10, 1);
	rig_send(uplink, 1, STRANGER, 11, 2); /* matches no filter */
	rig_send(uplink, 1, STRANGER, UNTAGGED, 3);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	rig_expect_nothing(one);
	assert_int_equal(rig_drops(0, HOST_DROP_NO_BACKEND), 2);
	rig_end();
}

static void trunk_port(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, VMMQ_VLAN_ANY);
	two = rig_vport(2, 10);
	rig_filter(2, 2, 11);
	rig_apply();
	rig_send(uplink, 1, STRANGER, 10, 1);
	rig_send(uplink, 1, STRANGER, UNTAGGED, 2);
	rig_send(uplink, 1, STRANGER, 0, 3);
	rig_send(uplink, 2, STRANGER, 11, 4);
	rig_run();
	rig_expect(one, 1, STRANGER, 10, 1);
	rig_expect(one, 1, STRANGER, UNTAGGED, 2);
	rig_expect(one, 1, STRANGER, 0, 3);
	rig_expect(two, 2, STRANGER, 11, 4);
	rig_end();
}

static void untagged_port(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	rig_send(uplink, 1, STRANGER, UNTAGGED, 1);
	rig_send(uplink, 1, STRANGER, 0, 2); /* a priority tag stays (spec 4.3) */
	rig_send(uplink, 1, STRANGER, 10, 3);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	rig_expect(one, 1, STRANGER, 0, 2);
	rig_expect_nothing(one);
	rig_end();
}

/* The host TAP: without filters it gets all that has no VPort; with filters only what is in its VLANs. */
static void default_vport(void **state)
{
	struct fake *tap = fake_device("fake0");

	(void)state;
	rig_make();
	host_set_backend(host, id(0), DEVICE("fake0"));
	rig_send(uplink, STRANGER, 5, UNTAGGED, 1);
	rig_send(uplink, STRANGER, 5, 10, 2);
	rig_run();
	rig_expect(tap, STRANGER, 5, UNTAGGED, 1);
	rig_expect(tap, STRANGER, 5, 10, 2);
	rig_filter(0, 0x50, 10);
	rig_apply();
	rig_send(uplink, STRANGER, 5, 10, 3);
	rig_send(uplink, 0x50, 5, 10, 4);
	rig_send(uplink, STRANGER, 5, 11, 5);
	rig_run();
	rig_expect(tap, STRANGER, 5, UNTAGGED, 3);
	rig_expect(tap, 0x50, 5, UNTAGGED, 4);
	rig_expect_nothing(tap);
	assert_int_equal(rig_drops(0, HOST_DROP_VLAN), 1);
	rig_end();
}

static void mtu(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, VMMQ_VLAN_ANY);
	fake_in(uplink, 0, rig_packet(1, STRANGER, UNTAGGED, 1514, 0, 1));
	fake_in(uplink, 0, rig_packet(1, STRANGER, UNTAGGED, 1515, 0, 2));
	fake_in(uplink, 0, rig_packet(1, STRANGER, 10, 1518, 0, 3));
	fake_in(uplink, 0, rig_packet(1, STRANGER, 10, 1519, 0, 4));
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	rig_expect(one, 1, STRANGER, 10, 3);
	rig_expect_nothing(one);
	assert_int_equal(rig_drops(1, HOST_DROP_MTU), 2);
	rig_balance(1);
	rig_end();
}

/* Tags behind the outermost are payload, and the outermost comes back as it was; so is a whole MTU with two of them. */
static void two_tags(void **state)
{
	static const uint8_t tags[] = { 0x88, 0xa8, 0x20, 100, 0x81, 0, 0xe0, 10 };
	static const uint8_t to[] = { 2, BROADCAST };
	struct fake *one, *two, *three;

	(void)state;
	rig_make();
	one = rig_vport(1, VMMQ_VLAN_ANY);
	two = rig_vport(2, VMMQ_VLAN_ANY);
	three = rig_vport(3, 100);
	for (unsigned i = 0; i < 2; i++) {
		for (uint16_t len = FRAME_LEN; len <= 1515; len += 1514 - FRAME_LEN) {
			fake_in(one, 0, rig_packet_tagged(to[i], 1, tags, sizeof(tags), len, len));
			rig_run();
			rig_expect_tagged(two, to[i], 1, tags, sizeof(tags), len, len);
			if (to[i] == BROADCAST)
				rig_expect_tagged(uplink, to[i], 1, tags, sizeof(tags), len, len);
			fake_in(uplink, 0, rig_packet_tagged(to[i], STRANGER, tags, sizeof(tags), len, len));
			rig_run();
			rig_expect_tagged(two, to[i], STRANGER, tags, sizeof(tags), len, len);
			if (to[i] == BROADCAST)
				rig_expect_tagged(one, to[i], STRANGER, tags, sizeof(tags), len, len);
			fake_empty(three);
		}
		fake_in(uplink, 0, rig_packet_tagged(to[i], STRANGER, tags, sizeof(tags), 1515, 0));
		rig_run();
		rig_expect_nothing(two);
	}
	fake_in(uplink, 0, rig_packet_tagged(3, STRANGER, tags, sizeof(tags), FRAME_LEN, 5));
	rig_run();
	rig_expect_tagged(three, 3, STRANGER, tags + 4, 4, FRAME_LEN, 5);
	rig_end();
}

/* A guest that does not read costs another one nothing. */
static void full_and_down(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	one->room = 10;
	for (uint32_t i = 0; i < 200; i++)
		rig_send(uplink, 1 + i % 2, STRANGER, UNTAGGED, i);
	rig_run();
	assert_int_equal(fake_waiting(one), 10);
	assert_int_equal(fake_waiting(two), 100);
	assert_int_equal(rig_counters(1).waiting, 90);
	rig_balance(1);
	one->state = ETHDEV_NO_PEER;
	one->changed = true;
	host_tick(host);
	rig_send(uplink, 1, STRANGER, UNTAGGED, 0);
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 0);
	assert_int_equal(rig_drops(1, HOST_DROP_NO_BACKEND), 91);
	host_set_backend(host, id(1), NULL);
	rig_send(uplink, 1, STRANGER, UNTAGGED, 0);
	rig_run();
	assert_int_equal(rig_drops(1, HOST_DROP_NO_BACKEND), 92);
	rig_balance(1);
	rig_balance(2);
	rig_end();
}

/* With RESOURCES the adapter takes its packets back: the guest gets copies. */
static void copies(void **state)
{
	struct fake *one;

	(void)state;
	rig_make_with(1, VMMQ_MODERATION_POLL);
	one = rig_vport(1, VMMQ_VLAN_ANY);
	for (uint32_t i = 0; i < 100; i++)
		rig_send(uplink, 1, STRANGER, 10, i);
	rig_run();
	for (uint32_t i = 0; i < 100; i++)
		rig_expect(one, 1, STRANGER, 10, i);
	assert_int_equal(vmmq_held_read(adapter, id(1)), 0);
	rig_end();
}

/* An uplink whose device gives other hashes than it says is told of, once for each queue, and what it gives is not taken. */
static void hash_mismatch(void **state)
{
	struct vmmq_rss_params rss;

	(void)state;
	rig_make();
	host_set_uplink(host, NULL, 0);
	uplink->rss_types = VMMQ_HASH_TYPES_DEFAULT;
	host_set_uplink(host, DEVICE("fake9"), 2);
	rig_vport(1, 0);
	vmmq_rss_params_init(&rss, processors[1]);
	rss.enabled = true;
	memset(rss.key, 0, sizeof(rss.key));
	assert_int_equal(vmmq_rss_set(vmmq_adapter_switch(adapter), id(1), &rss, NULL), VMMQ_SUCCESS);
	rig_apply();
	for (unsigned i = 0; i < 1024; i++) {
		struct rte_mbuf *packet = rig_packet(1, STRANGER, UNTAGGED, FRAME_LEN, 7, i);

		assert_int_equal(host_hash_mismatch_take(host), -1);
		packet->hash.rss = 7; /* with such a key every hash is 0 */
		packet->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		fake_in(uplink, 0, packet);
		if (i % 64 == 63)
			rig_run();
	}
	assert_int_equal(host_hash_mismatch_take(host), 0);
	assert_int_equal(host_hash_mismatch_take(host), -1);
	assert_int_equal(host_hash_mismatches(host), 1);
	rig_end();
}

/* timers_end_sleep returns how many processors would be woken within PUT_OFF_NS if they slept now. */
static unsigned timers_end_sleep(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PROCESSORS; i++) {
		struct waiting *waiting = &host_processor(host, processors[i])->waiting;
		struct itimerspec left;

		waiting_arm(waiting, true);
		assert_int_equal(timerfd_gettime(waiting->timer, &left), 0);
		n += left.it_value.tv_nsec > 0;
		assert_true(left.it_value.tv_sec == 0 && left.it_value.tv_nsec <= PUT_OFF_NS);
		waiting_arm(waiting, false);
	}
	return n;
}

/* An interrupt that is put off is made by whoever delivered, when its time has come, once; who else has delivered to that queue has nothing to do. */
static void calls_put_off(void **state)
{
	static const struct host_policy high = { true, 0, false, VMMQ_INTERRUPT_MODERATION_HIGH },
					off = { true, 0, false, VMMQ_INTERRUPT_MODERATION_OFF };
	struct fake *one;

	(void)state;
	rig_make();
	fake_device("fake1")->max_queues = 1;
	host_set_policy(host, id(1), &high);
	one = rig_vport(1, 0);
	assert_int_equal(one->moderation, VMMQ_INTERRUPT_MODERATION_HIGH);
	rig_rss(1, 0, 4);
	rig_apply();
	for (unsigned again = 0; again < 2; again++) {
		one->call_at_ns[0] = now_ns() + PUT_OFF_NS;
		for (uint16_t flow = 0; flow < 200; flow++)
			fake_in(uplink, 0, rig_packet(1, STRANGER, UNTAGGED, FRAME_LEN, flow, flow));
		rig_run();
		assert_int_equal(fake_waiting(one), 200);
		assert_int_equal(one->calls[0], again);
		assert_int_equal(timers_end_sleep(), 1);
		clock_pass(PUT_OFF_NS);
		rig_run();
		assert_int_equal(one->calls[0], again + 1);
		assert_int_equal(timers_end_sleep(), 0);
		fake_empty(one);
	}
	one->call_at_ns[0] = now_ns() + PUT_OFF_NS;
	rig_send(uplink, 1, STRANGER, UNTAGGED, 0);
	rig_run();
	host_set_policy(host, id(1), &off);
	assert_int_equal(one->moderation, VMMQ_INTERRUPT_MODERATION_OFF);
	clock_pass(PUT_OFF_NS);
	rig_run();
	assert_int_equal(one->calls[0], 3);
	host_set_policy(host, id(1), &high);
	one->call_at_ns[0] = now_ns() + PUT_OFF_NS;
	rig_send(uplink, 1, STRANGER, UNTAGGED, 0);
	rig_run();
	host_set_backend(host, id(1), NULL); /* is on nobody's list afterwards */
	clock_pass(PUT_OFF_NS);
	rig_run();
	assert_int_equal(one->calls[0], 3);
	fake_empty(one);
	rig_end();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_its_backend),
		cmocka_unit_test(queue_of_processor),
		cmocka_unit_test(samples_of_a_lane),
		cmocka_unit_test(enabled_queues),
		cmocka_unit_test(access_port),
		cmocka_unit_test(trunk_port),
		cmocka_unit_test(untagged_port),
		cmocka_unit_test(default_vport),
		cmocka_unit_test(mtu),
		cmocka_unit_test(full_and_down),
		cmocka_unit_test(copies),
		cmocka_unit_test(hash_mismatch),
		cmocka_unit_test(two_tags),
		cmocka_unit_test(calls_put_off),
	};

	int failed = cmocka_run_group_tests_name("deliver", tests, NULL, NULL);

	rig_strips = true; /* all is the same when devices take the tags out */
	failed += cmocka_run_group_tests_name("deliver, tags stripped", tests, NULL, NULL);
	return failed;
}

int main(void)
{
	return rig_main(run);
}
