/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet whose tag is in the mbuf is treated as one whose tag is in the frame: what is indicated, its OOB and its bytes are the
 * same, received or sent to a VPort, whatever the mbuf is like; what goes to the uplink keeps its tag.
 */
#include "unit/core/test_random.h"
#include "unit/engine/vport_rig.h"

enum { FRAME_MAX = 128, ROUNDS = 20000 };

/* How the mbuf is made that the packet comes in. */
enum shape { PLAIN, SHARED, NO_HEADROOM, IN_PIECES, SHAPES };

/* What was indicated last, or given to the uplink. */
struct seen {
	unsigned count;
	struct vmmq_processor on;
	struct vmmq_oob oob;
	uint32_t len;
	uint8_t bytes[FRAME_MAX];
	uint64_t flags; /* uplink */
	uint16_t tci, tci_outer;
};

static struct rte_mempool *pool;
static struct seen seen;
static struct vmmq_adapter *adapter;

static void see(struct rte_mbuf *packet)
{
	const void *bytes;

	seen.count++;
	seen.len = rte_pktmbuf_pkt_len(packet);
	assert_true(seen.len <= FRAME_MAX);
	bytes = rte_pktmbuf_read(packet, 0, seen.len, seen.bytes);
	if (bytes != seen.bytes)
		memcpy(seen.bytes, bytes, seen.len);
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct rte_mbuf *packet = indication->packet[0];

	(void)context;
	assert_int_equal(indication->count, 1);
	seen.on = indication->processor;
	vmmq_oob_get(packet, &seen.oob);
	assert_int_equal(packet->ol_flags & (RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_QINQ | RTE_MBUF_F_RX_QINQ_STRIPPED),
			 0);
	see(packet);
	vmmq_return_packets(adapter, indication->packet, 1);
}

static unsigned on_transmit(void *context, struct rte_mbuf *packet[], unsigned count)
{
	(void)context;
	assert_int_equal(count, 1);
	see(packet[0]);
	seen.flags = packet[0]->ol_flags & (RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_QINQ);
	seen.tci = packet[0]->vlan_tci;
	seen.tci_outer = packet[0]->vlan_tci_outer;
	rte_pktmbuf_free(packet[0]);
	return 1;
}

static void on_complete(void *context, const struct vmmq_completion *completion)
{
	(void)context;
	for (unsigned i = 0; i < completion->count; i++) {
		assert_int_equal(completion->send[i].status, VMMQ_SUCCESS);
		rte_pktmbuf_free(completion->send[i].packet);
	}
}

static int start(void **state)
{
	(void)state;
	if (rig_start(1))
		return -1;
	pool = rig_pool("packets", 511);
	return 0;
}

/* VPorts 1 to 4 by MAC: any VLAN; VLAN 30; untagged or zero; VLAN 30, and 5 what is left of 4. */
static void adapter_make(void)
{
	static const vmmq_vlan_rule rules[] = { VMMQ_VLAN_ANY, 30, VMMQ_VLAN_UNTAGGED_OR_ZERO, 30 };
	struct vmmq_nic_switch *sw;
	struct vmmq_rss_params rss;
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;

	adapter = rig_adapter((struct vmmq_adapter_params){ .indicate = on_indicate,
							    .transmit = on_transmit,
							    .complete = on_complete,
							    .pool = pool,
							    .transmit_pool = pool },
			      (const uint16_t[]){ 0, 1, 2, 3, 0 }, 5);
	sw = vmmq_adapter_switch(adapter);
	vmmq_rss_params_init(&rss, (struct vmmq_processor){ 0 });
	rss.enabled = true;
	rss.entry_count = 4;
	rss.default_processor.v = 3;
	for (uint16_t i = 0; i < 4; i++)
		rss.table[i].v = i % 2;
	assert_int_equal(vmmq_rss_set(sw, VMMQ_DEFAULT_VPORT, &rss, NULL), VMMQ_SUCCESS);
	for (uint16_t v = 2; v <= 4; v++) {
		rig_mac(v, mac);
		assert_int_equal(vmmq_filter_clear(sw, v, NULL), VMMQ_SUCCESS);
		assert_int_equal(vmmq_filter_set(sw, (struct vmmq_vport_id){ v }, mac, rules[v - 1], &filter, NULL),
				 VMMQ_SUCCESS);
	}
	assert_int_equal(vmmq_filter_set(sw, (struct vmmq_vport_id){ 5 }, mac, VMMQ_VLAN_ANY, &filter, NULL),
			 VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_apply(adapter, false, UINT64_MAX, NULL), VMMQ_SUCCESS);
}

static uint32_t tag_insert(uint8_t *frame, uint32_t len, uint16_t tci)
{
	memmove(frame + 16, frame + 12, len - 12);
	memcpy(frame + 12, (const uint8_t[]){ 0x81, 0, (uint8_t)(tci >> 8), (uint8_t)tci }, 4);
	return len + 4;
}

