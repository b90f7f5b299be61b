/* SPDX-License-Identifier: BSD-2-Clause */
/* Inboxes in one thread, without gates: order over the ring's end, positions, shares, and what is freed with them. */
#include "unit/core/test_random.h"

#include <string.h>

#include "engine/inbox.h"

#define SIZE   128u
#define VPORTS 256u

/* Packets are numbers here: the inbox never looks into them. */
static struct rte_mbuf *packet(uint64_t number)
{
	return (struct rte_mbuf *)(uintptr_t)((number + 1) * 8);
}

static uint64_t number_of(const struct rte_mbuf *pointer)
{
	return (uint64_t)(uintptr_t)pointer / 8 - 1;
}

static struct vmmq_vport_id vport(unsigned id)
{
	return (struct vmmq_vport_id){ (uint16_t)id };
}

static struct inbox *make(void)
{
	struct inbox *inbox = inbox_create(SIZE, VPORTS);

	assert_non_null(inbox);
	return inbox;
}

/* offer puts a packet in if it is admitted. */
static enum inbox_put offer(struct inbox *inbox, uint64_t number, unsigned id)
{
	enum inbox_put admitted = inbox_admits(inbox, vport(id));

	if (admitted == INBOX_PUT)
		inbox_put(inbox, packet(number), vport(id));
	return admitted;
}

/* flood offers packets of one VPort until they are refused; returns how many went in. */
static unsigned flood(struct inbox *inbox, unsigned id)
{
	unsigned n = 0;

	while (offer(inbox, n, id) == INBOX_PUT)
		n++;
	inbox_publish(inbox);
	return n;
}

/* take returns how many packets come, and that they are those from first on. */
static unsigned take(struct inbox *inbox, uint64_t first, unsigned most, struct inbox_sight *sight)
{
	struct rte_mbuf *taken[SIZE];
	unsigned n = inbox_take(inbox, taken, most, sight);

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(number_of(taken[i]), first + i);
	return n;
}

static void discard(void *context, struct rte_mbuf *pointer)
{
	unsigned *count = context;

	assert_non_null(pointer);
	(*count)++;
}

static void destroy(struct inbox *inbox)
{
	unsigned left = 0;

	inbox_destroy(inbox, discard, &left);
}

static void order_over_the_rings_end(void **state)
{
	struct inbox *inbox = make();
	struct inbox_sight sight;
	uint64_t in = 0, out = 0;

	(void)state;
	random_start();
	while (out < 200 * SIZE) {
		for (unsigned i = random_below(80); i && offer(inbox, in, 7) == INBOX_PUT; i--)
			in++;
		inbox_publish(inbox);
		for (unsigned i = random_below(3); i; i--) {
			unsigned n = take(inbox, out, 1 + random_below(64), &sight);

			out += n;
			inbox_returned(inbox, vport(7), n);
			inbox_indicated(inbox, n);
		}
		assert_true(out <= in);
	}
	while (out < in)
		out += take(inbox, out, 64, &sight);
	assert_int_equal(take(inbox, out, 64, &sight), 0);
	destroy(inbox);
}

static void positions(void **state)
{
	struct inbox *inbox = make();
	struct inbox_sight sight;

	(void)state;
	assert_true(inbox_is_drained(inbox, 0));
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(offer(inbox, i, 0), INBOX_PUT);
	assert_false(inbox_is_drained(inbox, 1));
	assert_int_equal(take(inbox, 0, 64, &sight), 0); /* not published yet */
	inbox_publish(inbox);
	assert_int_equal(take(inbox, 0, 2, &sight), 2);
	assert_int_equal(sight.waiting, 3);
	assert_false(inbox_is_drained(inbox, 1)); /* taken is not indicated */
	inbox_indicated(inbox, 2);
	assert_true(inbox_is_drained(inbox, 2));
	assert_true(inbox_has_indicated(inbox, vport(0), 2));
	assert_false(inbox_is_drained(inbox, 3));
	assert_int_equal(take(inbox, 2, 64, &sight), 1);
	assert_false(inbox_has_indicated(inbox, vport(0), 3));
	assert_true(inbox_vport_waits(inbox, vport(0)));
	inbox_returned(inbox, vport(0), 3);
	inbox_indicated(inbox, 1);
	assert_true(inbox_is_drained(inbox, 3));
	assert_false(inbox_vport_waits(inbox, vport(0)));
	destroy(inbox);
}

