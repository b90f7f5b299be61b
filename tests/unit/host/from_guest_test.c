/* SPDX-License-Identifier: BSD-2-Clause */
/* What guests may send, where it goes, and what becomes of it when it cannot go there. */
#include "unit/host/clock_fake.h"
#include "unit/host/host_rig.h"

/* balance: what came from the guest was sent or dropped by a name. */
static void balance(uint16_t vport, uint64_t completed_before)
{
	struct host_counters c;

	rig_run(); /* what the uplink has freed meanwhile */
	c = rig_counters(vport);
	assert_int_equal(c.from_guest_packets, rig_completions() - completed_before + c.drops[HOST_DROP_SPOOFED] +
						   c.drops[HOST_DROP_VLAN] + c.drops[HOST_DROP_HAIRPIN] +
						   c.drops[HOST_DROP_TAGGED] + c.drops[HOST_DROP_CONTROL_FRAME] +
						   c.drops[HOST_DROP_STORM] + c.drops[HOST_DROP_MTU] +
						   c.drops[HOST_DROP_MALFORMED]);
}

static void to_vport_and_uplink(void **state)
{
	struct fake *one, *two, *tap = fake_device("fake0");

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	host_set_backend(host, id(0), DEVICE("fake0"));
	rig_filter(0, 0x50, 0);
	rig_apply();
	rig_send(one, 2, 1, UNTAGGED, 1);
	rig_send(one, STRANGER, 1, UNTAGGED, 2);
	rig_send(one, 0x50, 1, UNTAGGED, 3);
	rig_send(one, 1, 1, UNTAGGED, 4);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 1);
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 2);
	rig_expect(tap, 0x50, 1, UNTAGGED, 3);
	rig_expect_nothing(one);
	assert_int_equal(rig_drops(1, HOST_DROP_HAIRPIN), 1);
	assert_int_equal(rig_counters(1).from_guest_packets, 4);
	assert_int_equal(rig_counters(1).from_guest_bytes, 4 * FRAME_LEN);
	balance(1, 0);
	rig_end();
}

static void host_tap_sends(void **state)
{
	struct fake *one, *tap = fake_device("fake0");

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	host_set_backend(host, id(0), DEVICE("fake0"));
	rig_send(tap, 1, 0x50, 10, 1);
	rig_send(tap, STRANGER, 0x50, UNTAGGED, 2);
	rig_send(tap, 1, 0x50, UNTAGGED, 3); /* not in that VLAN */
	rig_run();
	rig_expect(one, 1, 0x50, UNTAGGED, 1);
	rig_expect(uplink, STRANGER, 0x50, UNTAGGED, 2);
	rig_expect(uplink, 1, 0x50, UNTAGGED, 3);
	rig_expect_nothing(one);
	rig_end();
}

static void access_ports(void **state)
{
	struct fake *one, *two, *three;

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	two = rig_vport(2, 10);
	three = rig_vport(3, 11);
	rig_send(one, 2, 1, UNTAGGED, 1);
	rig_send(one, 3, 1, UNTAGGED, 2); /* another VLAN: the uplink's business */
	rig_send(one, STRANGER, 1, 0x6000, 3);
	rig_send(one, 2, 1, 11, 4);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 1);
	rig_expect(uplink, 3, 1, 10, 2);
	rig_expect(uplink, STRANGER, 1, 10, 3);
	rig_expect_nothing(three);
	rig_expect_nothing(uplink);
	assert_int_equal(rig_drops(1, HOST_DROP_VLAN), 1);
	balance(1, 0);
	rig_end();
}

