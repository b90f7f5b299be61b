/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Table entries that move while packets come: a sequence number in every packet, and a history of every entry that says
 * where its packets may arrive.
 */
#ifndef VMMQ_UNIT_ENGINE_ADAPTER_MOVE_RIG_H
#define VMMQ_UNIT_ENGINE_ADAPTER_MOVE_RIG_H

#include "unit/engine/thread_rig.h"

#define ENTRIES 128u
#define TABLED  2u /* VPorts 1 and 2 have tables */
#define FLOWS   48u
#define SOURCES 2u
#define PACKETS 512u /* of one source */
#define HISTORY 4096u
#define FLOW_AT 34u /* the UDP source port */
#define NOTE_AT 42u /* the UDP payload */
#define INBOX   128u

/* Where an entry has pointed: version v at place v modulo HISTORY.  Its mover writes, one at a time. */
struct entry {
	_Atomic uint8_t place[HISTORY];
	_Atomic uint64_t published; /* newest version that may be seen */
	_Atomic uint64_t effective; /* oldest version that a packet sent from now on may be steered by */
};

struct flow {
	uint16_t vport;
	uint16_t entry;
	uint32_t sent;     /* its source: rw */
	uint32_t expected; /* the processor that has the flow: rw; not atomic, as the promise allows */
};

/* In the packet. */
struct note {
	uint32_t sequence;
	uint64_t oldest; /* version of its entry */
};

static struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_nic_switch *sw;
	struct vmmq_source *source[SOURCES];
	struct rig_stack packets[SOURCES];
	struct flow flow[FLOWS];
	struct entry entry[TABLED + 1][ENTRIES];
	void (*in_indication)(const struct vmmq_indication *indication);
	_Atomic uint64_t moves, refused, short_of_room, unchecked;
	atomic_bool stop;
} world;

static struct rte_mempool *pool;

static inline int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool = rig_pool("packets", 2047);
	return 0;
}

static inline struct flow *flow_of(struct rte_mbuf *packet)
{
	const uint8_t *frame = rte_pktmbuf_mtod(packet, const uint8_t *);

	return &world.flow[frame[FLOW_AT] << 8 | frame[FLOW_AT + 1]];
}

static inline unsigned source_of(const struct flow *flow)
{
	return (unsigned)(flow - world.flow) % SOURCES;
}

/* is_where tells whether the packet's entry pointed at the processor at some time since it was sent. */
static inline bool is_where(const struct flow *flow, uint64_t oldest, uint16_t processor)
{
	const struct entry *entry = &world.entry[flow->vport][flow->entry];
	uint64_t newest = atomic_load_explicit(&entry->published, memory_order_acquire);

	if (newest - oldest >= HISTORY / 2) {
		atomic_fetch_add_explicit(&world.unchecked, 1, memory_order_relaxed);
		return true;
	}
	for (uint64_t v = oldest; v <= newest; v++)
		if (atomic_load_explicit(&entry->place[v % HISTORY], memory_order_relaxed) == processor)
			return true;
	return false;
}

static inline void on_indicate(void *context, const struct vmmq_indication *indication)
{
	(void)context;
	for (unsigned i = 0; i < indication->count; i++) {
		struct rte_mbuf *packet = indication->packet[i];
		struct flow *flow = flow_of(packet);
		struct note note;

		memcpy(&note, rte_pktmbuf_mtod_offset(packet, const uint8_t *, NOTE_AT), sizeof(note));
		assert_int_equal(note.sequence, flow->expected);
		flow->expected++;
		assert_int_equal(indication->vport.v, flow->vport);
		assert_true(is_where(flow, note.oldest, indication->processor.v));
	}
	if (world.in_indication)
		world.in_indication(indication);
	for (unsigned i = 0; i < indication->count; i++) {
		struct rte_mbuf *packet = indication->packet[i];
		unsigned source = source_of(flow_of(packet));

		vmmq_take_packets(world.adapter, &packet, 1);
		rig_put(&world.packets[source], packet);
	}
}

