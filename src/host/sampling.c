/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/sampling.h"

#include <rte_mbuf.h>
#include <stdlib.h>
#include <vmmq/counters.h>

#include "engine/oob.h"
#include "host/switch.h"

static_assert(LANE_DEFAULT == VMMQ_LANE_DEFAULT && LANE_PRIMARY == VMMQ_LANE_PRIMARY,
	      "a lane as control names it is the one that a packet came by");

static uint64_t sampling_wanted(uint32_t round, struct vmmq_vport_id vport, unsigned lane)
{
	return (uint64_t)round << 32 | (uint64_t)vport.v << 16 | lane;
}

static void slot_fill(struct sampling_slot *slot, uint32_t round, const struct rte_mbuf *packet)
{
	struct host_sample *sample = &slot->sample;
	uint32_t len = rte_pktmbuf_pkt_len(packet), held = len < HOST_SAMPLE_BYTES ? len : HOST_SAMPLE_BYTES;
	const void *bytes = rte_pktmbuf_read(packet, 0, held, sample->bytes);

	if (bytes && bytes != sample->bytes)
		memcpy(sample->bytes, bytes, held);
	sample->len = len;
	sample->held = (uint16_t)(bytes ? held : 0);
	slot->round = round;
}

void sampling_take(struct sampling *sampling, uint64_t wanted, const struct vmmq_indication *indication)
{
	if (indication->vport.v != (wanted >> 16 & UINT16_MAX))
		return;
	for (unsigned i = 0; i < indication->count; i++) {
		uint32_t place, is_free = SAMPLING_FREE;

		if (oob_lane(oob_field(indication->packet[i])) != (wanted & UINT16_MAX))
			continue;
		place = atomic_fetch_add_explicit(&sampling->next, 1, memory_order_relaxed);
		if (place >= HOST_SAMPLES) { /* enough; what control looks for by now goes on */
			atomic_compare_exchange_strong_explicit(&sampling->wanted, &wanted, 0, memory_order_relaxed,
								memory_order_relaxed);
			return;
		}
		if (!atomic_compare_exchange_strong_explicit(&sampling->slot[place].state, &is_free, SAMPLING_CLAIMED,
							     memory_order_acquire, /* P1 */
							     memory_order_relaxed))
			continue;
		slot_fill(&sampling->slot[place], (uint32_t)(wanted >> 32), indication->packet[i]);
		atomic_store_explicit(&sampling->slot[place].state, SAMPLING_READY, memory_order_release); /* P1 */
	}
}

/* sampling_drain gives ready slots back, those of this round by way of sample[], where there is one; returns how many those are. */
static unsigned sampling_drain(struct sampling *sampling, struct host_sample sample[])
{
	unsigned count = 0;

	for (unsigned i = 0; i < HOST_SAMPLES; i++) {
		struct sampling_slot *slot = &sampling->slot[i];

		if (atomic_load_explicit(&slot->state, memory_order_acquire) != SAMPLING_READY) /* P1 */
			continue;
		if (sample && slot->round == sampling->round)
			sample[count++] = slot->sample;
		atomic_store_explicit(&slot->state, SAMPLING_FREE, memory_order_release); /* P1 */
	}
	return count;
}

bool host_sample_begin(struct host *host, struct vmmq_vport_id vport, unsigned lane)
{
	struct sampling *sampling = &host->sampling;

	if (!sampling->slot)
		sampling->slot = calloc(HOST_SAMPLES, sizeof(*sampling->slot));
	if (!sampling->slot)
		return false;
	atomic_store_explicit(&sampling->wanted, 0, memory_order_relaxed);
	sampling_drain(sampling, NULL);
	sampling->round += sampling->round + 1 ? 1 : 2; /* never 0 */
	atomic_store_explicit(&sampling->next, 0, memory_order_relaxed);
	atomic_store_explicit(&sampling->wanted, sampling_wanted(sampling->round, vport, lane),
			      memory_order_release); /* W1 */
	return true;
}

unsigned host_sample_end(struct host *host, struct host_sample sample[])
{
	struct sampling *sampling = &host->sampling;

	atomic_store_explicit(&sampling->wanted, 0, memory_order_relaxed);
	return sampling->slot ? sampling_drain(sampling, sample) : 0;
}

void sampling_fini(struct sampling *sampling)
{
	free(sampling->slot);
}