static void trunk_ports(void **state)
{
	struct fake *one, *two, *three;

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	rig_filter(1, 1, 11);
	rig_filter(1, 0x31, 12);
	two = rig_vport(2, 11);
	three = rig_vport(3, VMMQ_VLAN_ANY);
	rig_send(one, 2, 1, 11, 1);
	rig_send(one, 3, 1, 10, 2);
	rig_send(one, 3, 1, 13, 3);       /* in none of its VLANs */
	rig_send(one, 3, 1, UNTAGGED, 4); /* neither */
	rig_send(one, 3, 1, 12, 5);       /* an address that is not its own there */
	rig_send(three, 2, 3, 11, 6);
	rig_send(three, STRANGER, 3, 4094, 7);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 1);
	rig_expect(three, 3, 1, 10, 2);
	rig_expect(two, 2, 3, UNTAGGED, 6);
	rig_expect(uplink, STRANGER, 3, 4094, 7);
	rig_expect_nothing(three);
	assert_int_equal(rig_drops(1, HOST_DROP_VLAN), 2);
	assert_int_equal(rig_drops(1, HOST_DROP_SPOOFED), 1);
	rig_end();
}

static void spoofing(void **state)
{
	const struct host_policy off = { .anti_spoofing = false }, on = { .anti_spoofing = true };
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	rig_vport(2, 10);
	rig_send(one, STRANGER, 2, UNTAGGED, 1); /* another VPort's address */
	rig_send(one, STRANGER, 9, UNTAGGED, 2);
	rig_run();
	rig_expect_nothing(uplink);
	assert_int_equal(rig_drops(1, HOST_DROP_SPOOFED), 2);
	host_set_policy(host, id(1), &off);
	rig_send(one, STRANGER, 9, UNTAGGED, 3);
	rig_send(one, STRANGER, 9, 11, 4); /* its VLANs hold all the same */
	rig_run();
	rig_expect(uplink, STRANGER, 9, 10, 3);
	rig_expect_nothing(uplink);
	assert_int_equal(rig_drops(1, HOST_DROP_VLAN), 1);
	host_set_policy(host, id(1), &on);
	rig_send(one, STRANGER, 9, UNTAGGED, 5);
	rig_run();
	rig_expect_nothing(uplink);
	assert_int_equal(rig_drops(1, HOST_DROP_SPOOFED), 3);
	rig_end();
}

static void send_tagged(struct fake *fake, uint8_t to, uint8_t from, const void *tags, uint16_t tags_len,
			uint32_t number)
{
	fake_in(fake, 0, rig_packet_tagged(to, from, tags, tags_len, FRAME_LEN, number));
}

/* A guest that sees no tags sends none of its own, whatever they are: nobody gets them. */
static void tags_of_its_own(void **state)
{
	static const uint8_t refused[][8] = {
		{ 0x81, 0, 0, 10, 8, 0 },         { 0x88, 0xa8, 0, 10, 8, 0 }, { 0x81, 0, 0xe0, 0, 0x81, 0, 0, 20 },
		{ 0x88, 0xa8, 0, 0, 8, 0 },       { 0x91, 0, 0, 10, 8, 0 },    { 0x81, 0, 0, 0, 0x88, 0xa8, 0, 20 },
		{ 0x92, 0, 0, 20, 8, 0 },         { 0x93, 0, 0, 20, 8, 0 },    { 0x81, 0, 0, 0, 0x91, 0, 0, 20 },
		{ 0x81, 0, 0, 20, 8, 0 },         { 0x88, 0xa8, 0, 20, 8, 0 }, { 0x81, 0, 0, 10, 0x81, 0, 0, 20 },
		{ 0x81, 0, 0, 0, 0x81, 0, 0, 0 },
	};
	const unsigned count = sizeof(refused) / sizeof(refused[0]);
	static const uint8_t priority[] = { 0x81, 0, 0xe0, 0 }, of_vlan[] = { 0x81, 0, 0xe0, 10 };
	static const vmmq_vlan_rule rule[] = { 10, VMMQ_VLAN_UNTAGGED_OR_ZERO };
	static const uint8_t to[] = { STRANGER, BROADCAST, 2 };

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		struct fake *one, *two, *three;

		rig_make();
		one = rig_vport(1, rule[k]);
		two = rig_vport(2, VMMQ_VLAN_ANY);
		three = rig_vport(3, 20);
		for (unsigned i = 0; i < 3 * count; i++)
			send_tagged(one, to[i % 3], 1, refused[i / 3], refused[i / 3][4] == 8 ? 4 : 8, i);
		rig_run();
		rig_expect_nothing(uplink);
		rig_expect_nothing(two);
		rig_expect_nothing(three);
		assert_int_equal(rig_drops(1, HOST_DROP_TAGGED) + rig_drops(1, HOST_DROP_VLAN), 3 * count);
		assert_true(rig_drops(1, HOST_DROP_TAGGED) >= 3 * 7);
		send_tagged(one, STRANGER, 1, priority, 4, 77);
		rig_run();
		rig_expect_tagged(uplink, STRANGER, 1, k ? priority : of_vlan, 4, FRAME_LEN, 77);
		balance(1, 0);
		rig_end();
	}
}

