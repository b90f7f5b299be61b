/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's rings, of every kind that it may ask for, and what a front end is offered and refused. */
#include "ports/port_spec.h"
#include "unit/hang.h"
#include "unit/ports/ethdev_folder.h"

#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <sys/un.h>

#define FRAMES    1000u /* at a length: several times round a ring of 256 */
#define AT_ONCE   24u
#define LARGE_MTU 9000
#define HEADER    sizeof(struct rte_ether_hdr)

static struct rte_mempool *large_pool;

static int rings_start(void **state)
{
	if (folder_start(state))
		return -1;
	large_pool = rte_pktmbuf_pool_create_by_ops(
	    "large", 2048, 0, 0, ETHDEV_ROOM(LARGE_MTU) + RTE_PKTMBUF_HEADROOM, SOCKET_ID_ANY, "ring_mt_rts");
	return large_pool ? 0 : -1;
}

static uint8_t content(uint32_t number, uint32_t at)
{
	return (uint8_t)(number * 31 + at * 7 + (at >> 8));
}

static struct rte_mbuf *frame_make(struct rte_mempool *pool, uint32_t number, uint32_t len)
{
	struct rte_mbuf *frame = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *header;
	uint8_t *bytes;

	assert_non_null(frame);
	bytes = (uint8_t *)rte_pktmbuf_append(frame, (uint16_t)len);
	assert_non_null(bytes);
	header = (struct rte_ether_hdr *)bytes;
	memset(header, 2, HEADER);
	header->ether_type = rte_cpu_to_be_16(RIG_TYPE);
	for (uint32_t at = HEADER; at < len; at++)
		bytes[at] = content(number, at);
	return frame;
}

static void frame_check(const struct rte_mbuf *frame, uint32_t number, uint32_t len)
{
	uint8_t room[LARGE_MTU + HEADER];
	const uint8_t *bytes;

	assert_int_equal(rte_pktmbuf_pkt_len(frame), len);
	bytes = rte_pktmbuf_read(frame, 0, len, room);
	assert_non_null(bytes);
	for (uint32_t at = HEADER; at < len; at++)
		if (bytes[at] != content(number, at))
			fail_msg("frame %u of %u bytes: byte %u is %u, not %u", number, len, at, bytes[at],
				 content(number, at));
}

/* frames_offer sends from *sent on as many as are taken. */
static void frames_offer(struct ethdev *from, struct rte_mempool *pool, uint32_t len, uint32_t *sent, uint32_t end)
{
	struct rte_mbuf *frame[AT_ONCE];
	unsigned count = end - *sent < AT_ONCE ? end - *sent : AT_ONCE, taken;

	for (unsigned i = 0; i < count; i++)
		frame[i] = frame_make(pool, *sent + i, len);
	taken = count ? ethdev_transmit(from, 0, frame, count) : 0;
	for (unsigned i = taken; i < count; i++)
		rte_pktmbuf_free(frame[i]);
	*sent += taken;
}

/* frames_pass sends numbered frames of a length, with no more under way than a ring holds, and compares what comes. */
static void frames_pass(struct ethdev *from, struct rte_mempool *pool, struct ethdev *to, uint32_t len)
{
	uint32_t sent = 0, got = 0;
	uint64_t started = now_ns();
	struct rte_mbuf *frame[AT_ONCE];

	while (got < FRAMES && !hangs(started)) {
		unsigned n;

		if (sent - got < AT_ONCE)
			frames_offer(from, pool, len, &sent, FRAMES);
		n = ethdev_receive(to, 0, frame, AT_ONCE);
		for (unsigned i = 0; i < n; i++) {
			frame_check(frame[i], got++, len);
			rte_pktmbuf_free(frame[i]);
		}
	}
	assert_int_equal(got, FRAMES);
}

static struct ethdev *open_with(const char *devargs, struct rte_mempool *pool)
{
	const bool large = pool == large_pool;
	const struct ethdev_params params = {
		.devargs = devargs, .rx_queues = 1, .tx_queues = 1, .mtu = large ? LARGE_MTU : 1500, .pool = pool
	};
	char error[512] = "";
	struct ethdev *port = ethdev_open(&params, error, sizeof(error));

	if (!port)
		print_message("%s: %s\n", devargs, error);
	assert_non_null(port);
	return port;
}

/* rings_pass: frames both ways; the guest has buffers of its pool, and what it sends lies in one of the host's pool. */
static void rings_pass(const char *kind, struct rte_mempool *host_pool, struct rte_mempool *guest_pool,
		       const uint32_t *len, unsigned lens)
{
	struct ethdev *host = open_with(vhost, host_pool), *port;
	char devargs[256];

	snprintf(devargs, sizeof(devargs), "net_virtio_user0,path=%s,queues=1,queue_size=256%s", path, kind);
	port = open_with(devargs, guest_pool);
	rig_until(rig_info(host).state == ETHDEV_UP);
	assert_string_equal(rig_info(host).reason, "");
	for (unsigned i = 0; i < lens; i++) {
		frames_pass(port, host_pool, host, len[i]);
		frames_pass(host, host_pool, port, len[i]);
	}
	ethdev_close(port);
	ethdev_close(host);
	assert_nothing_lost();
	assert_int_equal(rte_mempool_in_use_count(large_pool), 0);
}

static void rings_of_every_kind(void **state)
{
	static const uint32_t usual[] = { 60, 1514 }, large[] = { LARGE_MTU };
	char kind[96];

	(void)state;
	for (unsigned at = 0; at < 16; at++) {
		bool packed = at & 1, mergeable = at & 2, in_order = at & 4, vectorized = at & 8;

		snprintf(kind, sizeof(kind), ",packed_vq=%d,mrg_rxbuf=%d,in_order=%d,vectorized=%d", packed,
			 mergeable, in_order, vectorized);
		print_message("%s\n", kind + 1);
		rings_pass(kind, rig_pool, rig_pool, usual, 2);
		rings_pass(kind, large_pool, mergeable ? rig_pool : large_pool, large, 1);
	}
}

