/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests that are a little slow lose nothing, and nothing of it comes out of order; those that have stopped reading hurt nobody. */
#include "unit/host/clock_fake.h"
#include "unit/host/host_rig.h"

#define PACKETS 100000u
#define FLOWS   16u
#define DEAF_NS 30000000u

static void in_any_order(void)
{
	unsigned first = random_below(PROCESSORS);

	for (unsigned i = 0; i < PROCESSORS; i++)
		vmmq_processor_poll(adapter, processors[(first + i) % PROCESSORS]);
}

/* Numbered packets of some flows: each flow's numbers come out one by one. */
struct flows {
	uint32_t sent[FLOWS], seen[FLOWS];
	uint32_t on_their_way;
};

static void flows_send(struct flows *flows, uint16_t to)
{
	uint16_t flow = (uint16_t)random_below(FLOWS);

	fake_in(uplink, 0, rig_packet((uint8_t)to, STRANGER, UNTAGGED, FRAME_LEN, flow, flows->sent[flow]++));
	flows->on_their_way++;
}

static uint16_t flow_of(const struct rte_mbuf *packet)
{
	const uint8_t *port = rte_pktmbuf_mtod_offset(packet, const uint8_t *, 34);

	return (uint16_t)(port[0] << 8 | port[1]);
}

static void flows_take(struct flows *flows, struct fake *fake, unsigned count)
{
	for (uint16_t q = 0; q < FAKE_QUEUES && count; q++) {
		struct rte_mbuf *packet = fake_out(fake, q);

		for (; packet; packet = --count ? fake_out(fake, q) : NULL) {
			assert_int_equal(rig_number(packet), flows->seen[flow_of(packet)]++);
			flows->on_their_way--;
			rte_pktmbuf_free(packet);
		}
	}
}

/* One queue for all processors, which takes a few packets now and then, while RSS moves the flows about. */
static void slow(void **state)
{
	struct flows flows = { .on_their_way = 0 };
	struct fake *one;
	uint64_t most = 0;

	(void)state;
	rig_make();
	fake_device("fake1")->max_queues = 1;
	one = rig_vport(1, 0);
	one->room = 7;
	for (uint32_t i = 0; i < PACKETS || flows.on_their_way;) {
		for (unsigned n = random_below(40); n && i < PACKETS && flows.on_their_way < 800; n--, i++)
			flows_send(&flows, 1);
		if (random_one_in(50)) {
			unsigned first = random_below(PROCESSORS);

			rig_rss(1, first, random_below(PROCESSORS + 1 - first));
			rig_apply();
		}
		in_any_order();
		most = rig_counters(1).waiting > most ? rig_counters(1).waiting : most;
		flows_take(&flows, one, random_below(12));
	}
	assert_true(most > 500);
	assert_int_equal(rig_counters(1).to_guest_packets, PACKETS);
	assert_int_equal(rig_counters(1).to_guest_bytes, (uint64_t)PACKETS * FRAME_LEN);
	assert_int_equal(rig_counters(1).waiting, 0);
	assert_int_equal(host->waiting, 0);
	rig_balance(1);
	rig_end();
}

/* What waits goes on when nothing new comes. */
static void drains_by_itself(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	one->room = 10;
	for (uint32_t i = 0; i < 300; i++)
		rig_send(uplink, 1, STRANGER, UNTAGGED, i);
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 290);
	for (uint32_t i = 0; i < 300; i++) {
		rig_expect(one, 1, STRANGER, UNTAGGED, i);
		rig_run();
		assert_int_equal(rig_counters(1).waiting, i < 290 ? 289 - i : 0);
	}
	rig_balance(1);
	rig_end();
}

static void send_many(uint8_t to, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		rig_send(uplink, to, STRANGER, UNTAGGED, i);
		if (i % 64 == 63)
			rig_run();
	}
	rig_run();
}

/* One that has stopped reading: so many wait, then nothing does, until it reads again. */
static void deaf(void **state)
{
	struct fake *one, *two;
	uint64_t before;

	(void)state;
	rig_make();
	host->deaf_ns = UINT64_MAX;
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	one->room = 10;
	send_many(1, 3000);
	send_many(2, 1000);
	assert_int_equal(fake_waiting(two), 1000);
	assert_int_equal(rig_counters(1).waiting, WAITING_MAX);
	assert_int_equal(rig_drops(1, HOST_DROP_BACKEND_FULL), 3000 - 10 - WAITING_MAX);
	rig_balance(1);
	host->deaf_ns = DEAF_NS;
	rig_run();
	assert_int_equal(rig_counters(1).waiting, WAITING_MAX);
	clock_pass(DEAF_NS);
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 0);
	assert_int_equal(rig_drops(1, HOST_DROP_BACKEND_FULL), 2990);
	send_many(1, 50);
	assert_int_equal(rig_counters(1).waiting, 0);
	assert_int_equal(rig_drops(1, HOST_DROP_BACKEND_FULL), 3040);
	before = fake_waiting(one);
	one->room = 60;
	send_many(1, 64);
	assert_int_equal(fake_waiting(one), 60);
	assert_int_equal(rig_counters(1).waiting, 64 - (60 - before));
	rig_balance(1);
	fake_empty(two);
	rig_end();
}

