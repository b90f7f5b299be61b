/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A processor's turn: calls -> poll what is assigned to it -> DPC: drain the inboxes, gates respected, and indicate ->
 * completions.  Who takes turns, and when it sleeps: crew.c.
 */
#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <stdlib.h>

#include "engine/adapter.h"
#include "engine/oob.h"

static_assert(VMMQ_HASH_TYPE_COUNT == 9 && VMMQ_HASH_IPV4 == 1 << 8,
	      "hash type bits are 8 to 16, in the table's order");

struct vport_slot_counters *counters_of(struct processor *processor, struct vmmq_vport_id vport)
{
	_Atomic(struct vport_counters_chunk *) *slot = &processor->counters[vport.v / COUNTERS_CHUNK];
	struct vport_counters_chunk *chunk = atomic_load_explicit(slot, memory_order_relaxed);

	if (!chunk) {
		chunk = calloc(1, sizeof(*chunk));
		if (!chunk)
			return NULL;
		atomic_store_explicit(slot, chunk, memory_order_release); /* C1 */
	}
	return &chunk->vport[vport.v % COUNTERS_CHUNK];
}

static void count_packet(struct vport_slot_counters *counters, struct rte_mbuf *packet)
{
	const struct oob_field *field = oob_field(packet);

	counter_add(&counters->bytes, rte_pktmbuf_pkt_len(packet));
	if (field->hash_information) {
		unsigned type = (unsigned)__builtin_ctz(field->hash_information & VMMQ_HASH_TYPE_MASK) - 8;

		counter_add(&counters->hashed[type], 1);
	}
	if (field->entry < VMMQ_TABLE_ENTRIES_MAX) {
		counter_add(&counters->entry[field->entry], 1);
		counter_add(&counters->via[VMMQ_VIA_TABLE], 1);
	} else {
		counter_add(&counters->via[field->entry == OOB_ENTRY_PRIMARY ? VMMQ_VIA_PRIMARY : VMMQ_VIA_DEFAULT],
			    1);
	}
}

static void count_indication(struct processor *processor, const struct vmmq_indication *indication)
{
	struct vport_slot_counters *counters = counters_of(processor, indication->vport);

	if (!counters)
		return; /* memory: the packets count at the processor only */
	counter_add(&counters->packets, indication->count);
	counter_add(&counters->indications, 1);
	for (unsigned i = 0; i < indication->count; i++)
		count_packet(counters, indication->packet[i]);
}

/* indicate hands one VPort's packets to the consumer, as long as it may hold more of them. */
static void indicate(struct processor *processor, struct vmmq_vport_id vport, struct rte_mbuf *packet[],
		     unsigned count)
{
	struct vmmq_adapter *adapter = processor->adapter;
	uint32_t held = atomic_fetch_add_explicit(&adapter->held[vport.v], count, memory_order_relaxed);
	bool short_of = adapter->params.held_max && held + count > adapter->params.held_max;
	struct vmmq_indication indication = {
		.processor = processor->number,
		.vport = vport,
		.flags = short_of ? VMMQ_INDICATE_RESOURCES : 0,
		.count = count,
		.packet = packet,
	};

	count_indication(processor, &indication);
	adapter->params.indicate(adapter->params.context, &indication);
	if (short_of)
		vmmq_return_packets(adapter, packet, count);
}

/* indicate_batch makes one indication per VPort out of packets from one inbox, keeping their order. */
static void indicate_batch(struct processor *processor, struct inbox *inbox, struct rte_mbuf *packet[],
			   unsigned count)
{
	struct rte_mbuf *of_vport[DPC_BATCH];

	while (count) {
		struct vmmq_vport_id vport = { oob_field(packet[0])->vport };
		unsigned n = 0, rest = 0;

		for (unsigned i = 0; i < count; i++) {
			if (oob_field(packet[i])->vport == vport.v)
				of_vport[n++] = packet[i];
			else
				packet[rest++] = packet[i];
		}
		indicate(processor, vport, of_vport, n);
		inbox_returned(inbox, vport, n);
		count = rest;
	}
}

