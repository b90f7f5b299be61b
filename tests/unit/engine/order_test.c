/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order that is promised (docs/architecture.md, "Order").  Between changes: all packets of a source to one VPort on one
 * processor, hashed or not, as they were received.  Across a change: those of each flow, which the rig asserts; and only packets
 * of entries that have moved may be overtaken, by others.
 */
#include "unit/engine/gate_rig.h"

enum { PROCESSORS = 4, VPORTS = 3, FLOWS = 64, ENTRIES = 8, ROUNDS = 400, BURST = 40 };

/* VPort ids that share a slot where a batch is ordered by VPort (src/engine/indicate.c). */
enum { ID_FIRST = 5, ID_STEP = 128, ID_END = ID_FIRST + VPORTS * ID_STEP };

static struct rig rig;
static struct {
	uint32_t sent;
	uint32_t last[VPORTS][PROCESSORS]; /* latest sequence that was indicated there */
	bool moved[FLOWS];                 /* since all was drained */
	bool changed;
	unsigned overtaken, compared, unhashed;
} order;

static unsigned slot_of(struct vmmq_processor processor)
{
	for (unsigned i = 0; i < PROCESSORS; i++)
		if (rig.processor[i].v == processor.v)
			return i;
	fail();
	return 0;
}

static void check(struct rig *with, const struct vmmq_indication *indication, const struct rig_note *note)
{
	uint32_t *last = &order.last[(indication->vport.v - ID_FIRST) / ID_STEP][slot_of(indication->processor)];

	(void)with;
	order.compared++;
	if (note->newest > *last) {
		*last = (uint32_t)note->newest;
		return;
	}
	assert_true(order.changed);
	assert_true(order.moved[note->flow]);
	order.overtaken++;
}

/* Every other flow is not IP, and so not hashed. */
static uint32_t flow_frame(unsigned flow, uint8_t frame[64])
{
	uint32_t len = rig_frame(&rig.flow[flow], frame);

	if (flow % 2)
		frame[13] = 0x06;
	return len;
}

static unsigned flow_slot(unsigned flow)
{
	struct vmmq_verdict verdict;
	uint8_t frame[64];
	uint32_t len = flow_frame(flow, frame);

	vmmq_classify(vmmq_nic_switch_view(rig.nic_switch), frame, len, &verdict, NULL);
	assert_int_equal(verdict.vport.v, rig.flow[flow].mac);
	assert_int_equal(verdict.hash_type == 0, flow % 2);
	return slot_of(verdict.processor);
}

static void send(unsigned flow)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(rig.pool);

	assert_non_null(packet);
	packet->data_len = (uint16_t)flow_frame(flow, rte_pktmbuf_mtod(packet, uint8_t *));
	packet->pkt_len = packet->data_len;
	*(struct rig_note *)rte_mbuf_to_priv(packet) =
	    (struct rig_note){ flow, rig.flow[flow].sent, 0, ++order.sent };
	if (!vmmq_receive(rig.source[0], &packet, 1)) {
		order.sent--;
		rte_pktmbuf_free(packet);
		return;
	}
	rig.flow[flow].sent++;
	rig.sent++;
	order.unhashed += flow % 2;
}

/* change moves some entries, or the default processor, of one VPort. */
static void change(void)
{
	const struct vmmq_vport_id vport = rig_vport((uint16_t)(ID_FIRST + ID_STEP * random_below(VPORTS)));
	unsigned before[FLOWS];
	struct vmmq_vport_info info;
	struct vmmq_rss_params rss;

	for (unsigned i = 0; i < FLOWS; i++)
		before[i] = flow_slot(i);
	assert_true(vmmq_vport_get(rig.nic_switch, vport, &info));
	rss = *info.rss;
	for (unsigned n = 1 + random_below(3); n; n--)
		rss.table[random_below(ENTRIES)] = rig.processor[random_below(PROCESSORS)];
	if (random_one_in(2))
		rss.default_processor = rig.processor[random_below(PROCESSORS)];
	assert_int_equal(vmmq_rss_set(rig.nic_switch, vport, &rss, NULL), VMMQ_SUCCESS);
	assert_int_equal(vmmq_adapter_apply(rig.adapter, false, 0, NULL), VMMQ_SUCCESS);
	order.changed = true;
	for (unsigned i = 0; i < FLOWS; i++)
		order.moved[i] = order.moved[i] || before[i] != flow_slot(i);
}

static void begin(void)
{
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;

	random_start();
	memset(&order, 0, sizeof(order));
	rig_make(&rig, PROCESSORS, ID_END, 1024);
	rig.check = check;
	for (uint16_t v = ID_FIRST; v < ID_END; v += ID_STEP) {
		struct vmmq_rss_params rss;

		assert_int_equal(vmmq_vport_create(rig.nic_switch, rig_vport(v), "vm", 8, rig.processor[0], NULL),
				 VMMQ_SUCCESS);
		assert_int_equal(vmmq_vport_activate(rig.nic_switch, rig_vport(v), NULL), VMMQ_SUCCESS);
		rig_mac(v, mac);
		assert_int_equal(
		    vmmq_filter_set(rig.nic_switch, rig_vport(v), mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter, NULL),
		    VMMQ_SUCCESS);
		vmmq_rss_params_init(&rss, rig.processor[0]);
		rss.enabled = true;
		rss.entry_count = ENTRIES;
		for (unsigned i = 0; i < ENTRIES; i++)
			rss.table[i] = rig.processor[i % PROCESSORS];
		assert_int_equal(vmmq_rss_set(rig.nic_switch, rig_vport(v), &rss, NULL), VMMQ_SUCCESS);
	}
	assert_int_equal(vmmq_adapter_apply(rig.adapter, false, 0, NULL), VMMQ_SUCCESS);
	for (unsigned i = 0; i < FLOWS; i++)
		rig.flow[i] = (struct rig_flow){ .mac = (uint16_t)(ID_FIRST + ID_STEP * (i % VPORTS)),
						 .port = (uint16_t)random_u64() };
}

/* run: rounds of packets, of processors that fall behind, and of changes if there are to be some. */
static void run(unsigned changes)
{
	begin();
	for (unsigned round = 0; round < ROUNDS; round++) {
		order.changed = false;
		memset(order.moved, 0, sizeof(order.moved));
		for (unsigned part = 0; part <= changes; part++) {
			if (part)
				change();
			for (unsigned i = 0; i < BURST; i++)
				send(random_below(FLOWS));
			while (random_one_in(2))
				rig_poll(&rig, random_below(PROCESSORS));
		}
		rig_drain(&rig);
	}
	assert_true(order.compared > ROUNDS * BURST / 2);
	assert_true(order.unhashed > order.compared / 4);
	assert_int_equal(order.overtaken != 0, changes != 0);
	rig_end(&rig);
}

static void per_vport_queue_between_changes(void **state)
{
	(void)state;
	run(0);
}

static void only_moved_entries_are_overtaken(void **state)
{
	(void)state;
	run(1);
	run(4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(per_vport_queue_between_changes),
		cmocka_unit_test(only_moved_entries_are_overtaken),
	};

	return cmocka_run_group_tests(tests, rig_eal_start, NULL);
}
