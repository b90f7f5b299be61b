/* SPDX-License-Identifier: BSD-2-Clause */
/* The keeper: a consumer that keeps packets for a while and gives them back from another thread, in another order. */
#include <time.h>

#include "race.h"

#define KEEPER_BATCH 256u

void keeper_take(struct keeper *keeper, struct rte_mbuf *packet)
{
	struct packet_note *note = packet_note(packet);

	note->next = atomic_load_explicit(&keeper->kept, memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(&keeper->kept, &note->next, packet, memory_order_release,
						      memory_order_relaxed)) /* pairs with keeper_run() */
		;
}

static void shuffle(struct random *random, struct rte_mbuf *packet[], unsigned count)
{
	for (unsigned i = count; i > 1; i--) {
		unsigned j = random_below(random, i);
		struct rte_mbuf *other = packet[j];

		packet[j] = packet[i - 1];
		packet[i - 1] = other;
	}
}

static void give_back(struct race *race, struct random *random, struct rte_mbuf *list)
{
	struct rte_mbuf *packet[KEEPER_BATCH];

	while (list) {
		unsigned count = 0;

		for (; list && count < KEEPER_BATCH; count++) {
			packet[count] = list;
			list = packet_note(list)->next;
		}
		shuffle(random, packet, count);
		vmmq_return_packets(race->adapter, packet, count);
	}
}

int keeper_run(void *argument)
{
	struct race *race = argument;
	struct random random = random_start(race->options.seed, 2);
	bool last = false;

	while (!last) {
		struct timespec pause = { .tv_nsec = 50000 + random_below(&random, 1000000) };

		last = atomic_load_explicit(&race->stop_keeper, memory_order_acquire);
		give_back(race, &random, atomic_exchange_explicit(&race->keeper.kept, NULL, memory_order_acquire));
		if (!last)
			nanosleep(&pause, NULL);
	}
	atomic_fetch_sub_explicit(&race->others_left, 1, memory_order_release); /* T1 */
	return 0;
}
