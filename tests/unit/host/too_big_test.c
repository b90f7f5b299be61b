/* SPDX-License-Identifier: BSD-2-Clause */
/* A frame that the other side will never take, for its length, is lost alone: what is behind it arrives, in order. */
#include "unit/host/clock_fake.h"
#include "unit/host/host_rig.h"

#define SHORT   60u
#define LONGEST 200u /* that the device takes */
#define LONG    300u
#define PACKETS 20000u

static void send_long(struct fake *from, uint8_t to, uint8_t source, uint16_t len, uint32_t number)
{
	fake_in(from, 0, rig_packet(to, source, UNTAGGED, len, 0, number));
}

/* run_on lets time pass until nothing waits for VPort 1, but no more than a guest may read nothing. */
static void run_on(void)
{
	rig_run();
	for (uint64_t passed = 0; rig_counters(1).waiting && passed < host->deaf_ns / 2; passed += 1000000) {
		clock_pass(1000000);
		rig_run();
	}
}

static void behind_it(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	one->longest = LONGEST;
	send_long(uplink, 1, STRANGER, SHORT, 1);
	send_long(uplink, 1, STRANGER, LONG, 2);
	send_long(uplink, 1, STRANGER, LONG + 1, 3);
	send_long(uplink, 1, STRANGER, LONGEST, 4);
	send_long(uplink, 1, STRANGER, LONG, 5);
	send_long(uplink, 1, STRANGER, SHORT, 6);
	run_on();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	rig_expect(one, 1, STRANGER, UNTAGGED, 4);
	rig_expect(one, 1, STRANGER, UNTAGGED, 6);
	rig_expect_nothing(one);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 3);
	assert_int_equal(rig_drops(1, HOST_DROP_BACKEND_FULL), 0);
	rig_balance(1);
	rig_end();
}

/* Alone at first: what comes later finds it there, and goes past it. */
static void before_the_others(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	one->longest = LONGEST;
	send_long(uplink, 1, STRANGER, SHORT, 1);
	send_long(uplink, 1, STRANGER, LONG, 2);
	rig_run();
	clock_pass(10000000);
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 1);
	send_long(uplink, 1, STRANGER, SHORT, 3);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	rig_expect(one, 1, STRANGER, UNTAGGED, 3);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 1);
	rig_end();
}

/* And nothing else comes: it is dropped when the queue would be taken for deaf, by its own name all the same. */
static void alone(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	one->longest = LONGEST;
	send_long(uplink, 1, STRANGER, SHORT, 1);
	send_long(uplink, 1, STRANGER, LONG, 2);
	rig_run();
	clock_pass(host->deaf_ns);
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 0);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 1);
	send_long(uplink, 1, STRANGER, SHORT, 3);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	rig_expect(one, 1, STRANGER, UNTAGGED, 3);
	rig_balance(1);
	rig_end();
}

/* The next ones are not waited for; once a second one is tried, and when the guest takes it, all are taken. */
static void learned(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	one->longest = LONGEST;
	send_long(uplink, 1, STRANGER, LONG, 1);
	send_long(uplink, 1, STRANGER, SHORT, 2);
	run_on();
	rig_expect(one, 1, STRANGER, UNTAGGED, 2);
	for (uint32_t i = 0; i < 5000; i++) { /* far more than may wait */
		send_long(uplink, 1, STRANGER, LONG, 0);
		send_long(uplink, 1, STRANGER, SHORT, i);
		if (i % 64 == 63)
			rig_run();
	}
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 0);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 5001);
	for (uint32_t i = 0; i < 5000; i++)
		rig_expect(one, 1, STRANGER, UNTAGGED, i);
	one->longest = UINT32_MAX;
	send_long(uplink, 1, STRANGER, LONG, 3);
	rig_run();
	rig_expect_nothing(one);
	clock_pass(SECOND_NS);
	send_long(uplink, 1, STRANGER, LONG, 4);
	send_long(uplink, 1, STRANGER, LONG, 5);
	send_long(uplink, 1, STRANGER, LONG, 6);
	rig_run();
	fake_empty(one);
	send_long(uplink, 1, STRANGER, LONG, 7);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 7);
	rig_balance(1);
	rig_end();
}

/* A guest that is only slow loses none, however long: it has taken none of that length before, but takes no shorter ones either. */
static void only_full(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	one->room = 0;
	send_long(uplink, 1, STRANGER, LONG, 1);
	send_long(uplink, 1, STRANGER, SHORT, 2);
	rig_run();
	clock_pass(host->deaf_ns * 3 / 4);
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 2);
	one->room = 2;
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	rig_expect(one, 1, STRANGER, UNTAGGED, 2);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 0);
	rig_end();
}

