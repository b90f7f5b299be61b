/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames from and to a guest by rings of our own, and the same ones by the burst functions of DPDK's vhost library: every frame, its order, and
 * what the guest is told of its buffers are equal, and are what was sent.  Checksums that a guest leaves to us.
 */
#include "unit/ports/vhost_front.h"

#include "ports/ethdev_offload.h"

#include <netinet/in.h>

#define FEATURE(bit) (UINT64_C(1) << (bit))
#define RING         256u
#define FRAMES       600u
#define AT_ONCE      24u
#define SENT_MAX     1514u
#define HEADER_MAX   12u
#define SLOT         2048u /* of the guest's memory, for a frame's buffers */

static struct front front;
static uint64_t features; /* agreed on */
static bool plain;        /* buffers are laid out as the library can take them */

/* What came out of a run: frames, and what was told of buffers. */
static struct transcript {
	uint32_t len;
	uint8_t bytes[4 << 20];
} transcript[2];
static struct transcript *now;

static void transcript_add(const void *bytes, size_t len)
{
	assert_true(now->len + len <= sizeof(now->bytes));
	memcpy(now->bytes + now->len, bytes, len);
	now->len += (uint32_t)len;
}

static uint32_t header_len(void)
{
	return features & (FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_MRG_RXBUF)) ? 12 : 10;
}

static struct ethdev *host_open(bool by_library)
{
	return front_host_open(&front, features, RING, by_library);
}

static void host_close(struct ethdev *host)
{
	front_host_close(&front, host);
}

/*
 * layout divides a range into elements: the header apart, or with what follows, or anyhow.  With plain, as the library (22.11) can take it: no
 * header in more than two of them; and a packed ring's buffers, which it reads four at a time as if each descriptor were one, undivided.
 */
static struct made layout(uint64_t at, uint32_t len, bool to_receive)
{
	const bool whole = plain && to_receive && features & FEATURE(VIRTIO_F_RING_PACKED);
	const uint32_t header = header_len();
	struct made made = { .count = 0 };

	while (len) {
		uint32_t here = made.count + 1 == ELEMENTS_MAX || whole ? len : 1 + random_below(len);

		if (!made.count && !whole)
			here = random_one_in(3) ? header : random_one_in(2) ? len : here;
		else if (plain && made.count == 1 && made.element[0].len < header && here < header)
			here = header < len ? header : len;
		made.element[made.count].at = at;
		made.element[made.count++].len = here;
		at += here;
		len -= here;
	}
	if (features & FEATURE(VIRTIO_RING_F_INDIRECT_DESC) && random_one_in(2) && !whole)
		made.in_table = made.count;
	return made;
}

static uint64_t slot_at(uint32_t number)
{
	return DATA_AT + number % (DATA_LEN / SLOT) * SLOT;
}

/* guest_offers makes a frame of the guest's available, header before it. */
static bool guest_offers(uint32_t number, const void *header, const uint8_t *frame, uint32_t len)
{
	struct made made = layout(slot_at(number), header_len() + len, false);

	guest_write(&front.memory, slot_at(number), header, header_len());
	guest_write(&front.memory, slot_at(number) + header_len(), frame, len);
	return driver_offer(&front.ring[1], &made);
}

static void frame_random(uint8_t *frame, uint32_t *len)
{
	*len = 60 + random_below(random_one_in(2) ? SENT_MAX - 59 : 40);
	random_bytes(frame, *len);
	memcpy(frame + 12, "\x88\xb5", 2);
}