/* A trunk's outermost tag is one of its VLANs, and says so itself; what is behind it is payload. */
static void tags_of_a_trunk(void **state)
{
	static const uint8_t fine[][8] = { { 0x81, 0, 0, 10, 0x81, 0, 0, 30 },
					   { 0x88, 0xa8, 0, 10, 0x91, 0, 0, 30 } };
	static const uint8_t refused[][8] = { { 0x81, 0, 0, 30, 0x81, 0, 0, 10 },
					      { 0x81, 0, 0, 0, 0x81, 0, 0, 30 },
					      { 0x88, 0xa8, 0, 0, 0x81, 0, 0, 30 },
					      { 0x91, 0, 0, 30, 0x81, 0, 0, 30 } };
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	rig_filter(1, 1, VMMQ_VLAN_UNTAGGED_OR_ZERO);
	rig_apply();
	two = rig_vport(2, VMMQ_VLAN_ANY);
	for (unsigned i = 0; i < 2; i++) {
		send_tagged(one, STRANGER, 1, fine[i], 8, i);
		rig_run();
		rig_expect_tagged(uplink, STRANGER, 1, fine[i], 8, FRAME_LEN, i);
	}
	for (unsigned i = 0; i < 4; i++)
		send_tagged(one, STRANGER, 1, refused[i], 8, i);
	rig_run();
	rig_expect_nothing(uplink);
	assert_int_equal(rig_drops(1, HOST_DROP_VLAN), 1);
	assert_int_equal(rig_drops(1, HOST_DROP_TAGGED), 3);
	balance(1, 0);
	for (unsigned i = 0; i < 4; i++) { /* no VLAN is not its own */
		send_tagged(two, STRANGER, 2, refused[i], 8, i);
		rig_run();
		rig_expect_tagged(uplink, STRANGER, 2, refused[i], 8, FRAME_LEN, i);
	}
	rig_end();
}

/* to_reserved makes a frame to 01-80-C2-00-00-(last) with that type. */
static struct rte_mbuf *to_reserved(uint8_t last, uint8_t from, uint16_t type, uint32_t number)
{
	struct rte_mbuf *packet = rig_packet(BROADCAST, from, UNTAGGED, FRAME_LEN, 0, number);
	uint8_t *frame = rte_pktmbuf_mtod(packet, uint8_t *);

	memcpy(frame, (const uint8_t[]){ 0x01, 0x80, 0xc2, 0, 0, last }, VMMQ_MAC_LEN);
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
	return packet;
}

