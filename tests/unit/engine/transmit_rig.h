/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests of transmit: an adapter with an uplink that does as it is told, stepped by one thread. */
#ifndef VMMQ_UNIT_ENGINE_TRANSMIT_RIG_H
#define VMMQ_UNIT_ENGINE_TRANSMIT_RIG_H

#include "unit/engine/transmit_fixture.h"

#include <rte_ethdev.h>
#include <sched.h>

#include "base/clock.h"
#include "engine/eal.h"
#include "unit/hang.h"

#define PACKETS     512u
#define SHORT_NS    20000000u
#define COPIES      1023u
#define UPLINK_BUFS 1023u

#define ANY_PROCESSOR 0xffff /* polled: completions may come for any, when the adapter is destroyed */

static struct rte_mempool *packet_pool, *copy_pool, *uplink_pool, *tiny_pool;

/* One adapter with its uplink and its consumer. */
struct world {
	struct vmmq_adapter *adapter;
	struct vmmq_sender *sender;
	struct vmmq_rss_params rss[VPORTS];
	bool exists[VPORTS];
	uint16_t polled; /* the processor whose turn it is */

	unsigned take;  /* the uplink takes so many a call */
	bool keep;      /* and keeps them, or frees them at once */
	unsigned taken; /* kept ones */
	struct rte_mbuf *device[PACKETS];
	uint32_t next_number; /* that the uplink has to see next, with in_order */
	bool in_order;
	int port; /* a real device, or -1 */

	unsigned completed;
	bool linger;     /* the completion function takes its time */
	unsigned resend; /* packets that the completion function sends at once */
	struct rte_mbuf *indicated[PACKETS];
	unsigned indications;
	uint16_t indicated_on;
	uint64_t drops;
};

static inline unsigned uplink(void *context, struct rte_mbuf *packet[], unsigned count)
{
	struct world *world = context;
	unsigned n = count < world->take ? count : world->take;

	if (world->port >= 0)
		return rte_eth_tx_burst((uint16_t)world->port, 0, packet, (uint16_t)count);
	for (unsigned i = 0; i < n; i++) {
		if (world->in_order)
			assert_int_equal(frame_number(packet[i]), world->next_number++);
		if (world->keep)
			world->device[world->taken++] = packet[i];
		else
			rte_pktmbuf_free(packet[i]);
	}
	return n;
}

static inline void complete(void *context, const struct vmmq_completion *completion)
{
	struct world *world = context;

	if (world->polled != ANY_PROCESSOR)
		assert_int_equal(completion->processor.v, world->polled);
	assert_false(vmmq_adapter_idle(world->adapter));
	for (unsigned i = 0; world->linger && i < 100; i++)
		sched_yield();
	for (unsigned i = 0; i < completion->count; i++) {
		struct note *note = note_of(completion->send[i].packet);

		note->completions++;
		note->complete = completion->send[i];
		note->processor = completion->processor.v;
		world->completed++;
		assert_ptr_equal(completion->send[i].sender, world->sender);
		if (world->resend) {
			struct rte_mbuf *again = completion->send[i].packet;

			world->resend--;
			assert_int_equal(vmmq_send(world->sender, (struct vmmq_vport_id){ 1 }, &again, 1), 1);
		}
	}
}

static inline void indicate(void *context, const struct vmmq_indication *indication)
{
	struct world *world = context;

	assert_int_equal(indication->processor.v, world->polled);
	world->indicated_on = indication->processor.v;
	for (unsigned i = 0; i < indication->count; i++)
		world->indicated[world->indications++] = indication->packet[i];
}

static inline void dropped(void *context, struct vmmq_vport_id vport, enum vmmq_drop reason, struct rte_mbuf *packet)
{
	struct world *world = context;

	(void)vport;
	(void)packet;
	assert_true(reason == VMMQ_DROP_INBOX_FULL || reason == VMMQ_DROP_SHARE_FULL);
	world->drops++;
}