/* guest_sends sends frames of any length and layout, and looks what comes: they do, and their buffers come back. */
static void guest_sends(struct ethdev *host)
{
	static uint8_t sent[AT_ONCE][SENT_MAX];
	const uint8_t header[HEADER_MAX] = { 0 };
	uint32_t len[AT_ONCE], used = 0;

	for (uint32_t done = 0; done < FRAMES;) {
		unsigned offered = 0, got = 0, wanted = 1 + random_below(DATA_LEN / SLOT);

		for (; offered < wanted; offered++) {
			frame_random(sent[offered], &len[offered]);
			if (!guest_offers(offered, header, sent[offered], len[offered]))
				break;
		}
		for (uint64_t started = now_ns(); got < offered && !hangs(started);) {
			struct rte_mbuf *packet[AT_ONCE];
			unsigned n = ethdev_receive(host, 0, packet, AT_ONCE);

			for (unsigned i = 0; i < n; i++, got++) {
				assert_int_equal(packet[i]->pkt_len, len[got]);
				assert_int_equal(packet[i]->data_len, len[got]);
				assert_memory_equal(rte_pktmbuf_mtod(packet[i], void *), sent[got], len[got]);
				transcript_add(sent[got], len[got]);
				rte_pktmbuf_free(packet[i]);
			}
		}
		assert_int_equal(got, offered);
		for (unsigned i = 0; i < offered; i++) {
			assert_true(driver_collect(&front.ring[1], &used));
			if (now == &transcript[0]) /* the library leaves what a table's descriptor says */
				assert_int_equal(used, 0);
		}
		done += got;
	}
}

static uint8_t guest_byte_of(const struct made *made, uint32_t at)
{
	for (unsigned i = 0; i < made->count; at -= made->element[i++].len)
		if (at < made->element[i].len)
			return *guest_byte(&front.memory, made->element[i].at + at);
	fail();
	return 0;
}

/* guest_reads takes one frame that has come, from as many buffers as its header says. */
static void guest_reads(const uint8_t *sent, uint32_t len)
{
	uint8_t bytes[HEADER_MAX + SENT_MAX];
	uint32_t have = 0, buffers = 0;

	while (have < header_len() + len) {
		const struct made made = front.ring[0].outstanding[front.ring[0].oldest];
		uint32_t used = 0;

		assert_true(driver_collect(&front.ring[0], &used));
		assert_true(used > 0 && have + used <= sizeof(bytes));
		transcript_add(&used, sizeof(used));
		for (uint32_t i = 0; i < used; i++)
			bytes[have++] = guest_byte_of(&made, i);
		buffers++;
	}
	assert_int_equal(have, header_len() + len);
	assert_memory_equal(bytes + header_len(), sent, len);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(bytes[i], 0);
	if (header_len() == 12 && (now == &transcript[0] || features & FEATURE(VIRTIO_NET_F_MRG_RXBUF)))
		assert_int_equal(bytes[10] | bytes[11] << 8, buffers); /* without merging the library leaves it */
	transcript_add(bytes, 10);
	transcript_add(bytes + header_len(), len);
}

/* guest_fills offers buffers: small ones, which are merged, or such as hold any frame; each has its place in memory while it is offered. */
static void guest_fills(unsigned count)
{
	const uint32_t whole = header_len() + SENT_MAX, places = DATA_LEN / whole;
	static unsigned place;

	for (; count && front.ring[0].outstandings < places; count--) {
		uint32_t len = features & FEATURE(VIRTIO_NET_F_MRG_RXBUF) ? 64 + random_below(700) : whole;
		struct made made = layout(DATA_AT + place++ % places * whole, len, true);

		if (!driver_offer(&front.ring[0], &made))
			return;
	}
}

/* guest_receives: as many as there are buffers for, all at once; those that there are none for stay with whoever sends. */
static void guest_receives(struct ethdev *host)
{
	for (uint32_t done = 0; done < FRAMES;) {
		struct rte_mbuf *packet[AT_ONCE], *kept[AT_ONCE];
		unsigned count = 1 + random_below(AT_ONCE), n;

		guest_fills(1 + random_below(AT_ONCE));
		for (unsigned i = 0; i < count; i++) {
			uint8_t frame[SENT_MAX];
			uint32_t len;

			frame_random(frame, &len);
			packet[i] = kept[i] = rte_pktmbuf_alloc(rig_pool);
			memcpy(rte_pktmbuf_append(packet[i], (uint16_t)len), frame, len);
			rte_mbuf_refcnt_update(packet[i], 1);
		}
		n = ethdev_transmit(host, 0, packet, count);
		transcript_add(&n, sizeof(n));
		for (unsigned i = 0; i < count; i++) {
			if (i < n)
				guest_reads(rte_pktmbuf_mtod(kept[i], uint8_t *), kept[i]->pkt_len);
			rte_mbuf_refcnt_set(kept[i], 1);
			rte_pktmbuf_free(kept[i]);
		}
		done += n;
	}
}

