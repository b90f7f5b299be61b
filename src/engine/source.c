/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source: classify -> admit -> inbox of the target -> interrupt.  And the other half of the ordering promise: when a
 * source steps to the next view it first puts a gate into every inbox that packets may move to.
 */
#include <rte_pause.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/adapter.h"
#include "engine/oob.h"

#define TAG_OFFSET 12
#define TAG_LEN    4

bool source_try_hold(struct vmmq_source *source)
{
	return !atomic_flag_test_and_set_explicit(&source->busy, memory_order_acquire); /* S1 */
}

void source_hold(struct vmmq_source *source)
{
	while (!source_try_hold(source))
		sched_yield(); /* control holds it for the time of placing gates */
}

void source_release(struct vmmq_source *source)
{
	atomic_flag_clear_explicit(&source->busy, memory_order_release); /* S1 */
}

struct inbox *source_inbox(struct vmmq_source *source, processor_slot slot)
{
	struct processor *target = &source->adapter->processor[slot];
	struct inbox *inbox = source->inbox[slot];

	if (inbox)
		return inbox;
	inbox = inbox_create(source->adapter->params.inbox_size, source->adapter->vports);
	if (!inbox)
		return NULL;
	inbox->sibling = atomic_load_explicit(&target->inboxes, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&target->inboxes, &inbox->sibling, inbox, memory_order_seq_cst,
						      memory_order_relaxed)) /* P1 */
		;
	source->inbox[slot] = inbox;
	return inbox;
}

/* wait_needed tells whether processor from still has packets or gates of this source that were put so far. */
static bool wait_needed(const struct vmmq_source *source, processor_slot from)
{
	return source->inbox[from] && !inbox_passed(source->inbox[from]);
}

/*
 * gate_prepare makes the gate for one target out of the moves to it, which are count long.  *plan stays empty when
 * nothing needs waiting for.  false: no room or no memory now.
 */
static bool gate_prepare(struct vmmq_source *source, const struct move *move, uint32_t count, struct gate_plan *plan)
{
	struct gate *gate = NULL;

	*plan = (struct gate_plan){ .slot = move->to };
	for (uint32_t i = 0; i < count; i++) {
		if (!wait_needed(source, move[i].from))
			continue;
		if (!gate) {
			plan->inbox = source_inbox(source, move->to);
			if (!plan->inbox || !inbox_gate_room(plan->inbox))
				return false;
			gate = malloc(sizeof(*gate) + count * sizeof(gate->wait[0]));
			if (!gate)
				return false;
			gate->count = 0;
			plan->gate = gate;
		}
		gate->wait[gate->count++] = (struct gate_wait){
			.inbox = source->inbox[move[i].from],
			.position = source->inbox[move[i].from]->put,
		};
	}
	return true;
}

static uint32_t same_target(const struct move *move, uint32_t count)
{
	uint32_t n = 1;

	while (n < count && move[n].to == move->to)
		n++;
	return n;
}

/* show shows the processor what was put into its inbox; returns whether it had to be woken. */
static bool show(struct vmmq_source *source, struct inbox *inbox, processor_slot slot)
{
	struct processor *processor = &source->adapter->processor[slot];

	inbox_show(inbox, &processor->fresh);
	return interrupt_ring(&processor->interrupt);
}

#ifdef VMMQ_TEST_GATES
/* The race test's negative control (tests/race): without gates it has to see reordering.  In no other build. */
extern bool vmmq_test_gates;
bool vmmq_test_gates = true;
#endif

/*
 * gates_place puts the gates for one step along the chain: all of them or, where one does not fit, none.  Their
 * positions are those of this moment, and nothing is put between them and the step: the holder does nothing else.
 */
static bool gates_place(struct vmmq_source *source, const struct view_link *link)
{
	struct gate_plan *plan = source->plan;
	unsigned count = 0;
	bool fits = true;

#ifdef VMMQ_TEST_GATES
	if (!vmmq_test_gates)
		return true;
#endif
	for (uint32_t i = 0; i < link->move_count && fits;) {
		uint32_t n = same_target(&link->moves[i], link->move_count - i);

		fits = gate_prepare(source, &link->moves[i], n, &plan[count]);
		count += plan[count].gate != NULL;
		i += n;
	}
	for (unsigned i = 0; i < count; i++) {
		if (!fits) {
			free(plan[i].gate);
			continue;
		}
		inbox_gate_put(plan[i].inbox, plan[i].gate);
		/* Another gate may come to wait for this one, so it must not lie before a processor that sleeps. */
		show(source, plan[i].inbox, plan[i].slot);
	}
	source->gates += fits ? count : 0;
	return fits;
}

