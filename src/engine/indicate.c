/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/indicate.h"

#include <assert.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter_state.h"
#include "engine/oob.h"

static_assert(VMMQ_HASH_TYPE_COUNT == 9 && VMMQ_HASH_IPV4 == 1 << 8,
	      "hash type bits are 8 to 16, in the table's order");

struct vport_slot_counters *vport_counters_at(struct processor *processor, struct vmmq_vport_id vport)
{
	struct vport_slot_counters *counters = vport_counters_find(processor, vport);
	struct vport_counters_chunk *chunk;

	if (counters)
		return counters;
	chunk = aligned_alloc(CACHE_LINE, sizeof(*chunk));
	if (!chunk)
		return NULL;
	memset((void *)chunk, 0, sizeof(*chunk));
	atomic_store_explicit(&processor->counters[vport.v / COUNTERS_CHUNK], chunk, memory_order_release); /* C1 */
	return &chunk->vport[vport.v % COUNTERS_CHUNK];
}

static void count_packet(struct vport_slot_counters *counters, struct rte_mbuf *packet)
{
	const struct oob_field *field = oob_field(packet);

	if (field->hash_information) {
		unsigned type = (unsigned)__builtin_ctz(field->hash_information & VMMQ_HASH_TYPE_MASK) - 8;

		counter_add(&counters->hashed[hashed_place[type]], 1);
	}
	if (field->entry < VMMQ_TABLE_ENTRIES_MAX)
		counter_add(&counters->entry[field->entry], 1);
	else if (field->entry == OOB_ENTRY_PRIMARY)
		counter_add(&counters->by_primary, 1);
	else
		counter_add(&counters->by_default, 1);
}

static void count_indication(struct processor *processor, const struct vmmq_indication *indication)
{
	struct vport_slot_counters *counters = vport_counters_at(processor, indication->vport);
	uint64_t bytes = 0;

	if (!counters)
		return; /* memory: the packets count at the processor only */
	for (unsigned i = 0; i < indication->count; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): all are set, for groups' sizes add up to the batch's */
		bytes += rte_pktmbuf_pkt_len(indication->packet[i]);
		count_packet(counters, indication->packet[i]);
	}
	counter_add(&counters->indications, 1);
	counter_add(&counters->bytes, bytes);
}

/*
 * The indication that this thread is inside.  Consumers mostly give back or take the packets of a call before it returns: then what
 * they hold does not change, and the word that processors share is not touched.
 */
struct indicating {
	const struct vmmq_adapter *adapter;
	uint16_t vport;
	uint32_t back;
};
static _Thread_local struct indicating *indicating __attribute__((tls_model("initial-exec")));

/* indicate_inside calls the consumer; returns how many of the VPort's packets it holds more than before, or fewer. */
static int32_t indicate_inside(struct vmmq_adapter *adapter, const struct vmmq_indication *indication)
{
	struct indicating inside = { .adapter = adapter, .vport = indication->vport.v };
	struct indicating *outer = indicating; /* of another adapter: a consumer may run that one's processors */

	indicating = &inside;
	adapter->params.indicate(adapter->params.context, indication);
	indicating = outer;
	return (int32_t)(indication->count - inside.back);
}

/* held_take counts packets as held, where there is a limit to that; true: they are too many. */
static bool held_take(struct vmmq_adapter *adapter, struct vmmq_vport_id vport, unsigned count)
{
	if (!adapter->params.held_max)
		return false;
	return atomic_fetch_add_explicit(&adapter->held[vport.v], count, memory_order_relaxed) + count >
	       adapter->params.held_max;
}

/* indicate_vport hands one VPort's packets to the consumer, as long as it may hold more of them. */
static void indicate_vport(struct processor *processor, struct vmmq_vport_id vport, struct rte_mbuf *packet[],
			   unsigned count)
{
	struct vmmq_adapter *adapter = processor->adapter;
	bool short_of = held_take(adapter, vport, count);
	struct vmmq_indication indication = {
		.processor = processor->number,
		.vport = vport,
		.flags = short_of ? VMMQ_INDICATE_RESOURCES : 0,
		.count = count,
		.packet = packet,
	};

	count_indication(processor, &indication);
	if (adapter->params.held_max) {
		adapter->params.indicate(adapter->params.context, &indication);
	} else {
		int32_t more = indicate_inside(adapter, &indication);

		if (more)
			atomic_fetch_add_explicit(&adapter->held[vport.v], (uint32_t)more, memory_order_release);
	}
	if (short_of)
		vmmq_return_packets(adapter, packet, count);
}

/* vport_run_length returns how many packets from the front are of the same VPort. */
static unsigned vport_run_length(struct rte_mbuf *const packet[], unsigned count)
{
	unsigned n = 1;

	while (n < count && oob_field(packet[n])->vport == oob_field(packet[0])->vport)
		n++;
	return n;
}

/* A batch by VPort, in the order in which each came first.  Found by the low bits of its id, then by looking on. */
#define GROUP_SLOTS 128u
static_assert(GROUP_SLOTS >= 2 * DPC_BATCH && DPC_BATCH <= UINT8_MAX,
	      "a free slot is near, and a byte counts a batch");