/* Frames of a link go no further than that, but for those that are trusted with them; PAUSE never does. */
static void reserved_addresses(void **state)
{
	const struct host_policy trusted = { .anti_spoofing = true, .control_frames = true };
	struct fake *one, *two, *three, *tap = fake_device("fake0");

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	three = rig_vport(3, 0);
	host_set_backend(host, id(0), DEVICE("fake0"));
	for (uint8_t last = 0; last < 16; last++) {
		fake_in(one, 0, to_reserved(last, 1, 0x88cc, last));
		fake_in(uplink, 0, to_reserved(last, STRANGER, 0x88cc, last));
	}
	rig_run();
	for (unsigned v = 1; v <= 3; v++)
		rig_expect_nothing(fake_device(v == 1 ? "fake1" : v == 2 ? "fake2" : "fake3"));
	rig_expect_nothing(uplink);
	assert_int_equal(fake_waiting(tap), 16); /* the uplink's */
	fake_empty(tap);
	assert_int_equal(rig_drops(1, HOST_DROP_CONTROL_FRAME), 16);
	fake_in(one, 0, to_reserved(16, 1, 0x88cc, 0)); /* not reserved any more */
	rig_run();
	assert_int_equal(fake_waiting(two) + fake_waiting(three) + fake_waiting(tap) + fake_waiting(uplink), 4);
	rig_forget();

	host_set_policy(host, id(1), &trusted);
	host_set_policy(host, id(2), &trusted);
	fake_in(one, 0, to_reserved(14, 1, 0x88cc, 0));
	fake_in(uplink, 0, to_reserved(2, STRANGER, 0x8809, 0));
	rig_run();
	assert_int_equal(fake_waiting(one), 1);
	assert_int_equal(fake_waiting(two), 2);
	assert_int_equal(fake_waiting(three), 0);
	assert_int_equal(fake_waiting(tap), 2);
	assert_int_equal(fake_waiting(uplink), 1);
	rig_forget();

	fake_in(one, 0, to_reserved(1, 1, 0x8808, 0));
	fake_in(uplink, 0, to_reserved(1, STRANGER, 0x8808, 0));
	rig_run();
	assert_int_equal(fake_waiting(two) + fake_waiting(tap) + fake_waiting(uplink), 0);
	assert_int_equal(rig_drops(1, HOST_DROP_CONTROL_FRAME), 17);
	assert_int_equal(rig_drops(0, HOST_DROP_CONTROL_FRAME), 1);
	host_set_backend(host, id(0), NULL);
	host_set_policy(host, id(1), &(struct host_policy){ .anti_spoofing = true });
	host_set_policy(host, id(2), &(struct host_policy){ .anti_spoofing = true });
	fake_in(uplink, 0, to_reserved(2, STRANGER, 0x8809, 0)); /* for nobody */
	rig_run();
	assert_int_equal(rig_drops(0, HOST_DROP_CONTROL_FRAME), 2);
	rig_balance(1);
	rig_end();
}

/* A filter for a reserved address does not make its VPort trusted. */
static void reserved_filter(void **state)
{
	static const uint8_t lldp[VMMQ_MAC_LEN] = { 0x01, 0x80, 0xc2, 0, 0, 14 };
	const struct host_policy trusted = { .control_frames = true };
	struct fake *one;
	uint32_t filter;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	assert_int_equal(vmmq_filter_set(vmmq_adapter_switch(adapter), id(1), lldp, 0, &filter, NULL), VMMQ_SUCCESS);
	rig_apply();
	fake_in(uplink, 0, to_reserved(14, STRANGER, 0x88cc, 0));
	rig_run();
	rig_expect_nothing(one);
	assert_int_equal(rig_drops(1, HOST_DROP_CONTROL_FRAME), 1);
	host_set_policy(host, id(1), &trusted);
	fake_in(uplink, 0, to_reserved(14, STRANGER, 0x88cc, 0));
	rig_run();
	assert_int_equal(fake_waiting(one), 1);
	rig_end();
}

static void encapsulated_filter_add(uint16_t vport, uint8_t name, vmmq_vlan_rule vlan)
{
	struct vmmq_filter filter = { .vport = id(vport), .vlan = vlan, .encapsulated = true };

	rig_address(name, filter.mac);
	assert_int_equal(vmmq_filter_add(vmmq_adapter_switch(adapter), &filter, NULL), VMMQ_SUCCESS);
	rig_apply();
}

