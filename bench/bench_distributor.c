/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DPDK's rte_distributor doing what the adapter does in bench_path.c: packets classified by the same view are given to one
 * worker, by the hash of their flow.
 *
 * The burst algorithm (RTE_DIST_ALG_BURST) is stepped, although made for threads that poll: what the worker calls,
 * rte_distributor_request_pkt() and rte_distributor_poll_pkt(), does not wait.  rte_distributor_process() waits for the
 * worker once it holds more packets than a worker takes at a time, 8, so it gets 8 at a time, and the worker
 * asks before.  Between threads each of these steps would cost a cache line's way from one CPU to the other as well.
 */
#include <rte_distributor.h>
#include <rte_mbuf.h>
#include <stdio.h>

#include "bench_engine.h"

#define WORKER_TAKES 8u /* what rte_distributor hands out at a time */

static struct rte_distributor *distributor;
static uint64_t given, worked;

bool distributor_make(void)
{
	struct rte_mbuf *none[WORKER_TAKES];

	distributor = rte_distributor_create("bench", SOCKET_ID_ANY, 1, RTE_DIST_ALG_BURST);
	if (!distributor) {
		fprintf(stderr, "bench-engine: rte_distributor cannot be made\n");
		return false;
	}
	rte_distributor_request_pkt(distributor, 0, NULL, 0);
	/* It sees the worker, without which it takes no packets; and its empty answer goes, which would stand before the first. */
	rte_distributor_process(distributor, NULL, 0);
	rte_distributor_poll_pkt(distributor, 0, none);
	return true;
}

void distributor_run(void *context)
{
	struct load *load = context;

	for (unsigned i = 0; i < PATH_PACKETS / LOAD_BURST; i++) {
		struct rte_mbuf *burst[LOAD_BURST], *work[WORKER_TAKES];
		unsigned count = path_burst(load, burst);

		for (unsigned at = 0; at < count; at += WORKER_TAKES) {
			int taken;

			rte_distributor_request_pkt(distributor, 0, NULL, 0);
			rte_distributor_process(distributor, burst + at, WORKER_TAKES);
			taken = rte_distributor_poll_pkt(distributor, 0, work);
			if (taken <= 0)
				continue; /* missed below */
			rte_pktmbuf_free_bulk(work, (unsigned)taken);
			worked += (unsigned)taken;
		}
		given += count;
	}
}

/* There is no call that frees a distributor; it lives as long as the program. */
bool distributor_whole(void)
{
	return path_whole("rte_distributor", given, worked);
}
