/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters to loads: what is learned, and what counters that wrap, stand still or go back do not spoil. */
#include "balance/balance_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define TICK_NS 10000000u

/* Two lanes on processor 0, one on processor 1. */
struct meter_rig {
	struct balance_meter *meter;
	uint32_t packets[3], load[3];
	struct balance_work work[2];
	struct balance_seen seen[2];
};
static const uint16_t lane_processor[3] = { 0, 0, 1 };

static void rig_read(struct meter_rig *r)
{
	balance_meter_read(r->meter, TICK_NS, r->packets, lane_processor, r->work, r->load, r->seen);
}

static void rig_make(struct meter_rig *r, uint32_t start)
{
	*r = (struct meter_rig){ .meter = balance_meter_create(3, 2), .packets = { start, start, start } };
	assert_non_null(r->meter);
	rig_read(r);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(r->load[i], 0);
}

/* rig_work: a tick in which the lanes got packets and processor 0 was busy with `done` of them for busy_ns. */
static void rig_work(struct meter_rig *r, uint32_t a, uint32_t b, uint64_t done, uint64_t busy_ns)
{
	r->packets[0] += a;
	r->packets[1] += b;
	r->work[0].packets += done;
	r->work[0].busy_ns += busy_ns;
	r->work[0].turns++;
	rig_read(r);
}

static void near_to(uint32_t load, uint32_t wanted)
{
	assert_in_range(load, wanted - wanted / 200, wanted + wanted / 200);
}

static void lanes_share_what_their_processor_took(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_work(&r, 3000, 1000, 4000, TICK_NS / 2);
	near_to(r.load[0], 375000);
	near_to(r.load[1], 125000);
	near_to(r.seen[0].load, 500000);
	assert_int_equal(r.load[2], 0);
	assert_int_equal(r.seen[0].life, BALANCE_RAN);
	assert_int_equal(r.seen[1].life, BALANCE_IDLE);
	balance_meter_destroy(r.meter);
}

/* What came, not what was done: a processor that does half of it has a load of two. */
static void a_saturated_processor_is_offered_more_than_it_does(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_work(&r, 6000, 2000, 4000, TICK_NS);
	near_to(r.seen[0].load, 2000000);
	near_to(r.load[0], 1500000);
	balance_meter_destroy(r.meter);
}

/* rig_refuse: a tick in which processor 0 did 4000 packets of its lanes in half of it, polled in a quarter, and refused so many. */
static void rig_refuse(struct meter_rig *r, uint64_t refused)
{
	r->work[0].refused += refused;
	r->work[0].other_ns += TICK_NS / 4;
	rig_work(r, 3000, 1000, 4000, TICK_NS / 4 * 3);
}

static void rig_refuse_for_long(struct meter_rig *r, uint64_t refused)
{
	for (unsigned i = 0; i < 60; i++)
		rig_refuse(r, refused);
}

/* What was refused would have taken as long as what was done; polls take what they take. */
static void what_is_refused_counts_as_work(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_refuse_for_long(&r, 2000);
	near_to(r.seen[0].load, 250000 + 750000);
	near_to(r.load[0], 562500);
	near_to(r.load[1], 187500);
	assert_int_equal(r.seen[1].load, 0);
	rig_refuse(&r, 0);
	near_to(r.seen[0].load, 750000);
	near_to(r.load[0], 375000);
	balance_meter_destroy(r.meter);
}

/* One tick of it is an eighth of an average, and the average counts only where there is something now. */
static void what_is_refused_once_counts_little(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_refuse(&r, 2000);
	near_to(r.seen[0].load, 250000 + 500000 + 500000 / 16);
	rig_refuse_for_long(&r, 2000);
	rig_refuse(&r, 400);
	near_to(r.seen[0].load, 250000 + 550000);
	balance_meter_destroy(r.meter);
}

static void what_is_refused_counts_within_bounds(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_refuse_for_long(&r, 4000000);
	near_to(r.seen[0].load, 250000 + BALANCE_WANTED_MAX * 500000);
	near_to(r.load[0], BALANCE_WANTED_MAX * 375000);
	rig_refuse(&r, (uint64_t)-5000);
	near_to(r.seen[0].load, 750000);
	r.work[0].refused += 1000; /* and nothing was done */
	rig_read(&r);
	assert_int_equal(r.seen[0].load, 0);
	balance_meter_destroy(r.meter);
}

