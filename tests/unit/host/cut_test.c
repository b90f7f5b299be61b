/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames whose checksum and cutting their sender has left to others: whoever can take them gets them as they came, everybody else the pieces,
 * complete.
 */
#include "unit/host/host_rig.h"

#include "unit/host/uncut.h"

#define ALL (ETHDEV_PARTIAL | ETHDEV_CUT)

static uint8_t whole[UNCUT_CARRIES_MAX + 200];

/* made makes the frame in random pieces of memory, its headers in the first. */
static struct rte_mbuf *made(const struct uncut *uncut)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(packets), *last = packet;
	const uint32_t len = uncut_write(uncut, whole);
	struct offload offload;

	for (uint32_t at = 0; at < len;) {
		uint32_t here = 1 + random_below(1500);

		here = here < 200 && !at ? 200 : here;
		here = here < len - at ? here : len - at;
		if (at) {
			last->next = rte_pktmbuf_alloc(packets);
			last = last->next;
			packet->nb_segs++;
		}
		assert_non_null(last);
		memcpy(rte_pktmbuf_mtod(last, void *), whole + at, here);
		last->data_len = (uint16_t)here;
		at += here;
	}
	packet->pkt_len = len;
	assert_true(offload_find(packet, &offload));
	assert_int_equal(offload.header_len, uncut_header_len(uncut));
	assert_int_equal(offload.l3, uncut_l3(uncut));
	assert_int_equal(offload.l4, uncut_l4(uncut));
	offload_set(packet, &offload, uncut->size);
	return packet;
}

static struct uncut any(uint8_t to, uint32_t carries)
{
	struct uncut uncut = {
		.kind = random_below(UNCUT_KINDS),
		.to = to,
		.from = 1,
		.ip_options = random_below(3) * 8,
		.tcp_options = random_below(4) * 4,
		.flags = (uint8_t)(0x10 | (random_below(256) & 0x89)),
		.size = (uint16_t)(1 + random_below(1300)),
		.carries = carries,
	};

	if (uncut.size < carries / 1000)
		uncut.size = (uint16_t)(uncut.size + carries / 1000);
	return uncut;
}

/* check_piece: the packet is the next piece; frees it.  Returns what it carries. */
static uint32_t check_piece(const struct uncut *uncut, uint32_t done, unsigned number, struct rte_mbuf *packet)
{
	uint32_t carries = uncut->carries - done, header_len = uncut_header_len(uncut);
	static uint8_t room[sizeof(whole)];

	carries = uncut->size && carries > uncut->size ? uncut->size : carries;
	assert_non_null(packet);
	assert_int_equal(packet->pkt_len, header_len + carries);
	assert_int_equal(offload_needs(packet), 0);
	uncut_check(uncut, whole, done, number, rte_pktmbuf_read(packet, 0, packet->pkt_len, room), packet->pkt_len);
	rte_pktmbuf_free(packet);
	return carries;
}

static struct rte_mbuf *next_out(struct fake *fake)
{
	struct rte_mbuf *packet = NULL;

	for (uint16_t q = 0; q < FAKE_QUEUES && !packet; q++)
		packet = fake_out(fake, q);
	return packet;
}

static void cut_alone(void **state)
{
	const unsigned before = rte_mempool_in_use_count(packets);
	struct cut cut;

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		struct uncut uncut = any(2, 1 + random_below(round % 10 ? 9000 : UNCUT_CARRIES_MAX));
		struct rte_mbuf *packet;
		unsigned number = 0;

		uncut.tags = random_below(3);
		packet = made(&uncut);
		assert_int_equal(offload_len(packet), uncut_header_len(&uncut) +
							  (uncut.size < uncut.carries ? uncut.size : uncut.carries));
		assert_true(cut_begin(&cut, packet));
		for (uint32_t done = 0; done < uncut.carries;)
			done += check_piece(&uncut, done, number++, cut_next(&cut, packets));
		assert_null(cut.packet);
	}
	assert_int_equal(rte_mempool_in_use_count(packets), before);
}

/* expect: what came out is the frame as it was sent, or its pieces. */
static void expect(const struct uncut *uncut, struct fake *fake, bool cut)
{
	unsigned number = 0;
	uint32_t done = 0;

	if (!cut) {
		struct rte_mbuf *packet = next_out(fake);
		static uint8_t room[sizeof(whole)];

		assert_non_null(packet);
		assert_int_equal(packet->pkt_len, uncut_header_len(uncut) + uncut->carries);
		assert_memory_equal(rte_pktmbuf_read(packet, 0, packet->pkt_len, room), whole, packet->pkt_len);
		assert_int_equal(!!(offload_needs(packet) & ETHDEV_CUT), uncut->size != 0);
		assert_true(offload_needs(packet) & ETHDEV_PARTIAL);
		assert_int_equal(packet->tso_segsz, uncut->size);
		rte_pktmbuf_free(packet);
		done = uncut->carries;
	}
	while (done < uncut->carries)
		done += check_piece(uncut, done, number++, next_out(fake));
	assert_null(next_out(fake));
}

/* Each kind to each kind of receiver, on this processor and on another one. */
static void to_guests(void **state)
{
	static const uint32_t takes[UNCUT_KINDS] = { ETHDEV_TSO4, ETHDEV_TSO6, ETHDEV_USO4, ETHDEV_USO6 };

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct uncut uncut = any(round % 3 ? 2 : 5, 1 + random_below(random_one_in(2) ? 40000 : 1000));
		struct fake *one, *two;
		bool able = random_one_in(2);

		rig_make();
		one = rig_vport(1, 0);
		two = rig_vport(uncut.to, 0); /* 5 is on the same processor as 1 */
		if (random_one_in(3))
			uncut.size = 0;
		uncut.carries = uncut.size || uncut.carries < 1400 ? uncut.carries : 1400;
		two->takes = able               ? ETHDEV_PARTIAL | takes[uncut.kind]
			     : random_one_in(2) ? (ALL & ~takes[uncut.kind] & ~(uncut.size ? 0 : ETHDEV_PARTIAL))
						: 0;
		fake_in(one, 0, made(&uncut));
		rig_run();
		expect(&uncut, two, !able);
		rig_end();
	}
}

