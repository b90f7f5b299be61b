/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The load.  A source's buffers are filled once, as a NIC would by DMA: its packets cost it an allocation and two lengths, and
 * the consumer a free.  Sources wait where there is no room, so nothing is lost, and what is indicated is the throughput.
 */
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench_engine.h"
#include "engine/eal.h"

#define BUFFERS 8191u /* of one source */

struct buffer_note {
	uint16_t len;
};

void bench_pause_ns(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / SECOND_NS), .tv_nsec = (long)(ns % SECOND_NS) };

	nanosleep(&t, NULL);
}

struct traffic {
	uint64_t random;
	uint32_t vports;
};

static void buffer_fill(struct rte_mempool *pool, void *opaque, void *object, unsigned index)
{
	struct rte_mbuf *packet = object;
	struct buffer_note *note = rte_mbuf_to_priv(packet);
	struct traffic *traffic = opaque;
	uint16_t vport = (uint16_t)(1 + random_below(&traffic->random, traffic->vports));

	(void)pool;
	(void)index;
	note->len = (uint16_t)frame_make((uint8_t *)packet->buf_addr + RTE_PKTMBUF_HEADROOM,
					 (enum frame_kind)random_below(&traffic->random, FRAME_TAGGED), vport,
					 &traffic->random);
}

static struct rte_mempool *pool_make(unsigned number, uint32_t vports)
{
	struct traffic traffic = { .random = number + 1, .vports = vports };
	struct rte_mempool *pool;
	char name[32];

	snprintf(name, sizeof(name), "load%u-%u", number, vports);
	pool = rte_pktmbuf_pool_create(name, BUFFERS, 256, RTE_MBUF_PRIV_ALIGN, RTE_PKTMBUF_HEADROOM + FRAME_ROOM,
				       SOCKET_ID_ANY);
	if (pool)
		rte_mempool_obj_iter(pool, buffer_fill, &traffic);
	return pool;
}

unsigned load_burst(struct load_source *source, struct rte_mbuf *burst[LOAD_BURST])
{
	if (rte_pktmbuf_alloc_bulk(source->pool, burst, LOAD_BURST))
		return 0;
	for (unsigned i = 0; i < LOAD_BURST; i++) {
		const struct buffer_note *note = rte_mbuf_to_priv(burst[i]);

		burst[i]->data_len = note->len;
		burst[i]->pkt_len = note->len;
	}
	return LOAD_BURST;
}

static void await_turn(const struct load_source *source, uint64_t *next_ns)
{
	if (!source->period_ns)
		return;
	*next_ns += source->period_ns;
	while (now_ns() < *next_ns && !atomic_load_explicit(&source->load->stop, memory_order_relaxed))
		bench_pause_ns(source->period_ns / 4);
}

static int source_run(void *argument)
{
	struct load_source *source = argument;
	struct rte_mbuf *burst[LOAD_BURST];
	uint64_t next_ns = now_ns();

	while (!atomic_load_explicit(&source->load->stop, memory_order_relaxed)) {
		unsigned count = load_burst(source, burst), done = 0;

		while (done < count) {
			unsigned taken = vmmq_receive(source->source, burst + done, count - done);

			done += taken;
			if (!taken)
				sched_yield();
		}
		if (!count)
			sched_yield();
		await_turn(source, &next_ns);
	}
	return 0;
}

/* source_poll: a processor's own source, as a device's receive queue would be; it has a burst waiting at all times. */
static unsigned source_poll(void *context)
{
	struct load_source *source = context;
	unsigned taken;

	if (atomic_load_explicit(&source->load->stop, memory_order_relaxed))
		return 0;
	if (!source->left_count)
		source->left_count = load_burst(source, source->left);
	taken = vmmq_receive(source->source, source->left, source->left_count);
	source->left_count -= taken;
	memmove(source->left, source->left + taken, source->left_count * sizeof(source->left[0]));
	return taken;
}

static int processor_run(void *argument)
{
	struct load_processor *processor = argument;

	pthread_getcpuclockid(pthread_self(), &processor->cpu_clock);
	atomic_store_explicit(&processor->started, true, memory_order_release);
	return vmmq_processors_run(processor->load->adapter, &processor->number, 1) == VMMQ_SUCCESS ? 0 : 1;
}

static void on_indicate(void *context, const struct vmmq_indication *indication)
{
	struct load *load = context;
	struct load_processor *processor = &load->processor[indication->processor.v];
	uint64_t indicated = atomic_load_explicit(&processor->indicated, memory_order_relaxed);

	vmmq_return_packets(load->adapter, indication->packet, indication->count);
	if (!load->sources && !load->stepped) /* bench_idle.c */
		atomic_store_explicit(&processor->indicated_ns, now_ns(), memory_order_relaxed);
	atomic_store_explicit(&processor->indicated, indicated + indication->count, memory_order_release);
}

struct vmmq_rss_params bench_rss(uint16_t vport, unsigned processors)
{
	struct vmmq_rss_params rss;
	uint64_t random = vport;

	vmmq_rss_params_init(&rss, (struct vmmq_processor){ (uint16_t)(vport % processors) });
	rss.enabled = true;
	rss.entry_count = VMMQ_TABLE_ENTRIES_MAX;
	for (unsigned i = 0; i < VMMQ_KEY_LEN; i++)
		rss.key[i] = (uint8_t)random_u64(&random);
	for (unsigned i = 0; i < rss.entry_count; i++)
		rss.table[i].v = (uint16_t)((vport + i) % processors);
	return rss;
}

