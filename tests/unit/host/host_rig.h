/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of the host: an adapter of four processors with a host on it, stepped by one thread, over devices that do as they
 * are told.  VPort n has device "fake<n>" and MAC 02:00:00:00:00:n; the uplink is "fake9"; VPort 0 has a device only
 * where a test gives it one.
 */
#ifndef VMMQ_UNIT_HOST_HOST_RIG_H
#define VMMQ_UNIT_HOST_HOST_RIG_H

#include "unit/core/test_random.h"

#include <stdio.h>
#include <string.h>

#include "engine/eal.h"
#include "host/switch.h"
#include "unit/hang.h"
#include "unit/host/ethdev_fake.h"

#define PROCESSORS 4u
#define BUFFERS    8191u
#define FRAME_LEN  100u
#define UNTAGGED   0xffff /* no tag at all; 0: a priority tag */
#define BROADCAST  0xff
#define STRANGER   0x77 /* an address that no filter has */
#define GROUP_SOLO 0x66 /* 01:00:00:00:00:66 */

/* Numbers far apart, so that an index taken for a number shows. */
static const struct vmmq_processor processors[PROCESSORS] = { { 3 }, { 70 }, { 1000 }, { 65535 } };

static struct host *host;
static struct vmmq_adapter *adapter;
static struct rte_mempool *packets;
static struct fake *uplink;

static inline void rig_address(uint8_t name, uint8_t mac[VMMQ_MAC_LEN])
{
	if (name == BROADCAST)
		memset(mac, 0xff, VMMQ_MAC_LEN);
	else
		memcpy(mac, (const uint8_t[]){ 2, 0, 0, 0, 0, name }, VMMQ_MAC_LEN);
}

static inline struct vmmq_vport_id id(uint16_t v)
{
	return (struct vmmq_vport_id){ v };
}

static inline void rig_apply(void)
{
	assert_int_equal(vmmq_adapter_apply(adapter, false, HANG_NS, NULL), VMMQ_SUCCESS);
	assert_int_equal(host_update(host), VMMQ_SUCCESS);
}

static inline uint32_t rig_filter(uint16_t vport, uint8_t name, vmmq_vlan_rule vlan)
{
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;

	rig_address(name, mac);
	assert_int_equal(vmmq_filter_set(vmmq_adapter_switch(adapter), id(vport), mac, vlan, &filter, NULL),
			 VMMQ_SUCCESS);
	return filter;
}

/* rig_rss spreads a VPort over count processors from the first on, by its table; 0: RSS off, all to processors[3]. */
static inline void rig_rss(uint16_t vport, unsigned first, unsigned count)
{
	struct vmmq_rss_params rss;

	vmmq_rss_params_init(&rss, processors[3]);
	if (count) {
		rss.enabled = true;
		rss.entry_count = 128;
		rss.default_processor = processors[first];
		for (unsigned i = 0; i < rss.entry_count; i++)
			rss.table[i] = processors[first + i % count];
	}
	assert_int_equal(vmmq_rss_set(vmmq_adapter_switch(adapter), id(vport), &rss, NULL), VMMQ_SUCCESS);
}