struct vport_groups {
	unsigned count;
	uint16_t vport[DPC_BATCH];
	uint8_t size[DPC_BATCH];
	uint8_t of_packet[DPC_BATCH];
	uint8_t slot[GROUP_SLOTS]; /* 1 + group; 0: free */
};

static unsigned vport_group_of(struct vport_groups *groups, uint16_t vport)
{
	unsigned at = vport % GROUP_SLOTS;

	while (groups->slot[at] && groups->vport[groups->slot[at] - 1u] != vport)
		at = (at + 1) % GROUP_SLOTS;
	if (!groups->slot[at]) {
		groups->vport[groups->count] = vport;
		groups->size[groups->count] = 0;
		groups->slot[at] = (uint8_t)++groups->count;
	}
	return groups->slot[at] - 1u;
}

/* counters_prefetch fetches what packets of a VPort will be counted by: counters are larger than a cache where VPorts are many. */
static const struct vport_slot_counters *counters_prefetch(const struct processor *processor, uint16_t vport)
{
	const struct vport_slot_counters *counters = vport_counters_find(processor, (struct vmmq_vport_id){ vport });

	if (counters)
		__builtin_prefetch(counters, 1);
	return counters;
}

/* vport_groups_find puts each packet into its VPort's group.  They come in runs. */
static void vport_groups_find(struct vport_groups *groups, const struct processor *processor,
			      struct rte_mbuf *const packet[], unsigned count)
{
	const struct vport_slot_counters *counters = NULL;
	unsigned group = 0;

	groups->count = 0;
	memset(groups->slot, 0, sizeof(groups->slot));
	for (unsigned i = 0; i < count; i++) {
		const struct oob_field *field = oob_field(packet[i]);

		if (!groups->count || groups->vport[group] != field->vport) {
			group = vport_group_of(groups, field->vport);
			counters = counters_prefetch(processor, field->vport);
		}
		if (counters)
			__builtin_prefetch(&counters->entry[field->entry % VMMQ_TABLE_ENTRIES_MAX], 1);
		groups->of_packet[i] = (uint8_t)group;
		groups->size[group]++;
	}
}

/* vport_groups_make orders packets by VPort, and within one as they came. */
static void vport_groups_make(struct vport_groups *groups, const struct processor *processor,
			      struct rte_mbuf *const packet[], unsigned count, struct rte_mbuf *ordered[])
{
	uint8_t next[DPC_BATCH];
	unsigned start = 0;

	vport_groups_find(groups, processor, packet, count);
	for (unsigned group = 0; group < groups->count; group++) {
		next[group] = (uint8_t)start;
		start += groups->size[group];
	}
	for (unsigned i = 0; i < count; i++)
		ordered[next[groups->of_packet[i]]++] = packet[i];
}

static void indicate_groups(struct processor *processor, struct inbox *inbox, struct rte_mbuf *packet[],
			    unsigned count)
{
	struct rte_mbuf *ordered[DPC_BATCH], **next = ordered;
	struct vport_groups groups;

	vport_groups_make(&groups, processor, packet, count, ordered);
	for (unsigned group = 0; group < groups.count; next += groups.size[group++]) {
		struct vmmq_vport_id vport = { groups.vport[group] };

		indicate_vport(processor, vport, next, groups.size[group]);
		inbox_returned(inbox, vport, groups.size[group]);
	}
}

/* indicate_run: packets of one VPort, as they lie. */
static void indicate_run(struct processor *processor, struct inbox *inbox, struct rte_mbuf *packet[], unsigned count)
{
	const struct vmmq_vport_id vport = { oob_field(packet[0])->vport };

	indicate_vport(processor, vport, packet, count);
	inbox_returned(inbox, vport, count);
}

/* indicate_batch: one run, or two as two guests make them who send to one each, need not be brought together. */
void indicate_batch(struct processor *processor, struct inbox *inbox, struct rte_mbuf *packet[], unsigned count)
{
	const unsigned first = vport_run_length(packet, count), rest = count - first;

	if (rest && vport_run_length(packet + first, rest) < rest) {
		indicate_groups(processor, inbox, packet, count);
		return;
	}
	indicate_run(processor, inbox, packet, first);
	if (rest)
		indicate_run(processor, inbox, packet + first, rest);
}

/* packets_give_back ends the consumer's claim on packets, and frees them or leaves them to it. */
static void packets_give_back(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count,
			      bool is_freed)
{
	while (count) {
		uint16_t vport = oob_field(packet[0])->vport;
		unsigned n = vport_run_length(packet, count);

		for (unsigned i = 0; i < n && is_freed; i++)
			rte_pktmbuf_free(packet[i]);
		if (indicating && indicating->adapter == adapter && indicating->vport == vport)
			indicating->back += n;
		else
			atomic_fetch_sub_explicit(&adapter->held[vport], n, memory_order_release);
		packet += n;
		count -= n;
	}
}

void vmmq_return_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count)
{
	packets_give_back(adapter, packet, count, true);
}

void vmmq_take_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count)
{
	packets_give_back(adapter, packet, count, false);
}