/* A MAC inside tunnels is none that a guest may send with, or that others reach it by; the VLAN is that of the outermost tag. */
static void encapsulated_filter(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 20);
	encapsulated_filter_add(1, 0x31, 0);
	encapsulated_filter_add(1, 0x32, 20);
	rig_send(one, STRANGER, 0x31, UNTAGGED, 1);
	rig_send(two, 0x32, 2, UNTAGGED, 2);
	rig_send(one, 2, 1, 20, 3);
	rig_run();
	assert_int_equal(rig_drops(1, HOST_DROP_SPOOFED), 2); /* its own MAC is one of untagged frames only */
	rig_expect(uplink, 0x32, 2, 20, 2);
	rig_filter(1, 1, 20);
	rig_apply();
	rig_send(one, 2, 1, 20, 4);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 4);
	rig_end();
}

/* A VPort whose last filter is gone sends nothing; a new filter lets it. */
static void filters_change(void **state)
{
	struct vmmq_nic_switch *sw;
	struct fake *one;
	uint32_t filter;

	(void)state;
	rig_make();
	sw = vmmq_adapter_switch(adapter);
	one = rig_vport(1, 0);
	filter = vmmq_filter_next(sw, 0)->id;
	assert_int_equal(vmmq_filter_clear(sw, filter, NULL), VMMQ_SUCCESS);
	rig_apply();
	rig_send(one, STRANGER, 1, UNTAGGED, 1);
	rig_run();
	rig_expect_nothing(uplink);
	assert_int_equal(rig_drops(1, HOST_DROP_VLAN), 1);
	rig_filter(1, 1, 20);
	rig_apply();
	rig_send(one, STRANGER, 1, UNTAGGED, 2);
	rig_run();
	rig_expect(uplink, STRANGER, 1, 20, 2);
	rig_end();
}

/* alike_packet makes frames that begin with the same addresses, or nearly: some may be sent, others not. */
#define ALIKE_KINDS 10u
static struct rte_mbuf *alike_packet(unsigned kind, uint32_t number)
{
	static const uint8_t type[ALIKE_KINDS][2] = { [1] = { 0x88, 0x08 }, [2] = { 0x91, 0 }, [3] = { 0x86, 0xdd } };
	static const uint8_t tag[ALIKE_KINDS][4] = { [4] = { 0x81, 0, 0xe0, 0 }, [5] = { 0x88, 0xa8, 0, 10 } };
	const uint8_t to = kind == 6 ? 1 : kind == 7 ? BROADCAST : kind == 8 ? STRANGER : 2, from = kind == 9 ? 2 : 1;
	struct rte_mbuf *packet;

	if (tag[kind][0])
		return rig_packet_tagged(to, from, tag[kind], 4, FRAME_LEN, number);
	packet = rig_packet(to, from, UNTAGGED, random_one_in(8) ? 1515 : FRAME_LEN, 0, number);
	if (type[kind][0])
		memcpy(rte_pktmbuf_mtod_offset(packet, uint8_t *, 12), type[kind], 2);
	return packet;
}

/* alike_expected: what becomes of it, by the rules: HOST_DROP_COUNT: it is sent. */
static enum host_drop alike_expected(unsigned kind, const struct rte_mbuf *packet)
{
	static const enum host_drop expected[ALIKE_KINDS] = {
		[0] = HOST_DROP_COUNT, [1] = HOST_DROP_CONTROL_FRAME, [2] = HOST_DROP_TAGGED,  [3] = HOST_DROP_COUNT,
		[4] = HOST_DROP_COUNT, [5] = HOST_DROP_VLAN,          [6] = HOST_DROP_HAIRPIN, [7] = HOST_DROP_COUNT,
		[8] = HOST_DROP_COUNT, [9] = HOST_DROP_SPOOFED,
	};