/* rig_vport adds VPort v with a filter for its MAC and a backend; RSS off, all on processors[v % 4]. */
static inline struct fake *rig_vport(uint16_t v, vmmq_vlan_rule vlan)
{
	struct vmmq_nic_switch *sw = vmmq_adapter_switch(adapter);
	char name[16];

	snprintf(name, sizeof(name), "fake%u", (unsigned)v);
	assert_int_equal(vmmq_vport_create(sw, id(v), name, 4, processors[v % PROCESSORS], NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_vport_activate(sw, id(v), NULL), VMMQ_SUCCESS);
	rig_filter(v, (uint8_t)v, vlan);
	rig_apply();
	host_set_backend(host, id(v), DEVICE(name));
	return fake_device(name);
}

static inline void rig_make_with(uint32_t held_max, enum vmmq_moderation moderation)
{
	const struct host_params host_params = { .name = "test", .buffers = BUFFERS };
	struct vmmq_adapter_params params = {
		.name = "test",
		.nic_switch = { .processors = processors, .processor_count = PROCESSORS, .max_vports = 64 },
		.moderation = moderation,
		.held_max = held_max,
	};

	fake_reset();
	assert_int_equal(host_create(&host_params, &host, NULL), VMMQ_SUCCESS);
	host_fill_adapter_params(host, &params);
	assert_int_equal(vmmq_adapter_create(&params, &adapter, NULL), VMMQ_SUCCESS);
	assert_int_equal(host_bind(host, adapter, NULL), VMMQ_SUCCESS);
	uplink = fake_device("fake9");
	host_set_uplink(host, DEVICE("fake9"), 2);
}

static inline void rig_make(void)
{
	rig_make_with(0, VMMQ_MODERATION_POLL);
}

/* rig_run turns all processors until there is nothing to do. */
static inline void rig_run(void)
{
	unsigned moved, idle = 0;

	while (idle < 2) {
		moved = 0;
		for (unsigned i = 0; i < PROCESSORS; i++)
			moved += vmmq_processor_poll(adapter, processors[i]);
		idle = moved ? 0 : idle + 1;
	}
}

/* rig_packet makes a UDP frame from one name to another; flow varies the port, number comes last in it. */
static inline struct rte_mbuf *rig_packet(uint8_t to, uint8_t from, uint16_t vid, uint16_t len, uint16_t flow,
					  uint32_t number)
{
	static const uint8_t ip[] = { 0x45, 0, 0, 80, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2 };
	struct rte_mbuf *packet = rte_pktmbuf_alloc(packets);
	uint8_t *frame;

	assert_non_null(packet);
	frame = rte_pktmbuf_mtod(packet, uint8_t *);
	packet->data_len = len;
	packet->pkt_len = len;
	memset(frame, 0, len);
	rig_address(to, frame);
	rig_address(from, frame + 6);
	if (to == GROUP_SOLO)
		frame[0] = 1;
	frame += 12;
	if (vid != UNTAGGED) {
		memcpy(frame, (const uint8_t[]){ 0x81, 0, (uint8_t)(vid >> 8), (uint8_t)vid }, 4);
		frame += 4;
	}
	frame[0] = 8;
	memcpy(frame + 2, ip, sizeof(ip));
	frame[22] = (uint8_t)(flow >> 8);
	frame[23] = (uint8_t)flow;
	memcpy(rte_pktmbuf_mtod_offset(packet, uint8_t *, len - sizeof(number)), &number, sizeof(number));
	return packet;
}

/* rig_packet_tagged puts tags (of four bytes each, the outermost first) into a frame that rig_packet() makes; len: without them. */
static inline struct rte_mbuf *rig_packet_tagged(uint8_t to, uint8_t from, const void *tags, uint16_t tags_len,
						 uint16_t len, uint32_t number)
{
	struct rte_mbuf *packet = rig_packet(to, from, UNTAGGED, len, 0, number);
	uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(packet, tags_len);

	if (!frame)
		abort();
	memmove(frame, frame + tags_len, 12);
	memcpy(frame + 12, tags, tags_len);
	return packet;
}

/* rig_expect_tagged: the next packet in a device's transmit queues is that one, with those tags, and without any other change. */
static inline void rig_expect_tagged(struct fake *fake, uint8_t to, uint8_t from, const void *tags, uint16_t tags_len,
				     uint16_t len, uint32_t number)
{
	struct rte_mbuf *wanted = rig_packet_tagged(to, from, tags, tags_len, len, number), *packet = NULL;

	for (uint16_t q = 0; q < FAKE_QUEUES && !packet; q++)
		packet = fake_out(fake, q);
	assert_non_null(packet);
	assert_int_equal(packet->pkt_len, len + tags_len);
	assert_int_equal(packet->nb_segs, 1);
	assert_memory_equal(rte_pktmbuf_mtod(packet, char *), rte_pktmbuf_mtod(wanted, char *), len + tags_len);
	rte_pktmbuf_free(wanted);
	rte_pktmbuf_free(packet);
}

static inline uint32_t rig_number(const struct rte_mbuf *packet)
{
	uint8_t scratch[sizeof(uint32_t)];
	uint32_t number;

	memcpy(&number, rte_pktmbuf_read(packet, packet->pkt_len - sizeof(number), sizeof(number), scratch),
	       sizeof(number));
	return number;
}

/* rig_vid returns the VLAN id of the frame's tag, or UNTAGGED. */
static inline uint16_t rig_vid(const struct rte_mbuf *packet)
{
	uint8_t scratch[16];
	const uint8_t *frame = rte_pktmbuf_read(packet, 0, sizeof(scratch), scratch);

	if (frame[12] != 0x81)
		return UNTAGGED;
	return (uint16_t)((frame[14] & 15) << 8 | frame[15]);
}

/* Devices take tags out of frames and tell of them beside. */
static bool rig_strips;

static inline void rig_send(struct fake *fake, uint8_t to, uint8_t from, uint16_t vid, uint32_t number)
{
	struct rte_mbuf *packet = rig_packet(to, from, vid, FRAME_LEN, 0, number);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	if (rig_strips && vid != UNTAGGED) {
		packet->vlan_tci = vid;
		packet->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
		memmove(frame + 4, frame, 12);
		rte_pktmbuf_adj(packet, 4);
	}
	fake_in(fake, 0, packet);
}

/* rig_expect: the next packet in a device's transmit queues is this one, whole, and has that tag. */
static inline void rig_expect(struct fake *fake, uint8_t to, uint8_t from, uint16_t vid, uint32_t number)
{
	struct rte_mbuf *packet = NULL;
	uint8_t mac[VMMQ_MAC_LEN], scratch[VMMQ_MAC_LEN];

	for (uint16_t q = 0; q < FAKE_QUEUES && !packet; q++)
		packet = fake_out(fake, q);
	assert_non_null(packet);
	assert_int_equal(rig_number(packet), number);
	assert_int_equal(rig_vid(packet), vid);
	rig_address(to, mac);
	if (to == GROUP_SOLO)
		mac[0] = 1;
	assert_memory_equal(rte_pktmbuf_read(packet, 0, 6, scratch), mac, 6);
	rig_address(from, mac);
	assert_memory_equal(rte_pktmbuf_read(packet, 6, 6, scratch), mac, 6);
	rte_pktmbuf_free(packet);
}

static inline void rig_expect_nothing(struct fake *fake)
{
	assert_int_equal(fake_waiting(fake), 0);
}

static inline struct host_counters rig_counters(uint16_t vport)
{
	struct host_counters counters;

	host_counters_read(host, id(vport), &counters);
	return counters;
}

static inline uint64_t rig_drops(uint16_t vport, enum host_drop reason)
{
	return rig_counters(vport).drops[reason];
}

static inline uint64_t rig_completions(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < PROCESSORS; i++) {
		struct vmmq_processor_counters counters;

		vmmq_processor_counters_read(adapter, processors[i], &counters);
		n += counters.completions;
	}
	return n;
}