bool source_adopt(struct vmmq_source *source)
{
	struct view_link *next;

	while ((next = atomic_load_explicit(&source->link->next, memory_order_acquire))) { /* pairs with V1 */
		if (!gates_place(source, next))
			return false;
		source->link = next;
		atomic_store_explicit(&source->adopted, next->version, memory_order_release); /* S2 */
	}
	return true;
}

static void drop(struct vmmq_source *source, struct rte_mbuf *packet, struct vmmq_vport_id vport,
		 enum vmmq_drop reason)
{
	const struct vmmq_adapter_params *params = &source->adapter->params;

	counter_add(&source->drops[vport.v].reason[reason], 1);
	if (params->drop)
		params->drop(params->context, vport, reason, packet);
	rte_pktmbuf_free(packet);
}

static void touch(struct vmmq_source *source, struct inbox *inbox, processor_slot slot)
{
	for (unsigned i = 0; i < source->touched_count; i++)
		if (source->touched[i] == inbox)
			return;
	source->touched[source->touched_count] = inbox;
	source->touched_slot[source->touched_count++] = slot;
}

/* The two MACs move up over the tag. */
void strip_tag(struct rte_mbuf *packet)
{
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	memmove(frame + TAG_LEN, frame, TAG_OFFSET);
	rte_pktmbuf_adj(packet, TAG_LEN);
}

/* may_strip tells whether MACs and tag lie in one piece that belongs to this packet alone, not to a clone of it as well. */
static bool may_strip(const struct rte_mbuf *packet)
{
	if (rte_pktmbuf_data_len(packet) < TAG_OFFSET + TAG_LEN || RTE_MBUF_CLONED(packet))
		return false;
	return rte_mbuf_refcnt_read(packet) == 1 &&
	       (!RTE_MBUF_HAS_EXTBUF(packet) || rte_mbuf_ext_refcnt_read(packet->shinfo) == 1);
}

static bool pool_suits(struct rte_mempool *pool)
{
	return pool && rte_pktmbuf_data_room_size(pool) >= RTE_PKTMBUF_HEADROOM + TAG_OFFSET + TAG_LEN;
}

/* copy_pool returns where a copy of the packet may come from: its own pool, its data's, the adapter's; or NULL. */
static struct rte_mempool *copy_pool(const struct vmmq_adapter *adapter, struct rte_mbuf *packet)
{
	struct rte_mempool *of_data = RTE_MBUF_CLONED(packet) ? rte_mbuf_from_indirect(packet)->pool : NULL;

	if (pool_suits(packet->pool))
		return packet->pool;
	if (pool_suits(of_data))
		return of_data;
	return pool_suits(adapter->params.pool) ? adapter->params.pool : NULL;
}

/* stripped returns the packet without its outermost tag, or a copy without it where it must not be written to; NULL: no buffer. */
static struct rte_mbuf *stripped(struct vmmq_source *source, struct rte_mbuf *packet)
{
	struct rte_mempool *pool;
	struct rte_mbuf *own = packet;

	if (!may_strip(packet)) {
		pool = copy_pool(source->adapter, packet);
		own = pool ? rte_pktmbuf_copy(packet, pool, 0, UINT32_MAX) : NULL;
		if (!own)
			return NULL;
		rte_pktmbuf_free(packet);
	}
	strip_tag(own);
	return own;
}

bool hand_over(struct vmmq_source *source, struct rte_mbuf *packet, const struct vmmq_verdict *verdict)
{
	processor_slot slot;
	struct inbox *inbox;
	enum inbox_put admitted;

	if (verdict->drop) {
		drop(source, packet, verdict->vport, (enum vmmq_drop)verdict->drop);
		return true;
	}
	slot = source->adapter->slot_of[verdict->processor.v];
	inbox = source_inbox(source, slot);
	admitted = inbox ? inbox_admits(inbox, verdict->vport) : INBOX_FULL;
	if (admitted != INBOX_PUT) {
		if (source->mode == VMMQ_SOURCE_WAIT)
			return false;
		drop(source, packet, verdict->vport,
		     admitted == INBOX_FULL ? VMMQ_DROP_INBOX_FULL : VMMQ_DROP_SHARE_FULL);
		return true;
	}
	if (verdict->strip) {
		struct rte_mbuf *own = stripped(source, packet);

		if (!own) {
			drop(source, packet, verdict->vport, VMMQ_DROP_NO_BUFFER);
			return true;
		}
		packet = own;
	}
	oob_set(packet, verdict);
	inbox_put(inbox, packet, verdict->vport);
	touch(source, inbox, slot);
	return true;
}

void publish_touched(struct vmmq_source *source)
{
	for (unsigned i = 0; i < source->touched_count; i++) {
		struct inbox *inbox = source->touched[i];
		uint64_t fresh = inbox->put - atomic_load_explicit(&inbox->tail, memory_order_relaxed);

		if (!show(source, inbox, source->touched_slot[i]))
			counter_add(&inbox->interrupts_saved, fresh);
	}
	source->touched_count = 0;
}