	if (expected[kind] == HOST_DROP_COUNT && packet->pkt_len == 1515)
		return HOST_DROP_MTU;
	return expected[kind];
}

/* alike_received counts what has come to one receiver alone, which is to be these. */
static unsigned alike_received(struct fake *fake, const uint32_t number[])
{
	unsigned n = 0;

	for (uint16_t q = 0; q < FAKE_QUEUES; q++) {
		struct rte_mbuf *packet;

		while ((packet = fake_out(fake, q))) {
			if (!(*rte_pktmbuf_mtod(packet, uint8_t *) & 1))
				assert_int_equal(rig_number(packet), number[n++]);
			rte_pktmbuf_free(packet);
		}
	}
	return n;
}

/* Frames come in bursts, and whoever remembers how the one before was judged must not judge this one by it. */
static void alike(void **state)
{
	uint64_t expected[HOST_DROP_COUNT + 1] = { 0 };
	uint32_t to_two[8], numbers = 0;
	struct fake *one, *two;

	(void)state;
	random_start();
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	host_set_policy(host, id(1), &(struct host_policy){ .anti_spoofing = true });
	for (unsigned burst = 0; burst < 3000; burst++) {
		unsigned n = 0, kind = 0;

		for (unsigned i = 0; i < 8; i++) {
			struct rte_mbuf *packet;
			enum host_drop drop;

			kind = random_one_in(2) ? kind : random_below(ALIKE_KINDS);
			packet = alike_packet(kind, ++numbers);
			drop = alike_expected(kind, packet);
			expected[drop]++;
			if (drop == HOST_DROP_COUNT && kind < 7) /* what is replicated comes when it comes */
				to_two[n++] = numbers;
			fake_in(one, 0, packet);
		}
		rig_run();
		assert_int_equal(alike_received(two, to_two), n);
		fake_empty(uplink);
	}
	for (enum host_drop drop = 0; drop < HOST_DROP_COUNT; drop++)
		assert_int_equal(rig_drops(1, drop), expected[drop]);
	balance(1, 0);
	rig_end();
}

/* What was judged of a frame is remembered beyond a burst, but not beyond what it was judged by. */
static void judged_anew(void **state)
{
	const struct host_policy off = { .anti_spoofing = false }, on = { .anti_spoofing = true };
	struct vmmq_nic_switch *sw;
	struct fake *one, *two;
	uint32_t own;

	(void)state;
	rig_make();
	sw = vmmq_adapter_switch(adapter);
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	host_set_policy(host, id(1), &off);
	for (unsigned round = 0; round < 2; round++) {
		rig_send(one, 2, 9, UNTAGGED, 1);
		rig_run();
		rig_expect(two, 2, 9, UNTAGGED, 1);
	}
	host_set_policy(host, id(1), &on);
	rig_send(one, 2, 9, UNTAGGED, 2);
	rig_run();
	rig_expect_nothing(two);
	assert_int_equal(rig_drops(1, HOST_DROP_SPOOFED), 1);
	host_set_policy(host, id(1), &off);
	rig_send(one, 2, 9, UNTAGGED, 3);
	rig_run();
	rig_expect(two, 2, 9, UNTAGGED, 3);
	own = rig_filter(1, 9, 0);
	rig_apply();
	host_set_policy(host, id(1), &on);
	rig_send(one, 2, 9, UNTAGGED, 4);
	rig_run();
	rig_expect(two, 2, 9, UNTAGGED, 4);
	assert_int_equal(vmmq_filter_clear(sw, own, NULL), VMMQ_SUCCESS);
	rig_apply();
	rig_send(one, 2, 9, UNTAGGED, 5);
	rig_run();
	rig_expect_nothing(two);
	assert_int_equal(rig_drops(1, HOST_DROP_SPOOFED), 2);
	rig_end();
}

