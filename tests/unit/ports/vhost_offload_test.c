/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest leaves to others reaches a guest that takes it as it came, header and all; one that does not take it gets whole checksums; and
 * headers that lie are lost, counted, and leave nothing behind.
 */
#include "unit/ports/vhost_front.h"

#include "ports/ethdev_offload.h"
#include "unit/host/uncut.h"
#include "virtio/virtio_header.h"

#define FEATURE(bit) (UINT64_C(1) << (bit))
#define RING         64u
#define HEADER       12u
#define CARRIES_MAX  18000u
#define HALF         (DATA_LEN / 2)

#define SENDS                                                                                                        \
	(FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_CSUM) | FEATURE(VIRTIO_NET_F_HOST_TSO4) |                \
	 FEATURE(VIRTIO_NET_F_HOST_TSO6) | FEATURE(VIRTIO_NET_F_HOST_USO) | FEATURE(VIRTIO_NET_F_MRG_RXBUF))
#define TAKES                                                                                                        \
	(FEATURE(VIRTIO_NET_F_GUEST_CSUM) | FEATURE(VIRTIO_NET_F_GUEST_TSO4) | FEATURE(VIRTIO_NET_F_GUEST_TSO6) |    \
	 FEATURE(VIRTIO_NET_F_GUEST_USO4) | FEATURE(VIRTIO_NET_F_GUEST_USO6))

static struct front front;
static uint8_t whole[CARRIES_MAX + 200];
static bool lending; /* guest_sends() lets frames be lent */

static struct uncut any(void)
{
	struct uncut uncut = {
		.kind = random_below(UNCUT_KINDS),
		.to = 2,
		.from = 1,
		.tags = random_below(3),
		.ip_options = random_below(3) * 8,
		.tcp_options = random_below(4) * 4,
		.flags = 0x10,
		.carries = 1 + random_below(random_one_in(2) ? CARRIES_MAX : 1200),
	};

	uncut.size = (uint16_t)(1 + random_below(1400));
	if (uncut.carries <= 1200 && random_one_in(2))
		uncut.size = 0;
	return uncut;
}

static struct virtio_net_hdr_v1 header_of(const struct uncut *uncut)
{
	static const uint8_t gso[UNCUT_KINDS] = { VIRTIO_NET_HDR_GSO_TCPV4, VIRTIO_NET_HDR_GSO_TCPV6,
						  VIRTIO_NET_HDR_GSO_UDP_L4, VIRTIO_NET_HDR_GSO_UDP_L4 };
	struct virtio_net_hdr_v1 header = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = (uint16_t)uncut_l4(uncut),
		.csum_offset = (uint16_t)(uncut_checksum_at(uncut) - uncut_l4(uncut)),
	};

	if (uncut->size && uncut->size < uncut->carries) {
		header.gso_type = gso[uncut->kind];
		header.gso_size = uncut->size;
		header.hdr_len = (uint16_t)uncut_header_len(uncut);
	}
	return header;
}

/* guest_offers_one makes whole, of len bytes, available in buffers of any length. */
static void guest_offers_one(const struct virtio_net_hdr_v1 *header, uint32_t len)
{
	struct made made = { .count = 0 };

	guest_write(&front.memory, DATA_AT, header, HEADER);
	guest_write(&front.memory, DATA_AT + HEADER, whole, len);
	for (uint32_t at = 0; at < HEADER + len;) {
		uint32_t here = made.count == 7 ? HEADER + len - at : 1 + random_below(HEADER + len - at);

		made.element[made.count].at = DATA_AT + at;
		made.element[made.count++].len = here;
		at += here;
	}
	assert_true(driver_offer(&front.ring[1], &made));
}

/* guest_sends makes a frame available in a few random buffers, and looks what comes; NULL: nothing. */
static struct rte_mbuf *guest_sends(struct ethdev *host, const struct virtio_net_hdr_v1 *header, uint32_t len)
{
	struct rte_mbuf *packet = NULL;
	uint32_t used;

