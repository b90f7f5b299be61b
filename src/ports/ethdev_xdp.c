/* SPDX-License-Identifier: BSD-2-Clause */
#include "ports/ethdev_xdp.h"

#include <dlfcn.h>
#include <linux/if_xdp.h>
#include <rte_mbuf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_BUFFERS 8192 /* 2,048 in the fill ring, as many being sent, the rest on their way through the switch */
#define RETIRED_MAX   64
#define RING_MAX      (1u << 16)

static struct rte_mempool *retired[RETIRED_MAX];
static struct timespec last_release;

/*
 * xdp_page_room: the data room with which a buffer takes one page; an MTU that does not fit there is refused.  DPDK
 * lets no buffer cross a page, and the driver shows the kernel count times size bytes of the pool: with gaps between
 * the buffers the last ones would be outside, and lost when used.
 */
static uint16_t xdp_page_room(uint16_t priv_len, uint16_t room)
{
	uint32_t page = (uint32_t)getpagesize();
	uint32_t total = rte_mempool_calc_obj_size((uint32_t)sizeof(struct rte_mbuf) + priv_len + room,
						   RTE_MEMPOOL_F_NO_SPREAD, NULL);

	return (uint16_t)(room + page - total);
}

struct rte_mempool *ethdev_xdp_pool(struct rte_mempool *model, uint16_t queues)
{
	struct rte_pktmbuf_pool_private private = { .mbuf_priv_size = rte_pktmbuf_priv_size(model) };
	static unsigned number;
	struct rte_mempool *pool;
	char name[32];

	private.mbuf_data_room_size = xdp_page_room(private.mbuf_priv_size, rte_pktmbuf_data_room_size(model));
	snprintf(name, sizeof(name), "af_xdp_%u", number++);
	pool = rte_mempool_create_empty(name, queues * QUEUE_BUFFERS,
					(unsigned)sizeof(struct rte_mbuf) + private.mbuf_priv_size +
					    private.mbuf_data_room_size,
					0, sizeof(private), SOCKET_ID_ANY, RTE_MEMPOOL_F_NO_SPREAD);
	if (!pool)
		return NULL;
	if (rte_mempool_set_ops_byname(pool, "ring_mt_rts", NULL)) {
		rte_mempool_free(pool);
		return NULL;
	}
	rte_pktmbuf_pool_init(pool, &private);
	if (rte_mempool_populate_default(pool) < 0) {
		rte_mempool_free(pool);
		return NULL;
	}
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}

void ethdev_xdp_sweep(void)
{
	for (size_t i = 0; i < RETIRED_MAX; i++)
		if (retired[i] && rte_mempool_full(retired[i])) {
			rte_mempool_free(retired[i]);
			retired[i] = NULL;
		}
}

void ethdev_xdp_retire(struct rte_mempool *pool, bool under_way)
{
	ethdev_xdp_sweep();
	if (!under_way || rte_mempool_full(pool)) {
		rte_mempool_free(pool);
		return;
	}
	for (size_t i = 0; i < RETIRED_MAX; i++)
		if (!retired[i]) {
			retired[i] = pool;
			return;
		}
}

/* A ring of the socket's, mapped here too: [consumer, producer) is in it. */
struct ring {
	char *map;
	size_t map_len;
	const uint32_t *producer, *consumer;
	const char *entries;
	size_t entry_len;
	uint32_t count;
};

enum { FILL, COMPLETION, RX, TX, RINGS };

struct ethdev_xdp_held {
	struct socket {
		int fd;
		ino_t inode; /* tells whether fd is still that socket */
		struct ring ring[RINGS];
	} socket[ETHDEV_QUEUES_MAX];
};

static ino_t fd_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

/* xdp_ring_map maps the ring as long as the kernel lets it be: its size cannot be asked for. */
static void xdp_ring_map(struct ring *ring, int fd, off_t page, const struct xdp_ring_offset *offset,
			 size_t entry_len)
{
	for (ring->count = RING_MAX; ring->count; ring->count /= 2) {
		ring->map_len = offset->desc + ring->count * entry_len;
		ring->map = mmap(NULL, ring->map_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page);
		if (ring->map != MAP_FAILED)
			break;
	}
	if (!ring->count)
		return;
	ring->producer = (const uint32_t *)(const void *)(ring->map + offset->producer);
	ring->consumer = (const uint32_t *)(const void *)(ring->map + offset->consumer);
	ring->entries = ring->map + offset->desc;
	ring->entry_len = entry_len;
}