bool bench_vport_add(struct vmmq_nic_switch *sw, uint16_t vport, unsigned processors)
{
	struct vmmq_rss_params rss = bench_rss(vport, processors);
	struct vmmq_vport_id id = { vport };
	uint8_t mac[VMMQ_MAC_LEN];
	uint32_t filter;

	frame_mac(vport, mac);
	return vmmq_vport_create(sw, id, "vport", processors, rss.primary, NULL) == VMMQ_SUCCESS &&
	       vmmq_vport_activate(sw, id, NULL) == VMMQ_SUCCESS &&
	       vmmq_rss_set(sw, id, &rss, NULL) == VMMQ_SUCCESS &&
	       vmmq_filter_set(sw, id, mac, VMMQ_VLAN_UNTAGGED_OR_ZERO, &filter, NULL) == VMMQ_SUCCESS;
}

static bool adapter_make(struct load *load, enum vmmq_moderation moderation)
{
	struct vmmq_processor processor[LOAD_THREADS_MAX];
	struct vmmq_adapter_params params = {
		.name = "load",
		.nic_switch = { .processors = processor,
				.processor_count = load->processors,
				.max_vports = LOAD_VPORTS + 1 },
		.moderation = moderation,
		.indicate = on_indicate,
		.context = load,
	};

	for (uint16_t i = 0; i < load->processors; i++) {
		processor[i].v = i;
		load->processor[i].load = load;
		load->processor[i].number.v = i;
	}
	if (vmmq_adapter_create(&params, &load->adapter, NULL) != VMMQ_SUCCESS)
		return false;
	for (uint16_t v = 1; v <= LOAD_VPORTS; v++)
		if (!bench_vport_add(vmmq_adapter_switch(load->adapter), v, load->processors))
			return false;
	return vmmq_adapter_apply(load->adapter, false, UINT64_MAX, NULL) == VMMQ_SUCCESS;
}

/* sources_make: without sources there is one for load_packet()'s packets. */
static bool sources_make(struct load *load, const struct load_params *params)
{
	static struct rte_mempool *pools[2][LOAD_THREADS_MAX]; /* made once, used by one load after the other */
	struct rte_mempool **pool = pools[params->one_vport];

	for (unsigned i = 0; i < load->sources || i < 1; i++) {
		if (!pool[i])
			pool[i] = pool_make(i, params->one_vport ? 1 : LOAD_VPORTS);
		load->source[i].load = load;
		load->source[i].pool = pool[i];
		load->source[i].period_ns = params->period_ns;
		if (!pool[i] || vmmq_source_create(load->adapter, VMMQ_SOURCE_WAIT, &load->source[i].source, NULL) !=
				    VMMQ_SUCCESS)
			return false;
	}
	return true;
}

bool load_start(struct load *load, const struct load_params *params)
{
	bool started = true;

	memset((void *)load, 0, sizeof(*load));
	load->sources = params->sources;
	load->processors = params->processors;
	load->polled = params->polled;
	load->stepped = params->stepped;
	if (!adapter_make(load, params->moderation) || !sources_make(load, params)) {
		fprintf(stderr, "bench-engine: cannot make the adapter\n");
		return false;
	}
	for (unsigned i = 0; i < load->sources && load->polled; i++) {
		const struct vmmq_poll poll = { .poll = source_poll, .context = &load->source[i], .fd = -1 };

		if (vmmq_processor_add_poll(load->adapter, load->processor[i].number, &poll) != VMMQ_SUCCESS)
			return false;
	}
	if (load->stepped)
		return true;
	for (unsigned i = 0; i < load->processors; i++)
		started &= !eal_run(i, processor_run, &load->processor[i]);
	for (unsigned i = 0; i < load->sources && !load->polled; i++)
		started &= !eal_run(load->processors + i, source_run, &load->source[i]);
	for (unsigned i = 0; i < load->processors && started; i++)
		while (!atomic_load_explicit(&load->processor[i].started, memory_order_acquire))
			sched_yield();
	if (!started)
		fprintf(stderr, "bench-engine: cannot start the threads\n");
	return started;
}

bool load_stop(struct load *load)
{
	bool whole;

	atomic_store_explicit(&load->stop, true, memory_order_relaxed);
	for (unsigned i = 0; i < load->sources && !load->polled; i++)
		rte_eal_wait_lcore(load->processors + i + 1);
	while (!vmmq_adapter_idle(load->adapter)) {
		for (unsigned i = 0; i < load->processors && load->stepped; i++)
			vmmq_processor_poll(load->adapter, load->processor[i].number);
		sched_yield();
	}
	vmmq_adapter_stop(load->adapter);
	eal_wait();
	for (unsigned i = 0; i < load->sources; i++)
		rte_pktmbuf_free_bulk(load->source[i].left, load->source[i].left_count);
	whole = vmmq_received_read(load->adapter) == load_indicated(load);
	if (!whole)
		fprintf(stderr, "bench-engine: %llu packets received, %llu indicated\n",
			(unsigned long long)vmmq_received_read(load->adapter),
			(unsigned long long)load_indicated(load));
	vmmq_adapter_destroy(load->adapter);
	return whole;
}

uint64_t load_indicated(const struct load *load)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < load->processors; i++)
		sum += atomic_load_explicit(&load->processor[i].indicated, memory_order_acquire);
	return sum;
}

uint64_t load_cpu_ns(const struct load *load)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < load->processors; i++) {
		struct timespec t = { 0 };

		clock_gettime(load->processor[i].cpu_clock, &t);
		sum += (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
	}
	return sum;
}

struct rte_mbuf *load_packet(struct load *load, uint16_t vport)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(load->source[0].pool);

	if (packet) {
		frame_mac(vport, rte_pktmbuf_mtod(packet, uint8_t *));
		packet->data_len = ((struct buffer_note *)rte_mbuf_to_priv(packet))->len;
		packet->pkt_len = packet->data_len;
	}
	return packet;
}
