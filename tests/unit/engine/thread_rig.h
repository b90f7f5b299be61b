/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processors on threads of their own, and packets that never see DPDK's pools again once they are made: pools are compiled
 * without the thread sanitizer, which would not see how a packet passes through them from thread to thread.
 */
#ifndef VMMQ_UNIT_ENGINE_THREAD_RIG_H
#define VMMQ_UNIT_ENGINE_THREAD_RIG_H

#include "unit/engine/vport_rig.h"

#include <pthread.h>
#include <sched.h>

#include "engine/adapter_state.h"

/* A thread that runs processors. */
struct rig_thread {
	pthread_t thread;
	struct vmmq_adapter *adapter;
	struct vmmq_processor processor[RIG_PROCESSORS];
	unsigned count;
};

static inline void *rig_thread_main(void *argument)
{
	struct rig_thread *thread = argument;

	vmmq_processors_run(thread->adapter, thread->processor, thread->count);
	return NULL;
}

/* rig_run gives each of count threads its share of the processors, and returns when all of them are held. */
static inline void rig_run(struct vmmq_adapter *adapter, struct rig_thread thread[], unsigned count)
{
	memset(thread, 0, count * sizeof(*thread));
	for (uint16_t p = 0; p < RIG_PROCESSORS; p++)
		thread[p % count].processor[thread[p % count].count++].v = p;
	for (unsigned i = 0; i < count; i++) {
		thread[i].adapter = adapter;
		assert_int_equal(pthread_create(&thread[i].thread, NULL, rig_thread_main, &thread[i]), 0);
	}
	for (uint16_t p = 0; p < RIG_PROCESSORS; p++)
		while (!atomic_load_explicit(&adapter->processor[p].holder, memory_order_acquire))
			sched_yield();
}

static inline void rig_stop(struct vmmq_adapter *adapter, struct rig_thread thread[], unsigned count)
{
	vmmq_adapter_stop(adapter);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(pthread_join(thread[i].thread, NULL), 0);
}

static inline struct vmmq_processor rig_processor(unsigned number)
{
	return (struct vmmq_processor){ (uint16_t)number };
}

static inline void rig_nap(uint64_t ns)
{
	const struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };

	nanosleep(&t, NULL);
}

/* Packets that are free: pushed by any thread, taken by the one that sends. */
struct rig_stack {
	_Atomic(struct rte_mbuf *) freed;
	struct rte_mbuf *own;
};

static inline void rig_put(struct rig_stack *stack, struct rte_mbuf *packet)
{
	packet->next = atomic_load_explicit(&stack->freed, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&stack->freed, &packet->next, packet, memory_order_release,
						      memory_order_relaxed)) /* pairs with rig_get() */
		;
}

static inline struct rte_mbuf *rig_get(struct rig_stack *stack)
{
	struct rte_mbuf *packet;

	if (!stack->own)
		stack->own = atomic_exchange_explicit(&stack->freed, NULL, memory_order_acquire);
	packet = stack->own;
	if (!packet)
		return NULL;
	stack->own = packet->next;
	packet->next = NULL;
	return packet;
}

static inline void rig_stack_fill(struct rig_stack *stack, struct rte_mempool *pool, unsigned count)
{
	*stack = (struct rig_stack){ .own = NULL };
	for (; count; count--)
		rig_put(stack, rig_packet(pool, 1, 0));
}

/* rig_stack_empty frees the packets and returns how many there were. */
static inline unsigned rig_stack_empty(struct rig_stack *stack)
{
	struct rte_mbuf *packet;
	unsigned count = 0;

	for (; (packet = rig_get(stack)); count++)
		rte_pktmbuf_free(packet);
	return count;
}

#endif