static struct rte_mbuf *packet_make(const uint8_t *frame, uint32_t len, enum shape shape)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool), *other;
	uint16_t first = shape == IN_PIECES ? (uint16_t)(1 + random_below(20)) : (uint16_t)len;

	if (shape == NO_HEADROOM)
		packet->data_off = 0;
	memcpy(rte_pktmbuf_append(packet, first), frame, first);
	if (shape == IN_PIECES) {
		other = rte_pktmbuf_alloc(pool);
		memcpy(rte_pktmbuf_append(other, (uint16_t)(len - first)), frame + first, len - first);
		assert_int_equal(rte_pktmbuf_chain(packet, other), 0);
	}
	if (shape != SHARED)
		return packet;
	other = rte_pktmbuf_clone(packet, pool);
	rte_pktmbuf_free(packet);
	return other;
}

/* A packet, in its frame `own` tags, and outside of them those of tci, the outermost last. */
struct tagged {
	uint8_t frame[FRAME_MAX];
	uint32_t len;
	uint16_t tci[2];
	unsigned count;
};

static struct tagged tagged_random(void)
{
	static const uint16_t tcis[] = { 0, 0xe000, 30, 0x601e, 31, 0x0fff };
	struct tagged t = { .count = random_below(3), .len = RIG_FRAME_LEN };

	rig_frame(t.frame, (uint16_t)random_below(7), 0);
	random_bytes(t.frame + 26, 12); /* addresses and ports */
	if (random_one_in(8))
		t.frame[13] = 6; /* ARP */
	for (unsigned own = random_below(3); own; own--)
		t.len = tag_insert(t.frame, t.len, tcis[random_below(6)]);
	for (unsigned i = 0; i < t.count; i++)
		t.tci[i] = tcis[random_below(6)];
	return t;
}

/* tagged_whole makes the packet with all tags in its frame, tagged_beside with the outer ones in its mbuf. */
static struct rte_mbuf *tagged_whole(const struct tagged *t, enum shape shape)
{
	uint8_t frame[FRAME_MAX];
	uint32_t len = t->len;

	memcpy(frame, t->frame, len);
	for (unsigned i = 0; i < t->count; i++)
		len = tag_insert(frame, len, t->tci[i]);
	return packet_make(frame, len, shape);
}

static struct rte_mbuf *tagged_beside(const struct tagged *t, bool sent, enum shape shape)
{
	struct rte_mbuf *packet = packet_make(t->frame, t->len, shape);

	packet->vlan_tci = t->tci[0];
	packet->vlan_tci_outer = t->tci[1];
	if (t->count == 1)
		packet->ol_flags |= sent ? RTE_MBUF_F_TX_VLAN : RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	if (t->count == 2)
		packet->ol_flags |= sent ? RTE_MBUF_F_TX_QINQ | (random_one_in(2) ? RTE_MBUF_F_TX_VLAN : 0)
					 : RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_QINQ |
					       RTE_MBUF_F_RX_QINQ_STRIPPED;
	return packet;
}

static void assert_same(const struct seen *a, const struct seen *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->on.v, b->on.v);
	assert_int_equal(a->oob.vport.v, b->oob.vport.v);
	assert_int_equal(a->oob.hash, b->oob.hash);
	assert_int_equal(a->oob.hash_type, b->oob.hash_type);
	assert_int_equal(a->oob.entry, b->oob.entry);
	assert_int_equal(a->oob.via, b->oob.via);
	assert_int_equal(a->oob.stripped, b->oob.stripped);
	assert_int_equal(a->oob.tci, b->oob.tci);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->bytes, b->bytes, a->len);
}

static struct seen receive(struct vmmq_source *source, struct rte_mbuf *packet)
{
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(vmmq_receive(source, &packet, 1), 1);
	rig_drain(adapter);
	assert_int_equal(seen.count, 1);
	return seen;
}

static void received(void **state)
{
	unsigned by_vport[6] = { 0 }, stripped = 0;
	struct vmmq_source *source;

	(void)state;
	random_start();
	adapter_make();
	source = rig_source(adapter, VMMQ_SOURCE_DROP);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct tagged t = tagged_random();
		struct seen whole = receive(source, tagged_whole(&t, (enum shape)random_below(SHAPES)));
		struct seen beside = receive(source, tagged_beside(&t, false, (enum shape)random_below(SHAPES)));

		assert_same(&whole, &beside);
		by_vport[whole.oob.vport.v]++;
		stripped += whole.oob.stripped;
	}
	for (unsigned v = 0; v < 6; v++)
		assert_true(by_vport[v] > ROUNDS / 100);
	assert_true(stripped > ROUNDS / 10);
	rig_balanced(adapter, pool);
	vmmq_adapter_destroy(adapter);
}