/* drain returns whether there was anything in the inbox, packets or gates; *count grows by the packets taken. */
static bool drain(struct processor *processor, struct inbox *inbox, unsigned *count)
{
	struct rte_mbuf *packet[DPC_BATCH];
	struct inbox_sight sight;
	unsigned n = inbox_take(inbox, packet, DPC_BATCH, &sight);

	if (!sight.waiting)
		return false;
	if (sight.waiting > counter_read(&processor->inbox_high))
		atomic_store_explicit(&processor->inbox_high, sight.waiting, memory_order_relaxed);
	counter_add(&processor->gates, sight.gates_passed);
	counter_add(&processor->gate_waits, sight.gate_closed);
	if (n)
		indicate_batch(processor, inbox, packet, n);
	if (n || sight.gates_passed)
		inbox_indicated(inbox);
	*count += n;
	return true;
}

/* serve serves a list of inboxes once, and takes those off it that had nothing, down to LISTED_KEPT; returns its end. */
static struct inbox **serve(struct processor *processor, struct inbox **list, unsigned *count)
{
	struct inbox *inbox;

	while ((inbox = *list)) {
		struct inbox *next = inbox->beside;

		if (drain(processor, inbox, count) || processor->listed_count <= LISTED_KEPT || !inbox_leave(inbox)) {
			list = &inbox->beside;
		} else {
			*list = next;
			processor->listed_count--;
		}
	}
	return list;
}

/*
 * dpc serves every listed inbox once, DPC_BATCH packets each at most, so no source waits behind another's backlog.  Those
 * listed meanwhile come last: one that has just left the list may be among them, but nothing was taken from it yet.
 */
static unsigned dpc(struct processor *processor)
{
	unsigned n = 0;
	struct inbox **end = serve(processor, &processor->listed, &n);

	*end = inbox_stack_take(&processor->fresh, &processor->listed_count);
	serve(processor, end, &n);
	if (n) {
		counter_add(&processor->dpcs, 1);
		counter_add(&processor->packets, n);
	}
	return n;
}

unsigned processor_turn(struct processor *processor)
{
	unsigned n = 0;

	counter_add(&processor->turns, 1);
	if (processor_is_called(processor))
		processor_serve(processor);
	if (processor->poll_count)
		n = processor_poll_all(processor);
	n += dpc(processor);
	return n + processor_complete(processor);
}

unsigned vmmq_processor_poll(struct vmmq_adapter *adapter, struct vmmq_processor number)
{
	struct processor *processor = processor_find(adapter, number);
	bool taken = processor_hold(processor);
	uint64_t started = rte_rdtsc();
	unsigned n = processor_turn(processor);

	if (n)
		counter_add(&processor->busy_tsc, rte_rdtsc() - started);
	if (taken)
		processor_release(processor);
	return n;
}

bool processor_has_work(const struct processor *processor)
{
	for (const struct inbox *inbox = processor->listed; inbox; inbox = inbox->beside)
		if (atomic_load_explicit(&inbox->tail, memory_order_seq_cst) != inbox->next) /* D4 */
			return true;
	return !inbox_stack_empty(&processor->fresh) || processor_is_called(processor) || /* D4 */
	       !send_stack_empty(&processor->completions);
}

bool processor_is_behind(const struct processor *processor)
{
	const struct inbox *inbox = atomic_load_explicit(&processor->inboxes, memory_order_acquire); /* P1 */

	for (; inbox; inbox = inbox->sibling)
		if (atomic_load_explicit(&inbox->head, memory_order_acquire) != /* I2 */
		    atomic_load_explicit(&inbox->tail, memory_order_acquire))   /* I1 */
			return true;
	return !send_stack_empty(&processor->completions);
}

/* run_of returns how many packets from the front are of the same VPort. */
static unsigned run_of(struct rte_mbuf *const packet[], unsigned count)
{
	unsigned n = 1;

	while (n < count && oob_field(packet[n])->vport == oob_field(packet[0])->vport)
		n++;
	return n;
}

static void give_back(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count, bool is_freed)
{
	while (count) {
		uint16_t vport = oob_field(packet[0])->vport;
		unsigned n = run_of(packet, count);

		for (unsigned i = 0; i < n && is_freed; i++)
			rte_pktmbuf_free(packet[i]);
		atomic_fetch_sub_explicit(&adapter->held[vport], n, memory_order_release);
		packet += n;
		count -= n;
	}
}

void vmmq_return_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count)
{
	give_back(adapter, packet, count, true);
}

void vmmq_take_packets(struct vmmq_adapter *adapter, struct rte_mbuf *const packet[], unsigned count)
{
	give_back(adapter, packet, count, false);
}