static void xdp_socket_hold(struct socket *held, int fd)
{
	struct xdp_mmap_offsets offsets = { 0 };
	socklen_t len = sizeof(offsets);

	held->fd = fd;
	if (fd < 0)
		return;
	held->inode = fd_inode(fd);
	if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &offsets, &len) || len != sizeof(offsets))
		return;
	xdp_ring_map(&held->ring[FILL], fd, (off_t)XDP_UMEM_PGOFF_FILL_RING, &offsets.fr, sizeof(uint64_t));
	xdp_ring_map(&held->ring[COMPLETION], fd, (off_t)XDP_UMEM_PGOFF_COMPLETION_RING, &offsets.cr,
		     sizeof(uint64_t));
	xdp_ring_map(&held->ring[RX], fd, XDP_PGOFF_RX_RING, &offsets.rx, sizeof(struct xdp_desc));
	xdp_ring_map(&held->ring[TX], fd, XDP_PGOFF_TX_RING, &offsets.tx, sizeof(struct xdp_desc));
}

struct ethdev_xdp_held *ethdev_xdp_hold(const struct ethdev *port)
{
	struct ethdev_xdp_held *held = calloc(1, sizeof(*held));

	for (uint16_t q = 0; held && q < port->rx_queues; q++)
		xdp_socket_hold(&held->socket[q], port->rx[q].fd);
	return held;
}

/* xdp_buffer_free frees the buffer at an address of the driver's memory area, which begins on the page of the pool's. */
static void xdp_buffer_free(struct rte_mempool *pool, uint64_t address)
{
	const struct rte_mempool_memhdr *memory = STAILQ_FIRST(&pool->mem_list);
	uintptr_t begin = (uintptr_t)memory->addr, base = begin & ~(uintptr_t)(getpagesize() - 1);
	uintptr_t at = base + (address & XSK_UNALIGNED_BUF_ADDR_MASK) + pool->header_size;
	struct rte_mbuf *buffer = (struct rte_mbuf *)at;

	if (at < begin || at + pool->elt_size > begin + memory->len || at % alignof(struct rte_mbuf))
		return;
	if (buffer->pool == pool)
		rte_pktmbuf_free(buffer);
}

static void xdp_ring_release(struct ring *ring, struct rte_mempool *pool)
{
	uint32_t end;

	if (!ring->count)
		return;
	end = *ring->producer;
	for (uint32_t i = *ring->consumer; i != end && end - i <= ring->count; i++)
		xdp_buffer_free(pool, *(const uint64_t *)(const void *)(ring->entries +
									(i & (ring->count - 1)) * ring->entry_len));
	munmap(ring->map, ring->map_len);
}

/* xdp_sent_all waits a moment for the kernel to say that it has sent what it took. */
static void xdp_sent_all(const struct socket *held)
{
	const struct ring *tx = &held->ring[TX], *completion = &held->ring[COMPLETION];

	for (int i = 0; i < 20 && tx->count && completion->count; i++) {
		if (__atomic_load_n(tx->consumer, __ATOMIC_ACQUIRE) ==
		    __atomic_load_n(completion->producer, __ATOMIC_ACQUIRE))
			return;
		usleep(1000);
	}
}

void ethdev_xdp_release(struct ethdev *port, struct ethdev_xdp_held *held)
{
	for (uint16_t q = 0; held && q < port->rx_queues; q++) {
		struct socket *sock = &held->socket[q];

		if (sock->fd >= 0 && fd_inode(sock->fd) == sock->inode)
			close(sock->fd);
		xdp_sent_all(sock);
		for (int r = 0; r < RINGS; r++)
			xdp_ring_release(&sock->ring[r], port->pool);
	}
	free(held);
	clock_gettime(CLOCK_MONOTONIC, &last_release);
}

bool ethdev_xdp_retry(unsigned attempt)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (attempt >= 20 || now.tv_sec - last_release.tv_sec > 2 || !last_release.tv_sec)
		return false;
	usleep(10000);
	return true;
}

static int libbpf_say_nothing(int level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

typedef int printer(int level, const char *format, va_list arguments);

static void libbpf_silence(const char *library, const char *function)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
	printer *(*set)(printer *) = NULL;

	if (!handle)
		return;
	*(void **)&set = dlsym(handle, function);
	if (set)
		set(libbpf_say_nothing);
	dlclose(handle);
}

void ethdev_xdp_silence(void)
{
	libbpf_silence("libbpf.so.1", "libbpf_set_print");
	libbpf_silence("libxdp.so.1", "libxdp_set_print");
}