/* One whose buffers have become smaller since it took such frames. */
static void takes_less_than_before(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	send_long(uplink, 1, STRANGER, LONG, 1);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 1);
	one->longest = LONGEST;
	send_long(uplink, 1, STRANGER, LONG, 2);
	send_long(uplink, 1, STRANGER, SHORT, 3);
	rig_run();
	clock_pass(2000000); /* for now it may be full */
	rig_run();
	assert_int_equal(rig_counters(1).waiting, 2);
	clock_pass(host->deaf_ns / 2);
	rig_run();
	rig_expect(one, 1, STRANGER, UNTAGGED, 3);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 1);
	rig_end();
}

/* Any lengths, any room: what the guest can take it gets, in order, and nothing else is lost. */
static void random_lengths(void **state)
{
	uint32_t longest, next = 0, seen = 0;
	struct fake *one;

	(void)state;
	rig_make();
	host->deaf_ns = UINT64_MAX;
	one = rig_vport(1, 0);
	longest = SHORT + random_below(1400);
	one->longest = longest;
	for (uint32_t i = 0; i < PACKETS || rig_counters(1).waiting;) {
		one->room = 1 + random_below(40);
		for (unsigned n = random_below(30); n && i < PACKETS && rig_counters(1).waiting < 800; n--) {
			uint16_t len = (uint16_t)(SHORT + random_below(1454));

			/* The last ones are short: a long one behind which nothing comes would wait. */
			len = i + 100 > PACKETS ? SHORT : len;
			send_long(uplink, 1, STRANGER, len, len <= longest ? next++ : UINT32_MAX);
			i++;
		}
		rig_run();
		clock_pass(random_below(3000000));
		for (unsigned n = random_below(40), q = 0; n && q < FAKE_QUEUES; q++) {
			struct rte_mbuf *packet = fake_out(one, (uint16_t)q);

			for (; packet; packet = --n ? fake_out(one, (uint16_t)q) : NULL) {
				assert_int_equal(rig_number(packet), seen++);
				rte_pktmbuf_free(packet);
			}
		}
	}
	assert_int_equal(rig_counters(1).to_guest_packets, next);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), PACKETS - next);
	rig_balance(1);
	rig_end();
}

static void at_the_uplink(void **state)
{
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	uplink->longest = LONGEST;
	send_long(one, STRANGER, 1, SHORT, 1);
	send_long(one, STRANGER, 1, LONG, 2);
	send_long(one, STRANGER, 1, SHORT, 3);
	rig_run();
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 1);
	rig_expect_nothing(uplink);
	clock_pass(host->stuck_ns / 2);
	rig_run();
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 3);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 1);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 0);
	rig_end();
}

/* uplink_of_one_queue makes senders share it. */
static void uplink_of_one_queue(void)
{
	uplink->max_queues = 1;
	host_set_uplink(host, NULL, 0);
	host_set_uplink(host, DEVICE("fake9"), 1);
}

/* What was lost with an uplink that takes nothing is not held against the next packet, which only finds it full. */
static void lost_before(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	uplink_of_one_queue();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	uplink->room = 0;
	send_long(one, STRANGER, 1, SHORT, 0);
	rig_run();
	clock_pass(host->stuck_ns);
	rig_run();
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 1);
	clock_pass(host->stuck_ns);
	uplink->room = 1;
	send_long(two, STRANGER, 2, SHORT, 1);
	rig_run();
	send_long(one, STRANGER, 1, SHORT, 2);
	rig_run();
	rig_expect(uplink, STRANGER, 2, UNTAGGED, 1);
	rig_run();
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 2);
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 0);
	rig_end();
}

/* The device takes what others send, so it is not full: the one that sent it goes on, too, though nothing is behind it yet. */
static void at_the_uplink_among_others(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	uplink_of_one_queue();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	uplink->longest = LONGEST;
	send_long(one, STRANGER, 1, LONG, 0);
	for (uint32_t i = 0; i < 100; i++) {
		send_long(two, STRANGER, 2, SHORT, i);
		rig_run();
		rig_expect(uplink, STRANGER, 2, UNTAGGED, i);
		clock_pass(host->stuck_ns / 50);
	}
	assert_int_equal(rig_drops(1, HOST_DROP_TOO_BIG), 1);
	send_long(one, STRANGER, 1, SHORT, 1);
	rig_run();
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 1);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN) + rig_drops(2, HOST_DROP_UPLINK_DOWN), 0);
	rig_end();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behind_it),
		cmocka_unit_test(before_the_others),
		cmocka_unit_test(alone),
		cmocka_unit_test(learned),
		cmocka_unit_test(only_full),
		cmocka_unit_test(takes_less_than_before),
		cmocka_unit_test(random_lengths),
		cmocka_unit_test(at_the_uplink),
		cmocka_unit_test(at_the_uplink_among_others),
		cmocka_unit_test(lost_before),
	};

	return cmocka_run_group_tests_name("too_big", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