/* It went on reading now and then: so it is never taken for deaf, however slow it is. */
static void slow_is_not_deaf(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	host->deaf_ns = DEAF_NS;
	one = rig_vport(1, 0);
	one->room = 10;
	send_many(1, 200);
	for (uint32_t i = 0; i < 100; i++) {
		clock_pass(DEAF_NS - DEAF_NS / 10);
		rig_expect(one, 1, STRANGER, UNTAGGED, i);
		rig_run();
	}
	assert_int_equal(rig_drops(1, HOST_DROP_BACKEND_FULL), 0);
	rig_balance(1);
	rig_end();
}

/* Several deaf guests share what there is, and leave something to who comes later and half of the buffers to all others. */
static void sharing(void **state)
{
	struct fake *late;
	uint64_t sum = 0;

	(void)state;
	rig_make();
	host->deaf_ns = UINT64_MAX;
	for (uint16_t v = 1; v <= 7; v++)
		rig_vport(v, 0)->room = 0;
	late = rig_vport(8, 0);
	for (unsigned round = 0; round < 10; round++)
		for (uint8_t v = 1; v <= 7; v++)
			send_many(v, 200);
	for (uint16_t v = 1; v <= 7; v++) {
		uint64_t waiting = rig_counters(v).waiting;

		assert_true(waiting >= BUFFERS / 2 / 7 / 3);
		assert_true(waiting <= WAITING_MAX);
		sum += waiting;
		rig_balance(v);
	}
	assert_int_equal(host->waiting, sum);
	assert_true(sum < BUFFERS / 2);
	assert_int_equal(rte_mempool_avail_count(packets), BUFFERS - sum);
	late->room = 0;
	send_many(8, 60);
	assert_int_equal(rig_counters(8).waiting, 60);
	late->room = 100;
	rig_run();
	assert_int_equal(fake_waiting(late), 60);
	rig_end();
}

/* Closing a backend, and deleting its VPort, empties its lines. */
static void closed_while_waiting(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	rig_rss(1, 0, 4);
	rig_apply();
	one->room = 1;
	two->room = 1;
	for (uint16_t flow = 0; flow < 200; flow++)
		fake_in(uplink, 0, rig_packet(1 + flow % 2, STRANGER, UNTAGGED, FRAME_LEN, flow, flow));
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 100 - 4);
	host_set_backend(host, id(1), NULL);
	assert_int_equal(rig_counters(1).waiting, 0);
	assert_int_equal(rig_drops(1, HOST_DROP_NO_BACKEND), 96);
	assert_int_equal(host->waiting, 99);
	rig_balance(1);
	rig_run();
	host_set_backend(host, id(1), DEVICE("fake1"));
	one->room = 500;
	rig_send(uplink, 1, STRANGER, UNTAGGED, 1);
	rig_run();
	assert_int_equal(rig_counters(1).to_guest_packets, 5);
	host_forget_vport(host, id(2));
	assert_int_equal(host->waiting, 0);
	assert_int_equal(rig_counters(2).waiting, 0);
	rig_run();
	rig_end();
}

/* A clean stop waits for them, as long as it may. */
static void stopped_while_waiting(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	host->deaf_ns = UINT64_MAX;
	one = rig_vport(1, 0);
	one->room = 10;
	send_many(1, 100);
	assert_false(host_stop_ports(host, 1000000));
	one->room = 100;
	rig_run();
	assert_true(host_stop_ports(host, 1000000));
	assert_int_equal(rig_counters(1).to_guest_packets, 100);
	rig_end();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow),
		cmocka_unit_test(drains_by_itself),
		cmocka_unit_test(deaf),
		cmocka_unit_test(slow_is_not_deaf),
		cmocka_unit_test(sharing),
		cmocka_unit_test(closed_while_waiting),
		cmocka_unit_test(stopped_while_waiting),
	};

	return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
