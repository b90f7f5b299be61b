/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets that another processor has with what is lent to them: whatever that does, and however late, they are as they were sent, although the guest
 * writes over its buffers as soon as it has them back; it has them back in order, and soon.
 */
#include "unit/ports/vhost_front.h"

#include <pthread.h>
#include <rte_pause.h>
#include <stdlib.h>

#include "ports/ethdev_offload.h"
#include "unit/host/uncut.h"

#define FEATURE(bit) (UINT64_C(1) << (bit))
#define FEATURES                                                                                                     \
	(FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_CSUM) | FEATURE(VIRTIO_NET_F_HOST_TSO4) |                \
	 FEATURE(VIRTIO_NET_F_MRG_RXBUF))
#define RING     64u
#define HEADER   12u
#define SLOTS    8u
#define SLOT_LEN (DATA_LEN / SLOTS)
#define NUMBERED 100u /* bytes of a frame before what tells its number */
#define BURST    8u

static struct front front;
static struct ethdev *host;

/* What the guest has sent and has not got back: slots in order.  offered, collected: frames, ever. */
static uint32_t offered, collected;
static uint32_t length[SLOTS];

static uint8_t byte_of(uint32_t number, uint32_t at)
{
	return (uint8_t)(number * 37 + at);
}

static uint32_t length_of(uint32_t number)
{
	return 2200 + number * 389 % (SLOT_LEN - HEADER - 2300);
}

/* guest_offers makes a frame of TCP's available, with its number in the header's sequence number and all over the rest. */
static void guest_offers(void)
{
	static uint8_t frame[SLOT_LEN];
	const uint32_t number = offered, slot = number % SLOTS;
	struct uncut uncut = { .kind = UNCUT_TCP4, .to = 2, .from = 1, .flags = 0x10, .size = 1000, .carries = 1 };
	struct virtio_net_hdr_v1 header = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					    .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
					    .gso_size = uncut.size };
	struct made made = { .count = 1 };
	uint32_t len;

	uncut.carries = length_of(number) - uncut_header_len(&uncut);
	len = uncut_write(&uncut, frame);
	for (uint32_t i = NUMBERED; i < len; i++)
		frame[i] = byte_of(number, i);
	memcpy(frame + uncut_l4(&uncut) + 4, &number, sizeof(number));
	header.csum_start = (uint16_t)uncut_l4(&uncut);
	header.csum_offset = (uint16_t)(uncut_checksum_at(&uncut) - uncut_l4(&uncut));
	header.hdr_len = (uint16_t)uncut_header_len(&uncut);
	length[slot] = HEADER + len;
	guest_write(&front.memory, DATA_AT + slot * SLOT_LEN, &header, HEADER);
	guest_write(&front.memory, DATA_AT + slot * SLOT_LEN + HEADER, frame, len);
	made.element[0].at = DATA_AT + slot * SLOT_LEN;
	made.element[0].len = length[slot];
	assert_true(driver_offer(&front.ring[1], &made));
	offered++;
}

/* guest_collects takes buffers back, in the order in which it has sent them, and writes over them. */
static void guest_collects(void)
{
	uint32_t written;

	for (; driver_collect(&front.ring[1], &written); collected++)
		for (uint32_t i = 0; i < length[collected % SLOTS]; i++)
			*guest_byte(&front.memory, DATA_AT + collected % SLOTS * SLOT_LEN + i) = 0xee;
}

/* packet_is_whole returns whether it is as it was sent. */
static bool packet_is_whole(const struct rte_mbuf *packet)
{
	uint8_t room[SLOT_LEN];
	const uint8_t *bytes = rte_pktmbuf_read(packet, 0, packet->pkt_len, room);
	uint32_t number, wrong = 0;

	memcpy(&number, bytes + 14 + 20 + 4, sizeof(number));
	if (packet->pkt_len != length_of(number))
		return false;
	for (uint32_t i = NUMBERED; i < packet->pkt_len; i++)
		wrong += bytes[i] != byte_of(number, i);
	return !wrong;
}

