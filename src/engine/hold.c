/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/hold.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/oob.h"

struct hold *hold_create(uint64_t size, uint32_t vports)
{
	struct hold *hold = calloc(1, sizeof(*hold) + vports * sizeof(hold->oldest[0]));

	if (!hold)
		return NULL;
	hold->held = calloc(size, sizeof(*hold->held));
	if (!hold->held) {
		free(hold);
		return NULL;
	}
	atomic_store_explicit(&hold->oldest_any, NONE_IS_HELD, memory_order_relaxed);
	for (uint32_t i = 0; i < vports; i++)
		atomic_store_explicit(&hold->oldest[i], NONE_IS_HELD, memory_order_relaxed);
	return hold;
}

void hold_destroy(struct hold *hold)
{
	if (!hold)
		return;
	free(hold->held);
	free(hold);
}

void hold_put(struct hold *hold, struct rte_mbuf *packet, struct vmmq_vport_id vport, uint64_t position)
{
	hold->held[hold->count++] = (struct held_packet){ packet, position };
	if (atomic_load_explicit(&hold->oldest[vport.v], memory_order_relaxed) == NONE_IS_HELD)
		atomic_store_explicit(&hold->oldest[vport.v], position, memory_order_release); /* H2 */
	if (atomic_load_explicit(&hold->oldest_any, memory_order_relaxed) == NONE_IS_HELD)
		atomic_store_explicit(&hold->oldest_any, position, memory_order_release); /* H2 */
}

static void hold_note_released(struct hold *hold, struct vmmq_vport_id vport)
{
	for (unsigned i = 0; i < hold->released_count; i++)
		if (hold->released[i].v == vport.v)
			return;
	hold->released[hold->released_count++] = vport;
}

unsigned hold_release(struct hold *hold, struct rte_mbuf *packet[], unsigned count,
		      bool (*is_held)(const void *context, struct rte_mbuf *packet, uint64_t position),
		      const void *context)
{
	uint32_t kept = 0;
	unsigned n = 0;

	assert(count <= DPC_BATCH && !hold->released_count);
	hold->is_due = false;
	for (uint32_t i = 0; i < hold->count; i++) {
		struct held_packet held = hold->held[i];

		if (!is_held(context, held.packet, held.position)) {
			if (n < count) {
				hold_note_released(hold, (struct vmmq_vport_id){ oob_field(held.packet)->vport });
				packet[n++] = held.packet;
				continue;
			}
			hold->is_due = true;
		}
		hold->held[kept++] = held;
	}
	hold->count = kept;
	return n;
}

/* hold_oldest returns the position of the oldest packet of a VPort. */
static uint64_t hold_oldest(const struct hold *hold, struct vmmq_vport_id vport)
{
	for (uint32_t i = 0; i < hold->count; i++)
		if (oob_field(hold->held[i].packet)->vport == vport.v)
			return hold->held[i].position;
	return NONE_IS_HELD;
}

void hold_indicated(struct hold *hold)
{
	for (unsigned i = 0; i < hold->released_count; i++) {
		struct vmmq_vport_id vport = hold->released[i];

		atomic_store_explicit(&hold->oldest[vport.v], hold_oldest(hold, vport),
				      memory_order_release); /* H2 */
	}
	if (hold->released_count)
		atomic_store_explicit(&hold->oldest_any, hold->count ? hold->held[0].position : NONE_IS_HELD,
				      memory_order_release); /* H2 */
	hold->released_count = 0;
}