static inline void apply(struct world *world)
{
	assert_int_equal(vmmq_adapter_apply(world->adapter, false, HANG_NS, NULL), VMMQ_SUCCESS);
}

static inline void set_rss(struct world *world, uint16_t vport, const struct vmmq_rss_params *rss)
{
	struct vmmq_nic_switch *nic = vmmq_adapter_switch(world->adapter);

	world->rss[vport] = *rss;
	assert_int_equal(vmmq_rss_set(nic, (struct vmmq_vport_id){ vport }, rss, NULL), VMMQ_SUCCESS);
}

/* world_make: VPorts 0 to 4 with a filter for their MAC each, RSS parameters by chance. */
static inline void world_make(struct world *world, uint32_t in_flight_max, uint32_t inbox_size,
			      struct rte_mempool *copies, struct rte_mempool *transmit_pool)
{
	const struct vmmq_adapter_params params = {
		.name = "test",
		.nic_switch = { .processors = processors, .processor_count = PROCESSORS, .max_vports = 64 },
		.moderation = VMMQ_MODERATION_POLL,
		.inbox_size = inbox_size,
		.indicate = indicate,
		.drop = dropped,
		.transmit = uplink,
		.complete = complete,
		.pool = copies,
		.transmit_pool = transmit_pool,
		.context = world,
	};
	struct vmmq_nic_switch *nic;

	memset(world, 0, sizeof(*world));
	world->take = UINT32_MAX;
	world->port = -1;
	assert_int_equal(vmmq_adapter_create(&params, &world->adapter, NULL), VMMQ_SUCCESS);
	nic = vmmq_adapter_switch(world->adapter);
	for (uint16_t id = 0; id < VPORTS; id++) {
		struct vmmq_rss_params rss;
		uint8_t mac[VMMQ_MAC_LEN];
		uint32_t filter;
		char name[8];

		snprintf(name, sizeof(name), "vm%u", (unsigned)id);
		mac_of((uint8_t)id, mac);
		random_rss(&rss);
		if (id)
			assert_int_equal(
			    vmmq_vport_create(nic, (struct vmmq_vport_id){ id }, name, 8, processors[0], NULL),
			    VMMQ_SUCCESS);
		set_rss(world, id, &rss);
		assert_int_equal(vmmq_filter_set(nic, (struct vmmq_vport_id){ id }, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO,
						 &filter, NULL),
				 VMMQ_SUCCESS);
		if (id)
			assert_int_equal(vmmq_vport_activate(nic, (struct vmmq_vport_id){ id }, NULL), VMMQ_SUCCESS);
		world->exists[id] = true;
	}
	assert_int_equal(vmmq_sender_create(world->adapter, in_flight_max, &world->sender, NULL), VMMQ_SUCCESS);
	apply(world);
}

/* poll_all turns all processors, in an order by chance, until none has anything to do. */
static inline void poll_all(struct world *world)
{
	unsigned idle = 0;

	while (idle < 16) {
		world->polled = random_processor().v;
		idle = vmmq_processor_poll(world->adapter, (struct vmmq_processor){ world->polled }) ? 0 : idle + 1;
	}
	for (unsigned i = 0; i < PROCESSORS; i++) {
		world->polled = processors[i].v;
		while (vmmq_processor_poll(world->adapter, processors[i]))
			;
	}
}

static inline void device_free(struct world *world)
{
	for (unsigned i = 0; i < world->taken; i++)
		rte_pktmbuf_free(world->device[i]);
	world->taken = 0;
}

static inline void world_end(struct world *world)
{
	device_free(world);
	poll_all(world);
	vmmq_return_packets(world->adapter, world->indicated, world->indications);
	vmmq_sender_destroy(world->sender);
	vmmq_adapter_destroy(world->adapter);
	assert_int_equal(rte_mempool_avail_count(copy_pool), COPIES);
	assert_int_equal(rte_mempool_avail_count(uplink_pool), UPLINK_BUFS);
	assert_int_equal(rte_mempool_avail_count(packet_pool), PACKETS);
}