/* Of two tags a device may take the outer one only. */
static void outer_tag_alone(void **state)
{
	struct tagged t = { .count = 1, .len = RIG_FRAME_LEN, .tci = { 30 } };
	struct vmmq_source *source;
	struct seen whole, beside;
	struct rte_mbuf *packet;

	(void)state;
	adapter_make();
	source = rig_source(adapter, VMMQ_SOURCE_DROP);
	rig_frame(t.frame, 2, 0);
	t.len = tag_insert(t.frame, t.len, 7);
	whole = receive(source, tagged_whole(&t, PLAIN));
	packet = packet_make(t.frame, t.len, PLAIN);
	packet->vlan_tci = 99;
	packet->vlan_tci_outer = 30;
	packet->ol_flags |= RTE_MBUF_F_RX_QINQ | RTE_MBUF_F_RX_QINQ_STRIPPED;
	beside = receive(source, packet);
	assert_same(&whole, &beside);
	assert_int_equal(beside.oob.vport.v, 2);
	assert_int_equal(beside.oob.tci, 30);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

static struct seen sent(struct vmmq_sender *sender, struct rte_mbuf *packet)
{
	memset(&seen, 0, sizeof(seen));
	vmmq_oob_set_hash(packet, 0, 0);
	assert_int_equal(vmmq_send(sender, (struct vmmq_vport_id){ 1 }, &packet, 1), 1);
	rig_drain(adapter);
	assert_int_equal(seen.count, 1);
	return seen;
}

static void sent_to_vport_and_uplink(void **state)
{
	unsigned to_uplink = 0, to_vport = 0;
	struct vmmq_sender *sender;

	(void)state;
	random_start();
	adapter_make();
	assert_int_equal(vmmq_sender_create(adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct tagged t = tagged_random();
		enum shape shape = (enum shape)random_below(SHAPES);
		struct seen whole = sent(sender, tagged_whole(&t, shape));
		struct seen beside = sent(sender, tagged_beside(&t, true, shape));

		assert_int_equal(whole.oob.vport.v, beside.oob.vport.v);
		if (whole.oob.vport.v) {
			assert_same(&whole, &beside);
			to_vport++;
			continue;
		}
		/* To the uplink, as it is: the device puts the tags in. */
		to_uplink++;
		assert_int_equal(whole.len, t.len + 4 * t.count);
		assert_int_equal(beside.len, t.len);
		assert_memory_equal(beside.bytes, t.frame, t.len);
		assert_int_equal(beside.flags & ~(uint64_t)(t.count == 2 ? RTE_MBUF_F_TX_VLAN : 0),
				 t.count == 2   ? RTE_MBUF_F_TX_QINQ
				 : t.count == 1 ? RTE_MBUF_F_TX_VLAN
						: 0);
		assert_int_equal(beside.tci, t.tci[0]);
		assert_int_equal(beside.tci_outer, t.tci[1]);
	}
	assert_true(to_uplink > ROUNDS / 10 && to_vport > ROUNDS / 10);
	vmmq_adapter_stop(adapter);
	vmmq_sender_destroy(sender);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

/* An indicated packet that is sent on has been told of its tag by its receiver's flags, which say nothing about sending. */
static void flags_of_the_other_way_mean_nothing(void **state)
{
	struct tagged t = { .len = RIG_FRAME_LEN };
	struct vmmq_sender *sender;
	struct vmmq_source *source;
	struct rte_mbuf *packet;

	(void)state;
	adapter_make();
	rig_frame(t.frame, 3, 0);
	source = rig_source(adapter, VMMQ_SOURCE_DROP);
	assert_int_equal(vmmq_sender_create(adapter, 0, &sender, NULL), VMMQ_SUCCESS);
	packet = tagged_whole(&t, PLAIN);
	packet->vlan_tci = 30;
	packet->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	assert_int_equal(sent(sender, packet).oob.vport.v, 3);
	assert_false(seen.oob.stripped);
	packet = tagged_whole(&t, PLAIN);
	packet->vlan_tci = 30;
	packet->ol_flags |= RTE_MBUF_F_RX_VLAN; /* the tag would be in the frame */
	assert_int_equal(receive(source, packet).oob.vport.v, 3);
	assert_int_equal(seen.len, RIG_FRAME_LEN);
	vmmq_adapter_stop(adapter);
	vmmq_sender_destroy(sender);
	vmmq_adapter_destroy(adapter);
	assert_int_equal(rte_mempool_in_use_count(pool), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(received),
		cmocka_unit_test(outer_tag_alone),
		cmocka_unit_test(sent_to_vport_and_uplink),
		cmocka_unit_test(flags_of_the_other_way_mean_nothing),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
