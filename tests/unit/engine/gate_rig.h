/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An adapter for tests in one thread: packets of numbered flows with sequence numbers go in, processors are stepped one
 * by one, and each indicated packet is checked to be the next one of its flow.
 */
#ifndef VMMQ_UNIT_ENGINE_GATE_RIG_H
#define VMMQ_UNIT_ENGINE_GATE_RIG_H

#include "unit/core/test_random.h"

#include <rte_mbuf.h>
#include <stdio.h>
#include <string.h>
#include <vmmq/adapter.h>

#include "engine/adapter_state.h"
#include "engine/eal.h"
#include "engine/source.h"

#define RIG_FLOWS   512u
#define RIG_SOURCES 3u
#define RIG_POOL    8191u

/* A flow: UDP over IPv4 from port to port 80; all else is the same for all.  vid 0: untagged. */
struct rig_flow {
	uint16_t mac;
	uint16_t vid;
	uint16_t port;
	uint32_t sent;
	uint32_t indicated;
	/* Where its last packet was indicated. */
	uint16_t vport;
	uint16_t processor;
};

/* What stands beside a packet. */
struct rig_note {
	uint32_t flow;
	uint32_t sequence;
	uint64_t oldest; /* the views that may have steered it, for whoever counts them */
	uint64_t newest;
};

struct rig {
	struct vmmq_adapter *adapter;
	struct vmmq_nic_switch *nic_switch;
	struct vmmq_source *source[RIG_SOURCES];
	struct rte_mempool *pool;
	struct vmmq_processor processor[128];
	unsigned processors;
	struct rig_flow flow[RIG_FLOWS];
	void (*check)(struct rig *rig, const struct vmmq_indication *indication,
		      const struct rig_note *note); /* may be NULL */
	uint64_t sent, indicated;
};

static inline struct vmmq_vport_id rig_vport(unsigned id)
{
	return (struct vmmq_vport_id){ (uint16_t)id };
}

static inline void rig_mac(uint16_t number, uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (uint8_t[]){ 0x02, 0, 0, 1, (uint8_t)(number >> 8), (uint8_t)number }, VMMQ_MAC_LEN);
}

/* rig_tuple writes what a flow's 4-tuple hash covers. */
static inline void rig_tuple(const struct rig_flow *flow, uint8_t tuple[12])
{
	memcpy(tuple, (uint8_t[]){ 10, 0, 0, 1, 10, 0, 0, 2, (uint8_t)(flow->port >> 8), (uint8_t)flow->port, 0, 80 },
	       12);
}

/* The MAC inside of what every flow sends, should somebody take it for VXLAN, of network 5. */
#define RIG_INNER_MAC ((uint8_t[]){ 0x02, 0, 0, 7, 7, 7 })

static inline unsigned rig_frame(const struct rig_flow *flow, uint8_t *frame)
{
	static const uint8_t source[6] = { 0x02, 0, 0, 9, 9, 9 }, ip[12] = { 0x45, 0, 0, 50, 0, 0, 0, 0, 64, 17 };
	static const uint8_t vxlan[8] = { 0x08, 0, 0, 0, 0, 0, 5, 0 };
	unsigned n = 12;

	rig_mac(flow->mac, frame);
	memcpy(frame + 6, source, 6);
	if (flow->vid) {
		memcpy(frame + n, (uint8_t[]){ 0x81, 0, (uint8_t)(flow->vid >> 8), (uint8_t)flow->vid }, 4);
		n += 4;
	}
	memcpy(frame + n, (uint8_t[]){ 0x08, 0 }, 2);
	memcpy(frame + n + 2, ip, sizeof(ip));
	rig_tuple(flow, frame + n + 14);
	memset(frame + n + 26, 0, 4 + sizeof(vxlan) + 14);
	memcpy(frame + n + 30, vxlan, sizeof(vxlan));
	memcpy(frame + n + 38, RIG_INNER_MAC, 6);
	return n + 52;
}

static inline void rig_indicate(void *context, const struct vmmq_indication *indication)
{
	struct rig *rig = context;

	for (unsigned i = 0; i < indication->count; i++) {
		const struct rig_note *note = rte_mbuf_to_priv(indication->packet[i]);
		struct rig_flow *flow = &rig->flow[note->flow];

		assert_int_equal(note->sequence, flow->indicated);
		flow->indicated++;
		flow->vport = indication->vport.v;
		flow->processor = indication->processor.v;
		rig->indicated++;
		if (rig->check)
			rig->check(rig, indication, note);
	}
	if (!(indication->flags & VMMQ_INDICATE_RESOURCES))
		vmmq_return_packets(rig->adapter, indication->packet, indication->count);
}