/* packet_make makes a packet to the MAC of VPort to, without a hash. */
static inline struct rte_mbuf *packet_make(uint8_t to, uint16_t vid, uint32_t number)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(packet_pool);

	assert_non_null(packet);
	frame_write(rte_pktmbuf_mtod(packet, uint8_t *), to, vid, number);
	packet->data_len = FRAME_LEN;
	packet->pkt_len = FRAME_LEN;
	*note_of(packet) = (struct note){ .sequence = number };
	vmmq_oob_set_hash(packet, 0, 0);
	return packet;
}

/* packet_check: completed once, where and how the independent calculation says. */
static inline void packet_check(const struct world *world, struct rte_mbuf *packet, vmmq_status status)
{
	const struct note *note = note_of(packet);
	struct expectation expected =
	    expect_completion(world->rss, world->exists, note->vport, note->hash, note->information);

	assert_int_equal(note->completions, 1);
	assert_int_equal(note->processor, expected.processor);
	assert_int_equal(note->complete.vport.v, expected.vport);
	assert_int_equal(note->complete.via, expected.via);
	assert_int_equal(note->complete.entry, expected.entry);
	assert_int_equal(note->complete.hash_function, note->information & VMMQ_HASH_FUNCTION_MASK);
	assert_int_equal(note->complete.hash, note->complete.hash_function ? note->hash : 0);
	assert_int_equal(note->complete.status, status);
}

static inline unsigned send_packets(struct world *world, uint16_t vport, struct rte_mbuf *packet[], unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		note_of(packet[i])->vport = vport;
	return vmmq_send(world->sender, (struct vmmq_vport_id){ vport }, packet, count);
}

/* send_one sends a packet that the sender takes. */
static inline struct rte_mbuf *send_one(struct world *world, uint16_t vport, uint8_t to, uint16_t vid)
{
	struct rte_mbuf *packet = packet_make(to, vid, 0);

	assert_int_equal(send_packets(world, vport, &packet, 1), 1);
	return packet;
}

/* in_pieces cuts a packet's frame into segments of piece bytes. */
static inline struct rte_mbuf *in_pieces(struct rte_mbuf *packet, uint16_t piece)
{
	struct rte_mbuf *last = packet;

	while (last->data_len > piece) {
		struct rte_mbuf *next = rte_pktmbuf_alloc(packet_pool);
		uint16_t rest = (uint16_t)(last->data_len - piece);

		assert_non_null(next);
		memcpy(rte_pktmbuf_mtod(next, char *), rte_pktmbuf_mtod_offset(last, char *, piece), rest);
		next->data_len = rest;
		last->data_len = piece;
		last->next = next;
		last = next;
		packet->nb_segs++;
	}
	return packet;
}

static inline struct rte_mempool *pool_make(const char *name, unsigned count, uint16_t private_len, uint16_t room)
{
	return rte_pktmbuf_pool_create(name, count, 0, private_len, room, SOCKET_ID_ANY);
}

/* rig_run runs tests with DPDK and the pools set up; returns what main() returns. */
static inline int rig_run(int (*run)(void))
{
	const uint16_t room = 256 + RTE_PKTMBUF_HEADROOM;
	char error[256];
	int failed;

	if (eal_start(1, 64, error, sizeof(error))) {
		print_error("%s\n", error);
		return 1;
	}
	packet_pool = pool_make("packets", PACKETS, RTE_ALIGN(sizeof(struct note), 8), room);
	copy_pool = pool_make("copies", COPIES, 0, room);
	uplink_pool = pool_make("uplink", UPLINK_BUFS, 0, 0);
	tiny_pool = pool_make("tiny", 7, 0, room);
	if (!packet_pool || !copy_pool || !uplink_pool || !tiny_pool)
		return 1;
	failed = run();
	eal_stop();
	return failed;
}

#endif