	guest_offers_one(header, len);
	for (unsigned looks = 0; looks < 10 && !packet; looks++)
		if (!(lending ? ethdev_receive_lent : ethdev_receive)(host, 0, &packet, 1))
			packet = NULL;
	assert_false(!packet && ethdev_lends(host, 0)); /* nobody is there to settle it */
	assert_true(driver_collect(&front.ring[1], &used));
	return packet;
}

/* guest_receives has the packet sent to the guest, in buffers of any size; what it gets is header and frame. */
static void guest_receives(struct ethdev *host, struct rte_mbuf *packet, struct virtio_net_hdr_v1 *header,
			   uint8_t *frame, uint32_t len)
{
	static uint8_t bytes[HALF];
	struct made made = { .count = 1, .element = { { DATA_AT + HALF, 0 } } };
	uint32_t have = 0, at = 0;

	while (at < HEADER + len) {
		made.element[0].at = DATA_AT + HALF + at;
		made.element[0].len = 1200;
		assert_true(driver_offer(&front.ring[0], &made));
		at += 1200;
	}
	assert_int_equal(ethdev_transmit(host, 0, &packet, 1), 1);
	while (have < HEADER + len) {
		uint32_t used = 0;

		assert_true(driver_collect(&front.ring[0], &used));
		have += used;
	}
	assert_int_equal(have, HEADER + len);
	for (uint32_t i = 0; i < have; i++)
		bytes[i] = *guest_byte(&front.memory, DATA_AT + HALF + i);
	memcpy(header, bytes, HEADER);
	memcpy(frame, bytes + HEADER, len);
}

static void check_received(const struct uncut *uncut, const struct rte_mbuf *packet, uint32_t len)
{
	static uint8_t room[sizeof(whole)];

	assert_non_null(packet);
	assert_int_equal(packet->pkt_len, len);
	assert_memory_equal(rte_pktmbuf_read(packet, 0, len, room), whole, len);
	assert_int_equal(!!(offload_needs(packet) & ETHDEV_CUT), uncut->size && uncut->size < uncut->carries);
	assert_true(offload_needs(packet) & ETHDEV_PARTIAL);
}

static void as_it_came(void **state)
{
	static uint8_t frame[sizeof(whole)];

	(void)state;
	for (unsigned packed = 0; packed < 2; packed++) {
		struct ethdev *host = front_host_open(
		    &front, SENDS | TAKES | (packed ? FEATURE(VIRTIO_F_RING_PACKED) : 0), RING, false);

		assert_int_equal(ethdev_takes(host), ETHDEV_PARTIAL | ETHDEV_CUT);
		for (unsigned i = 0; i < 300; i++) {
			const struct uncut uncut = any();
			const struct virtio_net_hdr_v1 header = header_of(&uncut);
			const uint32_t len = uncut_write(&uncut, whole);
			struct virtio_net_hdr_v1 got;
			struct rte_mbuf *packet = guest_sends(host, &header, len);

			check_received(&uncut, packet, len);
			guest_receives(host, packet, &got, frame, len);
			assert_memory_equal(frame, whole, len);
			got.num_buffers = 0;
			assert_memory_equal(&got, &header, sizeof(got));
		}
		front_host_close(&front, host);
	}
}

/*
 * Long frames are lent: the guest has its buffers back when that is settled, not before; what is judged is a copy at once, the rest then,
 * or when it is asked for.
 */