static inline uint64_t rig_indicated(uint16_t vport)
{
	struct vmmq_vport_counters counters = { 0 };

	vmmq_vport_counters_read(adapter, id(vport), NULL, &counters);
	return counters.packets;
}

/*
 * rig_balance: what was indicated or replicated for a VPort went to its guest, waits for it, or was dropped by a name; VPort 0's
 * also went to others.  For VPorts whose guests have sent nothing that was dropped for its length, and a VPort 0 that has no guest.
 */
static inline void rig_balance(uint16_t vport)
{
	struct host_counters c = rig_counters(vport);
	uint64_t of_uplink =
	    vport ? 0
		  : c.flooded + c.drops[HOST_DROP_STORM] + c.drops[HOST_DROP_VLAN] + c.drops[HOST_DROP_CONTROL_FRAME];

	assert_int_equal(rig_indicated(vport) + c.replicas,
			 c.to_guest_packets + c.waiting + c.drops[HOST_DROP_NO_BACKEND] +
			     c.drops[HOST_DROP_BACKEND_FULL] + c.drops[HOST_DROP_MTU] + c.drops[HOST_DROP_TOO_BIG] +
			     c.drops[HOST_DROP_HOST_NO_BUFFER] + of_uplink);
}

/* fake_empty frees what was transmitted, fake_forget what was not received either. */
static inline void fake_empty(struct fake *fake)
{
	struct rte_mbuf *packet;

	for (uint16_t q = 0; q < FAKE_QUEUES; q++)
		while ((packet = fake_out(fake, q)))
			rte_pktmbuf_free(packet);
}

static inline void fake_forget(struct fake *fake)
{
	struct fake_fifo *in = fake->in;

	for (; in < fake->in + FAKE_QUEUES; in++)
		while (in->head != in->tail)
			rte_pktmbuf_free(in->packet[in->head++ % FAKE_SIZE]);
	fake_empty(fake);
}

static inline void rig_forget(void)
{
	for (unsigned i = 0; i < FAKE_DEVICES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "fake%u", i);
		fake_forget(fake_device(name));
		fake_device(name)->room = FAKE_SIZE - 1;
		fake_device(name)->longest = UINT32_MAX;
	}
}

/* rig_end: every buffer comes back, also those that wait for devices. */
static inline void rig_end(void)
{
	do {
		rig_forget();
		rig_run();
	} while (host->waiting);
	rig_forget();
	assert_int_equal(rte_mempool_in_use_count(host->pool), 0);
	vmmq_adapter_stop(adapter);
	host_destroy(host);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_avail_count(packets), BUFFERS);
}

/* rig_main runs tests with DPDK and a pool set up; returns what main() returns. */
static inline int rig_main(int (*run)(void))
{
	char error[256];
	int failed;

	if (eal_start(4, 128, error, sizeof(error))) {
		print_error("%s\n", error);
		return 1;
	}
	packets = rte_pktmbuf_pool_create_by_ops("packets", BUFFERS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY,
						 "ring_mt_rts");
	if (!packets)
		return 1;
	random_start();
	failed = run();
	rte_mempool_free(packets);
	eal_stop();
	return failed;
}

#endif
