/* SPDX-License-Identifier: BSD-2-Clause */
/* Inboxes: the parts that are not on every packet's way, and the gate. */
#include "engine/inbox.h"

#include <stdlib.h>
#include <string.h>

#define GATE_BIT ((inbox_item)1)

static struct gate *item_gate(inbox_item item)
{
	return item & GATE_BIT ? (struct gate *)(item & ~GATE_BIT) : NULL;
}

static void inbox_free(struct inbox *inbox)
{
	free(inbox->share);
	free(inbox->out);
	free(inbox);
}

struct inbox *inbox_create(uint32_t size, uint32_t vports)
{
	size_t bytes = sizeof(struct inbox) + size * sizeof(inbox_item);
	struct inbox *inbox = aligned_alloc(CACHE_LINE, (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE);

	if (!inbox)
		return NULL;
	memset(inbox, 0, sizeof(*inbox));
	inbox->mask = size - 1;
	inbox->packet_room = size - GATE_RESERVE;
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
	uint64_t tail = atomic_load_explicit(&inbox->tail, memory_order_acquire); /* pairs with I1 */

	for (; inbox->next != tail; inbox->next++) {
		inbox_item item = inbox->slot[inbox->next & inbox->mask];

		if (item_gate(item))
			free(item_gate(item));
		else
			packet_free(context, (struct rte_mbuf *)item);
	}
	inbox_free(inbox);
}

bool inbox_gate_room(struct inbox *inbox)
{
	if (inbox->put - inbox->head_seen <= inbox->mask)
		return true;
	inbox->head_seen = atomic_load_explicit(&inbox->head, memory_order_acquire); /* pairs with I2 */
	return inbox->put - inbox->head_seen <= inbox->mask;
}

void inbox_gate_put(struct inbox *inbox, struct gate *gate)
{
	inbox->slot[inbox->put & inbox->mask] = (inbox_item)gate | GATE_BIT;
	inbox->put++;
}

bool gate_open(const struct gate *gate)
{
	for (uint32_t i = 0; i < gate->count; i++) {
		const struct gate_wait *wait = &gate->wait[i];

		if (atomic_load_explicit(&wait->inbox->head, memory_order_acquire) <
		    wait->position) /* pairs with I2 */
			return false;
	}
	return true;
}

unsigned inbox_take(struct inbox *inbox, struct rte_mbuf *packet[], unsigned count, struct inbox_sight *sight)
{
	uint64_t tail = atomic_load_explicit(&inbox->tail, memory_order_acquire); /* pairs with I1 */
	unsigned n = 0;

	*sight = (struct inbox_sight){ .waiting = tail - inbox->next };
	while (n < count && inbox->next != tail) {
		inbox_item item = inbox->slot[inbox->next & inbox->mask];
		struct gate *gate = item_gate(item);

		if (!gate) {
			packet[n++] = (struct rte_mbuf *)item;
		} else if (gate_open(gate)) {
			sight->gates_passed++;
			free(gate);
		} else {
			sight->gate_closed = true;
			break;
		}
		inbox->next++;
	}
	return n;
}