static void lent(void **state)
{
	static uint8_t frame[sizeof(whole)], room[sizeof(whole)];
	const uint8_t scribble[64] = { 0xee };
	struct ethdev *host = front_host_open(&front, SENDS | TAKES, RING, false);
	unsigned lent_before = 0, kept = 0, waited = 0;
	struct ethdev_counters counters;

	(void)state;
	for (unsigned i = 0; i < 400; i++) {
		const struct uncut uncut = any();
		const struct virtio_net_hdr_v1 header = header_of(&uncut);
		const uint32_t len = uncut_write(&uncut, whole);
		struct virtio_net_hdr_v1 got;
		struct rte_mbuf *packet;
		uint32_t used;
		bool lends;

		guest_offers_one(&header, len);
		assert_int_equal(ethdev_receive_lent(host, 0, &packet, 1), 1);
		lends = ethdev_lends(host, 0);
		assert_int_equal(lends, len >= 2048);
		lent_before += lends;
		assert_int_equal(driver_collect(&front.ring[1], &used), !lends);
		check_received(&uncut, packet, len);
		if (!lends) {
			rte_pktmbuf_free(packet);
			continue;
		}
		assert_memory_equal(rte_pktmbuf_mtod(packet, char *), whole, ETHDEV_JUDGED);
		guest_write(&front.memory, DATA_AT + HEADER, scribble, sizeof(scribble));
		assert_memory_equal(rte_pktmbuf_mtod(packet, char *), whole, ETHDEV_JUDGED);
		switch (i % 4) {
		case 0: /* delivered in this turn */
			guest_receives(host, packet, &got, frame, len);
			assert_memory_equal(frame, whole, len);
			packet = NULL;
			break;
		case 1: /* for somebody else */
			assert_true(ethdev_keep(packet));
			kept++;
			break;
		case 2: /* dropped */
			rte_pktmbuf_free(packet);
			packet = NULL;
			break;
		default: /* still waiting at the end of the turn */
			waited++;
			break;
		}
		assert_false(driver_collect(&front.ring[1], &used));
		ethdev_settle(host, 0);
		assert_true(driver_collect(&front.ring[1], &used));
		for (uint32_t at = HEADER; at < HEADER + len; at++)
			*guest_byte(&front.memory, DATA_AT + at) = 0xee;
		if (packet) {
			assert_memory_equal(rte_pktmbuf_read(packet, 0, len, room), whole, len);
			rte_pktmbuf_free(packet);
		}
	}
	assert_true(lent_before > 50);
	ethdev_get_counters(host, &counters);
	assert_int_equal(counters.rx_lent, lent_before);
	assert_int_equal(counters.rx_lent_kept, kept);
	assert_int_equal(counters.rx_lent_waited, waited);
	front_host_close(&front, host);
}

/* A guest that takes nothing, and the library's burst functions: checksums are whole, and what would have to be cut is lost, and counted. */
static void whole_checksums(void **state)
{
	struct ethdev_counters counters;
	static uint8_t frame[sizeof(whole)];
	struct ethdev *host;
	uint64_t lost = 0;

	(void)state;
	host = front_host_open(&front, SENDS, RING, false);
	assert_int_equal(ethdev_takes(host), 0);
	for (unsigned i = 0; i < 300; i++) {
		const struct uncut uncut = any();
		const struct virtio_net_hdr_v1 header = header_of(&uncut);
		const uint32_t len = uncut_write(&uncut, whole);
		struct rte_mbuf *packet = guest_sends(host, &header, len);
		struct virtio_net_hdr_v1 got;

		check_received(&uncut, packet, len);
		if (header.gso_type) {
			assert_int_equal(ethdev_transmit(host, 0, &packet, 1), 1);
			lost++;
			continue;
		}
		guest_receives(host, packet, &got, frame, len);
		uncut_check(&uncut, whole, 0, 0, frame, len);
		assert_int_equal(got.flags | got.gso_type | got.gso_size | got.csum_start, 0);
	}
	ethdev_get_counters(host, &counters);
	assert_int_equal(counters.tx_errors, lost);
	front_host_close(&front, host);
}

