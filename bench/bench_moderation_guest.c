/* SPDX-License-Identifier: BSD-2-Clause */
/* A vhost-user port, and a guest's driver of its receive ring on a thread of its own; the unit tests' front end has started that. */
#include "unit/ports/vhost_front.h"

#include "bench_moderation.h"
#include "ports/port_spec.h"

#include <pthread.h>
#include <stdatomic.h>

#define RING      256u
#define BUFFERS   24576u /* of the rings' memory, behind them */
#define BUFFER    128u   /* bytes: a frame of RIG_LEN and its header */
#define BURST_MAX 32u
#define HEADER    12u
#define FRAMES    (1u << 20) /* of a run, of which latencies are kept */
#define SETTLE_NS 5000000u   /* after the last burst; longer than any interval */

static struct front front;
static struct ethdev *port;
static atomic_bool ending;

static double us[FRAMES];
static struct moderation_seen seen = { .us = us }; /* guest: w, sender: r when it has ended */
static uint16_t used_at;                           /* how far the guest has come */

/* buffers_offer gives all buffers to the device, each in the descriptor of its number. */
static void buffers_offer(void)
{
	struct driver *ring = &front.ring[0];

	for (uint16_t i = 0; i < RING; i++) {
		ring->desc[i] =
		    (struct vring_desc){ RINGS_AT + BUFFERS + (uint64_t)i * BUFFER, BUFFER, VRING_DESC_F_WRITE, 0 };
		ring->avail->ring[i] = i;
	}
	__atomic_store_n(&ring->avail->idx, RING, __ATOMIC_RELEASE);
}

/* guest_takes takes what is there and offers the buffers again; *at: the used index. */
static void guest_takes(uint16_t *at)
{
	struct driver *ring = &front.ring[0];
	const uint8_t *memory = (const uint8_t *)ring->desc; /* RINGS_AT */
	uint16_t used = __atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE), avail = ring->avail->idx;
	const uint64_t now = now_ns();

	for (; *at != used; ++*at, avail++) {
		const uint16_t id = (uint16_t)ring->used->ring[*at % RING].id;
		uint64_t sent;

		memcpy(&sent, memory + BUFFERS + id * BUFFER + HEADER + sizeof(struct rte_ether_hdr), sizeof(sent));
		if (seen.timed < FRAMES)
			us[seen.timed++] = (double)(now - sent) / 1e3;
		seen.frames++;
		ring->avail->ring[avail % RING] = id;
	}
	__atomic_store_n(&ring->avail->idx, avail, __ATOMIC_RELEASE);
}

static void *guest_main(void *unused)
{
	struct vring_avail *avail = front.ring[0].avail;
	uint16_t at = used_at;
	struct pollfd call = { .fd = front.event[0], .events = POLLIN };
	eventfd_t count;

	while (!atomic_load(&ending)) {
		if (poll(&call, 1, 10) <= 0)
			continue;
		if (eventfd_read(call.fd, &count) == 0)
			seen.interrupts += count;
		__atomic_store_n(&avail->flags, VRING_AVAIL_F_NO_INTERRUPT, __ATOMIC_RELAXED);
		do {
			guest_takes(&at);
			__atomic_store_n(&avail->flags, 0, __ATOMIC_SEQ_CST);
		} while (at != __atomic_load_n(&front.ring[0].used->idx, __ATOMIC_SEQ_CST));
	}
	used_at = at;
	return unused;
}

static void port_sends(unsigned burst)
{
	struct rte_mbuf *packet[BURST_MAX];
	const uint64_t now = now_ns();
	unsigned sent;

	for (unsigned i = 0; i < burst; i++) {
		packet[i] = rig_frame(0);
		memcpy(rte_pktmbuf_mtod_offset(packet[i], void *, sizeof(struct rte_ether_hdr)), &now, sizeof(now));
	}
	sent = ethdev_transmit(port, 0, packet, burst);
	rte_pktmbuf_free_bulk(packet + sent, burst - sent);
}

const struct moderation_seen *moderation_run(enum vmmq_interrupt_moderation moderation, unsigned burst,
					     uint64_t each_ns, uint64_t ns)
{
	uint64_t started = now_ns(), next = started, now;
	pthread_t thread;

	seen = (struct moderation_seen){ .us = us };
	atomic_store(&ending, false);
	ethdev_moderate(port, moderation);
	pthread_create(&thread, NULL, guest_main, NULL);
	while ((now = now_ns()) - started < ns + SETTLE_NS) {
		if (now - started < ns && now >= next) {
			port_sends(burst);
			next += each_ns;
			next = next + SECOND_NS / 1000 < now
				   ? now
				   : next; /* what this thread could not send is not made up for */
		}
		ethdev_call(port, 0);
	}
	atomic_store(&ending, true);
	pthread_join(thread, NULL);
	return &seen;
}

bool moderation_open(void)
{
	struct port_spec spec = { .kind = PORT_VHOST_USER, .queues = 1 };
	struct ethdev_params params;
	char error[512] = "";

	if (folder_start(NULL))
		return false;
	params = rig_params(NULL, 1);
	snprintf(spec.place, sizeof(spec.place), "%s", path);
	params.vhost = &spec;
	port = ethdev_open(&params, error, sizeof(error));
	if (!port) {
		fprintf(stderr, "bench-moderation: %s\n", error);
		return false;
	}
	front_open(&front, UINT64_C(1) << VIRTIO_F_VERSION_1, RING);
	rig_until(rig_info(port).state == ETHDEV_UP);
	buffers_offer();
	return true;
}

void moderation_close(void)
{
	front_close(&front);
	ethdev_close(port);
	folder_stop(NULL);
}
