/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames most of which is lent, by devices whose memory is gone once that is settled: wherever they go, and however long they take, they arrive
 * as they were sent.
 */
#include "unit/host/host_rig.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define FRAMES 40u

static int
    descriptor; /* that guests could be waited for with: only such are polled by guest_polls.c, which settles */

static struct fake *lender(uint16_t v)
{
	char name[16];
	struct fake *fake;

	snprintf(name, sizeof(name), "fake%u", (unsigned)v);
	fake_device(name)->receive_fd = descriptor;
	fake = rig_vport(v, 0);
	fake->lends = true;
	return fake;
}

/* made: a frame of that length, with a number in every byte behind its addresses. */
static struct rte_mbuf *made(uint8_t to, uint8_t from, uint16_t len, uint32_t number)
{
	struct rte_mbuf *packet = rig_packet(to, from, UNTAGGED, len, 7, number);

	memset(rte_pktmbuf_mtod_offset(packet, void *, 42), (int)number, len - 42u - sizeof(number));
	return packet;
}

static bool expect_next(struct fake *fake, uint8_t to, uint8_t from, const uint16_t len[], uint32_t *number)
{
	struct rte_mbuf *packet = NULL, *wanted;
	uint8_t room[2048];

	for (uint16_t q = 0; q < FAKE_QUEUES && !packet; q++)
		packet = fake_out(fake, q);
	if (!packet)
		return false;
	wanted = made(to, from, len[*number], *number);
	assert_int_equal(packet->pkt_len, wanted->pkt_len);
	assert_memory_equal(rte_pktmbuf_read(packet, 0, packet->pkt_len, room), rte_pktmbuf_mtod(wanted, char *),
			    packet->pkt_len);
	rte_pktmbuf_free(wanted);
	rte_pktmbuf_free(packet);
	++*number;
	return true;
}

/* turn: at its end nothing that is lent is read any more. */
static void turn(unsigned processor)
{
	vmmq_processor_poll(adapter, processors[processor]);
	assert_int_equal(fake_taken(), 0);
}

/* send_all has frames of any length go from a lender to whoever, while a receiver takes few at a time; all of them arrive, in order. */
static void send_all(struct fake *from, uint8_t from_name, struct fake *to, uint8_t to_name)
{
	uint32_t arrived = 0;
	uint16_t len[FRAMES];

	to->room = random_one_in(2) ? 1 + random_below(8) : FAKE_SIZE - 1;
	for (unsigned i = 0; i < FRAMES; i++) {
		len[i] = (uint16_t)(60 + random_below(1455));
		fake_in(from, 0, made(to_name, from_name, len[i], i));
	}
	while (arrived < FRAMES) {
		for (unsigned i = 0; i < PROCESSORS; i++)
			turn(i);
		while (!random_one_in(4) && expect_next(to, to_name, from_name, len, &arrived))
			;
	}
	rig_run();
	assert_int_equal(arrived, FRAMES);
	assert_int_equal(fake_waiting(to), 0);
}

static void anywhere(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		struct fake *one, *two, *five;

		rig_make();
		one = lender(1);
		two = lender(2);
		five = lender(5); /* on the processor of 1 */
		rig_rss(2, 0, 1 + round % PROCESSORS);
		rig_apply();
		send_all(one, 1, two, 2);
		send_all(one, 1, five, 5);
		send_all(two, 2, one, 1);
		send_all(one, 1, uplink, STRANGER);
		rig_end();
	}
}

/* Group-addressed frames go to several, the uplink among them. */
static void to_all(void **state)
{
	struct fake *one, *two, *five;
	uint16_t len[FRAMES];
	uint32_t arrived[3] = { 0 };

	(void)state;
	rig_make();
	one = lender(1);
	two = lender(2);
	five = lender(5);
	for (unsigned i = 0; i < FRAMES; i++) {
		len[i] = (uint16_t)(60 + random_below(1455));
		fake_in(one, 0, made(BROADCAST, 1, len[i], i));
	}
	rig_run();
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_true(expect_next(two, BROADCAST, 1, len, &arrived[0]));
		assert_true(expect_next(five, BROADCAST, 1, len, &arrived[1]));
		assert_true(expect_next(uplink, BROADCAST, 1, len, &arrived[2]));
	}
	rig_end();
}

/* A table that changes all the time closes gates in their way. */
static void while_moving(void **state)
{
	struct fake *one, *two;
	uint32_t sent = 0, arrived = 0;
	uint16_t len[FRAMES];

	(void)state;
	rig_make();
	one = lender(1);
	fake_device("fake5")->max_queues = 1; /* so that the order shows */
	two = lender(5);
	while (arrived < FRAMES) {
		if (sent < FRAMES) {
			len[sent] = (uint16_t)(60 + random_below(1455));
			fake_in(one, 0, made(5, 1, len[sent], sent));
			sent++;
		}
		rig_rss(5, random_below(PROCESSORS), 1);
		assert_int_equal(vmmq_adapter_apply(adapter, false, HANG_NS, NULL), VMMQ_SUCCESS);
		turn(random_below(PROCESSORS));
		expect_next(two, 5, 1, len, &arrived);
	}
	rig_end();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anywhere),
		cmocka_unit_test(to_all),
		cmocka_unit_test(while_moving),
	};

	return cmocka_run_group_tests_name("lend", tests, NULL, NULL);
}

int main(void)
{
	int failed;

	descriptor = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC); /* always readable: who waits for it is woken */
	failed = rig_main(run);
	close(descriptor);
	return failed;
}
