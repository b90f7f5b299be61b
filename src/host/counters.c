/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters, folded on read: each has one writer, and reading disturbs nobody. */
#include <stdlib.h>
#include <string.h>

#include "host/switch.h"

#define CHUNKS (VMMQ_VPORTS_MAX / COUNTERS_CHUNK)

bool guest_counters_init(struct host_processor *on)
{
	on->counters = calloc(CHUNKS, sizeof(*on->counters));
	return on->counters;
}

void guest_counters_fini(struct host_processor *on)
{
	for (unsigned i = 0; on->counters && i < CHUNKS; i++)
		free(atomic_load_explicit(&on->counters[i], memory_order_acquire)); /* C1 */
	free(on->counters);
}

struct vport_counters *guest_counters(struct host_processor *on, struct vmmq_vport_id vport)
{
	_Atomic(struct counters_chunk *) *slot = &on->counters[vport.v / COUNTERS_CHUNK];
	struct counters_chunk *chunk = atomic_load_explicit(slot, memory_order_relaxed);

	if (!chunk) {
		chunk = calloc(1, sizeof(*chunk));
		if (!chunk)
			return &on->uncounted;
		atomic_store_explicit(slot, chunk, memory_order_release); /* C1 */
	}
	return &chunk->vport[vport.v % COUNTERS_CHUNK];
}

static struct vport_counters *guest_counters_find(const struct host_processor *on, struct vmmq_vport_id vport)
{
	struct counters_chunk *chunk =
	    atomic_load_explicit(&on->counters[vport.v / COUNTERS_CHUNK], memory_order_acquire); /* C1 */

	return chunk ? &chunk->vport[vport.v % COUNTERS_CHUNK] : NULL;
}

static void guest_counters_fold(struct host_counters *sum, const struct vport_counters *counters)
{
	sum->to_guest_packets += counter_read(&counters->to_guest_packets);
	sum->to_guest_bytes += counter_read(&counters->to_guest_bytes);
	sum->from_guest_packets += counter_read(&counters->from_guest_packets);
	sum->from_guest_bytes += counter_read(&counters->from_guest_bytes);
	sum->replicas += counter_read(&counters->replicas);
	sum->flooded += counter_read(&counters->flooded);
	sum->waiting += counter_read(&counters->waiting);
	for (unsigned i = 0; i < HOST_DROP_COUNT; i++)
		sum->drops[i] += counter_read(&counters->drops[i]);
}

void host_counters_read(const struct host *host, struct vmmq_vport_id vport, struct host_counters *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i <= host->processor_count; i++) {
		const struct vport_counters *counters = guest_counters_find(&host->processor[i], vport);

		if (counters)
			guest_counters_fold(sum, counters);
	}
	if (sum->waiting > INT64_MAX)
		sum->waiting = 0; /* seen to leave, but not yet to come */
}

static void guest_counters_clear(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, 0, memory_order_relaxed);
}

/* guest_counters_forget: nobody counts for the VPort any more; what it has in flood queues still does, so that stays. */
void guest_counters_forget(struct host *host, struct vmmq_vport_id vport)
{
	for (unsigned i = 0; i <= host->processor_count; i++) {
		struct vport_counters *counters = guest_counters_find(&host->processor[i], vport);

		if (!counters)
			continue;
		for (unsigned reason = 0; reason < HOST_DROP_COUNT; reason++)
			host->gone_drops[reason] += counter_read(&counters->drops[reason]);
		guest_counters_clear(&counters->to_guest_packets);
		guest_counters_clear(&counters->to_guest_bytes);
		guest_counters_clear(&counters->from_guest_packets);
		guest_counters_clear(&counters->from_guest_bytes);
		guest_counters_clear(&counters->replicas);
		guest_counters_clear(&counters->flooded);
		guest_counters_clear(&counters->waiting);
		for (unsigned reason = 0; reason < HOST_DROP_COUNT; reason++)
			guest_counters_clear(&counters->drops[reason]);
	}
}

void host_gone_drops_add(const struct host *host, uint64_t sum[HOST_DROP_COUNT])
{
	for (unsigned reason = 0; reason < HOST_DROP_COUNT; reason++)
		sum[reason] += host->gone_drops[reason];
}

void host_drop(struct host_processor *on, struct vmmq_vport_id vport, enum host_drop reason, struct rte_mbuf *packet)
{
	counter_add(&guest_counters(on, vport)->drops[reason], 1);
	rte_pktmbuf_free(packet);
}

static const struct {
	const char *name, *meaning;
} drop_text[HOST_DROP_COUNT] = {
#define X(name, text, meaning) [HOST_DROP_##name] = { text, meaning },
	HOST_DROPS(X)
#undef X
};

const char *host_drop_name(enum host_drop drop)
{
	return drop < HOST_DROP_COUNT ? drop_text[drop].name : "unknown";
}

const char *host_drop_meaning(enum host_drop drop)
{
	return drop < HOST_DROP_COUNT ? drop_text[drop].meaning : "unknown";
}