static void counters_wrap(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, UINT32_MAX - 10);
	r.work[0].busy_ns = r.work[0].packets = UINT64_MAX - 10;
	rig_read(&r);
	rig_work(&r, 3000, 1000, 4000, TICK_NS / 2);
	near_to(r.load[0], 375000);
	near_to(r.seen[0].load, 500000);
	balance_meter_destroy(r.meter);
}

/* The clock of a processor that stands still, goes back, or runs too fast: a packet costs what it cost before. */
static void the_cost_is_kept_where_it_cannot_be_learned(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_work(&r, 3000, 1000, 4000, TICK_NS / 2);
	rig_work(&r, 1000, 1000, 2000, 0);
	near_to(r.load[0], 125000);
	rig_work(&r, 1000, 1000, 2000, (uint64_t)-5);
	near_to(r.load[0], 125000);
	rig_work(&r, 1000, 1000, 2000, 3ull * TICK_NS);
	near_to(r.load[0], 125000);
	rig_work(&r, 1000, 1000, (uint64_t)-900, TICK_NS / 2);
	near_to(r.load[0], 125000);
	balance_meter_destroy(r.meter);
}

static void a_lane_counter_that_goes_back_counts_nothing(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 5000);
	rig_work(&r, 3000, 1000, 4000, TICK_NS / 2);
	rig_work(&r, (uint32_t)-8000, 1000, 1000, TICK_NS / 8);
	assert_int_equal(r.load[0], 0);
	near_to(r.load[1], 125000);
	rig_work(&r, 1000, 0, 1000, TICK_NS / 8);
	near_to(r.load[0], 125000);
	balance_meter_destroy(r.meter);
}

static void work_without_progress_is_stuck(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_work(&r, 3000, 1000, 4000, TICK_NS / 2);
	r.packets[0] += 100;
	rig_read(&r);
	assert_int_equal(r.seen[0].life, BALANCE_STUCK);
	near_to(r.load[0], 12500);
	rig_read(&r);
	assert_int_equal(r.seen[0].life, BALANCE_IDLE);
	r.work[0].turns++;
	rig_read(&r);
	assert_int_equal(r.seen[0].life, BALANCE_RAN);
	balance_meter_destroy(r.meter);
}

/* A tick that lasted twice as long has twice the packets, and the same loads. */
static void ticks_may_differ(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_work(&r, 3000, 1000, 4000, TICK_NS / 2);
	r.packets[0] += 6000;
	r.packets[1] += 2000;
	balance_meter_read(r.meter, 2 * TICK_NS, r.packets, lane_processor, r.work, r.load, r.seen);
	near_to(r.load[0], 375000);
	balance_meter_destroy(r.meter);
}

/* One packet that took the whole of two ticks: as much as can be said of it. */
static void a_packet_may_cost_more_than_a_tick(void **state)
{
	struct meter_rig r;

	(void)state;
	rig_make(&r, 0);
	rig_work(&r, 1, 0, 1, 2 * TICK_NS);
	near_to(r.load[0], 1048575);
	near_to(r.seen[0].load, 2000000);
	balance_meter_destroy(r.meter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lanes_share_what_their_processor_took),
		cmocka_unit_test(a_saturated_processor_is_offered_more_than_it_does),
		cmocka_unit_test(what_is_refused_counts_as_work),
		cmocka_unit_test(what_is_refused_once_counts_little),
		cmocka_unit_test(what_is_refused_counts_within_bounds),
		cmocka_unit_test(counters_wrap),
		cmocka_unit_test(the_cost_is_kept_where_it_cannot_be_learned),
		cmocka_unit_test(a_lane_counter_that_goes_back_counts_nothing),
		cmocka_unit_test(work_without_progress_is_stuck),
		cmocka_unit_test(ticks_may_differ),
		cmocka_unit_test(a_packet_may_cost_more_than_a_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