static void mtu_and_malformed(void **state)
{
	static const uint16_t broken[] = { 1, 6, 13, 14 };
	struct rte_mbuf *cut;
	struct fake *one;

	(void)state;
	rig_make();
	one = rig_vport(1, 10);
	fake_in(one, 0, rig_packet(STRANGER, 1, UNTAGGED, 1514, 0, 1));
	fake_in(one, 0, rig_packet(STRANGER, 1, UNTAGGED, 1515, 0, 2));
	for (unsigned i = 0; i < 4; i++) {
		cut = rig_packet(STRANGER, 1, i == 3 ? 10 : UNTAGGED, FRAME_LEN, 0, 3);
		rte_pktmbuf_trim(cut, (uint16_t)(FRAME_LEN - broken[i]));
		fake_in(one, 0, cut);
	}
	rig_run();
	rig_expect(uplink, STRANGER, 1, 10, 1);
	rig_expect_nothing(uplink);
	assert_int_equal(rig_drops(1, HOST_DROP_MTU), 1);
	assert_int_equal(rig_drops(1, HOST_DROP_MALFORMED), 4);
	balance(1, 0);
	rig_end();
}

/* A full uplink makes the guest wait, in order and without loss; other queues of the switch are served meanwhile. */
static void full_uplink(void **state)
{
	struct fake *one, *two, *three;
	uint32_t expected = 0;

	(void)state;
	rig_make();
	host->stuck_ns = UINT64_MAX;
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	three = rig_vport(3, 0);
	uplink->room = 5;
	for (uint32_t i = 0; i < 1000; i++)
		rig_send(one, STRANGER, 1, UNTAGGED, i);
	rig_send(two, 3, 2, UNTAGGED, 7);
	while (expected < 1000) {
		for (unsigned turn = 0; turn < 5; turn++)
			for (unsigned i = 0; i < PROCESSORS; i++)
				vmmq_processor_poll(adapter, processors[i]);
		while (fake_waiting(uplink))
			rig_expect(uplink, STRANGER, 1, UNTAGGED, expected++);
		assert_true(rig_counters(1).from_guest_packets <= expected + 64 + 2 * QUEUE_BURST);
	}
	rig_expect(three, 3, 2, UNTAGGED, 7);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 0);
	rig_end();
}

/* Without an uplink, or with one that is down, guests talk to each other. */
static void uplink_down(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	host_set_uplink(host, NULL, 0);
	for (uint32_t i = 0; i < 200; i++)
		rig_send(one, i % 2 ? 2 : STRANGER, 1, UNTAGGED, i);
	rig_run();
	for (uint32_t i = 1; i < 200; i += 2)
		rig_expect(two, 2, 1, UNTAGGED, i);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 100);
	balance(1, 0);
	host_set_uplink(host, DEVICE("fake9"), 1);
	uplink->state = ETHDEV_DOWN;
	uplink->changed = true;
	host_tick(host);
	rig_send(one, STRANGER, 1, UNTAGGED, 0);
	rig_send(one, 2, 1, UNTAGGED, 1);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 1);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 101);
	uplink->state = ETHDEV_UP;
	uplink->changed = true;
	host_tick(host);
	rig_send(one, STRANGER, 1, UNTAGGED, 5);
	rig_run();
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 5);
	rig_end();
}

/* Where none is wanted, a broadcast that everybody here has got is not lost; a packet to nobody is. */
static void no_uplink_wanted(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	host_set_uplink(host, NULL, 0);
	rig_send(one, BROADCAST, 1, UNTAGGED, 1);
	rig_send(one, STRANGER, 1, UNTAGGED, 2);
	rig_run();
	rig_expect(two, BROADCAST, 1, UNTAGGED, 1);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 1);
	balance(1, 0);
	uplink->absent = true; /* wanted, but not there */
	host_set_uplink(host, DEVICE("fake9"), 1);
	rig_send(one, BROADCAST, 1, UNTAGGED, 3);
	rig_run();
	rig_expect(two, BROADCAST, 1, UNTAGGED, 3);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 2);
	rig_end();
}

