/* SPDX-License-Identifier: BSD-2-Clause */
/* A transmit queue is for one thread at a time; where processors share one, it is held for one burst. */
#include <rte_pause.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "host/switch.h"

#define SPINS 100u

struct transmit_queue *transmit_queues_create(unsigned count)
{
	struct transmit_queue *queue = aligned_alloc(CACHE_LINE, count * sizeof(*queue));

	for (unsigned i = 0; queue && i < count; i++) {
		memset((void *)&queue[i], 0, sizeof(queue[i]));
		atomic_flag_clear(&queue[i].busy);
		queue[i].number = (uint16_t)i;
		queue[i].too_big = TOO_BIG_NONE;
	}
	return queue;
}

bool transmit_try_lock(struct transmit_queue *queue)
{
	for (unsigned i = 0; i < SPINS; i++) {
		if (!atomic_flag_test_and_set_explicit(&queue->busy, memory_order_acquire)) /* L1 */
			return true;
		rte_pause();
	}
	return false;
}

void transmit_lock(struct transmit_queue *queue)
{
	while (!transmit_try_lock(queue))
		sched_yield(); /* its holder shares our CPU */
}

void transmit_unlock(struct transmit_queue *queue)
{
	atomic_flag_clear_explicit(&queue->busy, memory_order_release); /* L1 */
}
