/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the race test breaks on purpose, in an engine of its own that is built with VMMQ_TEST_GATES, and what it watches there
 * (tests/race/strangers.c).  In every other build gates are on, and nothing is left of this.
 */
#ifndef VMMQ_ENGINE_TEST_GATES_H
#define VMMQ_ENGINE_TEST_GATES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct inbox;

enum test_gates {
	TEST_GATES_OFF,
	TEST_GATES_ON,
	TEST_GATES_NO_TRAIL,    /* where a lane has been is forgotten */
	TEST_GATES_WHOLE_INBOX, /* a closed gate stops whatever is behind it */
	TEST_GATES_HASTY_JOIN,  /* a sender joins another source at once */
};

#ifdef VMMQ_TEST_GATES
extern atomic_int vmmq_test_gates;

static inline bool test_gates_are(enum test_gates gates)
{
	return atomic_load_explicit(&vmmq_test_gates, memory_order_relaxed) == (int)gates;
}

/* vmmq_test_taken, if set, looks at what a turn leaves in an inbox; had_room: it could have taken more.  Processor only. */
extern void (*vmmq_test_taken)(const struct inbox *inbox, uint64_t tail, bool had_room);

static inline void test_taken(const struct inbox *inbox, uint64_t tail, bool had_room)
{
	if (vmmq_test_taken)
		vmmq_test_taken(inbox, tail, had_room);
}
#else
static inline bool test_gates_are(enum test_gates gates)
{
	return gates == TEST_GATES_ON;
}

static inline void test_taken(const struct inbox *inbox, uint64_t tail, bool had_room)
{
	(void)inbox;
	(void)tail;
	(void)had_room;
}
#endif

#endif
