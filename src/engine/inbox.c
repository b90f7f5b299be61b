/* SPDX-License-Identifier: BSD-2-Clause */
/* Inboxes: the parts that are not on every packet's way. */
#include "engine/inbox.h"

#include <stdlib.h>
#include <string.h>

static void inbox_free(struct inbox *inbox)
{
	free(inbox->share);
	free(inbox->out);
	free(inbox);
}

struct inbox *inbox_create(uint32_t size, uint32_t vports)
{
	size_t bytes = sizeof(struct inbox) + size * sizeof(struct rte_mbuf *);
	struct inbox *inbox = aligned_alloc(CACHE_LINE, (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);

	if (!inbox)
		return NULL;
	memset(inbox, 0, sizeof(*inbox));
	inbox->mask = size - 1;
	inbox->vports = vports;
	inbox->share = calloc(vports, sizeof(*inbox->share));
	inbox->out = calloc(vports, sizeof(*inbox->out));
	if (inbox->share && inbox->out)
		return inbox;
	inbox_free(inbox);
	return NULL;
}

void inbox_destroy(struct inbox *inbox, void (*packet_free)(void *context, struct rte_mbuf *packet), void *context)
{
	uint64_t tail = atomic_load_explicit(&inbox->tail, memory_order_acquire);     /* pairs with I1 */
	struct hold *hold = atomic_load_explicit(&inbox->hold, memory_order_acquire); /* G2 */

	for (uint32_t i = 0; i < inbox->held_count; i++)
		packet_free(context, hold->held[i].packet);
	for (; inbox->next != tail; inbox->next++)
		packet_free(context, inbox->slot[inbox->next & inbox->mask]);
	gates_free(atomic_load_explicit(&inbox->fresh, memory_order_acquire)); /* G1 */
	gates_free(inbox->gates);
	hold_destroy(hold);
	inbox_free(inbox);
}

bool inbox_hold_ready(struct inbox *inbox)
{
	struct hold *hold, *first = NULL;

	if (atomic_load_explicit(&inbox->hold, memory_order_acquire)) /* G2 */
		return true;
	hold = hold_create(inbox->mask + 1, inbox->vports);
	if (hold && !atomic_compare_exchange_strong_explicit(&inbox->hold, &first, hold, memory_order_acq_rel,
							     memory_order_acquire)) /* G2 */
		hold_destroy(hold);
	return hold || first;
}

unsigned inbox_take(struct inbox *inbox, struct rte_mbuf *packet[], unsigned count, struct inbox_sight *sight)
{
	uint64_t tail = atomic_load_explicit(&inbox->tail, memory_order_acquire); /* pairs with I1 */
	unsigned n = 0;

	*sight = (struct inbox_sight){ .waiting = tail - inbox->next + inbox->held_count };
	if (atomic_load_explicit(&inbox->fresh, memory_order_relaxed) || inbox->gates || inbox->held_count)
		return inbox_take_gated(inbox, tail, packet, count, sight);
	while (n < count && inbox->next != tail)
		packet[n++] = inbox->slot[inbox->next++ & inbox->mask];
	return n;
}