static void lies(void **state)
{
	struct ethdev_counters counters;
	struct ethdev *host;
	uint64_t lost = 0;

	(void)state;
	host = front_host_open(&front, SENDS & ~FEATURE(VIRTIO_NET_F_HOST_TSO6), RING, false);
	for (unsigned i = 0; i < 400; i++) {
		struct uncut uncut = any();
		struct virtio_net_hdr_v1 header;
		uint32_t len;

		uncut.carries += 3000;
		uncut.carries = uncut.carries < CARRIES_MAX ? uncut.carries : CARRIES_MAX;
		uncut.size = 1000;
		if (i % 8 == 7)
			uncut.kind = UNCUT_TCP6; /* not agreed on */
		else if (uncut.kind == UNCUT_TCP6)
			uncut.kind = UNCUT_TCP4;
		len = uncut_write(&uncut, whole);
		header = header_of(&uncut);
		switch (i % 8) {
		case 0:
			header.gso_size = 0;
			break;
		case 1:
			header.flags = 0;
			break;
		case 2:
			header.gso_type = uncut_is_udp(&uncut) ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_UDP_L4;
			break;
		case 3:
			header.gso_type =
			    random_one_in(2) ? VIRTIO_NET_HDR_GSO_UDP : VIRTIO_NET_HDR_GSO_ECN | header.gso_type;
			break;
		case 4:
			header.csum_start = (uint16_t)(random_one_in(2) ? len - 1 : header.csum_start + 2u);
			break;
		case 5:
			header.csum_offset = (uint16_t)(random_one_in(2) ? 65534u : header.csum_offset + 2u);
			break;
		case 6:
			header.gso_type = VIRTIO_NET_HDR_GSO_NONE; /* longer than any frame may be then */
			break;
		default:
			break;
		}
		lending = i / 8 % 2;
		assert_null(guest_sends(host, &header, len));
		lost++;
	}
	ethdev_get_counters(host, &counters);
	assert_int_equal(counters.rx_errors, lost);
	lending = false;
	front_host_close(&front, host);
}

/* Frames of many buffers leave the rest half of them: theirs stay with the guest until there are more. */
static void half_of_the_buffers(void **state)
{
	static struct rte_mbuf *taken[65536];
	struct uncut uncut = {
		.kind = UNCUT_TCP4, .to = 2, .from = 1, .flags = 0x10, .size = 1000, .carries = CARRIES_MAX
	};
	const struct virtio_net_hdr_v1 header = header_of(&uncut);
	const uint32_t len = uncut_write(&uncut, whole);
	struct made made = { .count = 1, .element = { { DATA_AT, HEADER + len } } };
	struct rte_mbuf *packet;
	struct ethdev *host;
	unsigned count = 0;
	uint32_t used;

	(void)state;
	host = front_host_open(&front, SENDS | TAKES, RING, false);
	while (rte_mempool_avail_count(rig_pool) > rig_pool->size / 4)
		taken[count++] = rte_pktmbuf_alloc(rig_pool);
	guest_write(&front.memory, DATA_AT, &header, HEADER);
	guest_write(&front.memory, DATA_AT + HEADER, whole, len);
	assert_true(driver_offer(&front.ring[1], &made));
	for (unsigned looks = 0; looks < 10; looks++)
		assert_int_equal(ethdev_receive(host, 0, &packet, 1), 0);
	assert_false(driver_collect(&front.ring[1], &used));
	while (count)
		rte_pktmbuf_free(taken[--count]);
	assert_int_equal(ethdev_receive(host, 0, &packet, 1), 1);
	assert_true(driver_collect(&front.ring[1], &used));
	check_received(&uncut, packet, len);
	rte_pktmbuf_free(packet);
	front_host_close(&front, host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_it_came),          cmocka_unit_test(lent),
		cmocka_unit_test(whole_checksums),     cmocka_unit_test(lies),
		cmocka_unit_test(half_of_the_buffers),
	};

	return cmocka_run_group_tests(tests, folder_start, folder_stop);
}
