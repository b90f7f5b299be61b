/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the engine's tests are built on: pools, frames, and an adapter whose processors are stepped one turn at a time or
 * run as threads.  VPort n, from 1, has MAC 02:00:00:00:00:n, RSS off, and its own primary processor; VPort 0 gets the rest.
 */
#ifndef VMMQ_UNIT_ENGINE_VPORT_RIG_H
#define VMMQ_UNIT_ENGINE_VPORT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <rte_mbuf.h>
#include <stdlib.h>
#include <string.h>
#include <vmmq/adapter.h>

#include "engine/eal.h"
#include "engine/indicate.h"

#define RIG_VPORTS     16 /* VPort 0 included */
#define RIG_PROCESSORS 4
#define RIG_FRAME_LEN  60u
#define RIG_TAGGED_LEN 64u
#define RIG_VLAN       7u        /* of the frames with a tag */
#define RIG_TURN       DPC_BATCH /* packets that one turn takes from one inbox: a processor's capacity, in packets a turn */

static inline void rig_mac(uint16_t vport, uint8_t mac[VMMQ_MAC_LEN])
{
	memcpy(mac, (const uint8_t[VMMQ_MAC_LEN]){ 2, 0, 0, 0, (uint8_t)(vport >> 8), (uint8_t)vport }, VMMQ_MAC_LEN);
}

/* rig_frame writes a UDP/IPv4 frame for a VPort, with a tag if vlan is not 0; returns its length. */
static inline uint32_t rig_frame(uint8_t frame[RIG_TAGGED_LEN], uint16_t vport, uint16_t vlan)
{
	static const uint8_t rest[] = {
		0x08, 0x00, 0x45, 0,  0, 46, 0, 0,    0,    0,    64,   17, 0,  0, 10,
		0,    0,    1,    10, 0, 0,  2, 0x13, 0x88, 0x17, 0x70, 0,  26, 0, 0,
	};
	uint32_t at = 12;

	memset(frame, 0x5a, RIG_TAGGED_LEN);
	rig_mac(vport, frame);
	memcpy(frame + 6, (const uint8_t[]){ 2, 0, 0, 0, 1, 0 }, VMMQ_MAC_LEN);
	if (vlan) {
		memcpy(frame + at, (const uint8_t[]){ 0x81, 0, (uint8_t)(vlan >> 8), (uint8_t)vlan }, 4);
		at += 4;
	}
	memcpy(frame + at, rest, sizeof(rest));
	return vlan ? RIG_TAGGED_LEN : RIG_FRAME_LEN;
}

static inline struct rte_mempool *rig_pool(const char *name, unsigned size)
{
	struct rte_mempool *pool =
	    rte_pktmbuf_pool_create(name, size, 0, 8, RTE_PKTMBUF_HEADROOM + 256, SOCKET_ID_ANY);

	assert_non_null(pool);
	return pool;
}

static inline struct rte_mbuf *rig_packet(struct rte_mempool *pool, uint16_t vport, uint16_t vlan)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);
	uint32_t len;

	assert_non_null(packet);
	len = rig_frame(rte_pktmbuf_mtod(packet, uint8_t *), vport, vlan);
	packet->data_len = (uint16_t)len;
	packet->pkt_len = len;
	return packet;
}

/* rig_adapter makes an adapter of RIG_PROCESSORS processors, 0 and up; VPort n's primary is primary[n - 1], for count VPorts. */
static inline struct vmmq_adapter *rig_adapter(struct vmmq_adapter_params params, const uint16_t primary[],
					       unsigned count)
{
	struct vmmq_processor processor[RIG_PROCESSORS];
	struct vmmq_adapter *adapter;
	struct vmmq_nic_switch *sw;
	struct vmmq_why why = { 0 };

	for (uint16_t i = 0; i < RIG_PROCESSORS; i++)
		processor[i].v = i;
	params.nic_switch = (struct vmmq_nic_switch_params){
		.processors = processor,
		.processor_count = RIG_PROCESSORS,
		.max_vports = RIG_VPORTS,
	};
	if (vmmq_adapter_create(&params, &adapter, &why) != VMMQ_SUCCESS)
		fail_msg("%s %s", why.path, why.text);
	sw = vmmq_adapter_switch(adapter);
	for (uint16_t v = 1; v <= count; v++) {
		uint8_t mac[VMMQ_MAC_LEN];
		uint32_t id;

		rig_mac(v, mac);
		assert_int_equal(vmmq_vport_create(sw, (struct vmmq_vport_id){ v }, "vport", RIG_PROCESSORS,
						   (struct vmmq_processor){ primary[v - 1] }, NULL),
				 VMMQ_SUCCESS);
		assert_int_equal(vmmq_vport_activate(sw, (struct vmmq_vport_id){ v }, NULL), VMMQ_SUCCESS);
		assert_int_equal(vmmq_filter_set(sw, (struct vmmq_vport_id){ v }, mac, VMMQ_VLAN_ANY, &id, NULL),
				 VMMQ_SUCCESS);
	}
	assert_int_equal(vmmq_adapter_apply(adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
	return adapter;
}

static inline struct vmmq_source *rig_source(struct vmmq_adapter *adapter, enum vmmq_source_mode mode)
{
	struct vmmq_source *source;

	assert_int_equal(vmmq_source_create(adapter, mode, &source, NULL), VMMQ_SUCCESS);
	return source;
}

/* rig_drain steps all processors until nothing waits any more. */
static inline void rig_drain(struct vmmq_adapter *adapter)
{
	while (!vmmq_adapter_idle(adapter))
		for (uint16_t i = 0; i < RIG_PROCESSORS; i++)
			vmmq_processor_poll(adapter, (struct vmmq_processor){ i });
}

static inline uint64_t rig_indicated(const struct vmmq_adapter *adapter, uint16_t vport)
{
	struct vmmq_vport_counters sum = { 0 };

	vmmq_vport_counters_read(adapter, (struct vmmq_vport_id){ vport }, NULL, &sum);
	return sum.packets;
}

static inline uint64_t rig_dropped(const struct vmmq_adapter *adapter, uint16_t vport, enum vmmq_drop reason)
{
	uint64_t sum[VMMQ_DROP_COUNT] = { 0 };

	vmmq_vport_drops_read(adapter, (struct vmmq_vport_id){ vport }, sum);
	return sum[reason];
}

static inline uint64_t rig_dropped_all(const struct vmmq_adapter *adapter, uint16_t vport)
{
	uint64_t sum = 0;

	for (int reason = 0; reason < VMMQ_DROP_COUNT; reason++)
		sum += rig_dropped(adapter, vport, (enum vmmq_drop)reason);
	return sum;
}

/* rig_balanced: received = indicated + sum of drops, over all VPorts; and no buffer is missing from the pool. */
static inline void rig_balanced(const struct vmmq_adapter *adapter, const struct rte_mempool *pool)
{
	uint64_t sum = 0;

	for (uint16_t v = 0; v < RIG_VPORTS; v++)
		sum += rig_indicated(adapter, v) + rig_dropped_all(adapter, v);
	assert_int_equal(vmmq_received_read(adapter), sum);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* rig_start is a test program's group setup: DPDK with threads workers. */
static inline int rig_start(unsigned threads)
{
	char error[256];

	if (!eal_start(threads, 128, error, sizeof(error)))
		return 0;
	print_error("%s\n", error);
	return -1;
}

#endif
