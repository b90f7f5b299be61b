/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Strangers: VPorts that never move, and so must never notice that others do.  The criterion knows no time: a turn that could have
 * taken more packets from an inbox than it did leaves nothing of a stranger there, neither in the ring nor held.
 */
#include "engine/inbox.h"
#include "engine/oob.h"
#include "engine/test_gates.h"
#include "race.h"

static unsigned first_stranger;
static _Atomic uint64_t delayed;

static bool is_strangers(struct rte_mbuf *packet)
{
	return oob_field(packet)->vport >= first_stranger;
}

static void strangers_look(const struct inbox *inbox, uint64_t tail, bool had_room)
{
	const struct hold *hold = atomic_load_explicit(&inbox->hold, memory_order_acquire); /* G2 */
	uint64_t n = 0;

	if (!had_room)
		return;
	for (uint32_t i = 0; i < inbox->held_count; i++)
		n += is_strangers(hold->held[i].packet);
	for (uint64_t at = inbox->next; at != tail; at++)
		n += is_strangers(inbox->slot[at & inbox->mask]);
	if (n)
		atomic_fetch_add_explicit(&delayed, n, memory_order_relaxed);
}

void strangers_watch(const struct options *options)
{
	first_stranger = 1 + options->vports - options_strangers(options);
	vmmq_test_taken = strangers_look;
}

uint64_t strangers_delayed(void)
{
	return atomic_load_explicit(&delayed, memory_order_relaxed);
}