/* The uplink, the host's own stack, and all of a VLAN get pieces, each with the VPort's tag. */
static void to_others(void **state)
{
	struct uncut uncut = any(STRANGER, 9000);
	struct fake *one, *two, *tap = fake_device("fake0");
	struct rte_mbuf *packet;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	two->takes = ALL;
	uncut.size = 1000;
	fake_in(one, 0, made(&uncut));
	rig_run();
	expect(&uncut, uplink, true);
	assert_int_equal(rig_counters(1).from_guest_packets, 9);
	assert_int_equal(rig_counters(1).from_guest_bytes, 9 * uncut_header_len(&uncut) + 9000);

	host_set_backend(host, id(0), DEVICE("fake0"));
	rig_filter(0, 0x50, 0);
	rig_apply();
	uncut.to = 0x50;
	fake_in(one, 0, made(&uncut));
	rig_run();
	expect(&uncut, tap, true);

	packet = made(&uncut);
	rte_pktmbuf_mtod(packet, uint8_t *)[0] |= 1;
	whole[0] |= 1;
	fake_in(one, 0, packet);
	rig_run();
	expect(&uncut, two, true);
	rig_end();
}

static void tagged(void **state)
{
	struct uncut uncut = any(STRANGER, 3000);
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	two = rig_vport(2, 10);
	two->takes = ALL;
	uncut.size = 1000;
	fake_in(one, 0, made(&uncut));
	rig_run();
	for (unsigned i = 0; i < 3; i++) {
		struct rte_mbuf *packet = next_out(uplink);

		assert_non_null(packet);
		assert_memory_equal(rte_pktmbuf_mtod_offset(packet, char *, 12), "\x81\x00\x00\x0a", 4);
		packet = frame_tag_remove(packet, packets);
		check_piece(&uncut, i * 1000, i, packet);
	}
	uncut.to = 2;
	fake_in(one, 0, made(&uncut));
	rig_run();
	expect(&uncut, two, false);
	rig_end();
}

/* While there are encapsulated filters, what may be a tunnel may go to another guest than its destination's: so nothing is left to that one. */
static void tunnels_perhaps(void **state)
{
	struct vmmq_filter filter = { .vport = { 3 }, .encapsulated = true };
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	rig_vport(3, 0);
	two->takes = ALL;
	rig_address(0x31, filter.mac);
	assert_int_equal(vmmq_filter_add(vmmq_adapter_switch(adapter), &filter, NULL), VMMQ_SUCCESS);
	rig_apply();
	for (unsigned kind = 0; kind < UNCUT_KINDS; kind++) {
		struct uncut uncut = any(2, 3000);

		uncut.kind = kind;
		uncut.size = 1000;
		fake_in(one, 0, made(&uncut));
		rig_run();
		expect(&uncut, two, uncut_is_udp(&uncut));
	}
	rig_end();
}

static void too_long(void **state)
{
	struct uncut uncut = any(2, 9000);
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	for (unsigned able = 0; able < 2; able++) {
		two->takes = able ? ALL : 0;
		uncut.size = (uint16_t)(1514 - uncut_header_len(&uncut));
		fake_in(one, 0, made(&uncut));
		rig_run();
		expect(&uncut, two, !able);
		uncut.size++;
		fake_in(one, 0, made(&uncut));
		rig_run();
		assert_null(next_out(two));
		assert_int_equal(rig_drops(1, HOST_DROP_MTU), 1 + able);
	}
	rig_end();
}

/* Without buffers the guest waits, with what it has sent behind it; nothing is lost. */
static void without_buffers(void **state)
{
	static struct rte_mbuf *taken[BUFFERS];
	struct uncut uncut = any(2, 60000);
	struct fake *one, *two;
	unsigned count = 0;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	uncut.size = 1000;
	while (count < BUFFERS && (taken[count] = rte_pktmbuf_alloc(host->pool)))
		count++;
	fake_in(one, 0, made(&uncut));
	for (unsigned i = 0; i < 10; i++)
		vmmq_processor_poll(adapter, processors[1]);
	assert_null(next_out(two));
	for (unsigned i = 0; i < count; i++)
		rte_pktmbuf_free(taken[i]);
	rig_run();
	expect(&uncut, two, true);
	rig_end();
}

/* What is being cut when a backend goes is given up, with all its buffers. */
static void gone(void **state)
{
	struct uncut uncut = any(STRANGER, 60000);
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	uncut.size = 500;
	uplink->room = 8;
	fake_in(one, 0, made(&uncut));
	for (unsigned i = 0; i < 10; i++)
		vmmq_processor_poll(adapter, processors[1]);
	host_set_backend(host, id(1), NULL);
	for (struct rte_mbuf *packet; (packet = next_out(uplink));)
		rte_pktmbuf_free(packet);
	rig_end();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_alone),       cmocka_unit_test(to_guests),
		cmocka_unit_test(to_others),       cmocka_unit_test(tagged),
		cmocka_unit_test(tunnels_perhaps), cmocka_unit_test(too_long),
		cmocka_unit_test(without_buffers), cmocka_unit_test(gone),
	};

	return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}

int main(void)
{
	return rig_main(run);
}