/* ring_stops stops the ring that the guest transmits by: it has back all that was taken; then it goes on. */
static void ring_stops(void)
{
	const uint32_t ask[2] = { 1, 0 };
	struct driver *ring = &front.ring[1];
	uint32_t answer[5];
	size_t have = 0;

	front_say(&front, FRONT_GET_VRING_BASE, ask, sizeof(ask), NULL, 0);
	while (have < sizeof(answer)) {
		ssize_t n = read(front.fd, (char *)answer + have, sizeof(answer) - have);

		assert_true(n > 0);
		have += (size_t)n;
	}
	guest_collects();
	ring->params.avail = (uint16_t)answer[4];
	ring->params.used = (uint16_t)(ring->used_at | (ring->params.packed && ring->used_wrap ? WRAP_BIT : 0));
	assert_int_equal(ring->params.avail, ring->params.used);
	front_ring_start(&front, 1);
}

static void port_opens(bool packed)
{
	offered = collected = 0;
	host = front_host_open(&front, FEATURES | (packed ? FEATURE(VIRTIO_F_RING_PACKED) : 0), RING, false);
}

/* A processor's inbox. */
#define INBOX 256u
static struct rte_mbuf *inbox[INBOX], *kept[INBOX];
static unsigned inbox_count, kept_count;

static struct rte_mbuf *inbox_first(void)
{
	struct rte_mbuf *packet = inbox[0];

	memmove(inbox, inbox + 1, --inbox_count * sizeof(inbox[0]));
	return packet;
}

static void source_turn(void)
{
	struct rte_mbuf *packet[BURST];
	unsigned n = inbox_count + BURST <= INBOX ? ethdev_receive_lent(host, 0, packet, BURST) : 0;

	for (unsigned i = 0; i < n; i++) {
		if (random_one_in(8)) {
			rte_pktmbuf_free(packet[i]);
			continue;
		}
		assert_true(random_one_in(8) ? ethdev_keep(packet[i]) : ethdev_hand(packet[i]));
		inbox[inbox_count++] = packet[i];
	}
	if (n && ethdev_lends(host, 0))
		ethdev_settle(host, 0);
}

static void target_turn(void)
{
	struct rte_mbuf *packet = inbox_count ? inbox_first() : NULL;

	if (!packet)
		return;
	if (!random_one_in(6)) {
		ethdev_take(packet);
		assert_true(packet_is_whole(packet));
	}
	if (random_one_in(4) && kept_count < INBOX) {
		assert_true(ethdev_keep(packet));
		kept[kept_count++] = packet;
	} else {
		rte_pktmbuf_free(packet);
	}
}

static void kept_ends(void)
{
	while (kept_count) {
		assert_true(packet_is_whole(kept[--kept_count]));
		rte_pktmbuf_free(kept[kept_count]);
	}
}

static void any_order(bool packed)
{
	struct ethdev_counters counters;

	port_opens(packed);
	for (unsigned step = 0; step < 10000; step++)
		switch (random_below(6)) {
		case 0:
			if (offered - collected < SLOTS)
				guest_offers();
			break;
		case 1:
			source_turn();
			break;
		case 2:
			target_turn();
			break;
		case 3:
			guest_collects();
			break;
		case 4:
			if (random_one_in(20))
				kept_ends();
			break;
		default:
			if (random_one_in(40))
				usleep(1200); /* longer than anybody waits */
			else if (random_one_in(100))
				ring_stops();
			break;
		}
	rig_until((source_turn(), guest_collects(), collected == offered)); /* whatever the inbox still has */
	assert_true(inbox_count > 0 || offered > 0);
	while (inbox_count)
		target_turn();
	kept_ends();
	ethdev_get_counters(host, &counters);
	assert_true(counters.rx_lent_handed > 100);
	assert_true(counters.rx_lent_waited > 0);
	assert_int_equal(counters.rx_errors, 0);
	front_host_close(&front, host);
}

static void in_any_order(void **state)
{
	(void)state;
	random_start();
	any_order(false);
	any_order(true);
}