static struct ethdev *open_spec(uint16_t queues, uint64_t features_off)
{
	struct port_spec spec = { .kind = PORT_VHOST_USER, .queues = queues, .features_off = features_off };
	struct ethdev_params params = rig_params(NULL, queues);
	char error[512] = "";
	struct ethdev *port;

	snprintf(spec.place, sizeof(spec.place), "%s", path);
	params.vhost = &spec;
	port = ethdev_open(&params, error, sizeof(error));
	if (!port)
		print_message("%s\n", error);
	assert_non_null(port);
	return port;
}

/* A front end that says what it likes. */
static int front_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void front_say(int fd, uint32_t request, const void *payload, uint32_t len)
{
	const uint32_t header[3] = { request, 1, len };

	assert_int_equal(send(fd, header, sizeof(header), MSG_NOSIGNAL), sizeof(header));
	if (len)
		assert_int_equal(send(fd, payload, len, MSG_NOSIGNAL), len);
}

static uint64_t front_features(int fd)
{
	struct {
		uint32_t header[3];
		uint64_t features;
	} __attribute__((packed)) answer;

	front_say(fd, 1, NULL, 0); /* GET_FEATURES */
	assert_int_equal(recv(fd, &answer, sizeof(answer), MSG_WAITALL), sizeof(answer));
	return answer.features;
}

static uint64_t features_offered(uint64_t features_off)
{
	struct ethdev *host = open_spec(1, features_off);
	int fd = front_connect();
	uint64_t features = front_features(fd);

	close(fd);
	ethdev_close(host);
	return features;
}

static void a_feature_that_is_off_is_not_offered(void **state)
{
	static const char *const names[] = { "mrg_rxbuf", "event_idx",  "indirect_desc", "packed",     "in_order",
					     "csum",      "guest_csum", "guest_tso4",    "guest_tso6", "host_tso4",
					     "host_tso6", "host_uso",   "guest_uso4",    "guest_uso6", "hash" };
	static const unsigned never[] = { VIRTIO_NET_F_GUEST_ECN, VIRTIO_NET_F_GUEST_UFO, VIRTIO_NET_F_HOST_ECN,
					  VIRTIO_NET_F_HOST_UFO, VIRTIO_NET_F_GSO };
	const uint64_t all = features_offered(0);
	uint64_t some = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t bit = port_feature_bit(names[i]);

		assert_true(all & bit);
		assert_int_equal(features_offered(bit), all & ~bit);
		some |= bit;
	}
	assert_int_equal(features_offered(some), all & ~some);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_false(all & UINT64_C(1) << never[i]); /* nobody else would understand such frames */
}

static void a_guest_goes_without(void **state)
{
	uint64_t off = port_feature_bit("mrg_rxbuf") | port_feature_bit("event_idx") |
		       port_feature_bit("indirect_desc") | port_feature_bit("in_order");
	struct ethdev *host = open_spec(2, off), *port;

	(void)state;
	port = rig_open(guest, 1);
	rig_until(rig_info(host).state == ETHDEV_UP);
	frames_pass(port, rig_pool, host, 1514);
	frames_pass(host, rig_pool, port, 1514);
	ethdev_close(port);
	ethdev_close(host);
	assert_nothing_lost();
}

static void more_queue_pairs_than_the_port_has(void **state)
{
	const uint32_t ring[2] = { 2, 256 };
	struct ethdev *host = open_spec(1, 0), *port;
	int fd = front_connect();
	char devargs[128];
	uint8_t byte;

	(void)state;
	front_say(fd, 8, ring, sizeof(ring)); /* SET_VRING_NUM */
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	rig_until(strstr(rig_info(host).reason,
			 "2 queue pairs or more (SET_VRING_NUM of ring 2), its VPort's backend 1: give it fewer, or "
			 "raise the backend's queues"));
	assert_int_equal(rig_info(host).state, ETHDEV_NO_PEER);
	close(fd);
	snprintf(devargs, sizeof(devargs), "net_virtio_user0,path=%s,queues=1", path);
	port = rig_open(devargs, 1);
	rig_until(rig_info(host).state == ETHDEV_UP);
	rig_until(!*rig_info(host).reason);
	rig_traffic(port, host, 0, 10);
	ethdev_close(port);
	ethdev_close(host);
}

static void fewer_queue_pairs_than_the_port_has(void **state)
{
	struct ethdev *host = open_spec(4, 0), *port;

	(void)state;
	for (uint16_t queues = 1; queues <= 2; queues++) {
		port = rig_open(guest, queues);
		rig_until(rig_info(host).state == ETHDEV_UP && rig_info(host).rx_enabled == queues);
		assert_int_equal(rig_info(host).tx_enabled, queues);
		assert_string_equal(rig_info(host).reason, "");
		for (uint16_t q = 0; q < queues; q++) {
			rig_traffic(port, host, q, 100);
			rig_traffic(host, port, q, 100);
		}
		ethdev_close(port);
		rig_until(rig_info(host).state == ETHDEV_NO_PEER);
	}
	ethdev_close(host);
	assert_nothing_lost();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_of_every_kind),
		cmocka_unit_test(a_feature_that_is_off_is_not_offered),
		cmocka_unit_test(a_guest_goes_without),
		cmocka_unit_test(more_queue_pairs_than_the_port_has),
		cmocka_unit_test(fewer_queue_pairs_than_the_port_has),
	};

	return cmocka_run_group_tests(tests, rings_start, folder_stop);
}