static inline void rig_make(struct rig *rig, unsigned processors, unsigned vports, uint32_t inbox_size)
{
	struct vmmq_adapter_params params = {
		.name = "rig",
		.nic_switch = { .processors = rig->processor,
				.processor_count = processors,
				.max_vports = vports,
				.default_vport_queue_pairs = 128 },
		.inbox_size = inbox_size,
		.indicate = rig_indicate,
		.context = rig,
	};

	static unsigned rigs;
	char name[32];

	memset(rig, 0, sizeof(*rig));
	snprintf(name, sizeof(name), "rig%u", rigs++); /* one that failed leaves its pool behind */
	rig->processors = processors;
	for (unsigned i = 0; i < processors; i++)
		rig->processor[i].v = (uint16_t)(1000 - 3 * i);
	rig->pool =
	    rte_pktmbuf_pool_create(name, RIG_POOL, 0, RTE_ALIGN(sizeof(struct rig_note), RTE_MBUF_PRIV_ALIGN),
				    RTE_PKTMBUF_HEADROOM + 128, SOCKET_ID_ANY);
	assert_non_null(rig->pool);
	assert_int_equal(vmmq_adapter_create(&params, &rig->adapter, NULL), VMMQ_SUCCESS);
	rig->nic_switch = vmmq_adapter_switch(rig->adapter);
	for (unsigned i = 0; i < RIG_SOURCES; i++)
		assert_int_equal(vmmq_source_create(rig->adapter, VMMQ_SOURCE_WAIT, &rig->source[i], NULL),
				 VMMQ_SUCCESS);
}

/* rig_send offers a flow's next packet to a source; false: it has to wait. */
static inline bool rig_send(struct rig *rig, unsigned source, unsigned number, uint64_t oldest, uint64_t newest)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(rig->pool);
	struct rig_flow *flow = &rig->flow[number];

	assert_non_null(packet);
	packet->data_len = (uint16_t)rig_frame(flow, rte_pktmbuf_mtod(packet, uint8_t *));
	packet->pkt_len = packet->data_len;
	*(struct rig_note *)rte_mbuf_to_priv(packet) = (struct rig_note){ number, flow->sent, oldest, newest };
	if (vmmq_receive(rig->source[source], &packet, 1) == 0) {
		rte_pktmbuf_free(packet);
		return false;
	}
	flow->sent++;
	rig->sent++;
	return true;
}

/* rig_publish makes a change known to no source: as if each were preempted in the middle of a burst. */
static inline void rig_publish(struct rig *rig)
{
	for (unsigned i = 0; i < RIG_SOURCES; i++)
		source_hold(rig->source[i]);
	assert_int_equal(vmmq_adapter_apply(rig->adapter, false, 0, NULL), VMMQ_PENDING);
	for (unsigned i = 0; i < RIG_SOURCES; i++)
		source_release(rig->source[i]);
}

static inline unsigned rig_poll(struct rig *rig, unsigned processor)
{
	return vmmq_processor_poll(rig->adapter, rig->processor[processor]);
}

/* rig_drain steps all processors until everything is indicated: more turns than it can take are a deadlock. */
static inline void rig_drain(struct rig *rig)
{
	for (unsigned turns = 0; !vmmq_adapter_idle(rig->adapter); turns++) {
		assert_true(turns < 100000);
		for (unsigned i = 0; i < rig->processors; i++)
			rig_poll(rig, i);
	}
	assert_int_equal(rig->indicated, rig->sent);
}

/* rig_end destroys everything, with whatever is still under way, and looks for each buffer. */
static inline void rig_end(struct rig *rig)
{
	vmmq_adapter_destroy(rig->adapter);
	assert_int_equal(rte_mempool_avail_count(rig->pool), RIG_POOL);
	rte_mempool_free(rig->pool);
}

static inline int rig_eal_start(void **state)
{
	char error[256];

	(void)state;
	return eal_start(1, 64, error, sizeof(error));
}

static inline int rig_eal_stop(void **state)
{
	(void)state;
	eal_stop();
	return 0;
}

#endif