/* table_set gives a VPort a table whose entries all point at one processor. */
static inline void table_set(uint16_t vport, unsigned processor, uint32_t queue_pairs)
{
	const struct vmmq_vport_id id = { vport };
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, rig_processor(processor));
	rss.enabled = true;
	rss.hash_types = VMMQ_HASH_UDP_IPV4;
	rss.entry_count = ENTRIES;
	for (unsigned i = 0; i < ENTRIES; i++) {
		rss.table[i] = rig_processor(processor);
		atomic_store(&world.entry[vport][i].place[0], (uint8_t)processor);
	}
	assert_int_equal(vmmq_vport_set_queue_pairs(world.sw, id, queue_pairs, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_rss_set(world.sw, id, &rss, NULL), VMMQ_SUCCESS);
}

static inline uint16_t entry_of_flow(unsigned number)
{
	const uint8_t tuple[12] = { 10, 0, 0, 1, 10, 0, 0, 2, (uint8_t)(number >> 8), (uint8_t)number, 0x17, 0x70 };

	return (uint16_t)(vmmq_toeplitz_reference(vmmq_verification_key, tuple, sizeof(tuple)) % ENTRIES);
}

static inline void begin(enum vmmq_moderation moderation)
{
	memset((void *)&world, 0, sizeof(world));
	world.adapter = rig_adapter(
	    (struct vmmq_adapter_params){ .moderation = moderation, .inbox_size = INBOX, .indicate = on_indicate },
	    (const uint16_t[]){ 0, 0, 2 }, 3);
	world.sw = vmmq_adapter_switch(world.adapter);
	for (unsigned i = 0; i < SOURCES; i++) {
		world.source[i] = rig_source(world.adapter, VMMQ_SOURCE_WAIT);
		rig_stack_fill(&world.packets[i], pool, PACKETS);
	}
	for (unsigned i = 0; i < FLOWS; i++)
		world.flow[i] =
		    (struct flow){ .vport = (uint16_t)(1 + i / SOURCES % TABLED), .entry = entry_of_flow(i) };
	for (uint16_t v = 1; v <= TABLED; v++)
		table_set(v, 0, RIG_PROCESSORS);
	assert_int_equal(vmmq_adapter_apply(world.adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
}

static inline void end(void)
{
	vmmq_adapter_destroy(world.adapter);
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(rig_stack_empty(&world.packets[i]), PACKETS);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* send offers a flow's next packet; false: there is no packet left. */
static inline bool send(struct flow *flow)
{
	unsigned source = source_of(flow), number = (unsigned)(flow - world.flow);
	struct rte_mbuf *packet = rig_get(&world.packets[source]);
	const struct entry *entry = &world.entry[flow->vport][flow->entry];
	struct note note = { .sequence = flow->sent };
	uint8_t *frame;

	if (!packet)
		return false;
	frame = rte_pktmbuf_mtod(packet, uint8_t *);
	rig_mac(flow->vport, frame);
	frame[FLOW_AT] = (uint8_t)(number >> 8);
	frame[FLOW_AT + 1] = (uint8_t)number;
	note.oldest = atomic_load_explicit(&entry->effective, memory_order_acquire);
	memcpy(frame + NOTE_AT, &note, sizeof(note));
	while (!vmmq_receive(world.source[source], &packet, 1))
		sched_yield();
	flow->sent++;
	return true;
}

static inline struct vmmq_rss_move command(uint16_t vport, uint16_t entry, unsigned target)
{
	return (struct vmmq_rss_move){
		.vport_id = vport, .index = entry, .target = rig_processor(target), .status = VMMQ_PENDING
	};
}

static inline vmmq_status move_one(unsigned actor, uint16_t vport, uint16_t entry, unsigned target)
{
	struct vmmq_rss_move move = command(vport, entry, target);

	assert_int_equal(vmmq_adapter_move(world.adapter, rig_processor(actor), &move, 1, NULL), VMMQ_SUCCESS);
	return move.status;
}

/* note_move writes into the history what a move is about to do; note_done, that it is done. */
static inline void note_move(struct entry *entry, unsigned target)
{
	uint64_t version = atomic_load_explicit(&entry->published, memory_order_relaxed) + 1;

	atomic_store_explicit(&entry->place[version % HISTORY], (uint8_t)target, memory_order_relaxed);
	atomic_store_explicit(&entry->published, version, memory_order_release);
}

static inline void note_done(struct entry *entry)
{
	atomic_store_explicit(&entry->effective, atomic_load_explicit(&entry->published, memory_order_relaxed),
			      memory_order_release);
}

#endif