static void one_flood_leaves_half(void **state)
{
	struct inbox *inbox = make();
	struct inbox_sight sight;

	(void)state;
	assert_int_equal(flood(inbox, 1), SIZE / 2);
	assert_int_equal(inbox_admits(inbox, vport(1)), INBOX_SHARE_FULL);
	assert_int_equal(flood(inbox, 2), SIZE / 4);
	assert_int_equal(inbox_admits(inbox, vport(3)), INBOX_PUT);
	/* Room comes back when the packets are through: those of VPort 1 count for it until then. */
	assert_int_equal(take(inbox, 0, 10, &sight), 10);
	assert_int_equal(inbox_admits(inbox, vport(1)), INBOX_SHARE_FULL);
	inbox_returned(inbox, vport(1), 10);
	assert_int_equal(inbox_admits(inbox, vport(1)), INBOX_SHARE_FULL);
	inbox_indicated(inbox, 10);
	assert_int_equal(inbox_admits(inbox, vport(2)), INBOX_PUT);
	assert_int_equal(take(inbox, 10, 54, &sight), 54);
	inbox_returned(inbox, vport(1), 54);
	inbox_indicated(inbox, 54);
	assert_int_equal(inbox_admits(inbox, vport(1)), INBOX_PUT);
	destroy(inbox);
}

/* However many VPorts flood, as long as they are fewer than there is room for packets: some is left for a quiet one. */
static void many_floods_leave_room(void **state)
{
	(void)state;
	for (unsigned floods = 1; floods < SIZE; floods++) {
		struct inbox *inbox = make();
		bool moved = true;

		while (moved) {
			moved = false;
			for (unsigned id = 1; id <= floods; id++)
				moved |= offer(inbox, 0, id) == INBOX_PUT;
		}
		assert_true(SIZE - inbox->put >= SIZE / (floods + 1));
		assert_int_equal(inbox_admits(inbox, vport(0)), INBOX_PUT);
		inbox_publish(inbox);
		destroy(inbox);
	}
}

static void full_of_packets(void **state)
{
	struct inbox *inbox = make();
	struct inbox_sight sight;

	(void)state;
	for (unsigned id = 0; id < SIZE; id++)
		assert_int_equal(offer(inbox, id, id), INBOX_PUT);
	inbox_publish(inbox);
	assert_int_equal(inbox_admits(inbox, vport(SIZE)), INBOX_FULL);
	assert_int_equal(take(inbox, 0, 1, &sight), 1);
	assert_int_equal(inbox_admits(inbox, vport(SIZE)), INBOX_FULL); /* taken, but not indicated */
	inbox_indicated(inbox, 1);
	assert_int_equal(inbox_admits(inbox, vport(SIZE)), INBOX_PUT);
	destroy(inbox);
}

static void shares_count_modulo_2_to_the_32(void **state)
{
	struct inbox *inbox = make();
	struct inbox_sight sight;
	uint64_t out = 0;

	(void)state;
	inbox->share[5] = (struct inbox_share){ .in = UINT32_MAX - 20, .out_seen = UINT32_MAX - 20 };
	atomic_store(&inbox->out[5], UINT32_MAX - 20);
	for (uint64_t in = 0; in < 100; in++) {
		assert_int_equal(offer(inbox, in, 5), INBOX_PUT);
		inbox_publish(inbox);
		if (in % 3)
			continue;
		inbox_returned(inbox, vport(5), take(inbox, out, 1, &sight));
		inbox_indicated(inbox, 1);
		if (in % 6 == 0) {
			unsigned n = take(inbox, out + 1, 64, &sight);

			inbox_returned(inbox, vport(5), n);
			inbox_indicated(inbox, n);
			out += n;
		}
		out++;
	}
	assert_true(inbox->share[5].in < 100);
	destroy(inbox);
}

static void destroyed_with_content(void **state)
{
	struct inbox *inbox = make();
	struct inbox_sight sight;
	unsigned left = 0;

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		offer(inbox, i, 0);
	inbox_publish(inbox);
	assert_int_equal(take(inbox, 0, 2, &sight), 2); /* these are the consumer's */
	inbox_destroy(inbox, discard, &left);
	assert_int_equal(left, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_over_the_rings_end),        cmocka_unit_test(positions),
		cmocka_unit_test(one_flood_leaves_half),           cmocka_unit_test(many_floods_leave_room),
		cmocka_unit_test(shares_count_modulo_2_to_the_32), cmocka_unit_test(full_of_packets),
		cmocka_unit_test(destroyed_with_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