/* headers_of returns the packet's first bytes in one piece: where they lie, or copied to scratch from several segments. */
static const uint8_t *headers_of(struct rte_mbuf *packet, uint8_t scratch[VMMQ_HEADERS_MAX], uint32_t *len)
{
	uint32_t present = rte_pktmbuf_pkt_len(packet);

	if (packet->nb_segs == 1 || rte_pktmbuf_data_len(packet) >= VMMQ_HEADERS_MAX) {
		*len = rte_pktmbuf_data_len(packet);
		return rte_pktmbuf_mtod(packet, const uint8_t *);
	}
	*len = present < VMMQ_HEADERS_MAX ? present : VMMQ_HEADERS_MAX;
	return rte_pktmbuf_read(packet, 0, *len, scratch);
}

/* classify_hashed: from a device that hashes. */
static void classify_hashed(struct vmmq_source *source, struct rte_mbuf *const packet[], const uint8_t *const frame[],
			    const uint32_t len[], struct vmmq_verdict verdict[], unsigned count)
{
	struct vmmq_given_hash hash[BURST];

	for (unsigned i = 0; i < BURST && i < count; i++)
		hash[i] = (struct vmmq_given_hash){ .value = packet[i]->hash.rss,
						    .given = packet[i]->ol_flags & RTE_MBUF_F_RX_RSS_HASH };
	vmmq_classify_burst_device(source->link->view, &source->device, frame, len, hash, verdict, count);
}

void classify_packets(struct vmmq_source *source, struct rte_mbuf *const packet[], struct vmmq_verdict verdict[],
		      unsigned count)
{
	uint8_t scratch[BURST][VMMQ_HEADERS_MAX];
	const uint8_t *frame[BURST];
	uint32_t len[BURST];

	for (unsigned i = 0; i < BURST && i < count; i++)
		frame[i] = headers_of(packet[i], scratch[i], &len[i]);
	if (source->device.hash_types)
		classify_hashed(source, packet, frame, len, verdict, count);
	else
		vmmq_classify_burst(source->link->view, frame, len, verdict, count);
}

static unsigned receive_burst(struct vmmq_source *source, struct rte_mbuf *packet[], unsigned count)
{
	struct vmmq_verdict verdict[BURST];
	unsigned taken = 0;

	classify_packets(source, packet, verdict, count);
	while (taken < count && hand_over(source, packet[taken], &verdict[taken]))
		taken++;
	publish_touched(source);
	counter_add(&source->received, taken);
	return taken;
}

unsigned vmmq_receive(struct vmmq_source *source, struct rte_mbuf *packet[], unsigned count)
{
	unsigned taken = 0;

	source_hold(source);
	while (taken < count) {
		unsigned n = count - taken < BURST ? count - taken : BURST;
		unsigned accepted;

		source_adopt(source);
		accepted = receive_burst(source, packet + taken, n);
		taken += accepted;
		if (accepted < n)
			break;
	}
	source_release(source);
	return taken;
}

void vmmq_source_device_hash(struct vmmq_source *source, const uint8_t key[VMMQ_KEY_LEN], uint32_t hash_types)
{
	struct vmmq_device_hash device = { .hash_types = key ? hash_types : 0 };

	if (key)
		vmmq_toeplitz_key_init(&device.key, key);
	source_hold(source);
	source->device = device;
	source_release(source);
}

void source_free(struct vmmq_source *source)
{
	free(source->inbox);
	free(source->plan);
	free(source->drops);
	free(source);
}

vmmq_status vmmq_source_create(struct vmmq_adapter *adapter, enum vmmq_source_mode mode, struct vmmq_source **out,
			       struct vmmq_why *why)
{
	struct vmmq_source *source = aligned_alloc(CACHE_LINE, sizeof(*source));

	*out = NULL;
	if (!source)
		return adapter_out_of_memory(why);
	memset(source, 0, sizeof(*source));
	source->adapter = adapter;
	source->mode = mode;
	source->inbox = calloc(adapter->processor_count, sizeof(struct inbox *));
	source->plan = calloc(adapter->processor_count + 1u, sizeof(*source->plan));
	source->drops = calloc(adapter->vports, sizeof(*source->drops));
	if (!source->inbox || !source->plan || !source->drops) {
		source_free(source);
		return adapter_out_of_memory(why);
	}
	atomic_flag_clear(&source->busy);
	vmmq_adapter_edit_begin(adapter);
	source->link = adapter->newest;
	atomic_store(&source->adopted, source->link->version);
	source->next = adapter->sources;
	adapter->sources = source;
	vmmq_adapter_edit_end(adapter);
	*out = source;
	return VMMQ_SUCCESS;
}