static void frames_run(bool by_library, struct transcript *into)
{
	struct ethdev *host = host_open(by_library);

	print_message("features %#llx, by %s%s\n", (unsigned long long)features,
		      by_library ? "the library" : "rings of our own", plain ? "" : ", any layout");
	random_start();
	now = into;
	now->len = 0;
	guest_sends(host);
	guest_receives(host);
	host_close(host);
}

static void both_ways(void **state)
{
	static const uint64_t some[] = { 0,
					 FEATURE(VIRTIO_NET_F_MRG_RXBUF),
					 FEATURE(VIRTIO_F_VERSION_1),
					 FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_MRG_RXBUF),
					 FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_F_RING_PACKED),
					 FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_F_RING_PACKED) |
					     FEATURE(VIRTIO_NET_F_MRG_RXBUF) };

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(some) / sizeof(some[0]); i++) {
		features = some[i / 2];
		if (i % 2)
			features |= FEATURE(VIRTIO_RING_F_EVENT_IDX) | FEATURE(VIRTIO_RING_F_INDIRECT_DESC);
		plain = true;
		frames_run(false, &transcript[0]);
		frames_run(true, &transcript[1]);
		assert_int_equal(transcript[0].len, transcript[1].len);
		assert_memory_equal(transcript[0].bytes, transcript[1].bytes, transcript[0].len);
		plain = false;
		frames_run(false, &transcript[0]);
	}
}

/* sum_bytes is the sum of RFC 1071, of 16 bits each, not yet inverted. */
static uint32_t sum_bytes(const uint8_t *at, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)at[i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A segment of TCP or UDP over IPv4 or IPv6. */
struct segment {
	uint8_t bytes[600];
	uint32_t len, start, field; /* of the segment, and its checksum's in it */
	uint32_t pseudo;            /* the pseudo-header's sum */
};

static struct segment segment_make(bool six, bool udp, uint32_t payload)
{
	struct segment it = { .start = six ? 54 : 34, .field = udp ? 6 : 16 };
	const uint32_t header = udp ? 8 : 20, len = header + payload;
	uint8_t *ip = it.bytes + 14,
		pseudo[4] = { 0, udp ? IPPROTO_UDP : IPPROTO_TCP, (uint8_t)(len >> 8), (uint8_t)len };

	it.len = it.start + len;
	random_bytes(it.bytes, it.len);
	memcpy(it.bytes + 12, six ? "\x86\xdd" : "\x08\x00", 2);
	if (six) {
		memcpy(ip, "\x60\0\0\0", 4);
		memcpy(ip + 4, pseudo + 2, 2);
		ip[6] = pseudo[1];
	} else {
		memcpy(ip, "\x45\0", 2);
		ip[2] = (uint8_t)((len + 20) >> 8);
		ip[3] = (uint8_t)(len + 20);
		memset(ip + 6, 0, 2);
		ip[9] = pseudo[1];
	}
	it.pseudo = sum_bytes(pseudo, 4, sum_bytes(six ? ip + 8 : ip + 12, six ? 32 : 8, 0));
	it.bytes[it.start + it.field] = (uint8_t)(it.pseudo >> 8);
	it.bytes[it.start + it.field + 1] = (uint8_t)it.pseudo;
	return it;
}

/* receive_one: what has come, -1: nothing has, after as many looks as always are enough. */
static int receive_one(struct ethdev *host, uint8_t *bytes)
{
	struct rte_mbuf *packet;
	int len;

	for (unsigned looks = 0; looks < 100; looks++)
		if (ethdev_receive(host, 0, &packet, 1)) {
			if (offload_needs(packet))
				offload_complete(packet);
			len = (int)packet->pkt_len;
			memcpy(bytes, rte_pktmbuf_mtod(packet, void *), (size_t)len);
			rte_pktmbuf_free(packet);
			return len;
		}
	return -1;
}

static struct virtio_net_hdr_v1 header_partial(uint32_t start, uint32_t offset)
{
	return (struct virtio_net_hdr_v1){ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
					   .csum_start = (uint16_t)start,
					   .csum_offset = (uint16_t)offset };
}

/* Whole, and nothing else of the frame is changed; a sum of 0 is 0xffff in UDP, where 0 says that there is none. */
static void segment_check(const struct segment *it, const uint8_t *got)
{
	const uint32_t at = it->start + it->field;

	assert_memory_equal(got, it->bytes, at);
	assert_memory_equal(got + at + 2, it->bytes + at + 2, it->len - at - 2);
	assert_int_equal(sum_bytes(got + it->start, it->len - it->start, it->pseudo), 0xffff);
	assert_true(it->field == 16 || got[at] | got[at + 1]);
}

static void checksums_are_completed(void **state)
{
	struct ethdev *host;

	(void)state;
	features = FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_CSUM);
	for (unsigned by_library = 0; by_library < 2; by_library++) {
		host = host_open(by_library);
		random_start();
		for (unsigned i = 0; i < 400; i++) {
			struct segment it = segment_make(i & 1, i & 2, random_below(500));
			struct virtio_net_hdr_v1 header = header_partial(it.start, it.field);
			uint8_t got[2048];
			uint32_t used;

			if (i % 8 == 7 && it.len >= it.start + it.field + 4) { /* so that the sum is 0 */
				uint32_t at = it.start + (it.field == 6 ? 0 : 4), sum;

				memset(it.bytes + at, 0, 2);
				sum = ~sum_bytes(it.bytes + it.start, it.len - it.start, 0) & 0xffff;
				it.bytes[at] = (uint8_t)(sum >> 8);
				it.bytes[at + 1] = (uint8_t)sum;
			}
			assert_true(guest_offers(i, &header, it.bytes, it.len));
			assert_int_equal(receive_one(host, got), it.len);
			segment_check(&it, got);
			assert_true(driver_collect(&front.ring[1], &used));
		}
		host_close(host);
	}
}

