/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffer pools whose free lists are written here, so that a thread sanitizer sees how a buffer passes from the thread that
 * frees it to the one that allocates it; DPDK's own ring of free buffers is compiled without it.  Any thread pushes
 * to a shared list; the one thread that allocates takes the whole list when its own has run out.
 */
#include <rte_mempool.h>
#include <stdlib.h>

#include "race.h"

struct pool {
	_Alignas(64) _Atomic(void *) freed; /* any thread: push */
	_Atomic unsigned freed_count;
	_Alignas(64) void *own; /* the allocating thread: rw */
	unsigned own_count;
};

/* An element's last bytes, which no packet reaches, link it while it is free. */
static void **link_of(const struct rte_mempool *mempool, void *element)
{
	return (void **)(void *)((char *)element + mempool->elt_size - sizeof(void *));
}

static int pool_alloc(struct rte_mempool *mempool)
{
	mempool->pool_data = aligned_alloc(64, sizeof(struct pool));
	if (!mempool->pool_data)
		return -ENOMEM;
	*(struct pool *)mempool->pool_data = (struct pool){ 0 };
	return 0;
}

static void pool_free(struct rte_mempool *mempool)
{
	free(mempool->pool_data);
}

static int pool_enqueue(struct rte_mempool *mempool, void *const *element, unsigned count)
{
	struct pool *pool = mempool->pool_data;

	for (unsigned i = 0; i < count; i++) {
		void **link = link_of(mempool, element[i]);

		*link = atomic_load_explicit(&pool->freed, memory_order_relaxed);
		while (!atomic_compare_exchange_weak_explicit(&pool->freed, link, element[i], memory_order_release,
							      memory_order_relaxed)) /* pairs with pool_dequeue() */
			;
	}
	atomic_fetch_add_explicit(&pool->freed_count, count, memory_order_relaxed);
	return 0;
}

/* own_refill takes over all that was freed. */
static void own_refill(struct rte_mempool *mempool, struct pool *pool)
{
	void *element =
	    atomic_exchange_explicit(&pool->freed, NULL, memory_order_acquire); /* pairs with pool_enqueue() */
	unsigned count = 0;

	while (element) {
		void **link = link_of(mempool, element), *next = *link;

		*link = pool->own;
		pool->own = element;
		element = next;
		count++;
	}
	pool->own_count += count;
	atomic_fetch_sub_explicit(&pool->freed_count, count, memory_order_relaxed);
}

static int pool_dequeue(struct rte_mempool *mempool, void **element, unsigned count)
{
	struct pool *pool = mempool->pool_data;

	if (pool->own_count < count)
		own_refill(mempool, pool);
	if (pool->own_count < count)
		return -ENOBUFS;
	for (unsigned i = 0; i < count; i++) {
		element[i] = pool->own;
		pool->own = *link_of(mempool, element[i]);
	}
	pool->own_count -= count;
	return 0;
}

static unsigned pool_count(const struct rte_mempool *mempool)
{
	const struct pool *pool = mempool->pool_data;

	return pool->own_count + atomic_load_explicit(&pool->freed_count, memory_order_relaxed);
}

static const struct rte_mempool_ops pool_ops = {
	.name = "vmmq_race",
	.alloc = pool_alloc,
	.free = pool_free,
	.enqueue = pool_enqueue,
	.dequeue = pool_dequeue,
	.get_count = pool_count,
};
RTE_MEMPOOL_REGISTER_OPS(pool_ops)

struct rte_mempool *pool_make(const char *name, unsigned size)
{
	return rte_pktmbuf_pool_create_by_ops(name, size, 0,
					      RTE_ALIGN(sizeof(struct packet_note), RTE_MBUF_PRIV_ALIGN),
					      RTE_PKTMBUF_HEADROOM + 2 * FRAME_MAX, SOCKET_ID_ANY, pool_ops.name);
}
