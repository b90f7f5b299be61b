/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-engine: the adapter under load, in change, and at rest. */
#ifndef VMMQ_BENCH_ENGINE_H
#define VMMQ_BENCH_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <vmmq/adapter.h>

#include "base/clock.h"
#include "bench.h"

#define LOAD_THREADS_MAX 8u
#define LOAD_VPORTS      64u /* besides VPort 0; RSS on over all processors, 128 entries */
#define LOAD_BURST       32u /* packets that a source offers at a time */

struct load;

struct load_source {
	_Alignas(64) struct load *load;
	struct vmmq_source *source;
	struct rte_mempool *pool;
	uint64_t period_ns;                /* of a burst; 0: as fast as it goes */
	struct rte_mbuf *left[LOAD_BURST]; /* not taken yet, of a source that is polled */
	unsigned left_count;
};

struct load_processor {
	_Alignas(64) struct load *load;
	struct vmmq_processor number;
	_Atomic uint64_t indicated;
	_Atomic uint64_t indicated_ns; /* when the latest indication was */
	clockid_t cpu_clock;
	atomic_bool started;
};

/* Sources and processors; the threads float over the CPUs. */
struct load {
	struct vmmq_adapter *adapter;
	unsigned sources, processors;
	bool polled, stepped;
	struct load_source source[LOAD_THREADS_MAX];
	struct load_processor processor[LOAD_THREADS_MAX];
	atomic_bool stop;
};

struct load_params {
	unsigned sources, processors;
	enum vmmq_moderation moderation;
	uint64_t period_ns;
	bool one_vport; /* all packets are VPort 1's, instead of all LOAD_VPORTS' */
	bool polled;    /* no threads for sources: processor i polls source i */
	bool stepped;   /* no threads: the caller polls the processors */
};

/*
 * load_start makes the adapter and starts all threads; false, with a message: it could not.  load_stop stops the sources,
 * lets everything drain, checks that nothing was lost (false, with a message), and takes it apart.
 */
bool load_start(struct load *load, const struct load_params *params);
bool load_stop(struct load *load);
/* load_indicated returns the packets indicated so far. */
uint64_t load_indicated(const struct load *load);
/* load_cpu_ns returns the CPU time that the processors' threads have used. */
uint64_t load_cpu_ns(const struct load *load);
/* load_burst makes LOAD_BURST packets for a source; 0: no buffers. */
unsigned load_burst(struct load_source *source, struct rte_mbuf *burst[LOAD_BURST]);
/* load_packet makes a packet for a VPort's MAC; NULL: no buffer. */
struct rte_mbuf *load_packet(struct load *load, uint16_t vport);

/* bench_rss returns the parameters that VPorts have: 128 entries over all processors, a key of its own. */
struct vmmq_rss_params bench_rss(uint16_t vport, unsigned processors);
bool bench_vport_add(struct vmmq_nic_switch *sw, uint16_t vport, unsigned processors);

/*
 * bench_path.c and the peers that it measures there.  path_burst is load_burst, classified by the load's view, each packet's
 * hash in hash.usr; 0: no buffers.  _run takes the load whose packets it spreads; _whole, at the end, is what path_whole says of
 * the packets that were given and that came out: false, with a message, unless they are as many.
 */
#define PATH_PACKETS 4096u /* a round */
unsigned path_burst(struct load *load, struct rte_mbuf *burst[LOAD_BURST]);
bool path_whole(const char *peer, uint64_t given, uint64_t came_out);
bool distributor_make(void);
void distributor_run(void *context);
bool distributor_whole(void);
bool eventdev_make(void);
void eventdev_run(void *context);
bool eventdev_whole(void);

void bench_pause_ns(uint64_t ns);
/* bench_in_use returns the bytes that the C library has given out. */
size_t bench_in_use(void);

/* The sections; scale is 1, or less for a quick look.  false: something went wrong, with a message. */
bool bench_path(double scale);
bool bench_throughput(double scale);
bool bench_change_latency(double scale);
bool bench_change_dip(double scale);
bool bench_moderation(double scale);
bool bench_idle(double scale);
bool bench_memory(void);
bool bench_large(void);

#endif