static uint64_t errors_of(struct ethdev *host)
{
	struct ethdev_counters counters;

	ethdev_get_counters(host, &counters);
	return counters.rx_errors;
}

/* What is no frame, or asks for what cannot be, is lost, and counted; its buffer comes back, and the next one is as if nothing had been. */
static void what_is_no_frame_is_lost_and_counted(void **state)
{
	const struct segment it = segment_make(false, true, 100);
	const struct virtio_net_hdr_v1 lies[] = { header_partial(it.len - 1, 0), header_partial(it.len - 8, 7),
						  header_partial(65535, 0),      header_partial(0, 65535),
						  header_partial(65535, 65535),  header_partial(it.len, 65534) };
	const unsigned lie_count = sizeof(lies) / sizeof(lies[0]);
	const uint32_t lens[] = { 0, 1, 11, 12 };
	struct ethdev *host;
	uint64_t lost = 0;
	uint8_t got[2048];
	uint32_t used;

	(void)state;
	features = FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_CSUM);
	host = host_open(false);
	for (unsigned i = 0; i < lie_count + 5; i++) {
		struct made made = { .count = 1, .element = { { slot_at(0), 0 } } };
		const struct virtio_net_hdr_v1 honest = header_partial(it.start, it.field);

		if (i < lie_count) {
			assert_true(guest_offers(0, &lies[i], it.bytes, it.len));
		} else { /* without a header, without a frame, or longer than a buffer of ours */
			made.element[0].len = i < lie_count + 4 ? lens[i - lie_count] : 20000;
			assert_true(driver_offer(&front.ring[1], &made));
		}
		assert_true(guest_offers(1, &honest, it.bytes, it.len));
		assert_int_equal(receive_one(host, got), it.len);
		segment_check(&it, got);
		assert_int_equal(errors_of(host), ++lost);
		for (unsigned k = 0; k < 2; k++)
			assert_true(driver_collect(&front.ring[1], &used));
	}
	assert_string_equal(rig_info(host).reason, "");
	host_close(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(checksums_are_completed),
		cmocka_unit_test(what_is_no_frame_is_lost_and_counted),
	};

	return cmocka_run_group_tests(tests, folder_start, folder_stop);
}