/* The port is closed while a processor has packets: they keep what they have. */
static void after_the_end(void **state)
{
	(void)state;
	port_opens(false);
	while (offered < SLOTS)
		guest_offers();
	rig_until((source_turn(), inbox_count >= 3));
	front_close(&front); /* its memory goes with it */
	ethdev_close(host);
	while (inbox_count)
		target_turn();
	kept_ends();
	assert_nothing_lost();
}

/* Two processors have what a third receives, while the guest writes, and its front end stops rings and shares its memory anew. */
#define CHANNEL 64u
static struct channel {
	struct rte_mbuf *_Atomic packet[CHANNEL]; /* NULL: free */
} channels[2];
static atomic_bool over;
static atomic_uint wrong, taken, dropped;

static bool channel_put(struct channel *to, unsigned number, struct rte_mbuf *packet)
{
	struct rte_mbuf *_Atomic *at = &to->packet[number % CHANNEL];

	if (atomic_load_explicit(at, memory_order_acquire))
		return false;
	atomic_store_explicit(at, packet, memory_order_release);
	return true;
}

static struct rte_mbuf *channel_take(struct channel *from, unsigned number)
{
	return atomic_exchange_explicit(&from->packet[number % CHANNEL], NULL, memory_order_acq_rel);
}

static void *source_run(void *unused)
{
	struct rte_mbuf *packet[BURST];
	unsigned put[2] = { 0 }, to = 0;

	while (!over) {
		unsigned n = ethdev_receive_lent(host, 0, packet, BURST);

		for (unsigned i = 0; i < n; i++, to = !to) {
			if (ethdev_hand(packet[i]) && channel_put(&channels[to], put[to], packet[i])) {
				put[to]++;
			} else {
				rte_pktmbuf_free(packet[i]);
				dropped++;
			}
		}
		if (n && ethdev_lends(host, 0))
			ethdev_settle(host, 0);
	}
	return unused;
}

static void *target_run(void *context)
{
	unsigned turn = 0;

	while (true) {
		const bool last = over;
		struct rte_mbuf *packet = channel_take(context, turn);

		if (!packet) {
			if (last)
				return NULL;
			rte_pause();
			continue;
		}
		if (++turn % 256 == 0)
			usleep(1500);
		ethdev_take(packet);
		if (turn % 32 == 16)
			usleep(2000); /* in the middle of reading */
		wrong += !packet_is_whole(packet);
		if (turn % 8 == 3) {
			wrong += !ethdev_keep(packet);
			usleep(50);
			wrong += !packet_is_whole(packet);
		}
		rte_pktmbuf_free(packet);
		taken++;
	}
}

static void all_at_once(bool packed)
{
	struct ethdev_counters counters;
	pthread_t source, target[2];

	port_opens(packed);
	over = false;
	taken = dropped = 0;
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&target[i], NULL, target_run, &channels[i]), 0);
	assert_int_equal(pthread_create(&source, NULL, source_run, NULL), 0);
	for (unsigned step = 0; step < 1500; step++) {
		uint64_t started = now_ns();

		while (offered - collected == SLOTS && !hangs(started))
			guest_collects();
		assert_true(offered - collected < SLOTS); /* or a processor keeps its buffers */
		guest_offers();
		guest_collects();
		if (random_one_in(50))
			ring_stops();
		else if (random_one_in(50))
			front_share(&front);
	}
	rig_until((guest_collects(), collected == offered));
	over = true;
	pthread_join(source, NULL);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(target[i], NULL);
	assert_int_equal(wrong, 0);
	assert_int_equal(taken + dropped, offered);
	ethdev_get_counters(host, &counters);
	assert_true(counters.rx_lent_handed > 0);
	front_host_close(&front, host);
}

static void at_once(void **state)
{
	(void)state;
	random_start();
	all_at_once(false);
	all_at_once(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_any_order),
		cmocka_unit_test(after_the_end),
		cmocka_unit_test(at_once),
	};

	return cmocka_run_group_tests(tests, folder_start, folder_stop);
}
