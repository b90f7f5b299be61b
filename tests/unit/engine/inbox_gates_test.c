/* SPDX-License-Identifier: BSD-2-Clause */
/* Inboxes with gates, in one thread: which lanes are held, for how long, in what order they come, and what that costs. */
#include "unit/core/test_random.h"

#include <stdlib.h>

#include "engine/eal.h"
#include "engine/inbox.h"
#include "engine/oob.h"

#define SIZE    128u
#define VPORTS  8u
#define PACKETS 4096u

static struct rte_mbuf mbuf[PACKETS];

static struct vmmq_vport_id vport(unsigned id)
{
	return (struct vmmq_vport_id){ (uint16_t)id };
}

static struct inbox *make(void)
{
	struct inbox *inbox = inbox_create(SIZE, VPORTS);

	assert_non_null(inbox);
	assert_true(inbox_hold_ready(inbox));
	return inbox;
}

/* put puts packet number in, of a VPort's lane. */
static void put(struct inbox *inbox, unsigned number, unsigned id, unsigned lane)
{
	*oob_field(&mbuf[number]) = (struct oob_field){ .vport = (uint16_t)id, .entry = (uint16_t)lane };
	assert_int_equal(inbox_admits(inbox, vport(id)), INBOX_PUT);
	inbox_put(inbox, &mbuf[number], vport(id));
	inbox_publish(inbox);
}

static struct lane_wait *wait_for(const struct inbox *other, unsigned of, uint64_t position, uint64_t lanes)
{
	struct lane_wait *wait = calloc(1, sizeof(*wait));

	assert_non_null(wait);
	*wait =
	    (struct lane_wait){ .inbox = other, .position = position, .lanes = { { lanes } }, .vport = vport(of) };
	return wait;
}

/* gate_add puts a gate: lanes (bits) of VPort id wait for what VPort of has in other now. */
static void gate_add(struct inbox *inbox, unsigned id, uint64_t lanes, const struct inbox *other, unsigned of)
{
	struct gate *gate = calloc(1, sizeof(*gate));

	assert_non_null(gate);
	*gate = (struct gate){ .vport = vport(id), .waits = wait_for(other, of, other->put, lanes) };
	inbox_gate_put(inbox, gate);
}

/* take does one turn, of which the packets are those listed, up to -1; returns how many gates were passed. */
static unsigned take(struct inbox *inbox, const int expected[])
{
	struct rte_mbuf *packet[DPC_BATCH];
	struct inbox_sight sight;
	unsigned n = inbox_take(inbox, packet, DPC_BATCH, &sight);

	for (unsigned i = 0; i < n; i++) {
		assert_ptr_equal(packet[i], &mbuf[expected[i]]);
		inbox_returned(inbox, vport(oob_field(packet[i])->vport), 1);
	}
	assert_int_equal(expected[n], -1);
	inbox_indicated(inbox, n);
	return sight.gates_passed;
}
#define TAKE(inbox, ...) take(inbox, (const int[]){ __VA_ARGS__, -1 })
#define NOTHING          -1

static void discard(void *context, struct rte_mbuf *packet)
{
	unsigned *count = context;

	assert_non_null(packet);
	(*count)++;
}

static unsigned destroy(struct inbox *inbox)
{
	unsigned left = 0;

	inbox_destroy(inbox, discard, &left);
	return left;
}

/* Only the lanes that have moved are held; other lanes of the VPort, and other VPorts, pass. */
static void only_what_moved_waits(void **state)
{
	struct inbox *old = make(), *new = make();

	(void)state;
	put(old, 0, 1, 3);
	put(new, 1, 1, 3); /* before the gate */
	gate_add(new, 1, 1 << 3, old, 1);
	put(new, 2, 1, 3);
	put(new, 3, 1, 4);
	put(new, 4, 2, 3);
	put(new, 5, 1, 3);
	assert_int_equal(TAKE(new, 1, 3, 4), 0);
	assert_int_equal(TAKE(new, NOTHING), 0);
	put(new, 6, 2, 3);
	assert_int_equal(TAKE(new, 6), 0);
	TAKE(old, 0);
	put(new, 7, 1, 3);
	assert_int_equal(TAKE(new, 2, 5, 7), 1); /* what was held goes first */
	assert_int_equal(destroy(old) + destroy(new), 0);
}

/* Taken from the old inbox is not enough: it must have been indicated. */
static void waits_for_indications(void **state)
{
	struct inbox *old = make(), *new = make();
	struct rte_mbuf *packet[2];
	struct inbox_sight sight;

	(void)state;
	put(old, 0, 1, 0);
	put(old, 1, 2, 0); /* another VPort's is not waited for */
	gate_add(new, 1, 1, old, 1);
	put(new, 2, 1, 0);
	assert_int_equal(inbox_take(old, packet, 1, &sight), 1);
	assert_int_equal(TAKE(new, NOTHING), 0);
	inbox_indicated(old, 1);
	assert_int_equal(TAKE(new, NOTHING), 0); /* head has not passed the position that the gate was given */
	assert_int_equal(inbox_take(old, packet, 1, &sight), 1);
	inbox_indicated(old, 1);
	assert_int_equal(TAKE(new, 2), 1);
	assert_int_equal(destroy(old) + destroy(new), 0);
}