/* An uplink that says it is up but takes nothing holds guests up for a moment only. */
static void stuck_uplink(void **state)
{
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	uplink->room = 0;
	for (uint32_t i = 0; i < 300; i++)
		rig_send(one, STRANGER, 1, UNTAGGED, i);
	rig_send(one, 2, 1, UNTAGGED, 300);
	rig_run();
	assert_int_equal(fake_waiting(two), 0);
	clock_pass(host->stuck_ns);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 300);
	assert_int_equal(rig_drops(1, HOST_DROP_UPLINK_DOWN), 300);
	uplink->room = 10;
	rig_send(one, STRANGER, 1, UNTAGGED, 301);
	rig_run();
	rig_expect(uplink, STRANGER, 1, UNTAGGED, 301);
	rig_end();
}

/*
 * A send that finds no buffer on its way to the uplink is counted; one to another VPort needs none; one that finds the target's
 * inbox full is the adapter's drop.
 */
static void no_buffer(void **state)
{
	struct rte_mbuf *hold[BUFFERS], *hold_transmit[BUFFERS];
	struct fake *one, *two;

	(void)state;
	rig_make();
	one = rig_vport(1, 0);
	two = rig_vport(2, 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(host->pool, hold, BUFFERS), 0);
	assert_int_equal(rte_pktmbuf_alloc_bulk(host->transmit_pool, hold_transmit, BUFFERS), 0);
	rig_send(one, STRANGER, 1, UNTAGGED, 1);
	rig_send(one, 2, 1, UNTAGGED, 2);
	rig_run();
	rig_expect(two, 2, 1, UNTAGGED, 2);
	assert_int_equal(rig_drops(1, HOST_DROP_HOST_NO_BUFFER), 1);
	rte_pktmbuf_free_bulk(hold, BUFFERS);
	rte_pktmbuf_free_bulk(hold_transmit, BUFFERS);
	for (uint32_t i = 0; i < 6000; i++)
		rig_send(one, 2, 1, UNTAGGED, i);
	for (unsigned i = 0; i < 200; i++) /* VPort 2's processor does not run */
		vmmq_processor_poll(adapter, processors[1]);
	rig_run();
	assert_int_equal(rig_drops(1, HOST_DROP_HOST_NO_BUFFER), 1);
	assert_int_equal(rig_counters(1).from_guest_packets, 6002);
	assert_true(rig_counters(2).to_guest_packets < 6000);
	balance(1, 0);
	rig_balance(2);
	rig_end();
}

static int run(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_vport_and_uplink),
		cmocka_unit_test(host_tap_sends),
		cmocka_unit_test(access_ports),
		cmocka_unit_test(trunk_ports),
		cmocka_unit_test(spoofing),
		cmocka_unit_test(encapsulated_filter),
		cmocka_unit_test(filters_change),
		cmocka_unit_test(alike),
		cmocka_unit_test(judged_anew),
		cmocka_unit_test(mtu_and_malformed),
		cmocka_unit_test(full_uplink),
		cmocka_unit_test(uplink_down),
		cmocka_unit_test(no_uplink_wanted),
		cmocka_unit_test(stuck_uplink),
		cmocka_unit_test(no_buffer),
		cmocka_unit_test(tags_of_its_own),
		cmocka_unit_test(tags_of_a_trunk),
		cmocka_unit_test(reserved_addresses),
		cmocka_unit_test(reserved_filter),
	};

	int failed = cmocka_run_group_tests_name("from_guest", tests, NULL, NULL);

	rig_strips = true; /* all is the same when devices take the tags out */
	failed += cmocka_run_group_tests_name("from_guest, tags stripped", tests, NULL, NULL);
	return failed;
}

int main(void)
{
	return rig_main(run);
}