/* What the old processor itself holds is waited for although its head has passed it. */
static void waits_for_what_is_held(void **state)
{
	struct inbox *first = make(), *second = make(), *third = make();

	(void)state;
	put(first, 0, 1, 0);
	gate_add(second, 1, 1, first, 1);
	put(second, 1, 1, 0);
	gate_add(third, 1, 1, second, 1);
	put(third, 2, 1, 0);
	TAKE(second, NOTHING);
	assert_false(inbox_vport_waits(third, vport(2)));
	assert_true(inbox_vport_waits(second, vport(1)));
	TAKE(third, NOTHING);
	TAKE(first, 0);
	TAKE(third, NOTHING);
	TAKE(second, 1);
	TAKE(third, 2);
	assert_int_equal(destroy(first) + destroy(second) + destroy(third), 0);
}

/* A gate on the inbox that it stands in: what lies before it is indicated in a turn of its own. */
static void waits_for_its_own_inbox(void **state)
{
	struct inbox *inbox = make();

	(void)state;
	put(inbox, 0, 1, 0);
	gate_add(inbox, 2, UINT64_MAX, inbox, 1);
	put(inbox, 1, 2, 0);
	TAKE(inbox, 0);
	TAKE(inbox, 1);
	assert_int_equal(destroy(inbox), 0);
}

static unsigned gate_count(const struct inbox *inbox)
{
	unsigned n = 0;

	for (const struct gate *gate = inbox->gates; gate; gate = gate->next)
		n++;
	return n;
}

/* Gates of one VPort become one as long as nothing of it is put between them, before the processor sees them and after. */
static void gates_come_together(void **state)
{
	struct inbox *old = make(), *other = make(), *new = make();

	(void)state;
	put(old, 0, 1, 0);
	put(other, 1, 1, 1);
	for (unsigned i = 0; i < 1000; i++) {
		gate_add(new, 1, 1, old, 1);
		if (i % 25 == 0)
			put(old, 2 + i % 2, 2, 0); /* so that positions differ */
		if (i % 3 == 0)
			TAKE(new, NOTHING);
	}
	gate_add(new, 1, 2, other, 1);
	TAKE(new, NOTHING);
	assert_int_equal(gate_count(new), 1);
	assert_non_null(new->gates->waits);
	put(new, 10, 1, 0);
	put(new, 11, 1, 1);
	gate_add(new, 1, 1, old, 1);
	put(new, 12, 1, 0);
	TAKE(new, NOTHING);
	assert_int_equal(gate_count(new), 2);
	TAKE(other, 1);
	TAKE(new, 11); /* its lane waits for that one only */
	destroy(old);
	destroy(other);
	assert_int_equal(destroy(new), 2);
}

/* More held packets than fit into a batch come in order, and nothing passes them. */
static void a_long_line_of_held_packets(void **state)
{
	struct inbox *old = make(), *new = make();
	int expected[DPC_BATCH + 1];

	(void)state;
	put(old, 0, 1, 0);
	gate_add(new, 1, 1, old, 1);
	for (unsigned i = 0; i < SIZE / 2; i++)
		put(new, 1 + i, 1, 0);
	assert_int_equal(inbox_admits(new, vport(1)), INBOX_SHARE_FULL);
	TAKE(new, NOTHING);
	assert_int_equal(inbox_admits(new, vport(1)), INBOX_SHARE_FULL); /* held packets count */
	put(new, 100, 2, 0);
	TAKE(new, 100);
	TAKE(old, 0);
	for (unsigned i = 0; i < DPC_BATCH; i++)
		expected[i] = (int)(1 + i);
	expected[DPC_BATCH] = -1;
	put(new, 101, 3, 0);
	take(new, expected);
	assert_int_equal(SIZE / 2, DPC_BATCH);
	put(new, 102, 1, 0);
	TAKE(new, 101, 102);
	assert_int_equal(inbox_admits(new, vport(1)), INBOX_PUT);
	assert_int_equal(destroy(old) + destroy(new), 0);
}

/* A full inbox whose lanes are all held takes no more packets than any full one, but any number of gates. */
static void gates_take_no_room(void **state)
{
	struct inbox *old = make(), *new = make();

	(void)state;
	put(old, 0, 1, 0);
	for (unsigned id = 1; id < VPORTS; id++)
		gate_add(new, id, 1, old, 1);
	for (unsigned i = 0;; i++) {
		unsigned id = 1 + i % (VPORTS - 1);

		if (inbox_admits(new, vport(id)) != INBOX_PUT)
			break;
		put(new, 1 + i, id, 0);
		if (i % 5 == 0)
			TAKE(new, NOTHING);
		for (unsigned k = 0; k < 5; k++)
			gate_add(new, id, 1, old, 1);
	}
	assert_true(new->put >= SIZE - 2 * SIZE / VPORTS &&new->put <= SIZE);
	TAKE(new, NOTHING);
	assert_int_equal(new->held_count, new->put);
	assert_int_equal(destroy(new), new->put);
	destroy(old);
}

static void destroyed_with_content(void **state)
{
	struct inbox *inbox = make(), *other = make();

	(void)state;
	put(other, 0, 1, 0);
	gate_add(inbox, 1, 1, other, 1);
	put(inbox, 1, 1, 0);
	put(inbox, 2, 2, 0);
	TAKE(inbox, 2);
	put(inbox, 3, 1, 1);
	gate_add(inbox, 1, 1, other, 1);
	assert_int_equal(destroy(inbox), 2);
	assert_int_equal(destroy(other), 1);
}

static int start(void **state)
{
	char error[256];

	(void)state;
	return eal_start(1, 16, error, sizeof(error)) || !oob_register() ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_moved_waits),  cmocka_unit_test(waits_for_indications),
		cmocka_unit_test(waits_for_what_is_held), cmocka_unit_test(waits_for_its_own_inbox),
		cmocka_unit_test(gates_come_together),    cmocka_unit_test(a_long_line_of_held_packets),
		cmocka_unit_test(gates_take_no_room),     cmocka_unit_test(destroyed_with_content),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
